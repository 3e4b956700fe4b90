//! What judges of golden payloads share: reads every file of a folder, has it judged, and prints what is refused. Judges
//! nothing itself.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

fn files(folder: &Path) -> Result<Vec<(String, Value)>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        found.push((path.display().to_string(), serde_json::from_slice(&std::fs::read(&path)?)?));
    }
    Ok(found)
}

/// Has every payload of the folder that the command line names judged by the judge of this name.
pub fn judged(by: &str, judge: impl Fn(Value) -> Result<(), Box<dyn Error>>) -> ExitCode {
    let folder = std::env::args().nth(1).unwrap_or_default();
    let files = match files(Path::new(&folder)) {
        Ok(files) if !files.is_empty() => files,
        other => {
            println!("{by}: {folder}: {other:?}");
            return ExitCode::FAILURE;
        }
    };
    let many = files.len();
    let judged = files.into_iter().map(|(name, payload)| (name, judge(payload)));
    let wrong: Vec<_> = judged.filter_map(|(name, it)| it.err().map(|why| (name, why))).collect();
    for (name, why) in &wrong {
        println!("{by}: {name}: {why}");
    }
    if !wrong.is_empty() {
        return ExitCode::FAILURE;
    }
    println!("{by}: {many} payloads pass");
    ExitCode::SUCCESS
}
