package secrets_test

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"logreeve/app/fault"
	"logreeve/app/secrets"
)

const canary = "canary-correct horse battery"

func load(t *testing.T, dir string) *secrets.Box {
	t.Helper()
	b, err := secrets.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func seal(t *testing.T, b *secrets.Box, place string) []byte {
	t.Helper()
	sealed, err := b.Seal([]byte(canary), place)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// The same key and place give the secret back, also after a restart; this is
// the control of the refusals below.
func TestOpensAtItsPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sealed := seal(t, load(t, dir), "s_1 https://a.example.org:9200")
	got, err := load(t, dir).Open(sealed, "s_1 https://a.example.org:9200")
	if err != nil || string(got) != canary {
		t.Fatalf("got %q, %v", got, err)
	}
	if bytes.Contains(sealed, []byte("canary")) {
		t.Error("the secret stands in the clear")
	}
	if again := seal(t, load(t, dir), "s_1 https://a.example.org:9200"); bytes.Equal(sealed, again) {
		t.Error("sealing twice gives the same bytes: who reads the database sees which secrets are equal")
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	box := load(t, dir)
	sealed := seal(t, box, "s_1\x00https://a.example.org:9200")
	refused := func(t *testing.T, b *secrets.Box, sealed []byte, place string) {
		t.Helper()
		got, err := b.Open(sealed, place)
		if fault.KindOf(err) != fault.Conflict || got != nil {
			t.Errorf("got %q, %v: want a refusal", got, err)
		}
	}
	t.Run("another target", func(t *testing.T) { refused(t, box, sealed, "s_1\x00https://b.example.org:9200") })
	t.Run("another source", func(t *testing.T) { refused(t, box, sealed, "s_2\x00https://a.example.org:9200") })
	t.Run("no place", func(t *testing.T) { refused(t, box, sealed, "") })
	t.Run("another key", func(t *testing.T) { refused(t, load(t, t.TempDir()), sealed, "s_1\x00https://a.example.org:9200") })
	for i := range sealed {
		for _, bit := range []byte{1, 0x80} {
			altered := bytes.Clone(sealed)
			altered[i] ^= bit
			refused(t, box, altered, "s_1\x00https://a.example.org:9200")
		}
		refused(t, box, sealed[:i], "s_1\x00https://a.example.org:9200")
	}
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	load(t, dir)
	path := filepath.Join(dir, secrets.KeyFile)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v: want mode 0600", info, err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := secrets.Load(dir); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a key that the group can read: %v", err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := secrets.Load(dir); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a key that was cut: %v", err)
	}
}

// Processes that start together share one key.
func TestOneKeyForAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	boxes := make([]*secrets.Box, 8)
	var all sync.WaitGroup
	for i := range boxes {
		all.Go(func() { boxes[i], _ = secrets.Load(dir) })
	}
	all.Wait()
	sealed := seal(t, boxes[0], "x")
	for i, b := range boxes {
		if got, err := b.Open(sealed, "x"); err != nil || string(got) != canary {
			t.Errorf("process %d: %q, %v", i, got, err)
		}
	}
}
