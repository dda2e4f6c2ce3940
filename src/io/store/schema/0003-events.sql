-- Schema 3: the audit log.

CREATE TABLE events (
	id     INTEGER PRIMARY KEY AUTOINCREMENT,
	at     INTEGER NOT NULL,
	actor  TEXT NOT NULL,
	event  TEXT NOT NULL CHECK (event <> ''),
	object TEXT NOT NULL,
	text   TEXT NOT NULL
) STRICT;

CREATE INDEX events_by_object ON events (object, id);

CREATE TRIGGER events_keep BEFORE DELETE ON events BEGIN
	SELECT raise(ABORT, 'the audit log only grows');
END;

CREATE TRIGGER events_fixed BEFORE UPDATE ON events BEGIN
	SELECT raise(ABORT, 'the audit log only grows');
END;

PRAGMA user_version = 3;
