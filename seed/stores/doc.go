// Package stores owns the tests that hold a search store to what a file says:
// every check, the policy history, the ledger and the account of what was read
// over the recordings, 200,000 generated events and a log of odd requests, on
// real servers; and that what crosses the wire grows with what is found. How a
// store is read, and what it does when its answer is not complete, is tested in
// connectors/search.
package stores
