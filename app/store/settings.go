package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/runs"
	"logreeve/app/trail"
)

type settingsRow struct {
	ID             int64 `gorm:"primaryKey"`
	Version        int64
	Organisation   text
	Zone           text
	TicketPattern  text
	AuditPolicy    text
	Classification text
	Sample         bool
}

func (settingsRow) TableName() string { return "settings" }

// Settings implements runs.Store. Before the set-up they are zero.
func (s *Store) Settings(ctx context.Context) (runs.Settings, error) {
	row, err := of[settingsRow](s.reader).Where("id = 1").Take(ctx)
	if err != nil && !missing(err) {
		return runs.Settings{}, translate(fmt.Errorf("load the settings: %w", err))
	}
	return runs.Settings{
		Organisation: string(row.Organisation), Zone: string(row.Zone), TicketPattern: string(row.TicketPattern),
		AuditPolicy: string(row.AuditPolicy), Classification: string(row.Classification), Sample: row.Sample,
	}, nil
}

// SaveSettings implements runs.Store.
func (s *Store) SaveSettings(ctx context.Context, by actor.Actor, set runs.Settings, e trail.Entry) error {
	return s.told(ctx, by, e, func(tx *gorm.DB) error {
		return saveSettings(ctx, tx, settingsRow{
			Organisation: text(set.Organisation), Zone: text(set.Zone), TicketPattern: text(set.TicketPattern),
			AuditPolicy: text(set.AuditPolicy), Classification: text(set.Classification), Sample: set.Sample,
		}, "organisation", "zone", "ticket_pattern", "audit_policy", "classification", "sample")
	})
}

// Organisation implements auth.Store. Its name and zone are settings.
func (s *Store) Organisation(ctx context.Context) (auth.Organisation, error) {
	set, err := s.Settings(ctx)
	return auth.Organisation{Name: set.Organisation, Zone: set.Zone}, err
}

func saveOrganisation(ctx context.Context, tx *gorm.DB, o auth.Organisation) error {
	return saveSettings(ctx, tx, settingsRow{Organisation: text(o.Name), Zone: text(o.Zone)}, "organisation", "zone")
}

// saveSettings writes the named columns of the one row, making it when there is none.
func saveSettings(ctx context.Context, tx *gorm.DB, row settingsRow, columns ...string) error {
	row.ID, row.Version = 1, 1
	set := append(clause.AssignmentColumns(columns), clause.Assignment{
		Column: clause.Column{Name: "version"}, Value: gorm.Expr("settings.version + 1"),
	})
	keep := clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoUpdates: set}
	if err := of[settingsRow](tx, keep).Create(ctx, &row); err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	return nil
}
