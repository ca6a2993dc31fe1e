package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"logreeve/seed/auditgen"
)

// log is a generated log and what is true of it.
type log struct {
	name   string
	path   string // a file, or a folder of files
	people string
	truth  *auditgen.Truth
}

// generate makes a log in the folder of the session.
func (b *bench) generate(name string, o auditgen.Options) (log, error) {
	b.say("Generate %s: %s events.", name, grouped(o.Events))
	o.IDs = true
	l := log{name: name, path: filepath.Join(b.work, name+".ndjson"), people: filepath.Join(b.work, name+".people.csv")}
	if err := write(l.people, func(w io.Writer) error { return auditgen.WritePeople(w, max(o.Users, 500)) }); err != nil {
		return l, err
	}
	return l, write(l.path, func(w io.Writer) (err error) {
		l.truth, err = auditgen.Generate(w, o)
		return err
	})
}

// write hands f a new file. It goes to the disk at once, and not while runs are timed.
func write(path string, f func(io.Writer) error) error {
	file, err := os.Create(path) //nolint:gosec // in the folder of the session
	if err != nil {
		return err
	}
	return errors.Join(f(file), file.Sync(), file.Close())
}

// compressed writes the log anew, as gz or zst.
func (b *bench) compressed(l log, kind string) (log, error) {
	b.say("Compress %s: %s.", l.name, kind)
	in, err := os.Open(l.path)
	if err != nil {
		return l, err
	}
	defer in.Close()
	l.name, l.path = l.name+", "+kind, l.path+"."+kind
	return l, write(l.path, func(w io.Writer) error {
		c, err := compressor(w, kind)
		if err != nil {
			return err
		}
		_, err = io.Copy(c, in)
		return errors.Join(err, c.Close())
	})
}

func compressor(w io.Writer, kind string) (io.WriteCloser, error) {
	if kind == "gz" {
		return gzip.NewWriterLevel(w, gzip.DefaultCompression)
	}
	return zstd.NewWriter(w)
}

// rotated cuts the log into files as kube-apiserver and log shippers leave them:
// named by time, the older ones compressed.
func (b *bench) rotated(l log) (log, error) {
	b.say("Rotate %s.", l.name)
	whole, err := os.ReadFile(l.path)
	if err != nil {
		return l, err
	}
	folder := strings.TrimSuffix(l.path, ".ndjson") + "-rotated"
	if err := os.Mkdir(folder, 0o700); err != nil {
		return l, err
	}
	l.name, l.path = l.name+", rotated", folder
	const parts = 4
	for i, kind := range [parts]string{"gz", "zst", "", ""} {
		cut := len(whole)
		if i < parts-1 {
			at := len(whole) / (parts - i)
			cut = at + bytes.IndexByte(whole[at:], '\n') + 1
		}
		part := whole[:cut]
		whole = whole[cut:]
		name := fmt.Sprintf("audit-2025-03-03T%02d-00-00.000.log", i)
		if i == parts-1 {
			name = "audit.log"
		}
		if kind != "" {
			name += "." + kind
		}
		if err := write(filepath.Join(folder, name), func(w io.Writer) error {
			if kind == "" {
				_, err := w.Write(part)
				return err
			}
			c, err := compressor(w, kind)
			if err != nil {
				return err
			}
			_, err = c.Write(part)
			return errors.Join(err, c.Close())
		}); err != nil {
			return l, err
		}
	}
	return l, nil
}

// decompressAll reads a compressed file to its end with the libraries that the
// product uses, and does nothing with it: the floor of compressed input. Zstandard
// is unpacked on one core, as in the product, which takes least; or as the library
// does when it is told nothing, on several.
func decompressAll(path string, several bool) error {
	f, err := os.Open(path) //nolint:gosec // the session's own file
	if err != nil {
		return err
	}
	defer f.Close()
	var r io.Reader
	in := bufio.NewReaderSize(f, 256<<10)
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(in); err != nil {
			return err
		}
	} else {
		var how []zstd.DOption
		if !several {
			how = append(how, zstd.WithDecoderConcurrency(1))
		}
		d, err := zstd.NewReader(in, how...)
		if err != nil {
			return err
		}
		defer d.Close()
		r = d
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r}, make([]byte, 1<<20))
	return err
}
