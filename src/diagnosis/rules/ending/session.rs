//! Calls cut because their session timer (RFC 4028) ran out.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::SignedDuration;

use super::ended::{Ended, ended, furthest, goes_to_caller, is_silent, side_of};
use super::{answer_words, reason_text};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::header::Refresher;
use crate::sip::{Certainty, Hop, Method, Signal, Transaction};

pub(super) static SESSION_TIMER_EXPIRED: Rule = Rule {
    id: "session-timer-expired",
    family: "ending",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A BYE when the Session-Expires of the last 2xx ran out (up to 32 s or a third of it \
            early, as the RFC has it), with no refresh seen: the side that had to refresh. Or a \
            BYE after a refresh that was refused or not answered: the other side. Where the method itself was refused \
            (405, 501) the sender had another one, so that it is open whose it is.",
    matters: "The call is cut at the same length each time although nobody hung up.",
    remedy: "Let the refresher send its re-INVITE or UPDATE at half the interval and see that it is \
             answered; else turn session timers off on that trunk.",
    silent: "The 2xx sets no Session-Expires, a refresh was answered 2xx and the interval since had \
             not run out, or the BYE came at another time.",
    source: "RFC 4028 sections 7.2, 9 and 10; catalogue M5",
    explains: &[
        "hung-up",
        "platform-ended-call",
        "reinvite-refused",
        "reinvite-unanswered",
        "dialog-unknown",
    ],
    limits: &[],
    check: Check::Call(session_timer_expired),
};

/// A session timer as it was last set.
struct Timer<'a> {
    set_by: &'a Arc<Signal>,
    seconds: u32,
    /// The node that has to refresh, where the 2xx says which.
    refresher: Option<SocketAddr>,
    /// Refreshes that were sent since and failed, each on the last hop that it reached.
    failed: Vec<&'a Arc<Transaction>>,
    /// Whether a refresh was sent since of which it cannot be told whether it failed.
    tried: bool,
}

fn session_timer_expired(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let Some(end) = ended(case) else {
        return Vec::new();
    };
    let leg = end.bye().leg;
    let mut expired: Vec<(bool, Finding)> = dialogs(case)
        .iter()
        .filter_map(|dialog| {
            let timer = Timer::of(case, dialog, end.bye())?;
            let finding = timer_finding(rule, case, &timer, &end)?;
            // A BYE from a side ends the session on that side. The platform's own ends the one
            // that somebody else did not refresh.
            let is_this = match end {
                Ended::BySide(..) => dialog.iter().any(|hop| hop.leg == leg),
                _ => timer.debtor(case) != Side::Platform,
            };
            Some((is_this, finding))
        })
        .collect();
    expired.sort_by_key(|(is_this, _)| !is_this);
    let mut expired = expired.into_iter().map(|(_, finding)| finding);
    let Some(mut finding) = expired.next() else {
        return Vec::new();
    };
    // Both sessions ran out, and others owe their refreshes: either may have been passed through.
    if expired.any(|other| other.party != finding.party) {
        finding.certainty = Certainty::Possible;
    }
    vec![finding]
}

/// The hops of the way, those of one dialog together: a proxy leaves the From tag as it is, a
/// back-to-back platform makes its own.
fn dialogs<'a>(case: &Case<'a>) -> Vec<Vec<&'a Hop>> {
    let tag = |hop: &Hop| {
        hop.invites
            .first()
            .and_then(|invite| invite.from_tag.clone())
    };
    let mut dialogs: Vec<Vec<&'a Hop>> = Vec::new();
    for hop in case.way() {
        match dialogs.last_mut() {
            Some(dialog) if dialog.last().is_some_and(|last| tag(last) == tag(hop)) => {
                dialog.push(hop);
            }
            _ => dialogs.push(vec![hop]),
        }
    }
    dialogs
}

impl<'a> Timer<'a> {
    /// Follows the timer of a dialog through its refreshes up to a BYE.
    fn of(case: &Case<'a>, dialog: &[&'a Hop], bye: &Transaction) -> Option<Timer<'a>> {
        let (first, last) = (dialog.first()?, dialog.last()?);
        let (caller_end, called_end) = (first.client, last.server);
        let end_of = |set_by: &Signal, to_caller: bool| {
            let refresher = set_by.message().session_expires()?.refresher?;
            let asks = refresher == Refresher::Uac;
            Some(if asks == to_caller {
                called_end
            } else {
                caller_end
            })
        };
        let ok = dialog.iter().find_map(|hop| {
            hop.final_response()
                .filter(|s| matches!(s.message().code(), Some(200..=299)))
        })?;
        let mut timer = Timer {
            set_by: ok,
            seconds: ok.message().session_expires()?.seconds,
            refresher: end_of(ok, false),
            failed: Vec::new(),
            tried: false,
        };
        let legs: Vec<usize> = dialog.iter().map(|hop| hop.leg).collect();
        let inside = case.call.transactions.iter().filter(|t| {
            let in_call = t.started() > Some(ok.at()) && t.started() < bye.started();
            let refreshes = matches!(t.method, Method::Invite | Method::Update);
            legs.contains(&t.leg) && refreshes && t.in_dialog && in_call
        });
        for refresh in inside {
            let asked = refresh
                .request()
                .is_some_and(|request| request.message().session_expires().is_some());
            match (refresh.final_code(), refresh.final_response()) {
                (Some(200..=299), Some(ok)) => {
                    // A 2xx to a re-INVITE that sets no timer turns it off.
                    let Some(set) = ok.message().session_expires() else {
                        match refresh.method {
                            Method::Invite => return None,
                            _ => continue,
                        }
                    };
                    timer = Timer {
                        set_by: ok,
                        seconds: set.seconds,
                        refresher: end_of(ok, goes_to_caller(case, refresh)),
                        failed: Vec::new(),
                        tried: false,
                    };
                }
                // Asked to try again: no refusal, but no refresh either.
                (Some(401 | 407 | 422 | 491), _) => timer.tried = true,
                (Some(_), _) if asked => timer.failed.push(refresh),
                (None, _) if asked => {
                    timer.tried = true;
                    if is_silent(refresh, bye.started()) {
                        timer.failed.push(refresh);
                    }
                }
                _ => {}
            }
        }
        timer.failed = furthest(case, &timer.failed);
        Some(timer)
    }

    /// The side that did not do its part: who refused a refresh, else who had to send one.
    fn debtor(&self, case: &Case<'_>) -> Side {
        let refused = self.failed.last().map(|refresh| refresh.server);
        refused
            .or(self.refresher)
            .map_or(Side::Unknown, |node| side_of(case, node))
    }

    /// How sure it is that a BYE came because the timer ran out: who does not refresh ends the
    /// call min(32 s, a third) before the interval is over (RFC 4028 section 10).
    fn runs_out(&self, bye: &Signal) -> Option<Certainty> {
        let interval = f64::from(self.seconds);
        let after = bye.at().duration_since(self.set_by.at()).as_secs_f64();
        let early = interval - f64::min(32.0, interval / 3.0);
        let within = |slack: f64| after >= early - slack && after <= interval + slack;
        let says_so = ["session timer", "session expire", "timer expired"]
            .iter()
            .any(|words| reason_text(bye).contains(words));
        if within(2.0) || (says_so && after > 2.0) {
            Some(Certainty::Likely)
        } else {
            within(2.0 + interval * 0.03).then_some(Certainty::Possible)
        }
    }
}

fn timer_finding(
    rule: &Rule,
    case: &Case<'_>,
    timer: &Timer<'_>,
    end: &Ended<'_>,
) -> Option<Finding> {
    let bye = end.bye().request()?;
    let after = case.lasting(bye.at().duration_since(timer.set_by.at()));
    let set = format!(
        "The {} ({}) set a session of {} s; BYE came {after} after it",
        timer.set_by.message().code().unwrap_or(200),
        case.when(timer.set_by),
        timer.seconds,
    );
    if let Some(refresh) = timer.failed.last() {
        return refused_finding(rule, case, timer, refresh, bye, &set);
    }
    if timer.tried {
        return None;
    }
    let certainty = timer.runs_out(bye)?;
    let side = timer.debtor(case);
    // Who had to refresh and sends the BYE itself may as well have hung up.
    let by_debtor = matches!(end, Ended::BySide(by, _) if *by == side);
    let cause = match timer.refresher {
        Some(node) => format!(
            "{} had to refresh the session; its re-INVITE or UPDATE was not sent or did not reach \
             this capture point.",
            case.name(node)
        ),
        None => "The answer does not say who had to refresh.".to_owned(),
    };
    rule.finding(
        case,
        [timer.set_by, bye],
        Conclusion {
            fact: format!("{set}, and no refresh was seen in between."),
            fact_certainty: Certainty::Certain,
            cause,
            owner: side.into(),
            to_act: None,
            certainty: if by_debtor {
                Certainty::Possible
            } else {
                certainty
            },
            by: timer.refresher,
            severity: by_debtor.then_some(Severity::Warning),
            next: match timer.refresher {
                Some(node) => format!(
                    "Find out why {} does not refresh the session at half of {} s, or turn session \
                     timers off on that trunk.",
                    case.name(node),
                    timer.seconds
                ),
                None => "Check on both sides who is to refresh the session.".to_owned(),
            },
        },
    )
}

fn refused_finding(
    rule: &Rule,
    case: &Case<'_>,
    timer: &Timer<'_>,
    refresh: &Transaction,
    bye: &Arc<Signal>,
    set: &str,
) -> Option<Finding> {
    const AT_ONCE: SignedDuration = SignedDuration::from_secs(40);
    let request = refresh.request()?;
    let code = refresh.final_code();
    // 408, 481 and silence end the dialog at once (RFC 3261 section 12.2.1.2), others at expiry.
    let fatal =
        matches!(code, None | Some(408 | 481)) && bye.at().duration_since(request.at()) <= AT_ONCE;
    let certainty = if fatal {
        Certainty::Likely
    } else {
        timer.runs_out(bye)?
    };
    let node = case.name(refresh.server);
    // Who takes no UPDATE has to take a re-INVITE (RFC 4028 section 7.4).
    let by_method = matches!(code, Some(405 | 501)) && refresh.method == Method::Update;
    let fact = format!(
        "{set}. {} sent a refresh ({} {}) to {node}, which {}.",
        case.name(refresh.client),
        refresh.method,
        case.when(request),
        answer_words(refresh),
    );
    let blame = if by_method {
        let client = case.name(refresh.client);
        Blame {
            cause: format!(
                "{node} takes no {}; {client} could have sent a re-INVITE instead.",
                refresh.method
            ),
            owner: Party::Undecided.into(),
            certainty: Certainty::Possible,
            next: format!(
                "Let {client} refresh by re-INVITE where {} is refused.",
                refresh.method
            ),
        }
    } else {
        Blame {
            cause: format!("{node} did not accept the session refresh."),
            owner: side_of(case, refresh.server).into(),
            certainty,
            next: format!(
                "Let {node} accept {} inside a call, or turn session timers off for that side.",
                refresh.method
            ),
        }
    };
    let proof = refresh.requests.iter().chain(refresh.final_response());
    let conclusion = Conclusion {
        to_act: by_method.then_some(side_of(case, refresh.client).into()),
        ..Conclusion::certain(fact, refresh.server, blame)
    };
    rule.finding(case, proof.chain([timer.set_by, bye]), conclusion)
}
