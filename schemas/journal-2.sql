-- From version 1, which kept options, and what was switched off, as words within texts, to version 2.

ALTER TABLE run ADD COLUMN no_agent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN disable_rivals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN trust_sources INTEGER NOT NULL DEFAULT 0;
UPDATE run SET no_agent = instr(options, ' no-agent') > 0, disable_rivals = instr(options, ' disable-rivals') > 0,
	trust_sources = instr(options, ' trust-sources') > 0;
ALTER TABLE run DROP COLUMN options;

UPDATE run_host SET outcome = 'put-back' WHERE outcome = 'put back';
UPDATE run_host SET settled = CASE settled WHEN 'put back' THEN 'put-back' WHEN 'as it was' THEN 'untouched'
	WHEN 'changed since' THEN 'lost' ELSE settled END;

UPDATE run_host SET action = CASE action WHEN 'nothing' THEN 'none' WHEN 'reload sources' THEN 'reload-sources' ELSE action END;
UPDATE file SET action = CASE action WHEN 'nothing' THEN 'none' WHEN 'reload sources' THEN 'reload-sources' ELSE action END;

CREATE TABLE switched_off (
	run_host_id INTEGER NOT NULL REFERENCES run_host(id) ON DELETE CASCADE,
	name        TEXT NOT NULL
);
CREATE INDEX switched_off_by_host ON switched_off (run_host_id);

-- The note ended with "switched off by --disable-rivals: A, B".
CREATE TEMP TABLE told AS SELECT id, note, instr(note, 'switched off by --disable-rivals: ') AS at FROM run_host
	WHERE instr(note, 'switched off by --disable-rivals: ') > 0;
WITH RECURSIVE part (id, name, rest) AS (
	SELECT id, '', substr(note, at + 34) || ', ' FROM temp.told
	UNION ALL
	SELECT id, substr(rest, 1, instr(rest, ', ') - 1), substr(rest, instr(rest, ', ') + 2) FROM part WHERE rest <> '')
INSERT INTO switched_off SELECT id, name FROM part WHERE name <> '';
UPDATE run_host SET note = (SELECT CASE WHEN at > 2 THEN substr(told.note, 1, at - 3) ELSE '' END FROM temp.told WHERE told.id = run_host.id)
	WHERE id IN (SELECT id FROM temp.told);
DROP TABLE temp.told;

PRAGMA user_version = 2;
