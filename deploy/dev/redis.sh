# shellcheck shell=bash
# A private Redis (or Valkey): loopback only, password, append-only file, nothing ever evicted.

REDIS_WANTED=7

redis_or_die() {
    local version
    command -v redis-server >/dev/null || die "redis-server is missing: install Redis $REDIS_WANTED, or set REDIS_HOST"
    version=$(redis-server --version | sed -n 's/.*v=\([0-9]*\).*/\1/p')
    if [[ ! $version =~ ^[0-9]+$ ]] || ((version < REDIS_WANTED)); then
        die "Redis ${version:-of unknown version} is too old, $REDIS_WANTED is needed: add packages.redis.io, or set REDIS_HOST"
    fi
}

# redis_configure FOLDER PORT PASSWORD [EXTRA_LINE…]: writes FOLDER/redis.conf. The password never meets a command line.
redis_configure() {
    local folder=$1 port=$2 password=$3
    shift 3
    mkdir -p "$folder"
    (
        umask 077
        cat >"$folder/redis.conf" <<CONF
bind 127.0.0.1
port $port
requirepass $password
dir "$folder"
daemonize no
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
CONF
        if (($#)); then printf '%s\n' "$@" >>"$folder/redis.conf"; fi
    )
}

# redis_answers PORT PASSWORD
redis_answers() {
    [[ $(REDISCLI_AUTH=$2 timeout 2 redis-cli --no-auth-warning -h 127.0.0.1 -p "$1" ping 2>/dev/null) == PONG ]]
}
