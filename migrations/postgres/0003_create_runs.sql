-- Sources, people, runs and what they found.
-- +goose Up
CREATE TABLE settings (
    id             BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    version        BIGINT NOT NULL,
    organisation   TEXT NOT NULL,
    zone           TEXT NOT NULL,
    ticket_pattern TEXT NOT NULL,
    audit_policy   TEXT NOT NULL,
    classification TEXT NOT NULL,
    sample         BOOLEAN NOT NULL
);

CREATE TABLE sources (
    id       TEXT NOT NULL PRIMARY KEY,
    version  BIGINT NOT NULL,
    name     TEXT NOT NULL UNIQUE,
    kind     TEXT NOT NULL,
    target   TEXT NOT NULL,
    zone     TEXT NOT NULL,
    year     BIGINT NOT NULL,
    disabled BOOLEAN NOT NULL,
    added_at BIGINT NOT NULL
);

-- What the newest finished run saw of a source, by the source's name.
CREATE TABLE source_readings (
    name     TEXT NOT NULL PRIMARY KEY,
    run_id   TEXT NOT NULL,
    at       BIGINT NOT NULL,
    events   BIGINT NOT NULL,
    oldest   BIGINT NOT NULL,
    newest   BIGINT NOT NULL,
    problems TEXT NOT NULL,
    daily    TEXT NOT NULL
);

CREATE TABLE snapshots (
    id       TEXT NOT NULL PRIMARY KEY,
    taken_at BIGINT NOT NULL,
    by_id    TEXT NOT NULL,
    note     TEXT NOT NULL,
    digest   TEXT NOT NULL,
    people   BIGINT NOT NULL,
    key_count BIGINT NOT NULL,
    entries  BIGINT NOT NULL,
    body_sha256 TEXT NOT NULL,
    body     BYTEA NOT NULL
);
CREATE INDEX snapshots_taken ON snapshots (taken_at, id);

-- The people of a snapshot once more, for the find box.
CREATE TABLE snapshot_people (
    snapshot_id TEXT NOT NULL REFERENCES snapshots (id),
    person_id   TEXT NOT NULL,
    name        TEXT NOT NULL,
    email       TEXT NOT NULL,
    PRIMARY KEY (snapshot_id, person_id)
);

-- A run and the lease of whoever carries it out.
CREATE TABLE runs (
    id              TEXT NOT NULL PRIMARY KEY,
    version         BIGINT NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    purpose         TEXT NOT NULL,
    window_from     BIGINT NOT NULL,
    window_to       BIGINT NOT NULL,
    window_given    BOOLEAN NOT NULL,
    only_sources    TEXT NOT NULL,
    checks          TEXT NOT NULL,
    params          TEXT NOT NULL,
    snapshot_id     TEXT NOT NULL,
    snapshot_digest TEXT NOT NULL,
    policy_digest   TEXT NOT NULL,
    tool            TEXT NOT NULL,
    by_id           TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    started_at      BIGINT NOT NULL,
    finished_at     BIGINT NOT NULL,
    problem         TEXT NOT NULL,
    cancel_asked    BOOLEAN NOT NULL,
    progress        TEXT NOT NULL,
    lease_holder    TEXT NOT NULL,
    lease_until     BIGINT NOT NULL,
    events          BIGINT NOT NULL,
    outcomes        TEXT NOT NULL,
    sources         TEXT NOT NULL,
    digest          TEXT NOT NULL
);
CREATE INDEX runs_created ON runs (created_at, id);
CREATE INDEX runs_work ON runs (status, created_at, id);

CREATE TABLE results (
    run_id       TEXT NOT NULL REFERENCES runs (id),
    check_id     TEXT NOT NULL,
    position     BIGINT NOT NULL,
    finished_at  BIGINT NOT NULL,
    window_from  BIGINT NOT NULL,
    window_to    BIGINT NOT NULL,
    window_given BOOLEAN NOT NULL,
    version      BIGINT NOT NULL,
    title        TEXT NOT NULL,
    kind         TEXT NOT NULL,
    severity     TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    limited      BOOLEAN NOT NULL,
    reason       TEXT NOT NULL,
    population   BIGINT NOT NULL,
    matched      BIGINT NOT NULL,
    suppressed   BIGINT NOT NULL,
    undecidable  BIGINT NOT NULL,
    item_count   BIGINT NOT NULL,
    digest       TEXT NOT NULL,
    body         TEXT NOT NULL,
    PRIMARY KEY (run_id, check_id)
);
CREATE INDEX results_course ON results (check_id, finished_at, run_id);

CREATE TABLE items (
    run_id    TEXT NOT NULL,
    item_key  TEXT NOT NULL,
    check_id  TEXT NOT NULL,
    position  BIGINT NOT NULL,
    subject   TEXT NOT NULL,
    title     TEXT NOT NULL,
    summary   TEXT NOT NULL,
    severity  TEXT NOT NULL,
    violation BOOLEAN NOT NULL,
    first_at  BIGINT NOT NULL,
    last_at   BIGINT NOT NULL,
    events    BIGINT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (run_id, item_key),
    FOREIGN KEY (run_id, check_id) REFERENCES results (run_id, check_id)
);
CREATE INDEX items_order ON items (run_id, check_id, position);

-- The events of an item in full, as gzipped JSON with the SHA-256 of the JSON.
CREATE TABLE item_evidence (
    run_id   TEXT NOT NULL,
    item_key TEXT NOT NULL,
    sha256   TEXT NOT NULL,
    body     BYTEA NOT NULL,
    PRIMARY KEY (run_id, item_key),
    FOREIGN KEY (run_id, item_key) REFERENCES items (run_id, item_key)
);

-- Which run has the newest result of a check.
CREATE TABLE latest_results (
    check_id    TEXT NOT NULL PRIMARY KEY,
    run_id      TEXT NOT NULL,
    finished_at BIGINT NOT NULL,
    FOREIGN KEY (run_id, check_id) REFERENCES results (run_id, check_id)
);

-- The policy changes of a run as they were reported, gzipped JSON.
CREATE TABLE run_changes (
    run_id TEXT NOT NULL PRIMARY KEY REFERENCES runs (id),
    sha256 TEXT NOT NULL,
    body   BYTEA NOT NULL
);

-- Every policy change known, once, as the newest run that saw it tells it.
CREATE TABLE changes (
    object    TEXT NOT NULL,
    event_key TEXT NOT NULL,
    at        BIGINT NOT NULL,
    run_id    TEXT NOT NULL REFERENCES runs (id),
    actor     TEXT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (object, event_key)
);
CREATE INDEX changes_at ON changes (at, object, event_key);

CREATE TABLE policy_states (
    object TEXT NOT NULL PRIMARY KEY,
    at     BIGINT NOT NULL,
    run_id TEXT NOT NULL REFERENCES runs (id),
    body   TEXT NOT NULL
);

-- Who was first and last seen, from where.
CREATE TABLE ledger (
    system     TEXT NOT NULL,
    principal  TEXT NOT NULL,
    network    TEXT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    events     BIGINT NOT NULL,
    PRIMARY KEY (system, principal, network)
);
CREATE INDEX ledger_first ON ledger (first_seen);

-- The frozen population samples are drawn from, gzipped.
CREATE TABLE populations (
    run_id TEXT NOT NULL PRIMARY KEY REFERENCES runs (id),
    digest TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    body   BYTEA NOT NULL
);

CREATE TRIGGER snapshots_refuse_change BEFORE UPDATE OR DELETE ON snapshots FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER snapshots_refuse_truncate BEFORE TRUNCATE ON snapshots FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER snapshot_people_refuse_change BEFORE UPDATE OR DELETE ON snapshot_people FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER snapshot_people_refuse_truncate BEFORE TRUNCATE ON snapshot_people FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER results_refuse_change BEFORE UPDATE OR DELETE ON results FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER results_refuse_truncate BEFORE TRUNCATE ON results FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER items_refuse_change BEFORE UPDATE OR DELETE ON items FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER items_refuse_truncate BEFORE TRUNCATE ON items FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER item_evidence_refuse_change BEFORE UPDATE OR DELETE ON item_evidence FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER item_evidence_refuse_truncate BEFORE TRUNCATE ON item_evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER run_changes_refuse_change BEFORE UPDATE OR DELETE ON run_changes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER run_changes_refuse_truncate BEFORE TRUNCATE ON run_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER populations_refuse_change BEFORE UPDATE OR DELETE ON populations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER populations_refuse_truncate BEFORE TRUNCATE ON populations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER runs_refuse_update BEFORE UPDATE ON runs FOR EACH ROW WHEN (OLD.status IN ('done', 'failed', 'cancelled')) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER runs_refuse_delete BEFORE DELETE ON runs FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER runs_refuse_truncate BEFORE TRUNCATE ON runs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

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
