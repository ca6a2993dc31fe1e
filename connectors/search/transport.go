package search

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	opensearch "github.com/opensearch-project/opensearch-go/v2"

	"logreeve/app/fault"
)

// attempts is how often a request is made at most.
const attempts = 4

// errTooLarge says that an answer is larger than may be held in memory.
var errTooLarge = errors.New("the answer is larger than allowed")

// transport makes requests. opensearch-go carries them; it checks no product
// and its own repetitions are off, because they would not wait and would repeat
// what must not be repeated.
type transport struct {
	client  *opensearch.Client
	options Options
	limit   int64 // bytes of one answer, decompressed

	requests, received, took atomic.Int64 // repetitions counted; took in nanoseconds
}

func newTransport(c Config, o Options) (*transport, error) {
	if err := c.Credentials.check(c.URL, o); err != nil {
		return nil, err
	}
	secure, err := c.Credentials.tls()
	if err != nil {
		return nil, err
	}
	t := &transport{options: o, limit: int64(answerFactor * o.PageBytes)}
	carrier := &http.Transport{
		Proxy: nil, DialContext: o.Dial, TLSClientConfig: secure, ForceAttemptHTTP2: true, DisableCompression: true,
		MaxIdleConnsPerHost: maxParallel, IdleConnTimeout: 30 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	conf := opensearch.Config{
		Addresses: []string{c.URL}, DisableRetry: true, Header: c.Credentials.header(), Transport: taker{carrier, t},
	}
	if c.Credentials.AWSAccessKey != "" {
		conf.Signer = signer{c.Credentials, o.Now}
	}
	if t.client, err = opensearch.NewClient(conf); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%q is not the address of a store.", c.URL)
	}
	return t, nil
}

// taker reads answers whole, up to the limit, before the client sees them: the
// client would read without one, and would hide that an answer was cut.
type taker struct {
	carrier *http.Transport
	t       *transport
}

// taken is where an answer's body goes.
type taken struct{ body []byte }

type takenKey struct{}

// RoundTrip makes one request.
func (k taker) RoundTrip(r *http.Request) (*http.Response, error) {
	// The client may ask for another product's media type when its environment says so.
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Accept-Encoding", "gzip")
	if r.Body != nil && r.Body != http.NoBody {
		r.Header.Set("Content-Type", "application/json")
	} else {
		r.Header.Del("Content-Type")
	}
	res, err := k.carrier.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	wire := &counted{r: res.Body, n: &k.t.received}
	var content io.Reader = wire
	if strings.EqualFold(res.Header.Get("Content-Encoding"), "gzip") {
		zipped, err := gzip.NewReader(wire)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read the answer: %w", err)
		}
		if err == nil {
			content = zipped
		}
	}
	var body bytes.Buffer
	if res.ContentLength > 0 && content == io.Reader(wire) {
		body.Grow(int(min(res.ContentLength, k.t.limit) + bytes.MinRead))
	}
	n, err := body.ReadFrom(io.LimitReader(content, k.t.limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case n > k.t.limit:
		return nil, errTooLarge
	}
	if to, ok := r.Context().Value(takenKey{}).(*taken); ok {
		to.body = body.Bytes()
	}
	res.Body = http.NoBody
	return res, nil
}

// counted counts bytes as they come over the wire.
type counted struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// request is one call of the store.
type request struct {
	method, path string
	query        url.Values
	body         []byte
	// once forbids to repeat the request when it may have been carried out: the
	// next page of a scroll is given once.
	once bool
}

// reply is what the store answered, whatever the status.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// json says whether the reply claims to be JSON and looks like it.
func (r reply) json() bool {
	media, _, _ := strings.Cut(r.header.Get("Content-Type"), ";")
	media = strings.TrimSpace(strings.ToLower(media))
	if media != "application/json" && !strings.HasSuffix(media, "+json") {
		return false
	}
	b := bytes.TrimLeft(r.body, " \t\r\n")
	return len(b) > 0 && (b[0] == '{' || b[0] == '[')
}

// do makes a request and repeats it, with a growing pause, when the store says
// that it is busy or the connection breaks. An error is fault.Unavailable and
// says what to do next, or is the context's.
func (t *transport) do(ctx context.Context, r request) (reply, error) {
	limited, cancel := context.WithTimeout(ctx, t.options.Timeout)
	defer cancel()
	for attempt := 1; ; attempt++ {
		answer, err := t.once(limited, r)
		if ctx.Err() != nil {
			return reply{}, ctx.Err()
		}
		last := attempt == attempts || r.once || limited.Err() != nil
		switch {
		case errors.Is(err, errTooLarge):
			return reply{}, err
		case err != nil && (last || !passing(err)):
			return reply{}, unreachable(err, t.options.Timeout)
		case err == nil && (last || !busy(answer)):
			return answer, nil
		}
		pause := time.Duration(1<<attempt) * 100 * time.Millisecond
		pause = pause/2 + rand.N(pause) //nolint:gosec // spreads requests, keeps no secret
		timer := time.NewTimer(pause)
		select {
		case <-limited.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
}

// once makes a request once.
func (t *transport) once(ctx context.Context, r request) (reply, error) {
	var to taken
	ctx = context.WithValue(ctx, takenKey{}, &to)
	target := r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return reply{}, fmt.Errorf("make request %s: %w", r.path, err)
	}
	t.requests.Add(1)
	var start time.Time
	if t.options.Now != nil {
		start = t.options.Now()
	}
	res, err := t.client.Perform(req)
	if t.options.Now != nil {
		t.took.Add(int64(t.options.Now().Sub(start)))
	}
	if err != nil {
		return reply{}, err
	}
	_ = res.Body.Close()
	return reply{status: res.StatusCode, header: res.Header, body: to.body}, nil
}

// busy says whether the same request may succeed a little later. A 503 that
// names missing shards or too many buckets stays what it is.
func busy(r reply) bool {
	switch r.status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusGatewayTimeout:
		return true
	case http.StatusServiceUnavailable:
		return !bytes.Contains(r.body, []byte("too_many_buckets_exception")) && !bytes.Contains(r.body, []byte("missing shards")) &&
			!bytes.Contains(r.body, []byte("all shards failed"))
	}
	return false
}
