-- Schema 6: an issuer of LSCs apart from CAPF; no two LSCs have one serial.

CREATE TABLE certificates_6 (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	node    INTEGER NOT NULL REFERENCES nodes (id),
	purpose TEXT NOT NULL CHECK (purpose IN
	        ('callmanager', 'callmanager-ec', 'tvs', 'capf', 'itlrecovery', 'web', 'capf-issuer')),
	der     BLOB NOT NULL CHECK (length(der) BETWEEN 1 AND 65535),
	active  INTEGER NOT NULL CHECK (active IN (0, 1)),
	made    INTEGER NOT NULL,
	retired INTEGER NOT NULL DEFAULT 0,
	CHECK (active = 0 OR retired = 0)
) STRICT;

INSERT INTO certificates_6 SELECT * FROM certificates;
DROP TABLE certificates;
ALTER TABLE certificates_6 RENAME TO certificates;
CREATE UNIQUE INDEX certificates_one_active ON certificates (node, purpose) WHERE active = 1;

CREATE UNIQUE INDEX lscs_serial ON lscs (serial);

PRAGMA user_version = 6;
