-- Three days of five hosts, from 2026-11-01T00:00:00Z (1793491200) on, for tests/report.sh.
INSERT INTO host VALUES (1, 'time1'), (2, 'time2'), (3, 'web1'), (4, 'web2'), (5, 'old7');

-- time1 is good all the time; time2 has an hour that is not, whose minutes are there; web1 was not heard for five hours, and
-- for ten minutes; web2 was never heard; old7 has left the site after a day.
WITH RECURSIVE hours(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM hours WHERE n < 71)
INSERT INTO hour SELECT id, (1793491200 + n * 3600) * 1000000000, 225, -400000, 0, 300000, 4000000, 6000000, 8000000, 1, 1, 1, 0,
	CASE WHEN id = 3 AND n = 40 THEN ((1 << 60) - 1) & ~(1023 << 20) ELSE (1 << 60) - 1 END
	FROM hours, host WHERE id <> 4 AND NOT (id = 3 AND n BETWEEN 10 AND 14) AND NOT (id = 5 AND n >= 24);
UPDATE hour SET offset_max_ns = 31000000, error_bound_max_ns = 60000000 WHERE host_id = 2 AND time_ns = (1793491200 + 30 * 3600) * 1000000000;
WITH RECURSIVE minutes(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM minutes WHERE n < 59)
INSERT INTO minute SELECT 2, (1793491200 + 30 * 3600 + n * 60) * 1000000000, 4, 0, 0, 300000, 4000000, 6000000, 8000000, 1, 1, 1, 0 FROM minutes;
UPDATE minute SET offset_max_ns = 31000000, error_bound_max_ns = 40000000 WHERE time_ns = (1793491200 + 30 * 3600 + 17 * 60) * 1000000000;
UPDATE minute SET error_bound_max_ns = 60000000 WHERE time_ns = (1793491200 + 30 * 3600 + 18 * 60) * 1000000000;
INSERT INTO sample VALUES (2, (1793491200 + 30 * 3600 + 17 * 60 + 21) * 1000000000, 31000000, 40000000, 1, 2),
	(2, (1793491200 + 30 * 3600 + 17 * 60 + 37) * 1000000000, 2000000, 9000000, 1, 0);

INSERT INTO step VALUES (2, 'boot', 7, (1793491200 + 30 * 3600 + 17 * 60 + 30) * 1000000000, 29000000, 1, 2, 'by hand', 1, 'date, by root'),
	(1, 'boot', 7, (1793491200 - 60) * 1000000000, 1, 1, 2, 'unknown', 1, 'before the span');
INSERT INTO followed VALUES
	(1, (1793491200 - 86400 * 9) * 1000000000, 'sth1', '198.51.100.2', 2, 'none', 0),
	(1, (1793491200 - 86400 * 3) * 1000000000, 'ptb1', '198.51.100.1', 2, 'nts', 1),
	(1, (1793491200 + 86400) * 1000000000, '', '', 16, 'unknown', 0),
	(1, (1793491200 + 86400 + 600) * 1000000000, 'sth1', '198.51.100.2', 2, 'none', 0),
	(3, (1793491200 + 7200) * 1000000000, 'time1', '192.0.2.1', 3, 'key', 1);
