package runs

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/connectors"
)

// SignIn is how a search store is told who asks.
type SignIn string

// Ways to sign in. A client certificate goes with none of the others.
const (
	NoSignIn    SignIn = ""
	Password    SignIn = "basic"
	APIKey      SignIn = "api_key"
	Bearer      SignIn = "bearer"
	Certificate SignIn = "certificate"
	AWS         SignIn = "aws" // Signature Version 4
)

// Credentials are what a store is given to prove who asks, in the clear. They
// never show themselves: not when printed, not as JSON, not in a log. Only the
// fields of their way to sign in are filled.
type Credentials struct {
	User, Password        string
	APIKey                string
	Token                 string
	ClientCert, ClientKey string // PEM
	AWSRegion, AWSService string // "es" or "aoss"
	AWSAccessKey          string
	AWSSecretKey          string
	AWSSession            string
}

// hidden is what credentials show of themselves.
const hidden = "•••"

// Format is the same for every verb.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// MarshalText is for JSON and all other encodings.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue is for logs.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(hidden) }

// Given says whether anything was given.
func (c Credentials) Given() bool { return c != Credentials{} }

// check says what is missing for a way to sign in.
func (c Credentials) check(way SignIn) error {
	type part struct{ field, value, missing string }
	parts := map[SignIn][]part{
		Password:    {{"user", c.User, "Give the user."}, {"password", c.Password, "Give the password."}},
		APIKey:      {{"api_key", c.APIKey, "Give the API key as the server showed it, encoded."}},
		Bearer:      {{"token", c.Token, "Give the token."}},
		Certificate: {{"client_cert", c.ClientCert, "Paste the client certificate in PEM."}, {"client_key", c.ClientKey, "Paste the private key of the certificate in PEM."}},
		AWS: {
			{"aws_region", c.AWSRegion, "Give the region, such as eu-north-1."}, {"aws_access_key", c.AWSAccessKey, "Give the id of the access key."},
			{"aws_secret_key", c.AWSSecretKey, "Give the secret access key."},
		},
	}
	for _, p := range parts[way] {
		if strings.TrimSpace(p.value) == "" {
			return fault.Field(p.field, "%s", p.missing)
		}
		if strings.ContainsAny(p.value, "\r\n\x00") && !strings.HasPrefix(p.field, "client_") {
			return fault.Field(p.field, "There is a line break in it: it was not copied whole.")
		}
	}
	return nil
}

// Secret is how the credentials of a source lie in the database.
type Secret struct {
	Sealed []byte
	SetAt  connectors.Instant
	By     string // actor id
}

// Set says whether there are credentials.
func (s Secret) Set() bool { return len(s.Sealed) > 0 }

// Sealer seals credentials for one place and opens them for the same one.
type Sealer interface {
	Seal(secret []byte, place string) ([]byte, error)
	Open(sealed []byte, place string) ([]byte, error)
}

// boundTo is the place that the credentials of a source are given for: what
// decides who receives them. Reading options of the target (profile, time) do
// not.
func (s Source) boundTo() string {
	target, _, _ := strings.Cut(s.Target, "?")
	ca := sha256.Sum256([]byte(s.CA))
	return strings.Join([]string{s.ID, string(s.SignIn), target, hex.EncodeToString(ca[:])}, "\x00")
}

// plain is Credentials without the methods that hide them.
type plain Credentials

// sealed gives the stored form of credentials given for a source.
func (s *Service) sealed(src Source, given Credentials) ([]byte, error) {
	text, err := json.Marshal(plain(given)) //nolint:gosec // sealed in the next step
	if err != nil {
		return nil, fmt.Errorf("encode the credentials of source %s: %w", src.Name, err)
	}
	return s.Secrets.Seal(text, src.boundTo())
}

// credentials opens the stored credentials of a source; none when it has none.
func (s *Service) credentials(src Source) (Credentials, error) {
	if !src.Secret.Set() {
		return Credentials{}, nil
	}
	text, err := s.Secrets.Open(src.Secret.Sealed, src.boundTo())
	if err != nil {
		return Credentials{}, err
	}
	var c plain
	if err := json.Unmarshal(text, &c); err != nil {
		return Credentials{}, fmt.Errorf("decode the credentials of source %s", src.Name) // the cause would quote them
	}
	return Credentials(c), nil
}

// carryTime is how long credentials given for a look may be carried to saving.
const carryTime = time.Hour

// carried is what Carry seals.
type carried struct {
	At    connectors.Instant
	Given plain
}

// carriedBy is who may bring credentials back, and for which place.
func carriedBy(by actor.Actor, src Source) string {
	return "carried\x00" + by.ID + "\x00" + src.tidied().boundTo()
}

// Carry seals credentials that were given for a look, so that the form can hand
// them back for saving without showing them. Only the same person, for the same
// place and within an hour, has them taken back.
func (s *Service) Carry(by actor.Actor, src Source, given Credentials) (string, error) {
	if !given.Given() || s.Secrets == nil {
		return "", nil
	}
	text, err := json.Marshal(carried{connectors.At(s.Now()), plain(given)})
	if err != nil {
		return "", fmt.Errorf("encode the credentials of source %s: %w", src.Name, err)
	}
	sealed, err := s.Secrets.Seal(text, carriedBy(by, src))
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// Carried takes credentials back; none when they are not for this.
func (s *Service) Carried(by actor.Actor, src Source, text string) Credentials {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || text == "" || s.Secrets == nil {
		return Credentials{}
	}
	opened, err := s.Secrets.Open(sealed, carriedBy(by, src))
	if err != nil {
		return Credentials{}
	}
	var c carried
	if err := json.Unmarshal(opened, &c); err != nil || connectors.At(s.Now()).Sub(c.At) > carryTime {
		return Credentials{}
	}
	return Credentials(c.Given)
}
