//! Reads every golden payload with the crate slackblocks, which checks it; prints what it refuses.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use slackblocks::{HomeTabView, MessagePayload, ModalView};

fn judge(mut payload: Value) -> Result<(), String> {
    match payload["type"].as_str() {
        Some("modal") => ModalView::try_from(payload).map(drop).map_err(|it| it.to_string()),
        Some("home") => HomeTabView::try_from(payload).map(drop).map_err(|it| it.to_string()),
        _ => {
            let fields = payload.as_object_mut().ok_or("no object")?;
            // Files are sent by other calls; the channel is known when it is sent.
            fields.remove("files");
            fields.insert("channel".to_owned(), json!("C012AB3CD"));
            MessagePayload::try_from(payload).map(drop).map_err(|it| it.to_string())
        }
    }
}

fn files(folder: &Path) -> Result<Vec<(String, Value)>, Box<dyn std::error::Error>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        found.push((path.display().to_string(), serde_json::from_slice(&std::fs::read(&path)?)?));
    }
    Ok(found)
}

fn main() -> ExitCode {
    let folder = std::env::args().nth(1).unwrap_or_default();
    let files = match files(Path::new(&folder)) {
        Ok(files) if !files.is_empty() => files,
        other => {
            println!("slackblocks: {folder}: {other:?}");
            return ExitCode::FAILURE;
        }
    };
    let many = files.len();
    let judged = files.into_iter().map(|(name, payload)| (name, judge(payload)));
    let wrong: Vec<_> = judged.filter_map(|(name, it)| it.err().map(|why| (name, why))).collect();
    for (name, why) in &wrong {
        println!("slackblocks: {name}: {why}");
    }
    if !wrong.is_empty() {
        return ExitCode::FAILURE;
    }
    println!("slackblocks: {many} payloads pass");
    ExitCode::SUCCESS
}
