package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"logreeve/app/runs"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// sourceForm is the form of a source as typed.
type sourceForm struct {
	Source  runs.Source
	Year    string
	Place   place            // of a search store
	Given   runs.Credentials // never written back
	Carried string           // credentials of the last look, sealed
	By      string           // who gave the stored credentials
	Own     []StoreProfile   // profiles of the operator's own
}

// sourceFields is the order of the form.
var sourceFields = [...]string{
	"name", "store", "target", "url", "pattern", "kind", "profile", "time", "zone", "year", "ca", "sign_in", "user", "password", "api_key", "token",
	"client_cert", "client_key", "aws_region", "aws_service", "aws_access_key", "aws_secret_key", "aws_session",
}

// newSourceForm is the form of a source as it is.
func newSourceForm(src runs.Source, by string) sourceForm {
	f := sourceForm{Source: src, By: by}
	if src.Year != 0 {
		f.Year = strconv.Itoa(src.Year)
	}
	if src.Store != runs.Files {
		f.Place = placeOf(src.Target)
	}
	return f
}

// blankSourceForm is the form of a new source in a store.
func blankSourceForm(store runs.StoreKind) sourceForm {
	f := sourceForm{Source: runs.Source{Store: store}}
	switch store {
	case runs.OpenSearch, runs.Elasticsearch:
		f.Source.Kind, f.Source.SignIn = connectors.Kubernetes, runs.Password
	case runs.Calico:
		f.Source.Kind, f.Source.SignIn, f.Place = connectors.Kubernetes, runs.Password, place{Pattern: "tigera_secure_ee_audit_*,calico_auditlogs*"}
	default:
		f.Source.Store = runs.Files
	}
	return f
}

// readSourceForm reads the form of a source.
func readSourceForm(form url.Values) (sourceForm, Faults) {
	word := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	f, faults := sourceForm{Year: word("year")}, Faults{}
	f.Source = runs.Source{
		ID: form.Get("id"), Name: word("name"), Target: word("target"), Kind: connectors.Kind(form.Get("kind")), Zone: word("zone"), Store: runs.StoreKind(form.Get("store")),
	}
	f.Source.Version, _ = strconv.ParseInt(form.Get("version"), 10, 64)
	if f.Year != "" {
		var err error
		if f.Source.Year, err = strconv.Atoi(f.Year); err != nil {
			faults["year"] = "Write the year with four digits, such as 2026."
		}
	}
	switch f.Source.Kind {
	case connectors.Kubernetes, connectors.AuthLog:
	case "":
		if f.Source.Store != runs.Files {
			faults["kind"] = "Choose what the documents hold."
		}
	default:
		faults["kind"] = "Choose one of the kinds in the list."
	}
	if f.Source.Store != runs.Files {
		f.readStore(form, faults)
	}
	return f, faults
}

// readStore reads what only search stores have.
func (f *sourceForm) readStore(form url.Values, faults Faults) {
	word := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	f.Place = place{URL: word("url"), Pattern: word("pattern"), Profile: word("profile"), Time: word("time")}
	f.Source.CA, f.Source.SignIn, f.Carried = word("ca"), runs.SignIn(form.Get("sign_in")), form.Get("carried")
	u, err := url.Parse(f.Place.URL)
	switch {
	case f.Place.URL == "":
		faults["url"] = "Give the address of the store, such as https://search.example.org:9200."
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		faults["url"] = "Give scheme, host and port only, such as https://search.example.org:9200. The index pattern has its own field."
	case u.User != nil:
		f.Place.URL = u.Scheme + "://" + u.Host
		faults["url"] = "Credentials do not belong into the address, where they would be shown. Give them below."
	}
	if f.Place.Pattern == "" {
		faults["pattern"] = "Give the index pattern, such as kubeaudit*."
	}
	f.Source.Target = f.Place.target()
	switch f.Source.SignIn { // only what is shown counts
	case runs.Password:
		f.Given.User, f.Given.Password = word("user"), form.Get("password")
	case runs.APIKey:
		f.Given.APIKey = word("api_key")
	case runs.Bearer:
		f.Given.Token = word("token")
	case runs.Certificate:
		f.Given.ClientCert, f.Given.ClientKey = word("client_cert"), word("client_key")
	case runs.AWS:
		f.Given.AWSAccessKey, f.Given.AWSSecretKey, f.Given.AWSSession = word("aws_access_key"), word("aws_secret_key"), word("aws_session")
		if f.Given.AWSAccessKey != "" || f.Given.AWSSecretKey != "" || f.Given.AWSSession != "" {
			f.Given.AWSRegion, f.Given.AWSService = word("aws_region"), or(word("aws_service"), "es")
		}
	}
}

// placed moves what is said of a target to the field where people wrote it.
func (f sourceForm) placed(faults Faults) Faults {
	if f.Source.Store == runs.Files {
		return faults
	}
	for from, to := range map[string]string{"target": "pattern", "credentials": "sign_in"} {
		if text, ok := faults[from]; ok && faults[to] == "" {
			faults[to] = text
		}
		delete(faults, from)
	}
	return faults
}

// fields are the fields of a file source.
func (f sourceForm) fields(faults Faults) []part.Field {
	return []part.Field{
		f.nameField(faults),
		{ID: "target", Name: "target", Label: "File, folder or pattern", Value: f.Source.Target, Error: faults.For("target"), Required: true, Mono: true, MaxLength: 4000, Autocomplete: "off",
			Placeholder: "/var/log/apiserver/audit*.log", Hint: "The whole path on the machine that runs Logreeve. Rotated and compressed files are read too."},
		{ID: "kind", Name: "kind", Label: "Kind of log", Kind: "select", Error: faults.For("kind"), Options: kindOptions(f.Source.Kind, "", connectors.Kubernetes, connectors.AuthLog)},
		{ID: "zone", Name: "zone", Label: "Time zone of stamps without one", Value: f.Source.Zone, Error: faults.For("zone"), Optional: true, MaxLength: 60, Placeholder: "UTC", Autocomplete: "off",
			Hint: "For syslog of hosts whose clock shows local time: Europe/Stockholm."},
		{ID: "year", Name: "year", Label: "Year of stamps without one", Value: f.Year, Error: faults.For("year"), Optional: true, Short: true, InputMode: "numeric", MaxLength: 4, Autocomplete: "off",
			Hint: "Traditional syslog has no year. Left empty, it follows from the time of the file."},
	}
}

func (f sourceForm) nameField(faults Faults) part.Field {
	return part.Field{ID: "name", Name: "name", Label: "Name", Value: f.Source.Name, Error: faults.For("name"), Required: true, MaxLength: 60, Autocomplete: "off",
		Hint: "How pages and evidence call it, without spaces: kubernetes, ssh-bastion."}
}

func kindOptions(chosen connectors.Kind, kinds ...connectors.Kind) []part.Option {
	options := make([]part.Option, 0, len(kinds))
	for _, k := range kinds {
		options = append(options, part.Option{Value: string(k), Text: kindWord(k), Selected: k == chosen})
	}
	return options
}

// storeForm is what only the form of a search store has.
type storeForm struct {
	Where   []part.Field // address, pattern, kind
	Profile *part.Choice // nil: the store has its own
	Time    part.Field
	CA      part.Field
	SignIn  part.Choice
	Ways    []signInWay
	Stored  string // what is known of stored credentials
	Carried string
	Role    storeRole
}

// signInWay is the fields of one way to sign in.
type signInWay struct {
	Way    string // its class, and the value of its choice
	Fields []part.Field
}

func (f sourceForm) storeForm(when Format, faults Faults) *storeForm {
	if f.Source.Store == runs.Files {
		return nil
	}
	s := &storeForm{
		Where: []part.Field{
			f.nameField(faults),
			{ID: "url", Name: "url", Label: "Address", Value: f.Place.URL, Error: faults.For("url"), Required: true, Mono: true, MaxLength: 300, Autocomplete: "off", InputMode: "url",
				Placeholder: "https://search.example.org:9200", Hint: "Scheme, host and port. The operator opens hosts in sources.allow_hosts."},
			{ID: "pattern", Name: "pattern", Label: "Index pattern", Value: f.Place.Pattern, Error: faults.For("pattern"), Required: true, Mono: true, MaxLength: 300, Autocomplete: "off",
				Placeholder: "kubeaudit*", Hint: "Of the audit log alone, separated by commas if there are several. Rotated indices are found by the star."},
		},
		Time: part.Field{ID: "time", Name: "time", Label: "Time field", Value: f.Place.Time, Error: faults.For("time"), Optional: true, Mono: true, MaxLength: 200, Autocomplete: "off",
			Hint: "Only if it is not the one of the profile."},
		CA: part.Field{ID: "ca", Name: "ca", Label: "Authorities to trust (CA bundle)", Kind: "textarea", Value: f.Source.CA, Error: faults.For("ca"), Optional: true, Mono: true, Rows: 4, MaxLength: 60000,
			Placeholder: "-----BEGIN CERTIFICATE-----", Hint: "For a certificate that your own authority signed. The certificate is always checked."},
		SignIn: part.Choice{ID: "sign_in", Name: "sign_in", Legend: "How Logreeve signs in", Error: faults.For("sign_in"), Options: signInOptions(f.Source.SignIn)},
		Ways:   signInWays(f.Source.SignIn, faults), Carried: f.Carried, Role: newStoreRole(f.Source),
	}
	if f.Source.Store == runs.Calico {
		if len(f.Own) > 0 || f.Place.Profile != "" {
			s.Profile = calicoProfile(f, faults)
		}
		s.Where = append(s.Where, part.Field{ID: "kind", Name: "kind", Label: "Kind of log", Kind: "select", Error: faults.For("kind"), Options: kindOptions(connectors.Kubernetes, connectors.Kubernetes)})
	} else {
		s.Where = append(s.Where, part.Field{ID: "kind", Name: "kind", Label: "Kind of log", Kind: "select", Error: faults.For("kind"), Options: kindOptions(f.Source.Kind, connectors.Kubernetes, connectors.AuthLog)})
		s.Profile = &part.Choice{ID: "profile", Name: "profile", Legend: "How events stand in the documents", Error: faults.For("profile"), Options: profileOptions(f.Place.Profile, f.Own)}
	}
	if f.Source.Store != runs.OpenSearch && f.Source.SignIn != runs.AWS { // only Amazon's OpenSearch is signed in to so
		s.SignIn.Options, s.Ways = s.SignIn.Options[:len(s.SignIn.Options)-1], s.Ways[:len(s.Ways)-1]
	}
	s.Stored = f.stored(when)
	return s
}

// calicoProfile offers Calico's own profile and those of the operator.
func calicoProfile(f sourceForm, faults Faults) *part.Choice {
	options := []part.Option{{Text: "Calico's own", Note: "Both layouts of Calico Enterprise and Calico Cloud.", Selected: f.Place.Profile == ""}}
	for _, o := range profileOptions(f.Place.Profile, f.Own) {
		if o.Selected && o.Value != "" || slices.ContainsFunc(f.Own, func(p StoreProfile) bool { return p.Name == o.Value }) {
			options = append(options, o)
		}
	}
	return &part.Choice{ID: "profile", Name: "profile", Legend: "How events stand in the documents", Error: faults.For("profile"), Options: options}
}

// stored says what is known of the credentials and what leaving the fields empty
// means.
func (f sourceForm) stored(when Format) string {
	switch {
	case f.Carried != "":
		return "The credentials you gave for the look are kept for saving, for this address only. Leave the fields empty."
	case f.Source.Secret.Set():
		return "Set, changed " + when.Time(f.Source.Secret.SetAt) + " by " + logText(f.By) + ". Leave the fields empty to keep them. A new address, pattern or authority removes them."
	}
	return ""
}

func signInWays(chosen runs.SignIn, faults Faults) []signInWay {
	text := func(name, label, hint string) part.Field {
		return part.Field{ID: name, Name: name, Label: label, Hint: hint, Error: faults.For(name), MaxLength: 500, Autocomplete: "off"}
	}
	secret := func(name, label, hint string) part.Field {
		p := text(name, label, hint)
		p.Kind, p.MaxLength, p.Autocomplete = "password", 8000, "new-password"
		return p
	}
	pem := func(name, label, placeholder string) part.Field {
		return part.Field{ID: name, Name: name, Label: label, Kind: "textarea", Mono: true, Rows: 4, MaxLength: 60000, Placeholder: placeholder, Error: faults.For(name), Autocomplete: "off"}
	}
	session := secret("aws_session", "Session token", "Of temporary keys.")
	session.Optional = true
	service := part.Field{ID: "aws_service", Name: "aws_service", Label: "Service", Kind: "select", Error: faults.For("aws_service"), Options: []part.Option{{Value: "es", Text: "OpenSearch Service"}, {Value: "aoss", Text: "OpenSearch Serverless"}}}
	return []signInWay{
		{"basic", []part.Field{text("user", "User", ""), secret("password", "Password", "")}},
		{"api_key", []part.Field{secret("api_key", "API key", "The value that Elasticsearch calls encoded.")}},
		{"bearer", []part.Field{secret("token", "Token", "")}},
		{"certificate", []part.Field{pem("client_cert", "Certificate", "-----BEGIN CERTIFICATE-----"), pem("client_key", "Private key", "-----BEGIN PRIVATE KEY-----")}},
		{"aws", []part.Field{text("aws_region", "Region", "Such as eu-north-1."), service, text("aws_access_key", "Access key id", ""), secret("aws_secret_key", "Secret access key", ""), session}},
	}
}
