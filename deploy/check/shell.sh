#!/usr/bin/env bash
# Lints every shell script (rules: .shellcheckrc).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
shellcheck run test .ci/run deploy/dev/*.sh deploy/check/*.sh Benchmarks/run Benchmarks/phases/*.sh
