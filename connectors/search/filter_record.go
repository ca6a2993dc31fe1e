package search

import (
	"logreeve/connectors"
)

// settled are the fields that every stage of a request has alike.
var settled = map[string]string{
	"verb": "verb", "login": "user.username", "groups": "user.groups", "group": "objectRef.apiGroup", "resource": "objectRef.resource",
	"subresource": "objectRef.subresource", "uri": "requestURI", "user_agent": "userAgent", "native_id": "auditID",
}

// growing are those that the first stages may lack.
var growing = map[string]string{
	"namespace": "objectRef.namespace", "name": "objectRef.name", "version": "objectRef.apiVersion", "level": "level", "code": "responseStatus.code",
}

// record asks for records of Kubernetes.
func (a asker) record(f connectors.Filter) question {
	switch f.Field {
	case "kind":
		return static(f, string(connectors.Kubernetes))
	case "source":
		return static(f, a.source)
	case "category":
		return static(f, string(connectors.CategoryAPI))
	case "host", "command", "message":
		return constant(false)
	case "outcome":
		return a.outcome(f)
	case "dry_run":
		return a.dryRun(f)
	case "actor", "effective":
		return a.identity(f)
	case "actor_kind":
		return a.person(f)
	case "client_ip":
		if f.Op == connectors.OpIn {
			return question{wide: a.leaf(connectors.In("", f.Values...), "sourceIPs").wide}
		}
		return question{}
	case "cluster":
		if len(a.profile.Cluster) == 1 {
			return a.field(f, a.fields.at(a.profile.Cluster[0]))
		}
		return question{}
	}
	if path, ok := settled[f.Field]; ok {
		return a.leaf(f, path)
	}
	if path, ok := growing[f.Field]; ok {
		return a.leaf(f, path)
	}
	return question{}
}

// outcome asks for how requests ended, which is read from the status code and
// from what the authoriser noted.
func (a asker) outcome(f connectors.Filter) question {
	if f.Op != connectors.OpIn {
		return question{}
	}
	decision := "annotations.authorization.k8s.io/decision"
	if a.profile.Underscores {
		decision = "annotations.authorization_k8s_io/decision"
	}
	code := func(values ...string) question { return a.leaf(connectors.In("", values...), "responseStatus.code") }
	between := func(from, to string) question { return a.leaf(connectors.Range("", from, to), "responseStatus.code") }
	forbidden := a.leaf(connectors.In("", "forbid"), decision)
	denied := either(code("401", "403"), forbidden)
	var out []question
	for _, v := range f.Values {
		switch connectors.Outcome(v) {
		case connectors.Denied:
			out = append(out, denied)
		case connectors.OK:
			out = append(out, both(between("100", "400"), denied.not()))
		case connectors.Failed:
			out = append(out, both(a.leaf(connectors.Exists(""), "responseStatus.code"), both(between("100", "400").not(), denied.not())))
		case connectors.Unknown:
			out = append(out, both(a.leaf(connectors.Exists(""), "responseStatus.code").not(), forbidden.not()))
		}
	}
	return either(out...)
}

// identity asks for whom a request is held against, or as whom it ran. The
// register decides which of two names that is, so both are asked for.
func (a asker) identity(f connectors.Filter) question {
	if f.Op != connectors.OpIn && (f.Op != connectors.OpExists || f.Field != "effective") {
		return question{}
	}
	effective := a.leaf(f, "impersonatedUser.username")
	if f.Field == "effective" {
		return question{wide: effective.wide}
	}
	login := a.leaf(f, "user.username")
	nobody := a.leaf(connectors.Exists(""), "impersonatedUser.username").not()
	return question{wide: either(login, effective).wide, narrow: both(login, nobody).narrow}
}

// person asks for people: names of the system begin with "system:".
func (a asker) person(f connectors.Filter) question {
	if f.Op != connectors.OpIn || len(f.Values) == 0 {
		return question{}
	}
	for _, v := range f.Values {
		if k := connectors.ActorKind(v); k != connectors.Human && k != connectors.UnknownActor {
			return question{}
		}
	}
	system := a.leaf(connectors.Prefix("", "system:"), "user.username")
	nobody := a.leaf(connectors.Exists(""), "impersonatedUser.username").not()
	return question{wide: both(system, nobody).not().wide}
}

// maxClauses is how many leaves a request has: servers refuse more than 1,024.
const maxClauses = 900

// narrowed is what the store is asked for a filter: the last records of requests
// that it may select, which hold all that is known of them. It is nil when the
// store could not tell them apart, or not in one request.
func (a asker) narrowed(f connectors.Filter) object {
	wide := a.ask(f).wide
	if wide == nil || wide["match_all"] != nil || clauses(wide) > maxClauses {
		return nil
	}
	return wide
}

// ended asks for the last records of requests. A stage is one of four words, so
// that the field tells them apart also where it is kept as text.
func (a asker) ended() question {
	q := a.leaf(connectors.In("", "ResponseComplete", "Panic"), "stage")
	if q.narrow == nil && a.fields.at(a.profile.path("stage")).shape == words {
		q.narrow = q.wide
	}
	return q
}

// dryRun asks for requests that were not to be carried out, which their address
// says. What might spell it otherwise is in the wide question.
func (a asker) dryRun(f connectors.Filter) question {
	uri := a.fields.at(a.profile.path("requestURI"))
	m, err := connectors.Compile(f)
	if err != nil || uri.whole == "" || a.fields.limits.special[uri.whole] {
		return question{}
	}
	var list []object
	for _, like := range []string{"*dryRun*", `*\?*%*`} {
		list = append(list, object{"wildcard": object{uri.whole: object{"value": like}}})
	}
	perhaps := question{wide: a.whole(uri, joined(list, "should", nothing, everything)).wide}
	yes, no := m.Match(&connectors.Event{DryRun: true}), m.Match(&connectors.Event{})
	switch {
	case yes == no:
		return constant(yes)
	case yes:
		return perhaps
	}
	return perhaps.not()
}
