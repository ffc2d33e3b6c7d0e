#!/usr/bin/env bash
# Makes stand-ins for the programs in the folder given, so that ./run can be tested in seconds without a build.
# They keep the programs' contract with the launcher (see docs/operations.md) and do none of the work.
set -euo pipefail
folder=${1:?usage: fakes.sh FOLDER}
mkdir -p "$folder"
cat >"$folder/cloudoptim-api" <<'PYTHON'
#!/usr/bin/env python3
import http.server, os, signal, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b'{"status":"healthy"}')
    def log_message(self, *_): pass
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.ThreadingHTTPServer.allow_reuse_address = True
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["ML_SERVER_PORT"])), Handler).serve_forever()
PYTHON
cat >"$folder/cloudoptim-worker" <<'BASH'
#!/usr/bin/env bash
trap 'exit 0' TERM
[[ -z ${FAKE_WORKER_FAILS:-} ]] || { echo "worker: REDIS_URL is refused"; exit 1; }
[[ -z ${FAKE_WORKER_STUBBORN:-} ]] || trap '' TERM
while true; do sleep 0.1; done
BASH
cp "$folder/cloudoptim-worker" "$folder/cloudoptim-scheduler"
sed -i '/STUBBORN/d' "$folder/cloudoptim-scheduler"
printf '#!/usr/bin/env bash\nexit 1\n' >"$folder/cloudoptim-sandbox"
cp "$folder/cloudoptim-sandbox" "$folder/cloudoptim-importer"
cat >"$folder/cloudoptim" <<'BASH'
#!/usr/bin/env bash
set -euo pipefail
sql() { PGPASSWORD=$DB_PASSWORD psql -X -q -A -t -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -c "$1"; }
case "$*" in
    migrate) sql 'create table if not exists visit (at timestamptz default now())' 2>/dev/null; echo "schema 1" ;;
    doctor) echo "all well" ;;
    'keys create '*) echo "sk_$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" ;;
    'pricing load --sample') echo "sample: 12 rows, marked SAMPLE" ;;
    'pricing load '*) shift 2; while (($#)); do echo "${1#--}: $2 $(wc -l <"$2") rows"; shift 2; done ;;
    'pricing status '*) exit "${FAKE_PRICING_STATUS:-0}" ;;
    'pricing fetch '*) echo "job submitted" ;;
    'decide spot-optimize '*)
        sql 'insert into visit default values'
        echo "decision number $(sql 'select count(*) from visit')"
        exit "${FAKE_DECISION_STATUS:-0}" ;;
    *) echo "unknown: $*" >&2; exit 64 ;;
esac
BASH
chmod +x "$folder"/cloudoptim*
