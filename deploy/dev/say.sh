# shellcheck shell=bash
# Output for people: steps, notes, and errors of one line that end with the remedy.

if [[ -t 1 ]]; then
    BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
    BOLD='' DIM='' RED='' PLAIN=''
fi

# The reader may be gone (`./run | head`): a failed write must never stop a clean shutdown.
say() { printf '%s\n' "$*" 2>/dev/null || true; }
step() { printf '%s==>%s %s\n' "$BOLD" "$PLAIN" "$*" 2>/dev/null || true; }
note() { printf '%s    %s%s\n' "$DIM" "$*" "$PLAIN" 2>/dev/null || true; }
warn() { printf '%swarning:%s %s\n' "$RED" "$PLAIN" "$*" >&2 2>/dev/null || true; }

# die MESSAGE [STATUS]: one line to stderr, then exit.
die() {
    printf '%serror:%s %s\n' "$RED" "$PLAIN" "$1" >&2 2>/dev/null || true
    exit "${2:-1}"
}
