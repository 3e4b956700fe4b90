//! Whom an address is configured for is told where no row of the log says whose a call was, and as nothing more.

use calltriage::demo::{Behaviour, Endpoint};
use serde_json::json;

use super::{ask, done};
use crate::support::connexcs::Fake;

const CALL: &str = "
    0.00 cust>plat INVITE
    0.01 plat>cust 503
    0.02 cust>plat ACK";

/// A platform whose log is empty, and that has a block of addresses for a customer.
async fn without_rows(entries: Behaviour) -> Fake {
    let fake = Fake::written(CALL).await;
    for endpoint in [Endpoint::Log, Endpoint::Cdr] {
        fake.always(endpoint, Behaviour::Json(json!([])));
    }
    fake.always(Endpoint::IpEntries, entries);
    fake
}

fn block() -> Behaviour {
    Behaviour::Json(json!([
        { "ip": "198.51.100.0/24", "company_id": 12 },
        { "ip": "203.0.113.0/24", "company_id": 13 },
    ]))
}

const SAID: &str = "is configured for Acme (#12) (IP entry 198.51.100.0/24); no row of the log shows that a call was \
                    theirs.";

#[tokio::test]
async fn an_address_from_which_nothing_came_is_somebodys() {
    let fake = without_rows(block()).await;
    let (answer, _) = ask(&fake, "198.51.100.99").await;
    let call = &answer.calls[0];
    assert_eq!(call.verdict.rule, "call-not-found");
    let said = format!("main: 198.51.100.99 {SAID}");
    assert!(
        call.verdict.summary.contains(&said),
        "{}",
        call.verdict.summary
    );
    // Nobody else's, and not what was proven.
    assert!(!call.verdict.summary.contains("#13"));
    assert_eq!(call.logged, None);
    let (answer, _) = ask(&fake, "192.0.2.99").await;
    assert!(!answer.calls[0].verdict.summary.contains("configured"));
}

#[tokio::test]
async fn the_source_of_messages_without_a_row_is_somebodys() {
    let fake = without_rows(block()).await;
    let done = done(&fake, "a@198.51.100.10").await;
    let answer = &done.investigation;
    assert_eq!(answer.calls[0].facts.len(), 1);
    let said = format!("main: 198.51.100.10 {SAID}");
    assert!(answer.notes.contains(&said), "{:?}", answer.notes);
    // It is no record: whose call it was stays open.
    assert!(
        done.evidence
            .records
            .iter()
            .all(|it| it.customer_id().is_none())
    );
}

#[tokio::test]
async fn that_it_could_not_be_looked_up_is_said() {
    let fake = without_rows(Behaviour::forbidden()).await;
    for question in ["198.51.100.99", "a@198.51.100.10"] {
        let (answer, _) = ask(&fake, question).await;
        let not_checked = &answer.calls[0].not_checked;
        let is_it = |it: &String| it.starts_with("main: address entries: our permission");
        assert_eq!(
            not_checked.iter().filter(|it| is_it(it)).count(),
            1,
            "{not_checked:?}"
        );
    }
}
