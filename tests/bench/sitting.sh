#!/bin/sh
# Load, flow and growth in one sitting, into JSON lines: sitting.sh OUT [PEERS]. Takes 12 to 15 minutes, besides the builds, and wants
# a machine that does nothing else: each line says what share of it others used.
# PEERS holds the functions in other languages: node/dist/boot.mjs, py/boot.py and py/venv.
set -eu
out=$1 peers=${2:-}
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
cargo build --release -p intake -p feed -p reconcile
cargo build --profile measure -p bench --bins
mkdir -p "$out"
bench() {
    name=$1
    shift
    "$target/measure/$name" "$@" > "$out/$name.jsonl" || echo "$name: something is not as it should be" >&2
}
bench load --intake "$target/release/intake" ${peers:+--peers "$peers"} --seconds 4 --wait 4 --counted 500
bench flow --seconds 4
bench growth --feed "$target/release/feed" --reconcile "$target/release/reconcile"
