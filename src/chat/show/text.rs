//! Text that people read, as parts of which each says what it is: our own words, a sign, or what came from outside. Knows
//! no markup: how a part is written so that nothing from outside formats or mentions is each platform's own matter.

use crate::render::clean;

/// A small picture of ours that stands before a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Good.
    GreenCircle,
    /// To be looked at.
    YellowCircle,
    /// Bad, or the cause.
    RedCircle,
    /// Neither good nor bad.
    BlueCircle,
    /// Nothing found.
    WhiteCircle,
    /// In order.
    Check,
    /// Not in order.
    Cross,
    /// Not looked at.
    Dash,
    /// Less than an error.
    Diamond,
    /// Take care.
    Warning,
    /// It goes on.
    Hourglass,
    /// It may not be done.
    Lock,
    /// An answer is wanted.
    Question,
    /// A file.
    Page,
    /// Something that is not sent yet.
    Memo,
    /// Something that was sent.
    Envelope,
    /// What somebody said.
    Speech,
}

/// One part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// A sign and a blank.
    Sign(Sign),
    /// Words of our own.
    Ours(&'static str),
    /// Text from outside, on one line.
    Outside(String),
    /// The same in bold.
    Bold(String),
    /// Text from outside that is copied: an id, a command.
    Code(String),
    /// An address of the web to be opened.
    Address(String),
    /// Somebody, by the platform's id.
    Person(String),
}

/// A text of one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(Vec<Span>);

impl Text {
    /// Words of our own.
    #[must_use]
    pub fn ours(text: &'static str) -> Text {
        Text(vec![Span::Ours(text)])
    }

    /// A sign before a text.
    #[must_use]
    pub fn sign(sign: Sign) -> Text {
        Text(vec![Span::Sign(sign)])
    }

    /// Text from outside.
    #[must_use]
    pub fn outside(text: &str) -> Text {
        Text(vec![Span::Outside(text.to_owned())])
    }

    /// Text from outside in bold.
    #[must_use]
    pub fn bold(text: &str) -> Text {
        Text(vec![Span::Bold(text.to_owned())])
    }

    /// Text from outside to be copied.
    #[must_use]
    pub fn code(text: &str) -> Text {
        Text(vec![Span::Code(text.to_owned())])
    }

    /// An address of the web to be opened, shown as it is; nothing where a character of it could be markup.
    #[must_use]
    pub fn address(text: &str) -> Option<Text> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#=&%+,;@!$".contains(c);
        let is_web = text.starts_with("https://") || text.starts_with("http://");
        (is_web && text.chars().all(is_plain)).then(|| Text(vec![Span::Address(text.to_owned())]))
    }

    /// Somebody, by the platform's id.
    #[must_use]
    pub fn person(id: &str) -> Text {
        Text(vec![Span::Person(id.to_owned())])
    }

    /// Both, one after the other.
    #[must_use]
    pub fn and(mut self, other: &Text) -> Text {
        self.0.extend_from_slice(&other.0);
        self
    }

    /// All of them with something of ours between.
    #[must_use]
    pub fn joined(parts: &[Text], between: &'static str) -> Text {
        let mut parts = parts.iter();
        let first = parts.next().cloned().unwrap_or_default();
        parts.fold(first, |all, part| all.and(&Text::ours(between)).and(part))
    }

    /// Its parts.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// Whether there is nothing to see.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let is_empty = |span: &Span| match span {
            Span::Ours(text) => text.trim().is_empty(),
            Span::Outside(text) | Span::Bold(text) => visible(text).trim().is_empty(),
            Span::Sign(_) | Span::Code(_) | Span::Address(_) | Span::Person(_) => false,
        };
        self.0.iter().all(is_empty)
    }
}

/// The characters of a text as chats count them. They do not say how they count: in UTF-16, as their clients do, there
/// are never fewer than otherwise.
#[must_use]
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Text where a chat formats nothing: only what cannot be seen and what might be taken for a mention goes.
#[must_use]
pub fn plain(text: &str) -> String {
    let shown = visible(text);
    shown.replace('<', "\u{2039}").replace('>', "\u{203a}")
}

/// Plain text no longer than this many characters as [`length`] counts; what is longer ends with a mark.
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

/// One line of what can be seen.
#[must_use]
pub fn visible(text: &str) -> String {
    let shown: String = text.chars().filter(|c| !is_blank(*c)).collect();
    clean::line(&shown)
}

/// One line of a drawing, its blanks kept.
#[must_use]
pub fn drawn(line: &str) -> String {
    let shown: String = line.chars().filter(|c| !is_blank(*c)).collect();
    clean::drawn(&shown)
}

/// The part of a text of markup up to the last end of a sentence or of an item within `most`; nothing where none is. What
/// begins in it also ends in it, as far as `is_balanced` knows the platform's markup.
pub fn whole_sentences(
    text: &str,
    most: usize,
    is_balanced: impl Fn(&str) -> bool,
) -> Option<&str> {
    let longest = heads(text, most).find(|head| is_balanced(head));
    longest.filter(|it| !it.is_empty())
}

/// Where a text of markup can be cut so that at most `most` characters stay and no sentence and no item is broken, from
/// the longest: the texts up to there. Whether markup that begins in one of them also ends in it is for the platform to
/// say.
fn heads(text: &str, most: usize) -> impl Iterator<Item = &str> {
    let mut left = most;
    let too_long = text.char_indices().find(|(_, c)| {
        let rest = left.checked_sub(c.len_utf16());
        left = rest.unwrap_or(0);
        rest.is_none()
    });
    // One more, for the blank behind a full stop.
    let end = too_long.map_or(text.len(), |(at, c)| at + c.len_utf8());
    let within = text.get(..end).unwrap_or(text);
    let ends = [(". ", 1), ("; ", 0), (" · ", 0)]
        .iter()
        .flat_map(|(end, kept)| {
            let all = within.match_indices(end);
            all.map(move |(at, _)| at + kept)
        });
    let mut ends: Vec<usize> = ends.collect();
    ends.sort_unstable();
    let heads = ends.into_iter().rev().filter_map(|at| within.get(..at));
    heads.map(str::trim_end)
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
