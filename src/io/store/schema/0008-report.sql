-- Schema 8: who issued which LSC, for reports and for what must stay trusted.

CREATE TABLE lsc_issuers (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	der       BLOB NOT NULL CHECK (length(der) BETWEEN 1 AND 65535),
	sha256    BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
	subject   TEXT NOT NULL CHECK (length(CAST(subject AS BLOB)) BETWEEN 1 AND 255),
	not_after INTEGER NOT NULL
) STRICT;

-- Null: issued before this was kept.
ALTER TABLE lscs ADD COLUMN issuer INTEGER REFERENCES lsc_issuers (id);

CREATE INDEX lscs_live_by_issuer ON lscs (issuer, not_after) WHERE state IN ('issued', 'confirmed');

PRAGMA user_version = 8;
