# shellcheck shell=bash
# Secrets of the private servers: random, one file each, readable by their owner only.

# secret FILE: prints the secret kept in FILE, making it (256 bits, hexadecimal) the first time.
secret() {
    if [[ ! -s $1 ]]; then
        (
            umask 077
            mkdir -p "${1%/*}"
            od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$1.new"
            mv -f "$1.new" "$1"
        )
    fi
    cat "$1"
}
