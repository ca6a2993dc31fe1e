-- Search stores as sources. A secret is sealed with a key outside the database.
-- +goose Up
ALTER TABLE sources ADD COLUMN store TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN ca TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN sign_in TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN secret BLOB;
ALTER TABLE sources ADD COLUMN secret_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN secret_by TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE sources DROP COLUMN secret_by;
ALTER TABLE sources DROP COLUMN secret_at;
ALTER TABLE sources DROP COLUMN secret;
ALTER TABLE sources DROP COLUMN sign_in;
ALTER TABLE sources DROP COLUMN ca;
ALTER TABLE sources DROP COLUMN store;
