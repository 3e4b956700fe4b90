//! What programs read keeps to the schemas in `docs/`, whatever the captures hold.

use std::path::Path;

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use super::{Desk, capture, edited, examples, pcap};

pub fn document(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The schemas of a line of `calls` and of `diagnose`.
struct Schemas {
    facts: Validator,
    investigation: Validator,
}

impl Schemas {
    fn read() -> Schemas {
        let facts = document("facts.schema.json");
        let investigation = document("investigation.schema.json");
        for schema in [&facts, &investigation] {
            jsonschema::meta::validate(schema).unwrap();
            refuses_what_it_does_not_know(schema);
        }
        let id = facts["$id"].as_str().unwrap().to_owned();
        let registry = Registry::new().add(id, &facts).unwrap().prepare().unwrap();
        Schemas {
            investigation: jsonschema::options()
                .with_registry(&registry)
                .build(&investigation)
                .unwrap(),
            facts: jsonschema::validator_for(&facts).unwrap(),
        }
    }

    /// Everything that is said about these captures keeps to the schemas.
    #[track_caller]
    fn hold(&self, desk: &Desk, path: &str) -> usize {
        let lists = [
            (&self.facts, &["calls", "--all"][..]),
            (&self.investigation, &["diagnose", "--all"]),
        ];
        let mut lines = 0;
        for (schema, args) in lists {
            let done = desk.run(&[args, &["--json", "--capture", path]].concat());
            for line in done.json() {
                keeps(schema, &line);
                lines += 1;
            }
        }
        lines
    }
}

#[track_caller]
pub fn keeps(schema: &Validator, value: &Value) {
    let wrong: Vec<String> = schema
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?} in {value}");
}

/// Every object names all its keys, takes no other, and demands each.
pub fn refuses_what_it_does_not_know(schema: &Value) {
    if let Some(properties) = schema["properties"].as_object() {
        assert_eq!(schema["additionalProperties"], false, "{schema}");
        let required = schema["required"].as_array().unwrap();
        assert!(
            properties.keys().all(|key| required.contains(&json!(key))),
            "{schema}"
        );
        assert_eq!(properties.len(), required.len(), "{schema}");
        properties.values().for_each(refuses_what_it_does_not_know);
    }
    if let Some(defs) = schema["$defs"].as_object() {
        defs.values().for_each(refuses_what_it_does_not_know);
    }
}

#[test]
fn every_example_keeps_to_the_schemas() {
    let (schemas, desk) = (Schemas::read(), Desk::new());
    let mut files = 0;
    for entry in std::fs::read_dir(examples()).unwrap() {
        let path = entry.unwrap().path();
        assert!(schemas.hold(&desk, path.to_str().unwrap()) >= 2, "{path:?}");
        files += 1;
    }
    assert!(files > 40, "{files}");
    assert!(schemas.hold(&desk, examples().to_str().unwrap()) > 100);
}

#[test]
fn answers_to_queries_keep_to_the_schema() {
    let (schemas, desk) = (Schemas::read(), Desk::new());
    for query in [
        "busy-1@198.51.100.10",
        "441632960115",
        "198.51.100.10",
        "calls to the UK since 2026-01-01",
        "503",
        "1001",
        "nothing@here",
        "one-way audio on +44 1632 960122 around 14:00",
    ] {
        let done = desk.run(&["diagnose", "--json", query]).answered();
        keeps(&schemas.investigation, &done.one_json());
    }
    let done = desk.run(&["diagnose", "--json", "nothing@here", "--capture", "missing"]);
    keeps(&schemas.investigation, &done.one_json());
    let done = desk.say(&["--json"], "441632960105\nagain\n").answered();
    for investigation in done.json() {
        keeps(&schemas.investigation, &investigation);
    }
}

/// Messages that lack, repeat or garble what the figures are made of.
#[test]
fn hostile_captures_keep_to_the_schemas() {
    let (schemas, desk) = (Schemas::read(), Desk::new());
    let text = "0.0 cust>plat INVITE\n 0.1 plat>cust 200\n 0.2 cust>plat ACK\n 0.3 plat>cust BYE";
    let edits: &[(&str, &str)] = &[
        ("Call-ID: a@198.51.100.10\r\n", ""),
        ("CSeq: 1 INVITE\r\n", ""),
        ("CSeq: 1 INVITE", "CSeq: 99999999999999999999 INVITE"),
        ("CSeq: 1 INVITE", "CSeq: -1 FROBNICATE"),
        ("Via:", "Vai:"),
        ("From:", "From: ;;;<<<>>>\r\nX:"),
        ("To:", "To: \u{0}\u{1b}\u{fffd}\r\nX:"),
        (";tag=caller-a", ";tag="),
        ("\r\n", "\n"),
        ("\r\n\r\n", ""),
        ("441632960001", "\"\\\u{7f}\u{2028}😀"),
    ];
    let mut files = Vec::new();
    for at in 0..2 {
        for (from, to) in edits {
            files.push(pcap(&edited(text, &[(at, from, to)])));
        }
    }
    for (from, to) in [("200 Phrase", "999 Phrase"), ("200 Phrase", "000 Phrase")] {
        files.push(pcap(&edited(text, &[(1, from, to)])));
    }
    // Time that runs backwards, and a call to itself.
    files.push(capture(
        "9.0 cust>plat INVITE\n 5.0 plat>cust 200\n 1.0 cust>plat BYE",
    ));
    files.push(capture(
        "0.0 cust>cust INVITE\n 0.0 cust>cust 200\n 0.0 cust>cust BYE",
    ));
    for (at, bytes) in files.iter().enumerate() {
        let name = format!("{at}.pcap");
        desk.file(&name, bytes);
        assert!(schemas.hold(&desk, &name) > 0, "{at}");
    }
    // And every cut of a capture.
    for cut in (0..files[0].len()).step_by(211) {
        desk.file("cut.pcap", &files[0][..cut]);
        schemas.hold(&desk, "cut.pcap");
    }
}
