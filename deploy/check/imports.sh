#!/usr/bin/env bash
# Import direction, full Foundation, and SQL or Redis commands in the API folder. The check first proves on planted
# violations that it can fail.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python3 "$here/imports.py" --self-test
python3 "$here/imports.py"
