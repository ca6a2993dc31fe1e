package search

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"logreeve/app/fault"
)

// passing says whether a connection that failed so may come about when tried again.
func passing(err error) bool {
	var dns *net.DNSError
	var refused *fault.Error
	var record tls.RecordHeaderError
	switch {
	case untrusted(err), errors.As(err, &refused), errors.As(err, &record), errors.Is(err, context.DeadlineExceeded), strings.Contains(err.Error(), plainAnswer):
		return false
	case errors.As(err, &dns):
		return dns.IsTemporary
	}
	return true
}

// plainAnswer is what net/http says of an answer that is no HTTP, or of http
// where https is spoken.
const plainAnswer = "server gave HTTP response to HTTPS client"

func untrusted(err error) bool {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	return errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid) || errors.As(err, &verification)
}

// unreachable says why nothing was answered and what to do next.
func unreachable(err error, limit time.Duration) error {
	var own *fault.Error
	var name x509.HostnameError
	var expired x509.CertificateInvalidError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	var dns *net.DNSError
	say := func(sentence string) error { return fault.Wrap(fault.Unavailable, err, "%s", sentence) }
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &name):
		return say("The certificate of the store is for another name. Use the name in the certificate, or have the certificate renewed.")
	case errors.As(err, &expired) && expired.Reason == x509.Expired:
		return say("The certificate of the store has expired or is not valid yet. Have it renewed.")
	case untrusted(err):
		return say("The certificate of the store is signed by nobody who is trusted here. Add the authority that signed it as the CA bundle of the source.")
	case errors.As(err, &record):
		return say("The store answers without encryption. Change the address to http://, or turn on TLS at the store.")
	case errors.As(err, &alert):
		return say("The store ends the encrypted connection. It may want a client certificate, or does not accept the one given.")
	case strings.Contains(err.Error(), plainAnswer):
		return say("The store answers without encryption. Change the address to http://, or turn on TLS at the store.")
	case errors.As(err, &dns):
		return say("The name of the store is not known. Check the address.")
	case errors.Is(err, syscall.ECONNREFUSED):
		return say("Nothing listens at the address of the store. Check host and port, and that the store runs.")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return say("The store did not answer within " + limit.String() + ". Try again later, or ask for a shorter time.")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return say("The store ended the connection before its answer was complete. If it speaks TLS, the address begins with https://.")
	}
	return say("The store cannot be reached. Check the address, and that the store runs.")
}
