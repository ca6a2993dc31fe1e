package command

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"logreeve/app/fault"
	"logreeve/app/runs"
)

const (
	bulkBytes   = 5 << 20 // of one bulk request
	bulkTimeout = time.Minute
	bulkAnswer  = 64 << 20 // of an answer at most
	bulkReasons = 3        // refusals that are told
)

// bulk writes records into one index of a test store. Reading is
// connectors/search's business, which writes nothing.
type bulk struct {
	client  *http.Client
	address string // scheme://host:port
	index   string
	header  http.Header

	body    bytes.Buffer
	waiting int // records in body
	taken   int64
	refused int64
	reasons []string
}

// newBulk prepares writing to the store of a source, into one index.
func newBulk(src runs.Source, with runs.Credentials) (*bulk, error) {
	u, err := url.Parse(src.Target)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return nil, usage("--to %s: write NAME=opensearch:https://host:9200/INDEX, without credentials.", src.Name)
	}
	b := &bulk{address: u.Scheme + "://" + u.Host, index: strings.Trim(u.Path, "/"), header: http.Header{"Content-Type": {"application/json"}}}
	if b.index == "" || strings.ContainsAny(b.index, `*,/?"<>| #\`) || strings.HasPrefix(b.index, "_") || strings.HasPrefix(b.index, "-") || b.index != strings.ToLower(b.index) {
		return nil, usage("--to names the index %q: give one index in lower case, without * and commas.", b.index)
	}
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if src.CA != "" {
		secure.RootCAs = x509.NewCertPool()
		if !secure.RootCAs.AppendCertsFromPEM([]byte(src.CA)) {
			return nil, fault.New(fault.Invalid, "The CA bundle of %s holds no certificate in PEM.", src.Name)
		}
	}
	switch {
	case with.APIKey != "":
		b.header.Set("Authorization", "ApiKey "+with.APIKey)
	case with.Token != "":
		b.header.Set("Authorization", "Bearer "+with.Token)
	case with.User != "":
		b.header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(with.User+":"+with.Password)))
	}
	b.client = &http.Client{
		Timeout: bulkTimeout, Transport: &http.Transport{TLSClientConfig: secure},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return b, nil
}

// where is the index, for people.
func (b *bulk) where() string { return b.address + "/" + b.index }

// call makes a request and gives the status and the answer.
func (b *bulk) call(ctx context.Context, method, path string, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, b.address+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("make request %s: %w", path, err)
	}
	req.Header = b.header.Clone()
	res, err := b.client.Do(req)
	if ctx.Err() != nil {
		return 0, nil, ctx.Err()
	}
	if err != nil {
		return 0, nil, fault.Wrap(fault.Unavailable, err, "The store %s cannot be reached.", b.address)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, bulkAnswer))
	if err != nil {
		return 0, nil, fault.Wrap(fault.Unavailable, err, "The answer of the store %s was cut off.", b.address)
	}
	return res.StatusCode, answer, nil
}

// refusal is an answer that is no success.
func (b *bulk) refusal(status int, answer []byte) error {
	var said struct {
		Error struct{ Type, Reason string }
	}
	reason := "status " + http.StatusText(status)
	if json.Unmarshal(answer, &said) == nil && said.Error.Type != "" {
		reason = said.Error.Type + ": " + said.Error.Reason
	}
	switch status {
	case http.StatusUnauthorized:
		return fault.New(fault.Unavailable, "The store %s does not accept the credentials. Give LOGREEVE_SOURCE_<NAME>_USER and _PASSWORD, _API_KEY or _TOKEN.", b.address)
	case http.StatusForbidden:
		return fault.New(fault.Unavailable, "The store %s refuses: %s.", b.where(), reason)
	}
	return fault.New(fault.Unavailable, "The store %s did not do it (status %d): %s.", b.where(), status, reason)
}

// mapping keeps strings as keywords, dates as dates, and bodies out of the
// index, where their fields would be without number. Why a request failed or was
// allowed is also kept as words.
const mapping = `{"mappings":{"dynamic_templates":[{"text":{"match_mapping_type":"string","mapping":{"type":"keyword","ignore_above":8000}}}],
"properties":{"requestReceivedTimestamp":{"type":"date"},"stageTimestamp":{"type":"date"},
"responseStatus":{"properties":{"reason":` + wordsToo + `,"message":` + wordsToo + `}},
"annotations":{"properties":{"authorization":{"properties":{"k8s":{"properties":{"io/reason":` + wordsToo + `}}}}}},
"requestObject":{"type":"object","enabled":false},"responseObject":{"type":"object","enabled":false}}}}`

const wordsToo = `{"type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}}}`

// prepare makes the index. One that exists is left alone and refused, unless
// records are to be added to it.
func (b *bulk) prepare(ctx context.Context, appending bool) error {
	status, answer, err := b.call(ctx, http.MethodGet, "/"+b.index, nil)
	switch {
	case err != nil:
		return err
	case status == http.StatusOK && appending:
		return nil
	case status == http.StatusOK:
		return fault.New(fault.Conflict, "The index %s exists already. Name another one, or add to it with --append.", b.where())
	case status != http.StatusNotFound:
		return b.refusal(status, answer)
	}
	if status, answer, err = b.call(ctx, http.MethodPut, "/"+b.index, []byte(mapping)); err == nil && status != http.StatusOK {
		err = b.refusal(status, answer)
	}
	return err
}

// add puts a record into the next bulk request, and sends it when it is full.
func (b *bulk) add(ctx context.Context, record []byte) error {
	b.body.WriteString("{\"index\":{}}\n")
	b.body.Write(record)
	b.body.WriteByte('\n')
	b.waiting++
	if b.body.Len() < bulkBytes {
		return nil
	}
	return b.send(ctx)
}

// send sends what waits. Records that the store refuses are counted; an answer
// that does not speak of each is an error.
func (b *bulk) send(ctx context.Context) error {
	if b.waiting == 0 {
		return nil
	}
	status, answer, err := b.call(ctx, http.MethodPost, "/"+b.index+"/_bulk", b.body.Bytes())
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return b.refusal(status, answer)
	}
	var done struct {
		Items []map[string]struct {
			Status int
			Error  struct{ Type, Reason string }
		}
	}
	if err := json.Unmarshal(answer, &done); err != nil || len(done.Items) != b.waiting {
		return fault.Wrap(fault.Unavailable, err, "The store %s answered for %d of %d records.", b.address, len(done.Items), b.waiting)
	}
	for _, item := range done.Items {
		for _, result := range item {
			if result.Status == http.StatusCreated || result.Status == http.StatusOK {
				b.taken++
				continue
			}
			b.refused++
			if len(b.reasons) < bulkReasons {
				b.reasons = append(b.reasons, result.Error.Type+": "+result.Error.Reason)
			}
		}
	}
	b.body.Reset()
	b.waiting = 0
	return nil
}

// count makes what was written visible and counts all documents of the index.
func (b *bulk) count(ctx context.Context) (int64, error) {
	if status, answer, err := b.call(ctx, http.MethodPost, "/"+b.index+"/_refresh", nil); err != nil || status != http.StatusOK {
		if err == nil {
			err = b.refusal(status, answer)
		}
		return 0, err
	}
	status, answer, err := b.call(ctx, http.MethodGet, "/"+b.index+"/_count", nil)
	if err != nil {
		return 0, err
	}
	var n struct{ Count *int64 }
	if status != http.StatusOK || json.Unmarshal(answer, &n) != nil || n.Count == nil {
		return 0, b.refusal(status, answer)
	}
	return *n.Count, nil
}
