#!/usr/bin/env bash
# The one supervisor behind ./run: starts the private servers and our processes, restarts what crashes, and on SIGTERM
# stops all of it in order. Started by ./run only; everything it needs to know comes in the environment:
#
#   RUN_DIR, LOG_DIR, BIN_DIR, ROOT      folders
#   PRIVATE_POSTGRES, PRIVATE_POSTGRES_PORT, PRIVATE_REDIS      data folders; empty when the servers are somebody else's
#
# It reads RUN_DIR/stage (`servers`: only PostgreSQL and Redis; `all`: our processes too) and RUN_DIR/workers (how many),
# and leaves one record per child in RUN_DIR (process.sh). Every child also carries a parent-death signal: when the
# supervisor is killed with -9, the kernel asks its children to stop.
set -euo pipefail
trap '' PIPE # whoever read our output may be gone before we have stopped everything
trap 'STOP=yes' TERM INT HUP
STOP=''

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/dev/say.sh
source "$HERE/say.sh"
# shellcheck source=deploy/dev/process.sh
source "$HERE/process.sh"
# shellcheck source=deploy/dev/postgres.sh
source "$HERE/postgres.sh"

STOP_SECONDS=10           # what a process of ours gets after SIGTERM before SIGKILL
POSTGRES_STOP_SECONDS=30  # a fast shutdown writes a checkpoint first
LONGEST_PAUSE=30          # seconds between two starts of something that keeps crashing
GOOD_LIFE=60              # seconds after which earlier crashes are forgotten

declare -A PID=() BORN=() CRASHES=() NOT_BEFORE=() STOP_BY=()
exec {TICK}<> <(:) # never readable: `read -t` on it is a sleep without a process

pause() { read -r -t "$1" -u "$TICK" _ || true; }

# look_what_is_wanted: sets WANTED, without starting a process: this runs several times a second.
look_what_is_wanted() {
    local stage='' count='' number
    WANTED=()
    [[ -z $PRIVATE_POSTGRES ]] || WANTED+=(postgres)
    [[ -z $PRIVATE_REDIS ]] || WANTED+=(redis)
    { read -r stage <"$RUN_DIR/stage"; } 2>/dev/null || true
    [[ $stage == all ]] || return 0
    WANTED+=(api scheduler)
    { read -r count <"$RUN_DIR/workers"; } 2>/dev/null || true
    [[ $count =~ ^[0-9]{1,3}$ ]] || count=1
    for ((number = 1; number <= 10#$count; number++)); do WANTED+=("worker-$number"); done
}

start() {
    local name=$1 folder=$ROOT command
    case $name in
        postgres)
            folder=/
            postgres_command "$PRIVATE_POSTGRES" "$PRIVATE_POSTGRES_PORT"
            command=("${POSTGRES_COMMAND[@]}")
            ;;
        redis) command=(setpriv --pdeathsig TERM -- redis-server "$PRIVATE_REDIS/redis.conf") ;;
        *) command=(setpriv --pdeathsig TERM -- "$BIN_DIR/cloudoptim-${name%%-*}") ;;
    esac
    # Background children of a script ignore SIGINT; PostgreSQL's fast shutdown and operators both need it.
    (cd "$folder" && exec env --default-signal=INT,QUIT,PIPE,HUP,TERM "${command[@]}") \
        >>"$LOG_DIR/$name.log" 2>&1 </dev/null {TICK}>&- &
    PID[$name]=$!
    BORN[$name]=$SECONDS
    record_write "$RUN_DIR/$name.pid" "${PID[$name]}" || true
}

# reap NAME: called once a child is gone.
reap() {
    local name=$1 status=0 delay
    wait "${PID[$name]}" || status=$?
    rm -f "$RUN_DIR/$name.pid"
    unset "PID[$name]"
    if [[ -n ${STOP_BY[$name]:-} ]]; then
        unset "STOP_BY[$name]"
        return
    fi
    if ((SECONDS - BORN[$name] > GOOD_LIFE)); then CRASHES[$name]=0; fi
    CRASHES[$name]=$((${CRASHES[$name]:-0} + 1))
    delay=$((CRASHES[$name] > 5 ? LONGEST_PAUSE : 1 << (CRASHES[$name] - 1)))
    NOT_BEFORE[$name]=$((SECONDS + delay))
    printf '%s\n' "${CRASHES[$name]}" >"$RUN_DIR/$name.crashes"
    warn "$name ended with status $status; starting it again in $delay s (log: $LOG_DIR/$name.log)"
}

ask_to_stop() {
    local name=$1 signal=TERM seconds=$STOP_SECONDS
    [[ -n ${PID[$name]:-} && -z ${STOP_BY[$name]:-} ]] || return 0
    if [[ $name == postgres ]]; then
        signal=INT seconds=$POSTGRES_STOP_SECONDS
    fi
    STOP_BY[$name]=$((SECONDS + seconds))
    kill -s "$signal" "${PID[$name]}" 2>/dev/null || true
}

# settle: notices who is gone, and kills who has been asked long enough.
settle() {
    local name
    for name in "${!PID[@]}"; do
        if ! process_look "${PID[$name]}"; then
            reap "$name"
        elif [[ -n ${STOP_BY[$name]:-} ]] && ((SECONDS >= STOP_BY[$name])); then
            warn "$name did not stop in time: killed"
            if [[ $name == postgres ]]; then
                kill -QUIT "${PID[$name]}" 2>/dev/null || true # its own emergency stop takes its children along
            else
                kill -KILL "${PID[$name]}" 2>/dev/null || true
            fi
            STOP_BY[$name]=$((SECONDS + STOP_SECONDS))
        fi
    done
}

stop_and_wait() {
    local name left=yes
    for name; do ask_to_stop "$name"; done
    while [[ -n $left ]]; do
        settle
        left=''
        for name; do [[ -z ${PID[$name]:-} ]] || left=yes; done
        [[ -z $left ]] || pause 0.05
    done
}

supervise() {
    local name
    while [[ -z $STOP ]]; do
        settle
        look_what_is_wanted
        for name in ${WANTED[@]+"${WANTED[@]}"}; do
            if [[ -z ${PID[$name]:-} ]] && ((SECONDS >= ${NOT_BEFORE[$name]:-0})); then start "$name"; fi
        done
        for name in "${!PID[@]}"; do
            if [[ $name == worker-* && " ${WANTED[*]} " != *" $name "* ]]; then ask_to_stop "$name"; fi
        done
        pause 0.25
    done
}

# The door first, then those who make work, then those who do it, then the servers all of them need.
stop_all() {
    local name workers=()
    stop_and_wait api
    stop_and_wait scheduler
    for name in "${!PID[@]}"; do [[ $name != worker-* ]] || workers+=("$name"); done
    stop_and_wait ${workers[@]+"${workers[@]}"}
    stop_and_wait redis
    stop_and_wait postgres
}

supervise
stop_all
rm -f "$RUN_DIR/supervisor.pid"
