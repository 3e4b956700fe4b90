//! Forms as values, and the command that a form which was sent stands for. Opens none.

use super::buttons::{self, is_sayable};
use super::text::Text;
use crate::chat::commands::{CommandOption, OptionKind, Table};
use crate::report::form as report_form;

/// The field of the form [`FormKind::Wrong`] that has the reason.
pub const REASON: &str = "reason";

/// The longest reason.
const REASON_LENGTH: usize = 1_000;

/// What is said where a form cannot be shown.
pub const NO_FORM: &str = "This form cannot be opened here: you may not use it, or what it is about cannot be looked up \
                           at the moment. Try it again, or type the command.";

/// What stands in a choice of which nothing is chosen.
const NOT_SAID: &str = "Not said";

/// Which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormKind {
    /// A verdict that is not right.
    Wrong,
    /// The values of a simulation.
    Simulate,
    /// A problem report.
    Report,
}

impl FormKind {
    /// All of them.
    pub const ALL: [FormKind; 3] = [FormKind::Wrong, FormKind::Simulate, FormKind::Report];

    /// The word by which a platform knows it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            FormKind::Wrong => "wrong",
            FormKind::Simulate => "simulate",
            FormKind::Report => "report",
        }
    }

    /// The form of this word.
    #[must_use]
    pub fn named(word: &str) -> Option<FormKind> {
        FormKind::ALL.into_iter().find(|it| it.word() == word)
    }

    /// The form that a button with this action opens.
    #[must_use]
    pub fn opened_by(action: &str) -> Option<FormKind> {
        let opens = |it: &FormKind| {
            action.starts_with(match it {
                FormKind::Wrong => buttons::WRONG,
                FormKind::Simulate => buttons::SIMULATE,
                FormKind::Report => buttons::REPORT,
            })
        };
        FormKind::ALL.into_iter().find(opens)
    }
}

/// A form.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// Which one.
    pub kind: FormKind,
    /// What it is called.
    pub title: String,
    /// What stands on the button that sends it.
    pub submit: &'static str,
    /// What it is about, which no field has: travels with it unseen.
    pub about: String,
    /// What the reader should know first.
    pub head: Text,
    /// Its fields, in their order.
    pub fields: Vec<Field>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// How it is called where it is sent.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What is wanted there; may be empty.
    pub hint: &'static str,
    /// What stands in it.
    pub value: String,
    /// What can be written.
    pub input: Input,
    /// Whether it may not be left empty.
    pub required: bool,
}

/// What can be written in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// One line, of so many characters where that is limited.
    Line(Option<usize>),
    /// Several lines of so many characters together.
    Lines(usize),
    /// One of these: as it is sent, and as people read it.
    Choice(Vec<(String, String)>),
}

/// The form that marks a verdict as wrong. `about` is the id of an investigation, or the Call-ID that is meant
/// where it is about several calls.
#[must_use]
pub fn not_right(about: &str, table: &Table) -> Form {
    let said = Text::ours("It is kept, and shown whenever the call is looked at again.");
    let meant = Text::ours(" It is about ").and(&Text::code(about));
    let head = if is_sayable(about) {
        said.and(&meant)
    } else {
        said
    };
    let reason = Field {
        name: REASON.to_owned(),
        label: "Why is it wrong?".to_owned(),
        hint: "",
        value: String::new(),
        input: Input::Lines(REASON_LENGTH),
        required: true,
    };
    let known = ["party", "rule"]
        .into_iter()
        .filter_map(|name| option(table, "wrong", name));
    Form {
        kind: FormKind::Wrong,
        title: "Not right".to_owned(),
        submit: "Keep it",
        about: about.to_owned(),
        head,
        fields: std::iter::once(reason)
            .chain(known.map(|it| field(it, "")))
            .collect(),
    }
}

/// The command that a sent form [`FormKind::Wrong`] stands for: its fields by their names.
fn not_right_command(about: &str, filled: &[(String, String)]) -> String {
    let mut command = "wrong".to_owned();
    if is_sayable(about) {
        command.push_str(&format!(" --call={about}"));
    }
    let mut reason = String::new();
    for (name, value) in filled {
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        match name.as_str() {
            REASON => reason = value,
            name if is_sayable(&value) => command.push_str(&format!(" --{name}={value}")),
            _ => {}
        }
    }
    // A word that looks like an option is none in a reason.
    let reason: Vec<&str> = reason
        .split(' ')
        .map(|word| word.trim_start_matches('-'))
        .collect();
    format!("{command} {}", reason.join(" "))
}

/// The form with the values of an offer: `command` is [`crate::chat::Offer::command`], which is all that a
/// button carries.
#[must_use]
pub fn simulate(command: &str, table: &Table) -> Form {
    let values = options_of(command);
    let known = |name: &str| {
        values
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, value)| *value)
    };
    let options = table.named("simulate").map_or(&[][..], |it| &it.options);
    let shown = options
        .iter()
        .filter(|it| it.kind == OptionKind::Text && it.name != "source");
    let head = Text::ours("Nothing runs before you press ")
        .and(&Text::bold("Run it"))
        .and(&Text::ours(
            ". It asks no carrier and leaves an entry in the platform's log.",
        ));
    Form {
        kind: FormKind::Simulate,
        title: "Simulate the call".to_owned(),
        submit: "Run it",
        about: known("source").to_owned(),
        head,
        fields: shown.map(|it| field(it, known(&it.name))).collect(),
    }
}

/// The command that a sent form [`FormKind::Simulate`] stands for.
fn simulate_command(source: &str, filled: &[(String, String)]) -> Result<String, Vec<Refused>> {
    let mut command = "simulate".to_owned();
    let mut wrong = Vec::new();
    for (name, value) in filled {
        match value.trim() {
            "" => {}
            value if is_sayable(value) => command.push_str(&format!(" --{name}={value}")),
            _ => wrong.push((
                name.clone(),
                "This is one word, as a number, a name or an address.".to_owned(),
            )),
        }
    }
    if is_sayable(source) {
        command.push_str(&format!(" --source={source}"));
    }
    match wrong.is_empty() {
        true => Ok(command + " --confirm"),
        false => Err(wrong),
    }
}

/// The form of a report; `about` is the id of an investigation or of a draft.
#[must_use]
pub fn report(form: &report_form::Form, about: &str) -> Form {
    let field = |field: &report_form::Field| Field {
        name: field.name.to_owned(),
        label: field.label.to_owned(),
        hint: field.hint,
        value: field.value.clone(),
        input: match &field.kind {
            report_form::FieldKind::Line(most) => Input::Line(Some(*most)),
            report_form::FieldKind::Lines(most) => Input::Lines(*most),
            report_form::FieldKind::Choice(choices) => {
                let own = |(word, label): &(&str, &str)| ((*word).to_owned(), (*label).to_owned());
                Input::Choice(choices.iter().map(own).collect())
            }
        },
        required: field.required,
    };
    Form {
        kind: FormKind::Report,
        title: form.title.clone(),
        submit: "Preview",
        about: about.to_owned(),
        head: Text::outside(&form.intro),
        fields: form.fields.iter().map(field).collect(),
    }
}

/// The command that a sent form of a report stands for.
fn report_command(about: &str, filled: &[(String, String)]) -> Result<String, Vec<Refused>> {
    let refused = filled.iter().filter_map(|(name, value)| {
        let why = report_form::refused_alone(name, value)?;
        Some((name.clone(), why))
    });
    let refused: Vec<Refused> = refused.collect();
    match refused.is_empty() && is_sayable(about) {
        true => Ok(crate::chat::filling(about, filled)),
        false => Err(refused),
    }
}

/// A field that cannot stand as it is, with a sentence that says why.
pub type Refused = (String, String);

/// The command that a sent form stands for: its fields by their names, and what it is about.
///
/// # Errors
/// The fields that cannot stand as they are, each with a sentence for whoever filled them in.
pub fn command(
    kind: FormKind,
    about: &str,
    filled: &[(String, String)],
) -> Result<String, Vec<Refused>> {
    match kind {
        FormKind::Wrong => Ok(not_right_command(about, filled)),
        FormKind::Simulate => simulate_command(about, filled),
        FormKind::Report => report_command(about, filled),
    }
}

fn option<'t>(table: &'t Table, command: &str, name: &str) -> Option<&'t CommandOption> {
    table
        .named(command)?
        .options
        .iter()
        .find(|it| it.name == name)
}

/// The field that fills an option.
fn field(option: &CommandOption, value: &str) -> Field {
    let (input, hint) = match &option.kind {
        OptionKind::Choice(words) => {
            let choice = |word: &String| (word.clone(), word.clone());
            (Input::Choice(words.iter().map(choice).collect()), NOT_SAID)
        }
        _ => (Input::Line(None), ""),
    };
    Field {
        name: option.name.clone(),
        label: option.summary.trim_end_matches('.').to_owned(),
        hint,
        value: value.to_owned(),
        input,
        required: false,
    }
}

/// The options of a command that has them as `--name=value`.
fn options_of(command: &str) -> Vec<(&str, &str)> {
    let words = command
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("--"));
    words.filter_map(|word| word.split_once('=')).collect()
}
