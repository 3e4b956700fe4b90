//! `ladder --svg` and `--png`: files where they were asked for, and what is said about them.

use serde_json::json;

use super::{Desk, example};

#[test]
fn a_ladder_goes_into_files() {
    let desk = Desk::new();
    let ask = [
        "ladder",
        "441632960118",
        "--capture",
        &example("missing-ack.pcap"),
    ];
    let files = ["--svg", "call.svg", "--png", "call.png"];
    let done = desk.run(&[&ask[..], &files].concat()).answered();
    assert_eq!(done.out, "call.png\ncall.svg\n");
    let light = std::fs::read_to_string(desk.path("call.svg")).unwrap();
    assert!(light.starts_with("<svg ") && light.contains("missing-ack-1@198.51.100.10"));
    let png = std::fs::read(desk.path("call.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG"));

    let dark = ["--svg", "call.svg", "--dark", "--json"];
    let done = desk.run(&[&ask[..], &dark].concat()).answered();
    assert_eq!(done.one_json()["file"], json!("call.svg"));
    assert_ne!(
        std::fs::read_to_string(desk.path("call.svg")).unwrap(),
        light
    );
}

#[test]
fn what_cannot_be_drawn_or_written_is_said() {
    let desk = Desk::new();
    let busy = example("busy-486.pcap");
    let none = desk.run(&[
        "ladder",
        "441632960999",
        "--capture",
        &busy,
        "--svg",
        "x.svg",
    ]);
    assert_eq!(none.code, Some(1), "{none:?}");
    assert!(none.err.contains("441632960999") && !desk.path("x.svg").exists());
    let text = desk.run(&["ladder", "441632960105", "--capture", &busy, "--dark"]);
    assert_eq!(text.code, Some(2), "{text:?}");
    let lost = desk.run(&[
        "ladder",
        "441632960105",
        "--capture",
        &busy,
        "--png",
        "no/x.png",
    ]);
    assert_eq!(lost.code, Some(1), "{lost:?}");
    assert!(lost.err.contains("no/x.png: cannot be written"), "{lost:?}");
}
