-- What fires jobs by the calendar. docs/schedules.md explains the protocol.

CREATE TABLE schedule (
    id                   uuid PRIMARY KEY,
    tenant               text NOT NULL,
    name                 text NOT NULL,
    expression           text NOT NULL,                 -- cron, @daily, 'daily HH:MM', 'weekly [weekday] HH:MM'
    time_zone            text NOT NULL,                 -- IANA name
    gap_policy           text NOT NULL CHECK (gap_policy IN ('skip', 'shift_forward')),
    fold_policy          text NOT NULL CHECK (fold_policy IN ('first', 'second', 'both')),
    catch_up             text NOT NULL CHECK (catch_up IN ('skip', 'latest', 'all', 'within')),
    catch_up_bound       bigint NOT NULL DEFAULT 0 CHECK (catch_up_bound >= 0),  -- all: fires; within: seconds
    overlap              text NOT NULL CHECK (overlap IN ('allow', 'skip', 'buffer_one')),
    jitter_seconds       int NOT NULL DEFAULT 0 CHECK (jitter_seconds BETWEEN 0 AND 86400),
    -- The job of each fire.
    kind                 text NOT NULL,
    lane                 job_lane NOT NULL,
    payload_version      smallint NOT NULL,
    payload              text NOT NULL,
    pause_after_failures int NOT NULL DEFAULT 0 CHECK (pause_after_failures >= 0),  -- 0: never
    -- The state: every fire up to and including last_fire is decided. It only grows.
    last_fire            timestamptz NOT NULL,
    -- When to look again: a hint that follows from last_fire and the zone's rules; -infinity: look now.
    next_fire            timestamptz NOT NULL DEFAULT '-infinity',
    zone_fingerprint     bigint NOT NULL DEFAULT 0,     -- of the rules that the hint was made with
    buffered_fire        timestamptz,                   -- waits for the job before it (overlap = buffer_one)
    open_jobs            uuid[] NOT NULL DEFAULT '{}',  -- made by fires, not yet seen to have ended
    failure_streak       int NOT NULL DEFAULT 0,
    fired                bigint NOT NULL DEFAULT 0,
    dropped              bigint NOT NULL DEFAULT 0,     -- by the catch-up or the overlap policy
    paused_at            timestamptz,
    pause_reason         text,
    created_at           timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant, name)
) WITH (fillfactor = 70);

CREATE INDEX schedule_due ON schedule (next_fire) WHERE paused_at IS NULL;
CREATE INDEX schedule_buffered ON schedule (id) WHERE buffered_fire IS NOT NULL AND paused_at IS NULL;
CREATE INDEX schedule_open ON schedule (id) WHERE open_jobs <> '{}';

-- One row per decided fire that made a job, or would have but for the overlap policy. The key is what makes a fire
-- happen once: the row is written in the transaction that accepts its job.
CREATE TABLE schedule_fire (
    schedule_id   uuid NOT NULL REFERENCES schedule ON DELETE CASCADE,
    fire_time_utc timestamptz NOT NULL,
    job_id        uuid,                                 -- NULL: the overlap policy dropped it
    origin        text NOT NULL CHECK (origin IN ('schedule', 'catch_up', 'buffered', 'run_now', 'backfill')),
    fired_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (schedule_id, fire_time_utc)
);
