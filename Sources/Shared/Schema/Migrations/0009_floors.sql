-- Whoever holds a snapshot keeps every row that has changed since in its place, and in the indexes. What reads an index
-- from its beginning would step over all of them. So the beginning is written down, and scans start there.
-- docs/queue.md explains the floors.

-- In fair order. No ready job stands below the floor, but for what a slow transaction left there: it is lifted.
ALTER TABLE lane_clock
    ADD COLUMN floor      double precision NOT NULL DEFAULT '-infinity',
    ADD COLUMN next_floor double precision NOT NULL DEFAULT '-infinity',  -- the clock at floor_at: what the floor becomes next
    ADD COLUMN floor_at   timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN lift_from  double precision NOT NULL DEFAULT '-infinity',  -- the floor of half a minute ago at least:
    ADD COLUMN next_lift  double precision NOT NULL DEFAULT '-infinity',  -- what is lifted ordinarily stands above it
    ADD COLUMN lift_at    timestamptz NOT NULL DEFAULT '-infinity';

-- In the order of time: no row of that index lies before `since`, but for what a clock that was set back left there.
CREATE TABLE scan_floor (
    name  text PRIMARY KEY CHECK (name IN ('running', 'due', 'deadline')),
    since timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);
INSERT INTO scan_floor (name) VALUES ('running'), ('due'), ('deadline');

-- By the start of the attempt, which only grows from claim to claim: so it has a floor.
DROP INDEX job_live_running;
CREATE INDEX job_live_running ON job_live (started_at) WHERE state = 'running';

-- Active clusters are found by the block their time lies in. Most steps stay within a block, so that they are HOT updates;
-- an index over the time itself would get an entry with each of them.
DROP INDEX flow_clock_active;
ALTER TABLE flow_clock ADD COLUMN block double precision NOT NULL GENERATED ALWAYS AS (floor(vtime / 4096)) STORED;
CREATE INDEX flow_clock_active ON flow_clock (lane, tenant, block);

-- What was accepted since the last fold into job_tally: appended only, since one row that every transaction changes would
-- have as many versions as there were transactions.
CREATE TABLE job_tally_part (day date NOT NULL, tenant text NOT NULL, accepted bigint NOT NULL);
CREATE VIEW job_tally_now AS
SELECT day, tenant, sum(accepted)::bigint AS accepted, sum(dropped)::bigint AS dropped FROM (
    SELECT day, tenant, accepted, dropped FROM job_tally
    UNION ALL SELECT day, tenant, accepted, 0 FROM job_tally_part) part
GROUP BY day, tenant;

-- A redriven job costs what it cost, and gets as much time anew as it was given: from acceptance to deadline.
ALTER TABLE job_live ADD COLUMN allowance interval;
ALTER TABLE job_result ADD COLUMN cost double precision NOT NULL DEFAULT 1, ADD COLUMN allowance interval;
