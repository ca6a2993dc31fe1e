package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"logreeve/app/fault"
)

// Length of passwords, in characters and in bytes. There is no rule on what
// they are made of, and none is cut or trimmed.
const (
	MinPassword      = 12
	MaxPasswordBytes = 1024
)

// Cost is the work of one argon2id hash.
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultCost is 19 MiB, 2 passes and 1 lane.
func DefaultCost() Cost { return Cost{MemoryKiB: 19 * 1024, Passes: 2, Lanes: 1} }

const (
	saltBytes = 16
	keyBytes  = 32
	// hashesAtOnce bounds memory and processor time that strangers can ask for.
	hashesAtOnce = 2
)

// hasher works out passwords, at most hashesAtOnce at a time.
type hasher struct {
	cost  Cost
	slots chan struct{}
	decoy string // checked for accounts that do not exist
}

func newHasher(cost Cost) *hasher {
	h := &hasher{cost: cost, slots: make(chan struct{}, hashesAtOnce)}
	h.decoy = encode(cost, make([]byte, saltBytes), make([]byte, keyBytes))
	return h
}

func (h *hasher) acquire(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fault.Wrap(fault.Unavailable, ctx.Err(), "Too many people are signing in right now. Try again in a moment.")
	}
}

func (h *hasher) release() { <-h.slots }

// hash makes the PHC string of a password with a fresh salt.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.acquire(ctx); err != nil {
		return "", err
	}
	defer h.release()
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, h.cost.Passes, h.cost.MemoryKiB, h.cost.Lanes, keyBytes)
	return encode(h.cost, salt, key), nil
}

// verify says whether the password belongs to the PHC string. An empty string
// costs the same and never matches.
func (h *hasher) verify(ctx context.Context, phc, password string) (bool, error) {
	known := phc != ""
	if !known {
		phc = h.decoy
	}
	cost, salt, key, err := decode(phc)
	if err != nil {
		return false, err
	}
	if err := h.acquire(ctx); err != nil {
		return false, err
	}
	defer h.release()
	if len(password) > MaxPasswordBytes {
		password, known = "", false
	}
	got := argon2.IDKey([]byte(password), salt, cost.Passes, cost.MemoryKiB, cost.Lanes, uint32(len(key))) //nolint:gosec // bounded by decode
	return subtle.ConstantTimeCompare(got, key) == 1 && known, nil
}

// encode writes the PHC string format of argon2id
// (github.com/P-H-C/phc-string-format).
func encode(c Cost, salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.MemoryKiB, c.Passes, c.Lanes,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

// decode reads what encode wrote and refuses costs that would stall the process.
func decode(phc string) (Cost, []byte, []byte, error) {
	bad := func(what string) (Cost, []byte, []byte, error) {
		return Cost{}, nil, nil, fmt.Errorf("stored password: %s", what)
	}
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return bad("not an argon2id string")
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return bad("unknown version")
	}
	var c Cost
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.MemoryKiB, &c.Passes, &c.Lanes); err != nil {
		return bad("unreadable cost")
	}
	if c.MemoryKiB < 8 || c.MemoryKiB > 1<<20 || c.Passes < 1 || c.Passes > 16 || c.Lanes < 1 || c.Lanes > 16 {
		return bad("cost out of bounds")
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil || len(salt) < 8 || len(salt) > 64 {
		return bad("unreadable salt")
	}
	key, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(key) < 16 || len(key) > 64 {
		return bad("unreadable key")
	}
	return c, salt, key, nil
}

//go:embed common.txt
var commonText string

// ownCharacters is how many characters must remain when everything an attacker
// tries first is taken away.
const ownCharacters = 8

// CheckPassword says why a password cannot be accepted, as an Invalid fault on
// the field, or nil. About holds words an attacker tries first for this account:
// the organisation, the person's name, the e-mail address.
func CheckPassword(field, password string, about ...string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return fault.Field(field, "The password has characters that cannot be read. Type it again.")
	case n < MinPassword:
		return fault.Field(field, "The password has %d characters; it needs at least %d. A few unrelated words make a good one.", n, MinPassword)
	case len(password) > MaxPasswordBytes:
		return fault.Field(field, "The password is longer than %d bytes.", MaxPasswordBytes)
	}
	words := []string{"logreeve"}
	for _, a := range about {
		words = append(words, strings.FieldsFunc(strings.ToLower(a), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })...)
	}
	words = slices.DeleteFunc(words, func(w string) bool { return utf8.RuneCountInString(w) < 3 })
	words = append(words, strings.Fields(commonText)...)
	// Longest first, so that a short word does not break a long one apart.
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	rest := strings.ToLower(password)
	for _, w := range words {
		rest = strings.ReplaceAll(rest, w, "\x00")
	}
	rest = strings.ReplaceAll(rest, "\x00", "")
	if distinct(rest) < ownCharacters/2 || utf8.RuneCountInString(rest) < ownCharacters {
		return fault.Field(field, "The password is among the first that an attacker would try. Choose one with nothing of the product, the organisation, your name or well-known passwords.")
	}
	return nil
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// initialAlphabet has no characters that are mistaken for each other.
const initialAlphabet = "abcdefghjkmnpqrstuvwxyz23456789"

// initialPassword is 20 random characters in groups of five: 99 bits.
func initialPassword() string {
	var b strings.Builder
	for b.Len() < 23 {
		if b.Len()%6 == 5 {
			b.WriteByte('-')
			continue
		}
		var one [1]byte
		_, _ = rand.Read(one[:])
		// Values past the last whole multiple are thrown away, so that none is likelier.
		if int(one[0]) < 256-256%len(initialAlphabet) {
			b.WriteByte(initialAlphabet[int(one[0])%len(initialAlphabet)])
		}
	}
	return b.String()
}
