#!/bin/sh
# Installs the Debian packages that the build (and with "test" or "bench" the tests) need, when something is
# missing and we may: as root, or through sudo without a password. Services that come along are not started.
set -eu

build="gcc libc6-dev make meson ninja-build pkg-config python3 libssl-dev libevent-dev libjansson-dev
  libsqlite3-dev libinih-dev libxml2-dev libcurl4-openssl-dev libpcap-dev libp11-dev uthash-dev"
test="libcmocka-dev shellcheck openssl sqlite3 tftp-hpa atftp curl tshark iproute2 procps binutils nginx-light
  python3-cryptography softhsm2 opensc"
fuzz="clang libclang-rt-14-dev"
bench="tftpd-hpa dnsmasq-base nginx-light wrk util-linux"

want=$build
for set in "$@"; do
	case $set in
	test) want="$want $test" ;;
	fuzz) want="$want $test $fuzz" ;;
	bench) want="$want $test $bench" ;;
	*) echo "deps.sh: unknown set $set" >&2; exit 2 ;;
	esac
done

missing=
for package in $want; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' ||
		missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	root=
elif sudo -n true 2>/dev/null; then
	root=sudo
else
	echo "these packages are missing, install them as root: apt-get install$missing" >&2
	exit 1
fi

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	printf '#!/bin/sh\nexit 101\n' | $root tee "$policy" >/dev/null
	$root chmod 755 "$policy"
	trap '$root rm -f "$policy"' EXIT
fi
log=$(mktemp)
if ! { $root env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
	$root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing; } \
	>"$log" 2>&1; then
	tail -n 20 "$log" >&2
	rm -f "$log"
	echo "installing failed:$missing" >&2
	exit 1
fi
rm -f "$log"
