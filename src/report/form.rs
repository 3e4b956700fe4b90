//! The form of a report as a value, for any chat to draw: its fields, what stands in them, and how long it may be.
//! Checks what was written as support would; draws nothing.

use super::severity::{self, Category, Level, Reach, Setting};
use super::{Audience, Cleared, Report, Screen};

/// A form, filled in as far as it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// What it is called.
    pub title: String,
    /// What the reader of the form should know first.
    pub intro: String,
    /// Its fields, in their order.
    pub fields: Vec<Field>,
}

impl Form {
    /// The same in pages of so many fields, for chats whose forms take no more at once.
    pub fn pages(&self, most: usize) -> impl Iterator<Item = &[Field]> {
        self.fields.chunks(most.max(1))
    }
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// How it is called where it is sent.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// What is wanted there.
    pub hint: &'static str,
    /// What stands in it.
    pub value: String,
    /// What can be written.
    pub kind: FieldKind,
    /// Whether it may not be left empty.
    pub required: bool,
}

/// What can be written in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// One line of so many characters.
    Line(usize),
    /// Several lines of so many characters together.
    Lines(usize),
    /// One of these: as it is sent, and as people read it.
    Choice(Vec<(&'static str, &'static str)>),
}

/// A field that cannot stand as it is, with a sentence that says why.
pub type Refused = (String, String);

/// The names of the fields, in their order, with the longest text that each takes.
const TEXTS: [(&str, usize); 6] = [
    ("symptom", 300),
    ("changes", 500),
    ("tried", 1_000),
    ("replication", 1_000),
    ("remarks", 1_000),
    ("contact", 200),
];

/// A symptom that is shorter says nothing.
const SHORTEST_SYMPTOM: usize = 15;

/// What support sends back.
const VAGUE: [&str; 7] = [
    "call is not going",
    "calls are not going",
    "call not going",
    "calls not working",
    "call not working",
    "it does not work",
    "not working",
];

impl Report {
    /// The form with what is known filled in.
    #[must_use]
    pub fn form(&self) -> Form {
        let own = &self.own;
        let to = match self.to.as_str() {
            "" => self.audience.word(),
            name => name,
        };
        let text = |name, label, hint, value: &Cleared, required| {
            let most = TEXTS
                .iter()
                .find(|(known, _)| *known == name)
                .map_or(300, |(_, most)| *most);
            Field {
                name,
                label,
                hint,
                value: value.to_string(),
                kind: match name {
                    "symptom" | "contact" => FieldKind::Line(most),
                    _ => FieldKind::Lines(most),
                },
                required,
            }
        };
        let mut fields = vec![text(
            "symptom",
            "What is the matter?",
            "One clear sentence: which calls, what happens, with which code",
            self.said_symptom(),
            true,
        )];
        if self.audience == Audience::Platform {
            let severity = self.severity();
            fields.push(Field {
                name: "reach",
                label: "How far does it reach?",
                hint: "P2 and up only where you know it",
                value: severity.reach.word().to_owned(),
                kind: FieldKind::Choice(Reach::ALL.map(|(word, it)| (word, it.said())).into()),
                required: true,
            });
            fields.push(Field {
                name: "setting",
                label: "What were the calls made for?",
                hint: "New interconnects and changes are never critical",
                value: severity.setting.word().to_owned(),
                kind: FieldKind::Choice(Setting::ALL.map(|(word, it)| (word, it.said())).into()),
                required: true,
            });
            fields.push(Field {
                name: "level",
                label: "Severity",
                hint: "It may be put lower than proposed, never higher",
                value: severity.level.word().to_owned(),
                kind: FieldKind::Choice(Level::ALL.map(|(word, _)| (word, word)).into()),
                required: true,
            });
            fields.push(text(
                "changes",
                "What was changed before it began?",
                "Or: nothing",
                &own.changes,
                false,
            ));
            fields.push(Field {
                name: "category",
                label: "Whose affair is it?",
                hint: "Platform down for all is the platform's; most else is operational",
                value: self.category().word().to_lowercase(),
                kind: FieldKind::Choice(Category::ALL.map(|(word, it)| (word, it.said())).into()),
                required: true,
            });
        }
        if self.audience != Audience::Customer {
            fields.push(text(
                "tried",
                "What did you do about it, with what result?",
                "As in: took the carrier out of the route; calls complete",
                &own.tried,
                false,
            ));
            fields.push(text(
                "replication",
                "How can it be made to happen again?",
                "On demand without the customer, with the customer, or only now and then",
                &own.replication,
                false,
            ));
        }
        fields.push(text("remarks", "Anything else?", "", &own.remarks, false));
        fields.push(text(
            "contact",
            "Who can be asked?",
            "A name and a number or an address",
            &own.contact,
            true,
        ));
        Form {
            title: format!("Report to {to}"),
            intro: "Calls, observations and files are filled in already. Nothing is sent before you submit it."
                .to_owned(),
            fields,
        }
    }

    /// Takes what somebody wrote into the form; fields that are not given stay as they are.
    ///
    /// # Errors
    /// The fields that cannot stand so, each with a sentence; then nothing was changed.
    pub fn fill(
        &mut self,
        screen: &Screen,
        filled: &[(String, String)],
        by: &str,
    ) -> Result<(), Vec<Refused>> {
        let mut own = self.own.clone();
        let mut refused: Vec<Refused> = Vec::new();
        let mut wanted = None;
        for (name, value) in filled {
            let value = value.trim();
            let refusal = match name.as_str() {
                "reach" => {
                    let reach = Reach::named(value);
                    // What was proposed is nobody's statement.
                    let is_proposed =
                        reach == Some(severity::seen(self.failing)) && own.reach.is_none();
                    if !is_proposed {
                        own.reach = reach.or(own.reach);
                    }
                    reach
                        .is_none()
                        .then(|| one_of(Reach::ALL.map(|(word, _)| word)))
                }
                "category" => {
                    let category = Category::named(value);
                    // What the form showed was proposed to somebody, who did not choose it.
                    if category != Some(self.category()) {
                        own.category = category.or(own.category);
                    }
                    category
                        .is_none()
                        .then(|| one_of(Category::ALL.map(|(word, _)| word)))
                }
                "setting" => {
                    own.setting = Setting::named(value).unwrap_or(own.setting);
                    let is_known = Setting::named(value).is_some();
                    (!is_known).then(|| one_of(Setting::ALL.map(|(word, _)| word)))
                }
                "level" => {
                    wanted = Level::named(value);
                    wanted
                        .is_none()
                        .then(|| one_of(Level::ALL.map(|(word, _)| word)))
                }
                text => match own_text(&mut own, text) {
                    Some(field) => match self.checked(screen, text, value) {
                        Ok(cleared) => {
                            *field = cleared;
                            None
                        }
                        Err(why) => Some(why),
                    },
                    None => Some("There is no such field.".to_owned()),
                },
            };
            refused.extend(refusal.map(|why| (name.clone(), why)));
        }
        // What the form showed was proposed to somebody, who did not choose it.
        let was_shown = self.severity().level;
        let given = wanted.filter(|wanted| *wanted != was_shown).or(own.level);
        if let Some(level) = given {
            match severity::refused(level, self.failing, own.reach, own.setting) {
                Some(why) if wanted.is_some() => refused.push(("level".to_owned(), why)),
                // A wider scope than before: what was lowered for the narrow one is proposed anew.
                Some(_) => own.level = None,
                None => {
                    let proposed = severity::propose(self.failing, own.reach, own.setting, None);
                    own.level = Some(level).filter(|it| *it != proposed.level);
                }
            }
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        own.by = by.to_owned();
        self.own = own;
        Ok(())
    }

    /// A text of the reporter, if its reader may see it and support would take it.
    fn checked(&self, screen: &Screen, name: &str, value: &str) -> Result<Cleared, String> {
        if let Some(why) = refused_alone(name, value) {
            return Err(why);
        }
        // What the form showed is sent back as it was: nobody typed it.
        let shown = self.form();
        let is_shown = shown
            .fields
            .iter()
            .any(|it| it.name == name && it.value == value);
        if let Some(why) = screen.refusal(value).filter(|_| !is_shown) {
            return Err(why);
        }
        if name != "symptom" {
            return Ok(screen.clear_lines(value));
        }
        let cleared = screen.clear(value);
        // What follows from the calls is not the reporter's word.
        Ok(if cleared == self.symptom.text {
            Cleared::default()
        } else {
            cleared
        })
    }

    /// Why it cannot be sent as it is, a sentence each.
    #[must_use]
    pub fn obstacles(&self) -> Vec<Refused> {
        let form = self.form();
        let empty = form
            .fields
            .iter()
            .filter(|it| it.required && it.value.trim().is_empty());
        let said = empty.map(|it| {
            (
                it.name.to_owned(),
                format!("{} is not filled in.", it.label),
            )
        });
        said.collect()
    }
}

/// Why a text cannot stand in a field, by itself: what needs no report to be known.
#[must_use]
pub fn refused_alone(name: &str, value: &str) -> Option<String> {
    let value = value.trim();
    let (_, most) = TEXTS.iter().find(|(known, _)| *known == name)?;
    let long = value.chars().count();
    if long > *most {
        return Some(format!("This is {long} characters long; {most} at most."));
    }
    let is_vague = VAGUE
        .iter()
        .any(|it| value.to_lowercase().trim_end_matches('.') == *it);
    let is_refused = name == "symptom" && (long < SHORTEST_SYMPTOM || is_vague);
    is_refused.then(|| {
        "Support sends that back: say which calls, what happens, and with which code.".to_owned()
    })
}

fn one_of<const N: usize>(words: [&str; N]) -> String {
    format!("One of {}.", words.join(", "))
}

fn own_text<'o>(own: &'o mut super::Own, name: &str) -> Option<&'o mut Cleared> {
    match name {
        "symptom" => Some(&mut own.symptom),
        "changes" => Some(&mut own.changes),
        "tried" => Some(&mut own.tried),
        "replication" => Some(&mut own.replication),
        "remarks" => Some(&mut own.remarks),
        "contact" => Some(&mut own.contact),
        _ => None,
    }
}
