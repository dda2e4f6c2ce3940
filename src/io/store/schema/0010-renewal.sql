-- Schema 10: LSCs in the order in which two thirds of their life are over.

CREATE INDEX lscs_by_renewal ON lscs (issued + (not_after - issued) * 2 / 3) WHERE state = 'confirmed';

PRAGMA user_version = 10;
