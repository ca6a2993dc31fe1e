package app_test

import (
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"logreeve/app"
	"logreeve/app/config"
	"logreeve/app/fault"
)

// TestPortInUse: a port that another program has is one clear sentence, and
// nothing is started.
func TestPortInUse(t *testing.T) {
	other, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	where := other.Addr().String()
	open := func(listen string) *app.App {
		settings, err := config.LoadServer("", func(key string) (string, bool) {
			value, ok := map[string]string{"LOGREEVE_LISTEN": listen, "LOGREEVE_DATA_DIR": t.TempDir(), "LOGREEVE_ORGANISATION_NAME": "Example"}[key]
			return value, ok
		})
		if err != nil {
			t.Fatal(err)
		}
		a, err := app.New(t.Context(), app.Options{Config: *settings, Log: slog.New(slog.DiscardHandler), Now: time.Now, Idle: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = a.Close() })
		return a
	}
	err = open(where).Listen()
	if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Message(err), where) {
		t.Errorf("%v", err)
	}
	if err := open("127.0.0.1:0").Listen(); err != nil { // the control: a free port
		t.Error(err)
	}
}
