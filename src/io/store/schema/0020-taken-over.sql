-- Schema 20: keys of other clusters are told apart from our own earlier ones.

ALTER TABLE certificates ADD COLUMN taken_over INTEGER NOT NULL DEFAULT 0 CHECK (taken_over IN (0, 1));

PRAGMA user_version = 20;
