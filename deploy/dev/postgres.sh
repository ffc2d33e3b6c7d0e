# shellcheck shell=bash
# A private PostgreSQL: loopback only, no socket file, passwords (SCRAM) for everybody. It refuses to run as root, so
# root runs it as the owner of its data folder, which is the user `postgres`.

POSTGRES_WANTED=15
POSTGRES_ADMIN=postgres

# postgres_find [VERSION]: sets POSTGRES_BIN to the newest server that is new enough, or to exactly VERSION.
postgres_find() {
    local folder version found='' newest=''
    for folder in ${CLOUDOPTIM_POSTGRES_BIN:+"$CLOUDOPTIM_POSTGRES_BIN"} $(compgen -G '/usr/lib/postgresql/*/bin' | sort -Vr) \
        "$(dirname "$(command -v postgres || printf '/nowhere/postgres')")"; do
        [[ -x $folder/postgres && -x $folder/initdb && -x $folder/psql ]] || continue
        version=$("$folder/postgres" --version | sed -n 's/.* \([0-9][0-9]*\)[^ ]*.*/\1/p')
        newest=${newest:-$version}
        if [[ $version =~ ^[0-9]+$ ]] && ((version >= POSTGRES_WANTED)) && [[ -z ${1:-} || $version == "$1" ]]; then
            found=$folder
            break
        fi
    done
    if [[ -n $found ]]; then
        POSTGRES_BIN=$found
        POSTGRES_VERSION=$version
    elif [[ -n ${1:-} ]]; then
        die "the data was made by PostgreSQL $1, which is gone: install postgresql-$1, or discard the data with './run reset'"
    elif [[ -n $newest ]]; then
        die "PostgreSQL $newest is too old, $POSTGRES_WANTED is needed: add apt.postgresql.org, or set DB_HOST"
    else
        die "PostgreSQL is missing: install PostgreSQL $POSTGRES_WANTED or newer, or set DB_HOST"
    fi
}

# postgres_home WISHED ID: prints the folder to use. The server's user must be able to reach it; a checkout below
# /root or a private home folder is out of its reach, and then the folder lies in /var/lib, with a link where wished.
postgres_home() {
    local wished=$1 elsewhere=/var/lib/cloudoptim-$2
    if [[ -L $wished ]]; then
        readlink -f "$wished"
    elif ((EUID != 0)) || as_postgres_user postgres test -x "${wished%/*}"; then
        printf '%s\n' "$wished"
    else
        mkdir -p "$elsewhere"
        chmod 711 "$elsewhere"
        ln -s "$elsewhere/postgres" "$wished"
        printf '%s\n' "$elsewhere/postgres"
    fi
}

# as_postgres_user USER COMMAND…
as_postgres_user() {
    local user=$1
    shift
    (cd / && setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups -- "$@")
}

# postgres_user FOLDER: prints who must run the server, or nothing when that is ourselves.
postgres_user() {
    ((EUID == 0)) || return 0
    local owner=root
    [[ -e $1/PG_VERSION ]] && owner=$(stat -c %U "$1")
    [[ $owner != root ]] || owner=postgres
    id -u "$owner" >/dev/null 2>&1 ||
        die "PostgreSQL does not run as root and there is no user '$owner': run 'useradd --system postgres', or set DB_HOST"
    printf '%s\n' "$owner"
}

# postgres_initialise FOLDER ADMIN_PASSWORD LOG: makes the cluster when there is none. An interrupted attempt leaves no
# half cluster behind: initdb works in FOLDER.new, which is renamed when complete.
postgres_initialise() {
    local folder=$1 password=$2 log=$3 user
    [[ -e $folder/PG_VERSION ]] && return
    user=$(postgres_user "$folder")
    rm -rf "$folder.new"
    mkdir -m 700 "$folder.new"
    local password_file status=0
    password_file=$(mktemp) # initdb reads it under the server's user, who could not open a pipe of ours
    printf '%s\n' "$password" >"$password_file"
    local command=("$POSTGRES_BIN/initdb" --pgdata="$folder.new" --username="$POSTGRES_ADMIN" --encoding=UTF8 --no-locale
        --auth=scram-sha-256 --pwfile="$password_file")
    if [[ -n $user ]]; then
        chown "$user" "$folder.new" "$password_file"
        as_postgres_user "$user" "${command[@]}" >"$log" 2>&1 || status=$?
    else
        "${command[@]}" >"$log" 2>&1 || status=$?
    fi
    rm -f "$password_file"
    ((status == 0)) || die "PostgreSQL could not make its data folder: $(grep -m1 -i error "$log" || tail -n 1 "$log"); see $log"
    mv "$folder.new" "$folder"
}

# postgres_command FOLDER PORT [OPTION…]: fills the array POSTGRES_COMMAND with the server's command line. The server
# gets a fast shutdown (SIGINT) when whoever starts it dies.
postgres_command() {
    local folder=$1 port=$2 user
    shift 2
    user=$(postgres_user "$folder")
    # shellcheck disable=SC2034 # read by the caller
    POSTGRES_COMMAND=(setpriv --pdeathsig INT
        ${user:+--reuid="$user" --regid="$(id -g "$user")" --init-groups} -- "$POSTGRES_BIN/postgres" -D "$folder"
        -c listen_addresses=127.0.0.1 -c "port=$port" -c unix_socket_directories= -c max_connections=200
        -c shared_buffers=256MB -c max_wal_size=2GB "$@")
}

# postgres_sql PORT PASSWORD DATABASE: runs the SQL of standard input as the administrator.
postgres_sql() {
    PGPASSWORD=$2 PGCONNECT_TIMEOUT=5 PGOPTIONS='-c client_min_messages=warning' \
        "$POSTGRES_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$1" -U "$POSTGRES_ADMIN" -d "$3"
}

# postgres_answers PORT PASSWORD
postgres_answers() { [[ $(postgres_sql "$1" "$2" postgres <<<'select 1' 2>/dev/null) == 1 ]]; }

# postgres_provide PORT ADMIN_PASSWORD DATABASE ROLE PASSWORD: the ordinary role and its database, idempotent.
# The password is hexadecimal (see secrets.sh), the names come from us: plain quoting is enough.
postgres_provide() {
    postgres_sql "$1" "$2" postgres <<SQL
select 'create role "$4" login' where not exists (select from pg_roles where rolname = '$4') \\gexec
alter role "$4" password '$5';
select 'create database "$3" owner "$4"' where not exists (select from pg_database where datname = '$3') \\gexec
SQL
}
