-- Schema 1: settings, nodes, certificates, trust stores and trust lists of the cluster.

PRAGMA application_id = 1397511246; -- "SLTN", as in store_schema.h

CREATE TABLE settings (
	name  TEXT NOT NULL PRIMARY KEY CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 255),
	value TEXT NOT NULL CHECK (length(CAST(value AS BLOB)) <= 1023)
) STRICT, WITHOUT ROWID;

CREATE TABLE nodes (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	name        TEXT NOT NULL UNIQUE CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 255),
	addresses   TEXT NOT NULL CHECK (length(CAST(addresses AS BLOB)) <= 1023),
	publisher   INTEGER NOT NULL CHECK (publisher IN (0, 1)),
	tftp        INTEGER NOT NULL CHECK (tftp IN (0, 1)),
	tvs         INTEGER NOT NULL CHECK (tvs IN (0, 1)),
	callmanager INTEGER NOT NULL CHECK (callmanager IN (0, 1)),
	capf        INTEGER NOT NULL CHECK (capf IN (0, 1))
) STRICT;

CREATE UNIQUE INDEX nodes_one_publisher ON nodes (publisher) WHERE publisher = 1;

CREATE TABLE certificates (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	node    INTEGER NOT NULL REFERENCES nodes (id),
	purpose TEXT NOT NULL CHECK (purpose IN
	        ('callmanager', 'callmanager-ec', 'tvs', 'capf', 'itlrecovery', 'web')),
	der     BLOB NOT NULL CHECK (length(der) BETWEEN 1 AND 65535),
	active  INTEGER NOT NULL CHECK (active IN (0, 1)),
	made    INTEGER NOT NULL,
	retired INTEGER NOT NULL DEFAULT 0,
	CHECK (active = 0 OR retired = 0)
) STRICT;

CREATE UNIQUE INDEX certificates_one_active ON certificates (node, purpose) WHERE active = 1;

CREATE TABLE trust (
	id    INTEGER PRIMARY KEY AUTOINCREMENT,
	store TEXT NOT NULL CHECK (store IN ('callmanager-trust', 'capf-trust', 'tvs-trust',
	      'phone-sast-trust', 'phone-vpn-trust', 'phone-trust')),
	der   BLOB NOT NULL CHECK (length(der) BETWEEN 1 AND 65535),
	added INTEGER NOT NULL,
	UNIQUE (store, der)
) STRICT;

-- A list is never changed and never deleted: a phone somewhere may still believe it.
CREATE TABLE lists (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	node    INTEGER NOT NULL REFERENCES nodes (id),
	kind    TEXT NOT NULL CHECK (kind IN ('itl', 'empty', 'ctl')),
	version INTEGER NOT NULL CHECK (version >= 1),
	file    BLOB NOT NULL CHECK (length(file) BETWEEN 1 AND 65536),
	sha256  BLOB NOT NULL CHECK (length(sha256) = 32),
	signer  BLOB NOT NULL CHECK (length(signer) = 32),
	made    INTEGER NOT NULL,
	UNIQUE (node, kind, version)
) STRICT;

CREATE TRIGGER lists_keep BEFORE DELETE ON lists BEGIN
	SELECT raise(ABORT, 'a published list is kept');
END;

CREATE TRIGGER lists_fixed BEFORE UPDATE ON lists BEGIN
	SELECT raise(ABORT, 'a published list is not changed');
END;

PRAGMA user_version = 1;
