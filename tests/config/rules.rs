//! `[rules]`: what is taken of it, and what the catalogue says to the rest.

use calltriage::app;
use calltriage::config::{Config, Surroundings};
use calltriage::diagnosis::finding::Severity;
use calltriage::diagnosis::rules;

fn tuned(text: &str) -> Result<calltriage::diagnosis::Tuning, String> {
    let around = Surroundings::new("", &|_| None);
    let config = Config::parse("c.toml", text, &around).map_err(|it| it.to_string())?;
    app::tuning(&config).map_err(|it| it.to_string())
}

#[test]
fn rules_are_switched_off_weighed_and_limited() {
    let tuning = tuned(
        r#"
[rules]
off = ["late-audio"]
[rules.severity]
high-pdd = "info"
[rules.limits]
"high-pdd.slow" = "6s"
binding-flaps.registers = 9
"#,
    )
    .unwrap();
    let rule = |id: &str| rules::find(id).unwrap();
    assert!(tuning.is_off(rule("late-audio")));
    assert!(!tuning.is_off(rule("high-pdd")));
    assert_eq!(tuning.severity(rule("high-pdd")), Some(Severity::Info));
    let limit = |id: &str, at: usize| tuning.figure(rule(id).limits[at]).to_string();
    assert_eq!(limit("high-pdd", 0), "6s");
    assert_eq!(limit("high-pdd", 1), "8s", "as declared");
    assert_eq!(limit("binding-flaps", 0), "9");
}

#[test]
fn calls_are_signed_in_north_america_unless_other_countries_are_named() {
    let signs = |text: &str, iso: &str| {
        let country = calltriage::call::country_of(iso).unwrap();
        tuned(text).unwrap().signs(&country)
    };
    let written = |countries: &str| format!("[rules]\nsigning_countries = {countries}\n");
    assert!(signs("", "US") && signs("", "CA") && !signs("", "FR"));
    let french = written(r#"["FR"]"#);
    assert!(signs(&french, "FR") && !signs(&french, "US"));
    assert!(!signs(&written("[]"), "US"));
    assert_eq!(
        tuned(&written(r#"["US", "fr", "Utopia"]"#)).unwrap_err(),
        "c.toml:2: rules.signing_countries[1]: found \"fr\"; allowed: two capital letters of ISO 3166, as in \"US\"; \
         did you mean \"FR\"?\n\
         c.toml:2: rules.signing_countries[2]: found \"Utopia\"; allowed: two capital letters of ISO 3166, as in \
         \"US\""
    );
}

#[test]
fn what_the_catalogue_does_not_know_is_said_with_its_line() {
    let said = tuned(
        r#"
[rules]
off = ["high-pd"]
severity = { high-pdd = "loud" }
[rules.limits]
high-pdd.slo = "6s"
high-pdd.slow = "6 %"
"#,
    )
    .unwrap_err();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines[0],
        "c.toml:3: rules.off[0]: no rule has this id; allowed: an id as `calltriage rules` lists them; did you mean \
         high-pdd?"
    );
    assert_eq!(
        lines[1],
        "c.toml:4: rules.severity.high-pdd: found \"loud\"; allowed: \"info\", \"warning\", \"error\""
    );
    assert!(lines[2].starts_with("c.toml:6: rules.limits.high-pdd.slo: no rule has this limit"));
    assert!(
        lines[2].ends_with("did you mean high-pdd.slow?"),
        "{}",
        lines[2]
    );
    assert_eq!(
        lines[3],
        "c.toml:7: rules.limits.high-pdd.slow: found \"6 %\"; allowed: a time with its unit, as in \"500ms\", \
         \"4s\" or \"10m\""
    );
}
