//! Buttons and selects: each stands for a command as somebody would type it. Runs none.

use super::sheet::Action;
use super::text::{length, plain};
use crate::chat::commands::Table;
use crate::diagnosis::{Outcome, Party, Step, StepName};
use crate::render::clean;
use crate::report::Audience;

/// What the action of a button or select begins with whose value is a command: using it says that command,
/// in that thread, in the name of whoever uses it.
pub const SAY: &str = "say:";

/// The action of the button that opens the form for a verdict that is not right. Its value is what the form
/// is about: see [`super::forms::not_right`].
pub const WRONG: &str = "form:wrong";

/// The action of the button that opens the form with an offer's values. Its value is the offer's command.
pub const SIMULATE: &str = "form:simulate";

/// The action of the button that opens the form of a problem report. Its value is what the form is about: the id of an
/// investigation, or of a draft.
pub const REPORT: &str = "form:report";

/// An id longer than this stands in no button: no platform makes such ids, and a button has to fit.
const LONGEST_ID: usize = 255;

/// A button: pressing it means exactly this command, typed by whoever presses it in that thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// Its action: [`SAY`] and a name, or the name of a form.
    pub action: String,
    /// What stands on it.
    pub label: String,
    /// The command, or what a form is about.
    pub command: String,
    /// What is asked back before it counts.
    pub asks: Option<Asks>,
}

/// What is asked back before a button counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asks {
    /// The question.
    pub title: &'static str,
    /// What would be done.
    pub text: String,
    /// What stands on the button that does it.
    pub yes: &'static str,
}

impl Button {
    /// A button that says a command; `nth` tells several of a message apart.
    #[must_use]
    pub fn say(name: &str, nth: usize, label: &str, command: String) -> Button {
        Button::new(numbered(&format!("{SAY}{name}"), nth), label, command)
    }

    /// A button that opens a form about something.
    #[must_use]
    pub fn form(action: &str, nth: usize, label: &str, about: &str) -> Button {
        Button::new(numbered(action, nth), label, about.to_owned())
    }

    fn new(action: String, label: &str, command: String) -> Button {
        Button {
            action,
            label: label.to_owned(),
            command,
            asks: None,
        }
    }

    /// The same, which asks back first; where there is nothing to say of what it does, `otherwise` is said.
    #[must_use]
    pub fn asking(
        self,
        title: &'static str,
        text: &str,
        otherwise: &str,
        yes: &'static str,
    ) -> Button {
        let text = match plain(text) {
            empty if empty.is_empty() => otherwise.to_owned(),
            text => text,
        };
        let asks = Some(Asks { title, text, yes });
        Button { asks, ..self }
    }
}

/// What a card's buttons are about.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    /// The id of the investigation.
    pub investigation: &'a str,
    /// The Call-ID of the caller's leg; empty where there is none.
    pub call_id: &'a str,
    /// Whether the investigation is about several calls.
    pub is_one_of_several: bool,
    /// Which card of the message it is, from 0.
    pub nth: usize,
    /// Whether messages were found.
    pub has_ladder: bool,
    /// The steps of the flow.
    pub steps: &'a [Step],
    /// Who has to act.
    pub to_act: Option<Party>,
}

/// The buttons of a card, as far as the table has their commands.
pub(super) fn of_card(about: About<'_>, table: &Table) -> Vec<Action> {
    let About {
        investigation,
        call_id,
        nth,
        ..
    } = about;
    let has = |verb: &str| table.named(verb).is_some();
    let say = |verb: &str, name: &str, label: &str, id: &str| {
        let is_known = has(verb) && is_sayable(id);
        is_known.then(|| Button::say(name, nth, label, format!("{verb} {id}")))
    };
    let if_seen = |button: Option<Button>| button.filter(|_| about.has_ladder);
    // Of several calls, the Call-ID tells which is meant.
    let meant = if about.is_one_of_several && is_sayable(call_id) {
        call_id
    } else {
        investigation
    };
    let wrong =
        (has("wrong") && is_sayable(meant)).then(|| Button::form(WRONG, nth, "Not right", meant));
    let simulate = say("simulate", "simulate", "Simulate", investigation);
    let report = format!("Report{}", about.to_act.map(reader).unwrap_or_default());
    let report = (has("report") && is_sayable(investigation))
        .then(|| Button::form(REPORT, nth, &report, investigation));
    // What is about the whole investigation stands once, under the last card, where its steps are.
    let whole = |button: Option<Button>| button.filter(|_| !about.steps.is_empty());
    let all = [
        whole(report),
        if_seen(say("ladder", "trace", "Trace", call_id)),
        if_seen(say("pcap", "pcap", "pcap", call_id)),
        say("compare", "compare", "Compare", call_id),
        whole(say("again", "again", "Run again", investigation)),
        whole(simulate).filter(|_| flow_reached_simulation(about.steps)),
        wrong,
    ];
    all.into_iter().flatten().map(Action::Press).collect()
}

/// To whom a report goes where this party has to act.
fn reader(to_act: Party) -> String {
    match to_act {
        Party::Configuration | Party::Nobody | Party::Undecided => String::new(),
        party => format!(" to {}", Audience::of_party(party).word()),
    }
}

/// A select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// Its action: [`SAY`] and a name.
    pub action: String,
    /// What stands there before anything is chosen.
    pub placeholder: &'static str,
    /// What can be chosen, at least one. What a platform has no room for it leaves out.
    pub choices: Vec<Choice>,
}

/// One choice of a select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What stands there.
    pub label: String,
    /// The command that choosing it says.
    pub command: String,
    /// A shorter one, for where that is too long.
    pub otherwise: Option<String>,
}

/// A select; nothing where nothing can be chosen.
pub(super) fn select(
    name: &str,
    placeholder: &'static str,
    choices: Vec<Choice>,
) -> Option<Action> {
    let choices: Vec<Choice> = choices
        .into_iter()
        .filter(|it| !plain(&it.label).is_empty())
        .collect();
    (!choices.is_empty()).then(|| {
        Action::Choose(Select {
            action: format!("{SAY}{name}"),
            placeholder,
            choices,
        })
    })
}

/// Whether a command with this id, typed, means this id: it is one word, as it is shown, and no option.
#[must_use]
pub fn is_sayable(id: &str) -> bool {
    let is_word = !id.is_empty() && !id.contains(char::is_whitespace) && !id.starts_with('-');
    is_word && length(id) <= LONGEST_ID && clean::line(id) == id
}

/// Whether there is something to simulate.
fn flow_reached_simulation(steps: &[Step]) -> bool {
    let is_open = |it: &&Step| it.step == StepName::Simulate && it.outcome == Outcome::NotChecked;
    let step = steps.iter().find(is_open);
    step.is_some_and(|it| {
        !it.detail.starts_with("not needed") && !it.detail.starts_with("no platform")
    })
}

fn numbered(action: &str, nth: usize) -> String {
    match nth {
        0 => action.to_owned(),
        nth => format!("{action}-{}", nth + 1),
    }
}
