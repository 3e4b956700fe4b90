//! A question about more calls than are read for one answer: the latest are, and the others are told.

use std::fs;
use std::net::IpAddr;
use std::sync::Arc;

use calltriage::call::{CallQuery, Scope, Term};
use calltriage::diagnosis::investigator::progress::unwatched;
use calltriage::diagnosis::{Investigated, Investigator, Peers};
use calltriage::sources::{Captures, Source};
use jiff::Timestamp;

use crate::support::capture_writer::{PCAP, Writer, udp};
use crate::support::trace::packets;

/// Asks for the calls through an address, of a capture of twelve calls of four messages in two legs each, where so many
/// messages are read.
async fn ask(most: u64, scope: Scope) -> Investigated {
    let text: String = (0..12)
        .map(|n| {
            let at = n * 60;
            format!(
                "{at}.00 cust>plat INVITE leg=a{n} from=4416329601{n:02}
                {at}.02 plat>car INVITE leg=b{n} from=4416329601{n:02}
                {at}.10 car>plat 486 leg=b{n}
                {at}.12 plat>cust 486 leg=a{n}\n"
            )
        })
        .collect();
    let mut writer = Writer::new(PCAP, 101);
    for it in packets(&text) {
        writer.ip(it.at, &udp(it.source, it.destination, &it.bytes));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.pcap");
    fs::write(&path, writer.bytes).unwrap();
    let captures = Captures::paths("captures", vec![path], Peers::default());
    let source = Source::Captures(Arc::new(captures.reading_at_most(most)));
    let ip: IpAddr = "192.0.2.5".parse().unwrap();
    let query = CallQuery {
        terms: vec![Term::Address { ip, port: None }],
        scope,
        ..CallQuery::default()
    };
    let now: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    let investigator = Investigator::new(vec![source], Peers::default());
    let id = "id".to_owned();
    investigator
        .investigate(id, "192.0.2.5", &query, now, &unwatched)
        .await
}

fn with_code(code: u16) -> Scope {
    Scope {
        code: Some(code),
        ..Scope::default()
    }
}

fn first_ids(done: &Investigated) -> Vec<&str> {
    let calls = done.investigation.calls.iter();
    calls
        .map(|it| it.call_ids[0].split('@').next().unwrap())
        .collect()
}

#[tokio::test]
async fn the_latest_are_read_and_the_others_counted() {
    let all = ask(48, Scope::default()).await;
    assert_eq!(
        (all.investigation.calls.len(), all.investigation.notes.len()),
        (12, 0)
    );
    // Calls are read whole: a third one would make twelve.
    let some = ask(11, Scope::default()).await;
    assert_eq!(first_ids(&some), ["a10", "a11"]);
    let told = ["10 older calls match too; add a time or a Call-ID to see them."];
    assert_eq!(some.investigation.notes, told);
    assert!(some.unread.lost.is_empty());
    // One is always read.
    assert_eq!(first_ids(&ask(1, Scope::default()).await), ["a11"]);
}

#[tokio::test]
async fn where_only_their_messages_tell_whether_they_match_that_they_were_not_read_is_said() {
    let unread = "10 older calls were not looked at in the captures, since they are too many for one question: add a time";
    let busy = ask(11, with_code(486)).await;
    assert_eq!(first_ids(&busy), ["a10", "a11"]);
    assert_eq!(busy.unread.lost, [unread]);
    assert!(busy.investigation.notes.is_empty());
    // That none of those that were read is like that proves nothing of the others.
    let none = ask(11, with_code(503)).await;
    let [none_found] = none.investigation.calls.as_slice() else {
        panic!("{:?}", none.investigation.calls);
    };
    assert!(
        none_found
            .verdict
            .summary
            .contains("was found where we could look")
    );
    assert!(none_found.not_checked.iter().any(|it| it == unread));
    assert_eq!(none.unread.lost, [unread]);
    assert_eq!(
        ask(48, with_code(503)).await.unread.lost,
        Vec::<String>::new()
    );
}
