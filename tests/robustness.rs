//! Any bytes at all go through the whole of it, from capture to card, without a panic, and what
//! comes out keeps its promises.

use std::path::{Path, PathBuf};

use calltriage::capture::read_stream;
use calltriage::diagnosis::{Case, Peers, rules, verdict};
use calltriage::render::card::{Style, for_call, terminal};
use calltriage::sip::{calls, threads};
use jiff::tz::TimeZone;
use proptest::prelude::*;

/// Every example capture, small enough to be changed often.
fn examples() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/captures");
    let mut found: Vec<(PathBuf, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
        .filter(|(_, bytes)| bytes.len() < 40_000)
        .collect();
    found.sort();
    assert!(found.len() > 20, "the examples are gone");
    found
}

/// Reads, judges and draws a capture; gives what is shown.
fn through(name: &Path, bytes: &[u8]) -> Vec<String> {
    let mut packets = Vec::new();
    // A capture that is damaged at its very beginning is refused with a sentence, which is right.
    let _ = read_stream(bytes, name, 0, &mut |packet| packets.push(packet));
    let seen = packets.len();
    let calls = calls(threads(packets), &[]);
    let kept: usize = calls.iter().map(|call| call.signals.len()).sum();
    assert_eq!(seen, kept, "every message is in exactly one call");
    calls
        .iter()
        .map(|call| {
            let case = Case::new(call, &Peers::default(), None);
            let findings = rules::findings(&case);
            for finding in &findings {
                assert!(!finding.packets.is_empty(), "{} has no proof", finding.rule);
                let last = call.signals.len();
                assert!(
                    finding
                        .packets
                        .iter()
                        .all(|packet| (1..=last).contains(packet))
                );
            }
            let verdict = verdict::verdict(&case, &findings);
            let card = for_call(&case, verdict.as_ref(), &findings, &TimeZone::UTC);
            assert!(card.ladder.chars().count() <= 2_900);
            assert!(
                card.ladder.lines().all(|line| line.chars().count() <= 72),
                "{}",
                card.ladder
            );
            terminal(
                &card,
                Style {
                    color: false,
                    width: 80,
                },
            )
        })
        .collect()
}

/// Whether a text would move a terminal's cursor or change its colours.
fn is_harmless(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !c.is_control())
}

#[test]
fn every_example_goes_through_twice_alike() {
    for (path, bytes) in examples() {
        let first = through(&path, &bytes);
        assert!(!first.is_empty(), "{} holds no call", path.display());
        assert_eq!(first, through(&path, &bytes), "{}", path.display());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn changed_examples_go_through(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..60),
        keep in 0.3_f64..=1.0,
    ) {
        let examples = examples();
        let (path, bytes) = &examples[which.index(examples.len())];
        let mut bytes = bytes.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        bytes.truncate((bytes.len() as f64 * keep) as usize);
        for text in through(path, &bytes) {
            prop_assert!(is_harmless(&text), "{text:?}");
        }
    }
}
