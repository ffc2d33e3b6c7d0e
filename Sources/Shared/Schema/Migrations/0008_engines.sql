-- Engines that users bring. docs/engines/custom-engines.md explains their life: uploaded, tested, shadow, active, rolled back.

CREATE TABLE decision_engines (
    engine_id      uuid PRIMARY KEY,
    engine_name    text NOT NULL,
    engine_version text NOT NULL,
    engine_type    text NOT NULL CHECK (engine_type IN ('spot_optimize', 'bin_pack', 'rightsize', 'schedule', 'ghost_probe',
                       'volume_cleanup', 'network_optimize', 'oomkilled_remediate')),
    upload_date    timestamptz NOT NULL DEFAULT now(),
    uploaded_by    text NOT NULL,                       -- id of the key
    source         text NOT NULL CHECK (octet_length(source) <= 262144),
    source_sha256  text NOT NULL,                       -- hexadecimal
    config_schema  jsonb NOT NULL,
    input_schema   jsonb NOT NULL,
    output_schema  jsonb NOT NULL,
    sample         text NOT NULL,                       -- JSON: the request that an engine must answer before it is used
    mode           text NOT NULL DEFAULT 'inactive' CHECK (mode IN ('inactive', 'shadow', 'active')),
    active         boolean NOT NULL GENERATED ALWAYS AS (mode = 'active') STORED,
    config         jsonb NOT NULL,
    config_version int NOT NULL DEFAULT 1,
    -- The latest test: what it was run with and what came of it.
    tested_at      timestamptz,
    test_passed    boolean,
    test_config    jsonb,
    test_report    text,                                -- JSON
    UNIQUE (engine_name, engine_version)
);
-- Two answers to one question would be none.
CREATE UNIQUE INDEX decision_engines_active ON decision_engines (engine_type) WHERE mode = 'active';
CREATE UNIQUE INDEX decision_engines_shadow ON decision_engines (engine_type) WHERE mode = 'shadow';

-- Every configuration an engine ever had: a replay needs the one of its day.
CREATE TABLE engine_config (
    engine_id      uuid NOT NULL REFERENCES decision_engines,
    config_version int NOT NULL,
    config         jsonb NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    created_by     text NOT NULL,
    PRIMARY KEY (engine_id, config_version)
);

-- What decided each type from when on; the newest row of a type is in force. No row: the built-in engine.
CREATE TABLE engine_activation (
    activation_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    engine_type    text NOT NULL,
    engine_id      uuid REFERENCES decision_engines,    -- NULL: the built-in engine
    config_version int,
    activated_at   timestamptz NOT NULL DEFAULT now(),
    activated_by   text NOT NULL,
    is_rollback    boolean NOT NULL DEFAULT false,
    replaces       bigint REFERENCES engine_activation  -- what a roll-back brings back; NULL: the built-in engine
);
CREATE INDEX engine_activation_type ON engine_activation (engine_type, activation_id);

-- What engines in shadow mode would have answered, beside what was answered.
CREATE TABLE engine_difference (
    difference_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    engine_id      uuid NOT NULL REFERENCES decision_engines,
    config_version int NOT NULL,
    execution_id   uuid NOT NULL,                       -- the decision's job
    tenant         text NOT NULL,
    cluster_id     text,
    compared_at    timestamptz NOT NULL DEFAULT now(),
    outcome        text NOT NULL CHECK (outcome IN ('same', 'different', 'failed')),
    reason         text,                                -- why it failed, such as memory_limit
    message        text,
    savings_given  double precision,                    -- USD per month
    savings_shadow double precision,
    difference     text,                                -- JSON
    UNIQUE (engine_id, execution_id)
);
CREATE INDEX engine_difference_newest ON engine_difference (engine_id, difference_id);
CREATE INDEX engine_difference_age ON engine_difference (compared_at);
