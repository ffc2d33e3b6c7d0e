# shellcheck shell=bash
# What the stores themselves can do on this machine, in this run: nothing durable can be faster.

# bench_rows NAME CLIENTS ROWS_PER_COMMIT SQL
bench_rows() {
    local name=$1 clients=$2 rows=$3 statement=$4 tps try
    sql 'drop table if exists raw; create table raw (id uuid primary key, payload text not null, state text not null)' ceiling
    sql checkpoint ceiling
    printf '%s\n' "$statement" >"$WORLD/raw.sql"
    for ((try = 0; try < REPEAT; try++)); do
        tps=$(PGPASSWORD=$ADMIN pgbench -h 127.0.0.1 -p "$DB_PORT" -U "$POSTGRES_ADMIN" -n -M prepared -c "$clients" -j "$clients" \
            -T "$((LENGTH < 5 ? LENGTH : 5))" -f "$WORLD/raw.sql" ceiling 2>/dev/null | sed -n 's/^tps = \([0-9.]*\).*/\1/p')
        [[ -n $tps ]] || die "pgbench gave no number"
        result "$name" per_second "$(awk -v tps="$tps" -v rows="$rows" 'BEGIN { printf "%d", tps * rows }')"
    done
}

phase_ceiling() {
    # shellcheck disable=SC2016 # dollar quotes of SQL
    local one='insert into raw select gen_random_uuid(), repeat($$x$$, 200), $$queued$$' rate try
    bench_rows ceiling_1_row_1_client 1 1 "$one;"
    bench_rows ceiling_1_row_8_clients 8 1 "$one;"
    bench_rows ceiling_200_rows_1_client 1 200 "$one from generate_series(1, 200);"
    bench_rows ceiling_200_rows_2_clients 2 200 "$one from generate_series(1, 200);"
    sql 'drop table raw' ceiling
    for ((try = 0; try < REPEAT; try++)); do
        # The password of a server that lives as long as this run, and listens on loopback only.
        rate=$(redis-benchmark -h 127.0.0.1 -p "$BENCH_REDIS_PORT" -a "$BENCH_REDIS_PASSWORD" -P 64 -c 8 -n 300000 --csv \
            XADD raw '*' id 0190a0b0-0000-7000-8000-000000000000 k drill 2>/dev/null |
            tail -n 1 | awk -F '","' '{ print int($2) }')
        result ceiling_xadd per_second "${rate:-0}"
        REDISCLI_AUTH=$BENCH_REDIS_PASSWORD redis-cli -p "$BENCH_REDIS_PORT" del raw >/dev/null
    done
    if [[ -n ${CLOUDOPTIM_LIMIT:-} ]]; then ceiling_limit; fi
}

# The same queue in C: durable insert, stream, read, durable end. It speaks to a Redis without a password.
ceiling_limit() {
    local port line try mode
    [[ -x $CLOUDOPTIM_LIMIT/limit ]] || die "CLOUDOPTIM_LIMIT: there is no program '$CLOUDOPTIM_LIMIT/limit': build it"
    port=$(port_free)
    redis_configure "$WORLD/redis-limit" "$port" '""'
    begin redis-limit setpriv --pdeathsig TERM -- redis-server "$WORLD/redis-limit/redis.conf"
    await redis-limit redis_answers "$port" ''
    for ((try = 0; try < REPEAT; try++)); do
        for mode in 'composed 50000 500 2' 'latency 250'; do
            # shellcheck disable=SC2086 # a mode and its numbers
            line=$(RHOST=127.0.0.1 RPORT=$port PGPASSWORD=$ADMIN \
                PGCONN="host=127.0.0.1 port=$DB_PORT user=$POSTGRES_ADMIN dbname=ceiling" "$CLOUDOPTIM_LIMIT/limit" $mode)
            case $mode in
                composed*) result ceiling_queue_in_c per_second "$(sed -n 's/.*"rate":\([0-9]*\).*/\1/p' <<<"$line" | tail -n 1)" ;;
                *) result ceiling_latency_in_c \
                    p50_ms "$(sed -n 's/.*"p50_ms":\([0-9.]*\),"p99.*/\1/p' <<<"$line" | head -n 1)" \
                    p99_ms "$(sed -n 's/.*[^_]p99_ms":\([0-9.]*\).*/\1/p' <<<"$line" | head -n 1)" ;;
            esac
        done
    done
    record_stop "$WORLD/redis-limit.pid" TERM 10
}
