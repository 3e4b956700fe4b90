//! Text for Slack's markup, in which nothing from outside can format, mention, link or hide. Knows no
//! blocks and cuts nothing.
//!
//! Slack has no way to escape its formatting characters, only `&`, `<` and `>`
//! (<https://docs.slack.dev/messaging/formatting-message-text>). So a character that might format is
//! replaced by one that looks like it. What people copy (ids) stands in [`Mrkdwn::code`], where only the
//! backtick has to be.

use std::fmt;

use crate::chat::show::text::{self as neutral, Sign, Span, Text, length, visible};

/// Text in Slack's markup. It is made of our own words, of escaped text and of code spans alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mrkdwn(String);

impl Mrkdwn {
    /// Words of our own, markup and all.
    #[must_use]
    pub fn ours(text: &'static str) -> Mrkdwn {
        Mrkdwn(text.to_owned())
    }

    /// Text from outside, on one line.
    #[must_use]
    pub fn outside(text: &str) -> Mrkdwn {
        Mrkdwn(escaped(text))
    }

    /// Text from outside in bold; nothing where it is empty.
    #[must_use]
    pub fn bold(text: &str) -> Mrkdwn {
        match escaped(text).replace('*', "\u{2217}").trim() {
            "" => Mrkdwn::default(),
            text => Mrkdwn(format!("*{text}*")),
        }
    }

    /// Text from outside as code on one line: to be copied, so nothing of it is replaced but backticks.
    #[must_use]
    pub fn code(text: &str) -> Mrkdwn {
        match coded(&visible(text)).as_str() {
            "" => Mrkdwn::ours("(empty)"),
            text => Mrkdwn(format!("`{text}`")),
        }
    }

    /// An address of the web, none of whose characters is markup.
    fn address(text: &str) -> Mrkdwn {
        Mrkdwn(format!("<{}>", text.replace('&', "&amp;")))
    }

    /// Lines of a drawing as a block of code.
    #[must_use]
    pub fn drawing(lines: &[String]) -> Mrkdwn {
        let lines: Vec<String> = lines
            .iter()
            .map(|line| coded(&neutral::drawn(line)))
            .collect();
        Mrkdwn(format!("```\n{}\n```", lines.join("\n")))
    }

    /// Mentions a person by Slack's id; nothing where it is no such id.
    #[must_use]
    pub fn person(id: &str) -> Option<Mrkdwn> {
        let is_id = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        let is_person = matches!(id.chars().next(), Some('U' | 'W'));
        (is_person && id.len() <= 32 && id.chars().all(is_id)).then(|| Mrkdwn(format!("<@{id}>")))
    }

    /// Both, one after the other.
    #[must_use]
    pub fn and(mut self, other: &Mrkdwn) -> Mrkdwn {
        self.0.push_str(&other.0);
        self
    }

    /// How long it is for Slack.
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
    pub fn whole_sentences(&self, most: usize) -> Option<Mrkdwn> {
        let whole = neutral::whole_sentences(&self.0, most, is_balanced)?;
        Some(Mrkdwn(whole.to_owned()))
    }
}

impl From<&Text> for Mrkdwn {
    fn from(text: &Text) -> Mrkdwn {
        let written = text.spans().iter().map(|span| match span {
            Span::Sign(sign) => Mrkdwn(format!(":{}: ", emoji(*sign))),
            Span::Ours(text) => Mrkdwn::ours(text),
            Span::Outside(text) => Mrkdwn::outside(text),
            Span::Bold(text) => Mrkdwn::bold(text),
            Span::Code(text) => Mrkdwn::code(text),
            Span::Address(text) => Mrkdwn::address(text),
            Span::Person(id) => Mrkdwn::person(id).unwrap_or_else(|| Mrkdwn::code(id)),
        });
        written.fold(Mrkdwn::default(), |all, it| all.and(&it))
    }
}

/// The name of a sign among Slack's emoji.
fn emoji(sign: Sign) -> &'static str {
    match sign {
        Sign::GreenCircle => "large_green_circle",
        Sign::YellowCircle => "large_yellow_circle",
        Sign::RedCircle => "red_circle",
        Sign::BlueCircle => "large_blue_circle",
        Sign::WhiteCircle => "white_circle",
        Sign::Check => "white_check_mark",
        Sign::Cross => "x",
        Sign::Dash => "heavy_minus_sign",
        Sign::Diamond => "small_orange_diamond",
        Sign::Warning => "warning",
        Sign::Hourglass => "hourglass_flowing_sand",
        Sign::Lock => "lock",
        Sign::Question => "question",
        Sign::Page => "page_facing_up",
        Sign::Memo => "memo",
        Sign::Envelope => "incoming_envelope",
        Sign::Speech => "speech_balloon",
    }
}

impl fmt::Display for Mrkdwn {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

/// Whether code spans and bold that begin in it also end in it.
fn is_balanced(text: &str) -> bool {
    let marks = |mark: char| text.matches(mark).count();
    marks('`').is_multiple_of(2) && marks('*').is_multiple_of(2) && !text.ends_with('&')
}

/// What stands in code: nothing can end it, and nothing in it is a mention.
fn coded(text: &str) -> String {
    let replaced = |c: char| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '`' => "\u{2cb}".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(replaced).collect()
}

fn escaped(text: &str) -> String {
    let text: Vec<char> = visible(text).chars().collect();
    let mut written = String::with_capacity(text.len());
    for (at, c) in text.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        let after = text.get(at + 1);
        let is_word = |c: Option<&char>| c.is_some_and(char::is_ascii_alphanumeric);
        let is_inside = is_word(before) && is_word(after);
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            // At the start of a line it would quote.
            '>' if before.is_none() => written.push('\u{203a}'),
            '>' => written.push_str("&gt;"),
            '`' => written.push('\u{2cb}'),
            '*' if !is_inside => written.push('\u{2217}'),
            '_' if !is_inside => written.push('\u{2cd}'),
            '~' if !is_inside => written.push('\u{223c}'),
            ':' if begins_emoji(text.get(at + 1..).unwrap_or_default()) => {
                written.push('\u{2236}');
            }
            other => written.push(*other),
        }
    }
    written
}

/// No name of an emoji is longer.
const LONGEST_NAME: usize = 100;

/// Whether what follows a colon makes it the beginning of an emoji's code. Names of digits alone are
/// taken for a part of a time, but for those that exist.
fn begins_emoji(after: &[char]) -> bool {
    let is_name = |c: &char| c.is_alphanumeric() || "_+-'".contains(*c);
    let name: String = after
        .iter()
        .take(LONGEST_NAME)
        .take_while(|c| is_name(c))
        .collect();
    let is_closed = after.get(name.chars().count()) == Some(&':');
    let is_time = name.chars().all(|c| c.is_ascii_digit()) && !["100", "1234"].contains(&&*name);
    is_closed && !name.is_empty() && !is_time
}
