package policy

import (
	"logreeve/connectors"
	"logreeve/connectors/rawjson"
)

// lastApplied is where kubectl keeps the manifest it was given.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// ticketOf finds the change reference of a write in the resulting object, and
// whether the request gave it or the object had it already. Without the
// resulting object the request alone speaks.
func ticketOf(rule connectors.TicketRule, request, result []byte) (ticket Ticket, source TicketSource) {
	asked := ticketAsked(rule, request)
	if result == nil {
		if asked == "" {
			return "", NoTicket
		}
		return asked, FromRequest
	}
	ticket = rule.InObject(result)
	switch ticket {
	case "":
		return "", NoTicket
	case asked:
		return ticket, FromRequest
	}
	// kubectl apply sends of the annotations only those that differ, but always
	// the manifest it was given.
	if manifest := rawjson.Text(request, "metadata", "annotations", lastApplied); manifest != "" && rule.InObject([]byte(manifest)) == ticket {
		return ticket, FromRequest
	}
	return ticket, Inherited
}

// ticketAsked finds the change reference in what was asked for: an object, a
// merge patch, which has the same shape, or a JSON patch.
func ticketAsked(rule connectors.TicketRule, request []byte) string {
	if len(request) > 0 && request[0] == '[' {
		request = asMerge(request)
	}
	return rule.InObject(request)
}
