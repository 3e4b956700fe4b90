//! `[[sources]]` of the kind "connexcs" and `[status_page]`: what may stand there, and each mistake.

use std::time::Duration;

use calltriage::config::{
    Config, ConnexCs, Credentials, EMBEDDED, Limits, SourceKind, StatusPageKind, Surroundings,
};

/// Reads a text where every variable with a name of ours has a value.
fn parse(text: &str) -> Result<Config, String> {
    let variable = |name: &str| name.starts_with("CONNEXCS_").then(|| "canary".to_owned());
    let around = Surroundings::new("/etc/calltriage", &variable);
    Config::parse("c.toml", text, &around).map_err(|error| error.to_string())
}

fn connexcs(keys: &str) -> Result<ConnexCs, String> {
    let text = format!("[[sources]]\nname = \"main\"\nkind = \"connexcs\"\n{keys}");
    let config = parse(&text)?;
    let SourceKind::ConnexCs(connexcs) = &config.sources[0].kind else {
        panic!("{config:?}");
    };
    Ok(connexcs.as_ref().clone())
}

const BASE: &str = "base_url = \"https://app.connexcs.com/api/cp/\"\n";
const TOKEN: &str = "token = { value = \"canary\" }\n";

fn problem(keys: &str) -> String {
    let said = connexcs(keys).unwrap_err();
    assert!(!said.contains("canary"), "{said}");
    said
}

#[test]
fn what_is_left_out_has_its_default() {
    let it = connexcs(&format!("{BASE}{TOKEN}")).unwrap();
    assert_eq!(it.base_url.as_str(), "https://app.connexcs.com/api/cp/");
    assert_eq!(it.deadline, Duration::from_secs(15));
    assert_eq!(it.cdr_deadline, Duration::from_secs(30));
    assert_eq!(it.limits, Limits::default());
    assert_eq!(it.endpoints, calltriage::config::Endpoints::default());
    assert_eq!(it.support_phone, None);
    assert!(parse("").unwrap().status_page.is_none());
}

#[test]
fn the_annotated_file_shows_the_defaults() {
    // Its section with all keys switched on, but the endpoints, which have none.
    let section = EMBEDDED.split("#[[sources]]").nth(2).unwrap();
    let section = section.split("\n\n").next().unwrap();
    let keys: Vec<_> = section
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase() || c == '['))
        .collect();
    let text = format!("[[sources]]\n{}", keys.join("\n"));
    let config = parse(&text).unwrap();
    let SourceKind::ConnexCs(shown) = &config.sources[0].kind else {
        panic!("{config:?}");
    };
    let usual = connexcs(&format!("{BASE}{TOKEN}")).unwrap();
    assert_eq!(shown.limits, usual.limits);
    assert_eq!(shown.deadline, usual.deadline);
    assert_eq!(shown.cdr_deadline, usual.cdr_deadline);
    assert_eq!(shown.base_url, usual.base_url);
}

#[test]
fn the_annotated_file_names_every_kind_of_credential() {
    for (shown, expected) in [
        (
            "token = { env = \"CONNEXCS_TOKEN\" }",
            "Token(Secret(hidden))",
        ),
        (
            "refresh_token = { env = \"CONNEXCS_REFRESH_TOKEN\" }",
            "RefreshToken(Secret(hidden))",
        ),
        (
            "username = { env = \"CONNEXCS_USER\" }\npassword = { env = \"CONNEXCS_PASSWORD\" }",
            "User { username: Secret(hidden), password: Secret(hidden) }",
        ),
    ] {
        for key in shown.lines() {
            assert!(EMBEDDED.contains(key), "{key}");
        }
        let credentials = connexcs(&format!("{BASE}{shown}\n")).unwrap().credentials;
        assert_eq!(format!("{credentials:?}"), expected);
    }
}

#[test]
fn every_key_is_read() {
    let it = connexcs(&format!(
        r#"{BASE}username = {{ value = "ann@example.com" }}
        password = {{ value = "x y" }}
        deadline = "5s"
        cdr_deadline = "1m"
        support_phone = "+44 20 7946 0000"
        [sources.endpoints]
        register_log = "a?s={{search}}"
        simulate = "b"
        firewall = "c"
        registrations = "d"
        did = "e/{{search}}"
        dialogs = "f/"
        [sources.limits]
        burst = 1
        spacing = "0s"
        in_flight = 2
        cdr_in_flight = 1
        retries = 0
        back_off = "1s"
        cache = "0s"
        largest_body = "500kB"
        "#
    ))
    .unwrap();
    let Credentials::User { username, password } = &it.credentials else {
        panic!("{:?}", it.credentials);
    };
    assert_eq!(
        (username.expose(), password.expose()),
        ("ann@example.com", "x y")
    );
    let ends = &it.endpoints;
    let paths = [
        &ends.register_log,
        &ends.simulate,
        &ends.firewall,
        &ends.registrations,
        &ends.did,
        &ends.dialogs,
    ]
    .map(|path| path.as_deref().unwrap());
    assert_eq!(paths, ["a?s={search}", "b", "c", "d", "e/{search}", "f/"]);
    let count = |n: u32| n.try_into().unwrap();
    let limits = Limits {
        burst: count(1),
        spacing: Duration::ZERO,
        in_flight: count(2),
        cdr_in_flight: count(1),
        retries: 0,
        back_off: Duration::from_secs(1),
        cache: Duration::ZERO,
        largest_body: 500_000,
    };
    assert_eq!(it.limits, limits);
    assert_eq!(it.support_phone.as_deref(), Some("+44 20 7946 0000"));
    assert_eq!(it.cdr_deadline, Duration::from_secs(60));
}

#[test]
fn exactly_one_credential() {
    let allowed = "allowed: exactly one of token, refresh_token, or username with password";
    let refresh = "refresh_token = { value = \"canary\" }\n";
    let user = "username = { value = \"canary\" }\npassword = { value = \"canary\" }\n";
    let check =
        |keys: &str, expected: &str| assert_eq!(problem(&format!("{BASE}{keys}")), expected);
    check(
        "",
        &format!("c.toml:1: sources[0].token: missing; {allowed}"),
    );
    check(
        &format!("{TOKEN}{refresh}"),
        &format!("c.toml:6: sources[0].refresh_token: found token and refresh_token; {allowed}"),
    );
    check(
        &format!("{TOKEN}{user}"),
        &format!("c.toml:6: sources[0].username: found token and username; {allowed}"),
    );
    check(
        "username = { value = \"canary\" }\n",
        "c.toml:1: sources[0].password: missing; allowed: one of { env = \"NAME\" }, { file = \"path\" }, { value = \"...\" }",
    );
    check(
        "username = { value = \"canary:x\" }\npassword = { value = \"canary\" }\n",
        "c.toml:5: sources[0].username: found a user name with a colon, which cannot be sent; allowed: the e-mail address of a user",
    );
    check(
        "token = { value = \"canary canary\" }\n",
        "c.toml:5: sources[0].token: found blanks or other characters that no token has (not shown); allowed: a token as the platform shows it",
    );
    check(
        "tokn = { value = \"canary\" }\n",
        &format!(
            "c.toml:1: sources[0].token: missing; {allowed}\nc.toml:5: sources[0].tokn: unknown key; allowed: name, kind, base_url, token, refresh_token, username, password, deadline, cdr_deadline, support_phone, endpoints, limits; did you mean token?"
        ),
    );
}

#[test]
fn nothing_travels_in_the_clear() {
    let base = |url: &str| connexcs(&format!("base_url = {url:?}\n{TOKEN}"));
    for fine in [
        "https://app.connexcs.com/api/cp",
        "http://127.0.0.1:8080/",
        "http://127.9.9.9/",
        "http://[::1]:1/x/",
        "http://localhost:8080/",
    ] {
        base(fine).unwrap();
    }
    for (wrong, found) in [
        (
            "http://app.connexcs.com/",
            "found http:// to another machine, where anybody on the way can read along",
        ),
        (
            "http://127.0.0.1.example.com/",
            "found http:// to another machine, where anybody on the way can read along",
        ),
        (
            "http://192.0.2.1/",
            "found http:// to another machine, where anybody on the way can read along",
        ),
        ("ftp://example.com/", "found an address that is not http"),
        ("app.connexcs.com/canary", "found no address (not shown)"),
        (
            "https://ann:canary@example.com/",
            "found an address with a user or a password in it (not shown)",
        ),
        (
            "https://example.com/#canary",
            "found an address with a # in it",
        ),
        (
            "https://example.com/?canary=1",
            "found an address with a query",
        ),
    ] {
        let said = base(wrong).unwrap_err();
        let expected = format!(
            "c.toml:4: sources[0].base_url: {found}; allowed: an address as in \"https://example.com/api/\"; http:// only for this machine, as in \"http://127.0.0.1:8080/\""
        );
        assert_eq!(said, expected);
    }
}

#[test]
fn endpoints_stand_below_the_base_address() {
    for wrong in [
        "/x",
        "../x",
        "x/../y",
        "https://example.com/x",
        "x y",
        "x#y",
        "x\\\\y",
        "?s=1",
        "x//y",
    ] {
        let keys = format!("{BASE}{TOKEN}[sources.endpoints]\nsimulate = \"{wrong}\"\n");
        let said = problem(&keys);
        assert!(
            said.contains("allowed: a path below base_url"),
            "{wrong}: {said}"
        );
    }
}

#[test]
fn numbers_have_their_range() {
    for (key, wrong, allowed) in [
        ("burst", "0", "a whole number, 1 or more"),
        ("burst", "-1", "a whole number, 1 or more"),
        ("in_flight", "1.5", "a whole number, 1 or more"),
        ("retries", "-1", "a whole number, 0 or more"),
        ("retries", "99999999999", "a whole number, 0 or more"),
        (
            "largest_body",
            "\"0MB\"",
            "a size with its unit, as in \"500kB\", \"32MB\" or \"1GB\"",
        ),
        (
            "largest_body",
            "32",
            "a size with its unit, as in \"500kB\", \"32MB\" or \"1GB\"",
        ),
        (
            "largest_body",
            "\"99999999999999999GB\"",
            "a size with its unit, as in \"500kB\", \"32MB\" or \"1GB\"",
        ),
    ] {
        let said = problem(&format!("{BASE}{TOKEN}[sources.limits]\n{key} = {wrong}\n"));
        assert!(
            said.contains(&format!("sources[0].limits.{key}: found")),
            "{said}"
        );
        assert!(said.ends_with(&format!("allowed: {allowed}")), "{said}");
    }
}

#[test]
fn the_status_page() {
    let read = |text: &str| parse(&format!("[status_page]\n{text}"));
    for (word, kind) in [
        ("statuspage", StatusPageKind::Statuspage),
        ("instatus", StatusPageKind::Instatus),
        ("uptime-kuma", StatusPageKind::UptimeKuma),
        ("feed", StatusPageKind::Feed),
    ] {
        let config = read(&format!(
            "kind = {word:?}\nurl = \"https://s.example/a?b=c\"\n"
        ))
        .unwrap();
        let page = config.status_page.unwrap();
        assert_eq!((page.kind, page.deadline), (kind, Duration::from_secs(3)));
        assert_eq!(page.url.as_str(), "https://s.example/a?b=c");
    }
    assert_eq!(
        read("kind = \"html\"\nurl = \"http://s.example/\"\n").unwrap_err(),
        "c.toml:2: status_page.kind: found \"html\"; allowed: \"statuspage\", \"instatus\", \"uptime-kuma\", \"feed\"\n\
         c.toml:3: status_page.url: found http:// to another machine, where anybody on the way can read along; allowed: an address as in \"https://example.com/api/\"; http:// only for this machine, as in \"http://127.0.0.1:8080/\""
    );
    assert!(read("").unwrap_err().contains("status_page.kind: missing"));
}
