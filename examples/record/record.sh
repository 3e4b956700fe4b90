#!/usr/bin/env bash
# Makes the example captures: ./record.sh [-j N] [NAME...]; without a name, all of them. Run as root; about two minutes with -j 8.
# Needs the Debian packages sip-tester kamailio kamailio-extra-modules baresip-core tcpdump wireshark-common iproute2 ethtool python3.
# KEEP_LOGS=1 keeps what the programs said. Everything runs in network namespaces without a way out, and is removed afterwards.
set -u
here=$(cd "$(dirname "$0")" && pwd)
captures=$(cd "$here/../captures" && pwd)

lacking=
for tool in sipp kamailio baresip tcpdump dumpcap editcap ip ethtool python3; do
  command -v "$tool" >/dev/null || lacking="$lacking $tool"
done
ls /usr/lib/*/kamailio/modules/topoh.so >/dev/null 2>&1 || lacking="$lacking topoh.so"
if [ -n "$lacking" ]; then
  echo "not found:$lacking; the head of this script names the Debian packages" >&2; exit 1
fi
[ "$(id -u)" = 0 ] || { echo "network namespaces need root" >&2; exit 1; }

jobs=1
if [ "${1:-}" = -j ]; then jobs=$2; shift 2; fi

. "$here/lab.sh"
. "$here/scenarios.sh"

all=$(sed -n 's/^\([a-z0-9_]*\)() {$/\1/p' "$here/scenarios.sh" | tr _ -)
[ $# = 0 ] && set -- $all
for n in "$@"; do
  grep -qx -- "$n" <<<"$all" || { echo "no scenario '$n'; there are:" $all >&2; exit 1; }
done

record() {
  name=$1
  trap lab_down EXIT
  lab_up
  "${name//-/_}"
  echo "$name"
}

for n in "$@"; do
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
  (record "$n") &
done
wait
