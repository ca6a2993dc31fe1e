package roster

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"io"
	"slices"
	"strings"

	"logreeve/app/fault"
)

// certSuffix ends the type of a certificate (OpenSSH PROTOCOL.certkeys).
const certSuffix = "-cert-v01@openssh.com"

// keyFields says how many fields make up a public key of a type, after the
// type itself; 0 for a type we do not know. Security-key types are written with
// the domain, their certificates without it before the suffix
// (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709, OpenSSH PROTOCOL.u2f).
func keyFields(kind string) int {
	switch kind {
	case "ssh-ed25519", "ssh-ed448":
		return 1
	case "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
		"sk-ssh-ed25519@openssh.com":
		return 2
	case "sk-ecdsa-sha2-nistp256@openssh.com":
		return 3
	case "ssh-dss":
		return 4
	}
	return 0
}

// plainType is the type of the key inside a certificate, or the type itself.
func plainType(kind string) (plain string, certificate bool) {
	base, certificate := strings.CutSuffix(kind, certSuffix)
	if certificate && strings.HasPrefix(base, "sk-") {
		base += "@openssh.com"
	}
	return base, certificate
}

// ReadKeys reads an authorized_keys file (sshd(8), AUTHORIZED_KEYS FILE FORMAT):
// a key a line, with or without options, whose comment names the owner by
// e-mail or login. A key without a comment is known but nobody's. The first
// line that is no key gives one fault.Invalid sentence with file, line and
// reason, and so does a file without a key.
func ReadKeys(r io.Reader, file string) ([]Key, error) {
	text, err := readAll(r, file)
	if err != nil {
		return nil, err
	}
	var keys []Key
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		line = strings.Trim(line, " \t\r")
		if line == "" || line[0] == '#' {
			continue
		}
		key, reason := readKey(line)
		if reason != "" {
			return nil, lineFault(file, number, "%s", reason)
		}
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, fault.New(fault.Invalid, "%s holds no key.", file)
	}
	return keys, nil
}

// readKey reads one line; the reason says what is wrong with it.
func readKey(line string) (key Key, reason string) {
	first, rest := word(line)
	if plain, _ := plainType(first); keyFields(plain) == 0 {
		options, after := skipOptions(line)
		if first, rest = word(after); first == "" {
			return key, "the line is no key: it has neither a key type nor options before one"
		}
		if plain, _ := plainType(first); keyFields(plain) == 0 {
			if looksLikeType(options) {
				first = options
			}
			return key, "unknown key type " + quoted(first)
		}
	}
	encoded, comment := word(rest)
	if encoded == "" {
		return key, "there is no key after its type " + quoted(first)
	}
	blob, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		if blob, err = base64.RawStdEncoding.DecodeString(encoded); err != nil {
			return key, "the key is not base64"
		}
	}
	plain, reason := plainKey(first, blob)
	if reason != "" {
		return key, reason
	}
	return Key{Fingerprint: Fingerprint(plain), Owner: ownerOf(comment), Type: first}, ""
}

// Fingerprint is the name of a public key given in wire format: "SHA256:" and
// unpadded base64, as OpenSSH prints it.
func Fingerprint(wire []byte) string {
	sum := sha256.Sum256(wire)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

func isFingerprint(s string) bool {
	rest, ok := strings.CutPrefix(s, "SHA256:")
	if !ok {
		return false
	}
	sum, err := base64.RawStdEncoding.DecodeString(rest)
	return err == nil && len(sum) == sha256.Size
}

// plainKey checks a key in wire format against its type and gives the bytes
// that are fingerprinted: of a certificate those of the key it certifies, as
// sshd logs it.
func plainKey(kind string, blob []byte) (plain []byte, reason string) {
	inner, rest, ok := wireString(blob)
	if !ok {
		return nil, "the key is cut short"
	}
	if string(inner) != kind {
		return nil, "the line says " + quoted(kind) + " but the key in it is of another type"
	}
	base, certificate := plainType(kind)
	if certificate {
		if _, rest, ok = wireString(rest); !ok { // the nonce
			return nil, "the certificate is cut short"
		}
	}
	fields := rest
	for range keyFields(base) {
		if _, rest, ok = wireString(rest); !ok {
			return nil, "the key is cut short"
		}
	}
	if !certificate {
		if len(rest) != 0 {
			return nil, "the key has something after its end"
		}
		return blob, ""
	}
	plain = binary.BigEndian.AppendUint32(nil, uint32(len(base))) //nolint:gosec // a type of a few letters
	plain = append(plain, base...)
	return append(plain, fields[:len(fields)-len(rest)]...), ""
}

// wireString takes a string of RFC 4251 §5: four bytes of length, then it.
func wireString(b []byte) (s, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := int64(binary.BigEndian.Uint32(b))
	if int64(len(b)-4) < n {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}

// ownerOf takes the owner from a comment: its first word with an "@", else its
// first word.
func ownerOf(comment string) string {
	words := strings.Fields(comment)
	for _, w := range words {
		if isEmail(w) {
			return w
		}
	}
	if len(words) > 0 {
		return words[0]
	}
	return ""
}

// word cuts the first word off a line.
func word(s string) (first, rest string) {
	s = strings.TrimLeft(s, " \t")
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimLeft(s[i:], " \t")
}

// skipOptions cuts the options off: up to the first blank outside quotation
// marks, in which \" is a quotation mark.
func skipOptions(line string) (options, rest string) {
	inside := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line) && line[i+1] == '"':
			i++
		case c == '"':
			inside = !inside
		case (c == ' ' || c == '\t') && !inside:
			return line[:i], strings.TrimLeft(line[i:], " \t")
		}
	}
	return line, ""
}

func looksLikeType(s string) bool {
	return strings.HasPrefix(s, "ssh-") || strings.HasPrefix(s, "ecdsa-") || strings.HasPrefix(s, "sk-")
}
