-- From version 1, whose ledger knew runs of the agent and no causes, to version 2.

ALTER TABLE step RENAME TO step_of_runs;
DROP INDEX step_by_time;

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

INSERT INTO step SELECT host_id, session, count, time_ns, amount_ns, time_ns - amount_ns, time_ns,
	'unknown', 1, 'before causes were kept' || CASE WHEN steps > 1 THEN ': ' || steps || ' steps' ELSE '' END
	FROM step_of_runs;
DROP TABLE step_of_runs;
PRAGMA user_version = 2;
