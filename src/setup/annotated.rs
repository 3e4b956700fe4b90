//! The annotated configuration, line by line: switches keys on and keeps every comment. Knows no key by name.

/// A text whose lines are keys, some of them switched off by a `#`, among comments.
pub(super) struct Annotated {
    lines: Vec<String>,
}

impl Annotated {
    pub(super) fn of(text: &str) -> Annotated {
        Annotated {
            lines: text.lines().map(str::to_owned).collect(),
        }
    }

    pub(super) fn text(&self) -> String {
        let mut text = self.lines.join("\n");
        text.push('\n');
        text
    }

    /// Gives a key a value, and switches its section on: the first with this header that has the line `mark` (any where
    /// that is empty); the beginning of the file where the header is empty. Without a value nothing changes.
    pub(super) fn set(&mut self, header: &str, mark: &str, key: &str, value: Option<String>) {
        let (Some(value), Some((from, to))) = (value, self.section(header, mark)) else {
            return;
        };
        if let Some(line) = self.lines.get_mut(from).filter(|_| !header.is_empty()) {
            header.clone_into(line);
        }
        let written = format!("{key} = {value}");
        let is_key = |line: &String| {
            let rest = on(line).strip_prefix(key);
            rest.is_some_and(|it| it.trim_start().starts_with('='))
        };
        let at = (from..to).find(|at| self.lines.get(*at).is_some_and(is_key));
        match at.and_then(|at| self.lines.get_mut(at)) {
            Some(line) => *line = written,
            // A key that only a comment tells of.
            None => self.lines.insert((from + 1).min(self.lines.len()), written),
        }
    }

    /// From the line of a section's header to that of the next one.
    fn section(&self, header: &str, mark: &str) -> Option<(usize, usize)> {
        let is_header = |line: &String| on(line).starts_with('[');
        let headers = self.lines.iter().enumerate();
        let headers: Vec<usize> = headers
            .filter(|(_, it)| is_header(it))
            .map(|it| it.0)
            .collect();
        let ends = headers.iter().copied().skip(1).chain([self.lines.len()]);
        let first = headers.first().copied().unwrap_or(self.lines.len());
        if header.is_empty() {
            return Some((0, first));
        }
        let mut sections = headers.iter().copied().zip(ends);
        sections.find(|(from, to)| {
            let mut lines = self.lines.get(*from..*to).unwrap_or_default().iter();
            lines.next().is_some_and(|it| on(it) == header)
                && (mark.is_empty() || lines.any(|it| on(it) == mark))
        })
    }
}

/// A line as it reads where it is switched on. A comment for people begins with `# `.
fn on(line: &str) -> &str {
    match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with([' ', '#']) => rest,
        _ => line,
    }
}
