//! The ladder of each written call, letter by letter.

use calltriage::diagnosis::{Case, Peer, PeerKind, Peers};
use calltriage::render::ladder::{Limits, text};

use super::scenes;
use crate::support::trace::call;

fn ladder(written: &str, marked: &[usize]) -> String {
    let call = call(written);
    let case = Case::new(&call, &Peers::default(), None);
    text(&case, marked, Limits::CHAT)
}

#[test]
fn two_carriers_refuse() {
    insta::assert_snapshot!(ladder(scenes::FAILOVER, &[5, 9, 11]), @r#"
             customer         platform          carrier          carrier
           198.51.100.10      192.0.2.5       203.0.113.9     203.0.113.19
       1a +0.000 │─── INVITE ────>│                │                │
       2a +0.002 │<───── 100 ─────│                │                │
       3b +0.040 │                │─── INVITE ────>│                │
       4b +0.052 │                │<───── 100 ─────│                │
    !  5b +0.310 │                │<═503 cause 34══│                │
       6b +0.312 │                │───── ACK ─────>│                │
       7c +0.330 │                │──────────── INVITE ────────────>│
       8c +0.345 │                │<───────────── 100 ──────────────│
    !  9c +0.610 │                │<═══ 503 Service Unavailable ════│
      10c +0.611 │                │───────────── ACK ──────────────>│
    ! 11a +0.630 │<═════ 500 ═════│                │                │
      12a +0.640 │───── ACK ─────>│                │                │
    +0.000 is 2026-02-16 09:10:00.000 UTC · ! the verdict rests on it
    leg a a@198.51.100.10
    leg b b@198.51.100.10
    leg c c@198.51.100.10
    "#);
}

fn named(limits: Limits) -> String {
    let peer = |name: &str, kind, network: &str| Peer {
        name: name.to_owned(),
        kind,
        addresses: vec![network.parse().unwrap()],
    };
    let peers = Peers::new(vec![
        peer("ExampleTel (#105)", PeerKind::Customer, "198.51.100.0/24"),
        peer(
            "Acme `Wholesale` International",
            PeerKind::Carrier,
            "203.0.113.0/24",
        ),
    ]);
    let call = call(scenes::CANCELLED);
    let case = Case::new(&call, &peers, None);
    text(&case, &[6], limits)
}

#[test]
fn configured_names_stand_for_roles() {
    insta::assert_snapshot!(named(Limits::CHAT), @r#"
          ExampleTel (#105)         platform        Acme 'Wholesale' In…
            198.51.100.10           192.0.2.5            203.0.113.9
       1a  +0.000 │────── INVITE ──────>│                     │
       2a  +0.002 │<─────── 100 ────────│                     │
       3b  +0.020 │                     │────── INVITE ──────>│
       4b  +0.900 │                     │<───── 183 sdp ──────│
       5a  +0.901 │<───── 183 sdp ──────│                     │
         … 20.5 s :                     :                     :
    !  6a +21.400 │══════ CANCEL ══════>│                     │
       7a +21.401 │<─── 200 (CANCEL) ───│                     │
       8b +21.402 │                     │─ CANCEL cause 16 ──>│
       9a +21.410 │<─────── 487 ────────│                     │
      10b +21.420 │                     │<─── 200 (CANCEL) ───│
      11a +21.430 │─────── ACK ────────>│                     │
      12b +21.440 │                     │<─────── 487 ────────│
      13b +21.441 │                     │─────── ACK ────────>│
    +0.000 is 2026-02-16 09:10:00.000 UTC · ! the verdict rests on it
    203.0.113.9 Acme 'Wholesale' International
    leg a a@198.51.100.10
    leg b b@198.51.100.10
    "#);
}

#[test]
fn a_narrow_page_takes_letters() {
    let narrow = Limits {
        columns: 60,
        ..Limits::CHAT
    };
    insta::assert_snapshot!(named(narrow), @r#"
    A ExampleTel (#105)    198.51.100.10
    B platform             192.0.2.5
    C Acme 'Wholesale' In… 203.0.113.9
                  A   B   C
       1a  +0.000 │──>│   │  INVITE
       2a  +0.002 │<──│   │  100
       3b  +0.020 │   │──>│  INVITE
       4b  +0.900 │   │<──│  183 sdp
       5a  +0.901 │<──│   │  183 sdp
         … 20.5 s :   :   :
    !  6a +21.400 │══>│   │  CANCEL
       7a +21.401 │<──│   │  200 (CANCEL)
       8b +21.402 │   │──>│  CANCEL cause 16
       9a +21.410 │<──│   │  487 Request Terminated
      10b +21.420 │   │<──│  200 (CANCEL)
      11a +21.430 │──>│   │  ACK
      12b +21.440 │   │<──│  487 Request Terminated
      13b +21.441 │   │──>│  ACK
    +0.000 is 2026-02-16 09:10:00.000 UTC
    ! the verdict rests on it
    leg a a@198.51.100.10
    leg b b@198.51.100.10
    "#);
}

#[test]
fn retransmissions_are_folded_and_mark_their_row() {
    insta::assert_snapshot!(ladder(scenes::MISSING_ACK, &[8, 14]), @r#"
              customer              platform               carrier
            198.51.100.10           192.0.2.5            203.0.113.9
       1a  +0.000 │────── INVITE ──────>│                     │
       2a  +0.002 │<─────── 100 ────────│                     │
       3b  +0.020 │                     │────── INVITE ──────>│
       4b  +1.200 │                     │<─────── 180 ────────│
       5a  +1.201 │<─────── 180 ────────│                     │
         … 2.80 s :                     :                     :
       6b  +4.000 │                     │<─── 200 (INVITE) ───│
       7b  +4.002 │                     │─────── ACK ────────>│
    !  8a  +4.003 │<═ 200 (INVITE) ×7 ══│                     │ to +35.503
         … 32.0 s :                     :                     :
      15a +36.010 │<─────── BYE ────────│                     │
      16b +36.011 │                     │─────── BYE ────────>│
      17b +36.030 │                     │<──── 200 (BYE) ─────│
      18a +36.050 │──── 200 (BYE) ─────>│                     │
    +0.000 is 2026-02-16 09:10:00.000 UTC · ! the verdict rests on it
    leg a a@198.51.100.10
    leg b b@198.51.100.10
    "#);
}

#[test]
fn the_caller_cancels() {
    insta::assert_snapshot!(ladder(scenes::CANCELLED, &[6]), @r#"
              customer                 platform                  carrier
            198.51.100.10              192.0.2.5               203.0.113.9
       1a  +0.000 │─────── INVITE ────────>│                        │
       2a  +0.002 │<───────── 100 ─────────│                        │
       3b  +0.020 │                        │─────── INVITE ────────>│
       4b  +0.900 │                        │<─────── 183 sdp ───────│
       5a  +0.901 │<─────── 183 sdp ───────│                        │
         … 20.5 s :                        :                        :
    !  6a +21.400 │═══════ CANCEL ════════>│                        │
       7a +21.401 │<──── 200 (CANCEL) ─────│                        │
       8b +21.402 │                        │─── CANCEL cause 16 ───>│
       9a +21.410 │<───────── 487 ─────────│                        │
      10b +21.420 │                        │<──── 200 (CANCEL) ─────│
      11a +21.430 │───────── ACK ─────────>│                        │
      12b +21.440 │                        │<───────── 487 ─────────│
      13b +21.441 │                        │───────── ACK ─────────>│
    +0.000 is 2026-02-16 09:10:00.000 UTC · ! the verdict rests on it
    leg a a@198.51.100.10
    leg b b@198.51.100.10
    "#);
}

#[test]
fn a_challenge_and_a_reinvite() {
    insta::assert_snapshot!(ladder(scenes::AUTHENTICATED, &[]), @r#"
              customer               platform                carrier
            198.51.100.10            192.0.2.5             203.0.113.9
       1a  +0.000 │────── INVITE ───────>│                      │
       2a  +0.003 │<──────── 407 ────────│                      │
       3a  +0.020 │──────── ACK ────────>│                      │
       4a  +0.022 │──── INVITE auth ────>│                      │
       5a  +0.024 │<──────── 100 ────────│                      │
       6b  +0.040 │                      │────── INVITE ───────>│
         … 2.06 s :                      :                      :
       7b  +2.100 │                      │<──────── 180 ────────│
       8a  +2.101 │<──────── 180 ────────│                      │
         … 4.40 s :                      :                      :
       9b  +6.500 │                      │<─── 200 (INVITE) ────│
      10b  +6.501 │                      │──────── ACK ────────>│
      11a  +6.502 │<─── 200 (INVITE) ────│                      │
      12a  +6.520 │──────── ACK ────────>│                      │
         … 33.5 s :                      :                      :
      13a +40.000 │───── re-INVITE ─────>│                      │
      14a +40.002 │<── 100 (re-INVITE) ──│                      │
      15a +40.010 │<── 200 (re-INVITE) ──│                      │
      16a +40.030 │──────── ACK ────────>│                      │
         … 23.0 s :                      :                      :
      17a +63.000 │──────── BYE ────────>│                      │
      18a +63.001 │<───── 200 (BYE) ─────│                      │
      19b +63.002 │                      │──────── BYE ────────>│
      20b +63.020 │                      │<───── 200 (BYE) ─────│
    +0.000 is 2026-02-16 09:10:00.000 UTC
    leg a a@198.51.100.10
    leg b b@198.51.100.10
    "#);
}

#[test]
fn one_leg_with_a_capture_duplicate() {
    insta::assert_snapshot!(ladder(scenes::ONE_LEG, &[4]), @r#"
           customer              far end
         198.51.100.10          192.0.2.5
      1 +0.000 │───── INVITE ──────>│
      3 +0.002 │<─────── 100 ───────│
      … 3.10 s :                    :
    ! 4 +3.100 │<══ 404 Not Found ══│
      5 +3.120 │─────── ACK ───────>│
    +0.000 is 2026-02-16 09:10:00.000 UTC · ! the verdict rests on it
    1 capture duplicate left out
    "#);
}

#[test]
fn long_addresses_are_listed_in_full() {
    insta::assert_snapshot!(ladder(scenes::IPV6, &[4]), @r#"
            customer               platform                carrier
      2001:db8:a…1:2:3:4:10       2001:db8::5       2001:db8:f…:bbbb:aaaa
      1a +0.000 │────── INVITE ───────>│                      │
      2a +0.002 │<──────── 100 ────────│                      │
      3b +0.020 │                      │────── INVITE ───────>│
    ! 4b +0.300 │                      │<═══ 486 Busy Here ═══│
      5b +0.301 │                      │──────── ACK ────────>│
      6a +0.302 │<─── 486 Busy Here ───│                      │
      7a +0.320 │──────── ACK ────────>│                      │
    +0.000 is 2026-02-16 09:10:00.000 UTC · ! the verdict rests on it
    2001:db8:aaaa:1:2:3:4:10 customer
    2001:db8:ffff:eeee:dddd:cccc:bbbb:aaaa carrier
    leg a a@198.51.100.10
    leg b b@198.51.100.10
    "#);
}

#[test]
fn ports_tell_nodes_on_one_machine_apart() {
    insta::assert_snapshot!(ladder(scenes::SAME_HOST, &[]), @r#"
             customer            platform             carrier
          127.0.0.1:5070      127.0.0.1:5060      127.0.0.1:5080
       1a +0.000 │───── INVITE ─────>│                   │
       2b +0.010 │                   │───── INVITE ─────>│
       3b +0.500 │                   │<── 200 (INVITE) ──│
       4a +0.510 │<── 200 (INVITE) ──│                   │
       5a +0.520 │────── ACK ───────>│                   │
       6b +0.530 │                   │────── ACK ───────>│
        … 8.47 s :                   :                   :
       7a +9.000 │──────────────── BYE ─────────────────>│
       8a +9.010 │<───────────── 200 (BYE) ──────────────│
       9b +9.020 │                   │   itself: OPTIONS │
      10a +9.030 │                   │ itself: OPTIONS   │
    +0.000 is 2026-02-16 09:10:00.000 UTC
    leg a a@198.51.100.10
    leg b b@198.51.100.10
    "#);
}

#[test]
fn many_nodes_go_by_letter() {
    insta::assert_snapshot!(ladder(scenes::MANY_NODES, &[6]), @r#"
    A customer 198.51.100.10
    B platform 192.0.2.1
    C platform 192.0.2.2
    D platform 192.0.2.3
    E platform 192.0.2.4
    F carrier  203.0.113.9
                A   B   C   D   E   F
       1 +0.000 │──>│   │   │   │   │  INVITE
       2 +0.001 │   │──>│   │   │   │  INVITE
       3 +0.002 │   │   │──>│   │   │  INVITE
       4 +0.003 │   │   │   │──>│   │  INVITE
       5 +0.004 │   │   │   │   │──>│  INVITE
    !  6 +0.500 │   │   │   │   │<══│  480 cause 18
       7 +0.501 │   │   │   │<──│   │  480 cause 18
       8 +0.502 │   │   │<──│   │   │  480 cause 18
       9 +0.503 │   │<──│   │   │   │  480 cause 18
      10 +0.504 │<──│   │   │   │   │  480 cause 18
      11 +0.520 │──>│   │   │   │   │  ACK
    +0.000 is 2026-02-16 09:10:00.000 UTC · ! the verdict rests on it
    "#);
}

#[test]
fn hostile_text_is_harmless() {
    insta::assert_snapshot!(ladder(scenes::HOSTILE, &[3]), @r#"
           customer                   far end
         198.51.100.10               192.0.2.5
      1 +0.000 │──────── INVITE ────────>│
      2 +0.002 │<───────── 100 ──────────│
    ! 3 +0.020 │<═ 403 [2J'''*b*<@U1> ? ═│
      4 +0.030 │───────── ACK ──────────>│
      5 +0.040 │────── unreadable ──────>│
    +0.000 is 2026-02-16 09:10:00.000 UTC · ! the verdict rests on it
    "#);
}

#[test]
fn keep_alives_are_counted() {
    insta::assert_snapshot!(ladder(&scenes::very_long("OPTIONS", 60), &[125]), @r#"
                customer              far end
              198.51.100.10          192.0.2.5
        1    +0.000 │───── INVITE ──────>│
        2    +0.900 │<─────── 180 ───────│
           … 3.10 s :                    :
        3    +4.000 │<── 200 (INVITE) ───│
        4    +4.020 │─────── ACK ───────>│
           … 30.0 s :                    :
        5   +34.000 │<───── OPTIONS ─────│
        6   +34.020 │── 200 (OPTIONS) ──>│
      … 116 more keep-alives …           :
      123 +1804.000 │<───── OPTIONS ─────│
      124 +1804.020 │── 200 (OPTIONS) ──>│
           … 30.0 s :                    :
    ! 125 +1834.000 │<═══════ BYE ═══════│
      126 +1834.020 │──── 200 (BYE) ────>│
    +0.000 is 2026-02-16 09:10:00.000 UTC · ! the verdict rests on it
    "#);
}

#[test]
fn a_long_call_is_folded_in_the_middle() {
    insta::assert_snapshot!(ladder(&scenes::very_long("INFO", 60), &[60, 125]), @r#"
                customer             far end
              198.51.100.10         192.0.2.5
        1    +0.000 │───── INVITE ─────>│
        2    +0.900 │<────── 180 ───────│
           … 3.10 s :                   :
        3    +4.000 │<── 200 (INVITE) ──│
        4    +4.020 │────── ACK ───────>│
           … 30.0 s :                   :
        5   +34.000 │<────── INFO ──────│
        6   +34.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
        7   +64.000 │<────── INFO ──────│
        8   +64.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
        9   +94.000 │<────── INFO ──────│
       10   +94.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
       11  +124.000 │<────── INFO ──────│
       12  +124.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
       13  +154.000 │<────── INFO ──────│
       14  +154.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
       15  +184.000 │<────── INFO ──────│
       16  +184.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
       17  +214.000 │<────── INFO ──────│
       18  +214.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
       19  +244.000 │<────── INFO ──────│
       20  +244.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
       21  +274.000 │<────── INFO ──────│
       22  +274.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
       23  +304.000 │<────── INFO ──────│
       24  +304.020 │─── 200 (INFO) ───>│
      … 35 more messages …              :
    !  60  +844.020 │═══ 200 (INFO) ═══>│
      … 43 more messages …              :
      104 +1504.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
      105 +1534.000 │<────── INFO ──────│
      106 +1534.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
      107 +1564.000 │<────── INFO ──────│
      108 +1564.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
      109 +1594.000 │<────── INFO ──────│
      110 +1594.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
      111 +1624.000 │<────── INFO ──────│
      112 +1624.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
      113 +1654.000 │<────── INFO ──────│
      114 +1654.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
      115 +1684.000 │<────── INFO ──────│
      116 +1684.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
      117 +1714.000 │<────── INFO ──────│
      118 +1714.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
      119 +1744.000 │<────── INFO ──────│
      120 +1744.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
      121 +1774.000 │<────── INFO ──────│
      122 +1774.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
      123 +1804.000 │<────── INFO ──────│
      124 +1804.020 │─── 200 (INFO) ───>│
           … 30.0 s :                   :
    ! 125 +1834.000 │<══════ BYE ═══════│
      126 +1834.020 │─── 200 (BYE) ────>│
    +0.000 is 2026-02-16 09:10:00.000 UTC · ! the verdict rests on it
    "#);
}
