//! Puts parts into blocks within Slack's limits: what counts most is placed first, stands where it belongs,
//! and nothing is cut within a sentence. Says whether something was left out; writes no words of its own.

use slack_morphism::prelude::*;

use super::limits::{
    ACTIONS, BUTTON, BUTTON_VALUE, CONFIRM_BUTTON, CONFIRM_TEXT, CONFIRM_TITLE, MESSAGE_BLOCKS,
    MESSAGE_CHARS, OPTION, OPTION_VALUE, OPTIONS, PLACEHOLDER, SECTION, chars,
};
use super::text::Mrkdwn;
use crate::chat::show::buttons::{Asks, Button, Choice, Select};
use crate::chat::show::sheet::{Action, Part, Sheet};
use crate::chat::show::text::{Text, length, short};

/// Options of one select take no more characters than this together.
const SELECT_CHARS: usize = 5_000;

/// What is kept free for the line that says where the rest is.
const NOTICE: usize = 400;

/// What became of a sheet.
#[derive(Debug)]
pub(super) struct Placed {
    /// The blocks, with room for one more of [`NOTICE`] characters.
    pub blocks: Vec<SlackBlock>,
    /// Whether something found no room.
    pub is_cut: bool,
}

/// Places all of a sheet. Blocks of actions carry `job` in their ids.
pub(super) fn place(sheet: &Sheet, job: &str) -> Placed {
    let mut room = Room {
        chars: MESSAGE_CHARS - NOTICE,
        blocks: MESSAGE_BLOCKS - 1,
        is_cut: sheet.is_rest_left,
    };
    let blocks = sheet.in_turn(|at, part| room.place(part, &format!("{job}:{at}")));
    Placed {
        blocks,
        is_cut: room.is_cut,
    }
}

/// What is still free.
struct Room {
    chars: usize,
    blocks: usize,
    is_cut: bool,
}

impl Room {
    fn place(&mut self, part: &Part, id: &str) -> Vec<SlackBlock> {
        match part {
            Part::Lines(title, lines) => {
                let title = title.as_ref().map(Mrkdwn::from);
                self.lines(title.as_ref(), &written(lines), section)
            }
            Part::Small(lines) => self.lines(None, &written(lines), small),
            Part::Drawing(lines) => self.drawing(lines),
            Part::Divider if self.blocks > 0 => {
                self.blocks -= 1;
                vec![SlackDividerBlock::new().into()]
            }
            Part::Divider => Vec::new(),
            Part::Actions(actions) => self.actions(actions, id),
        }
    }

    fn lines(
        &mut self,
        title: Option<&Mrkdwn>,
        lines: &[Mrkdwn],
        block: fn(String) -> SlackBlock,
    ) -> Vec<SlackBlock> {
        let mut texts: Vec<String> = Vec::new();
        // Nothing of a list is left out before something that follows it is.
        let mut is_full = false;
        for line in lines.iter().filter(|line| !line.is_empty()) {
            let title = title.filter(|_| texts.is_empty());
            let extra = title.map_or(0, |title| title.length() + 1);
            let most = (SECTION - extra).min(self.chars.saturating_sub(extra + 1));
            let line = match line.length() {
                short if short <= most => line.clone(),
                _ => {
                    self.is_cut = true;
                    match line.whole_sentences(most) {
                        Some(head) => head,
                        None => continue,
                    }
                }
            };
            let text = title.map_or(line.to_string(), |title| format!("{title}\n{line}"));
            let cost = length(&text) + 1;
            let joins = texts
                .last()
                .is_some_and(|last| length(last) + cost <= SECTION);
            is_full = is_full || (!joins && self.blocks == 0) || cost > self.chars;
            if is_full {
                self.is_cut = true;
                break;
            }
            self.chars -= cost;
            match texts.last_mut().filter(|_| joins) {
                Some(last) => {
                    last.push('\n');
                    last.push_str(&text);
                }
                None => {
                    self.blocks -= 1;
                    texts.push(text);
                }
            }
        }
        if lines.is_empty()
            && let Some(title) =
                title.filter(|title| self.blocks > 0 && title.length() <= self.chars)
        {
            self.blocks -= 1;
            self.chars -= title.length();
            texts.push(title.to_string());
        }
        texts.into_iter().map(block).collect()
    }

    fn drawing(&mut self, lines: &[String]) -> Vec<SlackBlock> {
        let mut blocks = Vec::new();
        let mut rest = lines;
        while !rest.is_empty() {
            let fence = Mrkdwn::drawing(&[]).length();
            let mut free = SECTION.min(self.chars).saturating_sub(fence);
            let mut many = 0;
            for line in rest {
                let cost = Mrkdwn::drawing(std::slice::from_ref(line)).length() - fence + 1;
                let Some(left) = free.checked_sub(cost) else {
                    break;
                };
                free = left;
                many += 1;
            }
            if many == 0 || self.blocks == 0 {
                self.is_cut = true;
                break;
            }
            let (these, others) = rest.split_at_checked(many).unwrap_or((rest, &[]));
            let text = Mrkdwn::drawing(these);
            self.chars -= text.length();
            self.blocks -= 1;
            blocks.push(section(text.to_string()));
            rest = others;
        }
        blocks
    }

    fn actions(&mut self, actions: &[Action], id: &str) -> Vec<SlackBlock> {
        let id = format!("actions:{id}");
        let mut free = self.chars.saturating_sub(id.len());
        let mut kept = Vec::new();
        for element in actions.iter().filter_map(element).take(ACTIONS) {
            let cost = serde_json::to_value(&element).map_or(usize::MAX, |it| chars(&it));
            if cost <= free {
                free -= cost;
                kept.push(element);
            }
        }
        if kept.is_empty() || self.blocks == 0 {
            return Vec::new();
        }
        self.blocks -= 1;
        self.chars = free;
        vec![
            SlackActionsBlock::new(kept)
                .with_block_id(SlackBlockId(id))
                .into(),
        ]
    }
}

fn written(lines: &[Text]) -> Vec<Mrkdwn> {
    lines.iter().map(Mrkdwn::from).collect()
}

/// What can be pressed or chosen as Slack wants it; nothing where Slack could not carry what it stands for.
fn element(action: &Action) -> Option<SlackActionBlockElement> {
    match action {
        Action::Press(it) => {
            let fits = length(&it.command) <= BUTTON_VALUE && !it.command.is_empty();
            fits.then(|| button(it).into())
        }
        Action::Choose(it) => select(it),
    }
}

pub(super) fn button(button: &Button) -> SlackBlockButtonElement {
    let element = SlackBlockButtonElement::new(plain_text(&button.label, BUTTON))
        .with_action_id(SlackActionId(button.action.clone()))
        .with_value(button.command.clone());
    let Some(Asks { title, text, yes }) = &button.asks else {
        return element;
    };
    let confirm = SlackBlockConfirmItem::new(
        plain_text(title, CONFIRM_TITLE),
        SlackBlockText::Plain(SlackBlockPlainText::new(short(text, CONFIRM_TEXT))),
        plain_text(yes, CONFIRM_BUTTON),
        plain_text("Not now", CONFIRM_BUTTON),
    );
    element
        .with_confirm(confirm)
        .with_style(SlackBlockButtonStyle::Primary)
}

/// A select; nothing where nothing can be chosen. What there is no room for is left out.
fn select(select: &Select) -> Option<SlackActionBlockElement> {
    let mut free = SELECT_CHARS;
    let sayable = |choice: &Choice| {
        let all = std::iter::once(&choice.command).chain(&choice.otherwise);
        let said = all.into_iter().find(|it| length(it) <= OPTION_VALUE)?;
        Some((choice.label.clone(), said.clone()))
    };
    let fits = |(label, command): &(String, String)| {
        let cost = length(label).min(OPTION) + length(command);
        let left = free.checked_sub(cost);
        free = left.unwrap_or(0);
        left.is_some()
    };
    let options: Vec<_> = select
        .choices
        .iter()
        .filter_map(sayable)
        .take_while(fits)
        .take(OPTIONS)
        .map(|(label, command)| SlackBlockChoiceItem::new(plain_text(&label, OPTION), command))
        .collect();
    let element = SlackBlockStaticSelectElement::new()
        .with_action_id(SlackActionId(select.action.clone()))
        .with_placeholder(plain_text(select.placeholder, PLACEHOLDER));
    (!options.is_empty()).then(|| element.with_options(options).into())
}

/// A section: Slack makes nothing in it a link, and hides nothing behind "see more".
pub(super) fn section(text: String) -> SlackBlock {
    let text = SlackBlockMarkDownText::new(text).with_verbatim(true);
    SlackSectionBlock::new()
        .with_text(text.into())
        .with_expand(true)
        .into()
}

/// A context of one text.
pub(super) fn small(text: String) -> SlackBlock {
    let text = SlackBlockMarkDownText::new(text).with_verbatim(true);
    SlackContextBlock::new(vec![text.into()]).into()
}

/// Plain text in which a code such as `:x:` stays what it is.
pub(super) fn plain_text(text: &str, most: usize) -> SlackBlockPlainTextOnly {
    let text = short(text, most);
    SlackBlockPlainText::new(text).with_emoji(false).into()
}
