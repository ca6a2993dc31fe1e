package store_test

import (
	"fmt"
	"testing"

	"logreeve/connectors"
	"logreeve/reviews"
)

func BenchmarkDecide(b *testing.B) {
	for _, driver := range drivers {
		b.Run(driver, func(b *testing.B) {
			db := open(b, driver)
			opened(b, db, "W0-1", 400, 60)
			n := 0
			for b.Loop() {
				act(b, db, "W0-1", func(r *reviews.Review) error {
					key := fmt.Sprintf("item-%d", 2*(n%200))
					_, version := r.Standing(key, false)
					n++
					return r.Decide(reviewer, reviews.Request{Key: key, Version: version, Choice: reviews.Explained, Reason: "planned"}, when)
				})
			}
		})
	}
}

func BenchmarkLoadReview(b *testing.B) {
	for _, driver := range drivers {
		b.Run(driver, func(b *testing.B) {
			db := open(b, driver)
			opened(b, db, "W0-1", 400, 60)
			for b.Loop() {
				must[*reviews.Review](b)(db.Review(ctx, "W0-1"))
			}
		})
	}
}

func BenchmarkTrail(b *testing.B) {
	for _, driver := range drivers {
		b.Run(driver, func(b *testing.B) {
			db := open(b, driver)
			for b.Loop() {
				if err := db.Append(ctx, alice, entry("thing.seen")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFinishRun(b *testing.B) {
	for _, driver := range drivers {
		b.Run(driver, func(b *testing.B) {
			db := open(b, driver)
			n := 0
			for b.Loop() {
				n++
				r, states, seen := finished(b, fmt.Sprintf("r_%d", n), connectors.Instant(n)*hour)
				item := r.Results[0].Items[0]
				r.Results[0].Items = nil
				for i := range 2000 {
					item.Key = fmt.Sprintf("key-%d", i)
					r.Results[0].Items = append(r.Results[0].Items, item)
				}
				do(b, db, r, states, seen)
			}
		})
	}
}
