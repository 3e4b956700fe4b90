//! A report as a mail, opened by a reader that is none of ours: Python's own library.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{Desk, example};

/// What Python finds in the mail of a report; nothing where there is no Python.
fn read(audience: &str) -> Option<Value> {
    let known = Command::new("python3")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if !known.is_ok_and(|it| it.success()) {
        println!("skipped: no python3");
        return None;
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("report.eml");
    let capture = example("no-circuits.pcap");
    let args = [
        "report",
        "--capture",
        &capture,
        "441632960106",
        "--for",
        audience,
        "--format",
        "eml",
    ];
    std::fs::write(&path, Desk::new().run(&args).answered().out).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/mail/read.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(&path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn the_mail_to_the_platform_opens_with_its_pictures_and_files() {
    let Some(mail) = read("platform") else { return };
    let subject = mail["subject"].as_str().unwrap();
    assert!(
        subject.starts_with("[P4][Operational] Outbound call"),
        "{mail}"
    );
    assert!(
        mail["text"].as_str().unwrap().contains("OBSERVATIONS"),
        "{mail}"
    );
    let files = &mail["files"];
    let names: Vec<&String> = files.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "investigation.json",
            "ladder-1.png",
            "ladder-1.txt",
            "trace-1.pcap",
            "trace-1.txt"
        ]
    );
    assert_eq!(files["ladder-1.png"][0], "image/png");
    assert!(
        files["ladder-1.png"][1][0].as_u64().unwrap() > 300,
        "{files}"
    );
    assert_eq!(files["trace-1.pcap"][1], 12, "all messages of the call");
}

#[test]
fn so_does_the_mail_to_a_carrier_with_its_own_messages_alone() {
    let Some(mail) = read("carrier") else { return };
    let files = &mail["files"];
    assert!(files.get("investigation.json").is_none(), "{files}");
    assert_eq!(files["trace-1.pcap"][1], 4, "{files}");
    assert_eq!(files["calls.csv"][1], 2, "a head and a call: {files}");
}
