//! TLS handshakes that failed where the call should have gone on.

use super::between;
use super::given_up::{GivenUp, MAY_BE_ANOTHERS};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::Certainty;
use crate::wire::{TlsAlert, TlsConnection};

pub(super) static TLS_HANDSHAKE_FAILED: Rule = Rule {
    id: "tls-handshake-failed",
    family: "network",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A TLS connection that a node of the call opened, between its INVITE and 2 s after its \
            final answer, to an address that no INVITE of the call was seen to reach, and that \
            ended with a fatal alert: who sent the alert and what it names. An error where that node \
            then refused the call itself with 408, 480 or 5xx.",
    matters: "Nothing can be sent over such a connection: the route behind it is dead for everybody.",
    remedy: "Alert of the client: renew or complete the server's certificate, or add its authority \
             to what the client trusts. Alert of the server: name, version, ciphers or the client's \
             certificate.",
    silent: "The call was answered or refused by somebody else, or the refusal names another cause. \
             The connection carries no Call-ID: another call may have opened it, so the cause is \
             likely at most.",
    source: "RFC 8446 section 6; RFC 5246 section 7.2; catalogue H13",
    explains: &[
        "refused-by-platform",
        "request-timeout",
        "server-failure",
        "other-refusal",
        "called-unavailable",
    ],
    limits: &[],
    check: Check::Call(|rule, case| tls_handshake_failed(rule, case).into_iter().collect()),
};

/// Where SIP is spoken over TLS, and over WebSocket.
const SIP_PORTS: [u16; 5] = [5061, 5081, 5062, 8443, 7443];

fn tls_handshake_failed(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    if case.observed.tls.is_empty() {
        return None;
    }
    let given_up = GivenUp::of(case)?;
    let (from, until) = (given_up.invite.at(), given_up.until);
    let (connection, alert) = between(&case.observed.tls, |it| it.at, from, until)
        .iter()
        .filter(|it| given_up.may_have_tried(case, it.client, it.server))
        .find_map(|it| Some((it, it.failure()?)))?;
    finding(rule, case, &given_up, (connection, alert))
}

fn finding(
    rule: &Rule,
    case: &Case<'_>,
    given_up: &GivenUp<'_>,
    (connection, alert): (&TlsConnection, &TlsAlert),
) -> Option<Finding> {
    let node = given_up.node;
    let by = if alert.by_client {
        case.name(node)
    } else {
        connection.server.to_string()
    };
    let names = match (
        &connection.server_name,
        connection.certificate_names.as_slice(),
    ) {
        (None, []) => String::new(),
        (Some(asked), []) => format!(" (asked for as {asked})"),
        (None, names) => format!(" (its certificate names {})", names.join(", ")),
        (Some(asked), names) => {
            format!(
                " (asked for as {asked}, its certificate names {})",
                names.join(", ")
            )
        }
    };
    let fact = format!(
        "{} opened a TLS connection to {}{names} at {}, and {by} ended the handshake with the alert \
         {} ({}).",
        case.name(node),
        connection.server,
        case.at(connection.at),
        alert.name().unwrap_or("of another kind"),
        alert.description,
    );
    let peer = given_up.peer(case);
    let own = case.roles.side(node);
    let (owner, to_act, cause): (Owner, Owner, &str) = fault(alert, own, peer);
    // What else a node speaks TLS for is none of the call's.
    let is_sip = SIP_PORTS.contains(&connection.server.port());
    let fits = is_sip && given_up.fits(case, alert.at);
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: format!("{cause} {MAY_BE_ANOTHERS}"),
        owner,
        to_act: Some(to_act),
        certainty: if fits {
            Certainty::Likely
        } else {
            Certainty::Possible
        },
        by: alert.by_client.then_some(node),
        severity: fits.then_some(Severity::Error),
        next: next(alert, &case.name(node), connection),
    };
    let finding = rule.finding(case, given_up.proof(), conclusion)?;
    Some(if fits {
        finding
    } else {
        finding.explaining(&[])
    })
}

/// Whose the failure is: the owner of the certificate that was refused, where it was one.
fn fault(alert: &TlsAlert, own: Side, peer: Side) -> (Owner, Owner, &'static str) {
    let (undecided, peer, own): (Owner, Owner, Owner) =
        (Party::Undecided.into(), peer.into(), own.into());
    match (alert.description, alert.by_client) {
        // Either the authority is none that is known, or the one who asks knows too few.
        (48, true) => (
            undecided,
            peer,
            "The client does not know the authority that signed the server's certificate.",
        ),
        (41..=46, true) => (peer, peer, "The client refuses the server's certificate."),
        (41..=46 | 48 | 116, false) => (
            own,
            own,
            "The server wants a certificate of the client that it trusts.",
        ),
        (112, false) => (
            own,
            own,
            "The server knows nobody of the name that the client asked for.",
        ),
        (115, false) => (own, own, "The server does not know the client's key."),
        (40 | 70 | 71 | 86 | 120, _) => (
            undecided,
            own,
            "Both sides have no version, cipher or protocol in common.",
        ),
        _ => (
            undecided,
            own,
            "What was wrong for it the alert does not say.",
        ),
    }
}

fn next(alert: &TlsAlert, node: &str, connection: &TlsConnection) -> String {
    let server = connection.server;
    match (alert.description, alert.by_client) {
        (41..=46 | 48, true) => format!(
            "Look at the certificate that {server} shows: its names, its dates and whether the \
             chain is complete; then at what {node} trusts."
        ),
        (41..=46 | 48 | 116, false) => format!(
            "Look at the client certificate that {node} shows to {server}, and at which authority \
             {server} trusts."
        ),
        (112, false) => format!("Check the name under which {node} addresses {server}."),
        _ => format!("Compare the TLS versions and ciphers of {node} and {server}."),
    }
}
