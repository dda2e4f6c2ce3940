#!/bin/sh
# demo.sh BUILD: a cluster under var/demo on unprivileged ports, three simulated phones that enrol, the third with an encrypted
# configuration, then serves until Ctrl-C.
set -eu
build=$1
dir=$PWD/var/demo
base=16900
host=demo.sealtone.test
export SEALTONE_DIR="$dir/cluster"

daemon=
cleanup() {
	trap - EXIT INT TERM
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	[ -z "$daemon" ] || wait "$daemon" 2>/dev/null || true
}
trap cleanup EXIT
trap 'cleanup; exit 0' INT TERM

rm -rf "$dir"
mkdir -p "$dir"
echo "== A cluster"
"$build/sealtone" init "$SEALTONE_DIR" --cluster demo --host "$host" --address 127.0.0.1 --base-port "$base"

echo
echo "== The daemon (its log is in var/demo/sealtoned.log)"
mkfifo "$dir/ready"
"$build/sealtoned" --dir "$SEALTONE_DIR" >"$dir/ready" 2>"$dir/sealtoned.log" &
daemon=$!
if ! read -r line <"$dir/ready"; then
	cat "$dir/sealtoned.log" >&2
	exit 1
fi
echo "$line"

echo
echo "== Three phones: each gets a record, which fills the template of its family, and an LSC operation"
"$build/sealtone" profile add secure --encrypted-config yes >/dev/null
line=2001
for name in SEP001122000001 SEP001122000002 SEP001122000003; do
	profile=
	[ "$line" -lt 2003 ] || profile=secure
	"$build/sealtone" phone add "$name" --model 8861 --profile "$profile" --value "line1.name=$line" \
		--value line1.password=demo >/dev/null
	"$build/sealtone" phone set "$name" --operation install-upgrade
	line=$((line + 1))
done
boot() {
	"$build/sealtone-phone" --server 127.0.0.1 --base-port "$base" --name "$1" \
		--state "$dir/phones/$1" boot
}

echo
echo "== SEP001122000001 boots; this is its console"
boot SEP001122000001
for name in SEP001122000002 SEP001122000003; do
	echo
	echo "== $name boots; its status messages"
	boot "$name" >"$dir/$name.console"
	grep '^\[' "$dir/$name.console"
done

sleep 1 # the fronts report twice a second
echo
echo "== What the cluster knows now"
"$build/sealtone" status
echo
"$build/sealtone" phone list

echo
echo "There is no web page yet: sealtone is the way in."
echo "Serving on TFTP $base, HTTP $((base + 1)), HTTPS $((base + 2)), TVS $((base + 3)), CAPF $((base + 4)) until Ctrl-C."
echo "In another terminal:"
echo "  export SEALTONE_DIR=$SEALTONE_DIR"
echo "  $build/sealtone show itl"
echo "  curl http://127.0.0.1:$((base + 1))/SEP001122000001.cnf.xml"
wait "$daemon" || true
