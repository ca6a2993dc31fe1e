package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// encode writes what is never queried as JSON text. nil and empty lists stay
// what they are: digests are taken over what is read back.
func encode(v any) (text, error) {
	b, err := marshal(v)
	return text(b), err
}

// marshal leaves <, > and & as they are, so that raw JSON in v keeps its bytes.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func decode[T any](from text) (T, error) {
	var v T
	if err := json.Unmarshal([]byte(from), &v); err != nil {
		return v, fmt.Errorf("decode %T: %w", v, err)
	}
	return v, nil
}

// pack gzips bytes and gives their SHA-256.
func pack(b []byte) (packed []byte, digest string, err error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, "", fmt.Errorf("compress: %w", err)
	}
	if _, err := z.Write(b); err != nil {
		return nil, "", fmt.Errorf("compress: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, "", fmt.Errorf("compress: %w", err)
	}
	return out.Bytes(), digestOf(b), nil
}

// unpack reads what pack wrote and fails when it is not what was packed.
func unpack(packed []byte, digest string) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	if digestOf(b) != digest {
		return nil, fmt.Errorf("the content does not match its SHA-256 %s", digest)
	}
	return b, nil
}

func packJSON(v any) (packed []byte, digest string, err error) {
	b, err := marshal(v)
	if err != nil {
		return nil, "", err
	}
	return pack(b)
}

func unpackJSON[T any](packed []byte, digest string) (T, error) {
	var v T
	b, err := unpack(packed, digest)
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return v, fmt.Errorf("decode %T: %w", v, err)
	}
	return v, nil
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
