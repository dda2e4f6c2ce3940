-- Schema 17: what boots say of the lists that phones may hold; resets that are repeated.

-- booted: when a whole boot with that list was seen, which is a hint and no proof; 0: never.
-- doubted: every list that the phone may hold refuses this one, so it holds it only if its lists
-- were erased.
ALTER TABLE beliefs ADD COLUMN booted INTEGER NOT NULL DEFAULT 0 CHECK (booted >= 0);
ALTER TABLE beliefs ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0 CHECK (doubted IN (0, 1));

-- again: so many times those follow that have taken a bridge by then.
ALTER TABLE reset_jobs ADD COLUMN again INTEGER NOT NULL DEFAULT 0 CHECK (again BETWEEN 0 AND 9);

PRAGMA user_version = 17;
