package stores_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"logreeve/connectors/searchtest"
)

const (
	mostBulk = 8 << 20 // bytes of one request
	senders  = 2
)

// load puts the lines of a part into two indices, those from cut on into the
// second, and gives the bytes of the documents. Two senders take turns where
// order is of no account.
func load(t testing.TB, server searchtest.Server, p part, indices []string, cut int) (documents int64) {
	t.Helper()
	type bulk struct {
		index string
		text  []byte
	}
	bulks := make(chan bulk)
	errs := make(chan error, senders)
	var wait sync.WaitGroup
	n := senders
	if !p.unordered {
		n = 1
	}
	for range n {
		wait.Go(func() {
			var failed error
			for b := range bulks {
				if failed == nil {
					failed = send(t, server, b.index, b.text)
				}
			}
			errs <- failed
		})
	}
	var text bytes.Buffer
	line, index := 0, indices[0]
	flush := func() {
		if text.Len() > 0 {
			bulks <- bulk{index, bytes.Clone(text.Bytes())}
			text.Reset()
		}
	}
	eachLine(t, p.path, func(b []byte) {
		if line == cut {
			flush()
			index = indices[1]
		}
		if p.document != nil {
			b = p.document(b)
		}
		documents += int64(len(b))
		text.WriteString("{\"index\":{}}\n")
		text.Write(b)
		text.WriteByte('\n')
		if line++; text.Len() > mostBulk {
			flush()
		}
	})
	flush()
	close(bulks)
	wait.Wait()
	for range n {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	return documents
}

func send(t testing.TB, server searchtest.Server, index string, text []byte) error {
	path := "/" + index + "/_bulk"
	if server.Old() {
		path = "/" + index + "/_doc/_bulk"
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK || !bytes.Contains(answer[:min(len(answer), 200)], []byte(`"errors":false`)) {
		i := max(bytes.Index(answer, []byte(`"error":`)), 0)
		return fmt.Errorf("%s takes not every document: %s", server.Name, answer[i:min(len(answer), i+600)])
	}
	return nil
}
