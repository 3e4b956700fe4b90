//! Forms and the app home as views, and the command that a form that was sent stands for. Opens none.

use slack_morphism::prelude::*;

use super::Context;
use super::buttons::{Button, is_sayable};
use super::limits::{INPUT, LABEL, MODAL_TITLE, OPTION, PLACEHOLDER};
use super::lists::past;
use super::sheet::{plain_text, section, small};
use super::text::Mrkdwn;
use crate::archive::Summary;
use crate::chat::commands::{CommandOption, OptionKind, Place, Table};

/// The `callback_id` of the form for a verdict that is not right. Its `private_metadata` is what it is about.
pub const WRONG: &str = "wrong";

/// The `callback_id` of the form with the values of a simulation. Its `private_metadata` is what no field
/// has: the account.
pub const SIMULATE: &str = "simulate";

/// The action of every field; the block's id is the option that the field fills.
pub const FIELD: &str = "field";

/// The block of the form [`WRONG`] that has the reason.
pub const REASON: &str = "reason";

/// More past investigations than these do not stand in the app home.
const MOST_RECENT: usize = 15;

/// The form that marks a verdict as wrong. `about` is the id of an investigation, or the Call-ID that is meant
/// where it is about several calls.
#[must_use]
pub fn not_right_form(about: &str, table: &Table) -> SlackView {
    let said = Mrkdwn::ours("It is kept, and shown whenever the call is looked at again.");
    let meant = Mrkdwn::ours(" It is about ").and(&Mrkdwn::code(about));
    let said = if is_sayable(about) {
        said.and(&meant)
    } else {
        said
    };
    let reason = SlackBlockPlainTextInputElement::new()
        .with_action_id(SlackActionId(FIELD.to_owned()))
        .with_multiline(true)
        .with_max_length(1_000);
    let reason = input(REASON, "Why is it wrong?", reason.into());
    let mut blocks = vec![section(said.to_string()), reason.into()];
    for name in ["party", "rule"] {
        let option = option(table, "wrong", name);
        blocks.extend(option.map(|option| field(option, "").into()));
    }
    modal("Not right", "Keep it", WRONG, blocks, about)
}

/// The command that a sent form [`WRONG`] stands for: its fields by their blocks' ids.
#[must_use]
pub fn not_right_command(about: &str, filled: &[(String, String)]) -> String {
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
pub fn simulate_form(command: &str, table: &Table) -> SlackView {
    let values = options_of(command);
    let known = |name: &str| {
        values
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, value)| *value)
    };
    let hidden = known("source");
    let options = table.named("simulate").map_or(&[][..], |it| &it.options);
    let shown = options
        .iter()
        .filter(|it| it.kind == OptionKind::Text && it.name != "source");
    let head = section("Nothing runs before you press *Run it*. It asks no carrier and leaves an entry in the platform's log.".to_owned());
    let fields = shown.map(|it| field(it, known(&it.name)).into());
    let blocks = std::iter::once(head).chain(fields).collect();
    modal("Simulate the call", "Run it", SIMULATE, blocks, hidden)
}

/// The command that a sent form [`SIMULATE`] stands for.
///
/// # Errors
/// The fields that no command can hold, each with a sentence, as Slack shows it under the field.
pub fn simulate_command(
    source: &str,
    filled: &[(String, String)],
) -> Result<String, Vec<(String, String)>> {
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

/// The app home: what can be said, and what was asked last.
#[must_use]
pub fn home(recent: &[Summary], context: &Context<'_>) -> SlackView {
    let table = context.table;
    let mut blocks = vec![section(
        "*What happened to a call?*\nPaste a Call-ID or a number here under *Messages*, in a channel after `/triage`, or \
         in a thread after `@calltriage`."
            .to_owned(),
    )];
    let usable = table
        .commands()
        .iter()
        .filter(|it| it.available.contains(&Place::Chat) && it.name != "quit");
    let lines = usable.map(|it| {
        Mrkdwn::code(&it.name)
            .and(&Mrkdwn::ours("  "))
            .and(&Mrkdwn::outside(&it.summary))
    });
    let lines: Vec<Mrkdwn> = lines.collect();
    blocks.extend(packed(&lines).into_iter().map(section));
    blocks.push(SlackDividerBlock::new().into());
    if recent.is_empty() {
        blocks.push(section("Nothing has been investigated yet.".to_owned()));
        return SlackView::Home(SlackHomeView::new(blocks));
    }
    blocks.push(section("*Recent investigations (UTC)*".to_owned()));
    for (at, one) in recent.iter().take(MOST_RECENT).enumerate() {
        let line = past(one);
        let text = match line.length() <= super::limits::SECTION {
            true => line,
            // What was asked may be long; the id alone finds it.
            false => Mrkdwn::code(&one.id),
        };
        let again = Button::say("again", at, "Run again", format!("again {}", one.id));
        let button =
            (table.named("again").is_some() && is_sayable(&one.id)).then(|| again.element());
        let text = SlackBlockMarkDownText::new(text.to_string()).with_verbatim(true);
        let line = SlackSectionBlock::new().with_text(text.into());
        blocks.push(match button {
            Some(button) => line.with_accessory(button.into()).into(),
            None => line.into(),
        });
    }
    if recent.len() > MOST_RECENT {
        blocks.push(small("`history` lists those before.".to_owned()));
    }
    SlackView::Home(SlackHomeView::new(blocks))
}

/// Lines in as few texts as sections take.
fn packed(lines: &[Mrkdwn]) -> Vec<String> {
    let mut texts: Vec<Vec<Mrkdwn>> = vec![Vec::new()];
    let mut used = 0;
    for line in lines
        .iter()
        .filter(|line| line.length() < super::limits::SECTION)
    {
        used += line.length() + 1;
        if used > super::limits::SECTION {
            texts.push(Vec::new());
            used = line.length() + 1;
        }
        if let Some(last) = texts.last_mut() {
            last.push(line.clone());
        }
    }
    let texts = texts.iter().filter(|it| !it.is_empty());
    texts
        .map(|it| Mrkdwn::joined(it, "\n").to_string())
        .collect()
}

pub(super) fn modal(
    title: &str,
    submit: &str,
    callback: &str,
    blocks: Vec<SlackBlock>,
    hidden: &str,
) -> SlackView {
    let view = SlackModalView::new(plain_text(title, MODAL_TITLE), blocks)
        .with_submit(plain_text(submit, MODAL_TITLE))
        .with_close(plain_text("Cancel", MODAL_TITLE))
        .with_callback_id(SlackCallbackId(callback.to_owned()));
    SlackView::Modal(match is_sayable(hidden) {
        true => view.with_private_metadata(hidden.to_owned()),
        false => view,
    })
}

fn option<'t>(table: &'t Table, command: &str, name: &str) -> Option<&'t CommandOption> {
    table
        .named(command)?
        .options
        .iter()
        .find(|it| it.name == name)
}

/// The field that fills an option.
fn field(option: &CommandOption, value: &str) -> SlackInputBlock {
    let action = SlackActionId(FIELD.to_owned());
    let label = option.summary.trim_end_matches('.');
    let element = match &option.kind {
        OptionKind::Choice(words) => {
            let choice =
                |word: &String| SlackBlockChoiceItem::new(plain_text(word, OPTION), word.clone());
            SlackBlockStaticSelectElement::new()
                .with_action_id(action)
                .with_placeholder(plain_text("Not said", PLACEHOLDER))
                .with_options(words.iter().map(choice).collect())
                .into()
        }
        _ => {
            let input = SlackBlockPlainTextInputElement::new().with_action_id(action);
            let fits = !value.is_empty() && super::text::length(value) <= INPUT;
            let input = if fits {
                input.with_initial_value(value.to_owned())
            } else {
                input
            };
            input.into()
        }
    };
    input(&option.name, label, element).with_optional(true)
}

pub(super) fn input(name: &str, label: &str, element: SlackInputBlockElement) -> SlackInputBlock {
    SlackInputBlock::new(plain_text(label, LABEL), element)
        .with_block_id(SlackBlockId(name.to_owned()))
}

/// The options of a command that has them as `--name=value`.
fn options_of(command: &str) -> Vec<(&str, &str)> {
    let words = command
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("--"));
    words.filter_map(|word| word.split_once('=')).collect()
}
