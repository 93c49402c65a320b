#!/bin/sh
# Unpacks image archives into the root folder of a containerd, for a guest to find them there. To be run in mount
# and process namespaces of its own.
# usage: import-images.sh PROGRAMS ROOT SCRATCH ARCHIVE...
#   PROGRAMS   folder of containerd and ctr
set -eu
programs=$1 root=$2 scratch=$3
shift 3
socket=$scratch/containerd.sock

cat >"$scratch/containerd.toml" <<END
version = 3
root = "$root"
state = "$scratch/state"
disabled_plugins = ["io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri"]
[grpc]
address = "$socket"
[ttrpc]
address = "$socket.ttrpc"
END
"$programs/containerd" --config "$scratch/containerd.toml" >"$scratch/containerd.log" 2>&1 &
daemon=$!
fail() {
  tail "$scratch/containerd.log" >&2
  exit 1
}
ctr() { "$programs/ctr" --address "$socket" --namespace k8s.io "$@"; }

tries=0
until ctr version >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || fail
  sleep 0.1
done
for archive; do ctr images import --local --snapshotter overlayfs "$archive" || fail; done
kill "$daemon"
wait "$daemon" || true
rm -rf "$root/io.containerd.content.v1.content/ingest" "$root/tmpmounts"
