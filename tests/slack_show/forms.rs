//! A form that was sent stands for one command, whatever was typed into it.

use calltriage::chat::commands::Table;
use calltriage::chat::show::forms::{FormKind, command, simulate};
use calltriage::chat::slack::show::forms::view;
use serde_json::json;

fn filled(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    fields.iter().map(own).collect()
}

#[test]
fn a_wrong_verdict_is_marked_with_what_was_said() {
    let fields = filled(&[
        ("reason", "the carrier\nadmits --party nobody it"),
        ("party", "carrier"),
        ("rule", ""),
    ]);
    let command = command(FormKind::Wrong, "20261201-091002-abc123", &fields).unwrap();
    assert_eq!(
        command,
        "wrong --call=20261201-091002-abc123 --party=carrier the carrier admits party nobody it"
    );
    let table = Table::embedded().unwrap();
    let parsed = table.parse(&command).unwrap();
    assert_eq!(parsed.options.text("call"), Some("20261201-091002-abc123"));
    assert_eq!(parsed.options.text("party"), Some("carrier"));
    assert_eq!(parsed.rest, "the carrier admits party nobody it");
}

#[test]
fn a_simulation_runs_with_the_values_of_the_form() {
    let offered = "simulate --dialled=44178 --cli=44163 --source=main --confirm";
    let table = Table::embedded().unwrap();
    let view = serde_json::to_value(view(&simulate(offered, &table))).unwrap();
    assert_eq!(view["private_metadata"], "main");
    let fields: Vec<_> = view["blocks"].as_array().unwrap().iter().skip(1).collect();
    assert_eq!(fields[0]["block_id"], "dialled");
    assert_eq!(fields[0]["element"]["initial_value"], "44178");
    assert_eq!(fields[2]["element"]["initial_value"], json!(null));
    let fields = filled(&[("dialled", " 44179 "), ("cli", "44163"), ("switch", "")]);
    assert_eq!(
        command(FormKind::Simulate, "main", &fields),
        Ok("simulate --dialled=44179 --cli=44163 --source=main --confirm".to_owned())
    );
    let fields = filled(&[("dialled", "44179 --confirm"), ("cli", "1")]);
    let wrong = command(FormKind::Simulate, "main", &fields).unwrap_err();
    assert_eq!(wrong.len(), 1);
    assert_eq!(wrong[0].0, "dialled");
}
