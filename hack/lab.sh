#!/usr/bin/env bash
# A real Kubernetes with Nestlet in it, on this machine. Without a verb: help.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PATH="$root/node_modules/.bin:$PATH"
lab=(node "$root/hack/lab/main.ts")

# Two at once would undo each other's work.
run_exclusively() {
  local name=${NESTLET_LAB_NAME:-nestlet-lab} cache=${NESTLET_CACHE:-/var/cache/nestlet} code=0
  mkdir -p "$cache"
  # -o: the programs that stay must not hold the lock.
  flock -n -o -E 75 "$cache/$name.lock" "${lab[@]}" "$@" || code=$?
  ((code == 75)) || exit "$code"
  echo "Another hack/lab.sh is at work on $name; waiting for it" >&2
  exec flock -o "$cache/$name.lock" "${lab[@]}" "$@"
}

case ${1:-} in
  up | reset)
    "$root/hack/bootstrap.sh"
    run_exclusively "$@"
    ;;
  down)
    [[ -x $root/node_modules/.bin/node ]] || "$root/hack/bootstrap.sh"
    run_exclusively "$@"
    ;;
  *)
    [[ -x $root/node_modules/.bin/node ]] || "$root/hack/bootstrap.sh"
    exec "${lab[@]}" "$@"
    ;;
esac
