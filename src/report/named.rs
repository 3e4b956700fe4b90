//! How a report names its calls: the subject, who is written to, and each call by what its reader knows of it. Finds
//! nothing out.

use super::CallRef;
use super::audience::{Audience, WITHHELD};
use super::compose::{Composer, Seen};
use super::part::Part;
use crate::call::located;
use crate::diagnosis::party::Direction;
use crate::diagnosis::{Case, Logged, Party, Tried};
use crate::peers::is_same;

impl<'c> Composer<'c> {
    /// How we call who is written to.
    pub(super) fn whose(&self, about: &Seen<'c>) -> String {
        let by_part = about.part.and_then(|part| part.name.clone());
        let logged = about.diagnosis.logged.as_ref();
        let by_log = || match self.audience {
            Audience::Carrier => self.tried(logged?)?.carrier.clone(),
            _ => logged?.customer.clone(),
        };
        by_part.or_else(by_log).unwrap_or_default()
    }

    /// The attempt of the log that the report is about: of several carriers the one that it is for, else the last.
    fn tried<'l>(&self, log: &'l Logged) -> Option<&'l Tried> {
        let is_theirs = |it: &&Tried| {
            let name = it.carrier.as_deref().unwrap_or_default();
            self.whom.is_some_and(|whom| is_same(name, whom))
        };
        let mut attempts = log.attempts.iter();
        attempts.rfind(is_theirs).or(log.attempts.last())
    }

    /// Numbers of a call as its reader knows them.
    pub(super) fn numbers(&self, seen: &Seen<'c>) -> (String, String) {
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
    pub(super) fn refusal(&self, seen: &Seen<'c>) -> Option<(u16, String, Option<u16>)> {
        if let Some(part) = seen.part {
            return part.refusal();
        }
        let log = seen.diagnosis.logged.as_ref();
        if self.audience == Audience::Carrier {
            let tried = self.tried(log?)?;
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

    pub(super) fn direction(seen: &Seen<'c>) -> Option<&'static str> {
        match seen.case?.roles.direction {
            Direction::Outbound | Direction::AssumedOutbound => Some("outbound"),
            Direction::Inbound => Some("inbound"),
            Direction::OneLeg => None,
        }
    }

    pub(super) fn subject(&self, about: &'c Seen<'c>, examples: &[&Seen<'c>]) -> String {
        let (_, to) = self.numbers(about);
        let since = self.began(about);
        let since = since.map_or_else(String::new, |at| {
            at.strftime(" since %F %H:%M UTC").to_string()
        });
        let registers = about.diagnosis.is_registration();
        // An id of a rule is our own word, and says in the fewest what is the matter.
        let rule = about.diagnosis.verdict.rule.replace('-', " ");
        let what = match self.refusal(about) {
            Some((code, reason, _)) => format!("fails with {code} {reason}"),
            None => format!("has trouble: {rule}"),
        };
        let country = located(&to).map_or_else(String::new, |(_, it)| format!(" ({})", it.name()));
        let several = examples.iter().any(|it| self.numbers(it).1 != to);
        let such_as = if several { ", e.g." } else { "" };
        match self.audience {
            Audience::Platform => {
                let way = Self::direction(about).unwrap_or("a");
                let what = what.trim_end();
                let mut text = match examples.len() {
                    _ if registers => {
                        let rule = rule.trim_start_matches("registration ");
                        let of = if to.is_empty() { "a device" } else { &to };
                        format!("registration of {of}: {rule}{since}")
                    }
                    // What was never seen has no number.
                    1 if to.is_empty() => format!("{way} call {what}{since}"),
                    1 => format!("{way} call to {to}{country} {what}{since}"),
                    _ => {
                        let way = way.strip_prefix('a').unwrap_or(way);
                        let what = what.replacen("fails", "fail", 1).replacen("has", "have", 1);
                        let whom = if several {
                            format!(", e.g. to {to}{country},")
                        } else {
                            format!(" to {to}{country}")
                        };
                        format!("{way} calls{whom} {what}{since}")
                            .trim_start()
                            .to_owned()
                    }
                };
                if let Some(first) = text.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                text
            }
            Audience::Carrier => {
                let what = match self.refusal(about) {
                    Some(_) if about.part.is_some_and(Part::is_cancelled_by_us) => {
                        "cancelled by us before an answer".to_owned()
                    }
                    Some((code, reason, _)) => format!("{code} {reason}").trim_end().to_owned(),
                    None => about
                        .part
                        .map_or_else(|| "what you saw of it".to_owned(), Part::in_short),
                };
                let calls = match examples.len() {
                    1 => "1 call".to_owned(),
                    calls => format!("{calls} calls"),
                };
                let when = match (examples.len(), self.refusal(about)) {
                    // What one call did is over.
                    (1, None) => since.replacen("since", "on", 1),
                    _ => since,
                };
                format!("{calls}{such_as} to {to}{country}: {what}{when}")
            }
            Audience::Customer => {
                let on = about.diagnosis.started();
                let on = on.map_or_else(String::new, |at| {
                    at.strftime(" on %F %H:%M UTC").to_string()
                });
                let comes_in = about.part.is_some_and(|it| !it.they_called())
                    || Self::direction(about) == Some("inbound");
                match to.as_str() {
                    _ if registers => format!("Your device's registration{on}"),
                    "" => {
                        let id = about.diagnosis.call_ids.first();
                        format!("Your call {}{on}", id.map_or("", String::as_str))
                    }
                    to if comes_in => format!("A call to {to}{on}"),
                    to => format!("Your call to {to}{on}"),
                }
            }
        }
    }

    pub(super) fn call(&self, seen: &Seen<'c>) -> CallRef {
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
            // Half of an id finds nothing.
            call_id: Some(self.clear(&id))
                .filter(|it| !it.as_str().contains(WITHHELD))
                .unwrap_or_default(),
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
