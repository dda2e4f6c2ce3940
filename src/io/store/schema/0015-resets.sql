-- Schema 15: resets of phones, and which of them came back.

CREATE TABLE reset_jobs (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	made      INTEGER NOT NULL,
	filter    TEXT NOT NULL,
	kind      TEXT NOT NULL CHECK (kind IN ('reset', 'restart', 'apply')),
	canary    INTEGER NOT NULL CHECK (canary BETWEEN 0 AND 100),
	wave      INTEGER NOT NULL CHECK (wave >= 0),
	tolerance INTEGER NOT NULL CHECK (tolerance BETWEEN 0 AND 100),
	wait      INTEGER NOT NULL CHECK (wait > 0),
	state     TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'done')),
	reason    TEXT NOT NULL,
	now       INTEGER NOT NULL CHECK (now BETWEEN 1 AND waves),
	waves     INTEGER NOT NULL,
	accepted  INTEGER NOT NULL CHECK (accepted BETWEEN 0 AND waves)
) STRICT;

CREATE INDEX reset_jobs_open ON reset_jobs (id) WHERE state <> 'done';

-- No reference to phones: what became of one stays to be read when its record goes.
CREATE TABLE reset_phones (
	job    INTEGER NOT NULL REFERENCES reset_jobs (id),
	phone  TEXT NOT NULL CHECK (length(phone) BETWEEN 1 AND 31
	       AND phone NOT GLOB '*[^-A-Za-z0-9_.]*'),
	wave   INTEGER NOT NULL CHECK (wave >= 1),
	state  TEXT NOT NULL CHECK (state IN
	       ('waiting', 'asked', 'sent', 'own-reboot', 'back', 'missing', 'failed', 'skipped')),
	reason TEXT NOT NULL,
	status INTEGER CHECK (status BETWEEN 0 AND 255),
	asked  INTEGER NOT NULL,
	at     INTEGER NOT NULL,
	PRIMARY KEY (job, phone)
) STRICT, WITHOUT ROWID;

CREATE INDEX reset_phones_by_state ON reset_phones (job, state, wave, phone);
CREATE INDEX reset_phones_open ON reset_phones (job, phone)
	WHERE state IN ('sent', 'own-reboot', 'missing', 'failed');
CREATE INDEX reset_phones_by_phone ON reset_phones (phone, job);

PRAGMA user_version = 15;
