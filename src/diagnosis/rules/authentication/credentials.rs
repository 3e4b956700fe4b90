//! Rules on credentials that were refused: wrong ones, and ones that cannot match whatever the
//! password is. What nonces do to them is for others.

use super::{each, with_handed_on};
use crate::diagnosis::case::Case;
use crate::diagnosis::exchange::{Ended, Exchange, Fault, Refused};
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::{code_and_phrase, times};
use crate::sip::{Certainty, Method};

pub(super) static WRONG_CREDENTIALS: Rule = Rule {
    id: "wrong-credentials",
    family: "authentication",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "An INVITE carried credentials for the challenge just made, which was not called stale, \
            and was challenged again for the same realm, or refused in words that name the \
            credentials. The call ended with that.",
    matters: "The account is not let in until user name and password agree on both sides.",
    remedy: "Compare the user name, set the password anew on both sides, check which addresses \
             the account may be used from.",
    silent: "A later INVITE passed; the answer was stale=true; the credentials belong to a \
             challenge that was not seen; another realm asked; a 403 that does not say it is \
             about the credentials; a fault of realm, header or algorithm is visible, which has \
             its own rule.",
    source: "RFC 3261 section 22.4; catalogue R2",
    explains: &["call-forbidden"],
    limits: &[],
    check: Check::Call(|rule, case| each(rule, case, wrong_credentials)),
};

fn wrong_credentials(rule: &Rule, case: &Case<'_>, exchange: &Exchange<'_>) -> Option<Finding> {
    let refused = refused(exchange).filter(|_| exchange.method == Method::Invite)?;
    let certainty = match refused.fault {
        // A text that names the user says what was refused, not on which of the two sides it stands wrongly.
        Fault::Said | Fault::Credentials => Certainty::Likely,
        Fault::Forbidden => Certainty::Possible,
        Fault::Realm { .. } | Fault::Header { .. } | Fault::Algorithm { .. } => return None,
    };
    let (client, server) = exchange.names(case);
    let user = &refused.user;
    let fact = format!(
        "{server} refused the credentials of {client} {} (user \"{user}\", realm \"{}\"; last \
         answer {} at {}).",
        times(refused.count),
        refused.realm,
        code_and_phrase(refused.answer),
        case.when(refused.answer),
    );
    let next = if exchange.is_ours(case) {
        format!("Compare our user name and password for {server} with what it gave us.")
    } else {
        format!("Set the password of user \"{user}\" anew on {client} and in its account.")
    };
    let blame = Blame {
        cause: with_handed_on(refused.cause(), case, exchange),
        owner: exchange.client_owner(case),
        certainty,
        next,
    };
    let conclusion = Conclusion::certain(fact, exchange.server, blame);
    rule.finding(case, refused.proof, conclusion)
}

/// The refusal by which authentication ended the call or the registration.
fn refused<'c>(exchange: &Exchange<'c>) -> Option<Refused<'c>> {
    match exchange.ended() {
        Some(Ended::Refused(refused)) if exchange.decides => Some(refused),
        _ => None,
    }
}

pub(super) static CREDENTIALS_MISMATCH: Rule = Rule {
    id: "credentials-mismatch",
    family: "authentication",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "Credentials answer a challenge by its nonce but name another realm than it, or stand \
            in Authorization where a 407 asks for Proxy-Authorization (or the other way round), \
            and were refused. The call or registration ended with that.",
    matters: "They cannot match, however right the password is.",
    remedy: "Let the device take the realm from the challenge; clear a fixed realm in its settings.",
    silent: "The request passed all the same, or credentials for another realm are simply older \
             than the challenge. A user name that differs from From proves nothing alone.",
    source: "RFC 3261 sections 22.1 to 22.3; catalogue R4",
    explains: &[
        "wrong-credentials",
        "registration-refused",
        "call-forbidden",
    ],
    limits: &[],
    check: Check::Call(|rule, case| each(rule, case, credentials_mismatch)),
};

fn credentials_mismatch(rule: &Rule, case: &Case<'_>, exchange: &Exchange<'_>) -> Option<Finding> {
    let refused = refused(exchange)?;
    let (client, server) = exchange.names(case);
    let (what, next) = match refused.fault {
        Fault::Realm { asked, given } => (
            format!("for realm \"{given}\" although {server} asked for realm \"{asked}\""),
            format!("Set the realm on {client} to \"{asked}\", or let it take what is asked."),
        ),
        Fault::Header { code } => (
            format!("in the header that does not belong to the {code} of {server}"),
            format!("Update the software of {client}: it answers a {code} in the wrong header."),
        ),
        _ => return None,
    };
    let fact = format!(
        "{client} sent credentials of user \"{}\" {what}, and was refused ({} at {}).",
        refused.user,
        code_and_phrase(refused.answer),
        case.when(refused.answer),
    );
    let cause = "Such credentials cannot be accepted, whatever the password.".to_owned();
    let blame = Blame {
        cause: with_handed_on(cause, case, exchange),
        owner: exchange.client_owner(case),
        certainty: Certainty::Certain,
        next,
    };
    let conclusion = Conclusion::certain(fact, exchange.client, blame);
    rule.finding(case, refused.proof, conclusion)
}

pub(super) static DIGEST_ALGORITHM_MISMATCH: Rule = Rule {
    id: "digest-algorithm-mismatch",
    family: "authentication",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "Credentials were made with an algorithm that the challenge they answer did not offer, \
            and were refused. The call or registration ended with that.",
    matters: "The password may be right; the two sides do not compute the same digest.",
    remedy: "Let the server offer MD5 besides SHA-256, or update the device.",
    silent: "One of the offered algorithms was used, or the request passed all the same. A \
             challenge that was not answered at all is challenge-unanswered.",
    source: "RFC 8760 section 2; catalogue R5",
    explains: &[
        "wrong-credentials",
        "registration-refused",
        "call-forbidden",
    ],
    limits: &[],
    check: Check::Call(|rule, case| each(rule, case, digest_algorithm_mismatch)),
};

fn digest_algorithm_mismatch(
    rule: &Rule,
    case: &Case<'_>,
    exchange: &Exchange<'_>,
) -> Option<Finding> {
    let refused = refused(exchange)?;
    let Fault::Algorithm { offered, used } = refused.fault else {
        return None;
    };
    let (client, server) = exchange.names(case);
    let fact = format!(
        "{client} answered with {used} a challenge of {server} that offers only {}, and was \
         refused ({} at {}).",
        offered.join(" and "),
        code_and_phrase(refused.answer),
        case.when(refused.answer),
    );
    let cause = "The client did not take an algorithm that was on offer.".to_owned();
    let blame = Blame {
        cause: with_handed_on(cause, case, exchange),
        owner: exchange.client_owner(case),
        certainty: Certainty::Certain,
        next: format!("Update {client}, or let {server} offer {used} as well."),
    };
    let conclusion = Conclusion::certain(fact, exchange.client, blame);
    rule.finding(case, refused.proof, conclusion)
}
