# shellcheck shell=bash
# The start-up of ./run, step by step: what is missing, the build, the servers, the schema, the key, the processes,
# the prices, one decision. The launcher stays in the foreground; the supervisor does the rest.

launch() {
    read_options "$@"
    prepare_folders
    take_the_lock
    trap on_exit EXIT
    trap 'interrupted' INT TERM HUP
    stop_leftovers
    choose_servers
    port_or_die "$ML_SERVER_PORT" ML_SERVER_PORT '--port N'
    port_or_die "$FRONTEND_PORT" FRONTEND_PORT 'FRONTEND_PORT=N'
    [[ $METRICS_PORT == 0 ]] || port_or_die "$METRICS_PORT" METRICS_PORT 'METRICS_PORT=N (0: no metrics)'
    [[ $ML_SERVER_PORT != "$FRONTEND_PORT" ]] || die "ML_SERVER_PORT and FRONTEND_PORT are both $ML_SERVER_PORT: change one"
    install_and_build
    disk_or_die "$DATA" 500 'running'
    prepare_servers
    start_supervisor
    await_servers
    migrate
    make_key
    load_files
    printf 'all\n' >"$RUN_DIR/stage"
    await_api
    await_prices
    decide_and_stay
}

read_options() {
    ONCE='' WORKERS=1 SPOT_ADVISOR='' ON_DEMAND='' CATALOGUE=''
    while (($#)); do
        case $1 in
            --once) ONCE=yes ;;
            --help | -h)
                usage
                exit 0
                ;;
            --workers | --spot-advisor | --on-demand | --catalogue | --port)
                (($# >= 2)) || die "$1 wants a value: see './run --help'" 2
                case $1 in
                    --workers) WORKERS=$2 ;;
                    --spot-advisor) SPOT_ADVISOR=$(readable_file "$1" "$2") ;;
                    --on-demand) ON_DEMAND=$(readable_file "$1" "$2") ;;
                    --catalogue) CATALOGUE=$(readable_file "$1" "$2") ;;
                    --port) ML_SERVER_PORT=$2 ;;
                esac
                shift
                ;;
            *) die "unknown option '$1': see './run --help'" 2 ;;
        esac
        shift
    done
    [[ $WORKERS =~ ^[0-9]{1,2}$ ]] && ((10#$WORKERS >= 1 && 10#$WORKERS <= 64)) ||
        die "--workers wants a number from 1 to 64, not '$WORKERS'" 2
    WORKERS=$((10#$WORKERS))
    export ML_SERVER_PORT=${ML_SERVER_PORT:-8001} FRONTEND_PORT=${FRONTEND_PORT:-3001}
    export METRICS_PORT=${METRICS_PORT:-9464}
    export ML_SERVER_HOST=${ML_SERVER_HOST:-127.0.0.1} AWS_REGION=${AWS_REGION:-us-east-1}
}

readable_file() {
    [[ -f $2 && -r $2 ]] || die "$1: there is no readable file '$2'" 2
    realpath -- "$2"
}

prepare_folders() {
    mkdir -p "$RUN_DIR" "$LOG_DIR" 2>/dev/null && [[ -w $DATA && -w $RUN_DIR && -w $LOG_DIR ]] ||
        die "$DATA cannot be written by $(id -un): it belongs to $(stat -c %U "$DATA" 2>/dev/null || stat -c %U "$ROOT"); run as that user"
    chmod 711 "$DATA" # root's PostgreSQL runs as another user and must reach its own folder below
    chmod 700 "$RUN_DIR" "$LOG_DIR"
    PACKAGES_LOG=$LOG_DIR/packages.log
    local log
    for log in "$LOG_DIR"/*.log; do
        # 10 MB: some days of an idle server. One older file is kept.
        if [[ -f $log ]] && (($(stat -c %s "$log") > 10 * 1024 * 1024)); then mv -f "$log" "$log.1"; fi
    done
}

take_the_lock() {
    exec 9>"$RUN_DIR/lock"
    flock -n 9 ||
        die "already running (pid $(record_pid "$RUN_DIR/launcher.pid" || printf 'unknown')): './run stop' stops it, './run status' shows it"
    rm -f "$RUN_DIR"/*.crashes "$RUN_DIR/places"
    record_write "$RUN_DIR/launcher.pid" $$
}

# stop_leftovers: what an earlier run had to leave behind (kill -9 of all of it). Records are verified before a signal.
stop_leftovers() {
    local record name told=''
    for name in supervisor api scheduler 'worker-*' redis postgres; do
        for record in "$RUN_DIR"/$name.pid; do
            [[ -f $record ]] || continue
            if [[ -z $told ]] && record_pid "$record" >/dev/null; then
                note "stopping what an earlier run left behind"
                told=yes
            fi
            case $name in
                supervisor) record_stop "$record" TERM 75 ;;
                postgres) record_stop "$record" INT 30 QUIT ;;
                *) record_stop "$record" TERM 10 ;;
            esac
        done
    done
}

choose_servers() {
    PRIVATE_POSTGRES='' PRIVATE_REDIS=''
    if [[ -n ${DB_HOST:-}${DATABASE_URL:-} ]]; then
        note "PostgreSQL: the one of ${DATABASE_URL:+DATABASE_URL}${DB_HOST:+${DATABASE_URL:+ and }DB_HOST=$DB_HOST}; none is started"
    else
        PRIVATE_POSTGRES=wanted
    fi
    if [[ -n ${REDIS_HOST:-}${REDIS_URL:-} ]]; then
        note "Redis: the one of ${REDIS_URL:+REDIS_URL}${REDIS_HOST:+${REDIS_URL:+ and }REDIS_HOST=$REDIS_HOST}; none is started"
    else
        PRIVATE_REDIS=wanted
    fi
}

install_and_build() {
    local packages=("${PACKAGES_TO_RUN[@]}")
    [[ -n ${CLOUDOPTIM_BIN_DIR:-} ]] || packages+=("${PACKAGES_TO_BUILD[@]}")
    [[ -z $PRIVATE_POSTGRES ]] || packages+=(postgresql)
    [[ -z $PRIVATE_REDIS ]] || packages+=(redis-server)
    if [[ -n ${CLOUDOPTIM_BIN_DIR:-} ]]; then
        programs_or_die "$CLOUDOPTIM_BIN_DIR"
        BIN_DIR=$(realpath -- "$CLOUDOPTIM_BIN_DIR")
        note "programs: those of CLOUDOPTIM_BIN_DIR=$BIN_DIR; nothing is built"
        packages_install "${packages[@]}"
    else
        toolchain_find
        packages_install "${packages[@]}"
        toolchain_build
        programs_or_die "$BIN_DIR"
    fi
    export BIN_DIR
}

prepare_servers() {
    local folder
    if [[ -n $PRIVATE_POSTGRES ]]; then
        [[ -s $DATA/id ]] || od -An -N6 -tx1 /dev/urandom | tr -d ' \n' >"$DATA/id"
        folder=$(postgres_home "$DATA/postgres" "$(<"$DATA/id")")
        postgres_find "$(cat "$folder/PG_VERSION" 2>/dev/null || true)"
        PRIVATE_POSTGRES_PORT=$(port_kept "$DATA/ports" postgres)
        ADMIN_PASSWORD=$(secret "$DATA/secrets/postgres-admin")
        [[ -e $folder/PG_VERSION ]] || step "making a private PostgreSQL $POSTGRES_VERSION in $folder"
        postgres_initialise "$folder" "$ADMIN_PASSWORD" "$LOG_DIR/initdb.log"
        PRIVATE_POSTGRES=$folder
        export DB_HOST=127.0.0.1 DB_PORT=$PRIVATE_POSTGRES_PORT DB_NAME=ml_server DB_USER=ml_server DB_PASSWORD
        DB_PASSWORD=$(secret "$DATA/secrets/postgres")
        export CLOUDOPTIM_POSTGRES_BIN=$POSTGRES_BIN
    fi
    if [[ -n $PRIVATE_REDIS ]]; then
        redis_or_die
        PRIVATE_REDIS=$DATA/redis
        REDIS_PORT=$(port_kept "$DATA/ports" redis)
        REDIS_PASSWORD=$(secret "$DATA/secrets/redis")
        redis_configure "$PRIVATE_REDIS" "$REDIS_PORT" "$REDIS_PASSWORD"
        export REDIS_URL=redis://:$REDIS_PASSWORD@127.0.0.1:$REDIS_PORT/0
    fi
    export PRIVATE_POSTGRES PRIVATE_REDIS PRIVATE_POSTGRES_PORT=${PRIVATE_POSTGRES_PORT:-} POSTGRES_BIN=${POSTGRES_BIN:-}
}

start_supervisor() {
    printf 'servers\n' >"$RUN_DIR/stage"
    printf '%s\n' "$WORKERS" >"$RUN_DIR/workers"
    # Its own session: Ctrl-C in the terminal reaches only the launcher, which then stops everything in order.
    setsid setpriv --pdeathsig TERM -- "$ROOT/deploy/dev/supervisor.sh" </dev/null 9>&- &
    SUPERVISOR=$!
    record_write "$RUN_DIR/supervisor.pid" "$SUPERVISOR" || die "the supervisor did not start"
}
SUPERVISOR=''

# await SECONDS CHILD WHAT COMMAND…: repeats COMMAND until it succeeds; gives up early when CHILD keeps crashing.
await() {
    local deadline=$((SECONDS + $1)) child=$2 what=$3 log=$LOG_DIR/$2.log
    shift 3
    until "$@"; do
        record_pid "$RUN_DIR/supervisor.pid" >/dev/null || die "the supervisor was killed while waiting for $what"
        if [[ $(cat "$RUN_DIR/$child.crashes" 2>/dev/null || printf 0) -ge 2 ]]; then
            die "$what does not start: $(tail -n 1 "$log"); see $log"
        fi
        ((SECONDS < deadline)) || die "$what did not answer in time: $(tail -n 1 "$log" 2>/dev/null); see $log"
        sleep 0.1
    done
}

await_servers() {
    if [[ -n $PRIVATE_POSTGRES ]]; then
        # 60 s: after a power cut the server replays its log first.
        await 60 postgres PostgreSQL postgres_answers "$PRIVATE_POSTGRES_PORT" "$ADMIN_PASSWORD"
        postgres_provide "$PRIVATE_POSTGRES_PORT" "$ADMIN_PASSWORD" "$DB_NAME" "$DB_USER" "$DB_PASSWORD" >/dev/null
        step "PostgreSQL $POSTGRES_VERSION on 127.0.0.1:$PRIVATE_POSTGRES_PORT"
    fi
    if [[ -n $PRIVATE_REDIS ]]; then
        await 60 redis Redis redis_answers "$REDIS_PORT" "$REDIS_PASSWORD"
        step "Redis on 127.0.0.1:$REDIS_PORT"
        # From here on the password travels in REDIS_URL alone.
        unset REDIS_PORT REDIS_PASSWORD
    fi
}

cloudoptim() { patiently "$BIN_DIR/cloudoptim" "$@"; }

migrate() {
    step "schema"
    cloudoptim migrate || die "the schema could not be brought up to date: the reason is above"
    if [[ -z $PRIVATE_POSTGRES || -z $PRIVATE_REDIS ]]; then
        cloudoptim doctor || die "a given server cannot be used as it is: the reason is above"
    fi
}

# make_key: once per database. A key that belongs to another database would only be refused.
make_key() {
    local database
    database=$(printf '%s' "${PRIVATE_POSTGRES:-${DATABASE_URL:-$DB_HOST:${DB_PORT:-}/${DB_NAME:-}}}" | sha256sum | cut -c 1-16)
    KEY_FILE=$DATA/api-key
    if [[ ! -s $KEY_FILE || $(cat "$DATA/api-key.database" 2>/dev/null) != "$database" ]]; then
        (
            umask 077
            "$BIN_DIR/cloudoptim" keys create --tenant local --name run --scopes submit,read,admin >"$KEY_FILE.new"
        ) || die "no API key could be made: the reason is above"
        mv -f "$KEY_FILE.new" "$KEY_FILE"
        printf '%s\n' "$database" >"$DATA/api-key.database"
    fi
    chmod 600 "$KEY_FILE"
}

load_files() {
    local files=()
    [[ -z $SPOT_ADVISOR ]] || files+=(--spot-advisor "$SPOT_ADVISOR")
    [[ -z $ON_DEMAND ]] || files+=(--on-demand "$ON_DEMAND")
    [[ -z $CATALOGUE ]] || files+=(--catalogue "$CATALOGUE")
    ((${#files[@]})) || return 0
    step "prices from files"
    cloudoptim pricing load "${files[@]}" || die "a file could not be loaded: the reason is above"
}

local_host() {
    case $ML_SERVER_HOST in
        0.0.0.0 | '' | localhost) printf '127.0.0.1\n' ;;
        ::) printf '[::1]\n' ;;
        *:*) printf '[%s]\n' "$ML_SERVER_HOST" ;;
        *) printf '%s\n' "$ML_SERVER_HOST" ;;
    esac
}

# 503 is an answer too: before the first prices the server is up and says that it is degraded.
api_answers() {
    local code
    code=$(curl --silent --noproxy '*' --max-time 2 --output /dev/null --write-out '%{http_code}' "$URL/api/v1/ml/health" || true)
    [[ $code == 200 || $code == 503 ]]
}

await_api() {
    URL=http://$(local_host):$ML_SERVER_PORT
    await 30 api 'the API' api_answers
    step "API on $URL, $WORKERS worker(s), scheduler"
    local postgres='given by DB_* or DATABASE_URL' redis='given by REDIS_*'
    [[ -z $PRIVATE_POSTGRES ]] || postgres="127.0.0.1:$PRIVATE_POSTGRES_PORT, data in $PRIVATE_POSTGRES"
    [[ -z $PRIVATE_REDIS ]] || redis="$(sed -n 's/^redis=/127.0.0.1:/p' "$DATA/ports"), data in $PRIVATE_REDIS"
    printf '%-11s %s\n' API "$URL/api/v1/ml" PostgreSQL "$postgres" Redis "$redis" logs "$LOG_DIR" >"$RUN_DIR/places"
}

# await_prices: the scheduler fetches the feed by itself; without network the sample takes its place, marked as such.
await_prices() {
    local deadline=$((SECONDS + 30)) status
    if [[ -z $SPOT_ADVISOR ]]; then
        while true; do
            status=0
            "$BIN_DIR/cloudoptim" pricing status spot-advisor >"$RUN_DIR/prices" 2>/dev/null || status=$?
            if ((status == 0)); then
                step "prices"
                cat "$RUN_DIR/prices"
                break
            fi
            # 4: the fetch has failed and nothing is stored. Waiting longer would not help.
            if ((status == 4 || SECONDS >= deadline)); then
                warn "the Spot Advisor feed could not be fetched: using SAMPLE data of our own making, marked in every answer (or give --spot-advisor FILE)"
                cloudoptim pricing load --sample || die "the sample could not be loaded: the reason is above"
                break
            fi
            sleep 0.5
        done
    fi
    if [[ -z $ON_DEMAND ]] && ! "$BIN_DIR/cloudoptim" pricing status on-demand >/dev/null 2>&1; then
        note "on-demand prices of $AWS_REGION load in the background; a price not yet loaded is shown as unknown"
        # Submits a job and returns; the worker does the rest.
        "$BIN_DIR/cloudoptim" pricing fetch on-demand >>"$LOG_DIR/launcher.log" 2>&1 </dev/null ||
            note "asking for them failed: $(tail -n 1 "$LOG_DIR/launcher.log")"
    fi
}

decide_and_stay() {
    local status=0
    step "one real decision"
    cloudoptim decide spot-optimize --url "$URL" --key-file "$KEY_FILE" || status=$?
    ((status == 0)) || warn "the decision failed with status $status: see './run logs'"
    [[ -z $ONCE ]] || exit "$status"
    say ''
    say "${BOLD}API${PLAIN}   $URL/api/v1/ml   (health: $URL/api/v1/ml/health)"
    say "${BOLD}key${PLAIN}   $(<"$KEY_FILE")   (also in .data/api-key)"
    say "Ctrl-C stops everything. Elsewhere: ./run status | logs -f | scale N | stop"
    UP=yes
    if wait_gone "$SUPERVISOR"; then exit 0; fi
    die "the supervisor was killed; what it had started is stopped. Start again with './run'"
}
UP=''

# interrupted: Ctrl-C while up is the normal end; before that it is a failure to start.
interrupted() {
    trap '' INT TERM HUP
    if [[ -n $UP ]]; then exit 0; fi
    exit 130
}

on_exit() {
    local status=$?
    trap '' INT TERM HUP
    trap - EXIT
    if [[ -n $PATIENT_PID ]] && process_start "$PATIENT_PID" >/dev/null; then
        kill -TERM "$PATIENT_PID" 2>/dev/null || true
    fi
    if [[ -n $SUPERVISOR ]]; then
        step "stopping"
        record_stop "$RUN_DIR/supervisor.pid" TERM 75
        stop_leftovers # nothing, unless the supervisor was killed with -9
    fi
    rm -f "$RUN_DIR/launcher.pid" "$RUN_DIR/places"
    exit "$status"
}
