#!/usr/bin/env bash
# Tests ./run itself, with stand-ins for our programs (fakes.sh) and real PostgreSQL and Redis, in a copy of the launcher
# below a folder whose name holds a space. About a minute. Prints one line per failed expectation.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
for part in say process ports; do
    # shellcheck source=/dev/null
    source "$ROOT/deploy/dev/$part.sh"
done

WORLD=$(mktemp -d)
chmod 755 "$WORLD" # root's PostgreSQL must reach its data folder
HOME_DIR="$WORLD/a checkout"
PASSED=0 FAILED=0 LISTENER=''
cleanup() {
    local status=$?
    set +e
    "$HOME_DIR/run" stop >/dev/null 2>&1
    [[ -z $LISTENER ]] || kill "$LISTENER" 2>/dev/null
    "$HOME_DIR/run" reset --yes >/dev/null 2>&1
    rm -rf "$WORLD"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

mkdir -p "$HOME_DIR/deploy"
cp -r "$ROOT/run" "$HOME_DIR/"
cp -r "$ROOT/deploy/dev" "$HOME_DIR/deploy/"
"$ROOT/deploy/check/fakes.sh" "$WORLD/fakes"
unset DB_HOST DB_PORT DB_NAME DB_USER DB_PASSWORD DATABASE_URL REDIS_HOST REDIS_PORT REDIS_URL ML_SERVER_HOST
export CLOUDOPTIM_BIN_DIR=$WORLD/fakes
ML_SERVER_PORT=$(port_free)
FRONTEND_PORT=$(port_free)
METRICS_PORT=$(port_free)
export ML_SERVER_PORT FRONTEND_PORT METRICS_PORT
cd "$WORLD"
RUN_DIR=$HOME_DIR/.data/run

expect() {
    local what=$1
    shift
    if "$@"; then
        PASSED=$((PASSED + 1))
    else
        FAILED=$((FAILED + 1))
        say "failed: $what"
        [[ ! -f out ]] || sed 's/^/    | /' out | tail -n 15
    fi
}
run() {
    local status=0
    timeout -k 5 90 "$HOME_DIR/run" "$@" >out 2>&1 || status=$?
    return "$status"
}
refuses() { # STATUS TEXT ARGUMENT…: exits so, with exactly one line of error that holds TEXT
    local status=0 wanted=$1 text=$2
    shift 2
    run "$@" || status=$?
    [[ $status == "$wanted" ]] && grep -qF -- "$text" out && (($(grep -c '^error:' out) == 1))
}
status_is() { # STATUS ARGUMENT…
    local status=0 wanted=$1
    shift
    run "$@" || status=$?
    [[ $status == "$wanted" ]]
}
said() { grep -qE -- "$1" "${2:-out}"; }
within() { # SECONDS COMMAND…
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}
gone() { ! process_start "$1" >/dev/null; }
is_up() { said 'Ctrl-C stops everything' up; }
pid_changes() { [[ $(record_pid "$RUN_DIR/$1.pid" || printf '%s' "$2") != "$2" ]]; }
all_pids() { cut -d' ' -f1 "$RUN_DIR"/*.pid 2>/dev/null || true; }
all_gone() {
    local pid
    for pid in $1; do gone "$pid" || return 1; done
}
start_up() { # in the background; output in `up`. Its own group with SIGINT at its default: Ctrl-C can be played.
    : >up
    setsid env --default-signal=INT "$HOME_DIR/run" "$@" >up 2>&1 &
    LAUNCHER=$!
    within 60 is_up
}
ends() { # STATUS: the launcher in the background
    local status=0
    wait "$LAUNCHER" || status=$?
    [[ $status == "$1" ]]
}

# Bad calls
expect 'an unknown option is refused' refuses 2 "unknown option '--frob'" --frob
expect 'an unknown command is refused' refuses 2 "unknown command 'frob'" frob
expect 'a missing value is refused' refuses 2 '--workers wants a value' --workers
expect 'no workers is refused' refuses 2 '--workers wants a number' --workers 0
expect 'a missing file is refused' refuses 2 "no readable file 'nowhere.json'" --spot-advisor nowhere.json
expect 'a bad port is refused' refuses 1 'which is no port' --port 70000
expect 'scale needs something that runs' refuses 1 'not running' scale 2
expect 'status of nothing is 3' status_is 3 status
expect 'reset asks first' refuses 2 './run reset --yes' reset

# A taken port
python3 -c 'import socket,sys,time
s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(); print(s.getsockname()[1],flush=True); time.sleep(120)' >taken &
LISTENER=$!
within 5 test -s taken
expect 'a taken port is named with its holder' refuses 1 "port $(<taken) (ML_SERVER_PORT) is taken by python3" --port "$(<taken)"
kill "$LISTENER"
LISTENER=''

# Once, twice
printf 'x\n' >"prices of mine.json"
expect '--once with a file succeeds' run --once --spot-advisor "prices of mine.json"
expect 'the output names the file' said 'spot-advisor: .*/prices of mine.json 1 rows'
expect 'first decision' said 'decision number 1'
expect 'the key is private' test "$(stat -c %a "$HOME_DIR/.data/api-key")" = 600
key=$(<"$HOME_DIR/.data/api-key")
expect 'nothing runs after --once' test -z "$(all_pids)"
expect 'the second run succeeds' run --once
expect 'it keeps the data' said 'decision number 2'
expect 'it keeps the key' test "$(<"$HOME_DIR/.data/api-key")" = "$key"
FAKE_PRICING_STATUS=4 run --once && status=0 || status=$?
expect 'no network is no failure' test "$status" = 0
expect 'it means the sample, marked' said 'SAMPLE'
FAKE_DECISION_STATUS=7 run --once && status=0 || status=$?
expect '--once has the status of the decision' test "$status" = 7

# Up: restart, scale, second start, stop
expect 'it comes up' start_up --workers 2
expect 'a second start is refused' refuses 1 'already running (pid'
worker=$(record_pid "$RUN_DIR/worker-1.pid")
kill -9 "$worker"
expect 'a crashed worker comes back' within 10 pid_changes worker-1 "$worker"
redis=$(record_pid "$RUN_DIR/redis.pid")
kill -9 "$redis"
expect 'a crashed Redis comes back' within 10 pid_changes redis "$redis"
expect 'scale up' run scale 4
expect 'status' run status
expect 'four workers' said '^4 of 4 workers run'
expect 'scale down' run scale 1
expect 'three workers fewer' within 5 test ! -e "$RUN_DIR/worker-2.pid" -a ! -e "$RUN_DIR/worker-4.pid"
expect 'scale refuses nonsense' refuses 2 'from 0 to 64' scale many
expect 'logs' run logs redis
pids=$(all_pids)
expect 'stop' run stop
expect 'stop ended everything' all_gone "$pids"
expect 'the launcher ended well' ends 0
expect 'stop with nothing to stop' run stop

# Ctrl-C
expect 'it comes up again' start_up
pids=$(all_pids)
kill -INT -- "-$LAUNCHER"
expect 'Ctrl-C is a good end' ends 0
expect 'Ctrl-C ended everything' all_gone "$pids"

# kill -9 of the supervisor, then of the launcher
expect 'it comes up a third time' start_up
pids=$(all_pids)
kill -9 "$(record_pid "$RUN_DIR/supervisor.pid")"
expect 'the launcher reports a killed supervisor' ends 1
expect 'nothing outlives a killed supervisor' within 15 all_gone "$pids"
expect 'it comes up a fourth time' start_up
pids=$(all_pids)
kill -9 "$LAUNCHER"
wait "$LAUNCHER" 2>/dev/null || true
expect 'nothing outlives a killed launcher' within 15 all_gone "$pids"

# A stale record must never lead to a signal
sleep 300 &
LISTENER=$!
printf '%s 1 %s\n' "$LISTENER" "$(boot_id)" >"$RUN_DIR/worker-1.pid"
expect 'the next run is not confused' run --once
expect 'a stranger with a recorded pid is left alone' kill -0 "$LISTENER"
kill "$LISTENER"
LISTENER=''

# A worker that ignores SIGTERM, and one that cannot start
FAKE_WORKER_STUBBORN=1 run --once && status=0 || status=$?
expect 'a stubborn worker is killed after ten seconds' said 'worker-1 did not stop in time'
FAKE_WORKER_FAILS=1 run --once && status=0 || status=$?
expect 'a crashing worker is reported' said 'worker-1 ended with status 1; starting it again'

expect 'reset' run reset --yes
expect 'reset deletes the data' test ! -e "$HOME_DIR/.data"

say "launcher: $PASSED expectations met, $FAILED not"
((FAILED == 0))
