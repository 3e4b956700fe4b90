//! Rules on what an answer says of itself in several ways: code, cause and reasons.

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::refusal::{Refusal, cause_words, gateways_cause};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::header::Reason;
use crate::sip::{Certainty, Message};

pub(super) static CODE_CAUSE_MISMATCH: Rule = Rule {
    id: "code-cause-mismatch",
    family: "setup",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A refusal whose Q.850 cause RFC 3398 pairs with another code, one that speaks of another fault. The cause \
            is trusted over the code.",
    matters: "Routing and reports go by the code: they take the wrong way and count the wrong fault.",
    remedy: "Judge by the cause; have the one who answered map it as RFC 3398 does.",
    silent: "The cause is 16, 31, 127 or the one that a gateway makes of the code; it has no code of its own in RFC \
             3398; or code and cause speak of the same fault.",
    source: "RFC 3398 sections 7.2.4.1 and 8.2.6.1; catalogue S-mismatch",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| mismatch(rule, case).into_iter().collect()),
};

fn mismatch(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let refusal = Refusal::of(case).filter(|refusal| refusal.contradicts_itself(case.knowledge))?;
    let reason = refusal.q850.as_ref()?;
    let pair = u8::try_from(reason.cause?)
        .ok()
        .and_then(|cause| case.knowledge.q850(cause)?.sip)?;
    let by = case.name(refusal.origin.by);
    let fact = format!(
        "{by} answered {} with {}, whose code is {pair}.",
        refusal.code,
        cause_words(reason, case.knowledge),
    );
    // The platform passed on what came on a leg that was not captured.
    let is_unseen = refusal.is_behind_unseen(case);
    let blame = Blame {
        cause:
            "The cause comes from the network where the call failed and is trusted over the code."
                .into(),
        owner: if is_unseen {
            Party::Undecided.into()
        } else {
            case.roles.side(refusal.origin.by).into()
        },
        certainty: Certainty::Possible,
        next: if is_unseen {
            format!(
                "Look on the leg behind {by} for who paired them: RFC 3398 pairs that cause with {pair}."
            )
        } else {
            format!("Show {by} the code and the cause: RFC 3398 pairs that cause with {pair}.")
        },
    };
    let conclusion = Conclusion {
        to_act: is_unseen.then_some(case.roles.side(refusal.origin.by).into()),
        ..Conclusion::certain(fact, refusal.origin.by, blame)
    };
    rule.finding(case, [refusal.origin.answer], conclusion)
}

pub(super) static REASONS_DISAGREE: Rule = Rule {
    id: "reasons-disagree",
    family: "setup",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "A refusal or a BYE with several Reason values that do not agree, or of which one is about the signature \
            (STIR) or a preemption.",
    matters: "Each protocol tells its own part: who reads one alone may miss what happened.",
    remedy: "Read all of them.",
    silent: "There is one value, or all say the same.",
    source: "RFC 3326; RFC 9366; RFC 4411; catalogue I-multi",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| reasons_disagree(rule, case).into_iter().collect()),
};

fn reasons_disagree(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let refused = Refusal::of(case).map(|refusal| refusal.origin.answer);
    let signal = refused.or_else(|| case.byes().next()?.request())?;
    let mut reasons = signal.message().reasons();
    if reasons.len() < 2 || !is_telling(signal.message(), &reasons, case) {
        return None;
    }
    reasons.sort_by_key(|reason| reason.protocol.to_ascii_uppercase());
    let each: Vec<String> = reasons.iter().map(|reason| words(reason, case)).collect();
    let by = signal.source();
    let fact = format!(
        "{} gives several reasons ({}): {}.",
        case.name(case.call.node(by)),
        case.when(signal),
        each.join("; "),
    );
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: String::new(),
        owner: Party::Nobody.into(),
        to_act: None,
        certainty: Certainty::Certain,
        by: Some(case.call.node(by)),
        severity: None,
        next: String::new(),
    };
    rule.finding(case, [signal], conclusion)
}

/// Whether several reasons tell more than one would.
fn is_telling(message: &Message, reasons: &[Reason], case: &Case<'_>) -> bool {
    let is = |reason: &Reason, protocol: &str| reason.protocol.eq_ignore_ascii_case(protocol);
    let of = |protocol: &str| -> Vec<u16> {
        let named = reasons.iter().filter(|reason| is(reason, protocol));
        named.filter_map(|reason| reason.cause).collect()
    };
    if reasons
        .iter()
        .any(|it| is(it, "STIR") || is(it, "Preemption"))
    {
        return true;
    }
    let (causes, mut codes) = (of("Q.850"), of("SIP"));
    codes.extend(message.code());
    let differ = |values: &[u16]| values.windows(2).any(|pair| pair.first() != pair.last());
    let contradict = causes.iter().any(|cause| {
        let says_nothing = matches!(cause, 16 | 31 | 127);
        let pair = u8::try_from(*cause)
            .ok()
            .and_then(|it| case.knowledge.sip_code_of_cause(it));
        let fits = |code: &u16| pair == Some(*code) || gateways_cause(*code) == Some(*cause);
        !says_nothing && !codes.is_empty() && !codes.iter().any(fits)
    });
    differ(&causes) || differ(&codes) || contradict
}

/// One reason in words.
fn words(reason: &Reason, case: &Case<'_>) -> String {
    if reason.protocol.eq_ignore_ascii_case("Q.850") {
        return cause_words(reason, case.knowledge);
    }
    let registered = || {
        let is_code = !reason.protocol.eq_ignore_ascii_case("Preemption");
        let known = case.knowledge.sip_code(reason.cause?).filter(|_| is_code);
        known.map(|known| known.phrase.as_str())
    };
    let said = Some(reason.text.as_str()).filter(|text| !text.is_empty());
    let text = said
        .or_else(registered)
        .map_or(String::new(), |text| format!(" ({text})"));
    let cause = reason
        .cause
        .map_or("?".to_owned(), |cause| cause.to_string());
    format!("{} {cause}{text}", reason.protocol)
}
