//! The page of what works where: every command, kind of answer, button and form over Slack, Discord and the terminal. What
//! one of them lacks has to be declared here as what its platform cannot do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use calltriage::chat::Reply;
use calltriage::chat::commands::{Place, Table, Verb};
use calltriage::chat::discord::manifest as discord;
use calltriage::chat::discord::show::{forms as modals, message as in_discord};
use calltriage::chat::local;
use calltriage::chat::show::forms::{Form, FormKind, not_right, report, simulate};
use calltriage::chat::slack::show::{forms as views, message as in_slack};
use calltriage::render::card::Style;
use calltriage::render::incident::Press;
use calltriage::report::form as report_form;
use serde_json::Value;

use super::{cell, check};
use crate::slack_show::golden::{offer, replies};
use crate::slack_show::{ID, form_of_report, in_context, incident};

/// What a platform cannot do, and what it does instead.
const CANNOT: [(&str, &str, &str); 9] = [
    (
        "Slack",
        "slash commands in threads",
        "every command works there after `@calltriage`",
    ),
    (
        "Slack",
        "completion of what is typed",
        "Slack completes nothing behind `/triage`",
    ),
    (
        "Slack",
        "pictures in the message",
        "they are files in its thread, as is the text that has no room",
    ),
    (
        "Discord",
        "the app home",
        "`history` and `help` say the same",
    ),
    (
        "Discord",
        "an offer for a pasted Call-ID that only its writer sees",
        "Discord shows that only to who used something: it is a reply that notifies nobody",
    ),
    (
        "Discord",
        "more than five fields in a form",
        "it has pages, which are joined by a button; what it is for is told above its fields where that takes no page more",
    ),
    (
        "Discord",
        "a question before a button counts",
        "a message that only who pressed it sees asks it",
    ),
    (
        "Discord",
        "mentions and direct messages by HTTP",
        "they come by the gateway only: with `mode = \"http\"` there are commands, buttons and forms",
    ),
    (
        "The terminal",
        "buttons, selects, forms and pictures",
        "each is a command that is typed, or a question in turn (`report --ask`); a ladder is text",
    ),
];

/// What every kind of reply is called here; each has to be among those that are walked.
const KINDS: [&str; 15] = [
    "checks of an address",
    "comparison",
    "end",
    "files",
    "for a customer",
    "history",
    "investigation",
    "ladders",
    "list of calls",
    "offer",
    "question",
    "report",
    "rules",
    "text",
    "what is known of something",
];

/// The kind of a reply, by which it is listed.
fn kind(reply: &Reply) -> &'static str {
    match reply {
        Reply::Investigation(..) => "investigation",
        Reply::ForCustomer(_) => "for a customer",
        Reply::Comparison(_) => "comparison",
        Reply::TurnUp(_) => "checks of an address",
        Reply::Ladders(_) => "ladders",
        Reply::Calls { .. } => "list of calls",
        Reply::History { .. } => "history",
        Reply::Rules(_) => "rules",
        Reply::Brief(_) => "what is known of something",
        Reply::Files { .. } => "files",
        Reply::Text(_) => "text",
        Reply::Question { .. } => "question",
        Reply::Offer(_) => "offer",
        Reply::Report(_) => "report",
        Reply::End => "end",
    }
}

/// What can be pressed or chosen in a payload: the labels of buttons, and how many options selects have.
fn actions(payload: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![payload];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(all) => open.extend(all),
            Value::Object(fields) => {
                let is_button = fields
                    .get("type")
                    .is_some_and(|it| it == "button" || *it == 2);
                let label = fields
                    .get("label")
                    .or_else(|| fields.get("text")?.get("text"));
                if is_button && let Some(label) = label.and_then(Value::as_str) {
                    found.insert(label.to_owned());
                }
                let is_select = fields.get("options").is_some();
                if is_select {
                    found.insert("a select".to_owned());
                }
                open.extend(fields.values());
            }
            _ => {}
        }
    }
    found
}

/// What is told of all commands.
const HELP: &str = "help";

fn commands(replies: &[(&'static str, Reply)]) -> String {
    let table = Table::embedded().unwrap();
    let help = replies.iter().find(|(name, _)| *name == HELP);
    let (_, help) = help.unwrap();
    let style = Style {
        color: false,
        width: 100,
    };
    let typed = local::text(help, style);
    let in_slack_too = in_context(true, |context| {
        serde_json::to_string(&in_slack::reply(help, context)).unwrap()
    });
    let subs: Vec<Verb> = discord::registered(&table).map(|it| it.verb).collect();
    let mut page = String::from(
        "## Commands\n\n| Command | Slack | Discord | Terminal |\n|---|---|---|---|\n",
    );
    for command in table.commands() {
        if !command.available.contains(&Place::Chat) {
            continue;
        }
        let name = &command.name;
        assert!(
            typed.contains(name.as_str()),
            "{name} is not told in the terminal"
        );
        let is_of_chats = command.verb != Verb::Quit;
        assert!(
            !is_of_chats || in_slack_too.contains(name.as_str()),
            "{name} is not told in Slack"
        );
        let in_slack = match command.verb {
            Verb::Quit => "–, it ends the terminal's conversation".to_owned(),
            verb if verb == Verb::DEFAULT => format!("`/triage`, `/triage {name}`"),
            _ => format!("`/triage {name}`"),
        };
        let left_out = discord::LEFT_OUT
            .iter()
            .find(|(verb, _)| *verb == command.verb);
        let in_discord = match (subs.contains(&command.verb), left_out) {
            (true, None) => format!("`{}`", discord::typed(command)),
            (false, Some((_, why))) => format!("–, {why}"),
            other => panic!("{name} in Discord: {other:?}"),
        };
        let _ = writeln!(
            page,
            "| {name} | {in_slack} | {} | `{name}` |",
            cell(&in_discord)
        );
    }
    page
}

/// What can be pressed in the card of an incident, the same everywhere.
fn of_incident() -> BTreeSet<String> {
    let card = incident();
    let table = Table::embedded().unwrap();
    let slack = serde_json::to_value(in_slack::incident(&card, &table)).unwrap();
    let slack = actions(&slack);
    let discord = in_discord::incident(&card, &table);
    assert_eq!(slack, actions(&Value::Array(discord.components)));
    assert_eq!(slack.len(), card.buttons.len());
    let lines = card.lines();
    let is_told = |press: &Press| {
        lines.iter().any(|line| line.contains(&card.id)) && table.named(verb(press)).is_some()
    };
    assert!(card.buttons.iter().all(is_told), "{lines:?}");
    slack
}

fn verb(press: &Press) -> &str {
    press.command.split(' ').next().unwrap_or_default()
}

/// That every kind of answer is shown everywhere, with the same to press.
fn answers(replies: &[(&'static str, Reply)]) -> String {
    let style = Style {
        color: false,
        width: 100,
    };
    let mut by_kind: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, reply) in replies {
        let slack = in_context(true, |context| in_slack::reply(reply, context));
        let slack = actions(&serde_json::to_value(slack).unwrap());
        let discord = in_context(true, |context| in_discord::reply(reply, context));
        assert!(
            !discord.embeds.is_empty(),
            "{name} shows nothing in Discord"
        );
        let discord = actions(&Value::Array(discord.components));
        assert_eq!(slack, discord, "{name}: what can be pressed differs");
        let said = local::text(reply, style);
        // The terminal's conversation ends without a word.
        let is_told = !said.trim().is_empty() || matches!(reply, Reply::End);
        assert!(is_told, "{name} shows nothing in the terminal");
        by_kind.entry(kind(reply)).or_default().extend(slack);
    }
    let walked: Vec<&str> = by_kind.keys().copied().collect();
    assert_eq!(walked, KINDS, "a kind of answer is not walked");
    by_kind.insert("incident", of_incident());
    let mut page = String::from(
        "## Answers\n\nEach is shown in Slack, in Discord and in the terminal.\n\n| Answer | What can be pressed or \
         chosen in it |\n|---|---|\n",
    );
    for (kind, actions) in &by_kind {
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        let _ = writeln!(page, "| {kind} | {} |", cell(&actions.join(", ")));
    }
    page
}

/// The fields of a form as a platform has them.
fn fields_in(payload: &Value, at: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![payload];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(all) => open.extend(all),
            Value::Object(fields) => {
                let is_input = fields
                    .get("type")
                    .is_some_and(|it| it == "input" || *it == 3 || *it == 4);
                let name = at.iter().find_map(|key| fields.get(*key)?.as_str());
                if is_input && let Some(name) = name {
                    found.insert(name.to_owned());
                }
                open.extend(fields.values());
            }
            _ => {}
        }
    }
    found
}

fn form(kind: FormKind, of_report: &report_form::Form) -> Form {
    let table = Table::embedded().unwrap();
    let Reply::Offer(offer) = offer() else {
        unreachable!()
    };
    match kind {
        FormKind::Wrong => not_right(ID, &table),
        FormKind::Simulate => simulate(&offer.command, &table),
        FormKind::Report => report(of_report, ID),
    }
}

fn forms(of_report: &report_form::Form) -> String {
    let mut page =
        String::from("## Forms\n\n| Form | Slack | Discord | Terminal |\n|---|---|---|---|\n");
    for kind in FormKind::ALL {
        let form = form(kind, of_report);
        let slack = serde_json::to_value(views::view(&form)).unwrap();
        let slack = fields_in(&slack, &["block_id"]);
        let pages = modals::pages(&form);
        let discord: Vec<Value> = (0..pages)
            .map(|at| modals::page(&form, at, "kept:1"))
            .collect();
        let discord = fields_in(&Value::Array(discord), &["custom_id"]);
        assert_eq!(slack, discord, "the fields of {}", kind.word());
        assert_eq!(slack.len(), form.fields.len());
        let typed = match kind {
            FormKind::Wrong => "`wrong --party … --rule … REASON`",
            FormKind::Simulate => "`simulate --dialled … --confirm`",
            FormKind::Report => "`report CALL --ask`, `report ID --set …`",
        };
        let _ = writeln!(
            page,
            "| {} | one form | a form, five fields a page at most | {typed} |",
            form.title
        );
    }
    page
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_parity_is_fresh() {
    let mut page = String::from(
        "# What works where\n\nThe same program answers in Slack, in Discord and in the terminal, through the same heart. A \
         test walks every command, every kind of answer, each button and each form over all three, and fails where one \
         lacks something that does not stand under [what a platform cannot do](#what-a-platform-cannot-do). Made by \
         `UPDATE_DOCS=1 cargo test docs::`.\n\n",
    );
    let replies = replies().await;
    let _ = writeln!(page, "{}", commands(&replies));
    let _ = writeln!(page, "{}", answers(&replies));
    let _ = writeln!(page, "{}", forms(&form_of_report().await));
    page.push_str(
        "## What a platform cannot do\n\n| Where | What | What there is instead |\n|---|---|---|\n",
    );
    for (place, what, instead) in CANNOT {
        let _ = writeln!(page, "| {place} | {what} | {} |", cell(instead));
    }
    check("parity.md", &page);
}
