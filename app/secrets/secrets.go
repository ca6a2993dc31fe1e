// Package secrets owns how credentials of sources lie at rest: sealed with a key
// that never enters the database, and bound to the one target they were given
// for, so that who can change a row cannot have them sent elsewhere. What a
// credential is and when it is used is app/runs' business.
package secrets

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"logreeve/app/fault"
)

// KeyFile is where the key lies below the data folder.
const KeyFile = "keys/secrets_aes256"

const (
	keySize = 32   // AES-256
	format  = 0x01 // first byte of what Seal makes: AES-256-GCM, 12 bytes nonce
)

// purpose keeps a ciphertext from being taken for one of another use of the key.
const purpose = "logreeve source credentials\x00"

// Box seals and opens. It is safe for use by several goroutines.
type Box struct {
	aead cipher.AEAD
	path string
}

// Load reads the key below the data folder, making one on first use. A key that
// others can read is refused with fault.Invalid.
func Load(dataDir string) (*Box, error) {
	path, err := filepath.Abs(filepath.Join(dataDir, KeyFile))
	if err != nil {
		return nil, fmt.Errorf("find the key of stored credentials: %w", err)
	}
	key, err := os.ReadFile(path) //nolint:gosec // our own file
	if errors.Is(err, fs.ErrNotExist) {
		key, err = makeKey(path)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The key of stored credentials %s cannot be read.", path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The key of stored credentials %s cannot be read.", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Invalid, "The key of stored credentials %s can be read by others (mode %#o). Set its mode to 0600.", path, info.Mode().Perm())
	}
	if len(key) != keySize {
		return nil, fault.New(fault.Invalid, "The key of stored credentials %s has %d bytes instead of %d: it was cut or replaced. Restore it from a backup.", path, len(key), keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("use the key of stored credentials: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("use the key of stored credentials: %w", err)
	}
	return &Box{aead: aead, path: path}, nil
}

// Seal encrypts a secret for one place: Open gives it back for the same place
// only.
func (b *Box) Seal(secret []byte, place string) ([]byte, error) {
	nonce := make([]byte, b.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("seal credentials: %w", err)
	}
	return b.aead.Seal(append([]byte{format}, nonce...), nonce, secret, []byte(purpose+place)), nil
}

// Open decrypts what Seal made for the place. fault.Conflict says that it was
// made for another place, with another key, or altered.
func (b *Box) Open(sealed []byte, place string) ([]byte, error) {
	n := 1 + b.aead.NonceSize()
	if len(sealed) < n || sealed[0] != format {
		return nil, b.refused(errors.New("not in a format this version writes"))
	}
	secret, err := b.aead.Open(nil, sealed[1:n], sealed[n:], []byte(purpose+place))
	if err != nil {
		return nil, b.refused(err)
	}
	return secret, nil
}

func (b *Box) refused(cause error) error {
	return fault.Wrap(fault.Conflict, cause, "The stored credentials cannot be opened: they were given for another place, or the key %s is not the one they were sealed with. Give them again.", b.path)
}

// makeKey writes a new key, whole or not at all. When another process made one
// at the same time, that one counts.
func makeKey(path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the key: %w", err)
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // crypto/rand does not fail
	f, err := os.CreateTemp(filepath.Dir(path), ".secrets-*")
	if err != nil {
		return nil, fmt.Errorf("write the key: %w", err)
	}
	defer os.Remove(f.Name())
	if _, err = f.Write(key); err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("write the key: %w", err)
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("keep the key: %w", err)
	}
	return os.ReadFile(path) //nolint:gosec // our own file
}
