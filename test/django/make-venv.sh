#!/usr/bin/env bash
# The newest Django LTS with SimpleJWT and django-otp, for the tests beside Debian's packages: test/django/.venv
set -euo pipefail
cd "$(dirname "$0")"
[ -d .venv ] || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
