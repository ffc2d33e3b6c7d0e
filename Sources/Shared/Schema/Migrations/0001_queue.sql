-- The ledger: the only truth about jobs. docs/queue.md explains the protocol, file by file.

CREATE TYPE job_state AS ENUM
    ('scheduled', 'queued', 'running', 'retrying', 'succeeded', 'failed', 'cancelled', 'dead');

-- In order of importance: comparing two lanes compares their urgency.
CREATE TYPE job_lane AS ENUM ('critical', 'interactive', 'batch', 'bulk');

-- Jobs that have not ended. Small and hot: a row leaves in the transaction that ends its job.
CREATE TABLE job_live (
    id                  uuid PRIMARY KEY,               -- UUIDv7: its time is the time of acceptance
    tenant              text NOT NULL,
    lane                job_lane NOT NULL,
    kind                text NOT NULL,
    payload_version     smallint NOT NULL,
    payload             text NOT NULL,                  -- the request's JSON, byte for byte
    state               job_state NOT NULL,
    cost                double precision NOT NULL DEFAULT 1 CHECK (cost > 0),
    vtime               double precision NOT NULL,      -- start-time fair queueing: smaller runs first within a lane
    run_at              timestamptz NOT NULL,
    deadline            timestamptz,
    accepted_at         timestamptz NOT NULL DEFAULT now(),
    started_at          timestamptz,                    -- of the latest attempt
    attempt             int NOT NULL DEFAULT 0,
    max_attempts        int NOT NULL CHECK (max_attempts > 0),
    crash_count         int NOT NULL DEFAULT 0,         -- attempts that ended because the worker's process died
    lease_epoch         bigint NOT NULL DEFAULT 0,      -- the fencing token: only ever grows
    lease_owner         uuid,                           -- random per process start
    lease_until         timestamptz,
    dispatched_at       timestamptz,                    -- when it was last rung in Redis; NULL: not rung
    dispatch_generation bigint NOT NULL,                -- the doorbell generation it was rung in
    cancel_requested    boolean NOT NULL DEFAULT false,
    last_error          text,                           -- JSON {code, message} of the latest failed attempt
    progress            text,                           -- JSON {percent, message, eta_seconds}
    idempotency_key     text,
    request_id          text,
    traceparent         text,
    parent_id           uuid,
    CHECK ((state = 'running') = (lease_owner IS NOT NULL))
) WITH (
    fillfactor = 75,                                    -- room for HOT updates: claims and heartbeats stay on the page
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000
);

-- No index holds a column that a heartbeat changes.
CREATE INDEX job_live_ready ON job_live (lane, vtime, id) WHERE state = 'queued';
CREATE INDEX job_live_due ON job_live (run_at) WHERE state IN ('scheduled', 'retrying');
CREATE INDEX job_live_running ON job_live (id) WHERE state = 'running';  -- the reaper's

-- Ended jobs, by day of acceptance: a job's day follows from its id, so a status poll touches one partition.
CREATE TABLE job_result (
    day          date NOT NULL,
    id           uuid NOT NULL,
    tenant       text NOT NULL,
    lane         job_lane NOT NULL,
    kind         text NOT NULL,
    state        job_state NOT NULL CHECK (state IN ('succeeded', 'failed', 'cancelled', 'dead')),
    result       text,                                  -- JSON, byte for byte what the handler returned
    error        text,                                  -- JSON {code, message, …}
    payload      text,                                  -- kept only where the job may be run again: dead letters
    payload_version smallint NOT NULL,
    attempt      int NOT NULL,
    crash_count  int NOT NULL,
    lease_epoch  bigint NOT NULL,
    lease_owner  uuid,
    accepted_at  timestamptz NOT NULL,
    started_at   timestamptz,
    finished_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    request_id   text,
    traceparent  text,
    parent_id    uuid,
    PRIMARY KEY (day, id)
) PARTITION BY RANGE (day);

-- Catches what arrives on a day for which nobody made a partition: late is better than lost.
CREATE TABLE job_result_default PARTITION OF job_result DEFAULT;

-- Makes the partitions from yesterday to `ahead` days from now. Safe to call from many sessions at once.
CREATE FUNCTION ensure_job_result_partitions(ahead int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    wanted date;
    made int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_job_result_partitions'));
    FOR offset_days IN -1 .. ahead LOOP
        wanted := (now() AT TIME ZONE 'UTC')::date + offset_days;
        CONTINUE WHEN to_regclass('job_result_' || to_char(wanted, 'YYYYMMDD')) IS NOT NULL;
        -- A day that already has rows in the default partition stays there: it cannot be attached any more.
        CONTINUE WHEN EXISTS (SELECT 1 FROM job_result_default WHERE day = wanted);
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF job_result FOR VALUES FROM (%L) TO (%L)',
            'job_result_' || to_char(wanted, 'YYYYMMDD'), wanted, wanted + 1);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

SELECT ensure_job_result_partitions(7);

-- Every attempt that did not end its job, append-only; the attempt that did stands in job_result.
CREATE TABLE job_attempt (
    job_id      uuid NOT NULL,
    lease_epoch bigint NOT NULL,
    attempt     int NOT NULL,
    worker      uuid,
    started_at  timestamptz,
    ended_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    outcome     text NOT NULL CHECK (outcome IN ('retry', 'snooze', 'handed_back', 'lease_expired')),
    error       text,
    PRIMARY KEY (job_id, lease_epoch)
);

-- Idempotency keys: kept until 24 hours after their job ended.
CREATE TABLE job_key (
    tenant       text NOT NULL,
    key          text NOT NULL,
    payload_hash bytea NOT NULL,
    job_id       uuid NOT NULL,
    expires_at   timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (tenant, key)
);
CREATE INDEX job_key_expiry ON job_key (expires_at) WHERE expires_at < 'infinity';

-- Fair queueing: the lane's virtual time, and each tenant's last one.
CREATE TABLE lane_clock (lane job_lane PRIMARY KEY, vtime double precision NOT NULL DEFAULT 0) WITH (fillfactor = 50);
INSERT INTO lane_clock (lane) SELECT unnest(enum_range(NULL::job_lane));
CREATE TABLE tenant_clock (
    lane job_lane NOT NULL, tenant text NOT NULL, vtime double precision NOT NULL, PRIMARY KEY (lane, tenant)
) WITH (fillfactor = 50);

-- Which Redis the streams were last rung into. Another token there means that Redis has lost its data.
CREATE TABLE doorbell (
    singleton  boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    generation bigint NOT NULL DEFAULT 1,
    token      uuid NOT NULL DEFAULT gen_random_uuid(),
    changed_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO doorbell DEFAULT VALUES;

-- Processes that execute jobs; a row not seen for one lease is a process that is gone.
CREATE TABLE worker (
    id         uuid PRIMARY KEY,
    host       text NOT NULL,
    pid        int NOT NULL,
    version    text NOT NULL,
    lanes      text[] NOT NULL,
    kinds      text[] NOT NULL,
    slots      int NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    last_seen  timestamptz NOT NULL DEFAULT now(),
    running    int NOT NULL DEFAULT 0,
    stopping   boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);

-- The day a UUIDv7 was made (UTC): its first 48 bits are milliseconds since 1970.
CREATE FUNCTION uuid_v7_day(id uuid) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000.0) AT TIME ZONE 'UTC')::date
$$;
