//! Takes off what chat programs and copying wrap around text. Leaves every character that may
//! stand in a Call-ID where it is.

/// The text as the person saw it.
pub(super) fn unwrap(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('<') {
        out.push_str(before);
        let inner = tail
            .split_once('>')
            .filter(|(inner, _)| !inner.contains('<'));
        match inner.and_then(|(inner, after)| Some((link(inner)?, after))) {
            Some((shown, after)) => {
                out.push_str(&shown);
                rest = after;
            }
            None => {
                out.push('<');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    plain(&out)
}

/// What stands for `<…>` when it is a link or a mention of Slack or Discord.
fn link(inner: &str) -> Option<String> {
    let (target, label) = inner
        .split_once('|')
        .map_or((inner, None), |(t, l)| (t, Some(l)));
    if let Some(address) = target.strip_prefix("mailto:") {
        // The label keeps the case that a Call-ID needs.
        return Some(
            label
                .filter(|l| l.contains('@'))
                .unwrap_or(address)
                .to_owned(),
        );
    }
    if target.starts_with("http://") || target.starts_with("https://") {
        return Some(label.unwrap_or(target).to_owned());
    }
    if target.starts_with("tel:") || target.starts_with("sip:") || target.starts_with("sips:") {
        return Some(format!(" {target} "));
    }
    if let Some(time) = target.strip_prefix("t:") {
        // Discord: <t:EPOCH:style>, shown to each reader in their own zone.
        let seconds = time.split(':').next()?.parse().ok()?;
        return Some(jiff::Timestamp::from_second(seconds).ok()?.to_string());
    }
    let id = |rest: &str| rest.len() > 5 && rest.bytes().all(|b| b.is_ascii_alphanumeric());
    let mention = target
        .strip_prefix("@&")
        .or(target.strip_prefix(['@', '#']))
        .is_some_and(id);
    let special = ["!here", "!channel", "!everyone"].contains(&target)
        || target.starts_with("!subteam^")
        || target.starts_with("!date^");
    let emoji = target
        .strip_prefix(":")
        .or(target.strip_prefix("a:"))
        .is_some_and(|name| {
            name.rsplit_once(':')
                .is_some_and(|(_, id)| id.bytes().all(|b| b.is_ascii_digit()))
        });
    (mention || special || emoji).then(|| " ".to_owned())
}

/// Slack's three escapes, typographic characters and the invisible ones that phones copy along.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escape = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&')]
            .iter()
            .find(|(e, _)| rest.starts_with(e));
        if let Some((escape, meant)) = escape {
            out.push(*meant);
            rest = rest.get(escape.len()..).unwrap_or("");
            continue;
        }
        if c == '\u{1b}' {
            rest = behind_escape(rest);
            continue;
        }
        match c {
            '“' | '”' | '„' => out.push('"'),
            '‘' | '’' => out.push('\''),
            '–' | '—' => out.push_str(" - "),
            '‐' | '‑' => out.push('-'),
            '\u{a0}' | '\u{2007}' | '\u{202f}' => out.push(' '),
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => {}
            _ => out.push(c),
        }
        rest = rest.get(c.len_utf8()..).unwrap_or("");
    }
    out
}

/// What follows the escape sequence of a terminal, as in `ESC [ 31 m`.
fn behind_escape(text: &str) -> &str {
    let text = text.trim_start_matches('\u{1b}');
    let Some(sequence) = text.strip_prefix('[') else {
        return text;
    };
    let end = sequence.find(|c: char| !c.is_ascii_digit() && !";:?".contains(c));
    match end.and_then(|end| sequence.get(end..)) {
        Some(tail) => tail
            .strip_prefix(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(tail),
        None => "",
    }
}
