//! Breaks text into lines between words. A word that is longer than a line stays whole: it may be
//! a Call-ID that somebody has to copy.

/// The lines of a text, none longer than `width` unless one word is. Never empty.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words(text) {
        let line = match lines.last_mut() {
            Some(line) if line.is_empty() || length(line) + 1 + length(&word) <= width => line,
            _ => {
                lines.push(word);
                continue;
            }
        };
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines
}

/// The words of a text; a unit goes with its number, so that no line begins with `s`.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let is_unit = matches!(
            word.trim_end_matches(['.', ',', ';', ')']),
            "s" | "ms" | "min"
        );
        let of_number = |before: &&mut String| before.ends_with(|c: char| c.is_ascii_digit());
        match words.last_mut().filter(of_number) {
            Some(number) if is_unit => {
                number.push(' ');
                number.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

fn length(text: &str) -> usize {
    text.chars().count()
}
