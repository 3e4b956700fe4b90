//! The checks of an address on a platform: what its log has of calls without messages counts, what could not be asked
//! for is not said to be missing, and the platform's own lists are asked.

use calltriage::config::Endpoints;
use calltriage::demo::{Behaviour, Endpoint};
use calltriage::diagnosis::{Investigator, Peers};
use calltriage::render::card::Style;
use calltriage::render::comparison;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::connexcs::{Fake, NOW};

/// A row of a call from the address, so long before now, in seconds.
fn row(id: &str, before: i64, code: u16, reason: &str) -> Value {
    json!({ "routing": {
        "callid": id, "start_time": NOW - before, "end_time": NOW - before + 1, "cli": "441632960001",
        "ou": "441632960002", "server": "192.0.2.5", "sip_code": code, "sip_reason": reason,
        "params": { "si": "198.51.100.10", "sp": 5060, "proto": "udp" }, "log": [], "attempts": [],
    }})
}

/// What is said of the address.
async fn checks(fake: &Fake, address: &str, firewall: Option<&str>) -> String {
    let source = fake.source(Endpoints {
        firewall: firewall.map(str::to_owned),
        ..Endpoints::default()
    });
    let investigator = Investigator::new(vec![source], Peers::default());
    let now = Timestamp::from_second(NOW).unwrap();
    let (checks, _) = investigator.turn_up(address.parse().unwrap(), now).await;
    let style = Style {
        color: false,
        width: 120,
    };
    comparison::turn_up(&checks, style)
}

#[tokio::test]
async fn a_call_that_only_the_log_has_is_the_first_call() {
    let fake = Fake::start().await;
    let refused = row("first-call-1@198.51.100.10", 900, 401, "IP Not Authorised");
    fake.always(Endpoint::Log, Behaviour::Json(json!([refused])));
    fake.always(Endpoint::IpEntries, Behaviour::Json(json!([])));
    let said = checks(&fake, "198.51.100.10", None).await;
    insta::assert_snapshot!(said, @"
    198.51.100.10: 5 seen, 2 wrong, 3 not seen yet.

      ✓ Seen            1 call (1 in the log alone, without messages), 0 registrations and 0 other exchanges, from
                        2026-02-16 11:55:00 to 2026-02-16 11:55:00 UTC.
      ○ Entered         No IP entry covers it: only a SIP user's credentials can let it in.
      ✗ Authenticated   It was never let in: 1 request refused.
      ✓ Direction       1 call came from it, 0 went to it.
      ✓ Transport       UDP.
      ○ OPTIONS         No OPTIONS went to it or came from it.
      ✓ Called numbers  E.164 without + (from it).
      ✓ Caller numbers  From E.164 without +.
      ○ Codecs          It described no audio.
      ✗ First call      The platform's log says 401 IP Not Authorised, and no carrier was tried; no address entry covers
                        198.51.100.10. The source address belongs to no account: one of ours that was never entered, or a
                        stranger's, which needs no action. (refused-in-log)
    ");
}

#[tokio::test]
async fn what_could_not_be_asked_for_was_not_unseen() {
    let fake = Fake::start().await;
    fake.always(Endpoint::Log, Behaviour::forbidden());
    fake.always(Endpoint::IpEntries, Behaviour::forbidden());
    let said = checks(&fake, "198.51.100.10", None).await;
    insta::assert_snapshot!(said, @"
    198.51.100.10: 0 seen, 0 wrong, 11 not seen yet.

      ○ Seen            Could not be looked up.
      ○ Entered         Could not be looked up: our permission does not cover this at the platform's API (403): let its
                        administrator grant our user to read it; it said: Access Denied.
      ○ Firewall        Could not be checked: no endpoint configured. Look for 198.51.100.10 in the platform's firewall
                        (Setup > Advanced > Firewall): what it blocks is never logged. After removing the entry wait 15
                        minutes.
      ○ Authenticated   Could not be looked up.
      ○ Direction       Could not be looked up.
      ○ Transport       Could not be looked up.
      ○ OPTIONS         Could not be looked up.
      ○ Called numbers  Could not be looked up.
      ○ Caller numbers  Could not be looked up.
      ○ Codecs          Could not be looked up.
      ○ First call      Could not be looked up.

    Note
      - Could not be looked up: main: our permission does not cover this at the platform's API (403): let its administrator
        grant our user to read it; it said: Access Denied.
    ");
}

#[tokio::test]
async fn of_an_address_that_was_never_seen_the_lists_tell() {
    let fake = Fake::start().await;
    fake.always(Endpoint::Log, Behaviour::Json(json!([])));
    fake.always(
        Endpoint::IpEntries,
        Behaviour::Json(json!([{ "ip": "198.51.100.96/28", "company_id": 12 }])),
    );
    fake.always(
        Endpoint::Firewall,
        Behaviour::Text(json!([{ "ip": "198.51.100.99", "action": "Block" }]).to_string()),
    );
    let said = checks(&fake, "198.51.100.99", Some("demo/firewall?s={search}")).await;
    insta::assert_snapshot!(said, @"
    198.51.100.99: 1 seen, 1 wrong, 9 not seen yet.

      ○ Seen            No message to or from it was seen: a firewall, a wrong address or port, or nothing was sent yet.
      ✓ Entered         As 198.51.100.96/28 (Acme (#12)).
      ✗ Firewall        The platform's firewall lists 198.51.100.99 (action Block, ip 198.51.100.99): what it blocks is
                        never logged. Delete the row of 198.51.100.99 in the platform's firewall (Setup > Advanced >
                        Firewall), wait 15 minutes, and try again.
      ○ Authenticated   It sent neither an INVITE nor a REGISTER.
      ○ Direction       No call went to it or came from it.
      ○ Transport       No message shows it.
      ○ OPTIONS         No OPTIONS went to it or came from it.
      ○ Called numbers  No INVITE shows them.
      ○ Caller numbers  It sent no INVITE.
      ○ Codecs          It described no audio.
      ○ First call      There was no call yet.
    ");
}
