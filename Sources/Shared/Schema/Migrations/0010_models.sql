-- Models: uploads as they came, the validated form that is loaded, what is active. docs/model-hosting.md tells their life.

-- Bytes by their hash, in pieces: any worker on any machine can get them, and the same file twice is stored once.
CREATE TABLE model_blob (
    sha256     bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    size       bigint NOT NULL CHECK (size >= 0),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE model_chunk (
    sha256 bytea NOT NULL REFERENCES model_blob ON DELETE CASCADE,
    n      int NOT NULL,
    data   bytea NOT NULL,
    PRIMARY KEY (sha256, n)
);
-- Pickles of trees hardly shrink, and packing would cost each reader its time.
ALTER TABLE model_chunk ALTER COLUMN data SET STORAGE EXTERNAL;

-- A version never changes: what is uploaded under it stays.
CREATE TABLE ml_models (
    model_id            uuid PRIMARY KEY,
    model_name          text NOT NULL CHECK (length(model_name) BETWEEN 1 AND 255),
    model_version       text NOT NULL CHECK (length(model_version) BETWEEN 1 AND 50),
    model_type          text NOT NULL CHECK (model_type IN ('spot_predictor', 'resource_forecaster')),
    trained_until_date  date NOT NULL,
    upload_date         timestamptz NOT NULL DEFAULT now(),
    uploaded_by         text NOT NULL,                  -- id of the key
    uploader            text,                           -- whom the upload named
    sha256              bytea NOT NULL REFERENCES model_blob,
    file_name           text NOT NULL,                  -- as the client called it; never part of a path
    -- A refused upload leaves nothing but its job.
    state               text NOT NULL DEFAULT 'importing' CHECK (state IN ('importing', 'ready')),
    import_job          uuid NOT NULL,
    form_sha256         bytea REFERENCES model_blob,    -- what workers load
    description         jsonb,                          -- what the import found: classes, features, versions
    model_metadata      jsonb NOT NULL DEFAULT '{}',
    performance_metrics jsonb NOT NULL DEFAULT '{}',
    last_refresh_date   timestamptz,
    UNIQUE (model_name, model_version)
);
CREATE INDEX ml_models_newest ON ml_models (upload_date DESC, model_id DESC);
CREATE INDEX ml_models_blob ON ml_models (sha256);
CREATE INDEX ml_models_form ON ml_models (form_sha256);

-- Further files of a bundle: scaler, label encoders.
CREATE TABLE model_part (
    model_id  uuid NOT NULL REFERENCES ml_models ON DELETE CASCADE,
    part      text NOT NULL CHECK (part IN ('scaler', 'label_encoders')),
    sha256    bytea NOT NULL REFERENCES model_blob,
    file_name text NOT NULL,
    PRIMARY KEY (model_id, part)
);

-- Movable names. 'active' of a type answers its predictions; a shadow only logs; a canary answers a share of them.
CREATE TABLE model_alias (
    model_type text NOT NULL,
    alias      text NOT NULL CHECK (alias ~ '^[a-z][a-z0-9_-]{0,49}$'),
    model_id   uuid NOT NULL REFERENCES ml_models,
    share      double precision NOT NULL DEFAULT 1 CHECK (share > 0 AND share <= 1),
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (model_type, alias)
);
CREATE TABLE model_alias_change (
    change_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_type  text NOT NULL,
    alias       text NOT NULL,
    model_id    uuid,                                   -- NULL: the alias was removed
    previous    uuid,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    changed_by  text NOT NULL,
    is_rollback boolean NOT NULL DEFAULT false
);
CREATE INDEX model_alias_change_of ON model_alias_change (model_type, alias, change_id DESC);

-- Who runs what: a process writes its row when it has loaded or dropped a model.
CREATE TABLE model_load (
    process_id text NOT NULL,
    model_id   uuid NOT NULL REFERENCES ml_models ON DELETE CASCADE,
    host       text NOT NULL,
    role       text NOT NULL CHECK (role IN ('api', 'worker')),
    alias      text NOT NULL,
    loaded_at  timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now(),
    error      text,                                    -- why it could not be loaded; the one before stays in use
    PRIMARY KEY (process_id, model_id, alias)
);

-- A sample of what was predicted.
CREATE TABLE predictions_log (
    prediction_id     bigint GENERATED ALWAYS AS IDENTITY,
    model_id          uuid,                             -- NULL: the answer of day zero
    tenant            text NOT NULL,
    prediction_type   text NOT NULL,
    input_data        jsonb NOT NULL,
    prediction_output jsonb NOT NULL,
    confidence_score  numeric(5, 4),
    latency_us        int NOT NULL,
    is_shadow         boolean NOT NULL DEFAULT false,
    created_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (created_at, prediction_id)
);
CREATE INDEX predictions_log_model ON predictions_log (model_id, created_at DESC);
CREATE INDEX predictions_log_newest ON predictions_log (prediction_id DESC);
CREATE INDEX predictions_log_tenant ON predictions_log (tenant, prediction_id DESC);

-- When the prices that models look back over were made complete; the id is the job's.
CREATE TABLE model_refresh_history (
    refresh_id        uuid PRIMARY KEY,
    model_id          uuid REFERENCES ml_models ON DELETE CASCADE,  -- NULL: every active model
    refresh_type      text NOT NULL CHECK (refresh_type IN ('manual', 'scheduled', 'auto')),
    data_fetched_from timestamptz NOT NULL,
    data_fetched_to   timestamptz NOT NULL,
    records_fetched   bigint NOT NULL DEFAULT 0,
    status            text NOT NULL DEFAULT 'in_progress' CHECK (status IN ('in_progress', 'completed', 'failed')),
    triggered_by      text NOT NULL,
    started_at        timestamptz NOT NULL DEFAULT now(),
    completed_at      timestamptz,
    error_message     text
);
CREATE INDEX model_refresh_history_newest ON model_refresh_history (started_at DESC, refresh_id DESC);
