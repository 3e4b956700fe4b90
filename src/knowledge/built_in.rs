//! The tables that are part of the program. Holds the files of `config/knowledge`; what stands in them is theirs.

use std::sync::LazyLock;

use super::Knowledge;

/// The files, with their names.
pub const FILES: &[(&str, &str)] = &[
    (
        "sip-codes.toml",
        include_str!("../../config/knowledge/sip-codes.toml"),
    ),
    (
        "q850-causes.toml",
        include_str!("../../config/knowledge/q850-causes.toml"),
    ),
    (
        "platform-reasons.toml",
        include_str!("../../config/knowledge/platform-reasons.toml"),
    ),
    (
        "release-reasons.toml",
        include_str!("../../config/knowledge/release-reasons.toml"),
    ),
    (
        "fail-over.toml",
        include_str!("../../config/knowledge/fail-over.toml"),
    ),
    (
        "timers.toml",
        include_str!("../../config/knowledge/timers.toml"),
    ),
    (
        "lifetimes.toml",
        include_str!("../../config/knowledge/lifetimes.toml"),
    ),
    (
        "symptoms.toml",
        include_str!("../../config/knowledge/symptoms.toml"),
    ),
    (
        "pictures.toml",
        include_str!("../../config/knowledge/pictures.toml"),
    ),
    (
        "agents.toml",
        include_str!("../../config/knowledge/agents.toml"),
    ),
    (
        "waits.toml",
        include_str!("../../config/knowledge/waits.toml"),
    ),
];

// A test reads the same files, so the default never stands in for them.
pub(super) static BUILT_IN: LazyLock<Knowledge> = LazyLock::new(|| {
    let add = |known: Knowledge, (_, text): &(&str, &str)| known.with(text);
    FILES
        .iter()
        .try_fold(Knowledge::default(), add)
        .unwrap_or_default()
});
