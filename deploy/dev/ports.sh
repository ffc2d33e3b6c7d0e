# shellcheck shell=bash
# TCP ports, read from the kernel's own tables: no ss, netstat or lsof needed.

# port_sockets PORT: prints the inode of every listening socket on that port.
port_sockets() {
    local wanted table
    printf -v wanted '%04X' "$1"
    for table in /proc/net/tcp /proc/net/tcp6; do
        [[ -r $table ]] || continue
        awk -v port="$wanted" '$4 == "0A" { n = split($2, part, ":"); if (part[n] == port) print $10 }' "$table"
    done
}

port_is_free() { [[ -z $(port_sockets "$1") ]]; }

# port_holder PORT: prints "NAME (pid N)" when it can be seen, else nothing.
port_holder() {
    local inode link pid
    for inode in $(port_sockets "$1"); do
        link=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" -print -quit 2>/dev/null || true)
        [[ -n $link ]] || continue
        pid=${link#/proc/}
        pid=${pid%%/*}
        printf '%s (pid %s)\n' "$(cat "/proc/$pid/comm" 2>/dev/null || printf '?')" "$pid"
        return
    done
}

# port_or_die PORT VARIABLE: stops with the remedy when the port is taken.
port_or_die() {
    local holder
    [[ $1 =~ ^[0-9]+$ ]] && ((10#$1 >= 1 && 10#$1 <= 65535)) ||
        die "$2 is '$1', which is no port: give a number from 1 to 65535"
    port_is_free "$1" && return
    holder=$(port_holder "$1")
    die "port $1 ($2) is taken by ${holder:-a process of another user}: end it, or choose another port with $3"
}

# port_free: prints a free port below the range that the kernel hands out to clients (32768 and up).
port_free() {
    local try port
    for ((try = 0; try < 200; try++)); do
        port=$((20000 + RANDOM % 12000))
        if port_is_free "$port"; then
            printf '%s\n' "$port"
            return
        fi
    done
    die "no free loopback port between 20000 and 32000: end something that listens"
}

# port_kept FILE NAME: the port remembered under NAME in FILE, or a new one when there is none or it is taken.
port_kept() {
    local port=''
    if [[ -f $1 ]]; then port=$(sed -n "s/^$2=\([0-9]\{1,5\}\)$/\1/p" "$1" | head -n 1); fi
    if [[ -z $port ]] || ! port_is_free "$port"; then
        port=$(port_free)
        {
            if [[ -f $1 ]]; then grep -v "^$2=" "$1" || true; fi
            printf '%s=%s\n' "$2" "$port"
        } >"$1.new"
        mv -f "$1.new" "$1"
    fi
    printf '%s\n' "$port"
}
