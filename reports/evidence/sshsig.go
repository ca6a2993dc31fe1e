package evidence

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Namespace is what the signature is for; ssh-keygen refuses it for anything else.
const Namespace = "evidence@logreeve"

// Identity is the name that allowed_signers gives the key.
const Identity = "logreeve"

// Key is the installation's signing key (Ed25519).
type Key struct{ private ed25519.PrivateKey }

// NewKey makes a signing key.
func NewKey() (Key, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Key{}, fmt.Errorf("generate a signing key: %w", err)
	}
	return Key{private}, nil
}

// KeyFromSeed gives the key of a 32 byte seed, for reproducible tests.
func KeyFromSeed(seed []byte) Key { return Key{ed25519.NewKeyFromSeed(seed)} }

// ParseKey reads a key as MarshalPEM writes it: an OpenSSH private key file.
func ParseKey(file []byte) (Key, error) {
	raw, err := ssh.ParseRawPrivateKey(file)
	if err != nil {
		return Key{}, fmt.Errorf("read the signing key: %w", err)
	}
	private, ok := raw.(*ed25519.PrivateKey)
	if !ok {
		return Key{}, errors.New("the signing key is not an Ed25519 key")
	}
	return Key{*private}, nil
}

// MarshalPEM writes the key as an OpenSSH private key file.
func (k Key) MarshalPEM() ([]byte, error) {
	block, err := ssh.MarshalPrivateKey(k.private, "logreeve evidence key")
	if err != nil {
		return nil, fmt.Errorf("write the signing key: %w", err)
	}
	return pem.EncodeToMemory(block), nil
}

func (k Key) public() ssh.PublicKey {
	p, err := ssh.NewPublicKey(k.private.Public())
	if err != nil {
		panic(err) // an Ed25519 key is always one
	}
	return p
}

// Fingerprint is the key's SHA-256 fingerprint as OpenSSH prints it.
func (k Key) Fingerprint() string { return ssh.FingerprintSHA256(k.public()) }

// AllowedSigners is the line ssh-keygen needs to know the key.
func (k Key) AllowedSigners() string {
	return fmt.Sprintf("%s namespaces=%q %s\n", Identity, Namespace, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k.public()))))
}

// sshsig is the wire form of OpenSSH's PROTOCOL.sshsig.
type sshsig struct {
	Version   uint32
	PublicKey string
	Namespace string
	Reserved  string
	Hash      string
	Signature string
}

// signedData is what the signature is over (PROTOCOL.sshsig, section 3).
func signedData(message []byte) []byte {
	sum := sha512.Sum512(message)
	return append([]byte("SSHSIG"), ssh.Marshal(struct {
		Namespace, Reserved, Hash, Sum string
	}{Namespace, "", "sha512", string(sum[:])})...)
}

const (
	armourBegin = "-----BEGIN SSH SIGNATURE-----\n"
	armourEnd   = "-----END SSH SIGNATURE-----\n"
)

// Sign signs a message as `ssh-keygen -Y sign -n evidence@logreeve` does.
func (k Key) Sign(message []byte) []byte {
	blob := append([]byte("SSHSIG"), ssh.Marshal(sshsig{
		Version: 1, PublicKey: string(k.public().Marshal()), Namespace: Namespace, Hash: "sha512",
		Signature: string(ssh.Marshal(struct{ Format, Blob string }{ssh.KeyAlgoED25519, string(ed25519.Sign(k.private, signedData(message)))})),
	})...)
	return armour(blob)
}

// armour writes a signature as text: base64 in lines of 70.
func armour(blob []byte) []byte {
	var out bytes.Buffer
	out.WriteString(armourBegin)
	text := base64.StdEncoding.EncodeToString(blob)
	for len(text) > 70 {
		out.WriteString(text[:70] + "\n")
		text = text[70:]
	}
	out.WriteString(text + "\n" + armourEnd)
	return out.Bytes()
}

// verifySignature checks an armoured signature over a message with the key in
// allowed signers. The armour must be byte for byte what Sign writes.
func verifySignature(message, armoured, allowed []byte) (fingerprint string, err error) {
	fields := strings.Fields(string(allowed))
	if len(fields) < 4 {
		return "", errors.New("allowed_signers names no key")
	}
	wire, err := base64.StdEncoding.DecodeString(fields[3])
	if err != nil {
		return "", errors.New("allowed_signers holds no readable key")
	}
	public, err := ssh.ParsePublicKey(wire)
	if err != nil {
		return "", errors.New("allowed_signers holds no readable key")
	}
	fingerprint = ssh.FingerprintSHA256(public)
	crypto, ok := public.(ssh.CryptoPublicKey)
	if !ok {
		return fingerprint, errors.New("the key is of an unknown type")
	}
	key, ok := crypto.CryptoPublicKey().(ed25519.PublicKey)
	if !ok {
		return fingerprint, errors.New("the key is not an Ed25519 key")
	}
	body, found := strings.CutPrefix(string(armoured), armourBegin)
	body, found2 := strings.CutSuffix(body, armourEnd)
	if !found || !found2 {
		return fingerprint, errors.New("it is not a signature file")
	}
	blob, err := base64.StdEncoding.Strict().DecodeString(strings.ReplaceAll(body, "\n", ""))
	if err != nil || !bytes.HasPrefix(blob, []byte("SSHSIG")) || !bytes.Equal(armour(blob), armoured) {
		return fingerprint, errors.New("it is not a signature file")
	}
	var s sshsig
	if err := ssh.Unmarshal(blob[6:], &s); err != nil || s.Version != 1 || s.Namespace != Namespace || s.Hash != "sha512" || s.Reserved != "" {
		return fingerprint, errors.New("it is not a signature of this product")
	}
	if s.PublicKey != string(public.Marshal()) {
		return fingerprint, errors.New("it was made with another key than the one in allowed_signers")
	}
	var inner struct{ Format, Blob string }
	if err := ssh.Unmarshal([]byte(s.Signature), &inner); err != nil || inner.Format != ssh.KeyAlgoED25519 {
		return fingerprint, errors.New("it is not a signature of this product")
	}
	if !ed25519.Verify(key, signedData(message), []byte(inner.Blob)) {
		return fingerprint, errors.New("the signature does not fit")
	}
	return fingerprint, nil
}
