//! What people see in Discord: neutral sheets as embeds and components, forms as modals. Pure: sends nothing, reads no
//! clock; decides nothing.

pub mod callback;
mod components;
pub mod forms;
pub mod limits;
pub mod message;
mod sheet;
pub mod text;

use serde_json::{Value, json};

use crate::chat::discord::presses::Kept;
use crate::chat::show::files::Attachment;
use crate::chat::show::text::short;

/// A message as it is posted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shown {
    /// The text above the embeds: what notifications show. Empty where nobody has to be told.
    pub content: String,
    /// The embeds.
    pub embeds: Vec<Value>,
    /// The rows of components.
    pub components: Vec<Value>,
    /// The files that belong to it.
    pub files: Vec<Attachment>,
    /// What its components stand for where their ids have not room for it: to be kept before it is sent.
    pub kept: Vec<Kept>,
}

impl Shown {
    /// The message as Discord wants it. It mentions nobody, and has these files and no others.
    #[must_use]
    pub fn body(&self) -> Value {
        let file = |(id, file): (usize, &Attachment)| {
            let mut told = json!({ "id": id.to_string(), "filename": file.name });
            let alt = short(&file.alt, limits::FILE_DESCRIPTION);
            if let Some(told) = told.as_object_mut().filter(|_| !alt.is_empty()) {
                told.insert("description".to_owned(), json!(alt));
            }
            told
        };
        let files = self.files.iter().enumerate().map(file);
        json!({
            "content": self.content,
            "embeds": self.embeds,
            "components": self.components,
            "attachments": files.collect::<Vec<_>>(),
            "allowed_mentions": { "parse": [] },
        })
    }
}
