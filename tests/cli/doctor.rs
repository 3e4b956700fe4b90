//! `doctor`: a set-up that works, one that does not, and what is said of each.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use calltriage::demo::{Behaviour, Credentials, Endpoint, World};
use serde_json::json;
use tokio::task::block_in_place;

use super::{Desk, Done, capture};
use crate::support::connexcs::Fake;
use crate::support::http::{Server, answer};

const CALL: &str = "0.0 cust>plat INVITE\n0.1 plat>cust 486\n0.2 cust>plat ACK";

/// The settings of a bot that asks the API at this address.
fn settings(base_url: &str, more: &str) -> String {
    format!(
        "[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"{base_url}\"\n\
         token = {{ value = \"demo\" }}\ndeadline = \"2s\"\n\
         [sources.limits]\nretries = 0\nspacing = \"1ms\"\n{more}"
    )
}

fn doctor(desk: &Desk, args: &[&str]) -> Done {
    block_in_place(|| desk.run(&[&["doctor"], args].concat()))
}

/// What was said, without what differs from run to run.
fn lines(done: &Done, addresses: &[&str]) -> String {
    let mut text = done.out.clone();
    for address in addresses {
        text = text.replace(address, "ADDRESS");
    }
    let timeless = |line: &str| match line.rsplit_once(" (") {
        Some((before, after)) if after.ends_with(" ms)") => format!("{before} (N ms)"),
        _ => line.to_owned(),
    };
    text.lines().map(timeless).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_set_up_that_works() {
    let fake = Fake::start().await;
    let address = fake.address.to_string();
    let desk = Desk::new();
    desk.file("call.pcap", capture(CALL));
    let more = format!(
        "[sources.endpoints]\nregister_log = \"demo/register-log?s={{search}}\"\n\
         simulate = \"demo/simulate\"\n\
         [[sources]]\nname = \"edge\"\nkind = \"captures\"\npaths = [\"call.pcap\"]\n\
         [status_page]\nkind = \"statuspage\"\nurl = \"http://{address}/status/api/v2/summary.json\"\n"
    );
    desk.file("run.toml", settings(&fake.base_url(), &more));
    let done = doctor(&desk, &["--config", "run.toml"]).answered();
    insta::assert_snapshot!(lines(&done, &[&address]), @r"
    ✓ works        configuration: run.toml
    ✓ works        knowledge: what is built in; no file is configured
    ✓ works        store: opens, writes and reads (N ms)
    ✓ works        status page: lists no incident (N ms)
    ✓ works        main credential: taken for the account of Example Voice Ltd; it does not say when it ends (N ms)
    ✓ works        main clock: ours and the platform's are no more than a minute apart
    ✓ works        main log: answers with a list of 0 (N ms)
    ✓ works        main log/trace: answers with a list of 0 (N ms)
    ✓ works        main log/rtcp: answers with a list of 0 in `processed` (N ms)
    ✓ works        main log/class5: answers with a list of 0 (N ms)
    ✓ works        main log/ai-agent: answers with a list of 0 (N ms)
    ✓ works        main transcribe: answers with a list of 0 (N ms)
    ✓ works        main cdr: answers with a list of 0 (N ms)
    ✓ works        main breakout-aggrid: answers with a list of 0 (N ms)
    ✓ works        main customer: answers with a list of 0 (N ms)
    ✓ works        main carrier: answers with a list of 2 (N ms)
    ✓ works        main switch/user: answers with a list of 1 (N ms)
    ✓ works        main switch/ip: answers with a list of 1 (N ms)
    ✓ works        main cli: answers with a list of 0 (N ms)
    ✓ works        main routing: answers with a list of 2 (N ms)
    ✓ works        main card: answers with no record (N ms)
    ✓ works        main payment: answers with a list of 1 (N ms)
    ✓ works        main setup/server/rtp-group: answers with a list of 2 (N ms)
    ✓ works        main setup/rtp: answers with a list of 2 (N ms)
    ✓ works        main docs: answers with a list of 0 (N ms)
    ✓ works        main demo/register-log?s={search}: answers with a list of 0 (N ms)
    – not checked  main firewall: no path is configured (sources.endpoints.firewall): what it would tell is not checked
    – not checked  main registrations: no path is configured (sources.endpoints.registrations): what it would tell is not checked
    – not checked  main did: no path is configured (sources.endpoints.did): what it would tell is not checked
    – not checked  main dialogs: no path is configured (sources.endpoints.dialogs): what it would tell is not checked
    – not checked  main simulate: a path is configured, and not tried: it would leave an entry in the log
    ✓ works        edge captures: 1 Call-ID in 1 capture (N ms)
    ");
    assert!(fake.platform.seen().of(Endpoint::Simulate).is_empty());
    // The probe is gone, and what is asked is harmless: it is asked again without a trace.
    let again = doctor(&desk, &["--config", "run.toml", "--json"])
        .answered()
        .one_json();
    assert_eq!(again["works"], true);
    let store = json!({
        "part": "store", "what": "", "state": "works", "said": "opens, writes and reads",
        "took_ms": again["checks"][2]["took_ms"],
    });
    assert_eq!(again["checks"][2], store);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_set_up_with_faults() {
    let fake = Fake::start().await;
    let address = fake.address.to_string();
    fake.always(Endpoint::Trace, Behaviour::forbidden());
    fake.always(Endpoint::Rtcp, Behaviour::broken());
    fake.always(Endpoint::ClassFive, Behaviour::HalfJson);
    fake.always(Endpoint::Cdr, Behaviour::WrongShape);
    fake.always(Endpoint::Carriers, Behaviour::too_many(None));
    fake.always(Endpoint::SipUsers, Behaviour::Empty);
    fake.always(Endpoint::IpEntries, Behaviour::Wrapped("data"));
    fake.always(Endpoint::MediaZones, Behaviour::Hang);
    fake.always(Endpoint::Status, Behaviour::Drop);
    let desk = Desk::new();
    desk.file("broken.toml", "[[sip_code]]\n");
    let more = format!(
        "[[sources]]\nname = \"edge\"\nkind = \"captures\"\npaths = [\"missing.pcap\"]\n\
         [status_page]\nkind = \"statuspage\"\nurl = \"http://{address}/status/api/v2/summary.json\"\n\
         [knowledge]\nfiles = [\"missing.toml\"]\n"
    );
    desk.file("run.toml", settings(&fake.base_url(), &more));
    // A file where the store's folder should be.
    desk.file("state/calltriage", "");
    let done = doctor(&desk, &["--config", "run.toml"]);
    assert_eq!((done.code, &*done.err), (Some(1), ""), "{done:?}");
    let dir = desk.path("state").display().to_string();
    insta::assert_snapshot!(lines(&done, &[&address, &dir]), @r#"
    ✓ works        configuration: run.toml
    ✗ does not     knowledge: [knowledge] files: cannot read missing.toml: it does not exist
    ✗ does not     store: going on without history: the store cannot be used: the folder ADDRESS/calltriage: File exists (os error 17); set [store] path to a folder that can be written
    ✗ does not     status page: not verified: the status page cannot be reached from here: the connection was cut before an answer came; look for yourself at http://ADDRESS/status/api/v2/summary.json (N ms)
    ✓ works        main credential: taken for the account of Example Voice Ltd; it does not say when it ends (N ms)
    ✓ works        main clock: ours and the platform's are no more than a minute apart
    ✓ works        main log: answers with a list of 0 (N ms)
    ✗ does not     main log/trace: our permission does not cover this at the platform's API (403): let its administrator grant our user to read it; it said: Access Denied (N ms)
    ✗ does not     main log/rtcp: the platform's API answered 500 Internal Server Error: ask again later (N ms)
    ✗ does not     main log/class5: the platform's answer is cut off after 1 bytes; ask again (N ms)
    ✓ works        main log/ai-agent: answers with a list of 0 (N ms)
    ✓ works        main transcribe: answers with a list of 0 (N ms)
    ✗ does not     main cdr: the platform's answer has an unexpected shape (an object without any field of what was asked for): {"unexpected":{"shape":[1,2,3]}} (N ms)
    ✓ works        main breakout-aggrid: answers with a list of 0 (N ms)
    ✓ works        main customer: answers with a list of 0 (N ms)
    ✗ does not     main carrier: our rate is too high for the platform's API (429): we ask too often; ask again later (N ms)
    ✓ works        main switch/user: answers with an empty body (N ms)
    ✓ works        main switch/ip: answers with a list of 1 in `data` (N ms)
    ✓ works        main cli: answers with a list of 0 (N ms)
    ✓ works        main routing: answers with a list of 2 (N ms)
    ✓ works        main card: answers with no record (N ms)
    ✓ works        main payment: answers with a list of 1 (N ms)
    ✗ does not     main setup/server/rtp-group: the platform's API did not answer within 2 s: ask again later (N ms)
    ✓ works        main setup/rtp: answers with a list of 2 (N ms)
    ✓ works        main docs: answers with a list of 0 (N ms)
    – not checked  main register_log: no path is configured (sources.endpoints.register_log): what it would tell is not checked
    – not checked  main firewall: no path is configured (sources.endpoints.firewall): what it would tell is not checked
    – not checked  main registrations: no path is configured (sources.endpoints.registrations): what it would tell is not checked
    – not checked  main did: no path is configured (sources.endpoints.did): what it would tell is not checked
    – not checked  main dialogs: no path is configured (sources.endpoints.dialogs): what it would tell is not checked
    – not checked  main simulate: no path is configured (sources.endpoints.simulate): what it would tell is not checked
    ✗ does not     edge captures: missing.pcap: no such file or folder; check the path (N ms)
    "#);
}

/// A token that ends so many hours from now, as its payload says; without, it does not say.
fn token(hours: Option<i64>) -> String {
    let end = hours.map(|hours| jiff::Timestamp::now().as_second() + hours * 3600 + 600);
    let claims = end.map_or_else(|| json!({}), |end| json!({ "exp": end }));
    format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_a_credential_ends_and_what_to_do_before() {
    let by_hand = "make a new one (Setup > Integrations > JWT Keys)";
    let table = [
        ("token = { value", Some(100 * 24), "UTC, in 100 days", ""),
        ("token = { value", Some(15 * 24), "UTC, in 15 days", ""),
        (
            "token = { value",
            Some(14 * 24),
            "UTC, in 14 days: ",
            by_hand,
        ),
        ("token = { value", Some(24), "UTC, in 1 day: ", by_hand),
        (
            "token = { value",
            Some(2),
            "UTC, in less than a day: ",
            by_hand,
        ),
        (
            "token = { value",
            Some(-24),
            "it says that it ended on ",
            "put a new one",
        ),
        ("token = { value", None, "it does not say when it ends", ""),
        (
            "refresh_token = { value",
            Some(40 * 24),
            "UTC, in 40 days",
            "",
        ),
        (
            "refresh_token = { value",
            Some(48),
            "in 2 days: ",
            "only from a file",
        ),
        (
            "refresh_token = { file",
            Some(48),
            "in 2 days: ",
            "it is renewed in its file",
        ),
    ];
    for (kind, hours, when, todo) in table {
        let (token, about) = (token(hours), format!("{kind} {hours:?}"));
        let credentials = Credentials {
            token: token.clone(),
            refresh_token: token.clone(),
            ..Credentials::default()
        };
        let is_refresh = kind.starts_with("refresh");
        let credentials = Credentials {
            token: if is_refresh {
                "other".to_owned()
            } else {
                credentials.token
            },
            ..credentials
        };
        let now = jiff::Timestamp::now();
        let fake = Fake::letting_in(World::of_calls(Vec::new(), now), credentials).await;
        let desk = Desk::new();
        desk.file("token.txt", &token);
        let value = if kind.ends_with("file") {
            "token.txt"
        } else {
            &token
        };
        let given = settings(&fake.base_url(), "");
        desk.file(
            "run.toml",
            given.replace(
                "token = { value = \"demo\"",
                &format!("{kind} = \"{value}\""),
            ),
        );
        let done = doctor(&desk, &["--config", "run.toml"]);
        let said = done
            .out
            .lines()
            .find(|line| line.contains("main credential"));
        let said = said.unwrap_or_else(|| panic!("{about}: {done:?}"));
        assert!(
            said.starts_with('✓') && said.contains(when) && said.contains(todo),
            "{about}: {said}"
        );
        assert!(
            !todo.is_empty() || !said.contains(": it ") && !said.contains("new"),
            "{about}: {said}"
        );
        // Whoever only looks renews nothing.
        assert!(
            fake.platform.seen().of(Endpoint::RefreshToken).is_empty(),
            "{about}"
        );
        assert!(!done.out.contains(&token), "{about}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_does_not_ask_on() {
    let fake = Fake::start().await;
    let desk = Desk::new();
    let wrong = settings(&fake.base_url(), "").replace("\"demo\"", "\"wrong\"");
    desk.file("run.toml", wrong);
    let done = doctor(&desk, &["--config", "run.toml", "--json"]);
    assert_eq!((done.code, &*done.err), (Some(1), ""), "{done:?}");
    assert_eq!(fake.platform.seen().all().len(), 1);
    let checks = done.one_json()["checks"].clone();
    let credential = checks
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["what"] == "credential");
    let said = credential.unwrap()["said"].as_str().unwrap().to_owned();
    assert!(
        said.starts_with("the platform's API refused our credential (401)"),
        "{said}"
    );
    assert!(!done.out.contains("wrong"), "{}", done.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_wrong() {
    let date = ("Date", "Mon, 16 Feb 2026 09:10:00 GMT");
    let server: Arc<Server> = Server::start(move |_, _| answer(200, &[date], "[]")).await;
    let desk = Desk::new();
    desk.file("run.toml", settings(&server.url(), ""));
    let done = doctor(&desk, &["--config", "run.toml"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    let mut clock = done.out.lines().filter(|line| line.contains(" clock: "));
    let clock = clock.next().unwrap();
    assert!(
        clock.starts_with("✗ does not     main clock: ours is "),
        "{clock}"
    );
    assert!(
        clock.contains(" s ahead of the platform's: set this machine's clock"),
        "{clock}"
    );
}

#[test]
fn a_configuration_that_cannot_be_read() {
    let desk = Desk::new();
    desk.file("run.toml", "timezone = \"Mars\"\n[http]\nlisten = 1\n");
    let done = desk.run(&["doctor", "--config", "run.toml"]);
    assert_eq!((done.code, &*done.err), (Some(1), ""), "{done:?}");
    insta::assert_snapshot!(done.out, @r#"✗ does not     configuration: run.toml:1: timezone: found "Mars"; allowed: the name of a time zone, as in "UTC" or "Europe/Berlin"; run.toml:3: http.listen: found 1; allowed: an IP address with a port, as in "127.0.0.1:8080" or "[::1]:8080"; port 0 takes a free one"#);
}
