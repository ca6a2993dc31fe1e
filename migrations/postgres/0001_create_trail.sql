-- The trail of everything that changes, and who the ids in it are.
-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END;
$$;
-- +goose StatementEnd

-- The chain. It holds actor ids only; who they are stands in principals, so
-- that forgetting a person does not break it. Times are microseconds since the
-- Unix epoch, UTC, here and in every other table.
CREATE TABLE trail (
    seq         BIGINT NOT NULL PRIMARY KEY,
    at          BIGINT NOT NULL,
    by_id       TEXT NOT NULL,
    address     TEXT NOT NULL,
    action      TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id   TEXT NOT NULL,
    detail      TEXT NOT NULL,
    previous    TEXT NOT NULL,
    hash        TEXT NOT NULL
);
CREATE INDEX trail_object ON trail (object_kind, object_id, seq);
CREATE INDEX trail_by ON trail (by_id, seq);
CREATE INDEX trail_action ON trail (action, seq);
CREATE INDEX trail_at ON trail (at, seq);

-- One row: the newest record. Whoever appends locks it, so the sequence has no gap.
CREATE TABLE trail_head (
    id   BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO trail_head (id, seq, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TABLE principals (
    id    TEXT NOT NULL PRIMARY KEY,
    name  TEXT NOT NULL,
    email TEXT NOT NULL
);

-- Numbers that are given out once: the next finding.
CREATE TABLE counters (
    name  TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('finding', 0);

CREATE TRIGGER trail_refuse_change BEFORE UPDATE OR DELETE ON trail FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER trail_refuse_truncate BEFORE TRUNCATE ON trail FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER trail_head_refuse_delete BEFORE DELETE ON trail_head FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER trail_head_refuse_truncate BEFORE TRUNCATE ON trail_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE counters;
DROP TABLE principals;
DROP TABLE trail_head;
DROP TABLE trail;
DROP FUNCTION refuse_change();
