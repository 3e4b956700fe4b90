//! Whatever is shown fits: no card, summary or reply makes a payload that Slack would refuse.

use calltriage::archive::Summary;
use calltriage::chat::show::forms::{not_right, simulate};
use calltriage::chat::slack::show::message as show;
use calltriage::chat::slack::show::{forms::view, home, limits as slack};
use calltriage::chat::{Alternative, Given, Offer, Reply};
use calltriage::diagnosis::brief::{Brief, Known};
use calltriage::diagnosis::{Field, Investigation, Outcome, Party, Severity, Step, StepName};
use calltriage::render::card::{Card, Fact, Judgement, Point, Tone};
use calltriage::sip::Certainty;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ID, fits, in_context, of_captures, replied};

/// A text of any length, likely to grow when it is escaped.
pub fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "&",
        "<!channel>",
        "word ",
        "Sentence. ",
        "a · b",
        "`",
        "*",
        "\u{1f525}",
        ":fire:",
        "\u{202e}",
        "é",
        "x",
        "",
        "-- ",
    ]);
    let times = prop_oneof![20 => 0..4_usize, 6 => 4..200_usize, 1 => 200..2_000_usize];
    (prop::collection::vec(piece, 0..6), times)
        .prop_map(|(pieces, times)| pieces.concat().repeat(times))
}

fn texts(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(text(), 0..most)
}

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let label = prop_oneof![
        prop::sample::select(vec!["Call", "When", "Hop 1", "Only this?", "Audio"])
            .prop_map(str::to_owned),
        text()
    ];
    prop::collection::vec(
        (label, text()).prop_map(|(label, text)| Fact::new(label, text)),
        0..12,
    )
}

fn point() -> impl Strategy<Value = Point> {
    (text(), text(), any::<bool>(), 0..400_usize).prop_map(|(fact, cause, is_verdict, packets)| {
        Point {
            rule: "an-example".into(),
            severity: Severity::Warning,
            certainty: Certainty::Likely,
            packets: (0..packets).collect(),
            fields: vec![Field {
                record: "call log".into(),
                name: "sip_reason".into(),
                value: fact.clone(),
            }],
            fact,
            cause,
            is_verdict,
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    text().prop_map(|detail| Step {
        step: StepName::Simulate,
        outcome: Outcome::NotChecked,
        detail,
        took_ms: 3,
    })
}

prop_compose! {
    fn card()(
        lead in prop::option::of(text()),
        headline in text(),
        node in prop::option::of(text()),
        facts in facts(),
        summary in text(),
        findings in prop::collection::vec(point(), 0..8),
        lists in [texts(9), texts(9), texts(9), texts(9)],
        steps in prop::collection::vec(step(), 0..6),
        ids in facts(),
        ladder in text(),
    ) -> Card {
        let [ruled_out, not_checked, next, hints] = lists;
        Card {
            lead, headline, facts, summary, findings, ruled_out, not_checked, next, steps, ids, hints,
            tone: Tone::Bad,
            judgement: Some(Judgement {
                party: Party::Carrier,
                to_act: Party::Carrier,
                fact_certainty: Certainty::Certain,
                certainty: Certainty::Likely,
                answered_by: node,
            }),
            ladder: ladder.replace(". ", "\n"),
            drawing: String::new(),
        }
    }
}

fn investigation() -> Investigation {
    Investigation {
        id: ID.into(),
        query: String::new(),
        read_as: String::new(),
        asked_at: Timestamp::UNIX_EPOCH,
        lead: None,
        seen_until: None,
        steps: Vec::new(),
        calls: Vec::new(),
        groups: Vec::new(),
        common: None,
        not_found: Vec::new(),
        not_asked: Vec::new(),
        notes: Vec::new(),
        only_for: None,
    }
}

fn past(query: String) -> Summary {
    Summary {
        id: ID.into(),
        asked_at: Timestamp::UNIX_EPOCH,
        rule: query.chars().take(40).collect(),
        query,
        party: Party::Nobody,
        calls: 1,
        about: Vec::new(),
        only_for: None,
    }
}

/// Any reply.
pub fn reply() -> impl Strategy<Value = Reply> {
    let offer = (text(), texts(7), texts(4), text()).prop_map(|(does, values, notes, command)| {
        let values = values.into_iter().map(|value| ("Field", value)).collect();
        Reply::Offer(Box::new(Offer {
            does,
            values,
            notes,
            command,
        }))
    });
    prop_oneof![
        3 => prop::collection::vec(card(), 0..4).prop_map(|cards| Reply::Investigation(Box::new(investigation()), cards)),
        1 => prop::collection::vec(card(), 0..4).prop_map(Reply::Ladders),
        1 => texts(8).prop_map(|texts| Reply::Text(texts.join("\n  "))),
        1 => (text(), texts(130)).prop_map(|(asked, labels)| Reply::Question {
            asked,
            choices: labels.into_iter().map(|label| Alternative { command: format!("diagnose {label}"), label }).collect(),
        }),
        1 => (text(), texts(130)).prop_map(|(title, values)| Reply::Brief(Brief {
            facts: values.iter().map(|it| Known { name: title.clone(), value: it.clone() }).collect(),
            title,
            notes: values,
        })),
        1 => (text(), texts(3)).prop_map(|(said, names)| Reply::Files {
            said,
            files: names.into_iter().map(|title| Given { name: "a.pcap".to_owned(), title, bytes: vec![0] }).collect(),
        }),
        1 => (text(), texts(30)).prop_map(|(about, queries)| Reply::History {
            about, list: queries.into_iter().map(past).collect(), left_out: 2,
        }),
        1 => offer,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_reply_fits(reply in reply()) {
        let shown = in_context(true, |context| show::reply(&reply, context));
        fits(&serde_json::to_value(&shown).unwrap());
        prop_assert!(!shown.blocks.is_empty());
        let private = in_context(true, |context| show::plain(&reply, context));
        fits(&serde_json::to_value(&private).unwrap());
        prop_assert!(!private.blocks.is_empty());
    }

    #[test]
    fn every_view_fits(about in text(), queries in texts(30)) {
        let recent: Vec<Summary> = queries.into_iter().map(past).collect();
        in_context(true, |context| {
            for view in [
                view(&not_right(&about, context.table)),
                view(&simulate(&about, context.table)),
                home(&recent, context),
            ] {
                fits(&serde_json::to_value(view).unwrap());
            }
        });
    }
}

/// Two hundred calls with long ids: as many as fit, the others in the file.
#[tokio::test]
async fn what_is_left_out_stands_in_the_file() {
    let mut reply = of_captures(&["many-calls.pcap"], "calls --limit 200").await;
    let Reply::Calls { facts, .. } = &mut reply else {
        panic!()
    };
    for (at, one) in facts.iter_mut().enumerate() {
        one.call_id = format!("{at}-{}", "x".repeat(400));
    }
    let shown = in_context(true, |context| replied(&reply, context));
    fits(&shown);
    let last = shown["blocks"].as_array().unwrap().last().unwrap();
    assert!(
        last.to_string()
            .contains("the rest is in the file `answer-j-1.txt`"),
        "{last}"
    );
    let whole = shown["files"][0]["content"].to_string();
    let Reply::Calls { facts, .. } = &reply else {
        panic!()
    };
    assert!(facts.iter().all(|one| whole.contains(&one.call_id)));
    assert!(
        !shown["blocks"].to_string().contains("xx…"),
        "a Call-ID is cut"
    );
}

#[test]
fn the_check_sees_what_is_wrong() {
    let section =
        |text: &str| json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } });
    let button = |id: &str, text: &str, value: &str| {
        json!({
            "type": "button", "action_id": id, "value": value, "text": { "type": "plain_text", "text": text },
        })
    };
    let wrong = |blocks: Value| slack::check(&json!({ "text": "x", "blocks": blocks })).len();
    assert_eq!(wrong(json!([section("fine")])), 0);
    assert_eq!(wrong(json!([section("")])), 1);
    assert_eq!(wrong(json!([section(&"x".repeat(3_001))])), 1);
    assert_eq!(wrong(vec![section("x"); 51].into()), 1);
    assert_eq!(wrong(vec![section(&"x".repeat(2_900)); 5].into()), 1);
    let buttons = |all: Vec<Value>| json!([{ "type": "actions", "elements": all }]);
    assert_eq!(
        wrong(buttons(vec![button("a", "x", "y"), button("a", "x", "y")])),
        1
    );
    assert_eq!(wrong(buttons(vec![button("a", &"x".repeat(76), "y")])), 1);
    assert_eq!(
        wrong(buttons(vec![button("a", "x", &"y".repeat(2_001))])),
        1
    );
    let many = (0..26)
        .map(|at| button(&at.to_string(), "x", "y"))
        .collect();
    assert_eq!(wrong(buttons(many)), 1);
}
