-- What the last run noted of the files it read, so that the next need not read
-- them from the beginning (docs/incremental.md). It is no evidence, and may be
-- emptied at any time: then the next run reads everything.
-- +goose Up
CREATE TABLE reading_notes (
    source   TEXT NOT NULL PRIMARY KEY,
    noted_at BIGINT NOT NULL,
    sha256   TEXT NOT NULL,
    body     BYTEA NOT NULL
);

-- +goose Down
DROP TABLE reading_notes;
