//! The rule on calls that were answered sooner than anybody takes one, as false answers are.

use jiff::SignedDuration;

use super::ended::hung_up_by;
use super::talk;
use crate::diagnosis::case::{Case, seconds};
use crate::diagnosis::finding::{Conclusion, Finding, Proof, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::record::billing::figures;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::sip::Certainty;

pub(super) static ANSWERED_WITHOUT_RINGING: Rule = Rule {
    id: "answered-without-ringing",
    family: "ending",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A carrier answered a call within 2 s and without any ringing or progress before it, no service of the platform \
            took part, and the call was billed; or, where that is not known, the caller hung up within 10 s, which is only a \
            note.",
    matters: "So answer carriers that bill calls which nobody took. Machines, menus and conferences answer \
              so too.",
    remedy: "Prove it with a test call through that carrier to a phone that nobody takes up.",
    silent: "It rang, it took longer, the caller stayed although nobody knows what was billed, or no times were recorded. \
             What many such calls through one carrier show, false-answers says.",
    source: "The platform's documentation of false answers; catalogue F7, M20",
    explains: &[],
    limits: &[&AT_ONCE, &TALK],
    check: Check::Call(|rule, case| answered_without_ringing(rule, case).into_iter().collect()),
};

static AT_ONCE: Limit = Limit {
    key: "answered-without-ringing.within",
    what: "how soon an answer is sooner than anybody takes a call",
    default: Figure::Time(SignedDuration::from_secs(2)),
};

static TALK: Limit = Limit {
    key: "answered-without-ringing.talk",
    what: "how soon a caller hangs up who reached nobody, where nothing says what was billed",
    default: Figure::Time(SignedDuration::from_secs(10)),
};

fn answered_without_ringing(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    if case.call.is_timeless() || case.records.is_some_and(|it| !it.events.is_empty()) {
        return None;
    }
    let cdr = case.records.and_then(|it| it.cdr.as_ref());
    let billed = cdr.filter(|it| it.is_answered() == Some(true));
    let hop = case.way().into_iter().next_back()?;
    let is_outward = case.roles.side(hop.server) == Side::CalledPeer && hop.upstream.is_some();
    let (invite, answer) = (hop.decisive()?.request()?, hop.final_response()?);
    let took = answer.at().duration_since(invite.at());
    let is_silent = hop.decisive()?.progress().next().is_none();
    let is_answer = matches!(answer.message().code(), Some(200..=299));
    if !is_outward || !is_answer || !is_silent || took > case.tuning.time(&AT_ONCE) {
        return None;
    }
    let by_caller = || {
        let (side, bye) = hung_up_by(case)?;
        let sent = bye.request().filter(|_| side == Side::Caller)?;
        let talked = talk(case, sent);
        (talked <= case.tuning.time(&TALK)).then_some((sent, talked))
    };
    let (then, proof, end) = match billed {
        Some(cdr) => {
            let length = SignedDuration::from_millis(cdr.duration_ms?);
            let then = format!("{} were billed", seconds(length));
            (then, Proof::fields(figures(cdr)), None)
        }
        None => {
            let (sent, talked) = by_caller()?;
            let then = format!("the caller hung up after {}", seconds(talked));
            (then, Proof::default(), Some(sent))
        }
    };
    rule.finding_of(
        case,
        proof.and([invite, answer].into_iter().chain(end)),
        Conclusion {
            fact: format!(
                "{} answered {} after the INVITE, without ringing; {then}.",
                case.name(hop.server),
                seconds(took),
            ),
            fact_certainty: Certainty::Certain,
            cause: "False answers look so; so do machines, menus and conferences.".to_owned(),
            owner: Side::CalledPeer.into(),
            to_act: None,
            certainty: Certainty::Possible,
            by: Some(hop.server),
            severity: billed.is_none().then_some(Severity::Info),
            next:
                "Make a test call through that carrier to a phone that nobody takes up; if it is \
                   answered too, report it to the carrier with both examples."
                    .to_owned(),
        },
    )
}
