# shellcheck shell=sh
# What the hooks share; each begins with it. They are run as
#   HOOK NAME ADDRESS reset|restart|apply
# with SEALTONE_* in the environment (doc/guide/reset.md). The last line that a hook prints is kept.

fail()
{
	printf '%s\n' "$*" >&2
	exit 1
}

# Settings are shell assignments in reset.conf of the cluster's folder, or else of /etc/sealtone.
for settings in "${SEALTONE_DIR:-/nonexistent}/reset.conf" /etc/sealtone/reset.conf; do
	if [ -r "$settings" ]; then
		# shellcheck source=/dev/null
		. "$settings"
		break
	fi
done

[ $# -eq 3 ] || fail "usage: $0 NAME ADDRESS reset|restart|apply"
name=$1 address=$2 kind=$3
case $kind in
reset | restart | apply) ;;
*) fail "$kind: expected reset, restart or apply" ;;
esac
case $name in
'' | *[!-A-Za-z0-9_.]*) fail "this is no name of a phone" ;;
esac
case $address in
*[!0-9A-Fa-f.:]*) address= ;;
esac

# --- for SIP: doc/protocols/reset.md, section 1 ---

# What this phone understands.
sip_event()
{
	case ${SEALTONE_MODEL:-} in
	*7940* | *7960*) echo check-sync ;;
	*) echo service-control ;;
	esac
}

sip_action()
{
	case $kind in
	apply) echo "${APPLY_ACTION:-check-version}" ;;
	*) echo "$kind" ;;
	esac
}

# Of the configuration that it would get now, else of the one that it got last.
sip_stamp()
{
	stamp=${SEALTONE_CONFIG_VERSION_NOW:-${SEALTONE_CONFIG_VERSION:-}}
	case $stamp in
	'' | *[!-A-Za-z0-9_.]*) stamp=0000000000000000 ;;
	esac
	echo "$stamp"
}

# What the Call-ID of its REGISTER begins with; empty when the name has no MAC.
sip_call_prefix()
{
	echo "$name" | sed -n 's/^SEP\([0-9A-F]\{8\}\)\([0-9A-F]\{4\}\)$/\1-\2/p' | tr A-F a-f
}

# Strangers' words go into commands of the telephone system only when they are harmless there.
sip_check()
{
	case $2 in
	'' | *[!-A-Za-z0-9_.:@+~]*) fail "$name registers with a $1 that is not taken: $2" ;;
	esac
}
