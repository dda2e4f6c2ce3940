-- Schema 7: LSCs that are revoked, and the number of the next revocation list.

ALTER TABLE lscs ADD COLUMN revoked_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lscs ADD COLUMN revoke_reason TEXT NOT NULL DEFAULT ''
	CHECK (revoke_reason IN ('', 'unspecified', 'keyCompromise', 'affiliationChanged',
	'superseded', 'cessationOfOperation', 'privilegeWithdrawn'));

UPDATE lscs SET revoked_at = max(ended, 1), revoke_reason = 'superseded' WHERE state = 'superseded';
UPDATE lscs SET revoked_at = max(ended, 1), revoke_reason = 'cessationOfOperation'
	WHERE state = 'deleted';

CREATE INDEX lscs_revoked ON lscs (not_after) WHERE revoked_at > 0;

-- One row: it counts up with each revocation and each list that is made.
CREATE TABLE revocations (
	number INTEGER NOT NULL CHECK (number >= 0)
) STRICT;

INSERT INTO revocations VALUES (0);

CREATE TRIGGER lscs_revoke AFTER UPDATE OF revoked_at ON lscs WHEN old.revoked_at <> new.revoked_at
BEGIN
	UPDATE revocations SET number = number + 1;
END;

PRAGMA user_version = 7;
