//! Making the index: one pass over the captures that are new or changed, in which each message is
//! looked at no further than its call's record needs. What is known of the others is taken over. Where only a time is
//! asked for, what lies outside it is passed over.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::Index;
use super::around::Within;
use super::part::{Marked, Part, Reading};
use crate::capture::files::Files;
use crate::capture::item::Item;
use crate::capture::scan::{Event, Flow, Start};

impl Index {
    pub(super) fn of(files: Files, known: &Index, progress: &mut dyn FnMut(u64, u64)) -> Index {
        Index::within(files, known, None, progress)
    }

    pub(super) fn within(
        files: Files,
        known: &Index,
        within: Option<Within>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Index {
        let read = files.bytes_read();
        let mut parts = known.kept(&files);
        let is_new: Vec<bool> = parts.iter().map(Option::is_none).collect();
        let is_new = |number: usize| is_new.get(number) == Some(&true);
        let sizes = (0..files.len()).filter(|number| is_new(*number));
        let all = sizes
            .filter_map(|it| files.get(it))
            .map(|it| it.size())
            .sum();
        progress(0, all);
        let mut readings: HashMap<usize, Reading> = HashMap::new();
        let from = |number| is_new(number).then_some(Start::Beginning);
        let add = |marked: &mut Marked, item: Item<'_>| marked.add(item, within.as_ref());
        files.scan(&from, &add, &mut |event| {
            match event {
                Event::Items { number, mark, made } => {
                    readings.entry(number).or_default().add(made, mark);
                }
                Event::Reached(number, at) => {
                    progress(files.bytes_read().saturating_sub(read).min(all), all);
                    readings.entry(number).or_default().reached(at);
                }
                Event::Ended(number, ended) => {
                    let read = readings.remove(&number).unwrap_or_default();
                    if let (Some(path), Some(part)) = (files.path(number), parts.get_mut(number)) {
                        *part = Some(Arc::new(read.end(path, ended)));
                    }
                }
            }
            Flow::On
        });
        progress(all, all);
        let parts = parts.into_iter().map(Option::unwrap_or_default);
        Index {
            within,
            ..Index::together(files, parts.collect())
        }
    }

    /// What is known of these files: of those that were read and did not change since.
    fn kept(&self, files: &Files) -> Vec<Option<Arc<Part>>> {
        let paths = self.files.paths().enumerate();
        let numbers: HashMap<&Path, usize> = paths.map(|(at, path)| (path, at)).collect();
        let kept = |number: usize| {
            let file = files.get(number)?;
            let before = *numbers.get(file.name())?;
            let is_same = file.is_unchanged(self.files.get(before)?);
            let part = self.parts.get(before).filter(|_| is_same)?;
            // What kept a file from being read may be over.
            part.problem.is_none().then(|| Arc::clone(part))
        };
        (0..files.len()).map(kept).collect()
    }
}
