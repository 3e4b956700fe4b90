//! Incidents: many calls in, few messages out. The core is run on a virtual clock.

mod conditions;
pub mod day;
mod figures;
mod house;
mod keeping;
mod posting;

use std::collections::BTreeMap;

use calltriage::diagnosis::common::Ended;
use calltriage::incidents::signal::{Example, Named, Seen};
use calltriage::incidents::watch::Watch;
use calltriage::incidents::{Action, Board, Event, Settings};
use jiff::{SignedDuration, Timestamp};

/// The channel of the people on call.
pub const NOC: &str = "slack:NOC";

/// What time it is at the beginning: midnight.
pub fn midnight() -> Timestamp {
    "2026-02-16T00:00:00Z".parse().unwrap()
}

/// So many minutes after midnight.
pub fn minute(minute: i64) -> Timestamp {
    midnight() + SignedDuration::from_mins(minute)
}

/// Numbers that look random and are always the same.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % most
    }
}

pub fn named(name: &str, id: u64) -> Named {
    Named {
        id,
        name: format!("{name} (#{id})"),
    }
}

/// A call that ended with this code.
pub fn call(id: &str, at: Timestamp, code: u16) -> Seen {
    let answered = code == 200;
    Seen {
        call_id: id.to_owned(),
        at,
        customer: Some(named("ExampleTel", 105)),
        carrier: Some(named("Acme", 12)),
        server: None,
        from: "441782454123".to_owned(),
        to: "441234567890".to_owned(),
        code: Some(code),
        ended: match code {
            200 => Ended::Good,
            401 | 407 | 480 | 486 | 487 | 600 | 603 => Ended::Undecided,
            _ => Ended::Failed,
        },
        answered,
        pdd_ms: Some(900),
    }
}

/// A watch on everything.
pub fn watch(name: &str, scope: &str, when: &str) -> Watch {
    Watch {
        name: name.to_owned(),
        scope: scope.parse().unwrap(),
        condition: when.parse().unwrap(),
        channel: NOC.to_owned(),
        by: None,
    }
}

/// One message as it stands in a channel, with its thread.
#[derive(Debug, Clone, Default)]
pub struct Message {
    pub at: Option<Timestamp>,
    pub incident: String,
    pub first: Vec<String>,
    pub edits: Vec<(Timestamp, Vec<String>)>,
    pub thread: Vec<(Timestamp, String)>,
    /// What it and its replies carry.
    pub keys: Vec<String>,
}

/// What is found where a call is looked at.
pub type Diagnose = Box<dyn Fn(&Seen) -> Option<Example>>;

/// The core with channels that take everything, on a clock of our own.
pub struct Desk {
    pub board: Board,
    pub now: Timestamp,
    pub messages: BTreeMap<String, Vec<Message>>,
    pub pages: Vec<(Timestamp, String)>,
    pub diagnosed: usize,
    diagnose: Diagnose,
    known: BTreeMap<String, Seen>,
}

impl Desk {
    pub fn new(settings: Settings, watches: Vec<Watch>, diagnose: Diagnose) -> Desk {
        Desk {
            board: Board::new(settings, watches),
            now: midnight(),
            messages: BTreeMap::new(),
            pages: Vec::new(),
            diagnosed: 0,
            diagnose,
            known: BTreeMap::new(),
        }
    }

    /// With one channel, where each call that is looked at shows the same.
    pub fn usual(watches: Vec<Watch>) -> Desk {
        let settings = Settings {
            channel: NOC.to_owned(),
            ..Settings::default()
        };
        Desk::new(
            settings,
            watches,
            Box::new(|call| Some(example(call, "carrier"))),
        )
    }

    /// Lets calls come in, and the log be read until now.
    pub fn look(&mut self, calls: Vec<Seen>) {
        for call in calls.iter().filter(|it| it.failed()) {
            self.known.insert(call.call_id.clone(), call.clone());
        }
        let until = self.now;
        self.happen(Event::Looked { calls, until });
    }

    pub fn happen(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for action in self.board.take(event, self.now) {
                events.extend(self.carry_out(action));
            }
        }
    }

    /// Lets time pass, and the log be read every half minute.
    pub fn until(
        &mut self,
        then: Timestamp,
        mut calls: impl FnMut(Timestamp, Timestamp) -> Vec<Seen>,
    ) {
        while self.now < then {
            let before = self.now;
            self.now = (self.now + SignedDuration::from_secs(30)).min(then);
            let calls = calls(before, self.now);
            self.look(calls);
        }
    }

    fn carry_out(&mut self, action: Action) -> Option<Event> {
        match action {
            Action::Post {
                incident, channel, ..
            } => {
                let card = self.board.card(&incident, &channel, self.now).unwrap();
                let messages = self.messages.entry(channel.clone()).or_default();
                messages.push(Message {
                    at: Some(self.now),
                    incident: incident.clone(),
                    first: card.lines(),
                    ..Message::default()
                });
                let message = (messages.len() - 1).to_string();
                Some(Event::Posted {
                    incident,
                    channel,
                    message,
                })
            }
            Action::Edit {
                incident,
                channel,
                message,
            } => {
                let card = self.board.card(&incident, &channel, self.now).unwrap();
                let now = self.now;
                self.message(&channel, &message)
                    .edits
                    .push((now, card.lines()));
                None
            }
            Action::Say {
                incident,
                channel,
                message,
                key,
                text,
            } => {
                let now = self.now;
                self.message(&channel, &message).thread.push((now, text));
                Some(Event::Said {
                    incident,
                    channel,
                    key,
                })
            }
            Action::Tell { channel, text, .. } => {
                let now = self.now;
                self.messages.entry(channel).or_default().push(Message {
                    at: Some(now),
                    first: vec![text],
                    ..Message::default()
                });
                None
            }
            Action::Diagnose { incident, calls } => {
                self.diagnosed += calls.len();
                let known = calls.iter().filter_map(|id| self.known.get(id));
                let examples = known.filter_map(|it| (self.diagnose)(it)).collect();
                Some(Event::Diagnosed { incident, examples })
            }
            Action::Page { incident } => {
                self.pages.push((self.now, incident));
                None
            }
        }
    }

    fn message(&mut self, channel: &str, message: &str) -> &mut Message {
        let at: usize = message.parse().unwrap();
        &mut self.messages.get_mut(channel).unwrap()[at]
    }

    /// The messages of the people on call.
    pub fn noc(&self) -> &[Message] {
        self.messages.get(NOC).map_or(&[], Vec::as_slice)
    }
}

/// What looking at a call comes to.
pub fn example(call: &Seen, party: &str) -> Example {
    Example {
        call_id: call.call_id.clone(),
        investigation: format!("i-{}", call.call_id),
        at: Some(call.at),
        headline: "Acme (#12) refused: 503, Q.850 cause 34 (no circuit).".to_owned(),
        rule: "no-circuits".to_owned(),
        party: party.to_owned(),
        to_act: party.to_owned(),
        next: "Report it to Acme with these calls; move traffic to another carrier meanwhile."
            .to_owned(),
        places: Vec::new(),
    }
}

/// What stands in a channel at the end, as somebody reads it: each message as posted and as it ended, its thread, how
/// often it was edited.
pub fn transcript(messages: &[Message]) -> String {
    let clock = |at: Timestamp| at.strftime("%H:%M").to_string();
    let mut lines = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let posted = message.at.map(clock).unwrap_or_default();
        lines.push(format!("[{posted}] message {}", at + 1));
        lines.extend(message.first.iter().map(|line| format!("    {line}")));
        for (at, said) in &message.thread {
            lines.push(format!("    └ [{}] {said}", clock(*at)));
        }
        if let Some((at, last)) = message.edits.last() {
            let edits = message.edits.len();
            lines.push(format!(
                "  edited {edits} times; since {} it reads",
                clock(*at)
            ));
            lines.extend(last.iter().map(|line| format!("    {line}")));
        }
        lines.push(String::new());
    }
    lines.join("\n")
}
