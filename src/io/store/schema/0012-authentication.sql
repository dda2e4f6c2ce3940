-- Schema 12: authentication of phones by certificate, and strings that wrong guesses lock.

ALTER TABLE phones ADD COLUMN auth_kind TEXT NOT NULL DEFAULT 'null-string'
	CHECK (auth_kind IN ('null-string', 'auth-string', 'existing-lsc', 'existing-mic'));
UPDATE phones SET auth_kind = auth_mode;
ALTER TABLE phones DROP COLUMN auth_mode;
ALTER TABLE phones RENAME COLUMN auth_kind TO auth_mode;

ALTER TABLE phones ADD COLUMN auth_failures INTEGER NOT NULL DEFAULT 0
	CHECK (auth_failures >= 0);

PRAGMA user_version = 12;
