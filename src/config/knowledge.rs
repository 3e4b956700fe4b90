//! `[knowledge]`: files with what an operator knows besides what is built in. Reads them; what the entries mean is
//! [`crate::knowledge`]'s.

use std::path::PathBuf;

use super::LARGEST_FILE;
use super::problem::{ConfigError, Problem};
use super::reader::Section;
use super::surroundings::read_text;
use crate::knowledge::{Flaw, Knowledge};

/// `[knowledge]`: where more is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnowledgeFiles {
    /// Files with the sections of `config/knowledge`, in the order in which they are added.
    pub files: Vec<PathBuf>,
}

impl KnowledgeFiles {
    /// What is built in with what these files add or replace.
    ///
    /// # Errors
    /// The first file that cannot be read at all, else everything that is wrong in any of them.
    pub fn read(&self) -> Result<Knowledge, ConfigError> {
        let mut knowledge = Knowledge::built_in().clone();
        let mut problems = Vec::new();
        for path in &self.files {
            let text =
                read_text(path, LARGEST_FILE).map_err(|why| ConfigError::UnreadableKnowledge {
                    path: path.clone(),
                    why,
                })?;
            let file = path.display().to_string();
            match knowledge.clone().with(&text) {
                Ok(more) => knowledge = more,
                Err(flaws) => problems.extend(flaws.into_iter().map(|it| problem(&file, it))),
            }
        }
        if problems.is_empty() {
            Ok(knowledge)
        } else {
            Err(ConfigError::Invalid(problems))
        }
    }
}

fn problem(file: &str, flaw: Flaw) -> Problem {
    Problem {
        file: file.to_owned(),
        line: flaw.line,
        column: flaw.column,
        key: flaw.key,
        found: flaw.said,
        allowed: String::new(),
        did_you_mean: None,
    }
}

pub(super) fn read(section: &mut Section<'_>) -> Option<KnowledgeFiles> {
    Some(KnowledgeFiles {
        files: section.optional_list("files").unwrap_or_default(),
    })
}
