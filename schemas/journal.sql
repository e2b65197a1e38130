-- What timetier did to hosts (orchestrator/journal/): which run, on whose word, with which files, and what came of it.
--
-- Instants are nanoseconds since 1970 by the orchestrator's clock.  Contents of files may be secret: the file has mode 0600.

PRAGMA application_id = 0x54544a4e; -- "TTJN"
PRAGMA user_version = 3;

-- Bytes, each once: what files of hosts were and became, site.yaml, the agent's program.
CREATE TABLE content (
	id    INTEGER PRIMARY KEY,
	hash  TEXT NOT NULL UNIQUE, -- SHA-256, in hex
	bytes BLOB                  -- NULL: nothing but the hash is known
);

CREATE TABLE run (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	mark      TEXT NOT NULL,    -- as hosts are told it: "7.3f9a21c0"; run 7 of another journal has another
	kind      TEXT NOT NULL,    -- the command: "apply", "agent install"
	who       TEXT NOT NULL,    -- user@host
	words     TEXT NOT NULL,    -- how it was asked for, for people
	no_agent  INTEGER NOT NULL, -- the options that a run takes over which resumes it
	disable_rivals INTEGER NOT NULL,
	trust_sources  INTEGER NOT NULL,
	site      TEXT NOT NULL,    -- its name
	site_file TEXT NOT NULL,
	site_id   INTEGER REFERENCES content(id), -- its text
	of_run    INTEGER,          -- that it resumes, or takes back
	begun_ns  INTEGER NOT NULL,
	ended_ns  INTEGER,          -- NULL: it is at work, or its program died
	status    INTEGER           -- exit status
);

-- A host of a run.
CREATE TABLE run_host (
	id         INTEGER PRIMARY KEY,
	run_id     INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
	host       TEXT NOT NULL,
	daemon     TEXT NOT NULL,    -- "" where none was asked about
	action     TEXT NOT NULL,    -- what was to be done to the daemon: ids of enum file_action
	wave       INTEGER NOT NULL, -- 0: nothing was to be done
	begun_ns   INTEGER,          -- NULL: it was not touched
	ended_ns   INTEGER,
	outcome    TEXT NOT NULL,    -- ids of enum host_outcome (rollout/host/outcome.c); "changes": it was to be changed
	failed_at  TEXT NOT NULL,    -- the step that failed, or ""
	error      TEXT NOT NULL,
	note       TEXT NOT NULL,
	settled    TEXT NOT NULL,    -- what a later look at the host found, where nobody knew: ids of enum settled
	settled_ns INTEGER,
	migrated_from TEXT NOT NULL DEFAULT '', -- the daemon that the run stopped in favour of this one; "": none
	UNIQUE (run_id, host)
);
CREATE INDEX run_host_by_host ON run_host (host);

-- What --disable-rivals switched off on a host: units and hooks that set the clock.
CREATE TABLE switched_off (
	run_host_id INTEGER NOT NULL REFERENCES run_host(id) ON DELETE CASCADE,
	name        TEXT NOT NULL
);
CREATE INDEX switched_off_by_host ON switched_off (run_host_id);

-- When a host came to a step.
CREATE TABLE step (
	run_host_id INTEGER NOT NULL REFERENCES run_host(id) ON DELETE CASCADE,
	time_ns     INTEGER NOT NULL,
	name        TEXT NOT NULL    -- names of enum host_step
);
CREATE INDEX step_by_host ON step (run_host_id);

-- Each file that the run looks after on a host that it was to change, as it was and as it was to be.
CREATE TABLE file (
	run_host_id  INTEGER NOT NULL REFERENCES run_host(id) ON DELETE CASCADE,
	path         TEXT NOT NULL,
	of_agent     INTEGER NOT NULL,
	secret       INTEGER NOT NULL,
	action       TEXT NOT NULL,  -- what a change of it asks of the daemon: the same
	before_id    INTEGER REFERENCES content(id), -- NULL: it was not there
	before_mode  INTEGER,
	before_owner TEXT,
	before_group TEXT,
	after_id     INTEGER REFERENCES content(id), -- NULL: it was to go
	after_mode   INTEGER,
	after_owner  TEXT,
	after_group  TEXT,
	PRIMARY KEY (run_host_id, path)
) WITHOUT ROWID;
