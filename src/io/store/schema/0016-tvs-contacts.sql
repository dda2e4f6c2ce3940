-- Schema 16: the last that was heard of each address at TVS, and at the servers of files over HTTPS.

-- A question, and a handshake that failed; 0 and '' where there was none. No reference to phones: an
-- address has many.
CREATE TABLE tvs_contacts (
	address     TEXT NOT NULL PRIMARY KEY CHECK (length(CAST(address AS BLOB)) BETWEEN 1 AND 63),
	at          INTEGER NOT NULL,
	question_at INTEGER NOT NULL,
	device      TEXT NOT NULL CHECK (length(CAST(device AS BLOB)) <= 31),
	certificate TEXT NOT NULL CHECK (length(CAST(certificate AS BLOB)) <= 255),
	is_known    INTEGER NOT NULL CHECK (is_known IN (0, 1)),
	alert_at    INTEGER NOT NULL,
	alert       TEXT NOT NULL CHECK (length(CAST(alert AS BLOB)) <= 159),
	https_at    INTEGER NOT NULL,
	https       TEXT NOT NULL CHECK (length(CAST(https AS BLOB)) <= 159)
) STRICT, WITHOUT ROWID;

-- For dropping the oldest: strangers must not fill the database.
CREATE INDEX tvs_contacts_by_time ON tvs_contacts (at);

PRAGMA user_version = 16;
