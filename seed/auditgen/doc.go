// Package auditgen owns the generator of large logs: a reproducible stream of
// Kubernetes audit events (audit.k8s.io/v1, one JSON object a line) with planted
// findings, and the exact answers to 40 checks. The same options give the same
// bytes everywhere, and memory does not grow with the number of events.
//
// The background satisfies no check, so the answers are known by construction.
// Traps are planted, too: the text that a check looks for at another path, users
// with exactly 3 addresses, addresses with 19 refusals, events without a user,
// policy updates that change nothing, were refused or were dry runs, and policies
// older than the stream, whose first change has no known "before".
//
// What a log of a week in a small organisation looks like is seed's; running the
// product and its peers over the stream is seed/bench's.
package auditgen
