# shellcheck shell=bash
# Processes we started, remembered so that nothing else is ever signalled.
#
# A record is one line `PID START BOOT`: the kernel's start time of that pid (clock ticks since boot) and the boot id.
# A pid that was given out again has another start time, so a stale record is recognised before anything is sent to it.

# process_look PID: sets PROCESS_START to the start time; fails when there is no such process or it is a zombie.
# Starts no process itself: the supervisor looks several times a second.
process_look() {
    local line
    PROCESS_START=''
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
    line=${line##*) } # the command name may hold spaces and brackets; the last ") " ends it
    local -a field
    read -ra field <<<"$line"
    [[ ${field[0]} != Z && ${field[0]} != X ]] || return 1
    PROCESS_START=${field[19]}
}

# process_start PID: the same, printed.
process_start() { process_look "$1" && printf '%s\n' "$PROCESS_START"; }

boot_id() { cat /proc/sys/kernel/random/boot_id 2>/dev/null || printf 'unknown\n'; }

# record_write FILE PID: fails when the process is already gone.
record_write() {
    local start
    start=$(process_start "$2") || return 1
    printf '%s %s %s\n' "$2" "$start" "$(boot_id)" >"$1.new" && mv -f "$1.new" "$1"
}

# record_pid FILE: prints the pid if, and only if, the recorded process itself still runs.
record_pid() {
    local pid start boot
    { read -r pid start boot <"$1"; } 2>/dev/null || return 1
    [[ $pid =~ ^[0-9]+$ && $boot == "$(boot_id)" ]] || return 1
    [[ $(process_start "$pid") == "$start" ]] || return 1
    printf '%s\n' "$pid"
}

# record_stop FILE SIGNAL SECONDS [LAST_SIGNAL]: ends the recorded process politely, then with LAST_SIGNAL (KILL).
record_stop() {
    local pid deadline=$((SECONDS + $3))
    if pid=$(record_pid "$1"); then
        kill -s "$2" "$pid" 2>/dev/null || true
        while record_pid "$1" >/dev/null; do
            if ((SECONDS >= deadline)); then
                kill -s "${4:-KILL}" "$pid" 2>/dev/null || true
                sleep 0.5
                if record_pid "$1" >/dev/null; then kill -KILL "$pid" 2>/dev/null || true; fi
                break
            fi
            sleep 0.1
        done
    fi
    rm -f "$1"
}

# wait_gone PID: waits for a direct child and returns its status, also when signals interrupt the wait.
wait_gone() {
    local status=0
    while true; do
        status=0
        wait "$1" || status=$?
        process_look "$1" || break
    done
    return "$status"
}

# patiently COMMAND…: runs a long command so that a signal to this script reaches it at once.
# Bash runs a trap only after a foreground command has ended; it interrupts `wait`.
patiently() {
    local status=0
    env --default-signal=INT,QUIT,PIPE "$@" 9>&- & # 9: the lock of ./run, which no child may hold
    PATIENT_PID=$!
    wait_gone "$PATIENT_PID" || status=$?
    PATIENT_PID=''
    return "$status"
}
PATIENT_PID=''

# as_root COMMAND…: sudo only when we are not root.
as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

can_be_root() { ((EUID == 0)) || command -v sudo >/dev/null; }
