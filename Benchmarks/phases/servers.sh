# shellcheck shell=bash
# The private servers of one benchmark run and our processes on them. All of it is recorded below $WORLD and ended by
# that record; the kernel ends it should we be killed.

WORLD=''

# begin NAME COMMAND…
begin() {
    local name=$1
    shift
    (cd "$WORLD" && exec env --default-signal=INT,QUIT,PIPE,TERM,HUP "$@") >>"$WORLD/logs/$name.log" 2>&1 </dev/null &
    record_write "$WORLD/$name.pid" $! || die "$name did not start: $(tail -n 1 "$WORLD/logs/$name.log")"
    disown $! # the shell would announce the end of each
}

# await NAME COMMAND…: repeats COMMAND until it succeeds, 30 s at most.
await() {
    local name=$1 deadline=$((SECONDS + 30))
    shift
    until "$@"; do
        record_pid "$WORLD/$name.pid" >/dev/null || die "$name did not start: $(tail -n 1 "$WORLD/logs/$name.log")"
        ((SECONDS < deadline)) || die "$name did not answer within 30 s: $(tail -n 1 "$WORLD/logs/$name.log")"
        sleep 0.1
    done
}

servers_start() {
    local admin port redis_port redis_password shared=${CLOUDOPTIM_SHARED:-$ROOT/../shared}
    WORLD=$(mktemp -d)
    chmod 711 "$WORLD"
    mkdir -m 700 "$WORLD/logs"
    admin=$(secret "$WORLD/secrets/admin")
    redis_password=$(secret "$WORLD/secrets/redis")
    postgres_find
    redis_or_die
    port=$(port_free)
    postgres_initialise "$WORLD/postgres" "$admin" "$WORLD/logs/initdb.log"
    # What is acknowledged here is on disk, as in production; anything else would be another race.
    postgres_command "$WORLD/postgres" "$port" -c fsync=on -c synchronous_commit=on -c full_page_writes=on
    begin postgres "${POSTGRES_COMMAND[@]}"
    redis_port=$(port_free)
    redis_configure "$WORLD/redis" "$redis_port" "$redis_password"
    begin redis setpriv --pdeathsig TERM -- redis-server "$WORLD/redis/redis.conf"
    await postgres postgres_answers "$port" "$admin"
    await redis redis_answers "$redis_port" "$redis_password"

    unset DATABASE_URL DB_HOST DB_PORT REDIS_HOST REDIS_PORT
    export DB_HOST=127.0.0.1 DB_PORT=$port DB_NAME=ml_server DB_USER=ml_server DB_PASSWORD
    DB_PASSWORD=$(secret "$WORLD/secrets/postgres")
    export REDIS_URL=redis://:$redis_password@127.0.0.1:$redis_port/0
    # The log is part of the cost, at the level of production.
    export LOG_LEVEL=notice ML_SERVER_HOST=127.0.0.1 ML_SERVER_PORT FRONTEND_PORT
    ML_SERVER_PORT=$(port_free)
    FRONTEND_PORT=$(port_free)
    URL=http://127.0.0.1:$ML_SERVER_PORT
    ADMIN=$admin BENCH_REDIS_PORT=$redis_port BENCH_REDIS_PASSWORD=$redis_password
    postgres_provide "$port" "$admin" ml_server ml_server "$DB_PASSWORD" >/dev/null
    postgres_sql "$port" "$admin" postgres <<<'create database ceiling' >/dev/null

    "$BIN_DIR/cloudoptim" migrate >/dev/null || die "the schema could not be made: the reason is above"
    "$BIN_DIR/cloudoptim" keys create --tenant bench --name bench --scopes submit,read >"$WORLD/secrets/key"
    # Nothing leaves this machine: a fetch that becomes due fails at once or reads the same file again.
    export PRICE_LIST_URL=https://127.0.0.1:9 SPOT_ADVISOR_URL=https://127.0.0.1:9/feed.json
    if [[ -r $shared/data/pricing/spot-advisor-data.json ]]; then
        SPOT_ADVISOR_URL=$(realpath -- "$shared/data/pricing/spot-advisor-data.json")
        "$BIN_DIR/cloudoptim" pricing load --spot-advisor "$SPOT_ADVISOR_URL" \
            --catalogue "$shared/data/instances/karpenter_catalogue_2026-08.json" >/dev/null ||
            die "the shared feed could not be loaded: the reason is above"
        note "prices: the shared copy of the public Spot Advisor feed"
    else
        "$BIN_DIR/cloudoptim" pricing load --sample >/dev/null || die "the sample could not be loaded: the reason is above"
        note "prices: the built-in sample (no shared data found; see CLOUDOPTIM_SHARED)"
    fi
    begin api setpriv --pdeathsig TERM -- "$BIN_DIR/cloudoptim-api"
    begin scheduler setpriv --pdeathsig TERM -- "$BIN_DIR/cloudoptim-scheduler"
    await api api_answers
    worker_start
}

api_answers() { curl --silent --noproxy '*' --max-time 2 --output /dev/null "$URL/api/v1/ml/health/live"; }

worker_start() {
    begin worker setpriv --pdeathsig TERM -- "$BIN_DIR/cloudoptim-worker"
    await worker worker_is_ready
}

worker_is_ready() { [[ $(sql "select count(*) from worker where last_seen > now() - interval '5 seconds'") -ge 1 ]]; }

worker_stop() {
    record_stop "$WORLD/worker.pid" TERM 10
    sql 'delete from worker'
}

# sql QUERY: on the ledger.
sql() { postgres_sql "$DB_PORT" "$ADMIN" "${2:-ml_server}" <<<"$1"; }

# ledger_empty: forgets what is queued; ids that still stand in a stream are harmless duplicates.
ledger_empty() { sql 'truncate job_live' && sql 'checkpoint' && sql 'vacuum analyze job_live'; }

servers_stop() {
    local name
    [[ -n $WORLD ]] || return 0
    for name in api scheduler worker drill redis; do record_stop "$WORLD/$name.pid" TERM 10; done
    record_stop "$WORLD/postgres.pid" INT 30 QUIT
    if [[ -n $KEEP_LOGS ]]; then
        note "logs: $WORLD/logs"
        rm -rf "$WORLD/postgres" "$WORLD/redis" "$WORLD/secrets"
    else
        rm -rf "$WORLD"
    fi
}
