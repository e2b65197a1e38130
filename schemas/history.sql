-- What the collector keeps of the fleet's past (orchestrator/collect/store_samples.c).
--
-- Instants are nanoseconds since 1970 by the collector's clock; offsets are source minus local.
-- Size: a sample has some 45 bytes, a bucket some 110.  A host that reports every 16 s needs
-- 0.8 MB for 3 days of samples, 2.2 MB for 14 days of minutes, 4.8 MB for 5 years of hours.

PRAGMA application_id = 0x54544853; -- "TTHS"
PRAGMA user_version = 3;

CREATE TABLE host (
	id   INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
);

-- One row a report of a daemon that answered.
CREATE TABLE sample (
	host_id        INTEGER NOT NULL REFERENCES host(id),
	time_ns        INTEGER NOT NULL,
	offset_ns      INTEGER NOT NULL,
	error_bound_ns INTEGER NOT NULL,
	frequency_ppm  REAL NOT NULL,
	health         INTEGER NOT NULL, -- enum health of verdict/health.h
	PRIMARY KEY (host_id, time_ns)
) WITHOUT ROWID;

-- The samples of one minute; time_ns is its start.
CREATE TABLE minute (
	host_id             INTEGER NOT NULL REFERENCES host(id),
	time_ns             INTEGER NOT NULL,
	samples             INTEGER NOT NULL,
	offset_min_ns       INTEGER NOT NULL,
	offset_mean_ns      REAL NOT NULL,
	offset_max_ns       INTEGER NOT NULL,
	error_bound_min_ns  INTEGER NOT NULL,
	error_bound_mean_ns REAL NOT NULL,
	error_bound_max_ns  INTEGER NOT NULL,
	frequency_min_ppm   REAL NOT NULL,
	frequency_mean_ppm  REAL NOT NULL,
	frequency_max_ppm   REAL NOT NULL,
	health              INTEGER NOT NULL, -- the worst
	PRIMARY KEY (host_id, time_ns)
) WITHOUT ROWID;

-- The samples of one hour; time_ns is its start.
CREATE TABLE hour (
	host_id             INTEGER NOT NULL REFERENCES host(id),
	time_ns             INTEGER NOT NULL,
	samples             INTEGER NOT NULL,
	offset_min_ns       INTEGER NOT NULL,
	offset_mean_ns      REAL NOT NULL,
	offset_max_ns       INTEGER NOT NULL,
	error_bound_min_ns  INTEGER NOT NULL,
	error_bound_mean_ns REAL NOT NULL,
	error_bound_max_ns  INTEGER NOT NULL,
	frequency_min_ppm   REAL NOT NULL,
	frequency_mean_ppm  REAL NOT NULL,
	frequency_max_ppm   REAL NOT NULL,
	health              INTEGER NOT NULL, -- the worst
	heard               INTEGER NOT NULL DEFAULT 0, -- bit N: minute N has a sample; 0: not kept then
	PRIMARY KEY (host_id, time_ns)
) WITHOUT ROWID;

-- The ledger of steps: every jump of a host's clock that its agent saw, or found out later.
CREATE TABLE step (
	host_id   INTEGER NOT NULL REFERENCES host(id),
	boot_id   TEXT NOT NULL,    -- of the boot in which it was
	boot_ns   INTEGER NOT NULL, -- the host's boot clock when it was seen
	time_ns   INTEGER NOT NULL,
	amount_ns INTEGER NOT NULL, -- positive: the clock jumped forward
	before_ns INTEGER NOT NULL, -- the host's own clock at that moment, had it not been set
	after_ns  INTEGER NOT NULL, -- and as it was set
	cause     TEXT NOT NULL,    -- names of enum step_cause of verdict/proof.h
	settled   INTEGER NOT NULL, -- 0: the cause may still be found
	words     TEXT NOT NULL,    -- what speaks for the cause
	PRIMARY KEY (host_id, boot_id, boot_ns)
) WITHOUT ROWID;
CREATE INDEX step_by_time ON step (time_ns);
CREATE INDEX step_by_cause ON step (cause);

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
