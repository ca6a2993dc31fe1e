package part

// Step is one part of a review: {{template "steps" .}} takes a slice. State is
// "done", "now", "todo" or "blocked"; a blocked one has no Href.
type Step struct {
	Text, Href, Count, State string
}

// Queue is the list of items of a review: {{template "queue" .}}, inside a card.
// static/js/review.js reads it.
type Queue struct {
	Review string
	CSRF   string
	Base   string // where items lie below the review: "items" if not given, "sample"
	Verb   string // what one does with them: "decided" if not given, "read"
	Groups []QueueGroup
	// Bulk says that the reader may decide several at once.
	Bulk bool
	// Expects is the latest day an exception may end, YYYY-MM-DD, or "".
	Expects string
}

// Place gives where items lie below the review.
func (q Queue) Place() string {
	if q.Base == "" {
		return "items"
	}
	return q.Base
}

// Done gives the word for items that are done.
func (q Queue) Done() string {
	if q.Verb == "" {
		return "decided"
	}
	return q.Verb
}

// QueueGroup is items under one head; Title may be "".
type QueueGroup struct {
	Title string
	Items []QueueItem
}

// QueueItem is one line of the queue. State is "pending", "explained",
// "expected", "finding", "escalated", "read" or "own" (another person decides
// it).
// Violation says that it cannot be merely explained.
type QueueItem struct {
	Key, Href string
	Version   int64
	State     string
	Title, By string // By: "alice@example.com · 1 change"
	Word      string // "Explained", "goes to Lena", "Finding F-118"
	Severity  string
	Current   bool
	Violation bool
}

// Icon gives the symbol of the state, "" while it is pending.
func (q QueueItem) Icon() string {
	switch q.State {
	case "explained", "expected", "read":
		return "check"
	case "finding":
		return "findings"
	case "escalated":
		return "escalate"
	case "own":
		return "lock"
	}
	return ""
}

// Decide is the bar under an item: {{template "decide" .}}. Each decision is a
// small form that works without script. A decision that is not possible is left
// out of Offers; Locked then says why none is.
type Decide struct {
	Action  string // /reviews/ID/items/KEY/decision
	Undo    string // /reviews/ID/items/KEY/undo, "" if there is nothing to undo
	CSRF    string
	Version int64
	Offers  []Offer
	Locked  string
	Decided *Decided
}

// Offer is one decision. Suggested is what the check suggests: the one filled
// button.
type Offer struct {
	Decision  string // explained, expected, finding, escalated, note
	Text      string
	Key       string // the key that opens it
	Ask       string // the label of the reason
	Hint      string
	Do        string // words of the button
	Until     bool   // asks for the last day of an exception
	UntilMax  string
	Ticket    bool // asks for a change or incident reference
	Needed    bool // the reference must be given
	Suggested bool
	Plain     bool    // one button and no reason
	Reload    bool    // the page is loaded anew afterwards: not a decision of the queue
	Fields    []Field // asked besides the reason, such as the parts of a finding
	More      []Field // the same, folded
	Error     string
	Reason    string // kept after an error
}

// Decided is the last decision about an item.
type Decided struct {
	State, Text, Reason string // "finding", "Finding F-118 by Omar Keita, 20 Nov 10:12"
}

// Offers gives the usual decisions. A violation cannot be merely explained. The
// suggested one is drawn filled.
func Offers(violation bool, suggested string) []Offer {
	all := []Offer{
		{Decision: "explained", Text: "Explained", Key: "a", Ask: "What explains it?", Hint: "Say who ordered it and how you know.", Do: "Save as explained", Ticket: true},
		{Decision: "expected", Text: "Expected…", Key: "e", Ask: "Why is this allowed?", Hint: "An exception ends; it is reviewed again then.", Do: "Save as expected", Until: true, Ticket: true},
		{Decision: "finding", Text: "Finding…", Key: "f", Ask: "What is wrong?", Hint: "Say what is and what should be. The auditor reads it without you.", Do: "Raise a finding"},
		{Decision: "escalated", Text: "Escalate…", Key: "i", Ask: "Why does this go to incident handling?", Hint: "Incident handling takes over; the item counts as decided.", Do: "Escalate", Ticket: true, Needed: true},
	}
	var offers []Offer
	for _, o := range all {
		if violation && o.Decision == "explained" {
			continue
		}
		o.Suggested = o.Decision == suggested
		offers = append(offers, o)
	}
	return offers
}
