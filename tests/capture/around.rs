//! What is indexed of large captures around one call tells of it what an index of everything tells.

use std::fs;
use std::path::PathBuf;

use calltriage::call::{CallQuery, Term, Window};
use calltriage::capture::Index;
use calltriage::peers::Peers;
use calltriage::sources::{Captures, Lookup};
use jiff::{SignedDuration, Timestamp};

use crate::support::capture_writer::{PCAP, Writer, udp};
use crate::support::trace::{START, packets};
use crate::support::traffic::busy;

/// A call of two legs of which the second is hung up more than an hour after the first, with a registration two hours
/// before, and others every hour, in three files.
fn hours() -> (tempfile::TempDir, Vec<PathBuf>) {
    let others = (-9..9).map(|hour| {
        let at = hour * 3600 + 1800;
        format!("{at}.0 cust2>plat INVITE leg=o{hour} from=441632960{:03}\n{at}.5 plat>cust2 486 leg=o{hour}", hour + 100)
    });
    let call = "-7200.0 cust>plat REGISTER leg=r
        -7199.9 plat>cust 200 REGISTER leg=r
        -20000.0 cust>plat REGISTER leg=r0
        0.00 cust>plat INVITE
        0.02 plat>car INVITE leg=b
        1.00 car>plat 200 leg=b
        1.01 plat>cust 200
        1.02 cust>plat ACK
        1.03 plat>car ACK leg=b
        9.00 cust>plat BYE
        9.01 plat>cust 200 BYE
        4800.0 plat>car BYE leg=b
        4800.1 car>plat 200 BYE leg=b";
    let text = others
        .chain([call.to_owned()])
        .collect::<Vec<_>>()
        .join("\n");
    let mut all = packets(&text);
    all.sort_by_key(|it| it.at);
    let folder = tempfile::tempdir().unwrap();
    for (number, some) in all.chunks(all.len().div_ceil(3)).enumerate() {
        let mut writer = Writer::new(PCAP, 101);
        for it in some {
            writer.ip(it.at, &udp(it.source, it.destination, &it.bytes));
        }
        fs::write(folder.path().join(format!("{number}.pcap")), writer.bytes).unwrap();
    }
    let paths = vec![folder.path().to_path_buf()];
    (folder, paths)
}

const CALL: &str = "a@198.51.100.10";

fn around(paths: &[PathBuf], call_id: &str) -> Option<Index> {
    let mut progress = Vec::new();
    let mut tell = |done, all| progress.push((done, all));
    let index = Index::around_calls(paths, &[call_id.to_owned()], &mut tell);
    assert!(progress.is_sorted(), "{progress:?}");
    if index.is_some() {
        let (done, all) = progress.last().copied().unwrap();
        assert_eq!(done, all);
    }
    index
}

#[test]
fn only_what_lies_near_is_indexed_and_all_of_the_call_is_read() {
    let (_folder, paths) = hours();
    let whole = Index::build(&paths, &mut |_, _| ());
    let near = around(&paths, CALL).unwrap();
    let ids = |index: &Index| {
        index
            .calls()
            .map(|it| it.call_id().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&near), ["r@198.51.100.10", CALL, "b@198.51.100.10"]);
    assert!(ids(&whole).len() > 20);
    let (all, same) = (whole.load(&[CALL]), near.load(&[CALL]));
    assert_eq!(same, all);
    assert_eq!(same.packets.len(), 10);
    assert_eq!(same.joins.len(), 1);
    // Until when it would have been seen is of the whole files.
    let last = near.call(CALL).unwrap().last();
    assert_eq!(near.seen_until(last), whole.seen_until(last));
    let at = |seconds: i64| Timestamp::from_second(START + seconds).unwrap();
    assert!(near.covers_registrations(at(-7200), at(600)));
    assert!(!near.covers_registrations(at(-20_000), at(600)));
    assert!(whole.covers_registrations(at(-20_000), at(600)));
    assert!(around(&paths, "nobody@198.51.100.10").is_none());
}

#[test]
fn each_call_of_a_busy_platform_is_told_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for (number, bytes) in busy(12).files(3).iter().enumerate() {
        fs::write(folder.path().join(format!("{number}.pcap")), bytes).unwrap();
    }
    let paths = vec![folder.path().to_path_buf()];
    let whole = Index::build(&paths, &mut |_, _| ());
    assert!(whole.calls().count() >= 12);
    for entry in whole.calls().filter(|it| !it.call_id().is_empty()) {
        let near = around(&paths, entry.call_id()).unwrap();
        assert_eq!(
            near.load(&[entry.call_id()]),
            whole.load(&[entry.call_id()]),
            "{}",
            entry.call_id()
        );
    }
}

#[tokio::test]
async fn a_source_that_is_asked_once_answers_as_any_other() {
    let (_folder, paths) = hours();
    let source = || Captures::paths("captures", paths.clone(), Peers::default());
    let (any, once) = (source(), source().asked_once(0));
    assert!(once.holds(CALL).await);
    let by = |term: Term| CallQuery {
        terms: vec![term],
        ..CallQuery::default()
    };
    let query = by(Term::CallId(CALL.to_owned()));
    let Lookup::Found(expected) = any.trace(&query).await else {
        panic!()
    };
    let Lookup::Found(found) = once.trace(&query).await else {
        panic!()
    };
    assert_eq!(format!("{found:?}"), format!("{expected:?}"));
    // What the part does not have is looked for in the whole.
    let of = |hour: i64| format!("o{hour}@198.51.100.10");
    assert!(once.holds(&of(7)).await);
    assert!(!once.holds("nobody@198.51.100.10").await);
    let start = Timestamp::from_second(START).unwrap();
    for before in [SignedDuration::from_hours(2), SignedDuration::from_hours(6)] {
        let window = Window::new(start - before - SignedDuration::from_mins(1), start);
        let users = || vec!["441632960001".to_owned()];
        let expected = format!("{:?}", any.registrations(users(), window).await);
        assert!(expected.contains("REGISTER"), "{expected}");
        assert_eq!(
            format!("{:?}", once.registrations(users(), window).await),
            expected
        );
    }
}
