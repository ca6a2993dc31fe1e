package config

import (
	"fmt"
	"log/slog"
)

// redacted is what a secret shows of itself.
const redacted = "•••"

// Secret is a value that never shows itself: not when printed in any way, not
// as JSON, not in a log. Only Reveal gives it. The zero Secret is "not set".
type Secret struct{ value string }

// NewSecret makes a secret of a value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal gives the value, to hand it to who needs it.
func (s Secret) Reveal() string { return s.value }

// Set says whether there is a value.
func (s Secret) Set() bool { return s.value != "" }

// String shows that there is a secret.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return redacted
}

// Format is String for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalText is String, for JSON and all other encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue is String, for logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
