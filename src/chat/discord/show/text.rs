//! Text for Discord's markdown, in which nothing from outside can format, mention, link or hide. Knows no embeds and
//! cuts nothing.
//!
//! A backslash before a character that is neither a letter, a digit nor a blank takes its meaning away
//! (<https://docs.discord.com/developers/reference#message-formatting>), so that text from outside is shown as it is.

use std::fmt;

use crate::chat::show::text::{self as neutral, Sign, Span, Text, length, visible};

/// Text in Discord's markdown. It is made of our own words, of escaped text and of code spans alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markdown(String);

impl Markdown {
    /// Text from outside, on one line.
    #[must_use]
    pub fn outside(text: &str) -> Markdown {
        Markdown(escaped(text))
    }

    /// Text from outside in bold; nothing where it is empty.
    #[must_use]
    pub fn bold(text: &str) -> Markdown {
        match escaped(text).trim() {
            "" => Markdown::default(),
            text => Markdown(format!("**{text}**")),
        }
    }

    /// Text from outside as code on one line: to be copied, so nothing of it is replaced but backticks.
    #[must_use]
    pub fn code(text: &str) -> Markdown {
        match coded(&visible(text)).trim() {
            "" => Markdown("(empty)".to_owned()),
            text => Markdown(format!("`{text}`")),
        }
    }

    /// Lines of a drawing as a block of code.
    #[must_use]
    pub fn drawing(lines: &[String]) -> Markdown {
        let lines: Vec<String> = lines
            .iter()
            .map(|line| coded(&neutral::drawn(line)))
            .collect();
        Markdown(format!("```\n{}\n```", lines.join("\n")))
    }

    /// Mentions a person by Discord's id; the id alone where it is none.
    fn person(id: &str) -> Markdown {
        let is_id = !id.is_empty() && id.len() <= 20 && id.bytes().all(|it| it.is_ascii_digit());
        match is_id {
            true => Markdown(format!("<@{id}>")),
            false => Markdown::code(id),
        }
    }

    /// The same in small print.
    #[must_use]
    pub fn small(&self) -> Markdown {
        Markdown(format!("-# {}", self.0))
    }

    /// How long it is for Discord.
    #[must_use]
    pub fn length(&self) -> usize {
        length(&self.0)
    }

    /// Whether there is nothing to see.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// The part up to the last end of a sentence or of an item within `most`; nothing where none is.
    #[must_use]
    pub fn whole_sentences(&self, most: usize) -> Option<Markdown> {
        let whole = neutral::whole_sentences(&self.0, most, is_balanced)?;
        Some(Markdown(whole.to_owned()))
    }
}

impl From<&Text> for Markdown {
    fn from(text: &Text) -> Markdown {
        let written = text.spans().iter().map(|span| match span {
            Span::Sign(sign) => format!("{} ", emoji(*sign)),
            Span::Ours(text) => (*text).to_owned(),
            Span::Outside(text) => escaped(text),
            Span::Bold(text) => Markdown::bold(text).0,
            Span::Code(text) => Markdown::code(text).0,
            // The brackets keep Discord from drawing the page that it leads to.
            Span::Address(text) => format!("<{text}>"),
            Span::Person(id) => Markdown::person(id).0,
        });
        Markdown(written.collect())
    }
}

impl fmt::Display for Markdown {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

/// A sign as a character.
#[must_use]
pub fn emoji(sign: Sign) -> &'static str {
    match sign {
        Sign::GreenCircle => "\u{1f7e2}",
        Sign::YellowCircle => "\u{1f7e1}",
        Sign::RedCircle => "\u{1f534}",
        Sign::BlueCircle => "\u{1f535}",
        Sign::WhiteCircle => "\u{26aa}",
        Sign::Check => "\u{2705}",
        Sign::Cross => "\u{274c}",
        Sign::Dash => "\u{2796}",
        Sign::Diamond => "\u{1f538}",
        Sign::Warning => "\u{26a0}\u{fe0f}",
        Sign::Hourglass => "\u{23f3}",
        Sign::Lock => "\u{1f512}",
        Sign::Question => "\u{2753}",
        Sign::Page => "\u{1f4c4}",
        Sign::Memo => "\u{1f4dd}",
        Sign::Envelope => "\u{1f4e8}",
        Sign::Speech => "\u{1f4ac}",
    }
}

/// Whether code spans and bold that begin in it also end in it.
fn is_balanced(text: &str) -> bool {
    let (mut ticks, mut stars) = (0_usize, 0_usize);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            // In code a backslash is itself.
            '\\' if ticks.is_multiple_of(2) && chars.next().is_none() => return false,
            '`' => ticks += 1,
            '*' if ticks.is_multiple_of(2) => stars += 1,
            _ => {}
        }
    }
    ticks.is_multiple_of(2) && stars.is_multiple_of(4)
}

/// What stands in code: nothing can end it.
fn coded(text: &str) -> String {
    text.replace('`', "\u{2cb}")
}

fn escaped(text: &str) -> String {
    let text = visible(text);
    let mut written = String::with_capacity(text.len());
    // A number with a point at the beginning of a line would begin a list, and be counted anew.
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    for (at, c) in text.char_indices() {
        let before = text.get(..at).unwrap_or_default();
        let is_numbering = c == '.' && is_number(before);
        let is_colon = c == ':' && may_be_markup(text.get(at + 1..).unwrap_or_default());
        if "\\*_~`|<>[]()#@".contains(c) || is_numbering || is_colon {
            written.push('\\');
        }
        if "-+".contains(c) && before.trim().is_empty() {
            written.push('\\');
        }
        written.push(c);
    }
    written
}

/// Whether a colon may begin the address of a page, or the code of an emoji.
fn may_be_markup(after: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || "_+-'~".contains(c);
    let name = after.find(|c| !is_name(c)).unwrap_or(after.len());
    after.starts_with("//") || name > 0 && after.get(name..).is_some_and(|it| it.starts_with(':'))
}
