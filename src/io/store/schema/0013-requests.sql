-- Schema 13: LSCs that another CA issues, and the keys that wait for it.

ALTER TABLE lscs ADD COLUMN external INTEGER NOT NULL DEFAULT 0 CHECK (external IN (0, 1));

-- The serials of other CAs are theirs.
DROP INDEX lscs_serial;
CREATE UNIQUE INDEX lscs_serial ON lscs (serial) WHERE external = 0;
CREATE UNIQUE INDEX lscs_external ON lscs (issuer, serial) WHERE external = 1;

CREATE TABLE lsc_requests (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	device   TEXT NOT NULL CHECK (length(device) BETWEEN 1 AND 31
	         AND device NOT GLOB '*[^-A-Za-z0-9_.]*'),
	spki     BLOB NOT NULL CHECK (length(spki) BETWEEN 1 AND 4096),
	key_hash BLOB NOT NULL CHECK (length(key_hash) = 32),
	made     INTEGER NOT NULL,
	state    TEXT NOT NULL CHECK (state IN ('waiting', 'signed', 'stale')),
	changed  INTEGER NOT NULL,
	lsc      INTEGER REFERENCES lscs (id),
	CHECK (state <> 'signed' OR lsc IS NOT NULL)
) STRICT;

CREATE UNIQUE INDEX lsc_requests_one_live ON lsc_requests (device) WHERE state <> 'stale';
CREATE INDEX lsc_requests_by_key ON lsc_requests (key_hash);
CREATE INDEX lsc_requests_by_lsc ON lsc_requests (lsc);
CREATE INDEX lsc_requests_by_state ON lsc_requests (state, id);

-- Of a phone that is deleted none is wanted any more.
CREATE TRIGGER lsc_requests_of_deleted AFTER DELETE ON phones BEGIN
	UPDATE lsc_requests SET state = 'stale', changed = CAST(strftime('%s', 'now') AS INTEGER)
		WHERE device = old.name AND state <> 'stale';
END;

PRAGMA user_version = 13;
