//! Secrets: where they come from, and a type that cannot be printed. Never shows what it holds, in errors neither.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::reader::{Refusal, Setting, Value};
use super::surroundings::read_text;

/// Larger than any token or key file, small enough to be read at once.
const LARGEST_FILE: u64 = 64 * 1024;

/// A token, a password or a key. Written as `{ env = "NAME" }`, `{ file = "path" }` or `{ value = "..." }`.
///
/// It has no `Display` and no `Serialize`, its `Debug` hides the content, and its memory is cleared on drop.
#[derive(Clone)]
pub struct Secret {
    content: SecretString,
    file: Option<PathBuf>,
}

impl Secret {
    /// A secret that did not stand in a configuration, such as a token that was fetched.
    #[must_use]
    pub fn new(content: String) -> Secret {
        Secret {
            content: SecretString::from(content),
            file: None,
        }
    }

    /// The same, as read from this file.
    #[must_use]
    pub fn kept_in(self, file: PathBuf) -> Secret {
        Secret {
            file: Some(file),
            ..self
        }
    }

    /// The file that it was read from, where it was.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The content, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.content.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl Setting for Secret {
    fn allowed() -> String {
        r#"one of { env = "NAME" }, { file = "path" }, { value = "..." }"#.to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        // Whatever stands here may be the secret itself: only its kind is ever said.
        let Some(table) = value.raw.as_table() else {
            return Err(Refusal::found("found a plain value (not shown)".to_owned()));
        };
        let entries: Vec<_> = table
            .iter()
            .map(|(k, v)| (k.get_ref().as_ref(), v.get_ref().as_str()))
            .collect();
        let mut file = None;
        let content = match entries.as_slice() {
            [("env", Some(name))] => value.around.variable(name).ok_or_else(|| not_set(name))?,
            [("file", Some(path))] => {
                let path = value.around.path(path);
                let content = read_text(&path, LARGEST_FILE).map_err(|why| {
                    Refusal::found(format!("cannot read {}: {why}", path.display()))
                })?;
                file = Some(path);
                content
            }
            [("value", Some(content))] => (*content).to_owned(),
            _ => return Err(Refusal::found("found another table (not shown)".to_owned())),
        };
        // Files and variables often end with the newline of the editor or the shell that made them.
        match content.trim_end_matches(['\r', '\n']) {
            "" => Err(Refusal::found("found an empty secret".to_owned())),
            content => Ok(Secret {
                file,
                ..Secret::new(content.to_owned())
            }),
        }
    }
}

/// Says the name only if it is one: people also put the token itself there.
fn not_set(name: &str) -> Refusal {
    let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let name = if name.chars().all(is_name) {
        name
    } else {
        "(not shown: no usual name)"
    };
    Refusal::found(format!("the environment variable {name} is not set"))
}
