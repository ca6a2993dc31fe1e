package reviews

import "logreeve/connectors"

// Templates lists the review templates this version ships, with the checks
// that exist.
func Templates(checks []string) []Template {
	return []Template{{
		ID: "RT-W0", Version: 1, Title: "Weekly log review",
		Procedure: "Decide every item: was it ordered, is it no wider than ordered, and would you allow it today? " +
			"Then read the sample: does it look like normal work? If you cannot tell, say so and raise a finding. " +
			"Items about your own actions go to somebody else.",
		Checks:     checks,
		SampleSize: 25, MinPerStratum: 2,
		SampleFilter: connectors.And(
			connectors.In("actor_kind", string(connectors.Human), string(connectors.UnknownActor)),
			connectors.Or(
				connectors.And(connectors.In("kind", string(connectors.Kubernetes)),
					connectors.In("verb", "create", "update", "patch", "delete", "deletecollection"),
					connectors.In("outcome", string(connectors.OK))),
				connectors.And(connectors.In("kind", string(connectors.AuthLog)),
					connectors.In("category", string(connectors.CategoryLogin), string(connectors.CategoryCommand)),
					connectors.In("outcome", string(connectors.OK)))),
		),
		SampleText: "changes people made in clusters, their logins on hosts and the commands they ran with sudo, as far as no check raised them",
		Cadence:    Weekly, DueDays: 3, GraceDays: 14,
	}}
}

// TemplateByID finds a template.
func TemplateByID(all []Template, id string) (Template, bool) {
	for _, t := range all {
		if t.ID == id {
			return t, true
		}
	}
	return Template{}, false
}
