# shellcheck shell=bash
# How many decisions per second can be handed in over 64 kept-alive connections, each answered after its COMMIT.

CONNECTIONS=64

jobs_of_bench() {
    sql "select (select count(*) from job_live where tenant = 'bench') + (select count(*) from job_result where tenant = 'bench')"
}

# accept_once NAME
accept_once() {
    local before after line accepted
    before=$(jobs_of_bench)
    line=$(BENCH_KEY_FILE=$WORLD/secrets/key wrk -t2 "-c$CONNECTIONS" "-d${LENGTH}s" -s "$HERE/phases/accept.lua" \
        "$URL/api/v1/ml/decision/spot-optimize" | grep '^accepted ') || die "wrk gave no number"
    sleep 0.5
    after=$(jobs_of_bench)
    accepted=$(awk '{ print $2 }' <<<"$line")
    # shellcheck disable=SC2086 # pairs of words
    result "$1" ${line} in_ledger $((after - before))
    # wrk leaves answers unread when its time is over: at most one per connection.
    ((after - before >= accepted && after - before <= accepted + CONNECTIONS)) ||
        die "$accepted jobs were answered with 202, but $((after - before)) stand in the ledger"
}

phase_accept() {
    local try
    worker_stop
    for ((try = 0; try < REPEAT; try++)); do
        accept_once accept_without_worker
        ledger_empty
    done
    worker_start
    for ((try = 0; try < REPEAT; try++)); do
        accept_once accept_with_worker
        # What is left would take the worker minutes: the next measurement starts from an empty queue.
        worker_stop
        ledger_empty
        worker_start
    done
}
