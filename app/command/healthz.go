package command

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"logreeve/app/config"
	"logreeve/app/fault"
)

// healthzCommand is for where no other program can ask, as in a container.
func healthzCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "healthz", Short: "Ask the server on this machine whether it can serve pages", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			settings, err := config.LoadServer(file, os.LookupEnv)
			if err != nil {
				return err
			}
			return askHealth(c.Context(), settings.Listen, settings.TLS.CertFile != "")
		},
	}
	c.Flags().StringVar(&file, "config", "", "settings file (YAML); LOGREEVE_* variables win over it")
	return c
}

// askHealth asks the server that listens at an address of this machine.
func askHealth(ctx context.Context, listen string, secure bool) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return fault.Field("listen", "%q is not an address to listen on.", listen)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http"
	if secure {
		scheme = "https"
	}
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	url := scheme + "://" + net.JoinHostPort(host, port) + "/healthz"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fault.Field("listen", "%q is not an address to listen on.", listen)
	}
	// The certificate names the public host, not this machine; nothing secret is said.
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // see above
	answer, err := client.Do(request)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "No server answers at %s.", url)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fault.New(fault.Unavailable, "The server at %s answers %s.", url, answer.Status)
	}
	return nil
}
