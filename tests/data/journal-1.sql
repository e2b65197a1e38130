-- The journal of version 1, as it was made until 2026-11, with a run of it: for tests/unit/test_journal.c.
--
-- Instants are nanoseconds since 1970 by the orchestrator's clock.  Contents of files may be secret: the file has mode 0600.

PRAGMA application_id = 0x54544a4e; -- "TTJN"
PRAGMA user_version = 1;

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
	options   TEXT NOT NULL,    -- what a run that resumes it takes over
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
	action     TEXT NOT NULL,    -- what was to be done to the daemon: "restart"
	wave       INTEGER NOT NULL, -- 0: nothing was to be done
	begun_ns   INTEGER,          -- NULL: it was not touched
	ended_ns   INTEGER,
	outcome    TEXT NOT NULL,    -- names of enum host_outcome of rollout.h; "changes": it was to be changed
	failed_at  TEXT NOT NULL,    -- the step that failed, or ""
	error      TEXT NOT NULL,
	note       TEXT NOT NULL,
	settled    TEXT NOT NULL,    -- what a later look at the host found, where nobody knew: names of enum settled
	settled_ns INTEGER,
	UNIQUE (run_id, host)
);
CREATE INDEX run_host_by_host ON run_host (host);

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
	action       TEXT NOT NULL,  -- what a change of it asks of the daemon
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

INSERT INTO content VALUES (1, 'cafe', 'site: lab');
INSERT INTO run VALUES (1, '1.aa', 'apply', 'root@ops', 'web', ' no-agent trust-sources', 'lab', 'site.yaml', 1, NULL, 1, 2, 3);
INSERT INTO run VALUES (2, '2.bb', 'apply', 'root@ops', '--disable-rivals', ' disable-rivals', 'lab', 'site.yaml', 1, 1, 3, 4, 0);
INSERT INTO run_host VALUES (1, 1, 'web1', 'chrony', 'reload sources', 1, 1, 2, 'put back', 'health', 'no', '', '', NULL);
INSERT INTO run_host VALUES (2, 1, 'web2', 'chrony', 'restart', 1, 1, NULL, 'open', '', '', '', 'as it was', 9);
INSERT INTO run_host VALUES (3, 1, 'web3', 'chrony', 'restart', 1, 1, NULL, 'open', '', '', '', 'changed since', 9);
INSERT INTO run_host VALUES (4, 2, 'web1', 'chrony', 'restart', 1, 3, 4, 'done', '', '',
	'all is well; switched off by --disable-rivals: ntpdate.service, /etc/network/if-up.d/ntpdate', '', NULL);
INSERT INTO run_host VALUES (5, 2, 'web2', 'chrony', 'restart', 1, 3, 4, 'done', '', '', 'switched off by --disable-rivals: htpdate.service', '', NULL);
INSERT INTO file VALUES (1, '/etc/a', 0, 0, 'nothing', NULL, NULL, NULL, NULL, 1, 420, 'root', 'root');
