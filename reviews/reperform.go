package reviews

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
)

// Reperformed marks an approver's own judgement of a decision. It is kept with
// the decisions and decides nothing.
const Reperformed Choice = "reperformed"

// reperformLeast is how many decisions an approver judges again before they
// approve, if there are as many that they may judge.
const reperformLeast = 3

const (
	agrees    = "agrees"
	disagrees = "disagrees"
)

// Agrees says whether a re-performed decision was found right.
func (d *Decision) Agrees() bool {
	return d.Choice == Reperformed && strings.HasPrefix(d.Reason, agrees)
}

// ToReperform lists the keys of the items that an approver may judge again, in
// an order that follows from the attested set, so that nobody could know it
// while deciding. Approve asks for the first need of them. What the approver
// decided or what concerns them is not among them.
func (r *Review) ToReperform(by Signer) (keys []string, need int) {
	attested := r.Attester()
	if attested == nil {
		return nil, 0
	}
	stands := r.Stands(false)
	rank := map[string][]byte{}
	for i := range r.Items {
		item := &r.Items[i]
		last := stands[item.Key].Last
		if last == nil || last.By.Account == by.Account || by.Concerns(item.Persons) {
			continue
		}
		sum := sha256.Sum256([]byte(attested.Set + "|" + item.Key))
		rank[item.Key] = sum[:]
		keys = append(keys, item.Key)
	}
	slices.SortFunc(keys, func(a, b string) int { return bytes.Compare(rank[a], rank[b]) })
	return keys, min(reperformLeast, len(keys))
}

// LeftToReperform lists what an approver has still to judge again.
func (r *Review) LeftToReperform(by Signer) []string {
	keys, need := r.ToReperform(by)
	done := r.ReperformedBy(by)
	return slices.DeleteFunc(keys[:need:need], func(key string) bool { return slices.Contains(done, key) })
}

// enoughReperformed refuses an approval before the decisions were judged again,
// and one by somebody who disagrees with a decision.
func (r *Review) enoughReperformed(by Signer) error {
	if left := len(r.LeftToReperform(by)); left > 0 {
		return fault.New(fault.Conflict, "Judge the decisions again that were picked for you first: %d are left.", left)
	}
	for _, key := range r.ReperformedBy(by) {
		if d := r.Reperformance(by, key); d != nil && !d.Agrees() {
			return fault.New(fault.Conflict, "You disagree with a decision of this review. Return it with your reasons, or judge that decision again.")
		}
	}
	return nil
}

// Reperformance is the approver's last judgement of an item's decision since
// the attestation, nil without one.
func (r *Review) Reperformance(by Signer, key string) *Decision {
	attested := r.Attester()
	if attested == nil {
		return nil
	}
	for i := len(r.Decisions) - 1; i >= 0; i-- {
		d := &r.Decisions[i]
		if d.Choice == Reperformed && d.Key == key && d.By.Account == by.Account && d.At >= attested.At {
			return d
		}
	}
	return nil
}

// ReperformedBy lists the keys an approver judged again since the attestation.
func (r *Review) ReperformedBy(by Signer) []string {
	attested := r.Attester()
	if attested == nil {
		return nil
	}
	var keys []string
	for i := range r.Decisions {
		d := &r.Decisions[i]
		if d.Choice == Reperformed && d.By.Account == by.Account && d.At >= attested.At && !slices.Contains(keys, d.Key) {
			keys = append(keys, d.Key)
		}
	}
	return keys
}

// Reperform records that an approver judged a decision again and agrees or not.
func (r *Review) Reperform(by Signer, key string, pick, agree bool, note string, now time.Time) error {
	if r.State != SignOff {
		return fault.New(fault.Conflict, "Decisions are re-performed once the reviewer has attested.")
	}
	if err := r.mayApprove(by); err != nil {
		return err
	}
	if last, _ := r.Standing(key, pick); last == nil {
		return fault.New(fault.NotFound, "This item is not in this review.")
	}
	word := agrees
	if !agree {
		word = disagrees
		if strings.TrimSpace(note) == "" {
			return fault.Field("note", "Say what you would have decided, and return the review.")
		}
	}
	if len(note) > maxReason {
		return fault.Field("note", "The note is too long: at most %d characters.", maxReason)
	}
	r.Decisions = append(r.Decisions, Decision{
		Seq: int64(len(r.Decisions)) + 1, Key: key, Pick: pick, Choice: Reperformed,
		Reason: strings.TrimSpace(word + ". " + note), By: by, At: connectors.At(now),
	})
	return nil
}
