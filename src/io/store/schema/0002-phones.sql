-- Schema 2: phones, what they were handed, and their LSCs.

CREATE TABLE phones (
	name              TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 31
	                  AND name NOT GLOB '*[^-A-Za-z0-9_.]*'),
	origin            TEXT NOT NULL CHECK (origin IN ('seen', 'added')),
	model             TEXT NOT NULL CHECK (length(CAST(model AS BLOB)) <= 63),
	group_name        TEXT NOT NULL CHECK (length(CAST(group_name AS BLOB)) <= 63),
	operation         TEXT NOT NULL CHECK (operation IN
	                  ('none', 'install-upgrade', 'delete', 'troubleshoot')),
	operation_status  TEXT NOT NULL CHECK (length(CAST(operation_status AS BLOB)) <= 95),
	operation_changed INTEGER NOT NULL,
	auth_mode         TEXT NOT NULL CHECK (auth_mode IN ('null-string', 'auth-string')),
	auth_string       TEXT NOT NULL CHECK (auth_string = '' OR
	                  (length(auth_string) BETWEEN 4 AND 10
	                  AND auth_string NOT GLOB '*[^0-9]*')),
	key_order         TEXT NOT NULL CHECK (key_order IN ('rsa-only', 'ec-only', 'ec-preferred')),
	rsa_size          INTEGER NOT NULL CHECK (rsa_size IN (1024, 2048, 3072, 4096)),
	ec_size           INTEGER NOT NULL CHECK (ec_size IN (256, 384, 521)),
	complete_by       INTEGER NOT NULL CHECK (complete_by >= 0),
	released          INTEGER NOT NULL CHECK (released IN (0, 1)),
	first_seen        INTEGER NOT NULL CHECK (first_seen >= 0),
	last_seen         INTEGER NOT NULL CHECK (last_seen >= 0),
	last_address      TEXT NOT NULL CHECK (length(CAST(last_address AS BLOB)) <= 63),
	mic               BLOB CHECK (mic IS NULL OR length(mic) BETWEEN 1 AND 65535)
) STRICT;

CREATE INDEX phones_by_origin ON phones (origin);

CREATE TABLE beliefs (
	phone   TEXT NOT NULL REFERENCES phones (name) ON DELETE CASCADE,
	list    INTEGER NOT NULL REFERENCES lists (id),
	address TEXT NOT NULL CHECK (length(CAST(address AS BLOB)) <= 63),
	first   INTEGER NOT NULL,
	last    INTEGER NOT NULL,
	PRIMARY KEY (phone, list)
) STRICT, WITHOUT ROWID;

-- No reference to phones: what was issued stays on record when a phone's record goes.
CREATE TABLE lscs (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	device    TEXT NOT NULL CHECK (length(device) BETWEEN 1 AND 31
	          AND device NOT GLOB '*[^-A-Za-z0-9_.]*'),
	der       BLOB NOT NULL CHECK (length(der) BETWEEN 1 AND 65535),
	key_hash  BLOB NOT NULL CHECK (length(key_hash) = 32),
	serial    TEXT NOT NULL CHECK (length(serial) BETWEEN 1 AND 47
	          AND serial NOT GLOB '*[^0-9a-f]*'),
	not_after INTEGER NOT NULL,
	state     TEXT NOT NULL CHECK (state IN ('issued', 'confirmed', 'superseded', 'deleted')),
	issued    INTEGER NOT NULL,
	confirmed INTEGER NOT NULL DEFAULT 0,
	ended     INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX lscs_by_device ON lscs (device, id);
CREATE UNIQUE INDEX lscs_one_confirmed ON lscs (device) WHERE state = 'confirmed';

PRAGMA user_version = 2;
