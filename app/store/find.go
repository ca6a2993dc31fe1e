package store

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"gorm.io/gorm"

	"logreeve/app/runs"
)

// hit is a row of the find box.
type hit struct {
	ID    text
	Title text
	Text  text
}

func (hit) TableName() string { return "hits" }

// places are what the find box looks through, in the order people see hits.
// Each query names id, title and text, and has one condition for each word.
var places = []struct {
	kind, path     string
	query, columns string
	order          string
}{
	{
		"review", "/reviews/", "SELECT id, title, state AS text FROM reviews",
		"id || ' ' || title", "period_from DESC",
	},
	{
		"finding", "/findings/", "SELECT id, title, status AS text FROM findings",
		"id || ' ' || title || ' ' || condition_text || ' ' || owner", "raised_at DESC",
	},
	{
		"check", "/checks/", "SELECT results.check_id AS id, results.title AS title, results.outcome AS text FROM latest_results" +
			" JOIN results ON results.run_id = latest_results.run_id AND results.check_id = latest_results.check_id",
		"results.check_id || ' ' || results.title", "results.check_id",
	},
	{
		"person", "/people/", "SELECT person_id AS id, name AS title, email AS text FROM snapshot_people",
		"name || ' ' || email", "name",
	},
	{
		"policy", "/changes?object=", "SELECT object AS id, object AS title, max(actor) AS text FROM changes",
		"object", "object",
	},
	{
		"run", "/runs/", "SELECT id, purpose AS title, status AS text FROM runs",
		"id || ' ' || purpose", "created_at DESC",
	},
}

// newestSnapshot keeps people who are in the newest import.
const newestSnapshot = "snapshot_id = (SELECT id FROM snapshots ORDER BY taken_at DESC, id DESC LIMIT 1)"

// Find implements runs.Store. Every word must occur; case does not matter. It
// finds at most limit hits of a kind and limit in all.
func (s *Store) Find(ctx context.Context, words string, limit int) ([]runs.Found, error) {
	fields := strings.Fields(strings.ToLower(words))
	if len(fields) == 0 || limit <= 0 {
		return nil, nil
	}
	fields = fields[:min(len(fields), 8)]
	var out []runs.Found
	err := s.read(ctx, func(tx *gorm.DB) error {
		for _, p := range places {
			if len(out) >= limit {
				return nil
			}
			conditions := make([]string, 0, len(fields)+1)
			args := make([]any, 0, len(fields)+1)
			for _, w := range fields {
				conditions = append(conditions, "lower("+p.columns+`) LIKE ? ESCAPE '\'`)
				args = append(args, text("%"+likeLiteral(w)+"%"))
			}
			group := ""
			switch p.kind {
			case "person":
				conditions = append(conditions, newestSnapshot)
			case "policy":
				group = " GROUP BY object"
			}
			rows, err := gorm.G[hit](tx).Raw(p.query+" WHERE "+strings.Join(conditions, " AND ")+group+" ORDER BY "+p.order+" LIMIT ?", append(args, limit-len(out))...).Find(ctx)
			if err != nil {
				return fmt.Errorf("find a %s: %w", p.kind, err)
			}
			for _, row := range rows {
				escaped := url.PathEscape(string(row.ID))
				if strings.HasSuffix(p.path, "=") {
					escaped = url.QueryEscape(string(row.ID))
				}
				out = append(out, runs.Found{Kind: p.kind, Title: string(row.Title), Text: string(row.Text), Path: p.path + escaped})
			}
		}
		return nil
	})
	return out, err
}
