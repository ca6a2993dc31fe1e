package search

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// signer signs requests with AWS Signature Version 4 (AWS General Reference,
// "Signing AWS API requests").
type signer struct {
	credentials Credentials
	now         func() time.Time
}

// SignRequest is called by the client once the request is as it will be sent.
func (s signer) SignRequest(r *http.Request) error {
	body := []byte{}
	if r.Body != nil && r.Body != http.NoBody {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return fmt.Errorf("sign request: %w", err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	c, at := s.credentials, s.now().UTC()
	digest := hash(body)
	r.Header.Set("X-Amz-Date", at.Format("20060102T150405Z"))
	r.Header.Set("X-Amz-Content-Sha256", digest)
	signed := []string{"host", "x-amz-content-sha256", "x-amz-date"}
	if c.AWSSession != "" {
		r.Header.Set("X-Amz-Security-Token", c.AWSSession)
		signed = append(signed, "x-amz-security-token")
	}
	r.Header.Set("Authorization", c.authorization(r, digest, at, signed))
	return nil
}

// authorization is the header that a request is signed with; the names of the
// signed headers are in order and in lower case.
func (c Credentials) authorization(r *http.Request, digest string, at time.Time, signed []string) string {
	var headers strings.Builder
	for _, name := range signed {
		value := r.Header.Get(name)
		if name == "host" {
			if value = r.Host; value == "" {
				value = r.URL.Host
			}
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = awsEscape(parts[i]) // all services but S3 escape the path a second time
	}
	canonical := strings.Join([]string{
		r.Method, strings.Join(parts, "/"), awsQuery(r.URL.Query()), headers.String(), strings.Join(signed, ";"), digest,
	}, "\n")
	scope := strings.Join([]string{at.Format("20060102"), c.AWSRegion, c.AWSService, "aws4_request"}, "/")
	key := []byte("AWS4" + c.AWSSecretKey)
	for _, part := range strings.Split(scope, "/") {
		key = mac(key, part)
	}
	text := strings.Join([]string{"AWS4-HMAC-SHA256", at.Format("20060102T150405Z"), scope, hash([]byte(canonical))}, "\n")
	return fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%x",
		c.AWSAccessKey, scope, strings.Join(signed, ";"), mac(key, text))
}

func awsQuery(q url.Values) string {
	var out []string
	for name, values := range q {
		for _, v := range values {
			out = append(out, awsEscape(name)+"="+awsEscape(v))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "&")
}

// awsEscape escapes all but RFC 3986's unreserved characters.
func awsEscape(s string) string {
	var out strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.~", c) >= 0 {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	_, _ = m.Write([]byte(text)) // a hash does not fail
	return m.Sum(nil)
}
