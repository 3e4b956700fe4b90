//! A message as parts, in the order in which they are read, each with how much it counts. Places nothing: how much a
//! platform has room for is its own matter.

use super::buttons::{Button, Select};
use super::text::Text;
use crate::render::card::Tone;

/// What is placed first where there is not room for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// What happened, who acts, what can be done here.
    First,
    /// What a reader needs to believe it.
    Second,
    /// The rest.
    Last,
}

/// One part of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A title and lines, each whole by itself.
    Lines(Option<Text>, Vec<Text>),
    /// Small grey lines.
    Small(Vec<Text>),
    /// A drawing, line by line.
    Drawing(Vec<String>),
    /// A line across.
    Divider,
    /// What can be pressed or chosen.
    Actions(Vec<Action>),
}

/// Something that can be pressed or chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A button.
    Press(Button),
    /// A select.
    Choose(Select),
}

/// The parts of one message, in the order in which they are read.
#[derive(Debug, Default)]
pub struct Sheet {
    /// What they are about as a whole, for a colour.
    pub tone: Option<Tone>,
    /// The parts.
    pub parts: Vec<(Rank, Part)>,
    /// Whether something was left out before it came here.
    pub is_rest_left: bool,
}

impl Sheet {
    /// Adds a part; an empty one is none.
    pub fn add(&mut self, rank: Rank, part: Part) {
        let is_empty = match &part {
            Part::Lines(title, lines) => title.is_none() && lines.iter().all(Text::is_empty),
            Part::Small(lines) => lines.iter().all(Text::is_empty),
            Part::Drawing(lines) => lines.iter().all(|line| line.trim().is_empty()),
            Part::Actions(actions) => actions.is_empty(),
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

    /// Says what it is about as a whole; the first word on that counts.
    pub fn toned(&mut self, tone: Tone) {
        self.tone.get_or_insert(tone);
    }

    /// A paragraph.
    pub fn line(&mut self, rank: Rank, line: Text) {
        self.add(rank, Part::Lines(None, vec![line]));
    }

    /// Lines under a title, where there are any.
    pub fn titled(&mut self, rank: Rank, title: &'static str, lines: Vec<Text>) {
        if !lines.is_empty() {
            self.add(rank, Part::Lines(Some(Text::bold(title)), lines));
        }
    }

    /// Places its parts one by one, what counts most first, and gives what came of it in the order in which it is read.
    pub fn in_turn<T>(&self, mut place: impl FnMut(usize, &Part) -> Vec<T>) -> Vec<T> {
        let mut ranked: Vec<(Rank, usize, &Part)> = self
            .parts
            .iter()
            .enumerate()
            .map(|(at, (rank, part))| (*rank, at, part))
            .collect();
        ranked.sort_by_key(|(rank, at, _)| (*rank, *at));
        let mut placed: Vec<(usize, Vec<T>)> = ranked
            .into_iter()
            .map(|(_, at, part)| (at, place(at, part)))
            .collect();
        placed.sort_by_key(|(at, _)| *at);
        placed.into_iter().flat_map(|(_, these)| these).collect()
    }
}
