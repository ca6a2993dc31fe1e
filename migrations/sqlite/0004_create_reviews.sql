-- Reviews, what people said in them, findings and sealed packages.
-- +goose Up
CREATE TABLE reviews (
    id            TEXT NOT NULL PRIMARY KEY,
    version       INTEGER NOT NULL,
    revision      INTEGER NOT NULL,
    template      TEXT NOT NULL,
    title         TEXT NOT NULL,
    period_from   INTEGER NOT NULL,
    period_to     INTEGER NOT NULL,
    zone          TEXT NOT NULL,
    local_date    TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('scheduled', 'open', 'in_review', 'sign_off', 'closed', 'missed', 'cancelled')),
    due_at        INTEGER NOT NULL,
    missed_at     INTEGER NOT NULL,
    opened_at     INTEGER NOT NULL,
    closed_at     INTEGER NOT NULL,
    run_id        TEXT NOT NULL,
    sample        TEXT NOT NULL,
    figures       TEXT NOT NULL,
    -- Counts for lists, kept with every change.
    items         INTEGER NOT NULL,
    decided       INTEGER NOT NULL,
    picks         INTEGER NOT NULL,
    picks_decided INTEGER NOT NULL,
    limits        INTEGER NOT NULL,
    acknowledged  INTEGER NOT NULL,
    findings      INTEGER NOT NULL,
    attested      TEXT NOT NULL,
    attested_at   INTEGER NOT NULL,
    approved      TEXT NOT NULL,
    conclusion    TEXT NOT NULL,
    UNIQUE (template, local_date)
) STRICT;
CREATE INDEX reviews_state ON reviews (state, period_from, id);
CREATE INDEX reviews_template ON reviews (template, period_from, id);
CREATE INDEX reviews_period ON reviews (period_from, id);

CREATE TABLE review_checks (
    review_id TEXT NOT NULL REFERENCES reviews (id),
    position  INTEGER NOT NULL,
    check_id  TEXT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (review_id, position)
) STRICT;

CREATE TABLE review_items (
    review_id TEXT NOT NULL REFERENCES reviews (id),
    position  INTEGER NOT NULL,
    item_key  TEXT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (review_id, position)
) STRICT;

CREATE TABLE review_picks (
    review_id TEXT NOT NULL REFERENCES reviews (id),
    position  INTEGER NOT NULL,
    event_key TEXT NOT NULL,
    body      TEXT NOT NULL,
    raw       BLOB,
    PRIMARY KEY (review_id, position)
) STRICT;

CREATE TABLE review_limits (
    review_id TEXT NOT NULL REFERENCES reviews (id),
    position  INTEGER NOT NULL,
    check_id  TEXT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (review_id, position)
) STRICT;

CREATE TABLE decisions (
    review_id   TEXT NOT NULL REFERENCES reviews (id),
    seq         INTEGER NOT NULL,
    subject_key TEXT NOT NULL,
    pick        INTEGER NOT NULL,
    choice      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    until_date  TEXT NOT NULL,
    ticket      TEXT NOT NULL,
    finding_id  TEXT NOT NULL,
    by_id       TEXT NOT NULL,
    signer      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (review_id, seq)
) STRICT;

CREATE TABLE acknowledgements (
    review_id   TEXT NOT NULL REFERENCES reviews (id),
    seq         INTEGER NOT NULL,
    check_id    TEXT NOT NULL,
    cause       TEXT NOT NULL,
    consequence TEXT NOT NULL,
    by_id       TEXT NOT NULL,
    signer      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (review_id, seq)
) STRICT;

CREATE TABLE sign_offs (
    review_id   TEXT NOT NULL REFERENCES reviews (id),
    seq         INTEGER NOT NULL,
    role        TEXT NOT NULL,
    by_id       TEXT NOT NULL,
    signer      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    method      TEXT NOT NULL,
    conclusion  TEXT NOT NULL,
    statement   TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    set_sha256  TEXT NOT NULL,
    reperformed TEXT NOT NULL,
    PRIMARY KEY (review_id, seq)
) STRICT;

-- A signature that was returned: said in a new row, never written over.
CREATE TABLE sign_off_voids (
    review_id TEXT NOT NULL,
    seq       INTEGER NOT NULL,
    by_id     TEXT NOT NULL,
    at        INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    PRIMARY KEY (review_id, seq),
    FOREIGN KEY (review_id, seq) REFERENCES sign_offs (review_id, seq)
) STRICT;

CREATE TABLE review_events (
    review_id  TEXT NOT NULL REFERENCES reviews (id),
    seq        INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    by_id      TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    note       TEXT NOT NULL,
    PRIMARY KEY (review_id, seq)
) STRICT;

CREATE TABLE findings (
    id             TEXT NOT NULL PRIMARY KEY,
    version        INTEGER NOT NULL,
    review_id      TEXT NOT NULL REFERENCES reviews (id),
    position       INTEGER NOT NULL,
    items          TEXT NOT NULL,
    check_id       TEXT NOT NULL,
    title          TEXT NOT NULL,
    condition_text TEXT NOT NULL,
    criteria       TEXT NOT NULL,
    cause          TEXT NOT NULL,
    effect         TEXT NOT NULL,
    severity       TEXT NOT NULL,
    owner          TEXT NOT NULL,
    due_date       TEXT NOT NULL,
    status         TEXT NOT NULL,
    raised_by      TEXT NOT NULL,
    raised_at      INTEGER NOT NULL,
    controls       TEXT NOT NULL
) STRICT;
CREATE INDEX findings_review ON findings (review_id, position);
CREATE INDEX findings_status ON findings (status, raised_at, id);

CREATE TABLE finding_changes (
    finding_id  TEXT NOT NULL REFERENCES findings (id),
    seq         INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    by_id       TEXT NOT NULL,
    signer      TEXT NOT NULL,
    from_status TEXT NOT NULL,
    to_status   TEXT NOT NULL,
    note        TEXT NOT NULL,
    PRIMARY KEY (finding_id, seq)
) STRICT;

CREATE TABLE packages (
    review_id   TEXT NOT NULL REFERENCES reviews (id),
    revision    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    root        TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    size        INTEGER NOT NULL,
    sealed_at   INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    PRIMARY KEY (review_id, revision)
) STRICT;
CREATE INDEX packages_sealed ON packages (sealed_at, review_id);

CREATE TABLE package_bytes (
    review_id TEXT NOT NULL,
    revision  INTEGER NOT NULL,
    body      BLOB NOT NULL,
    PRIMARY KEY (review_id, revision),
    FOREIGN KEY (review_id, revision) REFERENCES packages (review_id, revision)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER review_checks_refuse_update BEFORE UPDATE ON review_checks
BEGIN
    SELECT RAISE(ABORT, 'review_checks is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER review_checks_refuse_delete BEFORE DELETE ON review_checks
BEGIN
    SELECT RAISE(ABORT, 'review_checks is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER review_items_refuse_update BEFORE UPDATE ON review_items
BEGIN
    SELECT RAISE(ABORT, 'review_items is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER review_items_refuse_delete BEFORE DELETE ON review_items
BEGIN
    SELECT RAISE(ABORT, 'review_items is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER review_picks_refuse_update BEFORE UPDATE ON review_picks
BEGIN
    SELECT RAISE(ABORT, 'review_picks is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER review_picks_refuse_delete BEFORE DELETE ON review_picks
BEGIN
    SELECT RAISE(ABORT, 'review_picks is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER review_limits_refuse_update BEFORE UPDATE ON review_limits
BEGIN
    SELECT RAISE(ABORT, 'review_limits is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER review_limits_refuse_delete BEFORE DELETE ON review_limits
BEGIN
    SELECT RAISE(ABORT, 'review_limits is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER decisions_refuse_update BEFORE UPDATE ON decisions
BEGIN
    SELECT RAISE(ABORT, 'decisions is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER decisions_refuse_delete BEFORE DELETE ON decisions
BEGIN
    SELECT RAISE(ABORT, 'decisions is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER acknowledgements_refuse_update BEFORE UPDATE ON acknowledgements
BEGIN
    SELECT RAISE(ABORT, 'acknowledgements is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER acknowledgements_refuse_delete BEFORE DELETE ON acknowledgements
BEGIN
    SELECT RAISE(ABORT, 'acknowledgements is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER sign_offs_refuse_update BEFORE UPDATE ON sign_offs
BEGIN
    SELECT RAISE(ABORT, 'sign_offs is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER sign_offs_refuse_delete BEFORE DELETE ON sign_offs
BEGIN
    SELECT RAISE(ABORT, 'sign_offs is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER sign_off_voids_refuse_update BEFORE UPDATE ON sign_off_voids
BEGIN
    SELECT RAISE(ABORT, 'sign_off_voids is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER sign_off_voids_refuse_delete BEFORE DELETE ON sign_off_voids
BEGIN
    SELECT RAISE(ABORT, 'sign_off_voids is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER review_events_refuse_update BEFORE UPDATE ON review_events
BEGIN
    SELECT RAISE(ABORT, 'review_events is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER review_events_refuse_delete BEFORE DELETE ON review_events
BEGIN
    SELECT RAISE(ABORT, 'review_events is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER finding_changes_refuse_update BEFORE UPDATE ON finding_changes
BEGIN
    SELECT RAISE(ABORT, 'finding_changes is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER finding_changes_refuse_delete BEFORE DELETE ON finding_changes
BEGIN
    SELECT RAISE(ABORT, 'finding_changes is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER packages_refuse_update BEFORE UPDATE ON packages
BEGIN
    SELECT RAISE(ABORT, 'packages is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER packages_refuse_delete BEFORE DELETE ON packages
BEGIN
    SELECT RAISE(ABORT, 'packages is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER package_bytes_refuse_update BEFORE UPDATE ON package_bytes
BEGIN
    SELECT RAISE(ABORT, 'package_bytes is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER package_bytes_refuse_delete BEFORE DELETE ON package_bytes
BEGIN
    SELECT RAISE(ABORT, 'package_bytes is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER reviews_refuse_update BEFORE UPDATE ON reviews WHEN OLD.state = 'closed'
BEGIN
    SELECT RAISE(ABORT, 'a closed review does not change');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER reviews_refuse_delete BEFORE DELETE ON reviews
BEGIN
    SELECT RAISE(ABORT, 'reviews is never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER findings_refuse_delete BEFORE DELETE ON findings
BEGIN
    SELECT RAISE(ABORT, 'findings is never deleted');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE package_bytes;
DROP TABLE packages;
DROP TABLE finding_changes;
DROP TABLE findings;
DROP TABLE review_events;
DROP TABLE sign_off_voids;
DROP TABLE sign_offs;
DROP TABLE acknowledgements;
DROP TABLE decisions;
DROP TABLE review_limits;
DROP TABLE review_picks;
DROP TABLE review_items;
DROP TABLE review_checks;
DROP TABLE reviews;
