//! Buttons and selects as rows of components, as many as Discord takes. Says nothing of where they stand.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::limits::{LABEL, OPTION, OPTIONS, PLACEHOLDER, ROW_BUTTONS, ROWS};
use crate::chat::discord::presses::Kept;
use crate::chat::show::buttons::{Button, Choice, Select};
use crate::chat::show::sheet::Action;
use crate::chat::show::text::short;

/// Blue, for what a form or a question would do.
const PRIMARY: u8 = 1;
/// Grey, for all others.
const SECONDARY: u8 = 2;

/// The components of a message.
#[derive(Debug, Default)]
pub(super) struct Components {
    buttons: Vec<Vec<Value>>,
    selects: Vec<Value>,
    kept: Vec<Kept>,
    ids: BTreeSet<String>,
}

/// Rows, and what has to be kept for them.
pub(super) struct Row {
    pub rows: Vec<Value>,
    pub kept: Vec<Kept>,
}

impl Components {
    /// Adds what can be done in one place. What there is no room for is left out.
    pub fn add(&mut self, actions: &[Action]) {
        let mut row = Vec::new();
        for action in actions {
            match action {
                Action::Press(it) => row.extend(self.button(it)),
                Action::Choose(it) => {
                    let select = self.select(it);
                    self.selects.extend(select);
                }
            }
        }
        if !row.is_empty() {
            self.buttons.push(row);
        }
    }

    /// All of them: the buttons of each card in rows of their own where there is room, else one after the other.
    pub fn rows(self) -> Row {
        let Components {
            buttons,
            selects,
            kept,
            ..
        } = self;
        let free = ROWS.saturating_sub(selects.len().min(ROWS));
        let apart: Vec<Vec<Value>> = buttons
            .iter()
            .flat_map(|these| these.chunks(ROW_BUTTONS).map(<[Value]>::to_vec))
            .collect();
        let rows = match apart.len() <= free {
            true => apart,
            false => {
                let all: Vec<Value> = buttons.into_iter().flatten().collect();
                all.chunks(ROW_BUTTONS).map(<[Value]>::to_vec).collect()
            }
        };
        let selects = selects.into_iter().take(ROWS).map(|it| vec![it]);
        let rows = selects.chain(rows.into_iter().take(free));
        Row {
            rows: rows
                .map(|components| json!({ "type": 1, "components": components }))
                .collect(),
            kept,
        }
    }

    fn id(&mut self, kept: Kept) -> Option<String> {
        let (id, has_to_be_kept) = kept.id();
        if !self.ids.insert(id.clone()) {
            return None;
        }
        if has_to_be_kept {
            self.kept.push(kept);
        }
        Some(id)
    }

    fn button(&mut self, button: &Button) -> Option<Value> {
        let label = short(&button.label, LABEL);
        if label.is_empty() || button.command.trim().is_empty() {
            return None;
        }
        let id = self.id(Kept::button(button))?;
        let style = if button.asks.is_some() {
            PRIMARY
        } else {
            SECONDARY
        };
        Some(json!({ "type": 2, "style": style, "label": label, "custom_id": id }))
    }

    /// A select; nothing where nothing can be chosen.
    fn select(&mut self, select: &Select) -> Option<Value> {
        let mut values = BTreeSet::new();
        let mut options = Vec::new();
        for Choice { label, command, .. } in &select.choices {
            let label = short(label, OPTION);
            if options.len() == OPTIONS || label.is_empty() || command.trim().is_empty() {
                continue;
            }
            let kept = Kept::Press {
                action: select.action.clone(),
                command: command.clone(),
                asks: None,
                asked_in: None,
            };
            let (value, has_to_be_kept) = kept.id();
            if values.insert(value.clone()) {
                options.push(json!({ "label": label, "value": value }));
                self.kept.extend(has_to_be_kept.then_some(kept));
            }
        }
        if options.is_empty() || !self.ids.insert(select.action.clone()) {
            return None;
        }
        Some(json!({
            "type": 3,
            "custom_id": select.action,
            "placeholder": short(select.placeholder, PLACEHOLDER),
            "options": options,
        }))
    }
}
