#!/usr/bin/env bash
# What the tests here take from PyPI, in versions of which they were seen to pass: test/interop/.venv
set -euo pipefail
cd "$(dirname "$0")"
[ -d .venv ] || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
