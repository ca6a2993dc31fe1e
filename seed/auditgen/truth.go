package auditgen

import (
	"fmt"
	"slices"
	"time"
)

// maxList bounds the policy changes that the truth lists one by one.
const maxList = 2000

// Truth is what a correct checker reports over a generated stream.
type Truth struct {
	// Flags are the options that made the stream, as the command takes them.
	Flags  string `json:"flags"`
	Events int64  `json:"events"`
	Bytes  int64  `json:"bytes"`
	// First and Last are the times of the first and last request (RFC 3339, µs).
	First string `json:"first_received"`
	Last  string `json:"last_received"`
	// Filters holds the number of findings by the id of a filter check.
	Filters map[string]int64 `json:"filters"`
	// FilterIDs lists the audit ids of the findings, where Options.IDs asks for it.
	FilterIDs map[string][]string `json:"filter_audit_ids,omitempty"`
	// CountByUser holds events by user; "" are the events without one.
	CountByUser map[string]int64 `json:"S01_count_by_user"`
	// ManyIPs holds the number of first source addresses of users with more than 3.
	ManyIPs     map[string]int `json:"S02_distinct_ips_over_3"`
	Exactly3IPs int            `json:"S02_near_miss_users_with_3"`
	// BurstIPs are the addresses with 20 or more refusals in one bucket of 5
	// minutes, sorted.
	BurstIPs     []string `json:"S03_denied_burst_ips"`
	NearBurstIPs int      `json:"S03_near_miss_ips"`
	// SecretSpread holds the number of namespaces by identities that read
	// secrets in more than 10.
	SecretSpread map[string]int `json:"S04_secret_namespaces_over_10"`
	// Dormant are the accounts of the roster that no event names, sorted.
	Dormant []string `json:"S05_dormant"`
	// Changes counts the events that changed a network policy.
	Changes       int64            `json:"S06_policy_changes"`
	ByVerb        map[string]int64 `json:"S06_by_verb"`
	BeforeUnknown int64            `json:"S06_changes_whose_before_is_outside_the_window"`
	// Noise counts policy events that changed nothing, by reason.
	Noise map[string]int64 `json:"S06_noise_events"`
	// NoiseIDs lists their audit ids, where Options.IDs asks for it.
	NoiseIDs map[string][]string `json:"S06_noise_audit_ids,omitempty"`
	// ChangesSHA is a chain over the JSON of all changes: the SHA-256 of the
	// previous link followed by the change.
	ChangesSHA string         `json:"S06_sha256_of_all_changes"`
	List       []PolicyChange `json:"S06_first_changes"`
}

// PolicyChange is one change of a network policy. The hashes are the first 8
// bytes of the SHA-256 of the spec with sorted keys and no white space, in hex.
type PolicyChange struct {
	Seq     int64  `json:"seq"` // the line, from 0
	AuditID string `json:"auditID"`
	User    string `json:"user"`
	Verb    string `json:"verb"`
	Policy  string `json:"policy"` // NAMESPACE/NAME; no namespace for a global policy
	Before  string `json:"before_spec_sha256,omitempty"`
	After   string `json:"after_spec_sha256,omitempty"`
	// BeforeInWindow says that the stream shows what the policy was before.
	BeforeInWindow bool `json:"before_in_window"`
}

// Told is the change in words: which policy, by whom, and the digests of its
// specification before and after.
func (c PolicyChange) Told() string {
	before, after := c.Before, c.After
	switch {
	case c.Verb == "create":
		before = "none"
	case !c.BeforeInWindow:
		before = "not known"
	}
	if c.Verb == "delete" {
		after = "none"
	}
	return fmt.Sprintf("%s %s by %s; specification before %s, after %s", c.Policy, c.Verb, c.User, before, after)
}

func newTruth(o Options) *Truth {
	t := &Truth{
		Flags: fmt.Sprintf("-n %d -seed %d -rate %g -start %s -users %d -shuffle=%t -metadata=%t",
			o.Events, o.Seed, o.Rate, o.Start.Format(time.RFC3339), o.Users, o.Shuffle, o.Metadata),
		Events: o.Events, Filters: map[string]int64{}, FilterIDs: map[string][]string{}, CountByUser: map[string]int64{}, ManyIPs: map[string]int{},
		SecretSpread: map[string]int{}, ByVerb: map[string]int64{}, Noise: map[string]int64{}, NoiseIDs: map[string][]string{}, BurstIPs: []string{}, List: []PolicyChange{},
	}
	for _, c := range Checks() {
		if c.Kind == Filter {
			t.Filters[c.ID] = 0
		}
	}
	return t
}

// close draws the sums that need the whole stream.
func (g *gen) close() *Truth {
	t := g.tr
	for u, m := range g.ips {
		switch {
		case len(m) > 3:
			t.ManyIPs[u] = len(m)
		case len(m) == 3:
			t.Exactly3IPs++
		}
	}
	for u, m := range g.spread {
		if len(m) > 10 {
			t.SecretSpread[u] = len(m)
		}
	}
	for _, u := range Roster(g.users) {
		if t.CountByUser[u] == 0 {
			t.Dormant = append(t.Dormant, u)
		}
	}
	slices.Sort(t.Dormant)
	slices.Sort(t.BurstIPs)
	t.ChangesSHA = fmt.Sprintf("%x", g.sha)
	t.Last = ts(g.now)
	return t
}
