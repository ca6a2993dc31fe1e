-- Who may sign in, and their sessions.
-- +goose Up
CREATE TABLE accounts (
    id            TEXT NOT NULL PRIMARY KEY,
    version       INTEGER NOT NULL,
    name          TEXT NOT NULL,
    email         TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    password_at   INTEGER NOT NULL,
    roles         TEXT NOT NULL,
    disabled      INTEGER NOT NULL,
    must_change   INTEGER NOT NULL,
    person_id     TEXT NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    id         TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    created_at INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    secret     TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    address    TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_account ON sessions (account_id, last_seen);

-- One row: the hash of the token that the first set-up asks for, '' when none.
CREATE TABLE setup (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    token_hash TEXT NOT NULL
) STRICT;
INSERT INTO setup (id, token_hash) VALUES (1, '');

-- +goose Down
DROP TABLE setup;
DROP TABLE sessions;
DROP TABLE accounts;
