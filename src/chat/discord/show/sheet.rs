//! Puts parts into embeds within Discord's limits: what counts most is placed first, stands where it belongs, and nothing
//! is cut within a sentence. Says whether something was left out; writes no words of its own.

use serde_json::{Value, json};

use super::components::{Components, Row};
use super::limits::{DESCRIPTION, EMBED_CHARS, EMBEDS};
use super::text::Markdown;
use crate::chat::discord::presses::Kept;
use crate::chat::show::sheet::{Part, Sheet};
use crate::chat::show::text::{Text, length};
use crate::render::card::Tone;

/// What is kept free for the line that says where the rest is.
const NOTICE: usize = 300;

/// What became of a sheet.
#[derive(Debug)]
pub(super) struct Placed {
    /// The texts of the embeds, none of them empty, with room for one more line of [`NOTICE`] characters in the last.
    pub texts: Vec<String>,
    /// The rows of components.
    pub rows: Vec<Value>,
    /// What components stand for whose ids have not room for it.
    pub kept: Vec<Kept>,
    /// The colour of all embeds.
    pub colour: u32,
    /// Whether something found no room.
    pub is_cut: bool,
}

impl Placed {
    /// Adds a line at the end.
    pub fn add(&mut self, line: &Markdown) {
        match self.texts.last_mut() {
            Some(last) => last.push_str(&format!("\n{line}")),
            None => self.texts.push(line.to_string()),
        }
    }

    /// The embeds.
    pub fn embeds(&self) -> Vec<Value> {
        let texts = self.texts.iter();
        texts
            .map(|text| json!({ "description": text, "color": self.colour }))
            .collect()
    }
}

/// The colour of what an answer comes to; the same as those of the circles before headlines.
fn colour(tone: Option<Tone>) -> u32 {
    match tone {
        Some(Tone::Good) => 0x0078_B159,
        Some(Tone::Warning) => 0x00FD_CB58,
        Some(Tone::Bad) => 0x00DD_2E44,
        Some(Tone::Neutral) | None => 0x0055_ACEE,
    }
}

/// One thing placed.
enum Piece {
    /// A paragraph.
    Text(String),
    /// From here on another embed.
    Break,
}

/// Places all of a sheet.
pub(super) fn place(sheet: &Sheet) -> Placed {
    let mut room = Room {
        chars: EMBED_CHARS - NOTICE,
        embeds: EMBEDS - 1,
        is_cut: sheet.is_rest_left,
    };
    let pieces = sheet.in_turn(|_, part| room.place(part));
    let mut texts = vec![String::new()];
    for piece in pieces {
        match piece {
            Piece::Break => texts.push(String::new()),
            Piece::Text(text) => match texts.last_mut() {
                Some(last) if length(last) + length(&text) < DESCRIPTION - NOTICE => {
                    if !last.is_empty() {
                        last.push('\n');
                    }
                    last.push_str(&text);
                }
                _ => texts.push(text),
            },
        }
    }
    texts.retain(|text| !text.trim().is_empty());
    // Each break was paid for; what runs over from one embed into the next was not.
    room.is_cut |= texts.len() > EMBEDS;
    texts.truncate(EMBEDS);
    let mut components = Components::default();
    for (_, part) in &sheet.parts {
        if let Part::Actions(actions) = part {
            components.add(actions);
        }
    }
    let Row { rows, kept } = components.rows();
    Placed {
        texts,
        rows,
        kept,
        colour: colour(sheet.tone),
        is_cut: room.is_cut,
    }
}

/// What is still free.
struct Room {
    chars: usize,
    embeds: usize,
    is_cut: bool,
}

impl Room {
    fn place(&mut self, part: &Part) -> Vec<Piece> {
        match part {
            Part::Lines(title, lines) => {
                let title = title.as_ref().map(Markdown::from);
                self.lines(title, &written(lines))
            }
            Part::Small(lines) => {
                let lines = written(lines);
                let lines = lines.iter().filter(|it| !it.is_empty());
                self.lines(None, &lines.map(Markdown::small).collect::<Vec<_>>())
            }
            Part::Drawing(lines) => self.drawing(lines),
            Part::Divider if self.embeds > 0 => {
                self.embeds -= 1;
                vec![Piece::Break]
            }
            Part::Divider | Part::Actions(_) => Vec::new(),
        }
    }

    fn lines(&mut self, title: Option<Markdown>, lines: &[Markdown]) -> Vec<Piece> {
        let mut texts: Vec<String> = Vec::new();
        let shown = lines.iter().filter(|line| !line.is_empty());
        // A title alone is said as a line.
        let (title, shown): (_, Vec<&Markdown>) = match lines.is_empty() {
            true => (None, title.iter().collect()),
            false => (title.as_ref(), shown.collect()),
        };
        for line in shown {
            let title = title.filter(|_| texts.is_empty());
            let extra = title.map_or(0, |title| title.length() + 1);
            let most = (DESCRIPTION - NOTICE).min(self.chars.saturating_sub(1));
            let most = most.saturating_sub(extra);
            let whole = line.length() <= most;
            let line = match whole {
                true => Some(line.clone()),
                false => line.whole_sentences(most),
            };
            self.is_cut |= !whole;
            // Nothing of a list is left out before something that follows it is.
            let Some(line) = line else { break };
            let text = title.map_or(line.to_string(), |title| format!("{title}\n{line}"));
            self.chars = self.chars.saturating_sub(length(&text) + 1);
            texts.push(text);
            if !whole {
                break;
            }
        }
        texts.into_iter().map(Piece::Text).collect()
    }

    fn drawing(&mut self, lines: &[String]) -> Vec<Piece> {
        let fence = Markdown::drawing(&[]).length();
        let mut free = (DESCRIPTION - NOTICE)
            .min(self.chars)
            .saturating_sub(fence + 1);
        let mut many = 0;
        for line in lines {
            let cost = Markdown::drawing(std::slice::from_ref(line)).length() - fence + 1;
            let Some(left) = free.checked_sub(cost) else {
                break;
            };
            free = left;
            many += 1;
        }
        self.is_cut |= many < lines.len();
        if many == 0 {
            return Vec::new();
        }
        let text = Markdown::drawing(lines.get(..many).unwrap_or(lines));
        self.chars = self.chars.saturating_sub(text.length() + 1);
        vec![Piece::Text(text.to_string())]
    }
}

fn written(lines: &[Text]) -> Vec<Markdown> {
    lines.iter().map(Markdown::from).collect()
}
