//! What buttons, selects and forms stand for. What has room in their ids stands there; the rest is kept in the store
//! under its digest, so that a click still means it weeks later. Runs nothing.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::show::limits::CUSTOM_ID;
use crate::chat::show::buttons::{Asks, Button};
use crate::chat::show::text::length;
use crate::store::{Expected, Op, Store, StoreError};

/// They lie there, by their ids.
pub const NS: &str = "discord-presses";

/// As long as the investigations that they are about.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What the id of a component begins with whose meaning is kept.
const PREFIX: &str = "kept:";

/// What a component or a form stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kept {
    /// A button or an option of a select: its action and its command.
    Press {
        /// The action, as [`Button::action`] has it.
        action: String,
        /// The command, or what a form is about.
        command: String,
        /// What is asked back before it counts.
        asks: Option<Question>,
        /// Where it was pressed first, where it is the answer to what was asked back: the message, and whether only who
        /// pressed it sees that.
        asked_in: Option<(Option<String>, bool)>,
    },
    /// A form that is being filled in.
    Form(Filling),
}

/// What is asked back before a button counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The question.
    pub title: String,
    /// What would be done.
    pub text: String,
    /// What stands on the button that does it.
    pub yes: String,
}

/// A form, page by page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filling {
    /// Which form, by the word of its kind.
    pub kind: String,
    /// What it is about.
    pub about: String,
    /// The message whose button opened it; nothing where that is not known.
    pub message: Option<String>,
    /// Whether only who fills it in sees the answer.
    pub private: bool,
    /// What was filled in on earlier pages.
    pub filled: Vec<(String, String)>,
    /// Which page it is, from 0.
    pub page: usize,
}

impl Kept {
    /// What a button stands for.
    #[must_use]
    pub fn button(button: &Button) -> Kept {
        let asks = button
            .asks
            .as_ref()
            .map(|Asks { title, text, yes }| Question {
                title: (*title).to_owned(),
                text: text.clone(),
                yes: (*yes).to_owned(),
            });
        Kept::Press {
            action: button.action.clone(),
            command: button.command.clone(),
            asks,
            asked_in: None,
        }
    }

    /// The id of a component that stands for it, and whether it has to be kept for that.
    #[must_use]
    pub fn id(&self) -> (String, bool) {
        if let Kept::Press {
            action,
            command,
            asks: None,
            asked_in: None,
        } = self
        {
            let id = format!("{action} {command}");
            if length(&id) <= CUSTOM_ID && !id.starts_with(PREFIX) {
                return (id, false);
            }
        }
        let digest = Sha256::digest(self.bytes());
        let hex: String = digest
            .iter()
            .take(20)
            .map(|it| format!("{it:02x}"))
            .collect();
        (format!("{PREFIX}{hex}"), true)
    }

    fn bytes(&self) -> Vec<u8> {
        // Plain data always has a JSON form.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// What is kept of components.
#[derive(Debug, Clone)]
pub struct Presses {
    store: Store,
}

impl Presses {
    /// In this store.
    #[must_use]
    pub fn new(store: Store) -> Presses {
        Presses { store }
    }

    /// Keeps what components stand for, before anybody can use them.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keep(&self, all: &[Kept], now: Timestamp) -> Result<(), StoreError> {
        let ops = all.iter().map(|kept| {
            let op = Op::put(NS, &kept.id().0, Expected::Any, kept.bytes());
            op.expiring(now.checked_add(KEPT_FOR).ok())
        });
        let ops: Vec<Op> = ops.collect();
        match ops.is_empty() {
            true => Ok(()),
            false => self.store.apply(ops, now).await.map(|_| ()),
        }
    }

    /// What the component with this id stands for; nothing where that is no longer known.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn meant(&self, id: &str, now: Timestamp) -> Result<Option<Kept>, StoreError> {
        if id.starts_with(PREFIX) {
            let kept = self.store.get(NS, id, now).await?;
            return Ok(kept.and_then(|it| serde_json::from_slice(&it.bytes).ok()));
        }
        let known = id.split_once(' ').map(|(action, command)| Kept::Press {
            action: action.to_owned(),
            command: command.to_owned(),
            asks: None,
            asked_in: None,
        });
        Ok(known)
    }
}
