-- Reviews, what people said in them, findings and sealed packages.
-- +goose Up
CREATE TABLE reviews (
    id            TEXT NOT NULL PRIMARY KEY,
    version       BIGINT NOT NULL,
    revision      BIGINT NOT NULL,
    template      TEXT NOT NULL,
    title         TEXT NOT NULL,
    period_from   BIGINT NOT NULL,
    period_to     BIGINT NOT NULL,
    zone          TEXT NOT NULL,
    local_date    TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('scheduled', 'open', 'in_review', 'sign_off', 'closed', 'missed', 'cancelled')),
    due_at        BIGINT NOT NULL,
    missed_at     BIGINT NOT NULL,
    opened_at     BIGINT NOT NULL,
    closed_at     BIGINT NOT NULL,
    run_id        TEXT NOT NULL,
    sample        TEXT NOT NULL,
    figures       TEXT NOT NULL,
    -- Counts for lists, kept with every change.
    items         BIGINT NOT NULL,
    decided       BIGINT NOT NULL,
    picks         BIGINT NOT NULL,
    picks_decided BIGINT NOT NULL,
    limits        BIGINT NOT NULL,
    acknowledged  BIGINT NOT NULL,
    findings      BIGINT NOT NULL,
    attested      TEXT NOT NULL,
    attested_at   BIGINT NOT NULL,
    approved      TEXT NOT NULL,
    conclusion    TEXT NOT NULL,
    UNIQUE (template, local_date)
);
CREATE INDEX reviews_state ON reviews (state, period_from, id);
CREATE INDEX reviews_template ON reviews (template, period_from, id);
CREATE INDEX reviews_period ON reviews (period_from, id);

CREATE TABLE review_checks (
    review_id TEXT NOT NULL REFERENCES reviews (id),
    position  BIGINT NOT NULL,
    check_id  TEXT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (review_id, position)
);

CREATE TABLE review_items (
    review_id TEXT NOT NULL REFERENCES reviews (id),
    position  BIGINT NOT NULL,
    item_key  TEXT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (review_id, position)
);

CREATE TABLE review_picks (
    review_id TEXT NOT NULL REFERENCES reviews (id),
    position  BIGINT NOT NULL,
    event_key TEXT NOT NULL,
    body      TEXT NOT NULL,
    raw       BYTEA,
    PRIMARY KEY (review_id, position)
);

CREATE TABLE review_limits (
    review_id TEXT NOT NULL REFERENCES reviews (id),
    position  BIGINT NOT NULL,
    check_id  TEXT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (review_id, position)
);

CREATE TABLE decisions (
    review_id   TEXT NOT NULL REFERENCES reviews (id),
    seq         BIGINT NOT NULL,
    subject_key TEXT NOT NULL,
    pick        BOOLEAN NOT NULL,
    choice      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    until_date  TEXT NOT NULL,
    ticket      TEXT NOT NULL,
    finding_id  TEXT NOT NULL,
    by_id       TEXT NOT NULL,
    signer      TEXT NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (review_id, seq)
);

CREATE TABLE acknowledgements (
    review_id   TEXT NOT NULL REFERENCES reviews (id),
    seq         BIGINT NOT NULL,
    check_id    TEXT NOT NULL,
    cause       TEXT NOT NULL,
    consequence TEXT NOT NULL,
    by_id       TEXT NOT NULL,
    signer      TEXT NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (review_id, seq)
);

CREATE TABLE sign_offs (
    review_id   TEXT NOT NULL REFERENCES reviews (id),
    seq         BIGINT NOT NULL,
    role        TEXT NOT NULL,
    by_id       TEXT NOT NULL,
    signer      TEXT NOT NULL,
    at          BIGINT NOT NULL,
    method      TEXT NOT NULL,
    conclusion  TEXT NOT NULL,
    statement   TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    set_sha256  TEXT NOT NULL,
    reperformed TEXT NOT NULL,
    PRIMARY KEY (review_id, seq)
);

-- A signature that was returned: said in a new row, never written over.
CREATE TABLE sign_off_voids (
    review_id TEXT NOT NULL,
    seq       BIGINT NOT NULL,
    by_id     TEXT NOT NULL,
    at        BIGINT NOT NULL,
    reason    TEXT NOT NULL,
    PRIMARY KEY (review_id, seq),
    FOREIGN KEY (review_id, seq) REFERENCES sign_offs (review_id, seq)
);

CREATE TABLE review_events (
    review_id  TEXT NOT NULL REFERENCES reviews (id),
    seq        BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    by_id      TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    note       TEXT NOT NULL,
    PRIMARY KEY (review_id, seq)
);

CREATE TABLE findings (
    id             TEXT NOT NULL PRIMARY KEY,
    version        BIGINT NOT NULL,
    review_id      TEXT NOT NULL REFERENCES reviews (id),
    position       BIGINT NOT NULL,
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
    raised_at      BIGINT NOT NULL,
    controls       TEXT NOT NULL
);
CREATE INDEX findings_review ON findings (review_id, position);
CREATE INDEX findings_status ON findings (status, raised_at, id);

CREATE TABLE finding_changes (
    finding_id  TEXT NOT NULL REFERENCES findings (id),
    seq         BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    by_id       TEXT NOT NULL,
    signer      TEXT NOT NULL,
    from_status TEXT NOT NULL,
    to_status   TEXT NOT NULL,
    note        TEXT NOT NULL,
    PRIMARY KEY (finding_id, seq)
);

CREATE TABLE packages (
    review_id   TEXT NOT NULL REFERENCES reviews (id),
    revision    BIGINT NOT NULL,
    name        TEXT NOT NULL,
    root        TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    size        BIGINT NOT NULL,
    sealed_at   BIGINT NOT NULL,
    fingerprint TEXT NOT NULL,
    PRIMARY KEY (review_id, revision)
);
CREATE INDEX packages_sealed ON packages (sealed_at, review_id);

CREATE TABLE package_bytes (
    review_id TEXT NOT NULL,
    revision  BIGINT NOT NULL,
    body      BYTEA NOT NULL,
    PRIMARY KEY (review_id, revision),
    FOREIGN KEY (review_id, revision) REFERENCES packages (review_id, revision)
);

CREATE TRIGGER review_checks_refuse_change BEFORE UPDATE OR DELETE ON review_checks FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER review_checks_refuse_truncate BEFORE TRUNCATE ON review_checks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER review_items_refuse_change BEFORE UPDATE OR DELETE ON review_items FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER review_items_refuse_truncate BEFORE TRUNCATE ON review_items FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER review_picks_refuse_change BEFORE UPDATE OR DELETE ON review_picks FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER review_picks_refuse_truncate BEFORE TRUNCATE ON review_picks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER review_limits_refuse_change BEFORE UPDATE OR DELETE ON review_limits FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER review_limits_refuse_truncate BEFORE TRUNCATE ON review_limits FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER decisions_refuse_change BEFORE UPDATE OR DELETE ON decisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decisions_refuse_truncate BEFORE TRUNCATE ON decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER acknowledgements_refuse_change BEFORE UPDATE OR DELETE ON acknowledgements FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER acknowledgements_refuse_truncate BEFORE TRUNCATE ON acknowledgements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER sign_offs_refuse_change BEFORE UPDATE OR DELETE ON sign_offs FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sign_offs_refuse_truncate BEFORE TRUNCATE ON sign_offs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER sign_off_voids_refuse_change BEFORE UPDATE OR DELETE ON sign_off_voids FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sign_off_voids_refuse_truncate BEFORE TRUNCATE ON sign_off_voids FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER review_events_refuse_change BEFORE UPDATE OR DELETE ON review_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER review_events_refuse_truncate BEFORE TRUNCATE ON review_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER finding_changes_refuse_change BEFORE UPDATE OR DELETE ON finding_changes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER finding_changes_refuse_truncate BEFORE TRUNCATE ON finding_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER packages_refuse_change BEFORE UPDATE OR DELETE ON packages FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER packages_refuse_truncate BEFORE TRUNCATE ON packages FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER package_bytes_refuse_change BEFORE UPDATE OR DELETE ON package_bytes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER package_bytes_refuse_truncate BEFORE TRUNCATE ON package_bytes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER reviews_refuse_update BEFORE UPDATE ON reviews FOR EACH ROW WHEN (OLD.state = 'closed') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reviews_refuse_delete BEFORE DELETE ON reviews FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reviews_refuse_truncate BEFORE TRUNCATE ON reviews FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER findings_refuse_delete BEFORE DELETE ON findings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER findings_refuse_truncate BEFORE TRUNCATE ON findings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

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
