//! What strangers try on an open port: scanning, flooding, finding out users, guessing passwords. Names
//! a source by its address; whose it is, no packet tells.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::diagnosis::finding::Severity;
use crate::diagnosis::party::Party;
use crate::diagnosis::patterns::{Conclusion, Entry, Ledger, Pattern};
use crate::diagnosis::rules::record::SCANNERS;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::tuning::Tuning;
use crate::sip::{Certainty, Kind};

pub(super) static SCANNER: Rule = Rule {
    id: "scanner",
    family: "many",
    severity: Severity::Warning,
    bearing: Bearing::Context,
    finds: "A source none of whose calls was let through and that called 10 numbers or more, or whose \
            requests, 3 or more, bear the name of a scanning tool.",
    matters: "Strangers look for platforms through which they can call at somebody else's cost; what they \
              send is noise in every figure.",
    remedy: "Block the source; where it is a new interconnect, finish its turn-up.",
    silent: "Any of its calls was answered, rang or was sent on.",
    source: "Catalogue F1",
    explains: &[],
    limits: &[&SCANNED_NUMBERS, &SCANS],
    check: Check::Calls(|rule, ledger, tuning| {
        by_source(ledger, |ip, seen| scanner(rule, tuning, ip, seen))
    }),
};

static SCANNED_NUMBERS: Limit = Limit {
    key: "scanner.numbers",
    what: "how many numbers a source that is not let in may call",
    default: Figure::Count(10),
};

static SCANS: Limit = Limit {
    key: "scanner.requests",
    what: "how many requests in a scanning tool's name make a scanner",
    default: Figure::Count(3),
};

/// What each source shows.
fn by_source<'l>(
    ledger: &'l Ledger,
    judge: impl Fn(IpAddr, &[&'l Entry]) -> Option<Pattern>,
) -> Vec<Pattern> {
    let sources = ledger.all_by(|entry| entry.source);
    sources
        .into_iter()
        .filter_map(|(ip, seen)| judge(ip, &seen))
        .collect()
}

fn is_scanning_tool(entry: &Entry) -> bool {
    let agent = entry.agent.as_deref().unwrap_or_default().to_lowercase();
    SCANNERS.iter().any(|name| agent.contains(name))
}

/// How many different ones there are.
fn different<'e>(all: impl Iterator<Item = &'e str>) -> usize {
    all.filter(|it| !it.is_empty())
        .collect::<BTreeSet<_>>()
        .len()
}

fn scanner(rule: &Rule, tuning: &Tuning, ip: IpAddr, seen: &[&Entry]) -> Option<Pattern> {
    if seen.iter().any(|it| it.answered || it.rang) {
        return None;
    }
    let tools: Vec<&Entry> = seen
        .iter()
        .copied()
        .filter(|it| is_scanning_tool(it))
        .collect();
    let shut_out = |it: &&Entry| it.is_call() && it.stopped_here;
    let calls: Vec<&Entry> = seen.iter().copied().filter(shut_out).collect();
    let all_shut_out = seen.iter().filter(|it| it.is_call()).count() == calls.len();
    let numbers = different(calls.iter().map(|it| it.called.as_str()));
    let (proof, fact, cause, certainty) = if tuning.reaches(&SCANS, tools.len()) {
        let agent = tools.first().and_then(|it| it.agent.clone());
        let fact = format!(
            "{ip} sent {} requests as {:?}, and none got through.",
            tools.len(),
            agent.unwrap_or_default()
        );
        let cause = "That is a tool which strangers look for open platforms with.";
        (tools, fact, cause, Certainty::Likely)
    } else if all_shut_out && tuning.reaches(&SCANNED_NUMBERS, numbers) {
        let fact =
            format!("{ip} called {numbers} numbers, and the platform let none of these calls in.");
        let cause = "An unknown source: a stranger who scans, or a new interconnect that is not set up yet.";
        (calls, fact, cause, Certainty::Possible)
    } else {
        return None;
    };
    rule.pattern(
        tuning,
        Conclusion {
            about: ip.to_string(),
            proof,
            party: Party::Nobody,
            to_act: Party::Configuration,
            certainty,
            severity: None,
            fact,
            cause: cause.to_owned(),
            next: format!(
                "Where {ip} is a new interconnect, add its address entry; else block it in the firewall."
            ),
        },
    )
}

pub(super) static REQUEST_FLOOD: Rule = Rule {
    id: "request-flood",
    family: "many",
    severity: Severity::Warning,
    bearing: Bearing::Context,
    finds: "More than 50 new calls, registrations or keep-alives of one source within a second; an error \
            above 500.",
    matters: "It takes the room of everybody's calls, and may be meant to.",
    remedy: "Limit the rate of this source; where it is a customer's, agree on a rate with it.",
    silent: "The capture gives no times.",
    source: "Catalogue F2",
    explains: &[],
    limits: &[&FLOOD, &HEAVY_FLOOD],
    check: Check::Calls(|rule, ledger, tuning| {
        by_source(ledger, |ip, seen| flood(rule, tuning, ip, seen))
    }),
};

static FLOOD: Limit = Limit {
    key: "request-flood.a-second",
    what: "how many new dialogs of one source a second are not remarked on",
    default: Figure::Count(50),
};

static HEAVY_FLOOD: Limit = Limit {
    key: "request-flood.heavy",
    what: "how many of them are no error",
    default: Figure::Count(500),
};

fn flood(rule: &Rule, tuning: &Tuning, ip: IpAddr, seen: &[&Entry]) -> Option<Pattern> {
    let mut timed: Vec<&Entry> = seen.iter().copied().filter(|it| it.at.is_some()).collect();
    timed.sort_by_key(|it| it.at);
    let busiest = busiest(&timed, SignedDuration::from_secs(1));
    let count = u64::try_from(busiest.len()).unwrap_or(u64::MAX);
    if count <= tuning.count(&FLOOD) {
        return None;
    }
    let heavy = count > tuning.count(&HEAVY_FLOOD);
    let let_in = |it: &&Entry| it.kind == Kind::Registration && it.answered;
    let (cause, next) = if busiest.iter().all(let_in) {
        (
            "All are registrations, and all were accepted: its users register again at once, as after an outage or a \
             restart.",
            format!(
                "Have the users behind {ip} spread their registrations; see what they had lost at that time."
            ),
        )
    } else {
        (
            "An attack, or a dialler that sends everything at once.",
            format!("Limit the rate of {ip}, and ask its owner where it is a customer's."),
        )
    };
    rule.pattern(
        tuning,
        Conclusion {
            about: ip.to_string(),
            proof: busiest.to_vec(),
            party: Party::Undecided,
            to_act: Party::Configuration,
            certainty: Certainty::Possible,
            severity: heavy.then_some(Severity::Error),
            fact: format!(
                "{ip} began {count} calls, registrations or keep-alives within a second."
            ),
            cause: cause.to_owned(),
            next,
        },
    )
}

/// The most of these, sorted by time, that begin within so long.
fn busiest<'e, 'l>(sorted: &'e [&'l Entry], long: SignedDuration) -> &'e [&'l Entry] {
    let (mut best, mut from) = (0..0, 0);
    for (until, last) in sorted.iter().enumerate() {
        let too_early = |first: &&Entry| match (first.at, last.at) {
            (Some(first), Some(last)) => last.duration_since(first) >= long,
            _ => false,
        };
        while from < until && sorted.get(from).is_some_and(too_early) {
            from += 1;
        }
        if until + 1 - from > best.len() {
            best = from..until + 1;
        }
    }
    sorted.get(best).unwrap_or_default()
}

pub(super) static USER_ENUMERATION: Rule = Rule {
    id: "user-enumeration",
    family: "many",
    severity: Severity::Warning,
    bearing: Bearing::Context,
    finds: "A source that registered as, or asked for, 10 users or more, of whom none accepted it: each got 403, 404 or \
            a challenge at the end, that to its credentials or one that it did not answer within 32 s.",
    matters: "Whoever knows which users there are guesses their passwords next.",
    remedy: "Block the source where it is a stranger's; answer unknown users as known ones are answered.",
    silent: "Any of its registrations was accepted: then it is a gateway with many users. A first challenge is no \
             refusal.",
    source: "RFC 3261 section 22.2; catalogue F3, R1",
    explains: &[],
    limits: &[&USERS],
    check: Check::Calls(|rule, ledger, tuning| {
        let until = ledger.all().filter_map(|it| it.at).max();
        by_source(ledger, |ip, seen| {
            enumeration(rule, tuning, until, (ip, seen))
        })
    }),
};

static USERS: Limit = Limit {
    key: "user-enumeration.users",
    what: "how many users a source may be refused as",
    default: Figure::Count(10),
};

/// Within what time a challenge is answered, if at all: the life of a transaction (RFC 3261 section 17.1.2).
const ANSWERED_WITHIN: SignedDuration = SignedDuration::from_secs(32);

fn enumeration(
    rule: &Rule,
    tuning: &Tuning,
    until: Option<Timestamp>,
    (ip, seen): (IpAddr, &[&Entry]),
) -> Option<Pattern> {
    let mut probes: Vec<&Entry> = seen.iter().copied().filter(|it| !it.is_call()).collect();
    let refused = |it: &&Entry| matches!(it.code, Some(401 | 403 | 404 | 407));
    if !probes.iter().all(refused) {
        return None;
    }
    // Whoever was only challenged may be about to answer.
    let is_challenged =
        |it: &Entry| matches!(it.code, Some(401 | 407)) && it.refused_credentials == 0;
    let was_waited_for = |it: &Entry| match (it.at, until) {
        (Some(at), Some(until)) => until.duration_since(at) >= ANSWERED_WITHIN,
        _ => false,
    };
    probes.retain(|it| !is_challenged(it) || was_waited_for(it));
    let users = different(probes.iter().map(|it| it.called.as_str()));
    if !tuning.reaches(&USERS, users) {
        return None;
    }
    let customer = probes.iter().find_map(|it| it.customer.as_deref());
    let (party, certainty, cause, next) = match customer {
        Some(name) => (
            Party::Undecided,
            Certainty::Possible,
            "A device with many users that has no, or wrong, credentials, or somebody behind it who finds out which users \
             there are.",
            format!("Ask {name} what registers from {ip}."),
        ),
        None => (
            Party::Nobody,
            Certainty::Likely,
            "Somebody finds out which users there are.",
            format!("Block {ip} in the firewall."),
        ),
    };
    rule.pattern(
        tuning,
        Conclusion {
            about: ip.to_string(),
            fact: format!("{ip} tried {users} users, and none of them let it in."),
            proof: probes,
            party,
            to_act: Party::Configuration,
            certainty,
            severity: None,
            cause: cause.to_owned(),
            next,
        },
    )
}

pub(super) static PASSWORD_GUESSING: Rule = Rule {
    id: "password-guessing",
    family: "many",
    severity: Severity::Warning,
    bearing: Bearing::Context,
    finds: "A source whose credentials were refused 10 times or more for one user; an error where it was accepted \
            after that.",
    matters: "A guessed password is a bill: calls at the user's cost begin within minutes.",
    remedy: "Block the source; where it got in, lock the user, set a new password and look at what it called.",
    silent: "Fewer refusals: a password that was typed wrong. A device that was let in before is one whose password \
             was changed.",
    source: "Catalogue F4",
    explains: &[],
    limits: &[&GUESSES],
    check: Check::Calls(guessing),
};

static GUESSES: Limit = Limit {
    key: "password-guessing.refusals",
    what: "how many refused credentials of one source for one user are guessing",
    default: Figure::Count(10),
};

fn guessing(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let tried = ledger.all_by(|entry| Some((entry.source?, entry.user.as_deref()?)));
    let judged = tried.into_iter().filter_map(|((ip, user), seen)| {
        let accepted = |it: &&Entry| it.answered && it.kind != Kind::Other;
        let failed: Vec<&Entry> = seen.iter().copied().filter(|it| !it.answered).collect();
        let refusals: usize = failed.iter().map(|it| it.refused_credentials).sum();
        let first_in = seen.iter().position(accepted);
        let before = first_in.map(|at| seen.iter().take(at));
        let before: Option<usize> = before.map(|it| it.map(|it| it.refused_credentials).sum());
        let got_in = before.is_some_and(|count| tuning.reaches(&GUESSES, count));
        let never_in = first_in.is_none();
        if !tuning.reaches(&GUESSES, refusals) || !(got_in || never_in) {
            return None;
        }
        let (end, cause, next) = if got_in {
            (
                "then it was let in",
                "A password was guessed, or its owner found it again.",
                format!("Lock user {user:?}, set a new password, and look at every call from {ip} since."),
            )
        } else {
            (
                "it was never let in",
                "Somebody guesses, or a device has an old password and does not stop.",
                format!("Where {ip} is a customer's, set the password of {user:?} anew; else block it."),
            )
        };
        rule.pattern(
            tuning,
            Conclusion {
                about: ip.to_string(),
                proof: failed,
                party: Party::Undecided,
                to_act: Party::Configuration,
                certainty: Certainty::Possible,
                severity: got_in.then_some(Severity::Error),
                fact: format!("{ip} was refused {refusals} times as user {user:?}; {end}."),
                cause: cause.to_owned(),
                next,
            },
        )
    });
    judged.collect()
}
