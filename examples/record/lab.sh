# The lab: five hosts on one bridge, each in a network namespace of its own. Sourced by record.sh.
#
#   cust1 198.51.100.10   cust2 198.51.100.20        customers
#   plat  192.0.2.5 (and 192.0.2.6, where nothing answers)   our platform: Kamailio
#   car1  203.0.113.9     car2  203.0.113.19         carriers
#
# All addresses are documentation ranges and never leave the bridge, which has no uplink.

hosts="cust1 cust2 plat car1 car2"
v4() { case $1 in cust1) echo 198.51.100.10;; cust2) echo 198.51.100.20;; plat) echo 192.0.2.5;;
                  car1) echo 203.0.113.9;; car2) echo 203.0.113.19;; esac; }
v6() { case $1 in cust1) echo 2001:db8:c1::10;; cust2) echo 2001:db8:c2::20;; plat) echo 2001:db8:5::5;;
                  car1) echo 2001:db8:a1::9;; car2) echo 2001:db8:a2::19;; esac; }

on() { local host=$1; shift; ip netns exec "$lab-$host" "$@"; }

lab_up() {
  lab=ct$BASHPID
  work=$(mktemp -d)
  ip netns add "$lab-net"
  on net ip link add br0 type bridge
  on net ip link set br0 up
  local h
  for h in $hosts; do
    ip netns add "$lab-$h"
    ip -n "$lab-$h" link add eth0 type veth peer name "$h" netns "$lab-net"
    on net ip link set "$h" master br0 up
    ip -n "$lab-$h" link set lo up
    ip -n "$lab-$h" addr add "$(v4 $h)/32" dev eth0
    ip -n "$lab-$h" addr add "$(v6 $h)/128" dev eth0 nodad
    # Checksums and segments as a wire would carry them, not as the kernel leaves them for a network card.
    on "$h" ethtool -K eth0 tx off rx off tso off gso off gro off >/dev/null 2>&1
    ip -n "$lab-$h" link set eth0 up
    ip -n "$lab-$h" route add default dev eth0 src "$(v4 $h)"
    ip -n "$lab-$h" -6 route add default dev eth0 src "$(v6 $h)"
  done
  ip -n "$lab-plat" addr add 192.0.2.6/32 dev eth0
}

lab_down() {
  local pid h
  for pid in ${pids:-}; do kill "$pid" 2>/dev/null; done
  for h in $hosts net; do
    # Whatever still runs in the namespace was started by this lab.
    ip netns pids "$lab-$h" 2>/dev/null | xargs -r kill 2>/dev/null
    ip netns del "$lab-$h" 2>/dev/null
  done
  [ -n "${KEEP_LOGS:-}" ] && echo "logs of $name: $work" >&2 || rm -rf "$work"
}

# platform [DEFINE...]: starts Kamailio with the switches of kamailio.cfg that the scenario wants.
platform() {
  local d flags=()
  for d in "$@"; do flags+=(-A "$d"); done
  on plat kamailio -DD -E -f "$here/kamailio.cfg" -m 32 -M 4 -w "$work" -Y "$work" "${flags[@]}" >"$work/kamailio.log" 2>&1 &
  pids="${pids:-} $!"
  local i
  for i in $(seq 50); do
    on plat ss -lnu | grep -q ':5060 ' && return
    sleep 0.1
  done
  echo "Kamailio did not start: $(tail -n 5 "$work/kamailio.log")" >&2
  return 1
}

# capture HOST FORMAT [FILTER]: FORMAT is eth (Ethernet), any (Linux cooked, v2), sll (Linux cooked, v1) or ng (pcapng, cooked).
capture() {
  local host=$1 format=$2 filter=${3:-port 5060}
  raw=$work/capture
  case $format in
    eth) (exec ip netns exec "$lab-$host" tcpdump -i eth0 -U --immediate-mode -s0 -w "$raw" "$filter" 2>"$work/tcpdump.log") & ;;
    any) (exec ip netns exec "$lab-$host" tcpdump -i any -y LINUX_SLL2 -U --immediate-mode -s0 -w "$raw" "$filter" 2>"$work/tcpdump.log") & ;;
    sll) (exec ip netns exec "$lab-$host" tcpdump -i any -y LINUX_SLL -U --immediate-mode -s0 -w "$raw" "$filter" 2>"$work/tcpdump.log") & ;;
    ng) (exec ip netns exec "$lab-$host" dumpcap -q -i any -f "$filter" -w "$raw" 2>"$work/tcpdump.log") & ;;
  esac
  tcpdump_pid=$!
  ext=pcap; [ "$format" = ng ] && ext=pcapng
  local i
  for i in $(seq 50); do [ -s "$raw" ] && break; sleep 0.1; done
  sleep 0.5
}

capture_end() {
  sleep "${1:-0.6}"
  # TERM: a shell starts its background commands deaf to INT.
  kill -TERM "$tcpdump_pid" 2>/dev/null
  wait "$tcpdump_pid" 2>/dev/null
  if [ "$ext" = pcapng ]; then
    # By way of pcap, which leaves out what dumpcap writes about the machine.
    editcap -F nsecpcap "$raw" "$raw.pcap" && editcap -F pcapng "$raw.pcap" "$raw"
  fi
  install -m 644 "$raw" "$captures/$name.$ext"
}

# sipp_at HOST SCRIPT [OPTION...]: one SIPp. Of two -key options with one name SIPp takes the first: ours come last.
# SIPp takes neither the code of a reply nor a password from a key, so $status, $user and $secret are filled in beforehand.
sipp_at() {
  local host=$1 script=$2; shift 2
  local ip=${addr:-$(v4 "$host")} filled=$work/$host-$script.xml
  sed "s|\[status\]|${status:-}|; s|\[user\]|${user:-}|; s|\[secret\]|${secret:-}|" "$here/sipp/$script.xml" >"$filled"
  (cd "$work" && exec timeout -s KILL 120 ip netns exec "$lab-$host" sipp -sf "$filled" -i "$ip" -p 5060 -m 1 -nostdin -default_behaviors none \
    -max_retrans 30 -max_invite_retrans 6 -max_non_invite_retrans 30 -trace_err -error_file "$work/$host.err" \
    "$@" -key from 441632960001 -key agent "Lab-Endpoint/1.0" -key ptime 20 -key contact "$ip" -key media "$ip" \
    -key extra "Subject: lab call" >"$work/$host.out" 2>&1)
}

# callee HOST SCRIPT [OPTION...]: a carrier (or customer) that takes calls, in the background.
callee() {
  sipp_at "$@" &
  pids="${pids:-} $!"
  sleep 0.4
  kill -0 $! 2>/dev/null || echo "$name: the callee did not start: $(cat "$work/$1.err")" >&2
}

# caller HOST SCRIPT NUMBER CALL-ID [OPTION...]: one call through the platform, waited for.
caller() {
  local host=$1 script=$2 number=$3 callid=$4; shift 4
  sipp_at "$host" "$script" -s "$number" -cid_str "$callid" "$@" "${to:-192.0.2.5}:5060" ||
    echo "$name: the caller's script ended with $?: $(tail -n 3 "$work/$host.err" 2>/dev/null)" >&2
}

# silent HOST [ADDRESS]: a socket that takes packets and never answers, so that no ICMP error comes back either.
silent() {
  local host=$1 ip=${2:-$(v4 "$1")}
  on "$host" python3 -c "import socket,time; s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('$ip',5060)); time.sleep(300)" &
  pids="${pids:-} $!"
  sleep 0.3
}

# device HOST NUMBER PASSWORD SECONDS [BARESIP OPTION...]: a baresip endpoint that registers, answers by itself, and stops in time.
device() {
  local host=$1 number=$2 secret=$3 seconds=$4; shift 4
  local dir=$work/baresip-$host
  mkdir -p "$dir"
  sed "s/ADDRESS/$(v4 "$host")/" "$here/baresip/config" >"$dir/config"
  echo "<sip:$number@192.0.2.5>;auth_user=$number;auth_pass=$secret;regint=${regint:-60};answermode=auto" >"$dir/accounts"
  (exec ip netns exec "$lab-$host" baresip -f "$dir" -t "$seconds" "$@" >"$work/$host.out" 2>&1 </dev/null) &
  pids="${pids:-} $!"
  device_pid=$!
}
