//! Puts parts into blocks within Slack's limits: what counts most is placed first, stands where it belongs,
//! and nothing is cut within a sentence. Says whether something was left out; writes no words of its own.

use slack_morphism::prelude::*;

use super::limits::{ACTIONS, MESSAGE_BLOCKS, MESSAGE_CHARS, SECTION, chars};
use super::text::Mrkdwn;

/// What is kept free for the line that says where the rest is.
const NOTICE: usize = 400;

/// What is placed first where there is not room for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// What happened, who acts, what can be done here.
    First,
    /// What a reader needs to believe it.
    Second,
    /// The rest.
    Last,
}

/// One part of a message.
#[derive(Debug)]
pub(super) enum Part {
    /// A title and lines, each whole by itself.
    Lines(Option<Mrkdwn>, Vec<Mrkdwn>),
    /// Small grey lines.
    Small(Vec<Mrkdwn>),
    /// A drawing, line by line.
    Drawing(Vec<String>),
    /// A line across.
    Divider,
    /// What can be pressed or chosen.
    Actions(Vec<SlackActionBlockElement>),
}

/// The parts of one message, in the order in which they are read.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    parts: Vec<(Rank, Part)>,
    is_rest_left: bool,
}

/// What became of a sheet.
#[derive(Debug)]
pub(super) struct Placed {
    /// The blocks, with room for one more of [`NOTICE`] characters.
    pub blocks: Vec<SlackBlock>,
    /// Whether something found no room.
    pub is_cut: bool,
}

impl Sheet {
    /// Adds a part; an empty one is none.
    pub fn add(&mut self, rank: Rank, part: Part) {
        let is_empty = match &part {
            Part::Lines(title, lines) => title.is_none() && lines.iter().all(Mrkdwn::is_empty),
            Part::Small(lines) => lines.iter().all(Mrkdwn::is_empty),
            Part::Drawing(lines) => lines.iter().all(|line| line.trim().is_empty()),
            Part::Actions(elements) => elements.is_empty(),
            Part::Divider => false,
        };
        if !is_empty {
            self.parts.push((rank, part));
        }
    }

    /// Says that something was left out before it came here.
    pub fn leave_rest(&mut self) {
        self.is_rest_left = true;
    }

    /// A paragraph.
    pub fn line(&mut self, rank: Rank, line: Mrkdwn) {
        self.add(rank, Part::Lines(None, vec![line]));
    }

    /// Lines under a title, where there are any.
    pub fn titled(&mut self, rank: Rank, title: &'static str, lines: Vec<Mrkdwn>) {
        if !lines.is_empty() {
            self.add(rank, Part::Lines(Some(Mrkdwn::bold(title)), lines));
        }
    }

    /// Places all of it. The block of actions carries `job` in its id.
    pub fn place(self, job: &str) -> Placed {
        let mut room = Room {
            chars: MESSAGE_CHARS - NOTICE,
            blocks: MESSAGE_BLOCKS - 1,
            is_cut: self.is_rest_left,
        };
        let mut in_turn: Vec<usize> = (0..self.parts.len()).collect();
        in_turn.sort_by_key(|at| self.parts.get(*at).map(|(rank, _)| *rank));
        let mut placed: Vec<(usize, Vec<SlackBlock>)> = Vec::new();
        for at in in_turn {
            if let Some((_, part)) = self.parts.get(at) {
                placed.push((at, room.place(part, &format!("{job}:{at}"))));
            }
        }
        placed.sort_by_key(|(at, _)| *at);
        Placed {
            blocks: placed.into_iter().flat_map(|(_, blocks)| blocks).collect(),
            is_cut: room.is_cut,
        }
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
            Part::Lines(title, lines) => self.lines(title.as_ref(), lines, section),
            Part::Small(lines) => self.lines(None, lines, small),
            Part::Drawing(lines) => self.drawing(lines),
            Part::Divider if self.blocks > 0 => {
                self.blocks -= 1;
                vec![SlackDividerBlock::new().into()]
            }
            Part::Divider => Vec::new(),
            Part::Actions(elements) => self.actions(elements, id),
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
            let cost = super::text::length(&text) + 1;
            let joins = texts
                .last()
                .is_some_and(|last| super::text::length(last) + cost <= SECTION);
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

    fn actions(&mut self, elements: &[SlackActionBlockElement], id: &str) -> Vec<SlackBlock> {
        let id = format!("actions:{id}");
        let mut free = self.chars.saturating_sub(id.len());
        let mut kept = Vec::new();
        for element in elements.iter().take(ACTIONS) {
            let cost = serde_json::to_value(element).map_or(usize::MAX, |it| chars(&it));
            if cost <= free {
                free -= cost;
                kept.push(element.clone());
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
    let text = super::text::short(text, most);
    SlackBlockPlainText::new(text).with_emoji(false).into()
}
