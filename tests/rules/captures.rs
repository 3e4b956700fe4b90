//! Two captures of one call, made in two places: what one lacks, and clocks that differ.

use calltriage::diagnosis::{Case, Peers};
use calltriage::sip::{Call, calls, threads};
use calltriage::wire::Observations;
use jiff::SignedDuration;

use super::{found, line, silent, told};
use crate::support::trace::packets;

/// The platform's capture (the first) has no BYE; the customer's (the second) has sent it three times.
const LOST_BYE: &str = "0.000 cust>plat INVITE file=1
    0.020 cust>plat INVITE
    0.500 plat>cust 200
    0.520 plat>cust 200 file=1
    0.530 cust>plat ACK file=1
    0.550 cust>plat ACK
    9.000 cust>plat BYE file=1
    9.500 cust>plat BYE file=1
    10.500 cust>plat BYE file=1
    60.000 plat>cust BYE by=callee
    60.020 plat>cust BYE by=callee file=1";

#[test]
fn lost_between_captures() {
    insta::assert_snapshot!(told("lost-between-captures", LOST_BYE, Observations::NONE), @r"
    warning (packets [6, 7, 8, 9])
    outbound: network, to act configuration; likely
    inbound: network, to act configuration; likely
    One capture holds the BYE (+9.00 s) from Acme 198.51.100.10:5060 to Switch 192.0.2.5:5060, the other does not, though it holds message 6, which went the same way; it was not answered.
    It was sent, and lost between the two places of capture, on the way from Acme 198.51.100.10:5060 to Switch 192.0.2.5:5060.
    Next: Look at what stands between the two places of capture, on the way from Acme 198.51.100.10:5060 to Switch 192.0.2.5:5060: firewall, NAT, SIP ALG, session border controller; capture between them while the call is made again.
    ");
}

#[test]
fn lost_between_captures_where_the_other_one_may_have_ended() {
    let text: String = LOST_BYE
        .lines()
        .take(9)
        .map(|line| format!("{line}\n"))
        .collect();
    insta::assert_snapshot!(told("lost-between-captures", &text, Observations::NONE), @r"
    warning (packets [6, 7, 8, 9])
    outbound: network, to act configuration; possible
    inbound: network, to act configuration; possible
    One capture holds the BYE (+9.00 s) from Acme 198.51.100.10:5060 to Switch 192.0.2.5:5060, the other does not, though it holds message 6, which went the same way; it was not answered.
    It was sent, and lost between the two places of capture, on the way from Acme 198.51.100.10:5060 to Switch 192.0.2.5:5060, unless the other capture had ended by then.
    Next: Look at what stands between the two places of capture, on the way from Acme 198.51.100.10:5060 to Switch 192.0.2.5:5060: firewall, NAT, SIP ALG, session border controller; capture between them while the call is made again.
    ");
}

#[test]
fn lost_between_captures_is_silent() {
    let rule = "lost-between-captures";
    // Both hold it.
    silent(rule, &format!("{LOST_BYE}\n10.520 cust>plat BYE"));
    // There is one capture.
    silent(rule, &LOST_BYE.replace(" file=1", ""));
    // It was answered all the same: the other capture has gaps.
    silent(
        rule,
        &LOST_BYE
            .replace("60.000 plat>cust BYE by=callee", "10.600 plat>cust 200 BYE")
            .replace("60.020 plat>cust BYE by=callee", "10.620 plat>cust 200 BYE"),
    );
    // The other capture was never seen to hold what goes that way.
    let one_way = LOST_BYE
        .replace("0.020 cust>plat INVITE", "")
        .replace("0.550 cust>plat ACK", "");
    silent(rule, &one_way);
}

/// The call of [`LOST_BYE`], where the clock of the customer's capture is ahead by so many milliseconds.
fn ahead(ms: i64) -> Call {
    let mut packets = packets(LOST_BYE);
    for packet in packets.iter_mut().filter(|it| it.place.file == 1) {
        packet.at += SignedDuration::from_millis(ms);
    }
    packets.sort_by_key(|packet| (packet.at, packet.place));
    calls(threads(packets), &[]).remove(0)
}

fn all(call: &Call) -> Vec<String> {
    let peers = Peers::default();
    let case = Case::new(call, &peers, None);
    super::shown::findings(&case).iter().map(line).collect()
}

#[test]
fn clocks_are_set_by_what_both_captures_hold() {
    let same = ahead(0);
    assert_eq!(
        found("capture-clocks-differ", LOST_BYE),
        Vec::<String>::new()
    );
    for ms in [-7_200_000, -3_000, -60, 60, 700, 3_000, 86_400_000] {
        let call = ahead(ms);
        // Every message has the place that it has where the clocks agree.
        let order = |call: &Call| {
            let of = |(_, it): &(usize, _)| {
                let it: &std::sync::Arc<calltriage::sip::Signal> = it;
                (it.packet.place, it.repeat)
            };
            call.signals.iter().map(of).collect::<Vec<_>>()
        };
        assert_eq!(order(&call), order(&same), "{ms}");
        let (own, others): (Vec<String>, Vec<String>) = all(&call)
            .into_iter()
            .partition(|it| it.contains("clock of the capture"));
        assert_eq!(others, all(&same), "{ms}");
        assert_eq!(own.len(), 1, "{ms}: {own:?}");
    }
    let told = all(&ahead(3_000))
        .into_iter()
        .find(|it| it.contains("clock"))
        .unwrap();
    insta::assert_snapshot!(told, @"nobody>nobody certain/certain [2] The clock of the capture that holds message 2 is 3.00 s behind the other's; its times were set by the messages that both hold.");
}

#[test]
fn clocks_that_nothing_tells_are_left() {
    // One message in common is too little; retransmissions of which the other capture holds one do not count.
    let text = "0.00 cust>plat INVITE file=1
        3.02 cust>plat INVITE
        3.52 cust>plat INVITE
        3.53 plat>cust 200
        0.60 plat>cust 200 file=1";
    let call = calls(threads(packets(text)), &[]).remove(0);
    assert!(call.signals.iter().all(|(_, it)| it.ahead().is_zero()));
}

/// A call in two captures that share no message: the leg out stands so many seconds after the leg in.
fn legs_apart(by: i64) -> String {
    let session =
        "| Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000";
    let (invite, answer, bye) = (by, by + 1, by + 5);
    let at = |second: i64| format!("{second}.05");
    format!(
        "10.00 cust>plat INVITE {session}
         11.10 plat>cust 200
         11.12 cust>plat ACK
         15.00 cust>plat BYE
         15.10 plat>cust 200 BYE
         {} plat>car INVITE leg=b file=2 {session}
         {} car>plat 200 leg=b file=2
         {} plat>car BYE leg=b file=2",
        at(invite),
        at(answer),
        at(bye),
    )
}

#[test]
fn legs_that_cannot_have_followed_one_another_show_clocks_that_differ() {
    let told = |by| found("capture-clocks-differ", &legs_apart(by)).join("\n");
    insta::assert_snapshot!(told(47), @"nobody>nobody likely/likely [5, 6] The INVITE of message 6 stands 31.9 s after all of the leg before it, in another capture: the clocks of the two differ by that much or more. No time between the two captures can be trusted.");
    insta::assert_snapshot!(told(4), @"nobody>nobody likely/likely [1, 4] The INVITE of message 1 stands 5.95 s before the call came in, in another capture: the clocks of the two differ by that much or more. No time between the two captures can be trusted.");
    silent("capture-clocks-differ", &legs_apart(10));
}
