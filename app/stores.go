package app

import (
	"context"
	"net"
	"net/url"
	"strconv"
	"time"

	"logreeve/app/fault"
	"logreeve/app/outbound"
	"logreeve/app/runs"
	"logreeve/connectors"
	"logreeve/connectors/search"
)

// Dial connects to a network address, as net.Dialer does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// StoreOpener opens search stores over dial, without asking them yet. dial nil
// connects anywhere: on the command line, who calls is who allows. profiles are
// the operator's own, before the presets.
func StoreOpener(now func() time.Time, dial Dial, profiles []search.Profile) func(runs.Source, runs.Credentials) ([]connectors.Source, error) {
	return func(src runs.Source, with runs.Credentials) ([]connectors.Source, error) {
		c, err := search.ParseTarget(src.Target)
		if err != nil {
			return nil, err
		}
		c.Name, c.Kind = src.Name, src.Kind
		c.Credentials = search.Credentials{
			User: with.User, Password: with.Password, APIKey: with.APIKey, Token: with.Token, CA: src.CA, ClientCert: with.ClientCert, ClientKey: with.ClientKey,
			AWSRegion: with.AWSRegion, AWSService: with.AWSService, AWSAccessKey: with.AWSAccessKey, AWSSecretKey: with.AWSSecretKey, AWSSession: with.AWSSession,
		}
		opened, err := openStore(src.Store, c, profiles, search.Options{Now: now, Dial: dial})
		if err != nil {
			return nil, err
		}
		return []connectors.Source{opened}, nil
	}
}

// checkedStore says what is wrong with where a store is, or that the operator
// has not opened it.
func checkedStore(guard *outbound.Guard) func(runs.Source) error {
	return func(src runs.Source) error {
		c, err := search.ParseTarget(src.Target)
		if err != nil {
			return err
		}
		u, err := url.Parse(c.URL)
		if err != nil {
			return fault.Field("url", "%q is not the address of a store.", c.URL)
		}
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return fault.Field("url", "%q is not a port.", port)
		}
		return guard.Check(u.Hostname(), uint16(n))
	}
}
