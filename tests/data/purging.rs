//! What is kept of a number or a person goes, and what went is said.

use calltriage::chat::audit::{Entry, Outcome};
use calltriage::data::purge::Target;
use calltriage::store::{Expected, Op};
use jiff::{SignedDuration, Timestamp};

use super::open;
use crate::cli::Desk;

const BUSY: &str = "441632960105";
const REFUSED: &str = "441632960106";

fn asked(second: i64, user: &str, said: &str) -> Op {
    let at = Timestamp::now() - SignedDuration::from_secs(second);
    let entry = Entry {
        at,
        chat: "slack".to_owned(),
        user: user.to_owned(),
        channel: "C1".to_owned(),
        command: "diagnose".to_owned(),
        said: said.to_owned(),
        request: format!("r{second}"),
        outcome: Outcome::Answered(None),
    };
    entry.added(Timestamp::now())
}

/// Two calls, and what people asked of them.
async fn filled() -> Desk {
    let desk = Desk::new();
    desk.run(&["diagnose", BUSY]).answered();
    desk.run(&["diagnose", REFUSED]).answered();
    desk.run(&["wrong", "--party", "carrier", "they admit it"])
        .answered();
    let store = open(&desk.store()).await;
    let thread = |asked: &str| {
        format!("{{\"asked\":\"{asked}\",\"message\":\"1\",\"investigation\":\"x\"}}")
    };
    let incident = format!("{{\"by\":\"slack:U0ANN\",\"title\":\"trunk of +{REFUSED} is down\"}}");
    let ops = vec![
        asked(1, "U0ANN", &format!("why did {REFUSED} fail")),
        asked(2, "U0ANN", "my own question"),
        asked(3, "U0BEN", "44 1632 960-106 at 09:04, 3 times"),
        asked(4, "U0BEN", &format!("{BUSY}?")),
        Op::put("threads", "slack/C1/1", Expected::Absent, thread(REFUSED)),
        Op::put("threads", "slack/C1/2", Expected::Absent, thread(BUSY)),
        Op::put("incidents", "i/inc-1", Expected::Absent, incident),
        Op::put(
            "jobs",
            "slack/9",
            Expected::Absent,
            format!("{{\"said\":\"{REFUSED}\"}}"),
        ),
    ];
    store.apply(ops, Timestamp::now()).await.unwrap();
    desk
}

fn exported(desk: &Desk) -> String {
    desk.run(&["export", "-"]).answered().out
}

#[tokio::test]
async fn of_a_number_nothing_is_left_but_that_something_was_asked() {
    let desk = filled().await;
    let before = exported(&desk);
    let would = desk
        .run(&["purge", "--number", REFUSED, "--dry-run"])
        .answered()
        .out;
    assert_eq!(exported(&desk).lines().count(), before.lines().count());
    let said = desk
        .run(&["purge", "--number", "+44 1632 960106"])
        .answered()
        .out;
    assert_eq!(
        would
            .replace("Would remove", "Removed")
            .replace("Would mask", "Masked"),
        said
    );
    insta::assert_snapshot!(said, @r"
    Removed: corrections 1, evidence 1, history 1, investigations 1, threads 1
    Masked: audit 2, incidents 1
    Left, because it is on its way: 1; run this again in a day, when it is through.
    ");
    let left = exported(&desk);
    assert!(
        !left.contains("960106") && !left.contains("960-106"),
        "{left}"
    );
    assert!(left.contains(BUSY) && left.contains("trunk of +(purged) is down"));
    let audit = desk.run(&["audit"]).answered().out;
    let audit: Vec<&str> = audit.lines().map(|it| &it[25..]).collect();
    insta::assert_snapshot!(audit.join("\n"), @r"
    terminal: in     -> answered
    slack:U0ANN in C1  why did (purged) fail  -> answered
    slack:U0ANN in C1  my own question  -> answered
    slack:U0BEN in C1  (purged) at 09:04, 3 times  -> answered
    slack:U0BEN in C1  441632960105?  -> answered
    ");
    let history = desk.run(&["history", "--json"]).answered().out;
    assert_eq!(history.lines().count(), 1, "{history}");
    let again = desk.run(&["purge", "--number", REFUSED]).answered().out;
    assert!(
        again.starts_with("Removed: nothing\nMasked: nothing"),
        "{again}"
    );
}

#[tokio::test]
async fn of_a_person_nothing_is_left_but_that_somebody_asked() {
    let desk = filled().await;
    let said = desk.run(&["purge", "--user", "slack:U0ANN"]).answered().out;
    insta::assert_snapshot!(said, @r"
    Removed: nothing
    Masked: audit 2, incidents 1
    ");
    let left = exported(&desk);
    assert!(
        !left.contains("U0ANN") && !left.contains("my own question"),
        "{left}"
    );
    assert!(left.contains("U0BEN"));
    let audit = desk.run(&["audit"]).answered().out;
    assert_eq!(
        audit.matches("slack:(purged) in C1  (purged)").count(),
        2,
        "{audit}"
    );
}

#[test]
fn what_is_no_number_and_no_person_is_refused() {
    let desk = Desk::new();
    for args in [
        &["purge"][..],
        &["purge", "--number", "123"],
        &["purge", "--number", "call me"],
        &["purge", "--user", "U0ANN"],
        &["purge", "--user", "slack:U0ANN", "--number", REFUSED],
    ] {
        assert_eq!(desk.run(args).code, Some(2), "{args:?}");
    }
}

#[test]
fn a_number_is_found_however_it_is_written() {
    let number = Target::number("1632 960106").unwrap();
    for (text, masked) in [
        ("441632960106", Some("(purged)")),
        ("+44 (1632) 960-106, twice", Some("+44 ((purged), twice")),
        (
            "at 09:04 from 1632960106 to 9",
            Some("at 09:04 from (purged) to 9"),
        ),
        ("16329601061", None),
        ("1632960 at 106", None),
        (
            "sip:01632960106@192.0.2.1;x=1632960106",
            Some("sip:(purged)@192.0.2.1;x=(purged)"),
        ),
        ("", None),
    ] {
        assert_eq!(number.masked(text).as_deref(), masked, "{text}");
    }
    let user = Target::user("slack:U0ANN").unwrap();
    for (text, masked) in [
        ("slack:U0ANN", Some("(purged)")),
        ("U0ANN and U0ANNE", Some("(purged) and U0ANNE")),
        ("XU0ANN", None),
    ] {
        assert_eq!(user.masked(text).as_deref(), masked, "{text}");
    }
}
