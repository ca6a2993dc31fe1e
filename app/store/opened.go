package store

import (
	"context"
	"slices"
	"sync"

	"gorm.io/gorm"

	"logreeve/reviews"
)

// openedKept bounds how many opened reviews are kept decoded.
const openedKept = 8

// opened is what is fixed in a review when it is opened. The database refuses to
// change it, so it is decoded once for the reviews that people work on, and not
// at every decision.
type opened struct {
	checks []reviews.CheckSummary
	items  []reviews.Item
	picks  []reviews.Pick
	limits []reviews.Limit
}

// give puts the parts into a review. What is appended there stays there.
func (o opened) give(r *reviews.Review) {
	r.Checks, r.Items, r.Picks, r.Limits = slices.Clip(o.checks), slices.Clip(o.items), slices.Clip(o.picks), slices.Clip(o.limits)
}

// openedCache keeps the parts of the reviews that were opened last.
type openedCache struct {
	mu    sync.Mutex
	parts map[string]opened
	order []string // oldest first
}

func (c *openedCache) get(id string) (opened, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, ok := c.parts[id]
	return o, ok
}

func (c *openedCache) put(id string, o opened) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.parts == nil {
		c.parts = map[string]opened{}
	}
	if _, ok := c.parts[id]; ok {
		return
	}
	if len(c.order) == openedKept {
		delete(c.parts, c.order[0])
		c.order = slices.Delete(c.order, 0, 1)
	}
	c.parts[id], c.order = o, append(c.order, id)
}

// loadOpened puts into a review what is fixed since it was opened.
func (s *Store) loadOpened(ctx context.Context, tx *gorm.DB, r *reviews.Review) error {
	if o, ok := s.opened.get(r.ID); ok && r.OpenedAt != 0 {
		o.give(r)
		return nil
	}
	var o opened
	var err error
	if o.checks, err = partsOf(ctx, tx, r.ID, "position", reviewCheckRow.check); err != nil {
		return err
	}
	if o.items, err = partsOf(ctx, tx, r.ID, "position", reviewItemRow.item); err != nil {
		return err
	}
	if o.picks, err = partsOf(ctx, tx, r.ID, "position", reviewPickRow.pick); err != nil {
		return err
	}
	if o.limits, err = partsOf(ctx, tx, r.ID, "position", reviewLimitRow.limit); err != nil {
		return err
	}
	o.give(r)
	if r.OpenedAt != 0 {
		s.opened.put(r.ID, o)
	}
	return nil
}
