package csv

import (
	"strconv"

	"logreeve/reports/policy"
)

// Changes writes policy changes, one row each, with what they do in words and
// what the checks make of them. Specifications are as recorded; the JSON form
// beside it is the authoritative one.
func Changes(changes []policy.Change) ([]byte, error) {
	return write([]string{"time", "operation", "api", "kind", "namespace", "name", "actor", "actor_kind", "client_ip", "user_agent", "ticket", "ticket_source", "cluster",
		"before_known", "content_known", "implied", "now", "before", "verdicts", "before_spec", "after_spec", "event_key", "native_id"},
		func(row func(cells ...string)) {
			for i := range changes {
				c := &changes[i]
				now, before := policy.Sentence(c)
				verdicts := ""
				for _, v := range policy.Judge(c) {
					if verdicts != "" {
						verdicts += "; "
					}
					verdicts += v.Check + " " + v.Title
				}
				row(c.Time.String(), string(c.Operation), Guard(c.API), Guard(c.Kind), Guard(c.Namespace), Guard(c.Name), Guard(c.Actor), string(c.ActorKind),
					Guard(c.ClientIP), Guard(c.UserAgent), Guard(c.Ticket), string(c.TicketSource), Guard(c.Cluster),
					strconv.FormatBool(c.BeforeKnown), strconv.FormatBool(c.ContentKnown), strconv.FormatBool(c.Implied), Guard(now), Guard(before), Guard(verdicts),
					Guard(string(c.Before)), Guard(string(c.After)), c.Event.Key, Guard(c.Event.NativeID))
			}
		})
}
