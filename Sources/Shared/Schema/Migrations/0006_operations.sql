-- What operators need: finding the key of an ended job, and the audit's memory.

-- A redriven job gets its idempotency key back. Keys of waiting jobs are not in it: accepting costs nothing more.
CREATE INDEX job_key_ended ON job_key (job_id) WHERE expires_at < 'infinity';

-- Ended jobs of a closed hour (of their ids), counted once. Valid while as many jobs of the hour live as did then: nothing
-- has ended since. A row of the tenant '' says that the hour was counted, even when it was empty.
CREATE TABLE audit_hour (
    hour      timestamptz NOT NULL,
    tenant    text NOT NULL,
    live      bigint NOT NULL,
    succeeded bigint NOT NULL,
    failed    bigint NOT NULL,
    cancelled bigint NOT NULL,
    dead      bigint NOT NULL,
    PRIMARY KEY (hour, tenant)
);

-- The latest audit, for those who only want to know how it ended.
CREATE TABLE audit_report (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    at         timestamptz NOT NULL,
    seconds    double precision NOT NULL,
    accepted   bigint NOT NULL,
    difference bigint NOT NULL,                         -- sum of the absolute differences: must be zero
    twice      bigint NOT NULL,                         -- ids that stand among the live and the ended jobs: must be zero
    report     text NOT NULL                            -- JSON
) WITH (fillfactor = 50);
