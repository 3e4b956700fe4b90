//! Traces without times: what is not known makes no verdict surer.

use calltriage::diagnosis::verdict::{Verdict, verdict};
use calltriage::diagnosis::{Case, Party, Peers};
use calltriage::sip::{calls, threads};
use jiff::Timestamp;

use super::verdict::{by, inbound, outbound, refused, refused_ringing, short};
use crate::scenarios;
use crate::support::trace::packets;

/// The verdict on a written call whose messages stand in order and bear no times.
#[track_caller]
fn without_times(text: &str) -> String {
    short(&judged(text, false, &outbound()))
}

/// The verdict on a written call among these peers, with the times of its messages or without.
#[track_caller]
fn judged(text: &str, has_times: bool, peers: &Peers) -> Verdict {
    let mut packets = packets(text);
    packets.sort_by_key(|packet| (packet.at, packet.place));
    for (number, packet) in (0..).zip(&mut packets).filter(|_| !has_times) {
        packet.at = Timestamp::from_millisecond(100 * number).expect("a time");
    }
    let calls = calls(threads(packets), &[]);
    let call = calls.first().expect("a call");
    let case = Case::new(call, peers, None);
    verdict(&case, &super::shown::findings(&case)).expect("a verdict")
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

#[test]
fn nobody_is_accused_more_surely_without_times() {
    let mut ladders: Vec<&str> = scenarios::GROUPS
        .iter()
        .flat_map(|(_, table)| table.iter().map(|scenario| scenario.ladder))
        .filter(|ladder| !ladder.is_empty())
        .collect();
    ladders.sort_unstable();
    ladders.dedup();
    let mut wrong = String::new();
    for ladder in ladders {
        for peers in [outbound(), inbound()] {
            let (with, without) = (judged(ladder, true, &peers), judged(ladder, false, &peers));
            let accuses = !matches!(without.party, Party::Nobody | Party::Undecided);
            if accuses && without.certainty > with.certainty {
                wrong.push_str(&format!(
                    "{} instead of {}\n{ladder}\n{}\n",
                    short(&without),
                    short(&with),
                    without.summary
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
