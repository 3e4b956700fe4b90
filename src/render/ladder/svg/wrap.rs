//! Names, addresses and ids on several lines: broken where they have a seam, cut only where they
//! are longer than any that is real.

use crate::render::clean;

/// Breaks a text into at most `lines` lines of at most `columns` characters, rather behind a seam.
pub fn wrapped(text: &str, columns: usize, lines: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut rest: Vec<char> = text.chars().collect();
    let mut done = Vec::new();
    while rest.len() > columns && done.len() + 1 < lines {
        let is_seam = |sign: &char| matches!(sign, ' ' | '.' | ':' | '-' | '@' | ']' | '_');
        let seam = rest.iter().take(columns).rposition(is_seam);
        // A seam near the beginning would leave the line all but empty.
        let end = seam.map_or(columns, |at| at + 1);
        let end = if end * 3 < columns { columns } else { end };
        let tail = rest.split_off(end);
        done.push(rest.iter().collect::<String>().trim_end().to_owned());
        rest = tail;
    }
    done.push(clean::cut(&rest.iter().collect::<String>(), columns));
    done
}
