-- Schema 14: taken by a change that is not here yet.

PRAGMA user_version = 14;
