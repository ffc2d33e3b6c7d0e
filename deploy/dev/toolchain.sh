# shellcheck shell=bash
# The Swift toolchain and the release build.

SWIFT_WANTED='6.2'
PROGRAMS=(cloudoptim-api cloudoptim-worker cloudoptim-scheduler cloudoptim-sandbox cloudoptim-importer
    cloudoptim)

# toolchain_find: puts swift on PATH when it lies where installers leave it, and refuses one that is too old.
toolchain_find() {
    local folder version
    if ! command -v swift >/dev/null; then
        for folder in "${HOME:-/root}/.local/share/swiftly/bin" /opt/swift*/usr/bin /usr/local/swift*/usr/bin; do
            if [[ -x $folder/swift ]]; then
                PATH=$folder:$PATH
                break
            fi
        done
    fi
    command -v swift >/dev/null ||
        die "Swift $SWIFT_WANTED or newer is missing: install it from https://www.swift.org/install/linux and put it on PATH"
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    [[ -n $version ]] || die "'swift --version' fails: reinstall Swift from https://www.swift.org/install/linux"
    if [[ $(printf '%s\n%s\n' "$SWIFT_WANTED" "$version" | sort -V | head -n 1) != "$SWIFT_WANTED" ]]; then
        die "Swift $version is too old: install $SWIFT_WANTED or newer from https://www.swift.org/install/linux"
    fi
    SWIFT_VERSION=$version
}

# disk_or_die FOLDER MEGABYTES PURPOSE
disk_or_die() {
    local free
    free=$(df -Pm "$1" 2>/dev/null | awk 'NR == 2 { print $4 }' || true)
    if [[ $free =~ ^[0-9]+$ ]] && ((free < $2)); then
        die "only $free MB free on the disk of $1, $3 needs $2 MB: free some space"
    fi
}

# toolchain_current: the programs are newer than every source and were built by this compiler.
toolchain_current() {
    local stamp=$ROOT/.build/release/.cloudoptim-built program
    [[ -f $stamp && $(<"$stamp") == "$SWIFT_VERSION" ]] || return 1
    for program in "${PROGRAMS[@]}"; do [[ -x $ROOT/.build/release/$program ]] || return 1; done
    # Folders count too: a deleted file changes only its folder's time.
    [[ -z $(find "$ROOT/Sources" "$ROOT/Package.swift" -newer "$stamp" -print -quit) ]]
}

# toolchain_build: the release build, skipped when nothing changed. Sets BIN_DIR.
toolchain_build() {
    BIN_DIR=$ROOT/.build/release
    if toolchain_current; then
        note "programs are up to date (Swift $SWIFT_VERSION)"
        return
    fi
    disk_or_die "$ROOT" 5120 'building'
    step "building in release mode with Swift $SWIFT_VERSION (a few minutes the first time)"
    local started
    started=$(mktemp)
    if ! patiently swift build -c release --package-path "$ROOT"; then
        rm -f "$started"
        die "the build failed: the compiler's message is above"
    fi
    printf '%s\n' "$SWIFT_VERSION" >"$BIN_DIR/.cloudoptim-built"
    touch -r "$started" "$BIN_DIR/.cloudoptim-built" # an edit made during the build must count as newer
    rm -f "$started"
}

# programs_or_die FOLDER: all four are there and can be run.
programs_or_die() {
    local program
    for program in "${PROGRAMS[@]}"; do
        [[ -x $1/$program ]] || die "$1 has no program '$program': build it, or unset CLOUDOPTIM_BIN_DIR"
    done
}
