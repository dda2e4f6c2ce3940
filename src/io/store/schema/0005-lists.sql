-- Schema 5: the digest that a trust list is signed with.

DROP TRIGGER lists_fixed;

ALTER TABLE lists ADD COLUMN digest TEXT NOT NULL DEFAULT 'sha1'
	CHECK (digest IN ('sha1', 'sha512'));

-- Elements 7 SIGNATUREINFO and 8 DIGESTALGORITHM of the header (doc/protocols/files.md 1.2).
UPDATE lists SET digest = 'sha512' WHERE instr(file, x'07000f08000103') > 0;

CREATE TRIGGER lists_fixed BEFORE UPDATE ON lists BEGIN
	SELECT raise(ABORT, 'a published list is not changed');
END;

PRAGMA user_version = 5;
