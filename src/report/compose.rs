//! Makes a report out of diagnosed calls: what each reader is told, sentence by sentence, and what each rests on.
//! Fetches nothing and reads no clock; adds nothing that no evidence shows.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::audience::{Audience, Cleared, Screen};
use super::involved::involved;
use super::part::Part;
use super::{Basis, CallRef, Category, Own, Pair, Report, Statement};
use crate::diagnosis::comparison::Area;
use crate::diagnosis::{Case, Common, Comparison, Diagnosis, Finding, Investigation, Party, Peers};
use crate::render::card::for_customer;
use crate::sources::Known;
use crate::wire::Observations;

/// A carrier does not look at calls that are older.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// More differences than this between a failing and a good call are not told.
const MOST_DIFFERENCES: usize = 12;

/// A call that was diagnosed, with what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// What was found.
    pub diagnosis: &'a Diagnosis,
    /// Its messages and records, where they are at hand.
    pub known: Option<&'a Known>,
    /// Whether somebody named it, rather than a search for all calls of a kind: named calls are chosen, so that what
    /// they share says nothing of the others.
    pub is_named: bool,
}

/// What many calls have in common that nobody looked at one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// For the platform, a sentence each.
    pub platform: Vec<String>,
    /// For the carrier that all of them went to: its own calls alone.
    pub carrier: Option<String>,
}

/// Everything that a report draws on.
#[derive(Debug, Clone)]
pub struct Material<'a> {
    /// The investigation of the call that the report is about.
    pub investigation: &'a Investigation,
    /// The calls, all of them judged now: the one that the report is about first, then others around it.
    pub calls: Vec<Told<'a>>,
    /// What failing calls among more of them share.
    pub common: Option<&'a Common>,
    /// What is counted over more calls than those.
    pub counted: &'a Counted,
    /// The call beside its good twin.
    pub pair: Option<&'a Comparison>,
    /// What of the calls around it could not be looked up, a sentence each.
    pub lost: &'a [String],
    /// What was seen besides messages.
    pub observed: &'a Observations,
    /// Who is who.
    pub peers: &'a Peers,
}

/// The rule of what is no call: nobody can be told anything of it.
const NOT_FOUND: &str = "call-not-found";

/// How many examples a reader gets: support wants one that is sure, a carrier several.
fn most_examples(audience: Audience) -> usize {
    match audience {
        Audience::Platform => 3,
        Audience::Carrier | Audience::Customer => 5,
    }
}

/// The report of this material for one reader, of several carriers for the one that is called `whom`, and the screen
/// that everything which is added later has to pass too.
///
/// # Errors
/// One sentence, where there is no call, or no carrier had a part in it.
pub fn compose(
    material: &Material<'_>,
    audience: Audience,
    whom: Option<&str>,
    now: Timestamp,
) -> Result<(Report, Screen), String> {
    let about = material
        .calls
        .first()
        .ok_or("There is no call to report.")?
        .diagnosis;
    if about.verdict.rule == NOT_FOUND {
        return Err(
            "This call was not found, so nothing is known of it that could be reported. Find it first: ask with its \
             Call-ID, or with the number and the time."
                .to_owned(),
        );
    }
    let whom = whom.or(about.verdict.answered_by.as_deref());
    let cases: Vec<Option<Case<'_>>> = material.calls.iter().map(|it| case(it, material)).collect();
    let parts = material.calls.iter().zip(&cases);
    let parts: Vec<Option<Part<'_>>> = parts
        .map(|(told, case)| Part::told_to(case.as_ref()?, told.diagnosis, audience, whom))
        .collect();
    let asked = about
        .logged
        .as_ref()
        .is_some_and(|it| !it.attempts.is_empty());
    if audience == Audience::Carrier && parts.first().is_none_or(Option::is_none) && !asked {
        return Err(
            "No carrier had a part in this call as far as was seen, so there is nothing to tell one."
                .to_owned(),
        );
    }
    let of_calls = material.calls.iter().zip(cases.iter().zip(&parts));
    // What another carrier or customer saw of a call around it is not this one's to know.
    let them = |part: &Part<'_>| part.them.ip();
    let first = parts.first().and_then(Option::as_ref).map(them);
    let screen = Screen::new(
        audience,
        None,
        of_calls.clone().map(|(told, (case, part))| {
            let own = part.as_ref().filter(|part| Some(them(part)) == first);
            (told.diagnosis, case.as_ref(), own)
        }),
    );
    // What a comparison tells of a good call is of a call whose legs are not at hand.
    let twin = material.pair.filter(|_| audience != Audience::Platform);
    let twin = twin.map(|it| &it.b);
    let screen = screen.hiding(twin.iter().flat_map(|it| {
        let ids = it
            .call_ids
            .iter()
            .rev()
            .skip(usize::from(audience == Audience::Carrier));
        ids.map(String::as_str).chain([it.from.as_str()])
    }));
    let seen: Vec<Seen<'_>> = of_calls
        .map(|(told, (case, part))| Seen {
            diagnosis: told.diagnosis,
            case: case.as_ref(),
            part: part.as_ref(),
            is_named: told.is_named,
        })
        .collect();
    let composer = Composer {
        audience,
        whom,
        material,
        screen: &screen,
        seen: &seen,
        now,
    };
    let report = composer.report().ok_or("There is no call to report.")?;
    Ok((report, screen))
}

fn case<'a>(told: &Told<'a>, material: &Material<'a>) -> Option<Case<'a>> {
    let known = told.known?;
    let case = Case::new(&known.call, material.peers, None).recorded(known.records.as_ref());
    Some(case.observing(material.observed))
}

/// A call as it is told.
pub(super) struct Seen<'c> {
    /// What was found.
    pub(super) diagnosis: &'c Diagnosis,
    /// The call, where it is at hand.
    pub(super) case: Option<&'c Case<'c>>,
    /// What its reader saw of it.
    pub(super) part: Option<&'c Part<'c>>,
    /// Whether somebody named it.
    pub(super) is_named: bool,
}

impl Seen<'_> {
    /// When it began for its reader.
    pub(super) fn began(&self) -> Option<Timestamp> {
        let own = self.diagnosis.started();
        match self.part {
            Some(part) => part.hop.started().filter(|_| own.is_some()),
            None => own,
        }
    }

    /// Whether it was answered and nothing was wrong with it.
    pub(super) fn is_good(&self) -> bool {
        let answered = self.diagnosis.facts.first().is_some_and(|it| it.answered);
        answered && self.diagnosis.verdict.party == Party::Nobody
    }
}

/// Puts a report together for one reader.
pub(super) struct Composer<'c> {
    pub(super) audience: Audience,
    /// Of several carriers the one that it is for.
    pub(super) whom: Option<&'c str>,
    pub(super) material: &'c Material<'c>,
    screen: &'c Screen,
    pub(super) seen: &'c [Seen<'c>],
    now: Timestamp,
}

impl<'c> Composer<'c> {
    pub(super) fn clear(&self, text: &str) -> Cleared {
        self.screen.clear(text)
    }

    /// A sentence with what it rests on.
    pub(super) fn says(&self, text: impl AsRef<str>, rests_on: Basis, proof: &str) -> Statement {
        Statement {
            text: self.clear(text.as_ref()),
            rests_on,
            proof: self.clear(proof),
        }
    }

    fn report(&self) -> Option<Report> {
        let about = self.seen.first()?;
        let examples = self.examples(about);
        let calls: Vec<CallRef> = examples.iter().map(|it| self.call(it)).collect();
        let to_act = about.diagnosis.verdict.to_act;
        let to = match self.audience {
            Audience::Platform => String::new(),
            Audience::Carrier | Audience::Customer => self.whose(about),
        };
        Some(Report {
            audience: self.audience,
            to: Screen::clear(self.screen, &to),
            investigation: self.material.investigation.id.clone(),
            rule: about.diagnosis.verdict.rule.clone(),
            made_at: self.now,
            subject: self.clear(&self.subject(about, &examples)),
            category: match to_act {
                Party::Platform => Category::Platform,
                _ => Category::Operational,
            },
            failing: self.alike(about).count(),
            symptom: self.symptom(about),
            times: self.times(about),
            observations: self.observations(&examples),
            assumptions: self.assumptions(about),
            steps: self.steps(examples.len()),
            not_checked: self.not_checked(about),
            pair: self.pair(),
            common: self.common(),
            request: self.request(about, examples.len()),
            next: self.next(about),
            is_note: false,
            involved: self.involved(),
            own: Own::default(),
            calls,
        })
    }

    /// Who had a part in any of the calls.
    fn involved(&self) -> Vec<String> {
        let of_calls = self.seen.iter();
        let mut names: Vec<String> = of_calls
            .flat_map(|it| involved(it.diagnosis, it.case))
            .collect();
        let mut told = BTreeSet::new();
        names.retain(|it| told.insert(it.clone()));
        names
    }

    /// The calls that show the same: each was judged now and came to the same rule.
    pub(super) fn alike(&self, about: &'c Seen<'c>) -> impl Iterator<Item = &'c Seen<'c>> {
        let same = move |it: &&'c Seen<'c>| {
            it.diagnosis.verdict.rule == about.diagnosis.verdict.rule
                && self.is_of_same_peer(about, it)
        };
        let others = self.seen.iter().skip(1).filter(same);
        self.seen.iter().take(1).chain(others)
    }

    /// Whether whoever the report is for had the same part in another call.
    pub(super) fn is_of_same_peer(&self, about: &Seen<'c>, other: &Seen<'c>) -> bool {
        let them = |seen: &Seen<'c>| seen.part.map(|part| part.them.ip());
        self.audience == Audience::Platform
            || std::ptr::eq(about, other)
            || (them(about).is_some() && them(about) == them(other))
    }

    /// The calls that are named: the one it is about, and the newest of those like it.
    fn examples(&self, about: &'c Seen<'c>) -> Vec<&'c Seen<'c>> {
        let is_fresh = |it: &&Seen<'c>| {
            let at = it.diagnosis.started();
            self.audience != Audience::Carrier
                || at.is_some_and(|at| self.now.duration_since(at) < FRESH)
        };
        let mut others: Vec<&'c Seen<'c>> = self.alike(about).skip(1).filter(is_fresh).collect();
        others.sort_by_key(|it| std::cmp::Reverse(it.diagnosis.started()));
        others.truncate(most_examples(self.audience) - 1);
        std::iter::once(about).chain(others).collect()
    }

    pub(super) fn began(&self, about: &'c Seen<'c>) -> Option<Timestamp> {
        self.alike(about).filter_map(Seen::began).min()
    }

    /// The finding that explains the call.
    pub(super) fn finding<'f>(&self, about: &'f Seen<'c>) -> Option<&'f Finding> {
        let rule = &about.diagnosis.verdict.rule;
        about.diagnosis.findings.iter().find(|it| it.rule == *rule)
    }

    fn symptom(&self, about: &Seen<'c>) -> Statement {
        let finding = self.finding(about);
        let rule = Basis::Finding(about.diagnosis.verdict.rule.clone());
        match self.audience {
            Audience::Platform => {
                let fact = finding.map_or(&about.diagnosis.verdict.summary, |it| &it.fact);
                self.says(fact, rule, &finding.map(proof).unwrap_or_default())
            }
            Audience::Carrier => {
                let (_, to) = self.numbers(about);
                let text = match (about.part, self.refusal(about)) {
                    (Some(part), _) => part.symptom(),
                    (None, Some((code, reason, _))) => {
                        format!("For a call to {to} you returned {code} {reason}.")
                            .replace(" .", ".")
                    }
                    (None, None) => format!("A call to {to} did not go as it should."),
                };
                self.says(text, Basis::Log, "")
            }
            Audience::Customer => {
                let card = for_customer(about.diagnosis, &TimeZone::UTC);
                self.says(card.headline, rule, "")
            }
        }
    }

    fn pair(&self) -> Option<Pair> {
        let pair = self.material.pair?;
        let twin = pair.twin.as_ref();
        let about = self.seen.first()?;
        let good = self
            .seen
            .iter()
            .find(|it| it.diagnosis.call_ids == pair.b.call_ids);
        let theirs = good
            .filter(|good| self.is_of_same_peer(about, good))
            .and_then(|it| it.part);
        let areas: &[Area] = match self.audience {
            Audience::Platform => &[],
            // Another carrier's good call is none of this one's business.
            Audience::Carrier if theirs.is_some() => {
                &[Area::SentOn, Area::MediaSentOn, Area::CalledMedia]
            }
            Audience::Carrier | Audience::Customer => return None,
        };
        // What our rules are called tells no support anything.
        let is_ours = |label: &str| matches!(label, "Rule" | "Cause lies with");
        let is_theirs = |area: Area| areas.is_empty() || areas.contains(&area);
        let all: Vec<_> = pair
            .differences
            .iter()
            .filter(|it| is_theirs(it.area) && !is_ours(&it.label))
            .collect();
        let told = all.iter().take(MOST_DIFFERENCES).map(|it| {
            let what = format!("{}: {}", it.area.label(), it.label);
            (self.clear(&what), self.clear(&it.a), self.clear(&it.b))
        });
        let id = |part: Option<&Part<'_>>, ids: &[String]| {
            let of_part = part.map(|it| it.call_id.clone());
            of_part.or_else(|| ids.first().cloned()).unwrap_or_default()
        };
        let why = twin.filter(|_| self.audience == Audience::Platform);
        Some(Pair {
            bad: self.clear(&id(about.part, &pair.a.call_ids)),
            good: self.clear(&id(theirs, &pair.b.call_ids)),
            good_at: good.and_then(Seen::began),
            why: self.clear(&why.map_or_else(String::new, |it| {
                it.sentence.replacen("B is", "The good call is", 1)
            })),
            differences: told.collect(),
            left_out: all.len().saturating_sub(MOST_DIFFERENCES),
        })
    }
}

/// What proves a finding, as a reader finds it.
pub(super) fn proof(finding: &Finding) -> String {
    let mut parts = Vec::new();
    if !finding.packets.is_empty() {
        let numbers: Vec<String> = finding.packets.iter().map(usize::to_string).collect();
        parts.push(format!("messages {}", numbers.join(", ")));
    }
    parts.extend(
        finding
            .fields
            .iter()
            .map(|it| format!("{} {} {}", it.record, it.name, it.value)),
    );
    parts.join("; ")
}
