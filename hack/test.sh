#!/usr/bin/env bash
# All tests, or those of the layers named: static, unit, integration, e2e.
# Installs what they need first; see hack/bootstrap.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
hack/bootstrap.sh
export PATH="$PWD/node_modules/.bin:$PATH"
exec node hack/test/main.ts "$@"
