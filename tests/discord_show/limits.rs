//! Whatever is shown fits: no card, summary, reply or form makes a payload that Discord would refuse.

use calltriage::chat::commands::Table;
use calltriage::chat::discord::show::{forms, limits as discord, message as show};
use calltriage::chat::show::forms::{not_right, simulate};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::fits;
use crate::slack_show::in_context;
use crate::slack_show::limits::{reply, text};

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_reply_fits(reply in reply()) {
        let shown = in_context(true, |context| show::reply(&reply, context));
        fits(&shown.body());
        prop_assert!(!shown.embeds.is_empty());
    }

    #[test]
    fn every_form_and_refusal_fits(about in text()) {
        let table = Table::embedded().unwrap();
        for form in [not_right(&about, &table), simulate(&about, &table)] {
            for page in 0..forms::pages(&form) {
                fits(&forms::page(&form, page, "kept:1"));
            }
        }
        fits(&show::denied(&about).body());
        fits(&show::progress(&about, &[], None).body());
    }
}

#[test]
fn the_check_sees_what_is_wrong() {
    let silent = json!({ "parse": [] });
    let message = |more: Value| {
        let mut body = json!({ "content": "x", "allowed_mentions": silent });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        discord::check(&body).len()
    };
    let embed = |text: &str| json!({ "description": text });
    let long = |count: usize| "x".repeat(count);
    assert_eq!(message(json!({})), 0);
    assert_eq!(message(json!({ "content": long(2_001) })), 1);
    assert_eq!(message(json!({ "content": "" })), 1);
    assert_eq!(message(json!({ "embeds": [embed(&long(4_097))] })), 1);
    assert_eq!(
        message(json!({ "embeds": [embed(&long(3_001)), embed(&long(3_000))] })),
        1
    );
    assert_eq!(message(json!({ "embeds": vec![embed("x"); 11] })), 1);
    let field = |name: usize, value: usize| json!({ "name": long(name), "value": long(value) });
    let fields = |all: Vec<Value>| json!({ "embeds": [{ "description": "x", "fields": all }] });
    assert_eq!(message(fields(vec![field(1, 1); 26])), 1);
    assert_eq!(message(fields(vec![field(257, 1_025)])), 2);
    let button = |id: &str, label: usize| json!({ "type": 2, "style": 2, "custom_id": id, "label": long(label) });
    let rows = |all: Vec<Vec<Value>>| {
        let row = |it: &Vec<Value>| json!({ "type": 1, "components": it });
        json!({ "components": all.iter().map(row).collect::<Vec<_>>() })
    };
    let many = |from: usize, to: usize| -> Vec<Value> {
        (from..to).map(|at| button(&at.to_string(), 1)).collect()
    };
    assert_eq!(message(rows(vec![many(0, 5); 1])), 0);
    assert_eq!(message(rows(vec![many(0, 6)])), 1);
    assert_eq!(
        message(rows((0..6).map(|at| many(at, at + 1)).collect())),
        1
    );
    assert_eq!(
        message(rows(vec![vec![button("a", 81), button(&long(101), 1)]])),
        2
    );
    assert_eq!(message(rows(vec![vec![button("a", 1), button("a", 1)]])), 1);
    assert_eq!(
        message(json!({ "allowed_mentions": { "parse": ["users"] } })),
        1
    );
    assert_eq!(
        message(json!({ "attachments": vec![json!({ "id": 0 }); 11] })),
        1
    );
    assert_eq!(discord::FILE_BYTES, 10_485_760);
}
