// Package trail owns the shape of the product's own audit trail: what is said
// of each change, and how entries chain by hash. Entries are written by
// app/store in the same transaction as the change they tell of; nothing
// changes without one. The chain holds pseudonymous ids; names stand in a side
// table, so that erasing a person does not break it.
package trail

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"sort"

	"logreeve/connectors"
)

// Entry is what a caller says of a change.
type Entry struct {
	Action     string            // "review.decided", "account.signed_in", …
	ObjectKind string            // "review", "account", "source", …
	ObjectID   string            // id of the object
	Detail     map[string]string // small facts, ids rather than names, never secrets
}

// Record is an entry as it stands in the chain.
type Record struct {
	Seq      int64              `json:"seq"` // gapless from 1
	At       connectors.Instant `json:"at"`
	By       string             `json:"by"`      // actor id
	Address  string             `json:"address"` // client address, "" when none
	Action   string             `json:"action"`
	Kind     string             `json:"object_kind"`
	Object   string             `json:"object_id"`
	Detail   map[string]string  `json:"detail"`
	Previous string             `json:"previous"` // hash of the record before, 64 zeros for the first
	Hash     string             `json:"hash"`
}

// Filter narrows the trail; zero fields select everything.
type Filter struct {
	By      string   // actor id
	Actions []string // exact
	Kind    string   // of the object
	Object  string   // id of the object
	From    connectors.Instant
	To      connectors.Instant // exclusive
}

// Genesis is what the first record names as previous.
const Genesis = "0000000000000000000000000000000000000000000000000000000000000000"

// Sum is the hash of the record: SHA-256 over "logreeve-trail/v1" and every
// field but Hash, each preceded by its length in 8 bytes, big endian; Detail as
// the count and then key and value in order of keys.
func (r Record) Sum() string {
	h := sha256.New()
	var n [8]byte
	number := func(v int64) {
		binary.BigEndian.PutUint64(n[:], uint64(v)) //nolint:gosec // two's complement is meant
		h.Write(n[:])
	}
	text := func(s string) {
		number(int64(len(s)))
		h.Write([]byte(s))
	}
	text("logreeve-trail/v1")
	number(r.Seq)
	number(int64(r.At))
	text(r.By)
	text(r.Address)
	text(r.Action)
	text(r.Kind)
	text(r.Object)
	keys := make([]string, 0, len(r.Detail))
	for k := range r.Detail {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	number(int64(len(keys)))
	for _, k := range keys {
		text(k)
		text(r.Detail[k])
	}
	text(r.Previous)
	return hex.EncodeToString(h.Sum(nil))
}

// Break says where a chain does not hold.
type Break struct {
	Seq  int64  `json:"seq"`
	What string `json:"what"`
}

// Verify checks records in order of sequence, beginning after previous (its
// sequence and hash; 0 and Genesis for the whole chain). It goes on after the
// first break and lists all.
func Verify(records []Record, previousSeq int64, previousHash string) []Break {
	var breaks []Break
	seq, hash := previousSeq, previousHash
	for _, r := range records {
		if r.Seq != seq+1 {
			breaks = append(breaks, Break{r.Seq, "the sequence jumps: a record was removed, added or moved"})
		}
		if r.Previous != hash {
			breaks = append(breaks, Break{r.Seq, "the link to the record before does not hold"})
		}
		if r.Sum() != r.Hash {
			breaks = append(breaks, Break{r.Seq, "the record's content does not match its hash"})
		}
		seq, hash = r.Seq, r.Hash
	}
	return breaks
}
