//! The words around a report's sentences: templates for each reader, as text and as Markdown, which an operator may
//! replace. Checked as a whole when they are read; adds no fact.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use serde::Serialize;

use super::attachments::File;
use super::draft::Draft;
use super::part::moment;
use super::{Audience, CallRef, Report, Statement, checklist};

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Written {
    /// Plain text, for mail.
    Text,
    /// Markdown, for tickets.
    Markdown,
}

impl Written {
    fn extension(self) -> &'static str {
        match self {
            Written::Text => "txt",
            Written::Markdown => "md",
        }
    }
}

/// Every template that is built in, by the name of its file.
pub const BUILT_IN: [(&str, &str); 8] = [
    ("note.txt", include_str!("../../config/templates/note.txt")),
    ("note.md", include_str!("../../config/templates/note.md")),
    (
        "platform.txt",
        include_str!("../../config/templates/platform.txt"),
    ),
    (
        "platform.md",
        include_str!("../../config/templates/platform.md"),
    ),
    (
        "carrier.txt",
        include_str!("../../config/templates/carrier.txt"),
    ),
    (
        "carrier.md",
        include_str!("../../config/templates/carrier.md"),
    ),
    (
        "customer.txt",
        include_str!("../../config/templates/customer.txt"),
    ),
    (
        "customer.md",
        include_str!("../../config/templates/customer.md"),
    ),
];

/// A template is a page of text; more is a mistake.
const LONGEST: u64 = 256 * 1024;

/// Why there are no templates.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The folder or a file in it could not be read.
    #[error("[reports] templates: cannot read {path}: {why}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why not.
        why: String,
    },
    /// A template cannot be used.
    #[error("[reports] templates: {name}: {why}")]
    Wrong {
        /// The file.
        name: String,
        /// What is wrong, with its line.
        why: String,
    },
}

/// The templates of this run.
#[derive(Debug, Clone)]
pub struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// The built-in ones.
    ///
    /// # Errors
    /// None: a test holds that they are right.
    pub fn built_in() -> Result<Templates, TemplateError> {
        let texts = BUILT_IN.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Templates::of(texts.into())
    }

    /// The same, where files of these names in a folder replace them.
    ///
    /// # Errors
    /// One sentence: which file cannot be read or used, and why.
    pub fn load(folder: Option<&Path>) -> Result<Templates, TemplateError> {
        let mut texts: BTreeMap<String, String> = BUILT_IN
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into();
        let Some(folder) = folder else {
            return Templates::of(texts);
        };
        let unreadable = |path: &Path, why: String| TemplateError::Unreadable {
            path: path.display().to_string(),
            why,
        };
        let files = std::fs::read_dir(folder).map_err(|it| unreadable(folder, it.to_string()))?;
        for file in files {
            let path = file
                .map_err(|it| unreadable(folder, it.to_string()))?
                .path();
            let name = path
                .file_name()
                .and_then(|it| it.to_str())
                .unwrap_or_default();
            let Some(text) = texts.get_mut(name) else {
                let names: Vec<&str> = BUILT_IN.iter().map(|it| it.0).collect();
                let why = format!("no template has this name; allowed: {}", names.join(", "));
                return Err(TemplateError::Wrong {
                    name: name.to_owned(),
                    why,
                });
            };
            let long = path.metadata().map_or(0, |it| it.len());
            if long > LONGEST {
                return Err(unreadable(
                    &path,
                    format!("{long} bytes; {LONGEST} at most"),
                ));
            }
            *text =
                std::fs::read_to_string(&path).map_err(|it| unreadable(&path, it.to_string()))?;
        }
        Templates::of(texts)
    }

    fn of(texts: BTreeMap<String, String>) -> Result<Templates, TemplateError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_keep_trailing_newline(true);
        environment.set_auto_escape_callback(|name| match name.ends_with(".md") {
            true => AutoEscape::Custom("md"),
            false => AutoEscape::None,
        });
        environment.set_formatter(|out, state, value| {
            if value.is_none() {
                return Ok(());
            }
            let text = match value.as_str() {
                Some(text) => text.to_owned(),
                None => value.to_string(),
            };
            let text = match state.auto_escape() {
                AutoEscape::Custom(_) => markdown(&text),
                _ => text,
            };
            out.write_str(&text).map_err(minijinja::Error::from)
        });
        for (name, text) in texts {
            let wrong = |error: minijinja::Error| wrong(&name, &error);
            environment
                .add_template_owned(name.clone(), text)
                .map_err(wrong)?;
        }
        let templates = Templates { environment };
        // A name that no report has is found now, not when somebody is in a hurry.
        for audience in Audience::ALL {
            for how in [Written::Text, Written::Markdown] {
                let note = |full| Report {
                    is_note: audience == Audience::Platform,
                    ..sample(audience, full)
                };
                for sample in [
                    sample(audience, true),
                    sample(audience, false),
                    note(true),
                    note(false),
                ] {
                    templates.render(&sample, how, &Beside::default(), Timestamp::UNIX_EPOCH)?;
                }
            }
        }
        Ok(templates)
    }

    /// A report in words.
    ///
    /// # Errors
    /// One sentence: what is wrong with the template.
    pub fn render(
        &self,
        report: &Report,
        how: Written,
        beside: &Beside,
        now: Timestamp,
    ) -> Result<String, TemplateError> {
        let reader = match report.is_note {
            true => "note",
            false => report.audience.word(),
        };
        let name = format!("{reader}.{}", how.extension());
        let template = self
            .environment
            .get_template(&name)
            .map_err(|it| wrong(&name, &it))?;
        template
            .render(fields(report, beside, now))
            .map_err(|it| wrong(&name, &it))
    }
}

/// What stands in a report besides what follows from calls and reporter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Beside {
    /// The names of the files that go with it.
    pub attachments: Vec<String>,
    /// How its reader files us.
    pub reference: String,
    /// What came of it after it was sent first, a sentence each.
    pub since: Vec<String>,
}

impl Beside {
    /// What stands beside a kept report.
    #[must_use]
    pub fn of(draft: &Draft, files: &[File], reference: &str) -> Beside {
        let told = draft.events.iter().filter(|it| it.is_told);
        Beside {
            attachments: files.iter().map(|it| it.name.clone()).collect(),
            reference: reference.to_owned(),
            since: told.map(|it| it.what.clone()).collect(),
        }
    }
}

fn wrong(name: &str, error: &minijinja::Error) -> TemplateError {
    let line = error
        .line()
        .map_or_else(String::new, |line| format!("line {line}: "));
    let detail = error
        .detail()
        .map_or_else(String::new, |it| format!(" ({it})"));
    TemplateError::Wrong {
        name: name.to_owned(),
        why: format!("{line}{}{detail}", error.kind()),
    }
}

#[derive(Serialize)]
struct Said<'r> {
    text: &'r str,
    proof: &'r str,
}

fn said(statements: &[Statement]) -> Vec<Said<'_>> {
    let said = statements.iter().map(|it| Said {
        text: it.text.as_str(),
        proof: it.proof.as_str(),
    });
    said.collect()
}

/// Everything that a template can name.
fn fields(report: &Report, beside: &Beside, now: Timestamp) -> Value {
    let severity = report.severity();
    let calls: Vec<BTreeMap<&str, Value>> = report.calls.iter().map(call).collect();
    let pair = report.pair.as_ref().map(|pair| {
        let rows = pair.differences.iter();
        let rows: Vec<Value> = rows
            .map(|(what, bad, good)| {
                context! { what => what.as_str(), bad => bad.as_str(), good => good.as_str() }
            })
            .collect();
        context! {
            bad => pair.bad.as_str(), good => pair.good.as_str(),
            good_at => pair.good_at.map(moment), why => pair.why.as_str(),
            differences => rows, left_out => pair.left_out,
        }
    });
    context! {
        subject => report.full_subject(),
        to => report.to.as_str(),
        investigation => report.investigation,
        made_at => moment(report.made_at),
        category => report.category().word(),
        level => severity.level.word(),
        class => match severity.level.is_critical() { true => "critical", false => "not critical" },
        level_reason => severity.reason,
        reach => severity.reach.said(),
        setting => severity.setting.said(),
        response => report.response(now).map(|it| context! { said => it.said, channels => it.channels }),
        calls => calls,
        symptom => report.said_symptom().as_str(),
        symptom_is_own => !report.own.symptom.is_empty(),
        symptom_proof => report.symptom.proof.as_str(),
        times => said(&report.times),
        observations => said(&report.observations),
        assumptions => said(&report.assumptions),
        steps => said(&report.steps),
        not_checked => said(&report.not_checked),
        pair => pair,
        common => said(&report.common),
        request => report.request.text.as_str(),
        next => said(&report.next),
        changes => report.own.changes.as_str(),
        tried => report.own.tried.as_str(),
        replication => report.own.replication.as_str(),
        remarks => report.own.remarks.as_str(),
        contact => report.own.contact.as_str(),
        missing => checklist::missing(report, now),
        attachments => beside.attachments,
        reference => beside.reference,
        since => beside.since,
    }
}

/// A call as templates have it: every name is there, with nothing where nothing is known.
fn call(call: &CallRef) -> BTreeMap<&str, Value> {
    let text = |it: &Option<super::Cleared>| {
        it.as_ref()
            .map_or(Value::from(()), |it| Value::from(it.as_str()))
    };
    let number = |it: Option<u16>| it.map_or(Value::from(()), Value::from);
    let took = |it: Option<i64>| {
        it.map_or(Value::from(()), |ms| {
            Value::from(format!("{}.{:03} s", ms / 1000, ms.rem_euclid(1000)))
        })
    };
    let (us, them) = match &call.between {
        Some((us, them)) => (Value::from(us.as_str()), Value::from(them.as_str())),
        None => (Value::from(()), Value::from(())),
    };
    BTreeMap::from([
        ("call_id", Value::from(call.call_id.as_str())),
        ("outgoing", text(&call.outgoing)),
        (
            "at",
            call.at
                .map_or(Value::from(()), |at| Value::from(moment(at))),
        ),
        ("from", Value::from(call.from.as_str())),
        ("to", Value::from(call.to.as_str())),
        ("direction", text(&call.direction)),
        ("customer", text(&call.customer)),
        ("carrier", text(&call.carrier)),
        ("server", text(&call.server)),
        ("source", text(&call.source)),
        ("us", us),
        ("them", them),
        ("code", number(call.code)),
        ("reason", text(&call.reason)),
        ("cause", number(call.cause)),
        ("talked", took(call.talked_ms)),
        ("billed", took(call.billed_ms)),
    ])
}

/// A text that means itself in Markdown, of any kind.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!'
            | '@' => {
                out.push('\\');
                out.push(c);
            }
            '&' => out.push_str("&amp;"),
            _ => out.push(c),
        }
    }
    // An address that stands alone becomes a link in most places, whatever is around it.
    out.replace("://", ":\u{2060}//")
}

/// A report with something everywhere, or nothing: what templates are tried with.
fn sample(audience: Audience, full: bool) -> Report {
    use super::{Basis, Category, Cleared, Own, Pair, Screen};
    let screen = Screen::new(audience, None, []);
    let word = |text: &str| {
        if full {
            screen.clear(text)
        } else {
            Cleared::default()
        }
    };
    let statement = || Statement {
        text: word("A sentence."),
        rests_on: Basis::Words,
        proof: word("messages 1, 2"),
    };
    let list = || {
        if full {
            vec![statement(), statement()]
        } else {
            Vec::new()
        }
    };
    let call = CallRef {
        call_id: word("a@192.0.2.1"),
        outgoing: full.then(|| word("CNX1_a")),
        at: full.then_some(Timestamp::UNIX_EPOCH),
        from: word("1"),
        to: word("2"),
        direction: full.then(|| word("outbound")),
        customer: full.then(|| word("A")),
        carrier: full.then(|| word("B")),
        server: full.then(|| word("C")),
        source: full.then(|| word("192.0.2.1:5060")),
        between: full.then(|| (word("192.0.2.1:5060"), word("192.0.2.2:5060"))),
        code: full.then_some(503),
        reason: full.then(|| word("D")),
        cause: full.then_some(34),
        talked_ms: full.then_some(1),
        billed_ms: full.then_some(1),
    };
    Report {
        audience,
        to: word("A"),
        investigation: "sample".to_owned(),
        rule: "sample".to_owned(),
        made_at: Timestamp::UNIX_EPOCH,
        subject: word("A subject"),
        category: Category::Operational,
        failing: 1,
        calls: if full {
            vec![call.clone(), call]
        } else {
            vec![call]
        },
        symptom: statement(),
        times: list(),
        observations: list(),
        assumptions: list(),
        steps: list(),
        not_checked: list(),
        pair: full.then(|| Pair {
            bad: word("a"),
            good: word("b"),
            good_at: Some(Timestamp::UNIX_EPOCH),
            why: word("c"),
            differences: vec![(word("d"), word("e"), word("f"))],
            left_out: 1,
        }),
        common: list(),
        request: statement(),
        next: list(),
        is_note: false,
        involved: Vec::new(),
        own: Own {
            contact: word("N"),
            changes: word("N"),
            tried: word("N"),
            replication: word("N"),
            remarks: word("N"),
            ..Own::default()
        },
    }
}
