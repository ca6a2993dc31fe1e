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

// findAmong is how many of the newest reviews, findings and runs the find box
// looks through: they grow for ever, and a page may not.
const findAmong = 1000

// places are what the find box looks through, in the order people see hits.
// Each query names id, title and text, and has one condition for each word over
// all its columns. newest says which rows of a table that grows for ever are
// looked through; those with exactly the id that was typed are found anyway.
var places = []struct {
	kind, path     string
	query, columns string
	order          string
	table, newest  string
}{
	{
		kind: "review", path: "/reviews/", query: "SELECT id, title, state AS text",
		columns: "id || ' ' || title", order: "period_from DESC", table: "reviews", newest: "period_from DESC, id DESC",
	},
	{
		kind: "finding", path: "/findings/", query: "SELECT id, title, status AS text",
		columns: "id || ' ' || title || ' ' || condition_text || ' ' || owner", order: "raised_at DESC", table: "findings", newest: "raised_at DESC, id DESC",
	},
	{
		kind: "check", path: "/checks/", query: "SELECT id, title, text FROM (SELECT latest_results.check_id AS id, results.title AS title, results.outcome AS text FROM latest_results" +
			" CROSS JOIN results WHERE results.run_id = latest_results.run_id AND results.check_id = latest_results.check_id) AS newest",
		columns: "id || ' ' || title", order: "id",
	},
	{
		kind: "person", path: "/people/", query: "SELECT person_id AS id, name AS title, email AS text FROM snapshot_people",
		columns: "name || ' ' || email", order: "name",
	},
	{
		kind: "policy", path: "/changes?object=", query: "SELECT object AS id, object AS title, coalesce((SELECT actor FROM changes" +
			" WHERE changes.object = policy_states.object ORDER BY changes.at DESC LIMIT 1), '') AS text FROM policy_states",
		columns: "object", order: "object",
	},
	{
		kind: "run", path: "/runs/", query: "SELECT id, purpose AS title, status AS text",
		columns: "id || ' ' || purpose", order: "created_at DESC", table: "runs", newest: "created_at DESC, id DESC",
	},
}

// found are the columns of the newest rows that a place looks at, by table.
var found = map[string]string{
	"reviews":  "id, title, state, period_from",
	"findings": "id, title, status, raised_at, condition_text, owner",
	"runs":     "id, purpose, status, created_at",
}

// newestSnapshot keeps people who are in the newest import.
const newestSnapshot = "snapshot_id = (SELECT id FROM snapshots ORDER BY taken_at DESC, id DESC LIMIT 1)"

// Find implements runs.Store. Every word must occur; case does not matter. It
// finds at most limit hits of a kind and limit in all, and of what grows for
// ever only among the newest, or by the whole id.
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
			if p.kind == "person" {
				conditions = append(conditions, newestSnapshot)
			}
			where := " WHERE " + strings.Join(conditions, " AND ")
			query := p.query + where
			if p.table != "" {
				query = fmt.Sprintf("%s FROM (SELECT %[2]s FROM (SELECT %[2]s FROM %[3]s ORDER BY %[4]s LIMIT %[5]d) AS newest%[6]s UNION SELECT %[2]s FROM %[3]s%[6]s AND id = ?) AS found",
					p.query, found[p.table], p.table, p.newest, findAmong, where)
				args = append(append(args, args...), text(strings.TrimSpace(words)))
			}
			rows, err := of[hit](tx).Raw(query+" ORDER BY "+p.order+" LIMIT ?", append(args, limit-len(out))...).Find(ctx)
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
