package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"logreeve/app/fault"
	"logreeve/reviews"
)

type packageRow struct {
	ReviewID    text  `gorm:"primaryKey"`
	Revision    int64 `gorm:"primaryKey;autoIncrement:false"`
	Name        text
	Root        text
	SHA256      text `gorm:"column:sha256"`
	Size        int64
	SealedAt    int64
	Fingerprint text
}

func (packageRow) TableName() string { return "packages" }

type packageBytesRow struct {
	ReviewID text  `gorm:"primaryKey"`
	Revision int64 `gorm:"primaryKey;autoIncrement:false"`
	Body     []byte
}

func (packageBytesRow) TableName() string { return "package_bytes" }

func (row packageRow) sealed() (reviews.Package, error) {
	return reviews.Package{
		Review: string(row.ReviewID), Revision: int(row.Revision), Name: string(row.Name), Root: string(row.Root), SHA256: string(row.SHA256),
		Size: row.Size, SealedAt: instant(row.SealedAt), Fingerprint: string(row.Fingerprint),
	}, nil
}

// Packages implements reviews.Store.
func (s *Store) Packages(ctx context.Context) ([]reviews.Package, error) {
	rows, err := of[packageRow](s.reader).Order("sealed_at DESC, review_id DESC, revision DESC").Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list packages: %w", err))
	}
	return each(rows, packageRow.sealed)
}

// Package implements reviews.Store. Bytes that are not those that were sealed
// are not handed out.
func (s *Store) Package(ctx context.Context, review string, revision int) (*reviews.Package, error) {
	row, err := of[packageRow](s.reader).Where("review_id = ? AND revision = ?", text(review), revision).Take(ctx)
	if missing(err) {
		return nil, fault.New(fault.NotFound, "There is no such evidence package.")
	}
	if err != nil {
		return nil, translate(fmt.Errorf("load the package of %s: %w", review, err))
	}
	body, err := of[packageBytesRow](s.reader).Where("review_id = ? AND revision = ?", text(review), revision).Take(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("load the bytes of the package of %s: %w", review, err))
	}
	if digestOf(body.Body) != string(row.SHA256) {
		return nil, fault.New(fault.Unavailable, "The package %s in the database is not the one that was sealed: its SHA-256 differs. Restore it from a backup or from a copy that was downloaded.", row.Name)
	}
	out, err := row.sealed()
	out.Bytes = body.Body
	return &out, err
}

func keepPackage(ctx context.Context, tx *gorm.DB, review string, p reviews.Package) error {
	if p.Review != review {
		return fmt.Errorf("a package of %q was sealed for review %s", p.Review, review)
	}
	if int64(len(p.Bytes)) != p.Size || digestOf(p.Bytes) != p.SHA256 {
		return fmt.Errorf("the package %s does not have the size and SHA-256 it says", p.Name)
	}
	row := packageRow{
		ReviewID: text(p.Review), Revision: int64(p.Revision), Name: text(p.Name), Root: text(p.Root), SHA256: text(p.SHA256),
		Size: p.Size, SealedAt: int64(p.SealedAt), Fingerprint: text(p.Fingerprint),
	}
	err := of[packageRow](tx).Create(ctx, &row)
	if duplicate(err) {
		return fault.Wrap(fault.Conflict, err, "The review %s is sealed already.", review)
	}
	if err != nil {
		return fmt.Errorf("keep package %s: %w", p.Name, err)
	}
	body := packageBytesRow{ReviewID: row.ReviewID, Revision: row.Revision, Body: p.Bytes}
	if err := of[packageBytesRow](tx).Create(ctx, &body); err != nil {
		return fmt.Errorf("keep the bytes of package %s: %w", p.Name, err)
	}
	return nil
}
