//! Secrets: the three ways to write them, and that nothing ever shows them.

use std::time::Duration;

use calltriage::config::reader::{Reading, read};
use calltriage::config::{ConfigError, Secret, Surroundings};

/// Reads a file whose only key is the secret `token`, in a folder that has the files `token` and `empty`.
fn token(text: &str) -> Result<Secret, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "canary-file\n").unwrap();
    std::fs::write(folder.path().join("empty"), "\n").unwrap();
    let variable = |name: &str| (name == "TOKEN").then(|| "canary-env".to_owned());
    let around = Surroundings::new(folder.path(), &variable);
    let outcome: Result<Reading<Secret>, ConfigError> =
        read("c.toml", text, &around, |root| root.required("token"));
    let place = format!("{}/", folder.path().display());
    outcome
        .map(|reading| reading.value)
        .map_err(|error| error.to_string().replace(&place, ""))
}

#[test]
fn three_ways() {
    assert_eq!(
        token(r#"token = { env = "TOKEN" }"#).unwrap().expose(),
        "canary-env"
    );
    assert_eq!(
        token(r#"token = { file = "token" }"#).unwrap().expose(),
        "canary-file"
    );
    assert_eq!(
        token(r#"token = { value = "canary" }"#).unwrap().expose(),
        "canary"
    );
    assert_eq!(
        token("[token]\nvalue = \"canary\"").unwrap().expose(),
        "canary"
    );
}

#[test]
fn what_is_wrong_is_said_without_the_secret() {
    let check = |text: &str, found: &str| {
        let said = token(text).unwrap_err();
        let allowed = r#"one of { env = "NAME" }, { file = "path" }, { value = "..." }"#;
        assert_eq!(
            said,
            format!("c.toml:1: token: {found}; allowed: {allowed}")
        );
    };
    check(r#"token = "canary""#, "found a plain value (not shown)");
    check(r#"token = ["canary"]"#, "found a plain value (not shown)");
    check(
        r#"token = { vlaue = "canary" }"#,
        "found another table (not shown)",
    );
    check(
        r#"token = { env = "TOKEN", value = "canary" }"#,
        "found another table (not shown)",
    );
    check(
        r#"token = { env = "NONE" }"#,
        "the environment variable NONE is not set",
    );
    check(
        r#"token = { env = "xoxb-canary" }"#,
        "the environment variable (not shown: no usual name) is not set",
    );
    check(
        r#"token = { file = "none" }"#,
        "cannot read none: it does not exist",
    );
    check(r#"token = { file = "empty" }"#, "found an empty secret");
    check(r#"token = { value = "" }"#, "found an empty secret");
    check("", "missing");
}

#[test]
fn debug_hides_it() {
    let secret = token(r#"token = { value = "canary" }"#).unwrap();
    assert_eq!(
        format!("{secret:?} {:#?}", Some(&secret)),
        "Secret(hidden) Some(\n    Secret(hidden),\n)"
    );
}

#[test]
fn times_have_units() {
    let time = |text: &str| {
        let around = Surroundings::new("", &|_| None);
        let outcome = read("c.toml", text, &around, |root| {
            root.required::<Duration>("t")
        });
        outcome
            .map(|reading| reading.value)
            .map_err(|error| error.to_string())
    };
    let check =
        |text: &str, ms: u64| assert_eq!(time(text), Ok(Duration::from_millis(ms)), "{text}");
    check(r#"t = "500ms""#, 500);
    check(r#"t = "30s""#, 30_000);
    check(r#"t = "15m""#, 900_000);
    check(r#"t = "1h 30m""#, 5_400_000);
    check(r#"t = "90d""#, 90 * 86_400_000);
    let allowed = r#"allowed: a time with its unit, as in "500ms", "30s", "15m", "2h" or "90d""#;
    assert_eq!(
        time("t = 30"),
        Err(format!(
            "c.toml:1: t: found 30; {allowed}; did you mean \"30s\"?"
        ))
    );
    for wrong in ["30", "-5s", "1 month", "soon", ""] {
        let expected = format!("c.toml:1: t: found {wrong:?}; {allowed}");
        assert_eq!(time(&format!("t = {wrong:?}")), Err(expected));
    }
}
