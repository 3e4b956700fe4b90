//! What others tell: sources that fail, the platform's status page, alerts of other programs, the bot's own absence.
//! Pure; becomes incidents, or part of one that is known.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::board::{Action, Board, Held, Trouble};
use super::grouping::{Axis, Cause, representative};
use super::life::{Incident, Measure, Severity};
use super::looking::FIRST_EXAMPLES;
use super::posts::JOINED;
use super::signal::{Alert, Seen, Status};
use crate::platform;

/// A source that fails for a shorter time is not told of.
const SOURCE_PATIENCE: SignedDuration = SignedDuration::from_mins(3);

/// So often it has to have failed in that time.
const FEWEST_FAILURES: usize = 2;

/// An incident of a source, an alert or the bot is over after so long without a sign.
const OTHERS_WINDOW: SignedDuration = SignedDuration::from_mins(2);

/// What a page goes on listing for so long after its calls were well again is no news.
const PAGE_LINGERS: SignedDuration = SignedDuration::from_hours(24);

/// So many different alerts of one hook within this are one storm.
const STORM: usize = 3;
const STORM_WITHIN: SignedDuration = SignedDuration::from_mins(2);

impl Board {
    /// A source fails, or answers again.
    pub(super) fn trouble(&mut self, source: String, why: Option<String>, now: Timestamp) {
        let known = self.open_of_source(&source);
        let Some(why) = why else {
            self.troubles.remove(&source);
            if let Some(held) = known.and_then(|id| self.find(&id)) {
                held.incident.last_sign = now;
                if let Some(turn) = held.incident.end(now) {
                    let id = held.incident.id.clone();
                    self.tell(&id, &turn);
                }
            }
            return;
        };
        let trouble = self.troubles.entry(source).or_insert(Trouble {
            since: now,
            why: why.clone(),
            times: 0,
        });
        trouble.why.clone_from(&why);
        trouble.times += 1;
        if let Some(held) = known.and_then(|id| self.find(&id)) {
            held.incident.last_bad = now;
            held.incident.said = why;
        }
    }

    fn open_of_source(&self, source: &str) -> Option<String> {
        let cause = of_source(source);
        let mut open = self.incidents().filter(|it| it.is_open());
        open.find(|it| it.cause == cause).map(|it| it.id.clone())
    }

    /// Tells of sources that have failed for long enough. One that failed once may be well again by now.
    pub(super) fn tell_of_sources(&mut self, now: Timestamp) {
        let is_due = |it: &Trouble| {
            it.times >= FEWEST_FAILURES && now.duration_since(it.since) >= SOURCE_PATIENCE
        };
        let due = self.troubles.iter().filter(|(_, it)| is_due(it));
        let due: Vec<(String, Trouble)> = due
            .filter(|(source, _)| self.open_of_source(source).is_none())
            .map(|(source, it)| (source.clone(), it.clone()))
            .collect();
        for (source, trouble) in due {
            let channel = self.settings.channel.clone();
            let mut incident = self.other(of_source(&source), now);
            incident.began = trouble.since;
            incident.severity = Severity::Total;
            incident.said = trouble.why;
            self.hold(incident, vec![channel]);
        }
    }

    /// An incident that no calls of the log make.
    fn other(&self, cause: Cause, now: Timestamp) -> Incident {
        let measure = Measure {
            watch: String::new(),
            condition: String::new(),
            window: OTHERS_WINDOW,
            least: 1,
        };
        Incident::new(self.new_id(now), cause, measure, now, now)
    }

    /// What the status page lists: new, changed or gone.
    pub(super) fn announced(&mut self, listed: Vec<platform::Incident>, now: Timestamp) {
        use platform::Progress;
        for it in &listed {
            let cause = Cause::new(Axis::Announced, it.title.clone());
            let known = self.held.iter().find(|held| {
                held.incident.is_open()
                    && (held.incident.cause == cause
                        || held
                            .incident
                            .announced
                            .as_ref()
                            .is_some_and(|(title, _)| *title == it.title))
            });
            let known = known.map(|held| (held.incident.id.clone(), held.incident.cause == cause));
            let goes_on = matches!(it.progress, Progress::Open | Progress::Unsaid);
            let said = format!(
                "{} · {}",
                it.status,
                it.text.lines().next().unwrap_or_default()
            );
            match known {
                Some((id, true)) if goes_on && self.concerned(it).is_some() => {
                    self.announce_with(it, &id, now);
                }
                Some((id, is_own)) => {
                    let Some(held) = self.find(&id) else { continue };
                    if held.incident.said != said && is_own {
                        held.incident.said = said;
                        held.urgent = true;
                    }
                    if is_own && goes_on {
                        held.incident.last_bad = now;
                        if held.incident.lost == 0 {
                            held.incident.last_sign = now;
                        }
                    } else if is_own && !goes_on {
                        held.incident.last_sign =
                            it.resolved.unwrap_or(now).max(held.incident.began);
                        if let Some(turn) = held.incident.end(now) {
                            self.tell(&id, &turn);
                        }
                    }
                }
                None if goes_on && !self.was_told(it, now) => self.announce(it, cause, said, now),
                None => {}
            }
        }
        // What is no longer listed is over, as far as the page goes.
        let gone: Vec<String> = self
            .held
            .iter()
            .filter(|held| held.incident.is_open() && held.incident.cause.axis == Axis::Announced)
            .filter(|held| {
                !listed
                    .iter()
                    .any(|it| it.title == held.incident.cause.value)
            })
            .map(|held| held.incident.id.clone())
            .collect();
        for id in gone {
            let turn = self.find(&id).and_then(|held| held.incident.end(now));
            if let Some(turn) = turn {
                self.tell(&id, &turn);
            }
        }
    }

    /// Something new on the page: about an incident that is open, or one of its own.
    fn announce(&mut self, it: &platform::Incident, cause: Cause, said: String, now: Timestamp) {
        if let Some(id) = self.concerned(it) {
            return self.link(it, &id);
        }
        let mut incident = self.other(cause, now);
        incident.began = it.started.unwrap_or(now).min(now);
        incident.said = said;
        incident.severity = Severity::Major;
        // Calls that are lost at what it names are this incident's from now on.
        incident.joined = places(it)
            .map(|place| Cause::new(Axis::Server, place))
            .collect();
        incident.announced = Some((it.title.clone(), it.link.clone().unwrap_or_default()));
        let channel = self.settings.channel.clone();
        self.hold(incident, vec![channel]);
    }

    /// The incident of lost calls that an announcement is about.
    fn concerned(&self, it: &platform::Incident) -> Option<String> {
        let mut open = self.held.iter().map(|held| &held.incident);
        let found = open.find(|incident| {
            incident.is_open()
                && incident.cause.is_of_calls()
                && incident.lost > 0
                && concerns(it, incident)
        });
        found.map(|incident| incident.id.clone())
    }

    /// Whether it was told of with lost calls that are over by now: a page often goes on for hours after them.
    fn was_told(&self, it: &platform::Incident, now: Timestamp) -> bool {
        let mut closed = self.held.iter().map(|held| &held.incident);
        closed.any(|incident| {
            let title = incident.announced.as_ref().map(|(title, _)| title);
            incident.cause.is_of_calls()
                && title == Some(&it.title)
                && incident
                    .closed()
                    .is_some_and(|at| now.duration_since(at) < PAGE_LINGERS)
        })
    }

    /// Tells an incident that the platform announces it.
    fn link(&mut self, it: &platform::Incident, id: &str) {
        if let Some(held) = self.find(id) {
            held.incident.announced = Some((it.title.clone(), it.link.clone().unwrap_or_default()));
        }
        let text = format!("The platform announces it: {} ({}).", it.title, it.status);
        self.say(id, text);
    }

    /// What was announced first turns out to be what calls are lost by: from now on that one tells of both.
    fn announce_with(&mut self, it: &platform::Incident, own: &str, now: Timestamp) {
        let Some(id) = self.concerned(it) else { return };
        self.link(it, &id);
        if let Some(held) = self.find(own) {
            held.incident.end(now);
            held.incident.said = format!("{JOINED}{id}");
            held.urgent = true;
        }
    }

    /// An alert: part of what is known, of a storm, or an incident of its own.
    pub(super) fn alerted(&mut self, alert: Alert, now: Timestamp, actions: &mut Vec<Action>) {
        let key = format!("{}/{}", alert.hook, alert.id);
        let is_over = alert.status == Status::Resolved;
        let known = self
            .held
            .iter()
            .find(|it| it.incident.is_open() && it.incident.alerts.contains_key(&key));
        if let Some(id) = known.map(|it| it.incident.id.clone()) {
            let Some(held) = self.find(&id) else { return };
            let left = held.incident.alert(alert, now);
            if left == 0 && held.incident.cause.axis == Axis::Alert {
                held.incident.last_sign = now;
                if let Some(turn) = held.incident.end(now) {
                    self.tell(&id, &turn);
                }
            }
            return;
        }
        if is_over {
            return;
        }
        let scope = alert.scope();
        let of_scope = self.held.iter().find(|it| {
            it.incident.is_open()
                && scope
                    .as_ref()
                    .is_some_and(|scope| !scope.0.is_empty() && scope.covers(&it.incident.cause))
        });
        let same = |it: &&Held| {
            it.incident.is_open()
                && it.incident.cause.axis == Axis::Alert
                && it.incident.measure.watch == alert.hook
        };
        let group = self
            .held
            .iter()
            .filter(same)
            .find(|it| it.incident.cause.value == alert.title);
        let recent: Vec<&Held> = self
            .held
            .iter()
            .filter(same)
            .filter(|it| now.duration_since(it.incident.opened) < STORM_WITHIN)
            .collect();
        let storm = recent
            .iter()
            .find(|it| it.incident.alerted > 1)
            .or(recent.first())
            .filter(|_| {
                recent.len() >= STORM
                    || recent
                        .iter()
                        .any(|it| it.incident.cause.value.starts_with("Storm"))
            });
        let into = of_scope
            .or(group)
            .or(storm.copied())
            .map(|it| it.incident.id.clone());
        if let Some(id) = into {
            self.swallow(&id, alert, now);
            return;
        }
        let channel = self
            .settings
            .hooks
            .get(&alert.hook)
            .unwrap_or(&self.settings.channel)
            .clone();
        let mut incident = self.other(Cause::new(Axis::Alert, alert.title.clone()), now);
        incident.measure.watch.clone_from(&alert.hook);
        incident.measure.condition = "a hook".to_owned();
        incident.severity = severity_of(&alert.severity);
        incident.said.clone_from(&alert.text);
        incident.began = alert.starts.unwrap_or(now).min(now);
        incident.alert(alert, now);
        let id = self.hold(incident, vec![channel]);
        if let Some(scope) = scope {
            self.ask_of_scope(&id, &scope, now, actions);
        }
    }

    /// Calls of the last minutes that an alert is about, to be diagnosed.
    fn ask_of_scope(
        &mut self,
        id: &str,
        scope: &super::watch::Scope,
        now: Timestamp,
        actions: &mut Vec<Action>,
    ) {
        let lost: Vec<&Seen> = self
            .window(SignedDuration::from_mins(15), now)
            .filter(|it| it.failed() && scope.holds(it))
            .collect();
        let calls: Vec<String> = representative(&lost, FIRST_EXAMPLES, &[])
            .iter()
            .map(|it| it.call_id.clone())
            .collect();
        if calls.is_empty() {
            return;
        }
        if let Some(held) = self.find(id) {
            held.incident.asked.clone_from(&calls);
            held.asking = Some(now);
            actions.push(Action::Diagnose {
                incident: id.to_owned(),
                calls,
            });
        }
    }

    /// Takes an alert into an incident; several different ones make it a storm, and others of the hook that were not
    /// posted yet go into it too.
    fn swallow(&mut self, id: &str, alert: Alert, now: Timestamp) {
        let hook = alert.hook.clone();
        let Some(held) = self.find(id) else { return };
        let is_other =
            held.incident.cause.axis == Axis::Alert && held.incident.cause.value != alert.title;
        held.incident.alert(alert, now);
        held.urgent = true;
        if !is_other || held.incident.cause.value.starts_with("Storm") {
            return;
        }
        held.incident.cause.value = format!("Storm of {hook}");
        held.incident.said.clear();
        let others: Vec<usize> = (0..self.held.len())
            .filter(|n| {
                self.held.get(*n).is_some_and(|it| {
                    it.incident.id != id
                        && it.incident.is_open()
                        && it.posts.is_empty()
                        && it.incident.cause.axis == Axis::Alert
                        && it.incident.measure.watch == hook
                })
            })
            .collect();
        let mut alerts = Vec::new();
        for n in others.into_iter().rev() {
            let gone = self.held.remove(n);
            self.changed.insert(gone.incident.id.clone());
            alerts.extend(gone.incident.alerts.into_values());
        }
        if let Some(held) = self.find(id) {
            for alert in alerts {
                held.incident.alert(alert, now);
            }
        }
    }

    /// A platform shows answered calls only: whoever watches for failures there has to know that none can be seen.
    pub(super) fn only_answered(&self, source: &str, actions: &mut Vec<Action>) {
        let counting = self
            .watches
            .iter()
            .filter(|it| it.condition.counts_failures());
        let channels: BTreeSet<&str> = counting.map(|it| it.channel.as_str()).collect();
        let tell = |channel: &str| Action::Tell {
            channel: channel.to_owned(),
            key: format!("answered-only/{source}/{channel}"),
            text: format!(
                "{source}: this platform's records hold answered calls only: failures cannot be counted. Watches on \
                 failures, codes, ASR and NER find nothing there; `no traffic`, `pdd`, hooks and the status page go on."
            ),
        };
        actions.extend(channels.into_iter().map(tell));
    }

    /// The bot was away: one message says so, and what was missed is looked through afterwards.
    pub(super) fn slept(&mut self, since: Timestamp, now: Timestamp) {
        let cause = Cause::new(Axis::Bot, "calltriage was not running");
        let mut incident = self.other(cause, now);
        incident.began = since;
        incident.severity = Severity::Major;
        incident.said =
            "Nothing was watched in this time; calls of it are looked through now.".to_owned();
        incident.end(now);
        let channel = self.settings.channel.clone();
        self.hold(incident, vec![channel]);
    }
}

/// What an incident of a source that fails is about.
fn of_source(source: &str) -> Cause {
    Cause::new(Axis::Source, format!("The API of {source} does not answer"))
}

/// Names of places that an announcement is about: its components and their words.
fn places(it: &platform::Incident) -> impl Iterator<Item = String> + '_ {
    let words = it
        .components
        .iter()
        .flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
    words
        .filter(|word| word.chars().any(|c| c.is_ascii_digit()))
        .map(str::to_lowercase)
}

/// Whether an announcement is about an incident: by its server, else by the servers and zones that its calls share.
fn concerns(it: &platform::Incident, incident: &Incident) -> bool {
    let places = match incident.cause.axis {
        Axis::Server => vec![incident.cause.value.clone()],
        _ => incident.places().into_iter().map(str::to_owned).collect(),
    };
    let call = platform::Call {
        began: incident.began,
        ended: incident.last_sign,
        places,
        used: platform::Used::default(),
    };
    it.relation(&call)
        .is_some_and(|it| it.certainty >= crate::sip::Certainty::Likely)
}

/// How bad an alert says that it is.
fn severity_of(word: &str) -> Severity {
    match word.to_ascii_lowercase().as_str() {
        "critical" | "page" | "emergency" | "fatal" => Severity::Major,
        _ => Severity::Minor,
    }
}
