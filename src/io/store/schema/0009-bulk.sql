-- Schema 9: operations for many phones, and how far they are.

CREATE TABLE bulk_jobs (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	made     INTEGER NOT NULL,
	filter   TEXT NOT NULL,
	settings TEXT NOT NULL,
	pace     INTEGER NOT NULL CHECK (pace >= 0),
	paced    INTEGER NOT NULL,
	state    TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'done'))
) STRICT;

CREATE INDEX bulk_jobs_open ON bulk_jobs (id) WHERE state <> 'done';

-- No reference to phones: what became of one stays to be read when its record goes.
CREATE TABLE bulk_phones (
	job    INTEGER NOT NULL REFERENCES bulk_jobs (id),
	phone  TEXT NOT NULL CHECK (length(phone) BETWEEN 1 AND 31
	       AND phone NOT GLOB '*[^-A-Za-z0-9_.]*'),
	state  TEXT NOT NULL CHECK (state IN ('waiting', 'given', 'succeeded', 'failed', 'skipped')),
	reason TEXT NOT NULL,
	at     INTEGER NOT NULL,
	PRIMARY KEY (job, phone)
) STRICT, WITHOUT ROWID;

CREATE INDEX bulk_phones_by_state ON bulk_phones (job, state, phone);

PRAGMA user_version = 9;
