-- What pages show of many results, kept with every run that ends, so that no
-- page groups or searches the results and items themselves.
-- +goose Up

-- The results of the runs over all sources, counted by the UTC day on which
-- their windows end (days since 1970-01-01). run_id is the newest of them.
CREATE TABLE result_days (
    day         BIGINT NOT NULL,
    check_id    TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    results     BIGINT NOT NULL,
    items       BIGINT NOT NULL,
    run_id      TEXT NOT NULL,
    finished_at BIGINT NOT NULL,
    PRIMARY KEY (day, check_id, outcome)
);

INSERT INTO result_days (day, check_id, outcome, results, items, run_id, finished_at)
SELECT day, check_id, outcome, results, items, run_id, finished_at FROM (
    SELECT day, check_id, outcome, run_id, finished_at,
        count(*) OVER alike AS results,
        (sum(item_count) OVER alike)::BIGINT AS items,
        row_number() OVER (PARTITION BY day, check_id, outcome ORDER BY finished_at DESC, run_id DESC) AS place
    FROM (
        SELECT (CASE WHEN results.window_to > 0 THEN results.window_to - 1 ELSE results.finished_at END) / 86400000000 AS day,
            results.check_id, results.outcome, results.run_id, results.finished_at, results.item_count
        FROM results JOIN runs ON runs.id = results.run_id
        WHERE runs.only_sources IN ('null', '[]')
    ) AS whole
    WINDOW alike AS (PARTITION BY day, check_id, outcome)
) AS counted WHERE place = 1;

-- Which items are about a policy change.
CREATE TABLE item_changes (
    object    TEXT NOT NULL,
    event_key TEXT NOT NULL,
    run_id    TEXT NOT NULL,
    item_key  TEXT NOT NULL,
    PRIMARY KEY (object, event_key, run_id, item_key),
    FOREIGN KEY (run_id, item_key) REFERENCES items (run_id, item_key)
);

INSERT INTO item_changes (object, event_key, run_id, item_key)
SELECT body::JSON #>> '{change,object}', body::JSON #>> '{change,event_key}', run_id, item_key
FROM items WHERE body::JSON #>> '{change,object}' IS NOT NULL;

-- Lists read these instead of the wide rows.
DROP INDEX results_course;
CREATE INDEX results_course ON results (check_id, finished_at, run_id) INCLUDE (window_from, window_to, window_given, outcome, limited, matched, item_count, version);
DROP INDEX runs_created;
CREATE INDEX runs_created ON runs (created_at, id) INCLUDE (purpose, status);
CREATE INDEX findings_raised ON findings (raised_at, id);
CREATE INDEX findings_facets ON findings (status, severity, owner, review_id);

-- +goose Down
DROP INDEX findings_facets;
DROP INDEX findings_raised;
DROP INDEX runs_created;
CREATE INDEX runs_created ON runs (created_at, id);
DROP INDEX results_course;
CREATE INDEX results_course ON results (check_id, finished_at, run_id);
DROP TABLE item_changes;
DROP TABLE result_days;
