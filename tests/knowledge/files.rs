//! Files with more entries: what they add and replace, and everything that can be wrong with them.

use calltriage::knowledge::{FILES, Knowledge};
use proptest::prelude::*;

use super::known;

fn with(text: &str) -> Result<Knowledge, Vec<String>> {
    known().clone().with(text).map_err(|flaws| {
        let said = |flaw: &calltriage::knowledge::Flaw| {
            let column = flaw.column.map_or(String::new(), |it| format!(":{it}"));
            format!("{}{column} {}: {}", flaw.line, flaw.key, flaw.said)
        };
        flaws.iter().map(said).collect()
    })
}

fn wrong(text: &str, expected: &[&str]) {
    assert_eq!(with(text).err().unwrap_or_default(), expected, "{text}");
}

const OWN: &str = r#"
[[reasons]]
text = "No routes available: lock"
parties = ["carrier", "far-end"]
meaning = "Ours."
next = ["Do it."]

[[reasons]]
text = "Tenant suspended"
parties = ["customer"]
platform_only = true
meaning = "The tenant is suspended."
next = []

[[codes]]
code = 499
phrase = "Tenant Gone"
meaning = "Ours."

[[release_reasons]]
text = "Fraud Timeout"
side = "downstream"
meaning = "Fraud."
next = []
"#;

#[test]
fn the_built_in_files_have_no_flaw() {
    let mut all = Knowledge::default();
    for (name, text) in FILES {
        all = all
            .with(text)
            .unwrap_or_else(|flaws| panic!("{name}: {flaws:?}"));
    }
    assert_eq!(format!("{all:?}"), format!("{:?}", known()));
}

#[test]
fn an_entry_about_the_same_replaces_it_and_others_are_added() {
    let own = with(OWN).unwrap();
    let lock = own.reason("No Routes Available (Lock)").unwrap().entry;
    assert_eq!(
        (lock.meaning.as_str(), lock.platform_only),
        ("Ours.", false)
    );
    assert_eq!(own.reasons().count(), known().reasons().count() + 1);
    assert!(own.platform_reason("Tenant Suspended (42)").is_some());
    assert_eq!(own.sip_code(499).unwrap().reference, "");
    assert_eq!(
        own.release("fraud timeout - x").unwrap().entry.meaning,
        "Fraud."
    );
    // The others are as they were.
    assert_eq!(
        own.reason("IP Not Authorised"),
        known().reason("IP Not Authorised")
    );
    assert_eq!(own.sip_code(503), known().sip_code(503));
    // The latest file counts.
    let twice = own.with(&OWN.replace("Ours.", "Ours too.")).unwrap();
    assert_eq!(
        twice
            .reason("no routes available lock")
            .unwrap()
            .entry
            .meaning,
        "Ours too."
    );
    assert_eq!(twice.reasons().count(), known().reasons().count() + 1);
}

/// A text that another entry has among its other forms is the one that was written last.
#[test]
fn the_latest_of_two_entries_with_one_form_counts() {
    let own = with(
        "[[reasons]]\ntext = \"Server not accepting calls\"\nparties = [\"platform\"]\nmeaning = \"M.\"\nnext = []\n",
    );
    let own = own.unwrap();
    let parties = |text: &str| own.reason(text).unwrap().entry.meaning.clone();
    assert_eq!(parties("Server not accepting calls"), "M.");
    assert_eq!(parties("Server not accepting calls (Expired)"), "M.");
    assert_ne!(parties("Server not accepting calls (Paused)"), "M.");
}

#[test]
fn everything_that_is_wrong_is_said_with_its_place() {
    wrong(
        r#"frob = 1
reasons = "x"
[[codes]]
code = 99
phrase = "P"
meaning = "M."
[[causes]]
cause = 200
name = "N"
meaning = "M."
side = "nobody"
[[causes]]
cause = 300
name = "N"
meaning = "M."
side = "nobody"
[[release_reasons]]
text = "Upstream X"
side = "upstream"
parties = ["carrier"]
meaning = "M."
next = []
[[release_reasons]]
text = "Nothing said"
meaning = "M."
next = []
[[fail_over]]
first = 500
last = 400
routing = "stops"
meaning = "M."
next = []
[[timers]]
name = "T"
default = -1
note = "N."
"#,
        &[
            "1 frob: unknown section; known are codes, causes, reasons, platform_codes, \
             release_reasons, fail_over, gateway_fail_over, timers, waits, lifetimes, symptoms, \
             pictures, agents",
            "2 reasons: not sections [[reasons]]",
            "4 codes[0].code: 99 is no response code: they go from 100 to 699",
            "8 causes[0].cause: 200 is no cause: they go from 1 to 127",
            "13 causes[1].cause: invalid value: integer `300`, expected u8",
            "20 release_reasons[0].parties: stands beside a side, which says who it is",
            "23 release_reasons[1].parties: names no party; \"undecided\" where it is not known, \
             \"nobody\" where nothing is wrong",
            "29 fail_over[0].last: 400 is before 500",
            "35 timers[0].default: is no number of seconds",
        ],
    );
    let reason = |lines: &str| format!("[[reasons]]\n{lines}");
    let rest = "parties = [\"carrier\"]\nmeaning = \"M.\"\nnext = []\n";
    for (lines, expected) in [
        (
            "text = \"A\"\nparties = [\"carier\"]\nmeaning = \"M.\"\nnext = []".to_owned(),
            "3 reasons[0].parties: unknown variant `carier`, expected one of `customer`, \
             `configuration`, `platform`, `carrier`, `far-end`, `network`, `nobody`, `undecided`",
        ),
        (
            format!("text = \"A\"\nmeening = \"M.\"\n{rest}"),
            "3 reasons[0].meening: unknown field `meening`, expected one of `text`, `also`, `codes`, \
             `kind`, `platform_only`, `parties`, `meaning`, `next`, `asks`, `source`",
        ),
        (rest.to_owned(), "1 reasons[0]: missing field `text`"),
        (
            format!("text = 5\n{rest}"),
            "2 reasons[0].text: invalid type: integer `5`, expected a string",
        ),
        (
            format!("text = \"?!\"\n{rest}"),
            "2 reasons[0].text: has no letter and no digit",
        ),
        (
            format!("text = \"A\"\nalso = [\"B\", \"..\"]\n{rest}"),
            "3 reasons[0].also: has no letter and no digit",
        ),
        (
            format!("text = \"A\"\ncodes = [503, 5003]\n{rest}"),
            "3 reasons[0].codes: 5003 is no response code: they go from 100 to 699",
        ),
        (
            "text = \"A\"\nparties = []\nmeaning = \"M.\"\nnext = []".to_owned(),
            "3 reasons[0].parties: names no party; \"undecided\" where it is not known, \"nobody\" \
             where nothing is wrong",
        ),
        (
            format!("text = \"A\"\n{rest}[[reasons]]\ntext = \"(a)\"\n{rest}"),
            "6 reasons[1]: stands twice in this file",
        ),
    ] {
        wrong(&reason(&lines), &[expected]);
    }
    wrong(
        "reasons = [7]",
        &["1 reasons[0]: invalid type: integer `7`, expected struct Reason"],
    );
}

#[test]
fn hostile_texts_are_refused() {
    let texts = [
        "\\u001b[2J",
        "a\\nb",
        "\\u0000",
        "a\\u007f",
        "",
        " ",
        &"x".repeat(1001),
    ];
    for text in texts {
        let file = format!(
            "[[reasons]]\ntext = \"A\"\nparties = [\"carrier\"]\nmeaning = \"M.\"\nnext = [\"ok\", \"{text}\"]\n"
        );
        let expected = "5 reasons[0].next[1]: not a text on one line, with at least one and at most \
                        1000 characters";
        wrong(&file, &[expected]);
    }
}

#[test]
fn not_toml() {
    let said = with("[[reasons]\ntext = A\n").err().unwrap();
    assert!(
        said.iter().all(|it| it.contains("not valid TOML")),
        "{said:?}"
    );
    assert!(said[0].starts_with("1:"), "{said:?}");
}

proptest! {
    #[test]
    fn no_file_panics(text in "(?s).{0,300}") {
        let _ = with(&text);
    }

    #[test]
    fn no_nearly_right_file_panics(
        text in r#"(\[\[(reasons|lifetimes|timers|codes|fail_over)\]\]\n|(text|code|first|last|every|at|default|parties|next|id) = ("[a-zA-Z (]{0,6}"|\[[0-9]{0,4}\]|-?[0-9]{1,12}|nan|1e300|\["carrier"\])\n){0,12}"#
    ) {
        let _ = with(&text);
    }

    #[test]
    fn no_text_panics(text in "(?s).{0,200}") {
        let _ = known().reason(&text);
        let _ = known().release(&text);
        let _ = known().timer(&text);
    }

    /// Whatever stands around the words, the entry is the same.
    #[test]
    fn punctuation_between_words_never_counts(
        n in 0_usize..44,
        marks in proptest::collection::vec("[ ./(),:;_-]{1,3}", 12),
    ) {
        let entry = known().reasons().nth(n % known().reasons().count()).unwrap();
        let words = entry.text.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty());
        let text: String = words.zip(&marks).map(|(word, mark)| format!("{mark}{word}")).collect();
        prop_assert_eq!(&known().reason(&text).unwrap().entry.text, &entry.text);
    }
}
