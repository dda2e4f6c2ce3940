-- Schema 14: bridges, proof of what phones hold, keys that are given up or announced.

CREATE TABLE lists_14 (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	node    INTEGER NOT NULL REFERENCES nodes (id),
	kind    TEXT NOT NULL CHECK (kind IN ('itl', 'empty', 'ctl', 'bridge', 'ctl-bridge', 'foreign')),
	version INTEGER NOT NULL CHECK (version >= 1),
	file    BLOB NOT NULL CHECK (length(file) BETWEEN 1 AND 65536),
	sha256  BLOB NOT NULL CHECK (length(sha256) = 32),
	signer  BLOB NOT NULL CHECK (length(signer) = 32),
	made    INTEGER NOT NULL,
	digest  TEXT NOT NULL DEFAULT 'sha1' CHECK (digest IN ('sha1', 'sha512')),
	UNIQUE (node, kind, version)
) STRICT;
INSERT INTO lists_14 SELECT id, node, kind, version, file, sha256, signer, made, digest FROM lists;

CREATE TABLE beliefs_14 (
	phone   TEXT NOT NULL REFERENCES phones (name) ON DELETE CASCADE,
	list    INTEGER NOT NULL REFERENCES lists_14 (id),
	address TEXT NOT NULL CHECK (length(CAST(address AS BLOB)) <= 63),
	first   INTEGER NOT NULL,
	last    INTEGER NOT NULL,
	gone    INTEGER NOT NULL DEFAULT 0, -- when it was proven that the phone holds another; 0: never
	PRIMARY KEY (phone, list)
) STRICT, WITHOUT ROWID;
INSERT INTO beliefs_14 SELECT phone, list, address, first, last, 0 FROM beliefs;

-- Whoever refers to a list goes before it; the new names take the references along.
DROP TABLE beliefs;
DROP TABLE lists;
ALTER TABLE lists_14 RENAME TO lists;
ALTER TABLE beliefs_14 RENAME TO beliefs;

CREATE TRIGGER lists_keep BEFORE DELETE ON lists BEGIN
	SELECT raise(ABORT, 'a published list is kept');
END;

CREATE TRIGGER lists_fixed BEFORE UPDATE ON lists BEGIN
	SELECT raise(ABORT, 'a published list is not changed');
END;

-- staged: announced in lists, signs nothing yet. given_up: its key was removed for good at that
-- time, 0: never.
ALTER TABLE certificates ADD COLUMN staged INTEGER NOT NULL DEFAULT 0
	CHECK (staged IN (0, 1) AND (staged = 0 OR active = 0));
ALTER TABLE certificates ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0
	CHECK (given_up = 0 OR active = 0);

PRAGMA user_version = 14;
