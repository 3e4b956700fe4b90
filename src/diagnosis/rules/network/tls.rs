//! TLS handshakes that failed where the call should have gone on.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::between;
use crate::diagnosis::case::{Case, seconds, shifted};
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Signal};
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

fn tls_handshake_failed(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    const AFTER: SignedDuration = SignedDuration::from_secs(2);
    if case.observed.tls.is_empty() || case.answer().is_some() {
        return None;
    }
    let ingress = case.call.ingress()?;
    let invite = ingress.first_invite()?;
    let answer = ingress.final_response();
    // The node that gave up: where the answer was made, or the last one that the INVITE reached.
    let node = match case.origin() {
        Some(origin) => origin.by,
        None => case.way().last()?.server,
    };
    let until = shifted(
        answer.map_or(case.call.ended()?, |answer| answer.at()),
        AFTER,
    );
    let is_reached = |address: SocketAddr| {
        let ends = case.call.hops.iter().flat_map(|h| [h.client, h.server]);
        ends.into_iter().any(|end| end.ip() == address.ip())
    };
    let (connection, alert) = between(&case.observed.tls, |it| it.at, invite.at(), until)
        .iter()
        .filter(|it| it.client.ip() == node.ip() && !is_reached(it.server))
        .find_map(|it| Some((it, it.failure()?)))?;
    finding(
        rule,
        case,
        &Failed {
            connection,
            alert,
            node,
            invite,
            answer,
        },
    )
}

/// A handshake that failed in the call's time.
struct Failed<'a> {
    connection: &'a TlsConnection,
    alert: &'a TlsAlert,
    node: SocketAddr,
    invite: &'a Arc<Signal>,
    answer: Option<&'a Arc<Signal>>,
}

fn finding(rule: &Rule, case: &Case<'_>, failed: &Failed<'_>) -> Option<Finding> {
    let Failed {
        connection,
        alert,
        node,
        invite,
        answer,
    } = *failed;
    let start = case.call.started()?;
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
        offset(start, connection.at),
        alert_name(alert.description),
        alert.description,
    );
    // Behind the platform stands the called peer; behind a lone far end, its own network.
    let peer = match case.roles.side(node) {
        Side::Platform => Side::CalledPeer,
        _ => Side::CalledUser,
    };
    let own = case.roles.side(node);
    let (owner, to_act, cause): (Owner, Owner, &str) = fault(alert, own, peer);
    let fits = answer.is_some_and(|answer| {
        let code = answer.message().code().unwrap_or_default();
        let since = answer.at().duration_since(alert.at);
        matches!(code, 408 | 430 | 477 | 478 | 480 | 500 | 502..=504)
            && case
                .knowledge
                .platform_reason(answer.message().reason_phrase())
                .is_none()
            && answer.message().q850().is_none()
            && since >= SignedDuration::ZERO
            && since <= SignedDuration::from_secs(2)
    });
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: format!(
            "{cause} No INVITE of this call was seen to go there; that it was meant to, and not one \
             of another call, does not stand in the packets."
        ),
        owner,
        to_act: Some(to_act),
        certainty: if fits {
            Certainty::Likely
        } else {
            Certainty::Possible
        },
        by: alert.by_client.then_some(node),
        severity: fits.then_some(Severity::Error),
        next: next(alert, case, failed),
    };
    let finding = rule.finding(case, [invite].into_iter().chain(answer), conclusion)?;
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

fn next(alert: &TlsAlert, case: &Case<'_>, failed: &Failed<'_>) -> String {
    let (server, node) = (failed.connection.server, case.name(failed.node));
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

fn offset(start: Timestamp, at: Timestamp) -> String {
    format!("+{}", seconds(at.duration_since(start)))
}

/// The names of RFC 8446 section 6 and its predecessors.
fn alert_name(description: u8) -> &'static str {
    match description {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        22 => "record_overflow",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        109 => "missing_extension",
        110 => "unsupported_extension",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        _ => "of another kind",
    }
}
