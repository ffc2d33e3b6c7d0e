# shellcheck shell=bash
# System packages: installed with apt, only those that are missing, without starting anything of the distribution's.

# Package, then a path pattern or command whose presence is as good as the package.
PACKAGE_PROBES='
libpq-dev             /usr/include/postgresql/libpq-fe.h
libhiredis-dev        /usr/include/hiredis/hiredis.h
libcurl4-openssl-dev  /usr/include/*/curl/curl.h
zlib1g-dev            /usr/include/zlib.h
libbz2-dev            /usr/include/bzlib.h
liblzma-dev           /usr/include/lzma.h
liblz4-dev            /usr/include/lz4frame.h
liblua5.4-dev         /usr/include/lua5.4/lua.h
liblua5.4-0           /usr/lib/*/liblua5.4.so.0
libbz2-1.0            /usr/lib/*/libbz2.so.1.0
liblzma5              /usr/lib/*/liblzma.so.5
liblz4-1              /usr/lib/*/liblz4.so.1
pkg-config            pkg-config
git                   git
curl                  curl
ca-certificates       /etc/ssl/certs/ca-certificates.crt
tzdata                /usr/share/zoneinfo/UTC
postgresql            /usr/lib/postgresql/*/bin/postgres
redis-server          redis-server
python3               python3
shellcheck            shellcheck
'
PACKAGES_TO_BUILD=(libpq-dev libhiredis-dev libcurl4-openssl-dev zlib1g-dev libbz2-dev liblzma-dev liblz4-dev liblua5.4-dev pkg-config git ca-certificates)
PACKAGES_TO_RUN=(curl ca-certificates tzdata liblua5.4-0 libbz2-1.0 liblzma5 liblz4-1)
PACKAGES_TO_TEST=(git python3 shellcheck)

# package_present NAME: the package manager says so, or what we need of it is there (built by hand, other packaging).
package_present() {
    local probe
    probe=$(awk -v name="$1" '$1 == name { print $2 }' <<<"$PACKAGE_PROBES")
    case $probe in
        /*) compgen -G "$probe" >/dev/null && return ;;
        ?*) command -v "$probe" >/dev/null && return ;;
    esac
    [[ $(dpkg-query -W -f='${Status}' "$1" 2>/dev/null) == 'install ok installed' ]]
}

# package_major NAME: the major version apt would install, or nothing.
package_major() {
    local version
    version=$(apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" { print $2 }')
    version=${version#*:} # epoch
    [[ $version =~ ^([0-9]+) ]] && printf '%s\n' "${BASH_REMATCH[1]}"
}

# packages_new_enough NAME…: refuses before installing what would be too old to use.
packages_new_enough() {
    local name major old=''
    for name; do
        case $name in
            postgresql) major=$(package_major "$name") && ((major < 15)) && old+=" PostgreSQL $major (15 needed: add apt.postgresql.org)," ;;
            redis-server) major=$(package_major "$name") && ((major < 7)) && old+=" Redis $major (7 needed: add packages.redis.io)," ;;
        esac
    done
    [[ -z $old ]] || die "the system's packages are too old:${old%,}; or point DB_* and REDIS_* at newer servers"
}

# packages_install NAME…: installs those of the list that are missing.
packages_install() {
    local name missing=() policy=/usr/sbin/policy-rc.d createcluster=/etc/postgresql-common/createcluster.d/cloudoptim.conf
    for name; do package_present "$name" || missing+=("$name"); done
    ((${#missing[@]})) || return 0
    command -v apt-get >/dev/null ||
        die "missing: ${missing[*]}; this system has no apt: install them by hand (Debian 12 and Ubuntu 24.04 are supported)"
    can_be_root || die "missing: ${missing[*]}; we are not root and there is no sudo: run 'apt-get install ${missing[*]}' as root"
    step "installing ${missing[*]}"
    patiently_as_root apt-get update -qq || warn "apt-get update failed; trying with the lists at hand"
    packages_new_enough "${missing[@]}"

    # A server package must not start or create anything: no service (policy-rc.d), no cluster (createcluster.d).
    local made_policy='' made_cluster=''
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        made_policy=yes
    fi
    if [[ " ${missing[*]} " == *' postgresql '* && ! -e $createcluster ]]; then
        as_root mkdir -p "${createcluster%/*}"
        printf 'create_main_cluster = false\n' | as_root tee "$createcluster" >/dev/null
        made_cluster=yes
    fi
    local status=0
    patiently_as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        "${missing[@]}" >"$PACKAGES_LOG" 2>&1 || status=$?
    [[ -z $made_policy ]] || as_root rm -f "$policy"
    [[ -z $made_cluster ]] || as_root rm -f "$createcluster"
    ((status == 0)) ||
        die "apt-get could not install ${missing[*]} ($(grep -m1 '^E:' "$PACKAGES_LOG" || tail -n 1 "$PACKAGES_LOG")); see $PACKAGES_LOG"
    # Only a service whose package came just now is ours to switch off; it would else start at the next boot.
    if [[ -d /run/systemd/system ]]; then
        for name in postgresql redis-server; do
            if [[ " ${missing[*]} " == *" $name "* ]]; then
                as_root systemctl disable --now "$name.service" >/dev/null 2>&1 || true
            fi
        done
    fi
    hash -r
}
PACKAGES_LOG=${PACKAGES_LOG:-/dev/null}

patiently_as_root() {
    if ((EUID == 0)); then patiently "$@"; else sudo "$@"; fi
}
