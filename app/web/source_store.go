package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// storeWord is what people call a store.
func storeWord(k runs.StoreKind) string {
	switch k {
	case runs.OpenSearch:
		return "OpenSearch"
	case runs.Elasticsearch:
		return "Elasticsearch"
	case runs.Calico:
		return "Calico"
	}
	return "Files"
}

// signInWord is what people call a way to sign in.
func signInWord(w runs.SignIn) string {
	for _, o := range signInOptions(w) {
		if o.Selected {
			return o.Text
		}
	}
	return string(w)
}

// signInOptions are the ways to sign in to a store.
func signInOptions(chosen runs.SignIn) []part.Option {
	options := []part.Option{
		{Value: string(runs.NoSignIn), Text: "Nothing", Note: "The store answers everybody who reaches it."},
		{Value: string(runs.Password), Text: "User and password", Note: "Of an account made for Logreeve, with the role below."},
		{Value: string(runs.APIKey), Text: "API key", Note: "Encoded, as Elasticsearch shows it once."},
		{Value: string(runs.Bearer), Text: "Bearer token", Note: "Of a service account, OpenID Connect or JWT."},
		{Value: string(runs.Certificate), Text: "Client certificate", Note: "The store maps its name to a user."},
		{Value: string(runs.AWS), Text: "AWS access key", Note: "Requests are signed with Signature Version 4."},
	}
	for i := range options {
		options[i].Selected = options[i].Value == string(chosen)
	}
	return options
}

// profiles are the shapes in which pipelines put events into stores.
var profiles = [...]struct{ name, title, note string }{
	{"", "The usual one", "The event stands at the root of each document as it was written, with bodies as objects; of hosts, message, program and host in fields."},
	{"welkin", "Welkin, Compliant Kubernetes", "Bodies are JSON in a text, @timestamp is the time of the stage, the cluster stands in cluster.name."},
	{"elastic-agent", "Elastic Agent", "The event stands below kubernetes.audit; the agent takes metadata out of bodies."},
	{"fluent-bit", "Fluent Bit with Replace_Dots", "Dots in names became underscores."},
	{"wrapped", "Whole event in one text", "In the field message or log, as Filebeat and Vector do without decoding."},
}

// StoreProfile is a profile of the operator's own, as the form offers it.
type StoreProfile struct {
	Name string
	Kind connectors.Kind
}

// profileOptions are the profiles to choose from: those of the operator before
// the presets, which they hide when they have the same name.
func profileOptions(chosen string, own []StoreProfile) []part.Option {
	var options []part.Option
	add := func(o part.Option) {
		o.Selected = o.Value == chosen
		if !slices.ContainsFunc(options, func(p part.Option) bool { return p.Value == o.Value }) {
			options = append(options, o)
		}
	}
	for i, p := range profiles {
		if i == 1 { // after the usual one
			for _, o := range own {
				add(part.Option{Value: o.Name, Text: o.Name, Note: ownProfile(o.Name, own)})
			}
		}
		add(part.Option{Value: p.name, Text: p.title, Note: p.note})
	}
	add(part.Option{Value: chosen, Text: chosen, Note: "A profile that the operator's settings do not hold."})
	return options
}

// ownProfile says of which kinds of log a profile of the operator is.
func ownProfile(name string, own []StoreProfile) string {
	var kinds []string
	for _, o := range own {
		if o.Name == name {
			kinds = append(kinds, kindWord(o.Kind))
		}
	}
	return "Of the operator's settings, for " + strings.Join(kinds, " and ") + "."
}

// storeFacts is how a search store is read. by is who gave its credentials.
func storeFacts(f Format, src runs.Source, by string) []part.Pair {
	place := placeOf(src.Target)
	facts := []part.Pair{
		{Key: "Store", Text: storeWord(src.Store)},
		{Key: "Address", Text: place.URL, Mono: true},
		{Key: "Index pattern", Text: place.Pattern, Mono: true},
		{Key: "Kind", Text: kindWord(src.Kind)},
	}
	if place.Profile != "" {
		facts = append(facts, part.Pair{Key: "Profile", Text: place.Profile, Mono: true})
	}
	if place.Time != "" {
		facts = append(facts, part.Pair{Key: "Time field", Text: place.Time, Mono: true})
	}
	trust := "authorities of this machine"
	switch {
	case strings.HasPrefix(place.URL, "http://"):
		trust = "none: the connection is not encrypted"
	case src.CA != "":
		trust = "authorities given for this source only"
	}
	return append(facts, part.Pair{Key: "Certificate", Text: trust}, signInPair(f, src, by))
}

// signInPair says how Logreeve signs in, and never with what.
func signInPair(f Format, src runs.Source, by string) part.Pair {
	p := part.Pair{Key: "Signs in with", Text: signInWord(src.SignIn)}
	switch {
	case src.SignIn == runs.NoSignIn:
	case src.Secret.Set():
		p.Sub = "set, changed " + f.Time(src.Secret.SetAt) + " by " + logText(by)
	default:
		p.Chips = []part.Chip{{Text: "not set", Kind: "bad", Icon: "warn"}}
		p.Sub = "The credentials were removed when the address changed. Give them again."
	}
	return p
}

// place is a store's target in its parts.
type place struct{ URL, Pattern, Profile, Time string }

// placeOf takes a target apart; what cannot be read stands in URL.
func placeOf(target string) place {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return place{URL: target}
	}
	return place{URL: u.Scheme + "://" + u.Host, Pattern: strings.Trim(u.Path, "/"), Profile: u.Query().Get("profile"), Time: u.Query().Get("time")}
}

// target puts the parts together.
func (p place) target() string {
	pattern := strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23").Replace(strings.Trim(p.Pattern, "/ "))
	options := url.Values{}
	if p.Profile != "" {
		options.Set("profile", p.Profile)
	}
	if p.Time != "" {
		options.Set("time", p.Time)
	}
	text := strings.TrimRight(p.URL, "/") + "/" + pattern
	if len(options) > 0 {
		text += "?" + options.Encode()
	}
	return text
}

// store says of a search store what it is and what it lets us see.
func (l *lookFound) store(f Format, now connectors.Instant, src runs.Source, p connectors.Probe) {
	st := p.Store
	l.Said = storeSentence(now, p)
	name := strings.TrimSpace(or(logText(st.Product), storeWord(src.Store)) + " " + logText(st.Version))
	connection := "encrypted, certificate checked"
	if !st.TLS {
		connection = "not encrypted: log text travels in the clear"
	}
	extent := plural(st.Documents, "document", "documents")
	if p.Bytes > 0 { // not known without the right to ask
		extent += ", " + sizeWords(p.Bytes)
	}
	l.Facts = append([]part.Pair{
		{Key: "Store", Text: name},
		{Key: "Connection", Text: connection},
		{Key: "Indices", Text: plural(st.Indices, "index", "indices"), Sub: extent},
	}, withoutSize(l.Facts)...)
	if st.Profile != "" {
		l.Facts = append(l.Facts, part.Pair{Key: "Read with", Text: "profile " + logText(st.Profile)})
	}
	switch {
	case st.Indices == 0:
		l.Chip = part.Chip{Text: "no index", Kind: "bad", Icon: "warn"}
	case len(st.Lacking) > 0:
		l.Chip = part.Chip{Text: "rights are missing", Kind: "warn", Icon: "lock"}
	}
	if other := otherProduct(src.Store, st.Product); other != "" {
		l.Missing = append(l.Missing, "This is "+other+", not "+storeWord(src.Store)+". It is read all the same; connect it as "+other+", so that the role fits.")
	}
	for _, right := range st.Lacking {
		l.Missing = append(l.Missing, "The right "+logText(right)+" is missing. Add it to the role, or copy the role below.")
	}
	if len(st.Lacking) > 0 {
		role := newStoreRole(src)
		l.Role = &role
	}
	l.Keeps = storeKeeps(f, now, p)
}

// otherProduct is what the server turned out to be, "" when it is what was said.
// Calico keeps its logs in Elasticsearch.
func otherProduct(said runs.StoreKind, found string) string {
	if found == "" || found == storeWord(said) || said == runs.Calico {
		return ""
	}
	return logText(found)
}

// withoutSize drops what is said of files.
func withoutSize(pairs []part.Pair) []part.Pair {
	var rest []part.Pair
	for _, p := range pairs {
		if p.Key != "Size" {
			rest = append(rest, p)
		}
	}
	return rest
}

// storeSentence says in one line what was found: "Reachable over TLS:
// OpenSearch 2.19.3, 41 indices, newest event 2 minutes ago, oldest 29 days
// ago, 14 of 14 fields."
func storeSentence(now connectors.Instant, p connectors.Probe) string {
	st := p.Store
	text := "Reachable over TLS: "
	if !st.TLS {
		text = "Reachable without TLS: "
	}
	words := []string{strings.TrimSpace(logText(or(st.Product, "a store") + " " + st.Version)), plural(st.Indices, "index", "indices")}
	if p.Newest != 0 {
		words = append(words, "newest event "+ago(now, p.Newest), "oldest "+ago(now, p.Oldest))
	} else {
		words = append(words, "no event")
	}
	known := 0
	for _, field := range p.Fields {
		if field.Found {
			known++
		}
	}
	if len(p.Fields) > 0 {
		words = append(words, "fields "+chart.Count(int64(known))+" of "+chart.Count(int64(len(p.Fields))))
	}
	return text + strings.Join(words, ", ") + "."
}

const (
	quarter = 92 // days: how far back a review may have to look
	young   = 7  // days: a store that holds less began lately, and nothing was deleted yet
)

// storeKeeps warns when a store deletes before a quarter's review can look, with
// the date on which what is logged today is gone.
func storeKeeps(f Format, now connectors.Instant, p connectors.Probe) *part.Notice {
	days, known := p.Store.Retention, true
	if days == 0 && p.Oldest != 0 {
		days, known = int(now.Sub(p.Oldest)/(24*time.Hour)), false
	}
	if days == 0 || days > quarter || (!known && days < young) {
		return nil
	}
	gone := f.Date(now.Add(time.Duration(days) * 24 * time.Hour))
	n := &part.Notice{Kind: "warn", Title: fmt.Sprintf("The store deletes after %s: what is logged today is gone on %s.", plural(days, "day", "days"), gone)}
	if !known {
		n.Title = fmt.Sprintf("The oldest event is of %s. If the store deletes what is older, what is logged today is gone on %s.", f.Date(p.Oldest), gone)
	}
	n.Text = "Run checks at least weekly: a review rests on what runs read before it was deleted."
	return n
}

// storeProblem says why a store could not be looked at and what to do.
func storeProblem(src runs.Source, err error) *part.Notice {
	title, text := firstSentence(fault.Message(err))
	n := &part.Notice{Kind: "down", Title: logText(title), Text: logText(text)}
	switch {
	case fault.KindOf(err) == fault.Internal:
	case fault.FieldOf(err) == "url":
		n.Text = or(n.Text, "Nothing was asked.")
	case n.Text == "":
		n.Text = "Mend what is named here and look again. What the store needs stands in the role for " + storeWord(src.Store) + "."
	}
	return n
}

// firstSentence splits a message after its first sentence.
func firstSentence(message string) (first, rest string) {
	if i := strings.Index(message, ". "); i >= 0 {
		return message[:i+1], strings.TrimSpace(message[i+1:])
	}
	return message, ""
}
