package command

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/connectors/file"
)

func importCommand() *cobra.Command {
	var from, to string
	var appending bool
	c := &cobra.Command{
		Use: "import", Short: "Fill a test store with the records of a Kubernetes audit log", Args: cobra.NoArgs,
		Long: "Writes each record of a Kubernetes audit log, one JSON object a line, plain or gzip, into one index of a search store, as the profile kubernetes reads it. It is for trying; the product itself only reads stores.",
		RunE: func(c *cobra.Command, _ []string) error { return importRecords(c, from, to, appending) },
	}
	f := c.Flags()
	f.StringVar(&from, "source", "", "audit log to read: [kubernetes:]FILE, or - for standard input")
	f.StringVar(&to, "to", "", "index to write to: [NAME=]opensearch:https://host:9200/INDEX or elasticsearch:…; credentials as with --source of check")
	f.BoolVar(&appending, "append", false, "add to the index when it exists")
	return c
}

func importRecords(c *cobra.Command, from, to string, appending bool) error {
	if from == "" || to == "" {
		return usage("say what to read with --source and where to write it with --to.")
	}
	read, err := file.ParseSpec(from)
	if err != nil {
		return err
	}
	if read.Kind != "" && read.Kind != connectors.Kubernetes {
		return usage("only Kubernetes audit logs are imported, not %s.", read.Kind)
	}
	written, err := file.ParseSpec(to)
	if err != nil {
		return err
	}
	src, with, ok, err := storeSource(written)
	if err != nil {
		return err
	}
	if !ok {
		return usage("--to %q names no store: write opensearch:https://host:9200/INDEX.", to)
	}
	target, err := newBulk(src, with)
	if err != nil {
		return err
	}
	in, done, err := openRecords(read.Target, c.InOrStdin())
	if err != nil {
		return err
	}
	defer done()
	return fill(c.Context(), c.OutOrStdout(), target, read.Target, in, appending)
}

// openRecords opens a file, or standard input for "-", plain or gzip.
func openRecords(path string, stdin io.Reader) (in *bufio.Reader, done func(), err error) {
	done = func() {}
	content := stdin
	if path != "-" {
		f, err := os.Open(path) //nolint:gosec // the file a person named
		if err != nil {
			return nil, done, fault.Wrap(fault.NotFound, err, "The log %s cannot be opened.", path)
		}
		content, done = f, func() { _ = f.Close() }
	}
	in = bufio.NewReaderSize(content, 1<<20)
	if head, _ := in.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			done()
			return nil, func() {}, fault.Wrap(fault.Unavailable, err, "%s cannot be unpacked.", path)
		}
		in = bufio.NewReaderSize(z, 1<<20)
	}
	return in, done, nil
}

// maxRecord is how long one record may be.
const maxRecord = 16 << 20

// fill writes all records and says how many; a record that is none or that the
// store refuses is an error.
func fill(ctx context.Context, w io.Writer, target *bulk, name string, in *bufio.Reader, appending bool) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 1<<20), maxRecord)
	var before int64
	prepared := false
	for n := int64(1); lines.Scan(); n++ {
		record := bytes.TrimSpace(lines.Bytes())
		if len(record) == 0 {
			continue
		}
		if record[0] != '{' || !json.Valid(record) {
			return fault.New(fault.Unavailable, "Line %d of %s is no JSON object. %s", n, name, soFar(target))
		}
		if !prepared { // only once there is something to write
			if err := target.prepare(ctx, appending); err != nil {
				return err
			}
			if appending {
				var err error
				if before, err = target.count(ctx); err != nil {
					return err
				}
			}
			prepared = true
		}
		if err := target.add(ctx, record); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return fault.New(fault.Unavailable, "A line of %s is longer than %d bytes. %s", name, maxRecord, soFar(target))
		}
		return fault.Wrap(fault.Unavailable, err, "%s cannot be read to its end. %s", name, soFar(target))
	}
	if !prepared {
		return fault.New(fault.Unavailable, "%s holds no record. Nothing was written.", name)
	}
	if err := target.send(ctx); err != nil {
		return err
	}
	after, err := target.count(ctx)
	if err != nil {
		return err
	}
	if target.refused > 0 {
		return fault.New(fault.Unavailable, "%s took %d of %d records and refused %d: %s.", target.where(), target.taken, target.taken+target.refused, target.refused, connectors.Visible(strings.Join(target.reasons, "; ")))
	}
	if after != before+target.taken {
		return fault.New(fault.Unavailable, "%s took %d records, but holds %d documents where %d are expected.", target.where(), target.taken, after, before+target.taken)
	}
	_, err = fmt.Fprintf(w, "%s: %d records of %s written, %d documents in the index.\n", target.where(), target.taken, name, after)
	return err
}

// soFar says what stands in the index when importing stops early.
func soFar(target *bulk) string {
	if target.taken == 0 {
		return "Nothing was written."
	}
	return fmt.Sprintf("%d records were written before.", target.taken)
}
