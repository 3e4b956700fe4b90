//! Text from packets and other strangers, made safe to draw. Changes how it looks, never what is
//! stored; escaping for a chat platform is that platform's own affair.

/// One line of visible text: control characters (ESC among them), line breaks and runs of blanks
/// become one blank; characters that are not seen or that turn the direction of writing go.
#[must_use]
pub fn line(text: &str) -> String {
    let shown = text.chars().filter(|c| !is_unseen(*c));
    let blanked: String = shown
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    blanked.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text for a monospace drawing: a [`line()`] whose every character is one column wide. A backtick
/// would end the code block that the drawing stands in.
#[must_use]
pub fn columns(text: &str) -> String {
    let one_column = |c: char| match c {
        '`' => '\'',
        ' '..='~' | '\u{a1}'..='\u{24f}' | '…' => c,
        '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{482}' | '\u{48a}'..='\u{52f}' => c,
        _ => '?',
    };
    line(text).chars().map(one_column).collect()
}

/// A line of a drawing: what [`line()`] removes goes here too, but blanks keep their number.
#[must_use]
pub fn drawn(text: &str) -> String {
    let shown = text.chars().filter(|c| !is_unseen(*c) && !c.is_control());
    shown.collect()
}

/// Cuts at the end what is too long, and shows that it did.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept = text.chars().take(most.saturating_sub(1));
    kept.chain("…".chars()).take(most).collect()
}

/// Cuts in the middle what is too long: of an address both ends tell it apart.
#[must_use]
pub fn cut_middle(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let kept = most.saturating_sub(1);
    let (head, tail) = (kept.div_ceil(2), kept / 2);
    let start = text.chars().take(head);
    let end = text.chars().skip(length - tail);
    start.chain("…".chars()).chain(end).take(most).collect()
}

/// Characters that take no room or reorder what stands around them, and so can hide or fake text.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}
