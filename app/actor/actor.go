// Package actor owns who acts: a signed-in person, the system itself, or the
// command line. It is passed as an argument, never taken from a context.
package actor

// Actor is who does something. ID is stable and pseudonymous (it goes into the
// hash chain); Name is for display and is kept apart.
type Actor struct {
	ID     string // "u_…" for a person, "system" or "cli"
	Name   string
	Email  string
	Roles  []Role
	System bool
	// Address is the client address the action came from, if it came from one.
	Address string
}

// Role is what a person may do in the product.
type Role string

const (
	// Admin runs the installation: accounts, sources, keys. Never sole reviewer or approver (R4).
	Admin Role = "admin"
	// Officer owns the programme: people, registers, reviews, findings.
	Officer Role = "officer"
	// Reviewer decides items and attests.
	Reviewer Role = "reviewer"
	// Approver signs what a reviewer attested.
	Approver Role = "approver"
	// Auditor reads results, evidence and the trail, and changes nothing.
	Auditor Role = "auditor"
)

// Roles lists every role in the order people see them.
func Roles() []Role { return []Role{Admin, Officer, Reviewer, Approver, Auditor} }

// System is the product acting by itself (schedule, start-up).
func System() Actor { return Actor{ID: "system", Name: "Logreeve", System: true} }

// Has says whether the actor holds the role.
func (a Actor) Has(r Role) bool {
	for _, have := range a.Roles {
		if have == r {
			return true
		}
	}
	return false
}

// HasAny says whether the actor holds one of the roles.
func (a Actor) HasAny(roles ...Role) bool {
	for _, r := range roles {
		if a.Has(r) {
			return true
		}
	}
	return false
}
