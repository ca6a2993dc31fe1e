package command

import (
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"logreeve/app"
	"logreeve/app/config"
	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/connectors"
	"logreeve/connectors/file"
	"logreeve/connectors/search"
)

// storeSource is a search store as named on the command line, with credentials
// from the environment; ok is false when the specification names none.
func storeSource(spec file.Spec) (src runs.Source, with runs.Credentials, ok bool, err error) {
	kind, target := string(spec.Kind), spec.Target
	if kind == "" {
		kind, target, _ = strings.Cut(target, ":")
	}
	src = runs.Source{Name: spec.Name, Store: runs.StoreKind(kind), Target: target}
	switch src.Store {
	case runs.OpenSearch, runs.Elasticsearch, runs.Calico:
	default:
		return runs.Source{}, runs.Credentials{}, false, nil
	}
	if src.Name == "" {
		src.Name = kind
	}
	profiles, err := config.CommandProfiles(os.LookupEnv)
	if err != nil {
		return src, with, true, err
	}
	src.Kind = kindInStore(target, profiles)
	c, err := config.SourceCredentials(src.Name, os.LookupEnv)
	if err != nil {
		return src, with, true, err
	}
	if c.CAFile != "" {
		bundle, err := os.ReadFile(c.CAFile)
		if err != nil {
			return src, with, true, fault.Wrap(fault.Invalid, err, "The CA bundle %s of source %s cannot be read.", c.CAFile, src.Name)
		}
		src.CA = string(bundle)
	}
	with = runs.Credentials{User: c.User, Password: c.Password.Reveal(), APIKey: c.APIKey.Reveal(), Token: c.Token.Reveal()}
	return src, with, true, nil
}

// kindInStore is the kind of log that a target holds: that of its profile when
// the profile is of one kind only; an auth log when its profile is syslog or all
// its patterns begin with authlog, as in Welkin; otherwise the Kubernetes audit log.
func kindInStore(target string, own []search.Profile) connectors.Kind {
	place, options, _ := strings.Cut(target, "?")
	if strings.Contains("&"+options+"&", "&profile=syslog&") {
		return connectors.AuthLog
	}
	kinds := map[connectors.Kind]bool{}
	for _, p := range own {
		if strings.Contains("&"+options+"&", "&profile="+p.Name+"&") {
			kinds[p.Kind] = true
		}
	}
	if len(kinds) == 1 {
		return slices.Collect(maps.Keys(kinds))[0]
	}
	pattern := place[strings.LastIndexByte(place, '/')+1:]
	for p := range strings.SplitSeq(pattern, ",") {
		if !strings.HasPrefix(p, "authlog") {
			return connectors.Kubernetes
		}
	}
	return connectors.AuthLog
}

// openSearchStore opens a search store, if the specification names one.
func openSearchStore(spec file.Spec) (opened []connectors.Source, ok bool, err error) {
	src, with, ok, err := storeSource(spec)
	if err != nil || !ok {
		return nil, ok, err
	}
	profiles, err := config.CommandProfiles(os.LookupEnv)
	if err != nil {
		return nil, true, err
	}
	opened, err = app.StoreOpener(time.Now, nil, profiles)(src, with)
	return opened, true, err
}
