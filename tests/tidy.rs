//! The house rules that a program can check: which module may use which, that each file says what
//! it is for, and that none grows without end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which modules each module may use, besides itself. An arrow that is missing here is one that
/// must not come; ARCHITECTURE.md says why.
const ARROWS: &[(&str, &[&str])] = &[
    ("sip", &[]),
    ("call", &[]),
    ("knowledge", &[]),
    ("peers", &[]),
    ("latest", &[]),
    ("nearest", &[]),
    ("examples", &[]),
    ("store", &[]),
    ("metrics", &[]),
    ("supervisor", &["metrics"]),
    (
        "web",
        &["config", "incidents", "latest", "metrics", "store"],
    ),
    ("wire", &[]),
    ("platform", &["peers", "sip"]),
    ("demo", &["capture", "examples", "sip"]),
    ("capture", &["sip", "wire"]),
    (
        "sources",
        &[
            "call", "capture", "config", "metrics", "peers", "platform", "sip", "wire",
        ],
    ),
    (
        "diagnosis",
        &[
            "call",
            "knowledge",
            "latest",
            "nearest",
            "peers",
            "platform",
            "sip",
            "sources",
            "wire",
        ],
    ),
    ("render", &["diagnosis", "sip"]),
    (
        "archive",
        &[
            "call",
            "diagnosis",
            "platform",
            "sip",
            "sources",
            "store",
            "wire",
        ],
    ),
    (
        "incidents",
        &[
            "archive",
            "call",
            "config",
            "diagnosis",
            "latest",
            "metrics",
            "platform",
            "render",
            "sip",
            "sources",
            "store",
        ],
    ),
    ("config", &["knowledge", "nearest", "peers"]),
    ("setup", &["config"]),
    (
        "report",
        &[
            "call",
            "config",
            "diagnosis",
            "peers",
            "render",
            "sip",
            "sources",
            "store",
            "wire",
        ],
    ),
    (
        "chat",
        &[
            "archive",
            "call",
            "config",
            "diagnosis",
            "incidents",
            "knowledge",
            "latest",
            "metrics",
            "nearest",
            "peers",
            "platform",
            "render",
            "report",
            "sip",
            "sources",
            "store",
        ],
    ),
    (
        "doctor",
        &["call", "chat", "config", "metrics", "sources", "store"],
    ),
    ("data", &["archive", "chat", "incidents", "report", "store"]),
    (
        "app",
        &[
            "archive",
            "chat",
            "config",
            "diagnosis",
            "examples",
            "incidents",
            "knowledge",
            "latest",
            "metrics",
            "nearest",
            "report",
            "sources",
            "store",
            "web",
        ],
    ),
    (
        "cli",
        &[
            "app",
            "call",
            "capture",
            "chat",
            "config",
            "data",
            "demo",
            "diagnosis",
            "doctor",
            "incidents",
            "knowledge",
            "latest",
            "metrics",
            "render",
            "report",
            "setup",
            "sip",
            "sources",
            "store",
            "supervisor",
            "web",
        ],
    ),
];

/// More lines than this are more than one thing.
const LONGEST: usize = 700;

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn all() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    sources(&root)
        .into_iter()
        .map(|path| {
            let name = path
                .strip_prefix(&root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// The top module that a file belongs to.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The top modules that a text names with `crate::`, without its comments.
fn used(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1))
        .filter_map(|rest| {
            rest.split(|c: char| !c.is_ascii_lowercase() && c != '_')
                .next()
        })
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn arrows_point_down() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (file, text) in all() {
        let module = module(&file);
        if matches!(module, "lib" | "main") {
            continue;
        }
        let may = allowed
            .get(module)
            .unwrap_or_else(|| panic!("{module} has no arrows yet"));
        for name in used(&text) {
            if name != module && !may.contains(&name) {
                wrong.push(format!("{file} uses {name}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn pure_modules_wait_for_nothing_and_read_no_clock() {
    let pure = [
        "sip/",
        "wire/",
        "call/",
        "knowledge/",
        "peers.rs",
        "metrics.rs",
        "platform/",
        "diagnosis/rules/",
        "diagnosis/common/",
        "diagnosis/comparison/",
        "render/",
        "report/audience.rs",
        "report/checklist.rs",
        "report/compose.rs",
        "report/confirm.rs",
        "report/form.rs",
        "report/mod.rs",
        "report/observed.rs",
        "report/part.rs",
        "report/severity.rs",
    ];
    let forbidden = [
        "tokio::",
        "async fn",
        "Timestamp::now",
        "SystemTime::now",
        "Instant::now",
        "std::fs",
        "std::net::Tcp",
        "std::net::Udp",
    ];
    let mut wrong = Vec::new();
    for (file, text) in all() {
        if !pure.iter().any(|pure| file.starts_with(pure)) {
            continue;
        }
        wrong.extend(
            forbidden
                .iter()
                .filter(|word| text.contains(**word))
                .map(|word| format!("{file}: {word}")),
        );
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_file_says_what_it_is_for_and_stays_short() {
    let mut wrong = Vec::new();
    for (file, text) in all() {
        if !text.starts_with("//! ") {
            wrong.push(format!("{file} does not say what it is for"));
        }
        if text.lines().count() > LONGEST {
            wrong.push(format!("{file} has {} lines", text.lines().count()));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
