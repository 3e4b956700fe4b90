//! Plain text out of what pages of incidents hold, which is often HTML. Makes text safe to carry, and
//! leaves escaping to whoever shows it.

/// No headline is longer.
const LONGEST_LINE: usize = 300;

/// Nobody reads more of one incident in an answer.
const LONGEST_TEXT: usize = 4_000;

/// Tags after which a new line begins.
const BREAKS: [&str; 6] = ["br", "/p", "/div", "/li", "/h3", "/tr"];

/// The tags that such texts are written with. Anything else in angle brackets is text.
const TAGS: [&str; 37] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "script",
    "small",
    "span",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "td",
    "th",
    "time",
    "tr",
    "u",
    "ul",
    "var",
];

/// One line of visible text.
pub(super) fn line(text: &str) -> String {
    let words: Vec<_> = visible(text)
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    cut(&words.join(" "), LONGEST_LINE)
}

/// Text on lines, without HTML.
pub(super) fn lines(html: &str) -> String {
    let text = unescaped(&without_tags(html));
    let lines: Vec<_> = text
        .lines()
        .map(|line| {
            visible(line)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .filter(|line| !line.is_empty())
        .collect();
    cut(&lines.join("\n"), LONGEST_TEXT)
}

fn without_tags(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let tag = after
            .split_once('>')
            .and_then(|(tag, beyond)| Some((tag_name(tag)?, beyond)));
        match tag {
            Some((name, beyond)) => {
                if BREAKS.contains(&name.as_str()) {
                    out.push('\n');
                }
                rest = beyond;
            }
            None => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The name of what stands between angle brackets, as in "br" or "/p", if it is a tag.
fn tag_name(tag: &str) -> Option<String> {
    let name = tag.split([' ', '\n', '\t']).next()?;
    let name = name.trim_end_matches('/').to_ascii_lowercase();
    let is_tag = TAGS.contains(&name.trim_start_matches('/'));
    is_tag.then_some(name)
}

/// The characters that HTML writes by name or number; what is unknown stays as it is written.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let named = after
            .split_once(';')
            .and_then(|(name, beyond)| Some((character(name)?, beyond)));
        match named {
            Some((c, beyond)) => {
                out.push(c);
                rest = beyond;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The character of a name or a number, as in "amp", "#38" or "#x26".
pub(super) fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        _ => return None,
    })
}

/// Without control characters and those that hide or turn what stands around them.
fn visible(text: &str) -> String {
    let is_unseen = |c: char| {
        matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
    };
    text.chars()
        .filter(|c| !is_unseen(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars()
        .take(most.saturating_sub(1))
        .chain(['…'])
        .collect()
}
