-- From version 2, which knew of no minutes of an hour and of no sources, to version 3.

ALTER TABLE hour ADD COLUMN heard INTEGER NOT NULL DEFAULT 0; -- bit N: minute N has a sample; 0: not kept then

-- Whom a host's daemon followed, from time_ns until the host's next row; written when it changes.
CREATE TABLE followed (
	host_id   INTEGER NOT NULL REFERENCES host(id),
	time_ns   INTEGER NOT NULL,
	source    TEXT NOT NULL,    -- the name in site.yaml; '': there is none
	address   TEXT NOT NULL,    -- as the daemon tells it; '': it followed nobody
	stratum   INTEGER NOT NULL, -- of the host
	auth      TEXT NOT NULL,    -- how the source proved itself: source_auth_name() of daemons/daemon.h
	auth_told INTEGER NOT NULL, -- 0: the daemon does not tell; auth is what its configuration has
	PRIMARY KEY (host_id, time_ns)
) WITHOUT ROWID;
PRAGMA user_version = 3;
