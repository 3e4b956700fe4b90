//! Traces without times: what is not known makes no verdict surer.

use calltriage::diagnosis::verdict::verdict;
use calltriage::diagnosis::{Case, rules};
use calltriage::sip::{calls, threads};
use jiff::Timestamp;

use super::verdict::{by, outbound, refused, refused_ringing, short};
use crate::support::trace::packets;

/// The verdict on a written call whose messages stand in order and bear no times.
#[track_caller]
fn without_times(text: &str) -> String {
    let mut packets = packets(text);
    for (number, packet) in (0..).zip(&mut packets) {
        packet.at = Timestamp::from_millisecond(100 * number).expect("a time");
    }
    let calls = calls(threads(packets), &[]);
    let [call] = calls.as_slice() else {
        panic!("{} calls", calls.len())
    };
    let case = Case::new(call, &outbound(), None);
    short(&verdict(&case, &rules::findings(&case)).expect("a verdict"))
}

#[test]
fn a_refusal_of_unknown_delay_is_as_open_as_a_fast_one() {
    for answer in ["503", "403", "404", "484", "486", "488"] {
        let (fast, slow) = (refused(0.05, answer), refused(0.5, answer));
        assert_eq!(without_times(&slow), by(&outbound(), &fast), "{answer}");
    }
    // What the answer says itself needs no time.
    let said = refused(0.5, "503 | Reason: Q.850;cause=38");
    assert_eq!(without_times(&said), by(&outbound(), &said));
}

#[test]
fn ringing_of_unknown_length_is_not_brief() {
    let text = refused_ringing(20.0, "480");
    assert_eq!(without_times(&text), "no-answer far-end>nobody likely");
}
