//! The words of a summary: its headline, its groups, its list. Says nothing that is not counted.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use super::Row;
use crate::diagnosis::case::seconds;
use crate::diagnosis::common::Ended;
use crate::diagnosis::logged::Logged;
use crate::diagnosis::words::listed;
use crate::diagnosis::{Common, Diagnosis, Group, Party};
use crate::render::card::Card;
use crate::render::clean;
use crate::sip::{Certainty, Facts, Kind};

/// More groups than this are not named in the headline.
const MOST_NAMED: usize = 3;

/// More carriers at which calls failed alike are not named there.
const MOST_CARRIERS: usize = 8;

/// "7 of 12 calls failed: 5 refused by Acme with 503 (carrier), 2 no response (network)."
pub(super) fn headline(groups: &[Group], common: &Common) -> String {
    let count = |ended: Ended| -> usize {
        groups
            .iter()
            .filter(|it| it.ended == ended)
            .map(|it| it.count)
            .sum()
    };
    let (failed, good) = (count(Ended::Failed), count(Ended::Good));
    let all = failed + good + count(Ended::Undecided);
    if common.calls > all {
        // A scope: more calls were counted than diagnosed.
        let (failed, calls) = (common.failed, common.calls);
        return format!(
            "{failed} of {calls} calls failed. Diagnosed {all} of them: {}.",
            named(groups.iter())
        );
    }
    let noun = if common.calls == all {
        "calls"
    } else {
        "calls and registrations"
    };
    match (failed, good) {
        (0, good) if good == all => format!("All {all} {noun} are good."),
        (0, _) => format!("None of {all} {noun} failed: {}.", named(groups.iter())),
        _ => {
            let failing = groups.iter().filter(|it| it.ended == Ended::Failed);
            format!("{failed} of {all} {noun} failed: {}.", named(failing))
        }
    }
}

fn named<'g>(groups: impl Iterator<Item = &'g Group>) -> String {
    // Those that failed alike are one part, whichever carrier it was.
    let mut alike: Vec<Vec<&Group>> = Vec::new();
    for group in groups {
        match alike
            .iter_mut()
            .find(|it| it.iter().any(|it| failed_alike(it, group)))
        {
            Some(part) => part.push(group),
            None => alike.push(vec![group]),
        }
    }
    let count = |part: &Vec<&Group>| -> usize { part.iter().map(|it| it.count).sum() };
    alike.sort_by_key(|part| part.first().map(|it| (it.ended, Reverse(count(part)))));
    let mut parts: Vec<String> = alike
        .iter()
        .take(MOST_NAMED)
        .filter_map(|part| match part.as_slice() {
            [one] => Some(counted(one)),
            many => Some(counted_alike(many.first()?, many, count(part))),
        })
        .collect();
    let others: usize = alike.iter().skip(MOST_NAMED).map(count).sum();
    if others > 0 {
        parts.push(format!("{others} otherwise"));
    }
    parts.join(", ")
}

/// Whether two groups differ in nothing but the carrier.
fn failed_alike(a: &Group, b: &Group) -> bool {
    let of = |it: &Group| (it.ended, it.rule.clone(), it.party, it.code);
    a.carrier.is_some() && b.carrier.is_some() && of(a) == of(b)
}

/// "9 refused with 503 by Acme (5), Beta (3) and Gamma (1) (carrier)".
fn counted_alike(first: &Group, all: &[&Group], count: usize) -> String {
    let carriers = all.iter().take(MOST_CARRIERS);
    let mut carriers: Vec<String> = carriers
        .map(|it| {
            format!(
                "{} ({})",
                it.carrier.as_deref().unwrap_or_default(),
                it.count
            )
        })
        .collect();
    let left: usize = all.iter().skip(MOST_CARRIERS).map(|it| it.count).sum();
    if left > 0 {
        carriers.push(format!("others ({left})"));
    }
    let what = match (first.code, &first.rule) {
        (Some(code), _) if first.party == Party::Carrier => format!("refused with {code} by"),
        (Some(code), None) => format!("ended with {code} through"),
        (Some(code), Some(rule)) => format!("{} ({code}) through", rule.replace('-', " ")),
        (None, None) => "without a final code through".to_owned(),
        (None, Some(rule)) => format!("{} through", rule.replace('-', " ")),
    };
    format!("{count} {what} {}{}", listed(&carriers), owner(first))
}

/// "5 refused by Acme with 503 (carrier)".
fn counted(group: &Group) -> String {
    format!("{} {}{}", group.count, group.words, owner(group))
}

/// Who owns the cause, behind what became of calls.
fn owner(group: &Group) -> String {
    match group.party {
        Party::Nobody => String::new(),
        party => format!(" ({})", party.label()),
    }
}

/// The line above a group.
pub(super) fn title(group: &Group) -> String {
    let mut parts = vec![counted(group)];
    if group.to_act != Party::Nobody && group.to_act != group.party {
        parts.push(format!("to act: {}", group.to_act.label()));
    }
    parts.push(match group.party {
        // As on a card: beside an undecided cause none is certain.
        Party::Undecided => format!("cause {}", Certainty::Possible.word()),
        _ => format!("cause {}", group.sureness()),
    });
    // Where the carrier is the party, the words name it.
    let carrier = group
        .carrier
        .as_ref()
        .filter(|_| group.party != Party::Carrier);
    parts.extend(
        carrier.map(|carrier| match carrier.strip_prefix("carrier ") {
            // Of one that has no name all that is known says already what it is.
            Some(_) => carrier.clone(),
            None => format!("carrier {carrier}"),
        }),
    );
    // Other words are those of the rule.
    let is_said = |rule: &String| group.words.contains(&rule.replace('-', " "));
    parts.extend(group.rule.clone().filter(|rule| !is_said(rule)));
    parts.join(" · ")
}

/// The head of a card: what happened, who and how sure.
pub(super) fn head(card: &Card) -> Vec<String> {
    let judgement = card.judgement.as_ref().map(|it| it.parts().join(" · "));
    [card.headline.clone()]
        .into_iter()
        .chain(judgement)
        .collect()
}

/// When it began and when it was last good, then what failing calls share.
pub(super) fn shared(common: &Common) -> Vec<String> {
    let mut sentences = Vec::new();
    let good = (common.good > 0).then(|| format!("{} good", common.good));
    let neither = (common.undecided > 0).then(|| {
        let many = common.undecided;
        format!("{many} neither: people ended it, or the evidence does not say")
    });
    if common.failed > 0 && (good.is_some() || neither.is_some()) {
        let others: Vec<String> = good.into_iter().chain(neither).collect();
        sentences.push(format!("The others: {}.", others.join(", ")));
    }
    sentences.extend(began(common));
    // How they ended, the groups tell.
    let circumstances = common.shared.iter().filter(|it| !it.aspect.is_outcome());
    sentences.extend(circumstances.map(|it| clean::line(&it.sentence)));
    sentences
}

/// When failing calls began, and when there was a good one last.
fn began(common: &Common) -> Option<String> {
    let (first, last) = (common.first_failing?, common.last_failing?);
    let is_first_day = |at: Timestamp| time(at, "%F") == time(first, "%F");
    let since = |at: Timestamp| time(at, if is_first_day(at) { "%T" } else { "%F %T" });
    let good = match common.last_good {
        Some(at) => format!("the last good one {}", since(at)),
        None => "no good one seen".to_owned(),
    };
    let failing = match common.failed {
        1 => format!("The failing call began {} UTC", time(last, "%F %T")),
        _ => format!(
            "The first failing call began {} UTC, the last {}",
            time(first, "%F %H:%M"),
            since(last)
        ),
    };
    Some(format!("{failing}; {good}."))
}

fn time(at: Timestamp, format: &str) -> String {
    at.strftime(format).to_string()
}

/// A call in the list: by its messages, else by the platform's log.
pub(super) fn row(call: &Diagnosis, group: &str) -> Row {
    let facts = call.facts.first();
    let logged = call.logged.as_ref();
    let id = call.call_ids.first();
    // A trace without times begins when time began.
    let started = call.started().filter(|at| at.as_second() > 0);
    let user = |of_facts: Option<&String>, of_log: Option<&String>| {
        clean::line(of_facts.or(of_log).map_or("", String::as_str))
    };
    Row {
        started: started.map_or_else(String::new, |at| time(at, "%F %T")),
        from: user(
            facts.map(|it| &it.from),
            logged.and_then(|it| it.from.as_ref()),
        ),
        to: user(facts.map(|it| &it.to), logged.and_then(|it| it.to.as_ref())),
        outcome: match (facts, logged) {
            (Some(facts), _) => outcome(facts),
            (None, Some(logged)) => logged_outcome(logged),
            (None, None) => String::new(),
        },
        group: group.to_owned(),
        call_id: clean::line(id.map_or("", String::as_str)),
    }
}

fn logged_outcome(logged: &Logged) -> String {
    match (logged.duration_ms, logged.code) {
        (Some(talk), _) => format!("talked {}", seconds(SignedDuration::from_millis(talk))),
        (None, Some(code)) => code.to_string(),
        (None, None) => "not known".to_owned(),
    }
}

fn outcome(facts: &Facts) -> String {
    let code = facts
        .final_code
        .map_or("no answer".to_owned(), |code| code.to_string());
    match (facts.kind, facts.answered, facts.talk_ms) {
        (Kind::Call, true, Some(talk)) => {
            format!("talked {}", seconds(SignedDuration::from_millis(talk)))
        }
        (Kind::Call, true, None) => "answered".to_owned(),
        (Kind::Registration, ..) => format!("{code} REGISTER"),
        _ => code,
    }
}
