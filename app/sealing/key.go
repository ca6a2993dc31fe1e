package sealing

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"logreeve/app/fault"
	"logreeve/reports/evidence"
)

// KeyFile is where the signing key lies below the data folder.
const KeyFile = "keys/signing_ed25519"

// KeyInfo is what people need to know of the signing key.
type KeyInfo struct {
	Fingerprint    string
	AllowedSigners string // the line a verifier keeps
	Path           string // of the private key
	Created        time.Time
}

// LoadKey reads the signing key, making one on first use. The file is readable
// by its owner only; another mode is refused, because a key that others can
// read proves nothing.
func LoadKey(dataDir string) (evidence.Key, KeyInfo, error) {
	path, err := filepath.Abs(filepath.Join(dataDir, KeyFile))
	if err != nil {
		return evidence.Key{}, KeyInfo{}, fmt.Errorf("find the signing key: %w", err)
	}
	text, err := os.ReadFile(path) //nolint:gosec // our own file
	if errors.Is(err, fs.ErrNotExist) {
		text, err = makeKey(path)
	}
	if err != nil {
		return evidence.Key{}, KeyInfo{}, fault.Wrap(fault.Unavailable, err, "The signing key %s cannot be read.", path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return evidence.Key{}, KeyInfo{}, fault.Wrap(fault.Unavailable, err, "The signing key %s cannot be read.", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return evidence.Key{}, KeyInfo{}, fault.New(fault.Invalid, "The signing key %s can be read by others (mode %#o). Set its mode to 0600.", path, info.Mode().Perm())
	}
	key, err := evidence.ParseKey(text)
	if err != nil {
		return evidence.Key{}, KeyInfo{}, fault.Wrap(fault.Invalid, err, "The signing key %s cannot be used.", path)
	}
	return key, KeyInfo{Fingerprint: key.Fingerprint(), AllowedSigners: key.AllowedSigners(), Path: path, Created: info.ModTime().UTC()}, nil
}

// makeKey writes a new key, whole or not at all. When another process made one
// at the same time, that one counts.
func makeKey(path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the signing key: %w", err)
	}
	key, err := evidence.NewKey()
	if err != nil {
		return nil, err
	}
	text, err := key.MarshalPEM()
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".signing-*")
	if err != nil {
		return nil, fmt.Errorf("write the signing key: %w", err)
	}
	defer os.Remove(f.Name())
	if _, err = f.Write(text); err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("write the signing key: %w", err)
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("keep the signing key: %w", err)
	}
	return os.ReadFile(path) //nolint:gosec // our own file
}
