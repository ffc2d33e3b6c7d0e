-- The queue, complete: fairness by cluster, holds and caps, progress, children, retention, the audit's count.

ALTER TABLE job_live
    ADD COLUMN cluster         text NOT NULL DEFAULT '',        -- the fairness key within a tenant: the caller's cluster_id
    ADD COLUMN held            boolean NOT NULL DEFAULT false,  -- a rule keeps it from running: neither rung nor claimed
    ADD COLUMN checkpoint      text,                            -- JSON of the handler's: survives retries
    ADD COLUMN children_total  int NOT NULL DEFAULT 0,          -- > 0: this job waits for the end of its children
    ADD COLUMN children_open   int NOT NULL DEFAULT 0,
    ADD COLUMN children_failed int NOT NULL DEFAULT 0,
    ADD COLUMN fail_fast       boolean NOT NULL DEFAULT false,  -- the first failed child ends the wait
    ADD COLUMN callback        text;                            -- JSON {kind, lane, payload}: accepted when this job ends

DROP INDEX job_live_ready;
CREATE INDEX job_live_ready ON job_live (lane, vtime, id) WHERE state = 'queued' AND NOT held;
CREATE INDEX job_live_held ON job_live (tenant, kind, lane, vtime, id) WHERE held;
-- A caller's deadline inside a lane: the earliest is rung first.
CREATE INDEX job_live_urgent ON job_live (lane, deadline) WHERE state = 'queued' AND NOT held AND deadline IS NOT NULL;
CREATE INDEX job_live_deadline ON job_live (deadline) WHERE deadline IS NOT NULL;
CREATE INDEX job_live_children ON job_live (parent_id) WHERE parent_id IS NOT NULL;

ALTER TABLE job_result
    ADD COLUMN cluster      text NOT NULL DEFAULT '',
    ADD COLUMN discarded_at timestamptz;                        -- an operator gave the dead letter up; its payload is gone
CREATE INDEX job_result_dead ON job_result (state, kind, id) WHERE state IN ('failed', 'dead');
CREATE INDEX job_result_children ON job_result (parent_id) WHERE parent_id IS NOT NULL;

-- Ended is ended: whatever the code above does, no statement changes how a job ended.
CREATE FUNCTION refuse_changed_result() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.state, OLD.lease_epoch, OLD.finished_at, OLD.result, OLD.error)
        IS DISTINCT FROM (NEW.id, NEW.state, NEW.lease_epoch, NEW.finished_at, NEW.result, NEW.error) THEN
        RAISE EXCEPTION 'job % has ended as % and cannot end again', OLD.id, OLD.state;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ended_is_ended BEFORE UPDATE ON job_result FOR EACH ROW EXECUTE FUNCTION refuse_changed_result();

ALTER TABLE job_attempt DROP CONSTRAINT job_attempt_outcome_check;
ALTER TABLE job_attempt ADD CONSTRAINT job_attempt_outcome_check CHECK (outcome IN (
    'retry', 'rate_limited', 'snooze', 'handed_back', 'lease_expired', 'fanned_out', 'redriven'));

-- Fair queueing within a tenant: the last virtual time of each of its clusters. Rows behind the lane's time are removed.
CREATE TABLE flow_clock (
    lane job_lane NOT NULL, tenant text NOT NULL, cluster text NOT NULL, vtime double precision NOT NULL,
    PRIMARY KEY (lane, tenant, cluster)
) WITH (fillfactor = 50);
-- How many clusters of a tenant are still owed something: their number sets the pace of each.
CREATE INDEX flow_clock_active ON flow_clock (lane, tenant, vtime);

-- What operators ordered: pause (nothing starts), drain (nothing new is accepted), and how many may run at once.
CREATE TABLE queue_rule (
    scope       text NOT NULL CHECK (scope IN ('lane', 'kind', 'tenant')),
    name        text NOT NULL,                                  -- for a tenant's cap also '*': every tenant
    mode        text NOT NULL DEFAULT 'open' CHECK (mode IN ('open', 'paused', 'draining')),
    max_running int CHECK (max_running > 0),
    reason      text,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, name),
    CHECK (name <> '*' OR mode = 'open')
);

-- Tokens for services that bound our calls, shared by the fleet. Negative: already promised to waiting callers.
CREATE TABLE token_bucket (
    name       text PRIMARY KEY,
    tokens     double precision NOT NULL,
    rate       double precision NOT NULL CHECK (rate > 0),      -- tokens per second
    burst      double precision NOT NULL CHECK (burst >= 1),
    updated_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Takes tokens, or promises them for later: returns how many seconds the caller must wait before it uses them.
-- Beyond `patience` seconds nothing is taken and the wait comes back negated.
CREATE FUNCTION take_tokens(bucket text, wanted double precision, new_rate double precision, new_burst double precision,
                            patience double precision) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
    level double precision;
    wait double precision;
    at timestamptz;
BEGIN
    INSERT INTO token_bucket (name, tokens, rate, burst, updated_at)
    VALUES (bucket, new_burst, new_rate, new_burst, clock_timestamp()) ON CONFLICT (name) DO NOTHING;
    PERFORM FROM token_bucket WHERE name = bucket FOR UPDATE;
    at := clock_timestamp();
    SELECT least(new_burst, b.tokens + b.rate * greatest(0, extract(epoch FROM at - b.updated_at))) INTO level
    FROM token_bucket b WHERE name = bucket;
    wait := greatest(0, (wanted - level) / new_rate);
    IF wait > patience THEN RETURN -wait; END IF;
    UPDATE token_bucket SET tokens = level - wanted, rate = new_rate, burst = new_burst, updated_at = at
    WHERE name = bucket;
    RETURN wait;
END $$;

-- The audit's fixed point: what was accepted, counted in the accepting transaction, by tenant and day of the id.
CREATE TABLE job_tally (
    day      date NOT NULL,
    tenant   text NOT NULL,
    accepted bigint NOT NULL DEFAULT 0,
    dropped  bigint NOT NULL DEFAULT 0,                         -- ended jobs whose day was removed by retention
    PRIMARY KEY (day, tenant)
) WITH (fillfactor = 50);
INSERT INTO job_tally (day, tenant, accepted)
SELECT day, tenant, sum(n) FROM (
    SELECT uuid_v7_day(id) AS day, tenant, count(*) AS n FROM job_live GROUP BY 1, 2
    UNION ALL SELECT day, tenant, count(*) FROM job_result GROUP BY 1, 2
) counted GROUP BY 1, 2;

ALTER TABLE worker
    ADD COLUMN capabilities text[] NOT NULL DEFAULT '{}',       -- kind:version, all that it can run
    ADD COLUMN orders       text NOT NULL DEFAULT 'none' CHECK (orders IN ('none', 'quiet', 'stop')),
    ADD COLUMN run_seconds  text;                               -- JSON {kind: {count, mean}} of what it ran lately

-- What a job of a kind costs in worker-seconds, from what workers report: kept for when there are no workers.
CREATE TABLE kind_cost (
    kind             text PRIMARY KEY,
    mean_run_seconds double precision NOT NULL CHECK (mean_run_seconds >= 0),
    updated_at       timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
