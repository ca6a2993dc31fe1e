-- Sources, people, runs and what they found.
-- +goose Up
CREATE TABLE settings (
    id             INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version        INTEGER NOT NULL,
    organisation   TEXT NOT NULL,
    zone           TEXT NOT NULL,
    ticket_pattern TEXT NOT NULL,
    audit_policy   TEXT NOT NULL,
    classification TEXT NOT NULL,
    sample         INTEGER NOT NULL
) STRICT;

CREATE TABLE sources (
    id       TEXT NOT NULL PRIMARY KEY,
    version  INTEGER NOT NULL,
    name     TEXT NOT NULL UNIQUE,
    kind     TEXT NOT NULL,
    target   TEXT NOT NULL,
    zone     TEXT NOT NULL,
    year     INTEGER NOT NULL,
    disabled INTEGER NOT NULL,
    added_at INTEGER NOT NULL
) STRICT;

-- What the newest finished run saw of a source, by the source's name.
CREATE TABLE source_readings (
    name     TEXT NOT NULL PRIMARY KEY,
    run_id   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    events   INTEGER NOT NULL,
    oldest   INTEGER NOT NULL,
    newest   INTEGER NOT NULL,
    problems TEXT NOT NULL,
    daily    TEXT NOT NULL
) STRICT;

CREATE TABLE snapshots (
    id       TEXT NOT NULL PRIMARY KEY,
    taken_at INTEGER NOT NULL,
    by_id    TEXT NOT NULL,
    note     TEXT NOT NULL,
    digest   TEXT NOT NULL,
    people   INTEGER NOT NULL,
    key_count INTEGER NOT NULL,
    entries  INTEGER NOT NULL,
    body_sha256 TEXT NOT NULL,
    body     BLOB NOT NULL
) STRICT;
CREATE INDEX snapshots_taken ON snapshots (taken_at, id);

-- The people of a snapshot once more, for the find box.
CREATE TABLE snapshot_people (
    snapshot_id TEXT NOT NULL REFERENCES snapshots (id),
    person_id   TEXT NOT NULL,
    name        TEXT NOT NULL,
    email       TEXT NOT NULL,
    PRIMARY KEY (snapshot_id, person_id)
) STRICT;

-- A run and the lease of whoever carries it out.
CREATE TABLE runs (
    id              TEXT NOT NULL PRIMARY KEY,
    version         INTEGER NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    purpose         TEXT NOT NULL,
    window_from     INTEGER NOT NULL,
    window_to       INTEGER NOT NULL,
    window_given    INTEGER NOT NULL,
    only_sources    TEXT NOT NULL,
    checks          TEXT NOT NULL,
    params          TEXT NOT NULL,
    snapshot_id     TEXT NOT NULL,
    snapshot_digest TEXT NOT NULL,
    policy_digest   TEXT NOT NULL,
    tool            TEXT NOT NULL,
    by_id           TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    started_at      INTEGER NOT NULL,
    finished_at     INTEGER NOT NULL,
    problem         TEXT NOT NULL,
    cancel_asked    INTEGER NOT NULL,
    progress        TEXT NOT NULL,
    lease_holder    TEXT NOT NULL,
    lease_until     INTEGER NOT NULL,
    events          INTEGER NOT NULL,
    outcomes        TEXT NOT NULL,
    sources         TEXT NOT NULL,
    digest          TEXT NOT NULL
) STRICT;
CREATE INDEX runs_created ON runs (created_at, id);
CREATE INDEX runs_work ON runs (status, created_at, id);

CREATE TABLE results (
    run_id       TEXT NOT NULL REFERENCES runs (id),
    check_id     TEXT NOT NULL,
    position     INTEGER NOT NULL,
    finished_at  INTEGER NOT NULL,
    window_from  INTEGER NOT NULL,
    window_to    INTEGER NOT NULL,
    window_given INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    title        TEXT NOT NULL,
    kind         TEXT NOT NULL,
    severity     TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    limited      INTEGER NOT NULL,
    reason       TEXT NOT NULL,
    population   INTEGER NOT NULL,
    matched      INTEGER NOT NULL,
    suppressed   INTEGER NOT NULL,
    undecidable  INTEGER NOT NULL,
    item_count   INTEGER NOT NULL,
    digest       TEXT NOT NULL,
    body         TEXT NOT NULL,
    PRIMARY KEY (run_id, check_id)
) STRICT;
CREATE INDEX results_course ON results (check_id, finished_at, run_id);

CREATE TABLE items (
    run_id    TEXT NOT NULL,
    item_key  TEXT NOT NULL,
    check_id  TEXT NOT NULL,
    position  INTEGER NOT NULL,
    subject   TEXT NOT NULL,
    title     TEXT NOT NULL,
    summary   TEXT NOT NULL,
    severity  TEXT NOT NULL,
    violation INTEGER NOT NULL,
    first_at  INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    events    INTEGER NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (run_id, item_key),
    FOREIGN KEY (run_id, check_id) REFERENCES results (run_id, check_id)
) STRICT;
CREATE INDEX items_order ON items (run_id, check_id, position);

-- The events of an item in full, as gzipped JSON with the SHA-256 of the JSON.
CREATE TABLE item_evidence (
    run_id   TEXT NOT NULL,
    item_key TEXT NOT NULL,
    sha256   TEXT NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (run_id, item_key),
    FOREIGN KEY (run_id, item_key) REFERENCES items (run_id, item_key)
) STRICT;

-- Which run has the newest result of a check.
CREATE TABLE latest_results (
    check_id    TEXT NOT NULL PRIMARY KEY,
    run_id      TEXT NOT NULL,
    finished_at INTEGER NOT NULL,
    FOREIGN KEY (run_id, check_id) REFERENCES results (run_id, check_id)
) STRICT;

-- The policy changes of a run as they were reported, gzipped JSON.
CREATE TABLE run_changes (
    run_id TEXT NOT NULL PRIMARY KEY REFERENCES runs (id),
    sha256 TEXT NOT NULL,
    body   BLOB NOT NULL
) STRICT;

-- Every policy change known, once, as the newest run that saw it tells it.
CREATE TABLE changes (
    object    TEXT NOT NULL,
    event_key TEXT NOT NULL,
    at        INTEGER NOT NULL,
    run_id    TEXT NOT NULL REFERENCES runs (id),
    actor     TEXT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (object, event_key)
) STRICT;
CREATE INDEX changes_at ON changes (at, object, event_key);

CREATE TABLE policy_states (
    object TEXT NOT NULL PRIMARY KEY,
    at     INTEGER NOT NULL,
    run_id TEXT NOT NULL REFERENCES runs (id),
    body   TEXT NOT NULL
) STRICT;

-- Who was first and last seen, from where.
CREATE TABLE ledger (
    system     TEXT NOT NULL,
    principal  TEXT NOT NULL,
    network    TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    events     INTEGER NOT NULL,
    PRIMARY KEY (system, principal, network)
) STRICT;
CREATE INDEX ledger_first ON ledger (first_seen);

-- The frozen population samples are drawn from, gzipped.
CREATE TABLE populations (
    run_id TEXT NOT NULL PRIMARY KEY REFERENCES runs (id),
    digest TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    body   BLOB NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER snapshots_refuse_update BEFORE UPDATE ON snapshots
BEGIN
    SELECT RAISE(ABORT, 'snapshots is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER snapshots_refuse_delete BEFORE DELETE ON snapshots
BEGIN
    SELECT RAISE(ABORT, 'snapshots is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER snapshot_people_refuse_update BEFORE UPDATE ON snapshot_people
BEGIN
    SELECT RAISE(ABORT, 'snapshot_people is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER snapshot_people_refuse_delete BEFORE DELETE ON snapshot_people
BEGIN
    SELECT RAISE(ABORT, 'snapshot_people is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER results_refuse_update BEFORE UPDATE ON results
BEGIN
    SELECT RAISE(ABORT, 'results is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER results_refuse_delete BEFORE DELETE ON results
BEGIN
    SELECT RAISE(ABORT, 'results is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER items_refuse_update BEFORE UPDATE ON items
BEGIN
    SELECT RAISE(ABORT, 'items is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER items_refuse_delete BEFORE DELETE ON items
BEGIN
    SELECT RAISE(ABORT, 'items is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER item_evidence_refuse_update BEFORE UPDATE ON item_evidence
BEGIN
    SELECT RAISE(ABORT, 'item_evidence is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER item_evidence_refuse_delete BEFORE DELETE ON item_evidence
BEGIN
    SELECT RAISE(ABORT, 'item_evidence is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER run_changes_refuse_update BEFORE UPDATE ON run_changes
BEGIN
    SELECT RAISE(ABORT, 'run_changes is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER run_changes_refuse_delete BEFORE DELETE ON run_changes
BEGIN
    SELECT RAISE(ABORT, 'run_changes is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER populations_refuse_update BEFORE UPDATE ON populations
BEGIN
    SELECT RAISE(ABORT, 'populations is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER populations_refuse_delete BEFORE DELETE ON populations
BEGIN
    SELECT RAISE(ABORT, 'populations is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER runs_refuse_update BEFORE UPDATE ON runs WHEN OLD.status IN ('done', 'failed', 'cancelled')
BEGIN
    SELECT RAISE(ABORT, 'a finished run does not change');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER runs_refuse_delete BEFORE DELETE ON runs
BEGIN
    SELECT RAISE(ABORT, 'runs is never deleted');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE populations;
DROP TABLE ledger;
DROP TABLE policy_states;
DROP TABLE changes;
DROP TABLE run_changes;
DROP TABLE latest_results;
DROP TABLE item_evidence;
DROP TABLE items;
DROP TABLE results;
DROP TABLE runs;
DROP TABLE snapshot_people;
DROP TABLE snapshots;
DROP TABLE source_readings;
DROP TABLE sources;
DROP TABLE settings;
