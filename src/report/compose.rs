//! Makes a report out of diagnosed calls: what each reader is told, sentence by sentence, and what each rests on.
//! Fetches nothing and reads no clock; adds nothing that no evidence shows.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::audience::{Audience, Cleared, Screen};
use super::part::{Part, moment};
use super::{Basis, CallRef, Category, Own, Pair, Report, Statement};
use crate::call::located;
use crate::diagnosis::comparison::Area;
use crate::diagnosis::party::Direction;
use crate::diagnosis::{
    Case, Common, Comparison, Diagnosis, Finding, Investigation, Outcome, Party, Peers, Severity,
};
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
    /// What was seen besides messages.
    pub observed: &'a Observations,
    /// Who is who.
    pub peers: &'a Peers,
}

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
    let whom = whom.or(about.verdict.answered_by.as_deref());
    let cases: Vec<Option<Case<'_>>> = material.calls.iter().map(|it| case(it, material)).collect();
    let parts: Vec<Option<Part<'_>>> = cases
        .iter()
        .map(|case| Part::of(case.as_ref()?, audience, whom))
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
    let screen = Screen::new(
        audience,
        None,
        of_calls
            .clone()
            .map(|(told, (case, part))| (told.diagnosis, case.as_ref(), part.as_ref())),
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
        })
        .collect();
    let composer = Composer {
        audience,
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
}

impl Seen<'_> {
    /// When it began for its reader.
    fn began(&self) -> Option<Timestamp> {
        let own = self.diagnosis.started();
        match self.part {
            Some(part) => part.hop.started().filter(|_| own.is_some()),
            None => own,
        }
    }

    /// Whether it was answered and nothing was wrong with it.
    fn is_good(&self) -> bool {
        let answered = self.diagnosis.facts.first().is_some_and(|it| it.answered);
        answered && self.diagnosis.verdict.party == Party::Nobody
    }
}

/// Puts a report together for one reader.
pub(super) struct Composer<'c> {
    pub(super) audience: Audience,
    material: &'c Material<'c>,
    screen: &'c Screen,
    seen: &'c [Seen<'c>],
    now: Timestamp,
}

impl<'c> Composer<'c> {
    fn clear(&self, text: &str) -> Cleared {
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
            subject: self.clear(&self.subject(about, examples.len())),
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
            own: Own::default(),
            calls,
        })
    }

    /// The calls that show the same: each was judged now and came to the same rule.
    fn alike(&self, about: &'c Seen<'c>) -> impl Iterator<Item = &'c Seen<'c>> {
        let same = move |it: &&'c Seen<'c>| {
            it.diagnosis.verdict.rule == about.diagnosis.verdict.rule
                && self.is_of_same_peer(about, it)
        };
        let others = self.seen.iter().skip(1).filter(same);
        self.seen.iter().take(1).chain(others)
    }

    /// Whether whoever the report is for had the same part in another call.
    fn is_of_same_peer(&self, about: &Seen<'c>, other: &Seen<'c>) -> bool {
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

    /// How we call who is written to.
    fn whose(&self, about: &Seen<'c>) -> String {
        let by_part = about.part.and_then(|part| part.name.clone());
        let logged = about.diagnosis.logged.as_ref();
        let by_log = || match self.audience {
            Audience::Carrier => logged?.attempts.last()?.carrier.clone(),
            _ => logged?.customer.clone(),
        };
        by_part.or_else(by_log).unwrap_or_default()
    }

    /// Numbers of a call as its reader knows them.
    fn numbers(&self, seen: &Seen<'c>) -> (String, String) {
        if let Some(part) = seen.part {
            return part.numbers();
        }
        let facts = seen.diagnosis.facts.first();
        let log = seen.diagnosis.logged.as_ref();
        let of = |facts: Option<&String>, log: Option<&String>| {
            facts.or(log).cloned().unwrap_or_default()
        };
        (
            of(
                facts.map(|it| &it.from),
                log.and_then(|it| it.from.as_ref()),
            ),
            of(facts.map(|it| &it.to), log.and_then(|it| it.to.as_ref())),
        )
    }

    /// What ended the call, as its reader knows it.
    fn refusal(&self, seen: &Seen<'c>) -> Option<(u16, String, Option<u16>)> {
        if let Some(part) = seen.part {
            return part.refusal();
        }
        let log = seen.diagnosis.logged.as_ref();
        if self.audience == Audience::Carrier {
            let tried = log?.attempts.last()?;
            return Some((tried.code?, tried.reason.clone().unwrap_or_default(), None));
        }
        let of_log = log.and_then(|it| Some((it.code?, it.reason.clone().unwrap_or_default())));
        let made = seen.case.and_then(Case::failure).and_then(|answer| {
            let message = answer.message();
            let cause = message.q850().and_then(|it| it.cause);
            Some((message.code()?, message.reason_phrase().to_owned(), cause))
        });
        match (of_log, made) {
            (Some((code, reason)), made) if code >= 300 => {
                Some((code, reason, made.and_then(|it| it.2)))
            }
            (_, made) => made,
        }
    }

    fn direction(seen: &Seen<'c>) -> Option<&'static str> {
        match seen.case?.roles.direction {
            Direction::Outbound | Direction::AssumedOutbound => Some("outbound"),
            Direction::Inbound => Some("inbound"),
            Direction::OneLeg => None,
        }
    }

    fn subject(&self, about: &'c Seen<'c>, calls: usize) -> String {
        let (_, to) = self.numbers(about);
        let since = self.began(about);
        let since = since.map_or_else(String::new, |at| {
            at.strftime(" since %F %H:%M UTC").to_string()
        });
        let what = match self.refusal(about) {
            Some((code, reason, _)) => format!("fails with {code} {reason}"),
            // An id of a rule is our own word, and says in the fewest what is the matter.
            None => format!(
                "has trouble: {}",
                about.diagnosis.verdict.rule.replace('-', " ")
            ),
        };
        let country = located(&to).map_or_else(String::new, |(_, it)| format!(" ({})", it.name()));
        match self.audience {
            Audience::Platform => {
                let way = Self::direction(about).unwrap_or("a");
                let mut text = format!("{way} call to {to}{country} {}{since}", what.trim_end());
                if let Some(first) = text.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                text
            }
            Audience::Carrier => {
                let what = match self.refusal(about) {
                    Some((code, reason, _)) => format!("{code} {reason}").trim_end().to_owned(),
                    None => about.part.map_or("please check", Part::in_short).to_owned(),
                };
                let calls = if calls == 1 {
                    "1 call".to_owned()
                } else {
                    format!("{calls} calls")
                };
                format!("{calls} to {to}{country}: {what}{since}")
            }
            Audience::Customer => {
                let on = about.diagnosis.started();
                let on = on.map_or_else(String::new, |at| {
                    at.strftime(" on %F %H:%M UTC").to_string()
                });
                match to.as_str() {
                    "" => {
                        let id = about.diagnosis.call_ids.first();
                        let id = id.map_or("that we could not find", String::as_str);
                        format!("Your call {id}{on}")
                    }
                    to => format!("Your call to {to}{on}"),
                }
            }
        }
    }

    fn began(&self, about: &'c Seen<'c>) -> Option<Timestamp> {
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

    fn times(&self, about: &'c Seen<'c>) -> Vec<Statement> {
        // A customer is told when their call was, and what we count is our affair.
        if self.audience == Audience::Customer {
            return Vec::new();
        }
        let calls = |text: String| self.says(text, Basis::Calls, "calls counted");
        let failing: Vec<Timestamp> = self.alike(about).filter_map(Seen::began).collect();
        let is_theirs = |it: &&'c Seen<'c>| self.is_of_same_peer(about, it);
        let looked = self.seen.iter().filter(is_theirs).count();
        let good = self.seen.iter().filter(is_theirs).filter(|it| it.is_good());
        let good: Vec<Timestamp> = good.filter_map(Seen::began).collect();
        let mut said = Vec::new();
        let (first, last) = (failing.iter().min(), failing.iter().max());
        if let Some(first) = first {
            said.push(calls(format!(
                "The first call known to fail so began at {}.",
                moment(*first)
            )));
        }
        if looked < 2 {
            let text = "One call was looked at; whether it is continuous is not known.";
            said.push(calls(text.to_owned()));
            return said;
        }
        let is_between = |at: &&Timestamp| first.is_some_and(|first| *at > first);
        let how = match (failing.len(), good.iter().find(is_between)) {
            (0 | 1, _) => "one call that fails so",
            (_, None) => "continuous since then",
            (_, Some(_)) => "intermittent: good calls lie between failing ones",
        };
        said.push(calls(format!(
            "Of {looked} calls looked at {} failed so and {} were good: {how}.",
            failing.len(),
            good.len()
        )));
        if let Some(last) = last.filter(|_| failing.len() > 1) {
            said.push(calls(format!(
                "The last call known to fail so began at {}.",
                moment(*last)
            )));
        }
        said.push(calls(match good.iter().max() {
            Some(at) => format!("The last good call known began at {}.", moment(*at)),
            None => "No good call like it is known.".to_owned(),
        }));
        said
    }

    fn assumptions(&self, about: &Seen<'c>) -> Vec<Statement> {
        if self.audience != Audience::Platform {
            return Vec::new();
        }
        let findings = about.diagnosis.findings.iter();
        let told = findings.filter(|it| it.severity > Severity::Info && !it.cause.is_empty());
        let said = told.map(|it| {
            let text = format!("{} ({})", it.cause, it.certainty.word());
            self.says(text, Basis::Finding(it.rule.clone()), &proof(it))
        });
        said.collect()
    }

    fn steps(&self, examples: usize) -> Vec<Statement> {
        match self.audience {
            Audience::Platform => {
                let looked = self.material.investigation.steps.iter();
                let looked = looked.filter(|it| it.outcome != Outcome::NotChecked);
                let said = looked.map(|it| {
                    let text = format!("{}: {}. {}", it.step.label(), it.outcome.word(), it.detail);
                    self.says(text, Basis::Step, "")
                });
                said.collect()
            }
            Audience::Carrier => {
                let text = match examples {
                    1 => "We looked at the messages of this call between you and us.".to_owned(),
                    n => format!(
                        "We looked at the messages of {n} calls between you and us; each shows the same."
                    ),
                };
                vec![self.says(text, Basis::Calls, "")]
            }
            Audience::Customer => Vec::new(),
        }
    }

    fn not_checked(&self, about: &Seen<'c>) -> Vec<Statement> {
        if self.audience != Audience::Platform {
            return Vec::new();
        }
        let steps = self.material.investigation.steps.iter();
        let open = steps
            .filter(|it| it.outcome == Outcome::NotChecked && !it.detail.starts_with("not needed"));
        let open = open.map(|it| format!("{}: {}", it.step.label(), it.detail));
        let mut said: Vec<Statement> = Vec::new();
        for text in open.chain(about.diagnosis.not_checked.iter().cloned()) {
            let statement = self.says(text, Basis::Step, "");
            if !said.contains(&statement) {
                said.push(statement);
            }
        }
        said
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
            why: self.clear(why.map_or("", |it| &it.sentence)),
            differences: told.collect(),
            left_out: all.len().saturating_sub(MOST_DIFFERENCES),
        })
    }

    /// What failing calls share. Most of it counts calls of others too, so that only the platform is told.
    fn common(&self) -> Vec<Statement> {
        let Counted { platform, carrier } = self.material.counted;
        let shared = self.material.common.iter().flat_map(|it| &it.shared);
        let shared = shared.map(|it| it.sentence.as_str());
        let told: Vec<&str> = match self.audience {
            Audience::Platform => platform.iter().map(String::as_str).chain(shared).collect(),
            Audience::Carrier => carrier.as_deref().into_iter().collect(),
            Audience::Customer => Vec::new(),
        };
        told.into_iter()
            .map(|it| self.says(it, Basis::Calls, "calls counted"))
            .collect()
    }

    fn request(&self, about: &Seen<'c>, calls: usize) -> Statement {
        let these = if calls == 1 {
            "this call"
        } else {
            "these calls"
        };
        let text = match self.audience {
            Audience::Platform => {
                let verdict = &about.diagnosis.verdict;
                let next = verdict
                    .next
                    .first()
                    .filter(|_| verdict.to_act == Party::Platform);
                let next = next.map_or_else(String::new, |it| format!(" {it}"));
                format!(
                    "Please look at {these} on your side and tell us what caused it and what has to be changed, by whom.{next}"
                )
            }
            Audience::Carrier => match self.refusal(about) {
                Some((code, ..)) => format!(
                    "Please look up {these} on your side and tell us why {code} was returned, and from when on it is corrected."
                ),
                None => format!("Please look up {these} on your side and tell us what you see."),
            },
            Audience::Customer => {
                let next = for_customer(about.diagnosis, &TimeZone::UTC).next;
                next.join(" ")
            }
        };
        self.says(text, Basis::Words, "")
    }

    fn call(&self, seen: &Seen<'c>) -> CallRef {
        let diagnosis = seen.diagnosis;
        let log = diagnosis.logged.as_ref();
        let is_platform = self.audience == Audience::Platform;
        let (from, to) = self.numbers(seen);
        let refusal = self.refusal(seen);
        let id = match (self.audience, seen.part) {
            (_, Some(part)) => part.call_id.clone(),
            (Audience::Carrier, None) => log
                .and_then(|it| it.outgoing_call_id.clone())
                .unwrap_or_default(),
            (_, None) => diagnosis.call_ids.first().cloned().unwrap_or_default(),
        };
        let ours = |text: Option<&String>| text.filter(|_| is_platform).map(|it| self.clear(it));
        let outgoing = log.and_then(|it| it.outgoing_call_id.clone());
        let outgoing = outgoing
            .or_else(|| diagnosis.call_ids.get(1).cloned())
            .filter(|it| *it != id);
        let named = |party: Party| {
            let hops = seen.case?.call.hops.iter();
            let case = seen.case?;
            let nodes = hops.flat_map(|hop| [hop.client, hop.server]);
            let of_party = nodes.filter(|node| case.roles.party(case.roles.side(*node)) == party);
            of_party.last().map(|node| case.name(node))
        };
        let customer = log
            .and_then(|it| it.customer.clone())
            .or_else(|| named(Party::Customer));
        let by_log = log.and_then(|it| it.attempts.last()?.carrier.clone());
        let carrier = by_log.or_else(|| named(Party::Carrier));
        let source = log.and_then(|it| it.source_address.clone());
        let source = source.or_else(|| Some(seen.case?.call.ingress()?.client.to_string()));
        let cdr = seen
            .case
            .and_then(|it| it.records)
            .and_then(|it| it.cdr.as_ref());
        let billed = cdr.and_then(|it| match self.audience {
            Audience::Carrier => it.carrier_billed_ms,
            Audience::Platform | Audience::Customer => it.customer_billed_ms,
        });
        let talked = seen.part.and_then(Part::talk_ms);
        let talked = talked.or_else(|| diagnosis.facts.first().and_then(|it| it.talk_ms));
        CallRef {
            call_id: self.clear(&id),
            outgoing: ours(outgoing.as_ref()),
            at: seen.began(),
            from: self.clear(&from),
            to: self.clear(&to),
            direction: Self::direction(seen)
                .filter(|_| is_platform)
                .map(|it| self.clear(it)),
            customer: ours(customer.as_ref()),
            carrier: ours(carrier.as_ref()),
            server: ours(log.and_then(|it| it.server.as_ref())),
            source: ours(source.as_ref()),
            between: seen
                .part
                .filter(|_| self.audience == Audience::Carrier)
                .map(|part| {
                    (
                        self.clear(&part.us.to_string()),
                        self.clear(&part.them.to_string()),
                    )
                }),
            code: refusal.as_ref().map(|it| it.0),
            reason: refusal
                .as_ref()
                .map(|it| self.clear(&it.1))
                .filter(|it| !it.is_empty()),
            cause: refusal.and_then(|it| it.2),
            talked_ms: talked,
            billed_ms: billed,
        }
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
