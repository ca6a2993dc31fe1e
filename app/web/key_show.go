package web

import (
	"path/filepath"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/sealing"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// keyPage is the key that seals evidence.
type keyPage struct {
	Page
	Head        part.Head
	Kind        string   // "SHA256:"
	Fingerprint []string // the rest, in groups
	Plain       string
	Facts       []part.Pair
	Line        string // for allowed_signers
	Backup      []step // nil: the reader is not told where the private key lies
}

// step is one step of an instruction with the command for it.
type step struct{ Text, Command string }

// groupSize is how many characters people compare at once.
const groupSize = 5

func newKeyPage(frame Page, key sealing.KeyInfo) *keyPage {
	f, made := frame.Format(), connectors.At(key.Created)
	kind, rest, ok := strings.Cut(key.Fingerprint, ":")
	if !ok {
		kind, rest = "", key.Fingerprint
	} else {
		kind += ":"
	}
	p := &keyPage{Page: frame, Kind: kind, Fingerprint: groups(rest, groupSize), Plain: key.Fingerprint, Line: strings.TrimSpace(key.AllowedSigners), Head: part.Head{
		Crumbs: []part.Link{{Text: "Evidence", Href: "/evidence"}, {Text: "Signing key"}}, Title: "Signing key",
		Lede: "Every package is signed with this key. Give its fingerprint to your auditor by another way than the packages: it is what tells yours from one that somebody else made.",
	}}
	p.Facts = []part.Pair{{Key: "Kind", Text: "Ed25519", Sub: "as ssh-keygen -l prints it"}, {Key: "Since", Text: f.Time(made), UTC: f.UTC(made)}}
	if made != 0 {
		p.Facts[1].Time = made.String()
	}
	if !frame.Actor.Has("admin", "officer") {
		return p
	}
	p.Facts = append(p.Facts, part.Pair{Key: "Private key", Text: key.Path, Mono: true, Sub: "on the server, readable only by the user the program runs as (mode 0600)"})
	path, name := shellWord(key.Path), filepath.Base(key.Path)
	p.Backup = []step{
		{"Put a copy on a medium that you unplug afterwards.", "cp -p " + path + " /media/safe/" + name},
		{"Or encrypt it to a passphrase, if the copy must travel. Keep the passphrase elsewhere.", "age --encrypt --passphrase --output " + name + ".age " + path},
		{"See that the copy is whole: both lines begin with the same sum.", "sha256sum " + path + " /media/safe/" + name},
		{"See that it is this key: the fingerprint is the one above.", "ssh-keygen -l -f /media/safe/" + name},
	}
	return p
}

// groups cuts text into pieces of n bytes; a fingerprint is ASCII.
func groups(s string, n int) []string {
	var out []string
	for len(s) > n {
		out = append(out, s[:n])
		s = s[n:]
	}
	if s != "" {
		out = append(out, s)
	}
	return out
}

// shellWord quotes a path for a shell if it needs that.
func shellWord(s string) string {
	if strings.IndexFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+", r)
	}) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func (s *Server) keyShow(c *fiber.Ctx) error {
	return s.render(c, "key_show", newKeyPage(s.page(c, "Signing key", "evidence"), s.Sealer.Key()))
}
