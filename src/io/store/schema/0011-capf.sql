-- Schema 11: what became of certificate operations, and of the certificates.

-- RSA of 512 bits joins. A column is renamed into place, because a CHECK cannot be changed.
ALTER TABLE phones ADD COLUMN rsa_bits INTEGER NOT NULL DEFAULT 2048
	CHECK (rsa_bits IN (512, 1024, 2048, 3072, 4096));
UPDATE phones SET rsa_bits = rsa_size;
ALTER TABLE phones DROP COLUMN rsa_size;
ALTER TABLE phones RENAME COLUMN rsa_bits TO rsa_size;

CREATE TABLE capf_history (
	id     INTEGER PRIMARY KEY AUTOINCREMENT,
	phone  TEXT NOT NULL REFERENCES phones (name) ON DELETE CASCADE,
	at     INTEGER NOT NULL,
	status TEXT NOT NULL CHECK (length(CAST(status AS BLOB)) BETWEEN 1 AND 95),
	cause  TEXT NOT NULL CHECK (length(CAST(cause AS BLOB)) <= 255)
) STRICT;

CREATE INDEX capf_history_by_phone ON capf_history (phone, id);

CREATE TRIGGER capf_history_cap AFTER INSERT ON capf_history BEGIN
	DELETE FROM capf_history WHERE phone = new.phone AND id <=
		(SELECT id FROM capf_history WHERE phone = new.phone
		 ORDER BY id DESC LIMIT 1 OFFSET 50);
END;

-- How far the last attempt came; the counts are those of the operation that is open.
CREATE TABLE capf_attempts (
	phone           TEXT NOT NULL PRIMARY KEY REFERENCES phones (name) ON DELETE CASCADE,
	step            TEXT NOT NULL CHECK (step IN ('none', 'authentication', 'key-generation',
	                'phone', 'ca', 'store', 'done')),
	reason          TEXT NOT NULL CHECK (length(CAST(reason AS BLOB)) <= 255),
	address         TEXT NOT NULL CHECK (length(CAST(address AS BLOB)) <= 63),
	at              INTEGER NOT NULL,
	keygen_failures INTEGER NOT NULL CHECK (keygen_failures >= 0),
	broken          INTEGER NOT NULL CHECK (broken >= 0),
	ec_failed       INTEGER NOT NULL CHECK (ec_failed IN (0, 1))
) STRICT, WITHOUT ROWID;

-- What phones sent when they were asked for their certificates; the last of each kind.
CREATE TABLE fetched_certificates (
	phone TEXT NOT NULL REFERENCES phones (name) ON DELETE CASCADE,
	kind  TEXT NOT NULL CHECK (kind IN ('lsc', 'mic')),
	der   BLOB NOT NULL CHECK (length(der) BETWEEN 1 AND 65535),
	at    INTEGER NOT NULL,
	PRIMARY KEY (phone, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX lscs_by_key ON lscs (key_hash);

PRAGMA user_version = 11;
