-- Decisions: what they were made of, so that any of them can be made again, and a log to look them up in.

-- The requests, packed, by day of acceptance like the results. Written before the result, under the same lease epoch: what an
-- attempt that lost its lease wrote belongs to no result.
CREATE TABLE decision_input (
    day            date NOT NULL,
    execution_id   uuid NOT NULL,                       -- the job's id
    lease_epoch    bigint NOT NULL,
    input          bytea NOT NULL,                      -- the request's bytes, zlib
    market_sha256  bytea NOT NULL,
    PRIMARY KEY (day, execution_id, lease_epoch)
) PARTITION BY RANGE (day);
-- Packed already: trying again only costs time.
ALTER TABLE decision_input ALTER COLUMN input SET STORAGE EXTERNAL;
CREATE TABLE decision_input_default PARTITION OF decision_input DEFAULT;

-- The markets they were decided in, each once: thousands of decisions share one.
CREATE TABLE decision_market (
    sha256    bytea PRIMARY KEY,                        -- of the unpacked body
    region    text NOT NULL,
    body      bytea NOT NULL,                           -- JSON, zlib
    stored_at timestamptz NOT NULL DEFAULT now(),
    last_used date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date
);
ALTER TABLE decision_market ALTER COLUMN body SET STORAGE EXTERNAL;

-- Makes the partitions from yesterday to `ahead` days from now. Safe to call from many sessions at once.
CREATE FUNCTION ensure_decision_input_partitions(ahead int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    wanted date;
    made int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_decision_input_partitions'));
    FOR offset_days IN -1 .. ahead LOOP
        wanted := (now() AT TIME ZONE 'UTC')::date + offset_days;
        CONTINUE WHEN to_regclass('decision_input_' || to_char(wanted, 'YYYYMMDD')) IS NOT NULL;
        CONTINUE WHEN EXISTS (SELECT 1 FROM decision_input_default WHERE day = wanted);
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF decision_input FOR VALUES FROM (%L) TO (%L)',
            'decision_input_' || to_char(wanted, 'YYYYMMDD'), wanted, wanted + 1);
        EXECUTE format(
            'ALTER TABLE %I ALTER COLUMN input SET STORAGE EXTERNAL',
            'decision_input_' || to_char(wanted, 'YYYYMMDD'));
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
SELECT ensure_decision_input_partitions(7);

-- The history of a tenant's decisions, newest first; other kinds of jobs pay nothing for it.
CREATE INDEX job_result_decisions ON job_result (tenant, id DESC) WHERE kind LIKE 'decision.%';

-- Every execution, under the names that reports know. One row per ended decision job, by construction.
CREATE VIEW decision_execution_log AS
SELECT id AS execution_id, substr(kind, 10) AS decision_type, tenant, nullif(cluster, '') AS cluster_id, state::text AS state,
       result::jsonb -> 'recommendations' AS recommendations,
       (result::jsonb ->> 'confidence_score')::numeric(5, 4) AS confidence_score,
       (result::jsonb ->> 'estimated_savings')::numeric(18, 2) AS estimated_savings,
       result::jsonb ->> 'engine_version' AS engine_version,
       result::jsonb -> 'provenance' AS provenance,
       error::jsonb AS error, attempt, request_id, accepted_at, started_at, finished_at AS executed_at
FROM job_result WHERE kind LIKE 'decision.%';
