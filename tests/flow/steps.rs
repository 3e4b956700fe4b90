//! The steps as they are told: what was asked, what was not, and what failed.

use calltriage::chat::answer::cards_shown;
use calltriage::demo::{Behaviour, Endpoint};
use calltriage::diagnosis::{Investigation, Outcome, Peers, StepName, Wanted};
use jiff::tz::TimeZone;
use serde_json::json;

use super::{ask, done, investigator, now, query};
use crate::support::connexcs::{Fake, NOW};
use crate::support::trace::START;

/// How a step ended, and in what words.
#[track_caller]
fn step(answer: &Investigation, name: StepName) -> (Outcome, &str) {
    let step = answer.steps.iter().find(|it| it.step == name).unwrap();
    (step.outcome, &step.detail)
}

#[tokio::test]
async fn a_scope_asks_for_records_and_no_step_says_otherwise() {
    let fake = Fake::start().await;
    fake.always(Endpoint::Cdr, Behaviour::Json(json!([])));
    let (answer, _) = ask(&fake, "customer #12, last 12 hours").await;
    assert!(fake.platform.seen().of(Endpoint::Log).is_empty());
    assert_eq!(
        step(&answer, StepName::CallLog),
        (
            Outcome::NothingFound,
            "no call detail record lies in this scope"
        )
    );
    let (outcome, detail) = step(&answer, StepName::SipTrace);
    assert_eq!(outcome, Outcome::NotChecked);
    assert!(detail.starts_with("not asked"), "{detail}");
    let summary = &answer.calls[0].verdict.summary;
    assert!(
        summary.starts_with(
            "No call of this scope was found. Searched: main: the platform's call detail records."
        ),
        "{summary}"
    );
}

#[tokio::test]
async fn of_a_customer_that_nobody_knows_nothing_is_asked() {
    let fake = Fake::start().await;
    let (answer, _) = ask(&fake, "customer #99999, last 12 hours").await;
    assert_eq!(
        step(&answer, StepName::CallLog),
        (
            Outcome::NotChecked,
            "not asked: the platform knows no customer #99999: check its number"
        )
    );
    let summary = &answer.calls[0].verdict.summary;
    assert_eq!(summary, "No call of this scope was found.");
}

#[tokio::test]
async fn a_refused_search_searched_nothing() {
    let fake = Fake::start().await;
    fake.always(
        Endpoint::Log,
        Behaviour::Redirect("https://elsewhere.example/".to_owned()),
    );
    fake.always(
        Endpoint::Trace,
        Behaviour::Redirect("https://elsewhere.example/".to_owned()),
    );
    let (answer, _) = ask(&fake, "nobody-knows-this-one@198.51.100.10").await;
    let verdict = &answer.calls[0].verdict;
    assert!(!verdict.summary.contains("Searched"), "{}", verdict.summary);
    let next = verdict.next.join("\n");
    assert!(!next.contains("letter by letter"), "{next}");
}

#[tokio::test]
async fn records_that_could_not_be_asked_for_leave_no_clean_log() {
    let fake = Fake::start().await;
    let row = json!({ "routing": {
        "callid": "long-one-1@198.51.100.10", "start_time": NOW - 900, "end_time": NOW - 800, "attempts": [],
        "sip_code": 200, "sip_reason": "OK", "customer_id": 12, "cli": "441632960001", "ou": "441632960002",
        "ok": { "duration": 90, "release_reason": "Downstream BYE", "provider_id": 105 },
    }});
    fake.always(Endpoint::Log, Behaviour::Json(json!([row])));
    fake.always(Endpoint::Cdr, Behaviour::forbidden());
    let (answer, _) = ask(&fake, "long-one-1@198.51.100.10 over-billed").await;
    let (outcome, detail) = step(&answer, StepName::CallLog);
    assert_eq!(outcome, Outcome::NotChecked, "{detail}");
    assert!(detail.starts_with("call detail record: "), "{detail}");
    assert!(detail.ends_with("; elsewhere 1 row"), "{detail}");
}

#[tokio::test]
async fn a_refusal_in_the_log_that_nobody_has_to_act_on_is_not_clean() {
    let fake = Fake::start().await;
    let row = json!({ "routing": {
        "callid": "scanned-by-one@198.51.100.66", "start_time": NOW - 900, "end_time": NOW - 899, "attempts": [],
        "sip_code": 401, "sip_reason": "IP Not Authorised", "cli": "100", "ou": "441632960002",
        "params": { "si": "198.51.100.66", "userAgent": "friendly-scanner" },
    }});
    fake.always(Endpoint::Log, Behaviour::Json(json!([row])));
    fake.always(Endpoint::IpEntries, Behaviour::Json(json!([])));
    let (answer, _) = ask(&fake, "scanned-by-one@198.51.100.66").await;
    let nobody = calltriage::diagnosis::Party::Nobody;
    assert_eq!(answer.calls[0].verdict.party, nobody);
    assert_eq!(
        step(&answer, StepName::CallLog),
        (Outcome::CauseFound, "1 row")
    );
}

#[tokio::test]
async fn what_is_asked_about_is_said_as_people_say_it() {
    let fake = Fake::start().await;
    let summary = async |question: &str| {
        let (answer, _) = ask(&fake, question).await;
        let summary = &answer.calls[0].verdict.summary;
        let (first, _) = summary.split_once(" was found.").unwrap();
        first.to_owned()
    };
    let many: Vec<String> = (0..5)
        .map(|it| format!("bulk-{it}@198.51.100.77"))
        .collect();
    assert_eq!(
        summary(&many.join(" ")).await,
        "No message of any of the 5 ids"
    );
    assert_eq!(
        summary("inbound +442079460777 is not delivered").await,
        "No message of +442079460777"
    );
    assert_eq!(
        summary("+442079460777 between 08:00 and 08:10").await,
        "No message of +442079460777 in that time"
    );
}

#[tokio::test]
async fn whether_a_call_is_still_up_could_not_be_checked_without_a_path() {
    let fake = Fake::start().await;
    let (answer, _) = ask(&fake, "busy-1@198.51.100.10 does not end").await;
    let unsure = answer.calls[0].not_checked.join("\n");
    assert!(
        unsure.contains("Whether it is still up: could not be checked: no endpoint configured"),
        "{unsure}"
    );
}

#[tokio::test]
async fn a_call_that_has_not_failed_has_no_scope() {
    let fake = Fake::start().await;
    let row = json!({ "routing": {
        "callid": "live-one-1@198.51.100.10", "start_time": NOW - 90, "attempts": [], "sip_code": 200,
        "sip_reason": "OK", "customer_id": 12, "cli": "441632960001", "ou": "441632960002",
    }});
    fake.always(Endpoint::Log, Behaviour::Json(json!([row])));
    let done = done(&fake, "live-one-1@198.51.100.10").await;
    assert_eq!(done.investigation.calls[0].scope, None);
    // Nor does its card say that an undecided cause is certain.
    let cards = cards_shown(&done, &Peers::default(), &TimeZone::UTC);
    let judged = cards[0].judgement.as_ref().unwrap().parts();
    let undecided = "cause: undecided · to act: undecided · fact certain, cause possible";
    assert_eq!(judged.join(" · "), undecided);
}

#[tokio::test]
async fn rows_alone_are_compared_in_the_platforms_own_words() {
    let fake = Fake::start().await;
    let row = |id: &str, reason: &str| {
        json!({ "routing": {
            "callid": id, "start_time": NOW - 900, "end_time": NOW - 899, "attempts": [], "sip_code": 503,
            "sip_reason": reason, "customer_id": 12, "cli": "441632960001", "ou": "441632960002",
        }})
    };
    let ids = ["locked-one@198.51.100.10", "unpriced-1@198.51.100.10"];
    let rows = [
        row(ids[0], "No Routes Available (Lock)"),
        row(ids[1], "No Routes Available (Pre)"),
    ];
    fake.always(Endpoint::Log, Behaviour::Json(json!(rows)));
    let wanted = |id: &str| Wanted {
        query: query(id),
        typed: id.to_owned(),
    };
    let [a, b] = ids.map(wanted);
    let (compared, _) = investigator(&fake).compare(&a, &b, now()).await.unwrap();
    let told = compared.differences.iter();
    let told: Vec<(&str, &str)> = told
        .filter(|it| it.label == "Caller was told")
        .map(|it| (it.a.as_str(), it.b.as_str()))
        .collect();
    let words = (
        "503 No Routes Available (Lock)",
        "503 No Routes Available (Pre)",
    );
    assert_eq!(told, [words]);
}

#[tokio::test]
async fn a_hang_up_that_somebody_calls_a_drop_is_looked_into() {
    let fake = Fake::start().await;
    let row = json!({ "routing": {
        "callid": "dropped-one@198.51.100.10", "start_time": NOW - 900, "end_time": NOW - 860, "attempts": [],
        "sip_code": 200, "sip_reason": "OK", "customer_id": 12, "cli": "441632960001", "ou": "441632960002",
        "ok": { "duration": 30, "release_reason": "Upstream BYE", "provider_id": 105 },
    }});
    fake.always(Endpoint::Log, Behaviour::Json(json!([row])));
    let (answer, _) = ask(&fake, "dropped-one@198.51.100.10 dropped after 30 seconds").await;
    let verdict = &answer.calls[0].verdict;
    // What the verdict is about is not called clean.
    assert_eq!(
        step(&answer, StepName::CallLog),
        (Outcome::CauseFound, "1 row")
    );
    assert_eq!(verdict.rule, "released-in-log");
    assert_eq!(verdict.party, calltriage::diagnosis::Party::Undecided);
    insta::assert_snapshot!(verdict.next.join("\n"), @"
    Ask the side that sent the BYE why it did: the call was not over.
    Look whether this fits: A SIP ping got no reply. It would show as: OPTIONS from the platform without a 200 (none, or 481), then a BYE to both sides; the release reason is Ping Timeout.
    Look whether this fits: A SIP transaction ran out after 64 times T1: an ACK is missing, or a BYE goes nowhere. It would show as: The same message is repeated after 0.5, 1, 2, then every 4 s.
    ");
}

/// Whoever drops a call, its row says how it ended, or does not say why: that is not clean either.
#[tokio::test]
async fn a_row_is_not_clean_beside_a_call_that_failed() {
    const UNACKNOWLEDGED: &str = "
        0.00 cust>plat INVITE
        0.04 plat>car INVITE leg=b
        1.00 car>plat 200 leg=b
        1.01 plat>cust 200
        1.02 plat>car ACK leg=b
        1.51 plat>cust 200
        2.51 plat>cust 200
        4.51 plat>cust 200
        5.90 plat>cust BYE cseq=1
        5.91 cust>plat 200 BYE cseq=1
        5.92 plat>car BYE cseq=2 leg=b
        5.93 car>plat 200 BYE cseq=2 leg=b";
    for (release, ended) in [
        ("Lifetime Timeout", (Outcome::CauseFound, "1 row")),
        ("", (Outcome::NothingFound, "1 row, which does not say why")),
    ] {
        let fake = Fake::written(UNACKNOWLEDGED).await;
        let row = json!({ "routing": {
            "callid": "a@198.51.100.10", "callidb": "b@198.51.100.10", "start_time": START, "end_time": START + 6,
            "sip_code": 200, "sip_reason": "OK", "customer_id": 12, "cli": "441632960001", "ou": "441632960002",
            "ok": { "duration": 5, "release_reason": release, "provider_id": 105 },
        }});
        fake.always(Endpoint::Log, Behaviour::Json(json!([row])));
        let (answer, _) = ask(&fake, "a@198.51.100.10").await;
        assert_eq!(answer.calls[0].verdict.rule, "missing-ack", "{release}");
        assert_eq!(step(&answer, StepName::CallLog), ended, "{release}");
    }
}
