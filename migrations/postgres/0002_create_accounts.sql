-- Who may sign in, and their sessions.
-- +goose Up
CREATE TABLE accounts (
    id            TEXT NOT NULL PRIMARY KEY,
    version       BIGINT NOT NULL,
    name          TEXT NOT NULL,
    email         TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    password_at   BIGINT NOT NULL,
    roles         TEXT NOT NULL,
    disabled      BOOLEAN NOT NULL,
    must_change   BOOLEAN NOT NULL,
    person_id     TEXT NOT NULL,
    created_at    BIGINT NOT NULL
);

CREATE TABLE sessions (
    id         TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    secret     TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    address    TEXT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id, last_seen);

-- One row: the hash of the token that the first set-up asks for, '' when none.
CREATE TABLE setup (
    id         BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    token_hash TEXT NOT NULL
);
INSERT INTO setup (id, token_hash) VALUES (1, '');

-- +goose Down
DROP TABLE setup;
DROP TABLE sessions;
DROP TABLE accounts;
