-- From version 2, which did not know migrations from one daemon to another, to version 3.

ALTER TABLE run_host ADD COLUMN migrated_from TEXT NOT NULL DEFAULT '';

PRAGMA user_version = 3;
