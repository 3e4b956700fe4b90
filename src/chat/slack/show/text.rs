//! Text for Slack's markup, in which nothing from outside can format, mention, link or hide. Knows no
//! blocks and cuts nothing.
//!
//! Slack has no way to escape its formatting characters, only `&`, `<` and `>`
//! (<https://docs.slack.dev/messaging/formatting-message-text>). So a character that might format is
//! replaced by one that looks like it. What people copy (ids) stands in [`Mrkdwn::code`], where only the
//! backtick has to be.

use std::fmt;

use crate::render::clean;

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

    /// An address of the web to be opened, shown as it is; nothing where a character of it could be markup.
    #[must_use]
    pub fn address(text: &str) -> Option<Mrkdwn> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#=&%+,;@!$".contains(c);
        let is_web = text.starts_with("https://") || text.starts_with("http://");
        (is_web && text.chars().all(is_plain))
            .then(|| Mrkdwn(format!("<{}>", text.replace('&', "&amp;"))))
    }

    /// Lines of a drawing as a block of code.
    #[must_use]
    pub fn drawing(lines: &[String]) -> Mrkdwn {
        let lines: Vec<String> = lines.iter().map(|line| drawn(line)).collect();
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

    /// All of them with something of ours between.
    #[must_use]
    pub fn joined(parts: &[Mrkdwn], between: &'static str) -> Mrkdwn {
        let parts: Vec<&str> = parts.iter().map(|part| part.0.as_str()).collect();
        Mrkdwn(parts.join(between))
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
        let mut left = most;
        let too_long = self.0.char_indices().find(|(_, c)| {
            let rest = left.checked_sub(c.len_utf16());
            left = rest.unwrap_or(0);
            rest.is_none()
        });
        // One more, for the blank behind a full stop.
        let end = too_long.map_or(self.0.len(), |(at, c)| at + c.len_utf8());
        let within = self.0.get(..end).unwrap_or(&self.0);
        let ends = [(". ", 1), ("; ", 0), (" · ", 0)]
            .iter()
            .flat_map(|(end, kept)| {
                let all = within.match_indices(end);
                all.map(move |(at, _)| at + kept)
            });
        let mut ends: Vec<usize> = ends.collect();
        ends.sort_unstable();
        let heads = ends.into_iter().rev().filter_map(|at| within.get(..at));
        let longest = heads.map(str::trim_end).find(|head| is_balanced(head))?;
        (!longest.is_empty()).then(|| Mrkdwn(longest.to_owned()))
    }
}

impl fmt::Display for Mrkdwn {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

/// The characters of a text as Slack counts them. It does not say how it counts: in UTF-16, as its
/// clients do, there are never fewer than otherwise.
#[must_use]
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Text for an object of type `plain_text`: Slack formats nothing there, so only what cannot be seen and
/// what might be taken for a mention goes.
#[must_use]
pub fn plain(text: &str) -> String {
    let shown = visible(text);
    shown.replace('<', "\u{2039}").replace('>', "\u{203a}")
}

/// Plain text no longer than this many characters as Slack counts; what is longer ends with a mark.
#[must_use]
pub fn short(text: &str, most: usize) -> String {
    let text = plain(text);
    if length(&text) <= most {
        return text;
    }
    let mut kept = String::new();
    let mut left = most.saturating_sub(1);
    for c in text.chars() {
        match left.checked_sub(c.len_utf16()) {
            Some(rest) => left = rest,
            None => break,
        }
        kept.push(c);
    }
    kept.push('…');
    kept
}

/// Whether code spans and bold that begin in it also end in it.
fn is_balanced(text: &str) -> bool {
    let marks = |mark: char| text.matches(mark).count();
    marks('`').is_multiple_of(2) && marks('*').is_multiple_of(2) && !text.ends_with('&')
}

/// One line of what can be seen.
fn visible(text: &str) -> String {
    let shown: String = text.chars().filter(|c| !is_blank(*c)).collect();
    clean::line(&shown)
}

/// One line of a drawing, its blanks kept.
fn drawn(line: &str) -> String {
    let shown: String = line.chars().filter(|c| !is_blank(*c)).collect();
    coded(&clean::drawn(&shown))
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

/// Characters that are drawn as nothing, besides those that [`clean`] removes.
fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{ffa0}'
    )
}
