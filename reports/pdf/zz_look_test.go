package pdf_test

import (
	"os"
	"testing"

	"logreeve/reports/dossier/dossiertest"
	"logreeve/reports/evidence"
)

func TestLook(t *testing.T) {
	key := evidence.KeyFromSeed(make([]byte, 32))
	b, err := evidence.Build(dossiertest.Rich(), key)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile("/tmp/look/rich.pdf", b.PDF, 0o644)
	os.WriteFile("/tmp/look/rich.zip", b.Bytes, 0o644)
	b, err = evidence.Build(dossiertest.Small(), key)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile("/tmp/look/small.pdf", b.PDF, 0o644)
	os.WriteFile("/tmp/look/small.zip", b.Bytes, 0o644)
}
