# shellcheck shell=bash
# Jobs that do nothing, durably: sender, PostgreSQL, Redis, worker, PostgreSQL. And the same with a full queue first.

phase_noop() {
    local try line
    for ((try = 0; try < REPEAT; try++)); do
        line=$("$BIN_DIR/cloudoptim" bench --single 0 --json --jobs "$JOBS") || die "the bench failed: the reason is above"
        result noop_end_to_end jobs "$JOBS" \
            accepted_per_second "$(sed -n 's/.*"accepted_per_second":\([0-9]*\).*/\1/p' <<<"$line")" \
            per_second "$(sed -n 's/.*"ended_per_second":\([0-9]*\).*/\1/p' <<<"$line")"
    done
    for ((try = 0; try < REPEAT; try++)); do drain_once; done
}

# drain_once: the queue is filled while no worker runs; measured from the first start to the last end, by the ledger.
drain_once() {
    local since ended deadline
    worker_stop
    since=$(sql 'select clock_timestamp()')
    begin drill setpriv --pdeathsig TERM -- "$BIN_DIR/cloudoptim" bench --single 0 --json --jobs "$JOBS"
    await drill drill_is_queued
    # Its jobs are committed; it would only ask for their ends.
    record_stop "$WORLD/drill.pid" KILL 5
    worker_start
    deadline=$((SECONDS + 120))
    while [[ $(sql "select exists (select from job_live where tenant = 'drill')") == t ]]; do
        ((SECONDS < deadline)) || die "the queue was not drained within 120 s"
        sleep 0.2
    done
    ended=$(sql "select count(*) || ' ' || extract(epoch from max(finished_at) - min(started_at)) from job_result
        where tenant = 'drill' and state = 'succeeded' and accepted_at > '$since'")
    [[ ${ended% *} == "$JOBS" ]] || die "${ended% *} of $JOBS jobs have a result"
    result noop_drain jobs "$JOBS" per_second "$(awk '{ printf "%d", $1 / $2 }' <<<"$ended")"
}

drill_is_queued() { [[ $(sql "select count(*) from job_live where tenant = 'drill'") == "$JOBS" ]]; }
