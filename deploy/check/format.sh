#!/usr/bin/env bash
# Formatting and the linter's rules (.swift-format), as errors.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
folders=()
for folder in Sources Tests Benchmarks Package.swift; do [[ ! -e $folder ]] || folders+=("$folder"); done
swift format lint --strict --parallel --recursive "${folders[@]}" ||
    {
        printf 'remedy: swift format --in-place --recursive %s\n' "${folders[*]}"
        exit 1
    }
