-- Schema 6: no two LSCs have one serial.

CREATE UNIQUE INDEX lscs_serial ON lscs (serial);

PRAGMA user_version = 6;
