//! What holds of every ladder, whatever the call: its limits, its alignment, its marked rows.

use std::fmt::Write as _;

use calltriage::diagnosis::{Case, Peers};
use calltriage::render::ladder::{Limits, text};
use calltriage::sip::{Call, Join, calls, threads};
use proptest::prelude::*;

use crate::support::trace::packets;

const WHATS: &[&str] = &[
    "INVITE",
    "INVITE in cseq=7",
    "100",
    "183",
    "200",
    "503 phrase=A_rather_long_reason_phrase_that_does_not_fit",
    "486 phrase=名前😀\u{1b}[31m```\u{202e}",
    "480 | Reason: Q.850;cause=18",
    "ACK",
    "BYE",
    "200 BYE",
    "CANCEL",
    "OPTIONS",
    "NOTAMETHODTHATANYBODYEVERHEARDOF",
];

fn node(n: usize) -> String {
    match n % 4 {
        0 => format!("198.51.100.{n}:5060"),
        1 => format!("203.0.113.5:{}", 5060 + n),
        2 => format!("[2001:db8:aaaa:bbbb:cccc:dddd:eeee:{n}]:5060"),
        _ => format!("[2001:db8::5]:{}", 60_000 + n),
    }
}

/// Calls over up to `nodes` nodes and three legs, with pauses from none to days.
fn any_call(nodes: usize, messages: usize) -> impl Strategy<Value = Vec<Call>> {
    let pause = prop_oneof![0..40_u64, 400..5_000_u64, 10_000..300_000_000_u64];
    let message = (pause, 0..nodes, 0..nodes, 0..WHATS.len(), 0..3_usize);
    prop::collection::vec(message, 1..messages).prop_map(|messages| {
        let (mut written, mut at) = (String::new(), 0);
        for (pause, from, to, what, leg) in messages {
            at += pause;
            let (seconds, millis) = (at / 1000, at % 1000);
            let (from, to) = (node(from), node(to));
            let (what, header) = WHATS[what].split_once('|').unwrap_or((WHATS[what], ""));
            let leg = ["a", "b", "c"][leg];
            let header = if header.is_empty() { "X: y" } else { header };
            writeln!(
                written,
                "{seconds}.{millis:03} {from}>{to} {what} leg={leg} |{header}"
            )
            .unwrap();
        }
        let id = |leg: &str| format!("{leg}@198.51.100.10");
        let known = [
            Join::known(&id("a"), &id("b")),
            Join::known(&id("a"), &id("c")),
        ];
        calls(threads(packets(&written)), &known)
    })
}

fn within(ladder: &str, limits: Limits) {
    for line in ladder.lines() {
        assert!(
            line.chars().count() <= limits.columns,
            "too wide:\n{ladder}"
        );
    }
    assert!(
        ladder.chars().count() <= limits.chars,
        "too long:\n{ladder}"
    );
    let drawn = |c: char| c == '\n' || (!c.is_control() && c != '`');
    assert!(ladder.chars().all(drawn), "control characters:\n{ladder}");
}

/// Every row has its first and its last lifeline in the same columns.
fn aligned(ladder: &str) {
    let ends = |line: &str| {
        let lifelines: Vec<usize> = line
            .chars()
            .enumerate()
            .filter(|(_, c)| *c == '│')
            .map(|(at, _)| at)
            .collect();
        Some((*lifelines.first()?, *lifelines.last()?))
    };
    let rows: Vec<_> = ladder.lines().filter_map(ends).collect();
    assert!(
        rows.windows(2).all(|pair| pair[0] == pair[1]),
        "askew:\n{ladder}"
    );
}

fn marked_rows(ladder: &str) -> usize {
    ladder
        .lines()
        .filter(|line| line.starts_with('!') && line.contains('│'))
        .count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_ladder_keeps_its_limits(
        found in prop_oneof![any_call(2, 12), any_call(4, 60), any_call(40, 120)],
        picks in prop::collection::vec(0..1_000_usize, 0..4),
    ) {
        for call in found {
            let case = Case::new(&call, &Peers::default(), None);
            let marked: Vec<usize> = picks.iter().map(|pick| pick % call.signals.len() + 1).collect();
            let ladder = text(&case, &marked, Limits::CHAT);
            within(&ladder, Limits::CHAT);
            aligned(&ladder);
            prop_assert!(ladder.contains('│'));
            prop_assert_eq!(marked.is_empty(), marked_rows(&ladder) == 0, "\n{}", ladder);
        }
    }

    #[test]
    fn a_ladder_keeps_limits_that_make_no_sense(
        found in prop_oneof![any_call(3, 12), any_call(9, 30)],
        columns in 0..90_usize,
        chars in 0..900_usize,
    ) {
        for call in found {
            let case = Case::new(&call, &Peers::default(), None);
            let limits = Limits { columns, chars };
            within(&text(&case, &[1], limits), limits);
        }
    }
}

#[test]
fn marked_rows_in_the_middle_of_a_long_call_are_kept() {
    let call = crate::support::trace::call(&super::scenes::very_long("INFO", 300));
    let case = Case::new(&call, &Peers::default(), None);
    let ladder = text(&case, &[301, 302, 400], Limits::CHAT);
    within(&ladder, Limits::CHAT);
    assert_eq!(marked_rows(&ladder), 3, "{ladder}");
    assert!(
        ladder.lines().any(|line| line.starts_with("    1 ")),
        "{ladder}"
    );
    assert!(
        ladder.lines().any(|line| line.starts_with("  606 ")),
        "{ladder}"
    );
}
