#!/usr/bin/env bash
# Nothing of one machine, no secret, and no unexplained escape from the language's safety in what is committed.
# usage: secrets-and-paths.sh [FOLDER]
set -euo pipefail

# findings FOLDER: prints one line per finding.
findings() {
    local folder=$1 files=()
    cd "$folder"
    mapfile -d '' files < <(git ls-files -z --cached --others --exclude-standard 2>/dev/null || true)
    ((${#files[@]})) || mapfile -d '' files < <(find . -type f -not -path './.build/*' -print0)
    # A bracket in each pattern keeps this file from finding itself.
    scan 'a path of one machine' '(^|[^[:alnum:]_./-])/([w]ork|[r]oot|[h]ome/[a-z]+)/' "${files[@]}"
    scan 'an AWS access key' '[A]KIA[0-9A-Z]{16}' "${files[@]}" | grep -v 'EXAMPLE' || true
    scan 'a private key' '[-]----BEGIN [A-Z ]*PRIVATE KEY' "${files[@]}"
    scan 'an API key' 'sk_[0-9a-f]{64}' "${files[@]}" | grep -vE 'sk_(0{64}|f{64}|(0123456789abcdef){4})' || true
    unexplained 'force-try' '(^|[^[:alnum:]_])try!' "${files[@]}"
    unexplained '@unchecked Sendable' '@[u]nchecked' "${files[@]}"
    unexplained 'nonisolated(unsafe)' 'nonisolated\(unsafe\)' "${files[@]}"
    unexplained 'a switched-off rule' 'swift-format-ignore' "${files[@]}"
}

scan() {
    local what=$1 pattern=$2
    shift 2
    { grep -HnIE -- "$pattern" "$@" 2>/dev/null || true; } | cut -c 1-160 | sed "s|^\([^:]*:[0-9]*\):|\1: $what: |"
}

# unexplained WHAT PATTERN FILE…: Swift code below Sources/ without a comment on the line or on the one above it.
unexplained() {
    local what=$1 pattern=$2 file sources=()
    shift 2
    for file; do [[ $file != *Sources/*.swift || ! -f $file ]] || sources+=("$file"); done
    ((${#sources[@]})) || return 0
    awk -v pattern="$pattern" -v what="$what" '
        FNR == 1 { previous = "" }
        {
            code = $0
            # A rule is switched off inside a comment: its reason follows on the same line or stands above.
            if (what == "a switched-off rule") reason = (code ~ /swift-format-ignore[^-]*(--|:[^:]*(because|since|\().*)/)
            else { reason = (code ~ /\/\//); sub(/\/\/.*/, "", code) }
            if (code ~ pattern && !reason && previous !~ /^[ \t]*\/\//) printf "%s:%d: %s without a reason beside it\n", FILENAME, FNR, what
            previous = $0
        }' "${sources[@]}"
}

self_test() {
    local folder found count
    folder=$(mktemp -d)
    mkdir -p "$folder/Sources"
    {
        printf 'let path = "/%s/data"\n' work
        printf 'let key = "%sIA0123456789ABCDEF"\n' AK
        printf -- '-----BEGIN RSA %s KEY-----\n' PRIVATE
        printf 'let a = try! f()\n'
        printf 'final class A: @%s Sendable {}\n' unchecked
        printf '// The pointer is only touched on one thread.\nnonisolated(unsafe) var fine = 0\n'
        printf 'let url = "https://example.com/%s/x"\n' work
    } >"$folder/Sources/A.swift"
    found=$( (findings "$folder") )
    rm -rf "$folder"
    count=$(grep -c . <<<"$found")
    ((count == 5)) || {
        printf 'self-test: 5 findings planted, %s reported:\n%s\n' "$count" "$found"
        return 1
    }
}

self_test
found=$( (findings "${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}") )
[[ -z $found ]] || {
    printf '%s\n' "$found"
    exit 1
}
