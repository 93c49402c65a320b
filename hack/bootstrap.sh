#!/usr/bin/env bash
# Makes a bare Debian 12 ready for everything in hack/: Debian packages, npm packages, Go.
# Says what it is about to install; says nothing and takes no time when all of it is there.
# Downloads come from wherever apt, npm and Go are configured to get them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cache=${NESTLET_CACHE:-/var/cache/nestlet}
# Fetched when the machine's own Go is older than hack/lab/modules want.
go_release=1.26.8
memory_mib=6144
# The caches of a first build of Kubernetes are most of it.
disk_cold_mib=30720
disk_warm_mib=6144

say() { printf '%s\n' "$*" >&2; }

# The first existing folder of a path that is yet to be made.
existing() {
  local dir=$1
  while [[ ! -d $dir ]]; do dir=$(dirname "$dir"); done
  printf '%s' "$dir"
}

# All that is wrong with the machine at once, each with its remedy.
check_machine() {
  local faults=() memory disk wanted=$disk_warm_mib
  [[ $(id -u) == 0 ]] || faults+=("not root: run it with sudo, or as root")
  [[ $(uname -sm) == "Linux x86_64" ]] || faults+=("$(uname -sm) is not Linux x86_64: take such a machine")
  [[ -n $(type -P apt-get) ]] || faults+=("no apt-get: take Debian 12 or newer")
  memory=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo) / 1024))
  ((memory >= memory_mib * 9 / 10)) || faults+=("$memory MiB of memory: $memory_mib MiB are needed")
  [[ -d $cache/bin ]] || wanted=$disk_cold_mib
  disk=$(($(stat -f --format='%a * %S' "$(existing "$cache")") / 1048576))
  ((disk >= wanted)) ||
    faults+=("$disk MiB of free disk at $cache: $wanted MiB are needed; free some, or set NESTLET_CACHE to a folder on another disk")
  ((${#faults[@]} == 0)) && return
  say "This machine cannot run the lab:"
  printf ' - %s\n' "${faults[@]}" >&2
  exit 1
}

newest() { sort --version-sort | tail -n 1; }

go_needed() { sed -n 's/^go \([0-9.]*\)$/\1/p' hack/lab/modules/*/go.mod | newest; }

# The Go that hack/lab/binaries.ts takes: the fetched one before the machine's.
go_found() {
  local program
  for program in "$cache/toolchain/bin/go" "$(type -P go || true)"; do
    [[ -x $program ]] || continue
    GOTOOLCHAIN=local "$program" env GOVERSION 2>/dev/null | sed 's/^go//'
    return
  done
}

go_is_new_enough() {
  local found
  found=$(go_found)
  [[ -n $found && $(printf '%s\n' "$found" "$(go_needed)" | newest) == "$found" ]]
}

missing_packages() {
  local wanted installed
  wanted=$(sed 's/#.*//' hack/debian-packages.txt | tr -s ' \n' '\n' | grep .)
  type -P npm >/dev/null || wanted+=$'\nnodejs\nnpm'
  go_is_new_enough || type -P go >/dev/null || wanted+=$'\ngolang-go'
  installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
  comm -23 <(sort <<<"$wanted") <(sort -u <<<"$installed")
}

install_packages() {
  local packages
  mapfile -t packages < <(missing_packages)
  ((${#packages[@]} > 0)) || return 0
  say "Installing Debian packages: ${packages[*]}"
  mkdir -p "$cache"
  local log=$cache/bootstrap.log apt=(apt-get -qq -o DPkg::Lock::Timeout=300)
  export DEBIAN_FRONTEND=noninteractive
  if ! { "${apt[@]}" update && "${apt[@]}" install --yes --no-install-recommends "${packages[@]}"; } >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    say "Debian packages could not be installed; the lines above are the end of $log"
    exit 1
  fi
  # For `hack/lab.sh down --purge`, which names them.
  printf '%s\n' "${packages[@]}" | sort -u - "$cache/installed-packages" 2>/dev/null >"$cache/installed-packages.new" ||
    printf '%s\n' "${packages[@]}" | sort -u >"$cache/installed-packages.new"
  mv "$cache/installed-packages.new" "$cache/installed-packages"
}

# npm writes down what it installed; compare that with what it should have.
npm_packages_are_current() {
  [[ -x node_modules/.bin/node && -f node_modules/.package-lock.json ]] || return 1
  node_modules/.bin/node -e '
    const { packages: have } = JSON.parse(fs.readFileSync("node_modules/.package-lock.json"));
    const { packages: want } = JSON.parse(fs.readFileSync("package-lock.json"));
    const differs = ([path, { version, optional }]) =>
      path !== "" && have[path]?.version !== version && !(optional && have[path] === undefined);
    process.exit(Object.entries(want).some(differs) ? 1 : 0);
  '
}

install_npm_packages() {
  npm_packages_are_current && return
  say "Installing npm packages of package-lock.json"
  mkdir -p "$cache"
  # Whatever the user has set for his own projects, these are needed whole, install scripts included.
  if ! env -u NODE_ENV npm ci --include=dev --include=optional --ignore-scripts=false --no-fund --no-audit \
    --engine-strict=false --loglevel=error >"$cache/bootstrap.log" 2>&1; then
    tail -n 15 "$cache/bootstrap.log" >&2
    say "npm packages could not be installed; the lines above are the end of $cache/bootstrap.log"
    exit 1
  fi
}

# Go's releases are modules too: an old Go can fetch a new one, through the module proxy and its checksums.
install_go() {
  go_is_new_enough && return
  say "Fetching Go $go_release (the machine has ${1:-none}; $(go_needed) is needed)"
  local module="golang.org/toolchain@v0.0.1-go$go_release.linux-amd64" mods=$cache/go/mod
  mkdir -p "$mods"
  (cd "$cache" && GOTOOLCHAIN=local GO111MODULE=on GOWORK=off GOFLAGS=-modcacherw GOMODCACHE=$mods go mod download "$module")
  # A module's files come without their modes.
  chmod +x "$mods/$module"/bin/* "$mods/$module"/pkg/tool/*/*
  ln -sfn "$mods/$module" "$cache/toolchain"
  go_is_new_enough || { say "Go $go_release was fetched to $cache/toolchain but does not run"; exit 1; }
}

check_machine
install_packages
install_npm_packages
install_go "$(go_found)"
