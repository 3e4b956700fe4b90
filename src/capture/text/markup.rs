//! What a chat or a web page made of a text, undone: HTML's entities and Slack's links. Decides once for the whole text,
//! so that a message that holds such a thing itself keeps it.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr3, memmem};

/// Longer links are none.
const LONGEST_LINK: usize = 512;
/// As far before a link or an entity its header's name is looked for.
const FARTHEST: usize = 512;
const ENTITIES: [(&[u8], u8); 6] = [
    (b"&lt;", b'<'),
    (b"&gt;", b'>'),
    (b"&amp;", b'&'),
    (b"&quot;", b'"'),
    (b"&#39;", b'\''),
    (b"&apos;", b'\''),
];

/// What is to be undone in each line of a text.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Markup {
    entities: bool,
    links: bool,
}

impl Markup {
    /// By a text's beginning. Links count where one stands in From or To; entities where the address there is escaped
    /// and, but for links, no `<` in the text is not.
    pub(super) fn of(beginning: &[u8]) -> Markup {
        let (mut links, mut is_raw) = (false, false);
        for at in memchr_iter(b'<', beginning) {
            let (before, rest) = beginning.split_at_checked(at).unwrap_or_default();
            match Link::of(rest) {
                Some(link) => {
                    let is_sure = link.label.is_some() || before.ends_with(b":");
                    links |= is_sure && is_addressed(before);
                }
                None => is_raw = true,
            }
        }
        let is_escaped = |at: usize| {
            let (before, rest) = beginning.split_at_checked(at).unwrap_or_default();
            let address = rest.get(b"&lt;".len()..).unwrap_or_default();
            let begins = |it: &&[u8]| address.starts_with(it);
            [&b"sip:"[..], b"sips:", b"tel:", b"<"].iter().any(begins) && is_addressed(before)
        };
        let entities = !is_raw && memmem::find_iter(beginning, b"&lt;").any(is_escaped);
        Markup { entities, links }
    }

    /// The line as it was before.
    pub(super) fn undo<'a>(self, mut line: Cow<'a, [u8]>) -> Cow<'a, [u8]> {
        if self.links && memchr(b'<', &line).is_some() {
            line = Cow::Owned(without_links(&line));
        }
        if self.entities && memchr(b'&', &line).is_some() {
            line = Cow::Owned(unescaped(&line));
        }
        line
    }
}

/// Whether From or To stands before this in its line.
fn is_addressed(before: &[u8]) -> bool {
    let near = before.len().saturating_sub(FARTHEST);
    let near = before.get(near..).unwrap_or_default();
    let line = near.rsplit(|byte| *byte == b'\n').next().unwrap_or(near);
    [&b"From:"[..], b"To:"]
        .iter()
        .any(|name| memmem::find(line, name).is_some())
}

/// `<TARGET|LABEL>`, as Slack writes what it takes for an address.
struct Link<'a> {
    target: &'a [u8],
    label: Option<&'a [u8]>,
    /// Bytes of all of it.
    length: usize,
}

impl Link<'_> {
    /// The link that a text begins with.
    fn of(text: &[u8]) -> Option<Link<'_>> {
        let inner = text.strip_prefix(b"<")?;
        let inner = inner.get(..LONGEST_LINK).unwrap_or(inner);
        let end = memchr3(b'>', b'<', b'\n', inner)?;
        let (inner, end) = inner.split_at_checked(end)?;
        if !end.starts_with(b">") {
            return None;
        }
        let (target, label) = match memchr(b'|', inner).and_then(|it| inner.split_at_checked(it)) {
            Some((target, label)) => (target, label.get(1..)),
            None => (inner, None),
        };
        let begins = |it: &&[u8]| target.starts_with(it);
        // Without a label, anything but these may be a header's own.
        let is_link = target.starts_with(b"mailto:")
            || label.is_some()
                && [&b"sip:"[..], b"sips:", b"tel:", b"http:", b"https:"]
                    .iter()
                    .any(begins);
        is_link.then_some(Link {
            target,
            label,
            length: inner.len() + 2,
        })
    }

    /// What a person typed.
    fn push(&self, line: &mut Vec<u8>) {
        if let Some(address) = self.target.strip_prefix(b"mailto:") {
            let label = self.label.filter(|it| it.contains(&b'@'));
            line.extend_from_slice(label.unwrap_or(address));
        } else if self.target.starts_with(b"http") {
            line.extend_from_slice(self.label.unwrap_or(self.target));
        } else if line.ends_with(b"<") || line.ends_with(b"&lt;") {
            line.extend_from_slice(self.target);
        } else {
            // Its brackets were those of the header.
            line.push(b'<');
            line.extend_from_slice(self.target);
            line.push(b'>');
        }
    }
}

fn without_links(line: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, from)) = memchr(b'<', rest).and_then(|it| rest.split_at_checked(it)) {
        plain.extend_from_slice(before);
        let taken = match Link::of(from) {
            Some(link) => {
                link.push(&mut plain);
                link.length
            }
            None => {
                plain.push(b'<');
                1
            }
        };
        rest = from.get(taken..).unwrap_or_default();
    }
    plain.extend_from_slice(rest);
    plain
}

fn unescaped(line: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, from)) = memchr(b'&', rest).and_then(|it| rest.split_at_checked(it)) {
        plain.extend_from_slice(before);
        let entity = ENTITIES.iter().find(|(entity, _)| from.starts_with(entity));
        let (taken, meant) = entity.map_or((1, b'&'), |(entity, meant)| (entity.len(), *meant));
        plain.push(meant);
        rest = from.get(taken..).unwrap_or_default();
    }
    plain.extend_from_slice(rest);
    plain
}
