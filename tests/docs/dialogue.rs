//! The pages of dialogues: what both chats' tests share to write down what was said, without what differs from run to run.

/// A line without ids, which hold the time and some letters by chance, and without the times of what was done now.
fn steady(line: &str) -> String {
    // Discord's small print.
    if let Some(line) = line.strip_prefix("-# ") {
        return format!("-# {}", steady(line));
    }
    let done = ["drafted", "submitted", "sent, "];
    if let Some((at, what)) = line.split_once(" UTC ")
        && at.len() == "2026-02-16 09:10".len()
        && done.iter().any(|it| what.starts_with(it))
    {
        return format!("(now) {what}");
    }
    let is_id = |word: &str| {
        let parts: Vec<usize> = word.split('-').map(str::len).collect();
        parts == [8, 6, 8] && word.starts_with("20")
    };
    let mut steady = String::new();
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-';
    for piece in line.split_inclusive(|c: char| !is_letter(c)) {
        let word = piece.trim_end_matches(|c: char| !is_letter(c));
        let bare = word.trim_start_matches("r-");
        steady.push_str(&match is_id(bare) {
            true => piece.replace(bare, "…"),
            false => piece.to_owned(),
        });
    }
    steady
}

/// What a message said, as a quotation within an item of a list; what is drawn `again` is left out.
pub fn quoted<'t>(lines: impl IntoIterator<Item = &'t str>, again: bool) -> String {
    let mut quoted = Vec::new();
    let mut is_drawn = false;
    for line in lines {
        let is_edge = line.trim_end() == "```";
        is_drawn ^= is_edge;
        if again && (is_drawn || is_edge) {
            if is_drawn && is_edge {
                quoted.push("   > (the report as above)".to_owned());
            }
            continue;
        }
        quoted.push(format!("   > {}", steady(line)).trim_end().to_owned());
    }
    quoted.join("\n")
}
