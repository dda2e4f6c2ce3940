-- Schema 19: what phones were believed not to hold any more because of a boot as files show it, which
-- anybody may imitate, can come back.

ALTER TABLE beliefs ADD COLUMN guessed INTEGER NOT NULL DEFAULT 0 CHECK (guessed IN (0, 1));
ALTER TABLE left_beliefs ADD COLUMN guessed INTEGER NOT NULL DEFAULT 0 CHECK (guessed IN (0, 1));

DROP TRIGGER beliefs_leave;
DROP TRIGGER beliefs_return;
DROP TRIGGER beliefs_return_seen;

CREATE TRIGGER beliefs_leave BEFORE DELETE ON phones WHEN OLD.origin = 'added' BEGIN
	INSERT OR REPLACE INTO left_beliefs
		SELECT phone, list, address, first, last, gone, booted, doubted, guessed FROM beliefs
		WHERE phone = OLD.name;
END;

-- A conflict is none of the statement that fires them, whose own clause would count in place of OR IGNORE.
CREATE TRIGGER beliefs_return AFTER INSERT ON phones WHEN NEW.origin = 'added' BEGIN
	INSERT INTO beliefs (phone, list, address, first, last, gone, booted, doubted, guessed)
		SELECT phone, list, address, first, last, gone, booted, doubted, guessed FROM left_beliefs
		WHERE phone = NEW.name AND list NOT IN (SELECT list FROM beliefs WHERE phone = NEW.name);
	DELETE FROM left_beliefs WHERE phone = NEW.name;
END;

CREATE TRIGGER beliefs_return_seen AFTER UPDATE OF origin ON phones
	WHEN NEW.origin = 'added' AND OLD.origin = 'seen' BEGIN
	INSERT INTO beliefs (phone, list, address, first, last, gone, booted, doubted, guessed)
		SELECT phone, list, address, first, last, gone, booted, doubted, guessed FROM left_beliefs
		WHERE phone = NEW.name AND list NOT IN (SELECT list FROM beliefs WHERE phone = NEW.name);
	DELETE FROM left_beliefs WHERE phone = NEW.name;
END;

PRAGMA user_version = 19;
