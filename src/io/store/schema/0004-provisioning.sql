-- Schema 4: what configurations are made from, and what was served.

CREATE TABLE profiles (
	name               TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 63
	                   AND name NOT GLOB '*[^-A-Za-z0-9_.]*'),
	mode               TEXT NOT NULL CHECK (mode IN
	                   ('keep', 'non-secure', 'authenticated', 'encrypted')),
	transport          TEXT NOT NULL CHECK (transport IN
	                   ('keep', 'tcp', 'udp', 'tls', 'tcp+udp')),
	encrypted_config   INTEGER NOT NULL CHECK (encrypted_config IN (0, 1)),
	authentication_url TEXT NOT NULL CHECK (length(CAST(authentication_url AS BLOB)) <= 255),
	directory_url      TEXT NOT NULL CHECK (length(CAST(directory_url AS BLOB)) <= 255),
	services_url       TEXT NOT NULL CHECK (length(CAST(services_url AS BLOB)) <= 255),
	messages_url       TEXT NOT NULL CHECK (length(CAST(messages_url AS BLOB)) <= 255),
	information_url    TEXT NOT NULL CHECK (length(CAST(information_url AS BLOB)) <= 255),
	idle_url           TEXT NOT NULL CHECK (length(CAST(idle_url AS BLOB)) <= 255)
) STRICT;

-- host2 and host3 '' when there are fewer; port 0 when it is not named.
CREATE TABLE manager_groups (
	name     TEXT NOT NULL PRIMARY KEY CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 63),
	host1    TEXT NOT NULL CHECK (length(CAST(host1 AS BLOB)) BETWEEN 1 AND 255),
	port1    INTEGER NOT NULL CHECK (port1 BETWEEN 0 AND 65535),
	host2    TEXT NOT NULL CHECK (length(CAST(host2 AS BLOB)) <= 255),
	port2    INTEGER NOT NULL CHECK (port2 BETWEEN 0 AND 65535),
	host3    TEXT NOT NULL CHECK (length(CAST(host3 AS BLOB)) <= 255),
	port3    INTEGER NOT NULL CHECK (port3 BETWEEN 0 AND 65535),
	template TEXT NOT NULL CHECK (length(CAST(template AS BLOB)) <= 63),
	CHECK (host3 = '' OR host2 <> '')
) STRICT;

CREATE INDEX manager_groups_by_template ON manager_groups (template) WHERE template <> '';

CREATE TABLE templates (
	name    TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 63
	        AND name NOT GLOB '*[^-A-Za-z0-9_.]*'),
	model   TEXT NOT NULL CHECK (length(CAST(model AS BLOB)) <= 63),
	xml     BLOB NOT NULL CHECK (length(xml) BETWEEN 1 AND 550001),
	changed INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX templates_one_of_model ON templates (model) WHERE model <> '';

-- A template may be one that the program brings along, so only a profile can be referred to.
ALTER TABLE phones ADD COLUMN profile TEXT REFERENCES profiles (name);
ALTER TABLE phones ADD COLUMN template TEXT NOT NULL DEFAULT ''
	CHECK (length(CAST(template AS BLOB)) <= 63);

CREATE INDEX phones_by_profile ON phones (profile) WHERE profile IS NOT NULL;
CREATE INDEX phones_by_template ON phones (template) WHERE template <> '';

-- For steps over all added phones, and for their models: each looks at what it gives, however many
-- phones there are.
CREATE INDEX phones_added ON phones (name) WHERE origin = 'added';
CREATE INDEX phones_added_by_model ON phones (model) WHERE origin = 'added';

-- Deadlines are looked for twice a minute, and few phones have one.
CREATE INDEX phones_by_deadline ON phones (complete_by) WHERE complete_by > 0;

-- How many phones there are of each origin, asked for with every batch of sightings.
CREATE TABLE phone_counts (
	origin TEXT NOT NULL PRIMARY KEY CHECK (origin IN ('seen', 'added')),
	phones INTEGER NOT NULL CHECK (phones >= 0)
) STRICT, WITHOUT ROWID;

INSERT INTO phone_counts VALUES
	('seen', (SELECT count(*) FROM phones WHERE origin = 'seen')),
	('added', (SELECT count(*) FROM phones WHERE origin = 'added'));

CREATE TRIGGER phones_count_insert AFTER INSERT ON phones BEGIN
	UPDATE phone_counts SET phones = phones + 1 WHERE origin = new.origin;
END;

CREATE TRIGGER phones_count_delete AFTER DELETE ON phones BEGIN
	UPDATE phone_counts SET phones = phones - 1 WHERE origin = old.origin;
END;

CREATE TRIGGER phones_count_update AFTER UPDATE OF origin ON phones
WHEN old.origin <> new.origin BEGIN
	UPDATE phone_counts SET phones = phones - 1 WHERE origin = old.origin;
	UPDATE phone_counts SET phones = phones + 1 WHERE origin = new.origin;
END;

DROP INDEX phones_by_origin;

CREATE TABLE phone_values (
	phone TEXT NOT NULL REFERENCES phones (name) ON DELETE CASCADE,
	key   TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 63
	      AND key NOT GLOB '*[^-A-Za-z0-9_.]*'),
	value TEXT NOT NULL CHECK (length(CAST(value AS BLOB)) BETWEEN 1 AND 511),
	PRIMARY KEY (phone, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE remotes (
	name     TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 63
	         AND name NOT GLOB '*[^-A-Za-z0-9_.]*'),
	position INTEGER NOT NULL CHECK (position >= 1),
	tftp     INTEGER NOT NULL CHECK (tftp IN (0, 1)),
	host1    TEXT NOT NULL CHECK (length(CAST(host1 AS BLOB)) BETWEEN 1 AND 255),
	port1    INTEGER NOT NULL CHECK (port1 BETWEEN 0 AND 65535),
	host2    TEXT NOT NULL CHECK (length(CAST(host2 AS BLOB)) <= 255),
	port2    INTEGER NOT NULL CHECK (port2 BETWEEN 0 AND 65535),
	host3    TEXT NOT NULL CHECK (length(CAST(host3 AS BLOB)) <= 255),
	port3    INTEGER NOT NULL CHECK (port3 BETWEEN 0 AND 65535),
	CHECK (host3 = '' OR host2 <> '')
) STRICT;

CREATE TABLE served (
	device  TEXT NOT NULL PRIMARY KEY REFERENCES phones (name) ON DELETE CASCADE,
	version TEXT NOT NULL CHECK (length(CAST(version AS BLOB)) <= 63),
	form    TEXT NOT NULL CHECK (length(CAST(form AS BLOB)) <= 23),
	address TEXT NOT NULL CHECK (length(CAST(address AS BLOB)) <= 63),
	at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The last configuration of a name that could be built; the name is a file's, not always a phone's.
CREATE TABLE good_configurations (
	name TEXT NOT NULL PRIMARY KEY CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 255),
	xml  BLOB NOT NULL CHECK (length(xml) <= 550001),
	at   INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 4;
