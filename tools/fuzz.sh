#!/bin/sh
# fuzz.sh BUILD SECONDS: builds every fuzz target and runs each for that many seconds over its corpus.
set -eu
build=$1
seconds=$2
log=$(mktemp)
ninja -C "$build" >"$log" || {
	cat "$log"
	exit 1
}
rm -f "$log"
for target in "$build"/tests/fuzz/fuzz_*; do
	[ -x "$target" ] && [ ! -d "$target" ] || continue
	name=$(basename "$target")
	work=$(mktemp -d)
	echo "$name"
	if ! "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
		-artifact_prefix="$build/" "$work" "tests/fuzz/corpus/${name#fuzz_}" >"$work/log" 2>&1; then
		tail -n 40 "$work/log"
		exit 1
	fi
	rm -rf "$work"
done
