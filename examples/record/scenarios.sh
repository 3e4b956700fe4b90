# One function per capture, in the order of captures.toml. Sourced by record.sh, which has made a fresh lab before each.
# Every scenario calls a number of its own, so that a number finds one call.

answered_caller_ends() {
  platform; capture plat any
  callee car1 answer -d 2000
  caller cust1 call 441632960101 1f7d8bce9925450388a302d73e8e4132 -d 4000
  capture_end
}

answered_callee_ends() {
  platform; capture plat eth
  callee car1 answer-then-bye -d 3000
  caller cust1 call-until-bye 441632960102 63dbf182-8b7b-4bfc-95ab-01846c9c675c@198.51.100.10
  capture_end
}

answered_digest() {
  platform AUTH; capture plat sll
  callee car1 answer -d 1500
  user=441632960001 secret=lab-secret caller cust1 call-digest 00441632960103 70634039@192.168.0.204 -d 3000
  capture_end
}

not_found_404() {
  platform; capture plat any
  status="404 Not Found" callee car1 refuse -d 180 -key why 'Reason: Q.850;cause=1;text="Unallocated (unassigned) number"'
  caller cust1 call 441632960104 896411870-861076410-2143831551
  capture_end
}

busy_486() {
  platform; capture plat eth
  status="486 Busy Here" callee car1 refuse -d 900 -key why 'Reason: Q.850;cause=17;text="User busy"'
  caller cust1 call +441632960105 busy-1@198.51.100.10
  capture_end
}

no_circuits() {
  platform FAILOVER; capture plat any
  for c in car1 car2; do
    status="503 Service Unavailable" callee $c refuse -d 60 -key why 'Reason: Q.850;cause=34;text="No circuit/channel available"'
  done
  caller cust1 call 441632960106 4d7112070d2bab29143f000002504980@198.51.100.10
  capture_end
}

failover_answered() {
  platform FAILOVER CID_PREFIX='"LAB1_"'; capture plat ng
  status="503 Service Unavailable" callee car1 refuse -d 250 -key why 'Reason: Q.850;cause=41;text="Temporary failure"'
  callee car2 answer -d 1500
  caller cust1 call 441632960107 failover-answered-1@198.51.100.10 -d 2500
  capture_end
}

failover_after_silence() {
  platform FAILOVER FR_TIMER=3000; capture plat any
  silent car1
  callee car2 answer -d 1200
  caller cust1 call 441632960140 failover-after-silence-1@198.51.100.10 -d 2000
  capture_end
}

codec_refused_488() {
  platform; capture plat eth
  status="488 Not Acceptable Here" callee car1 refuse -d 40 -key why 'Warning: 305 203.0.113.9 "No codec of the offer is enabled on this trunk"'
  caller cust1 call 441632960108 codec-refused-1@198.51.100.10
  capture_end
}

caller_cancels() {
  platform; capture plat any
  callee car1 ring-until-cancel
  caller cust1 call-cancel 441632960109 caller-cancels-1@198.51.100.10 -d 9000
  capture_end
}

caller_cancels_unrung() {
  platform; capture plat any
  callee car1 trying-only
  caller cust1 call-cancel-unrung 441632960142 caller-cancels-unrung-1@198.51.100.10 -d 8000
  capture_end
}

carrier_silent() {
  platform FR_TIMER=3000; capture plat eth
  silent car1
  caller cust1 call 441632960110 53821987c85546ad88d583235447a67d@198.51.100.10
  capture_end
}

trying_then_silent() {
  platform PDD=5000; capture plat any
  callee car1 trying-only
  caller cust1 call 441632960111 trying-then-silent-1@198.51.100.10
  capture_end
}

call_wrong_password() {
  platform AUTH; capture plat eth
  user=441632960001 secret=mistyped caller cust1 call-digest 441632960112 call-wrong-password-1@198.51.100.10
  capture_end
}

call_wrong_password_403() {
  platform AUTH REFUSE; capture plat any
  user=441632960001 secret=mistyped caller cust1 call-digest 441632960113 call-wrong-password-403-1@198.51.100.10
  capture_end
}

challenge_unanswered() {
  platform AUTH; capture plat any
  caller cust1 call-challenge-ignored 441632960114 challenge-unanswered-1@198.51.100.10
  # A keep-alive of the same device 34 s later shows that the capture went on and no second INVITE came.
  sleep 33
  caller cust1 options - keep-alive-1@198.51.100.10
  capture_end
}

ip_not_authorised() {
  platform; capture plat any
  caller cust2 call 441632960139 ip-not-authorised-1@198.51.100.20 -key from 441632960020
  capture_end
}

register_wrong_password() {
  platform; capture plat eth
  device cust1 441632960115 mistyped 60
  wait "$device_pid"
  capture_end
}

register_ok() {
  platform; capture plat any
  device cust1 441632960116 lab-secret 40
  wait "$device_pid"
  capture_end
}

register_unanswered() {
  silent plat 192.0.2.6
  capture plat eth
  to=192.0.2.6 caller cust1 register-unanswered 441632960117 register-unanswered-1@198.51.100.10 -key from 441632960117 2>/dev/null
  capture_end
}

missing_ack() {
  platform; capture plat any
  callee car1 answer-no-ack
  caller cust1 call-no-ack 441632960118 missing-ack-1@198.51.100.10
  capture_end
}

ping_timeout() {
  platform PING; capture plat any
  callee car1 answer-no-ping -d 1000
  caller cust1 call-until-bye 441632960119 ping-timeout-1@198.51.100.10
  capture_end
}

ping_timeout_customer() {
  platform PING; capture plat any
  callee car1 answer -d 1000
  caller cust1 call-no-ping 441632960144 ping-timeout-customer-1@198.51.100.10
  capture_end
}

session_timer() {
  platform; capture plat eth
  callee car1 answer-session-timer
  caller cust1 call-until-bye 441632960120 session-timer-1@198.51.100.10 -key extra "Supported: timer
Session-Expires: 90"
  capture_end
}

max_duration() {
  platform MAXDUR=20; capture plat any
  callee car1 answer -d 1000
  caller cust1 call-until-bye 441632960121 max-duration-1@198.51.100.10
  capture_end
}

private_media() {
  platform; capture plat any
  callee car1 answer -d 1500
  caller cust1 call 441632960122 1764424037@192.168.0.204 -key contact 192.168.0.204 -key media 192.168.0.204 -d 3000
  capture_end
}

tcp_call() {
  platform TCP_CARRIER; capture plat any
  callee car1 answer -d 1000 -t t1
  caller cust1 call 441632960123 tcp-call-1@198.51.100.10 -d 2000 -t t1
  capture_end
}

tcp_split() {
  # Each end advertises small segments, so that every message takes several.
  local h; for h in cust1 plat car1; do
    ip -n "$lab-$h" route change default dev eth0 src "$(v4 $h)" advmss 300
  done
  platform TCP_CARRIER; capture plat eth
  callee car1 answer -d 1000 -t t1
  caller cust1 call-long 441632960138 tcp-split-1@198.51.100.10 -d 2000 -t t1
  capture_end
}

udp_fragments() {
  platform; capture plat eth 'port 5060 or ip[6:2] & 0x1fff != 0'
  callee car1 answer -d 1000
  caller cust1 call-long 441632960141 udp-fragments-1@198.51.100.10 -d 2000
  capture_end
}

ipv6_call() {
  platform V6; capture plat any
  addr=$(v6 car1) callee car1 answer -d 1000
  addr=$(v6 cust1) to='[2001:db8:5::5]' caller cust1 call 441632960124 ipv6-call-1@customer.example -d 2000
  capture_end
}

slow_ringing() {
  platform; capture plat any
  callee car1 slow -d 9000
  caller cust1 call 441632960125 slow-ringing-1@198.51.100.10 -d 2000
  capture_end
}

no_route() {
  platform; capture plat any
  caller cust1 call 12025550126 no-route-1@198.51.100.10
  capture_end
}

forbidden_403() {
  platform; capture plat sll
  status="403 Forbidden" callee car1 refuse -d 12 -key why 'Reason: Q.850;cause=21;text="Call rejected"'
  caller cust1 call 441632960127 forbidden-403-1@198.51.100.10
  capture_end
}

declined_603() {
  platform; capture plat any
  status="603 Decline" callee car1 refuse-ringing -d 6000 -key why 'Reason: Q.850;cause=21;text="Call rejected"'
  caller cust1 call 441632960128 declined-603-1@198.51.100.10
  capture_end
}

no_answer_480() {
  platform; capture plat ng
  status="480 Temporarily Unavailable" callee car1 refuse-ringing -d 20000 -key why 'Reason: Q.850;cause=19;text="No answer from user (user alerted)"'
  caller cust1 call 441632960129 no-answer-480-1@198.51.100.10
  capture_end
}

no_answer_408() {
  platform RING=20000; capture plat any
  callee car1 ring-until-cancel
  caller cust1 call 441632960130 no-answer-408-1@198.51.100.10
  capture_end
}

code_rewritten() {
  platform REWRITE_500; capture plat any
  status="503 Service Unavailable" callee car1 refuse -d 350 -key why 'Reason: Q.850;cause=38;text="Network out of order"'
  caller cust1 call 441632960131 code-rewritten-1@198.51.100.10
  capture_end
}

customer_side_only() {
  platform; capture cust1 eth
  status="503 Service Unavailable" callee car1 refuse -d 300 -key why 'Reason: Q.850;cause=34;text="No circuit/channel available"'
  caller cust1 call 441632960132 customer-side-only-1@198.51.100.10
  capture_end
}

carrier_side_only() {
  platform; capture car1 any
  status="486 Busy Here" callee car1 refuse-ringing -d 4000 -key why 'Reason: Q.850;cause=17;text="User busy"'
  caller cust1 call 441632960143 carrier-side-only-1@198.51.100.10
  capture_end
}

one_direction_only() {
  platform; capture plat any 'port 5060 and dst host 192.0.2.5'
  callee car1 answer -d 1500
  caller cust1 call 441632960133 one-direction-only-1@198.51.100.10 -d 2500
  capture_end
}

hold_resume() {
  platform; capture plat any
  callee car1 answer-hold
  caller cust1 call-hold 441632960134 hold-resume-1@198.51.100.10
  capture_end
}

bye_unanswered() {
  platform; capture plat eth
  callee car1 answer-deaf
  caller cust1 call 441632960135 bye-unanswered-1@198.51.100.10 -d 3000
  capture_end
}

inbound_answered() {
  platform
  device cust1 442079460136 lab-secret 20
  sleep 2
  capture plat any
  caller car1 call 442079460136 d2f0c3a7-51f4-4a88-9c1e-7be1d0a4f6aa@203.0.113.9 -key from 441632960036 -d 3000
  capture_end
}

inbound_silent() {
  platform FR_TIMER=3000; capture plat any
  silent cust1
  caller car1 call 442079460137 inbound-silent-1@203.0.113.9 -key from 441632960037
  capture_end
}

with_media() {
  # The only capture with voice: taken at the customer, where signalling and RTP meet, and cut to 1 s of talk.
  platform
  device car1 441632960145 lab-secret 20
  capture cust1 eth 'port 5060 or udp portrange 10000-10011'
  device cust1 441632960045 lab-secret 10 -e "/dial 441632960145"
  sleep 1.5
  kill -TERM "$device_pid"; wait "$device_pid" 2>/dev/null
  capture_end
}

many_calls() {
  platform FAILOVER; capture plat any
  callee car1 many -m 60
  callee car2 answer -d 500 -m 60
  { echo SEQUENTIAL; for n in $(seq 200 239); do echo "442079460$n;441632960$n"; done; } >"$work/numbers.csv"
  caller cust1 call-many - "many-calls-%u@198.51.100.10" -inf "$work/numbers.csv" -m 40 -r 5 -d 1500
  capture_end
}
