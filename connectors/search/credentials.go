package search

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"strings"

	"logreeve/app/fault"
)

// check says what is wrong with the credentials: fault.Invalid names the field.
func (c Credentials) check(address string, o Options) error {
	ways := 0
	for _, set := range []bool{c.APIKey != "", c.Token != "", c.User != "" || c.Password != "", c.AWSAccessKey != "" || c.AWSSecretKey != ""} {
		if set {
			ways++
		}
	}
	switch {
	case ways > 1:
		return fault.Field("credentials", "Give one way to identify: an API key, a token, a user with a password, or the keys of AWS.")
	case (c.ClientCert == "") != (c.ClientKey == ""):
		return fault.Field("credentials", "A client certificate needs its key, and a key its certificate.")
	case c.AWSAccessKey != "" && (c.AWSSecretKey == "" || c.AWSRegion == "" || (c.AWSService != "es" && c.AWSService != "aoss")):
		return fault.Field("credentials", "AWS needs the secret key, the region, and the service es or aoss.")
	case c.AWSAccessKey != "" && o.Now == nil:
		return fault.New(fault.Internal, "Requests to AWS cannot be signed without a clock.")
	case (ways > 0 || c.ClientCert != "") && strings.HasPrefix(address, "http://") && !loopback(address):
		return fault.Field("url", "Credentials are sent over https only. Change the address to https://.")
	}
	return nil
}

// loopback says whether an address is of this machine, where nobody listens in.
func loopback(address string) bool {
	host := strings.TrimPrefix(address, "http://")
	for _, own := range []string{"127.0.0.1", "localhost", "[::1]"} {
		if host == own || strings.HasPrefix(host, own+":") {
			return true
		}
	}
	return false
}

// header is what identifies in each request; AWS signs instead.
func (c Credentials) header() http.Header {
	h := http.Header{}
	switch {
	case c.APIKey != "":
		h.Set("Authorization", "ApiKey "+c.APIKey)
	case c.Token != "":
		h.Set("Authorization", "Bearer "+c.Token)
	case c.User != "":
		h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c.User+":"+c.Password)))
	}
	return h
}

// tls is how the connection is encrypted. It is never left unchecked.
func (c Credentials) tls() (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM([]byte(c.CA)) {
			return nil, fault.Field("ca", "The bundle of authorities holds no certificate in PEM.")
		}
	}
	if c.ClientCert != "" {
		pair, err := tls.X509KeyPair([]byte(c.ClientCert), []byte(c.ClientKey))
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The client certificate and its key cannot be read or do not belong together.")
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	return conf, nil
}
