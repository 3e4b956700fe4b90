//! Everything that can go wrong at a platform's API, at every end point that the flow asks, and what
//! people are told then: by the real investigator and by the program, over real sockets.

// Says nothing new to the compiler; tells clippy that the helpers here are tests too.
#![cfg(test)]

mod again;
mod besides;
pub mod canary;
mod everywhere;
mod one_endpoint;
mod some_calls;
mod tls;

use std::time::Duration;

use calltriage::demo::{Behaviour, World};
use calltriage::sip::{Join, calls, threads};
use jiff::Timestamp;

use crate::support::connexcs::{Fake, NOW};
use crate::support::trace;

/// A call about which the flow asks every end point: authenticated, so that its user is looked up,
/// answered, so that it has quality, and carried by somebody.
const CALL: &str = r#"
     0.00 cust2>plat INVITE
     0.01 plat>cust2 407        | Proxy-Authenticate: Digest realm="demo", nonce="abc"
     0.02 cust2>plat ACK
     0.03 cust2>plat INVITE cseq=2 | Proxy-Authorization: Digest username="441632960115", realm="demo", nonce="abc", uri="sip:441632960002@192.0.2.5", response="0badcafe0badcafe0badcafe0badcafe"
     0.04 plat>car   INVITE leg=b
     0.30 car>plat   180 leg=b
     0.31 plat>cust2 180 cseq=2
     1.00 car>plat   200 leg=b
     1.01 plat>cust2 200 cseq=2
     1.02 cust2>plat ACK cseq=2
     1.03 plat>car   ACK leg=b
    31.00 cust2>plat BYE cseq=3
    31.01 plat>cust2 200 BYE cseq=3
    31.02 plat>car   BYE leg=b
    31.03 car>plat   200 BYE leg=b
"#;

/// Its Call-ID on the customer's side.
pub const CALL_ID: &str = "a@198.51.100.10";

/// A platform that knows [`CALL`] alone.
async fn platform() -> Fake {
    Fake::of(world()).await
}

/// What that platform knows.
pub fn world() -> World {
    let legs = Join::known(CALL_ID, "b@198.51.100.10");
    let calls = calls(threads(trace::packets(CALL)), &[legs]);
    let now = Timestamp::from_second(NOW).unwrap();
    World::of_calls(calls, now)
}

/// A configuration that asks a platform in the name of these keys, and its status page.
pub fn config(fake: &Fake, credentials: &str, more: &str) -> String {
    format!(
        r#"
        [[sources]]
        name = "main"
        kind = "connexcs"
        base_url = "{}"
        {credentials}
        deadline = "20s"
        support_phone = "+44 20 7946 0000"
        [sources.endpoints]
        register_log = "demo/register-log?s={{search}}"
        [sources.limits]
        retries = 1
        back_off = "1ms"
        cache = "0s"
        [status_page]
        kind = "statuspage"
        url = "http://{}/status/api/v2/summary.json"
        {more}
        "#,
        fake.base_url(),
        fake.address,
    )
}

/// The token that a platform takes unless it is told another.
pub const TOKEN: &str = r#"token = { value = "demo" }"#;

/// One thing that goes wrong.
struct Fault {
    name: &'static str,
    behaviour: Behaviour,
    /// What is said of it; nothing where it is an answer all the same.
    said: Option<&'static str>,
}

/// Everything that goes wrong, besides that no answer comes.
fn faults() -> Vec<Fault> {
    let hostile = "<script>alert(1)</script>\u{1b}[31m\u{202e}*_`@here`_*\0\r\n";
    let fault = |name, behaviour, said| Fault {
        name,
        behaviour,
        said,
    };
    let table = [
        ("dropped", Behaviour::Drop, "cannot be reached from here"),
        ("cut off", Behaviour::CutOff, "broke off after"),
        (
            "401",
            Behaviour::unauthorised(),
            "refused our credential (401)",
        ),
        (
            "403",
            Behaviour::forbidden(),
            "our permission does not cover this",
        ),
        ("429", Behaviour::too_many(None), "our rate is too high"),
        (
            "429 for an hour",
            Behaviour::too_many(Some("3600")),
            "our rate is too high",
        ),
        (
            "500 with HTML",
            Behaviour::broken(),
            "answered 500 Internal Server Error",
        ),
        ("half a JSON", Behaviour::HalfJson, "is cut off after"),
        (
            "a web page",
            Behaviour::Text("<html>Log in</html>".to_owned()),
            "answered with a web page",
        ),
        (
            "a redirect",
            Behaviour::Redirect("https://evil.example/".to_owned()),
            "sent us on to evil.example",
        ),
    ];
    let mut all: Vec<Fault> = table
        .into_iter()
        .map(|(name, behaviour, said)| fault(name, behaviour, Some(said)))
        .collect();
    let answers = [
        ("wrong shape", Behaviour::WrongShape),
        ("200 rows", Behaviour::Rows(200)),
        ("empty", Behaviour::Empty),
        ("10 MB", Behaviour::Huge),
        (
            "hostile",
            Behaviour::Text(format!(
                "[{{\"name\":{0},\"sip_reason\":{0},\"msg\":{0},\"callid\":{0}}}]",
                serde_json::json!(hostile)
            )),
        ),
    ];
    all.extend(
        answers
            .into_iter()
            .map(|(name, behaviour)| fault(name, behaviour, None)),
    );
    all
}

/// Nothing in a text moves a cursor, changes colours or turns the direction of writing.
#[track_caller]
fn assert_harmless(text: &str, about: &str) {
    let is_harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!text.contains(is_harmful), "{about}: {text:?}");
}

/// Only to end a test that would otherwise wait for ever.
const PATIENCE: Duration = Duration::from_secs(60);
