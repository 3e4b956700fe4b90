//! Lists of Call-IDs: either side's id of a call, and ids that could not be asked for.

use calltriage::demo::{Behaviour, Endpoint};
use calltriage::diagnosis::Party;
use calltriage::render::card::Style;
use calltriage::render::{csv, summary};

use super::ask;
use crate::support::connexcs::Fake;

const REFUSED: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.04 plat>car INVITE leg=b
    0.08 car>plat 100 leg=b
    0.61 car>plat 503 leg=b
    0.62 plat>car ACK leg=b
    0.63 plat>cust 503
    0.64 cust>plat ACK";

/// What the platform calls the leg that it sent out.
async fn outgoing(fake: &Fake) -> String {
    let row = fake.get("log?s=a%40198.51.100.10").await.json()[0].take();
    row["routing"]["callidb"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_id_that_could_not_be_asked_for_is_not_said_to_be_missing() {
    let fake = Fake::written(REFUSED).await;
    // What the first one's messages show is known all the same.
    fake.always(Endpoint::Log, Behaviour::forbidden());
    let (answer, _) = ask(&fake, "a@198.51.100.10 other-1@198.51.100.10").await;
    assert_eq!(answer.not_found, [""; 0]);
    let [one] = answer.not_asked.as_slice() else {
        panic!("{:?}", answer.not_asked);
    };
    assert_eq!(one.call_id, "other-1@198.51.100.10");
    assert!(one.why.starts_with("our permission"), "{}", one.why);
    let said = "other-1@198.51.100.10 could not be asked for: our permission";
    let notes = &answer.notes;
    assert!(notes.iter().any(|it| it.starts_with(said)), "{notes:?}");
    let table = csv::calls(&[], &answer.not_found, &answer.not_asked);
    let last = table.lines().last().unwrap();
    assert_eq!(last, "other-1@198.51.100.10,,,,,,not-asked,,,,,");
}

#[tokio::test]
async fn of_several_calls_those_that_could_not_be_asked_for_stand_apart() {
    let fake = Fake::start().await;
    fake.always(Endpoint::Log, Behaviour::forbidden());
    let ids =
        "busy-1@198.51.100.10 caller-cancels-1@198.51.100.10 nobody-knows-this-one@198.51.100.10";
    let (answer, _) = ask(&fake, ids).await;
    assert_eq!(answer.calls.len(), 2);
    let summary = summary::of(&answer, &[]).unwrap();
    let style = Style {
        color: false,
        width: 200,
    };
    let text = summary::terminal(&summary, style);
    let (_, missing) = text.split_once("\nCould not be asked\n").unwrap();
    assert!(
        missing
            .trim_start()
            .starts_with("- nobody-knows-this-one@198.51.100.10: our permission"),
        "{text}"
    );
    assert!(!text.contains("Not found"), "{text}");
}

#[tokio::test]
async fn the_carriers_id_alone_shows_the_far_leg() {
    let fake = Fake::start().await;
    let known = "4d7112070d2bab29143f000002504980%40198.51.100.10";
    let row = fake.get(&format!("log?s={known}")).await.json()[0].take();
    let id = row["routing"]["callidb"].as_str().unwrap().to_owned();
    assert!(id.starts_with("CNX"), "{id}");
    // The log knows its calls by the customer's id alone.
    let (answer, _) = ask(&fake, &id).await;
    let call = &answer.calls[0];
    assert_eq!(call.call_ids, [id]);
    assert_eq!(call.verdict.rule, "carrier-no-circuit");
    assert_eq!(call.verdict.party, Party::Carrier);
    let summary = call.verdict.summary.to_lowercase();
    assert!(
        summary.starts_with("carrier 203.0.113.19:5060 answered 503"),
        "{summary}"
    );
    let unsure = call.not_checked.join("\n");
    assert!(!unsure.contains("one leg only"), "{unsure}");
}

#[tokio::test]
async fn the_ids_of_both_sides_ask_for_one_call_once() {
    let fake = Fake::written(REFUSED).await;
    let id = outgoing(&fake).await;
    let (answer, _) = ask(&fake, &format!("a@198.51.100.10 {id}")).await;
    assert_eq!(answer.calls.len(), 1);
    assert_eq!(fake.platform.seen().of(Endpoint::Trace).len(), 1);
    let messages: usize = answer.calls[0].facts.iter().map(|it| it.messages).sum();
    assert_eq!(messages, 8);
    assert!(
        !answer.notes.join("\n").contains("no row"),
        "{:?}",
        answer.notes
    );
}
