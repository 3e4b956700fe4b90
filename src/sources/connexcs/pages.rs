//! Pages of the platform's documentation that explain one of its words: each word is asked for once a day, and
//! worth no more than a moment. Reads no page; that there is none is no failure.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::ConnexCs;
use crate::platform::DocLink;
use crate::sources::Lookup;

/// An answer to a caller is not held back longer than this for a page.
const WORTH: Duration = Duration::from_secs(1);

/// How long a page that was found is remembered: documentation changes by the day at most.
const FOUND_FOR: Duration = Duration::from_secs(24 * 3600);

/// How long it is remembered that none was found, or that it did not come in time.
const MISSED_FOR: Duration = Duration::from_secs(600);

/// More words than are known of the platform.
const MOST_WORDS: usize = 512;

/// What is remembered, by word; until when in steady time.
#[derive(Debug, Default)]
pub(super) struct Pages(Mutex<HashMap<String, (Option<String>, Duration)>>);

impl Pages {
    fn get(&self, term: &str, now: Duration) -> Option<Option<String>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (page, _) = known.get(term).filter(|(_, until)| *until > now)?;
        Some(page.clone())
    }

    fn put(&self, term: &str, page: Option<String>, now: Duration) {
        let life = page.as_ref().map_or(MISSED_FOR, |_| FOUND_FOR);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (_, until)| *until > now);
        if known.len() < MOST_WORDS {
            known.insert(term.to_owned(), (page, now.saturating_add(life)));
        }
    }
}

impl ConnexCs {
    /// Where people read about a word of the platform's: the first page found that has the word in its text.
    pub async fn page_on(&self, term: &str) -> Option<String> {
        let now = self.clock.elapsed();
        if let Some(known) = self.pages.get(term, now) {
            return known;
        }
        let page = tokio::select! {
            found = self.documentation(term) => match found {
                Lookup::Found(answer) => answer.rows.into_iter().find_map(|page| about(page, term)),
                Lookup::Empty | Lookup::Unavailable(_) => None,
            },
            () = self.clock.sleep(WORTH) => None,
        };
        self.pages.put(term, page.clone(), self.clock.elapsed());
        page
    }
}

/// The address of a page that has the word in it. What a search is told to find it need not have found.
fn about(page: DocLink, term: &str) -> Option<String> {
    let body = page.body.unwrap_or_default().to_lowercase();
    page.url.filter(|_| body.contains(&term.to_lowercase()))
}
