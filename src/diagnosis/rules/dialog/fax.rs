//! The rule on fax (T.38) that the other side does not take.

use super::{accepted_retry, asks_for_fax, is_at_the_end, reinvites};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::code_and_phrase;
use crate::sip::{Certainty, Transaction};

pub(super) static FAX_REFUSED: Rule = Rule {
    id: "fax-refused",
    family: "dialog",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A re-INVITE that offers fax (m=image with udptl: T.38) and was refused, or accepted with \
            port 0. A warning where the call had G.711 already or went over to it, so that the fax \
            can pass as sound.",
    matters: "Over any other codec a fax cannot pass as sound: it fails after some seconds.",
    remedy: "Turn T.38 on where it was refused, or let the fax side use G.711 without silence \
             suppression.",
    silent: "The fax stream was accepted, the offer was challenged, crossed another one, or was not \
             answered.",
    source: "RFC 3362; ITU-T T.38 annex D; RFC 3264 section 6; catalogue V25, V27",
    explains: &[],
    limits: &[],
    check: Check::Call(fax_refused),
};

fn fax_refused(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let wants_fax = |invite: &Transaction| {
        let refused = invite.final_code().is_some_and(|code| {
            code < 300 || !matches!(code, 401 | 407 | 408 | 422 | 481 | 487 | 491)
        });
        refused
            && invite
                .described_by_client()
                .is_some_and(|offer| asks_for_fax(&offer))
            && is_fax_refused(invite)
    };
    reinvites(case, wants_fax)
        .into_iter()
        .filter(|invite| !is_at_the_end(case, invite))
        .filter_map(|invite| finding(rule, case, invite))
        .collect()
}

/// Whether it was refused as a whole, or the stream for fax alone was.
fn is_fax_refused(invite: &Transaction) -> bool {
    if invite.final_code().is_some_and(|code| code >= 300) {
        return true;
    }
    invite.described_by_server().is_some_and(|answer| {
        let mut images = answer
            .sdp
            .media
            .iter()
            .filter(|media| media.kind == "image");
        let accepted = images.any(|media| media.port != 0);
        !accepted
    })
}

fn finding(rule: &Rule, case: &Case<'_>, invite: &Transaction) -> Option<Finding> {
    let (request, answer) = (invite.request()?, invite.final_response()?);
    let retry = accepted_retry(case, invite).filter(|retry| {
        retry
            .described_by_client()
            .is_some_and(|offer| !asks_for_fax(&offer))
    });
    let codecs = retry
        .and_then(|retry| accepted_codecs(retry))
        .or_else(|| codecs_before(case, invite))
        .unwrap_or_default();
    let is_plain = codecs
        .first()
        .is_some_and(|codec| matches!(codec.as_str(), "PCMA" | "PCMU"));
    let (sender, refuser) = (case.name(invite.client), case.name(invite.server));
    let refusal = match answer.message().code() {
        Some(code) if code < 300 => format!("accepted {code} with the fax stream refused (port 0)"),
        _ => format!("answered {}", code_and_phrase(answer)),
    };
    let fact = format!(
        "{sender} wanted to go over to fax (T.38, {}); {refuser} {refusal}.",
        case.when(request),
    );
    let cause = if is_plain {
        "T.38 is not allowed or not known there; the call has G.711, over which a fax may still \
         pass as sound."
    } else {
        "T.38 is not allowed or not known there, and no G.711 was agreed over which the fax could \
         pass as sound."
    };
    let blame = Blame {
        cause: cause.into(),
        owner: side_of(case, invite.server).into(),
        certainty: Certainty::Likely,
        next: format!(
            "Have T.38 turned on at {refuser}, or set the fax side to G.711 without silence \
             suppression."
        ),
    };
    let conclusion = Conclusion {
        severity: is_plain.then_some(Severity::Warning),
        ..Conclusion::certain(fact, invite.server, blame)
    };
    let retry = retry.and_then(|retry| retry.request());
    rule.finding(case, [request, answer].into_iter().chain(retry), conclusion)
}

/// The audio codecs that were in use in the leg before a re-INVITE.
fn codecs_before(case: &Case<'_>, invite: &Transaction) -> Option<Vec<String>> {
    case.call
        .transactions
        .iter()
        .filter(|t| t.leg == invite.leg && t.started() < invite.started())
        .filter(|t| matches!(t.final_code(), Some(200..=299)))
        .filter_map(|t| accepted_codecs(t))
        .next_back()
}

/// The audio codecs of an accepted offer: those of its answer.
fn accepted_codecs(invite: &Transaction) -> Option<Vec<String>> {
    let answer = invite.offer_answer()?.answer?;
    let audio = answer.sdp.audio().filter(|audio| audio.port != 0)?;
    Some(audio.codecs().into_iter().map(str::to_owned).collect())
}
