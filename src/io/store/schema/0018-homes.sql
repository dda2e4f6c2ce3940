-- Schema 18: what phones may hold that are deleted; where phones are at home.

-- A phone does not lose its list with its record: added again, it may hold what it did. Nobody else looks
-- at these.
CREATE TABLE left_beliefs (
	phone   TEXT NOT NULL CHECK (length(phone) BETWEEN 1 AND 31),
	list    INTEGER NOT NULL REFERENCES lists (id),
	address TEXT NOT NULL CHECK (length(CAST(address AS BLOB)) <= 63),
	first   INTEGER NOT NULL,
	last    INTEGER NOT NULL,
	gone    INTEGER NOT NULL,
	booted  INTEGER NOT NULL,
	doubted INTEGER NOT NULL CHECK (doubted IN (0, 1)),
	PRIMARY KEY (phone, list)
) STRICT, WITHOUT ROWID;

-- Not of phones that only asked for something: strangers must not fill the database.
CREATE TRIGGER beliefs_leave BEFORE DELETE ON phones WHEN OLD.origin = 'added' BEGIN
	INSERT OR REPLACE INTO left_beliefs
		SELECT phone, list, address, first, last, gone, booted, doubted FROM beliefs
		WHERE phone = OLD.name;
END;

CREATE TRIGGER beliefs_return AFTER INSERT ON phones WHEN NEW.origin = 'added' BEGIN
	INSERT OR IGNORE INTO beliefs (phone, list, address, first, last, gone, booted, doubted)
		SELECT phone, list, address, first, last, gone, booted, doubted FROM left_beliefs
		WHERE phone = NEW.name;
	DELETE FROM left_beliefs WHERE phone = NEW.name;
END;

-- One that asked for something since.
CREATE TRIGGER beliefs_return_seen AFTER UPDATE OF origin ON phones
	WHEN NEW.origin = 'added' AND OLD.origin = 'seen' BEGIN
	INSERT OR IGNORE INTO beliefs (phone, list, address, first, last, gone, booted, doubted)
		SELECT phone, list, address, first, last, gone, booted, doubted FROM left_beliefs
		WHERE phone = NEW.name;
	DELETE FROM left_beliefs WHERE phone = NEW.name;
END;

-- Where the signed configuration always went: '' when it never did, "several" when to more than one
-- address. Whoever fetches lists alone does not boot.
ALTER TABLE served ADD COLUMN home TEXT NOT NULL DEFAULT ''
	CHECK (length(CAST(home AS BLOB)) <= 63);

PRAGMA user_version = 18;
