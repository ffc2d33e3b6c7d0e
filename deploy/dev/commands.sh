# shellcheck shell=bash
# What ./run can be told while it runs in another terminal: scale, stop, status, logs, ctl, reset.

usage() {
    cat <<'TEXT'
usage: ./run [options]        start everything, show one real decision, stay until Ctrl-C
       ./run scale N          run N workers (0 to 64) instead
       ./run stop             stop everything that ./run started
       ./run status           what runs, since when, where
       ./run logs [-f] [api|worker|scheduler|postgres|redis]
       ./run ctl COMMAND...   the operators' tool on these stores: './run ctl queues', './run ctl --help'
       ./run reset [--yes]    stop, and delete the private data, keys and logs (.data)

options:
  --once                 exit after the decision, with its status
  --workers N            number of worker processes (default 1)
  --spot-advisor FILE    load this copy of the Spot Advisor feed instead of fetching SPOT_ADVISOR_URL
  --on-demand FILE       load this copy of the on-demand prices instead of the public offer file of AWS_REGION
  --catalogue FILE       load this copy of the instance catalogue
  --port N               port of the API (default ML_SERVER_PORT or 8001)
  --help                 this text

environment:
  DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD or DATABASE_URL    use this PostgreSQL instead of a private one
  REDIS_HOST, REDIS_PORT or REDIS_URL                                use this Redis instead of a private one
  ML_SERVER_HOST (127.0.0.1 here), ML_SERVER_PORT (8001), FRONTEND_PORT (3001), METRICS_PORT (9464, 0: none)
  AWS_REGION, SPOT_ADVISOR_URL, LOG_LEVEL
  CLOUDOPTIM_BIN_DIR     for developers: take the programs from this folder and build nothing
TEXT
}

command_scale() {
    local number=${1:-} deadline=$((SECONDS + 20)) running
    [[ $# -eq 1 && $number =~ ^[0-9]{1,2}$ ]] && ((10#$number <= 64)) || die "scale wants one number from 0 to 64" 2
    number=$((10#$number))
    record_pid "$RUN_DIR/supervisor.pid" >/dev/null || die "not running: start it with './run --workers $number'"
    printf '%s\n' "$number" >"$RUN_DIR/workers.new"
    mv -f "$RUN_DIR/workers.new" "$RUN_DIR/workers"
    while true; do
        running=$(live_workers)
        ((running != number)) || break
        ((SECONDS < deadline)) || die "$running workers run, $number are wanted: see './run logs worker'"
        sleep 0.2
    done
    say "$number $( ((number == 1)) && printf 'worker runs' || printf 'workers run')"
}

live_workers() {
    local record count=0
    for record in "$RUN_DIR"/worker-*.pid; do
        if record_pid "$record" >/dev/null; then count=$((count + 1)); fi
    done
    printf '%s\n' "$count"
}

command_stop() {
    (($# == 0)) || die "stop takes no argument" 2
    stop_everything
}

stop_everything() {
    local launcher supervisor
    launcher=$(record_pid "$RUN_DIR/launcher.pid" || true)
    supervisor=$(record_pid "$RUN_DIR/supervisor.pid" || true)
    # The launcher stops its supervisor and tells its own terminal; what a killed launcher left is stopped directly.
    record_stop "$RUN_DIR/launcher.pid" TERM 80
    stop_leftovers
    if [[ -n $launcher$supervisor ]]; then say "stopped"; else say "nothing runs"; fi
}

command_status() {
    local record name pid born now workers=0
    (($# == 0)) || die "status takes no argument" 2
    if ! pid=$(record_pid "$RUN_DIR/supervisor.pid"); then
        if pid=$(record_pid "$RUN_DIR/launcher.pid"); then say "starting (pid $pid)"; else say "not running"; fi
        exit 3 # as service managers do
    fi
    read -r now _ </proc/uptime
    printf '%-12s %8s %10s %8s\n' process pid up memory
    for name in supervisor postgres redis api scheduler worker; do
        for record in "$RUN_DIR/$name".pid "$RUN_DIR/$name"-*.pid; do
            pid=$(record_pid "$record") || continue
            born=$(process_start "$pid") || continue
            [[ $name != worker ]] || workers=$((workers + 1))
            record=${record##*/}
            printf '%-12s %8s %8d s %5d MB\n' "${record%.pid}" "$pid" $((${now%.*} - born / $(getconf CLK_TCK))) \
                $(($(awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status" 2>/dev/null || printf 0) / 1024))
        done
    done
    say "$workers of $(cat "$RUN_DIR/workers") workers run"
    cat "$RUN_DIR/places" 2>/dev/null || true
}

command_logs() {
    local follow=() name='' argument file files=()
    for argument; do
        case $argument in
            -f) follow=(-F) ;;
            api | worker | scheduler | postgres | redis) name=$argument ;;
            *) die "logs knows -f and one of api, worker, scheduler, postgres, redis; not '$argument'" 2 ;;
        esac
    done
    for file in "$LOG_DIR/${name:-}"*.log; do [[ ! -f $file ]] || files+=("$file"); done
    ((${#files[@]})) || die "no log yet: start the server with './run'"
    exec tail -n 100 ${follow[@]+"${follow[@]}"} -- "${files[@]}"
}

# The supervisor knows the stores by its environment; another terminal does not.
command_ctl() {
    local bin=${CLOUDOPTIM_BIN_DIR:-$ROOT/.build/release}
    record_pid "$RUN_DIR/supervisor.pid" >/dev/null || die "not running: start the server with './run'"
    programs_or_die "$bin"
    if [[ -z ${DATABASE_URL:-}${DB_HOST:-} ]]; then
        export DB_HOST=127.0.0.1 DB_NAME=ml_server DB_USER=ml_server DB_PORT DB_PASSWORD
        DB_PORT=$(sed -n 's/^postgres=//p' "$DATA/ports")
        DB_PASSWORD=$(<"$DATA/secrets/postgres")
    fi
    if [[ -z ${REDIS_URL:-}${REDIS_HOST:-} ]]; then
        export REDIS_URL
        REDIS_URL=redis://:$(<"$DATA/secrets/redis")@127.0.0.1:$(sed -n 's/^redis=//p' "$DATA/ports")/0
    fi
    exec "$bin/cloudoptim" "$@"
}

command_reset() {
    local answer=''
    case ${1:-} in
        --yes) answer=yes ;;
        '')
            [[ -t 0 ]] || die "reset deletes the private data, keys and logs in $DATA: confirm with './run reset --yes'" 2
            read -r -p "Delete the private data, keys and logs in $DATA? Type yes: " answer
            ;;
        *) die "reset knows only --yes" 2 ;;
    esac
    [[ $answer == yes ]] || die "nothing was deleted"
    stop_everything >/dev/null
    if [[ -L $DATA/postgres ]]; then
        # Only a folder that we made ourselves is followed.
        answer=$(readlink "$DATA/postgres")
        if [[ $answer == /var/lib/cloudoptim-*/postgres ]]; then rm -rf "${answer%/postgres}"; fi
    fi
    rm -rf "$DATA"
    say "deleted $DATA; databases given by DB_* or REDIS_* are untouched"
}
