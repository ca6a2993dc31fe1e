package rawjson_test

import (
	"bytes"
	"testing"

	"logreeve/connectors/rawjson"
	"logreeve/seed/auditgen"
)

// BenchmarkWalk walks the top-level members of generated records on one core,
// with wide comparisons and without.
func BenchmarkWalk(b *testing.B) {
	var log bytes.Buffer
	if _, err := auditgen.Generate(&log, auditgen.Options{Events: 20_000}); err != nil {
		b.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(log.Bytes()), []byte("\n"))[:5000]
	size := int64(len(bytes.Join(lines, nil)))
	rawjson.Twins(func(name string) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			members := 0
			for b.Loop() {
				for _, line := range lines {
					w := rawjson.Object(line, 0)
					for w.Next() {
						members++
					}
				}
			}
			if members == 0 {
				b.Fatal("nothing was walked")
			}
		})
	})
}
