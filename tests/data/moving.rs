//! What was written out is taken in elsewhere as it was; what is not whole is refused whole.

use calltriage::store::{Expected, Op};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

use super::open;
use crate::cli::Desk;
use crate::support::postgres::Schema;

fn filled() -> Desk {
    let desk = Desk::new();
    for call in ["441632960105", "441632960106", "nothing@here"] {
        desk.run(&["diagnose", call]).answered();
    }
    desk.run(&["wrong", "--party", "carrier", "they admit it"])
        .answered();
    desk
}

fn exported(desk: &Desk) -> String {
    desk.run(&["export", "all.jsonl"]).answered();
    std::fs::read_to_string(desk.path("all.jsonl")).unwrap()
}

fn values(export: &str) -> Vec<&str> {
    export.lines().skip(1).collect()
}

#[test]
fn what_is_written_out_is_taken_in_as_it_was() {
    let from = filled();
    let export = exported(&from);
    let mode =
        std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(from.path("all.jsonl")).unwrap());
    assert_eq!(mode & 0o777, 0o600);
    let to = Desk::new();
    let file = from.path("all.jsonl");
    let file = file.to_str().unwrap();
    let said = to.run(&["import", file]).answered().out;
    let counts = blurred(&said);
    insta::assert_snapshot!(counts, @"Taken in: corrections N, evidence N, history N, investigations N");
    assert_eq!(values(&exported(&to)), values(&export));
    let history = |desk: &Desk| desk.run(&["history", "--json"]).answered().out;
    assert_eq!(history(&to), history(&from));
    assert_eq!(
        to.run(&["rules", "--accuracy"]).answered().out,
        from.run(&["rules", "--accuracy"]).answered().out
    );
    // Again it changes nothing.
    let said = to.run(&["import", file]).answered().out;
    assert!(
        said.starts_with("Taken in: nothing\nThere already"),
        "{said}"
    );
    assert_eq!(values(&exported(&to)), values(&export));
}

/// How many pieces of evidence there are is not what this is about.
fn blurred(said: &str) -> String {
    said.chars()
        .map(|c| if c.is_ascii_digit() { 'N' } else { c })
        .collect()
}

#[test]
fn a_file_that_is_not_whole_is_refused_whole() {
    let from = filled();
    let export = exported(&from);
    let lines: Vec<&str> = export.lines().collect();
    let to = Desk::new();
    let refused = |text: String| {
        let name = to.file("in.jsonl", text);
        let done = to.run(&["import", name]);
        assert_eq!(done.code, Some(1));
        done.err
    };
    let cut = refused(lines[..lines.len() - 1].join("\n"));
    let shorter = refused([&lines[..2], &lines[lines.len() - 1..]].concat().join("\n"));
    assert_eq!(cut, shorter);
    let mut said = vec![cut];
    let mut changed = |at: usize, line: &str| {
        let mut lines = lines.clone();
        lines[at] = line;
        said.push(refused(lines.join("\n")));
    };
    changed(
        0,
        "{\"calltriage_export\":2,\"layout\":1,\"at\":\"2026-02-16T09:00:00Z\"}",
    );
    changed(
        0,
        "{\"calltriage_export\":1,\"layout\":999,\"at\":\"2026-02-16T09:00:00Z\"}",
    );
    changed(0, "hello");
    changed(2, "{\"ns\":\"history\",\"key\":\"x\"}");
    changed(2, "{\"ns\":\"lease\",\"key\":\"leader\",\"text\":\"x\"}");
    changed(2, "{\"ns\":\"history\",\"key\":\"x\",\"base64\":\"*\"}");
    said.push(refused(format!("{export}{{}}\n")));
    insta::assert_snapshot!(said.join(""), @r"
    calltriage: in.jsonl: the file is not whole: its last line is missing or counts otherwise; nothing was taken in
    calltriage: in.jsonl: line 1: a newer calltriage has written this file; use that one; nothing was taken in
    calltriage: in.jsonl: line 1: a newer calltriage has written this file; use that one; nothing was taken in
    calltriage: in.jsonl: line 1: this is no file that `calltriage export` wrote; nothing was taken in
    calltriage: in.jsonl: line 3: it cannot be read; nothing was taken in
    calltriage: in.jsonl: line 3: it has a kind of thing that is not known; nothing was taken in
    calltriage: in.jsonl: line 3: its value cannot be read; nothing was taken in
    calltriage: in.jsonl: line 12: something follows the end; nothing was taken in
    ");
    assert_eq!(to.run(&["history", "--json"]).answered().out, "");
}

/// Addresses under which a chat takes one more answer stand in requests that are on their way.
#[tokio::test]
async fn what_is_on_its_way_moves_only_when_it_is_asked_to() {
    let desk = Desk::new();
    let store = open(&desk.store()).await;
    let now = Timestamp::now();
    let ops = [
        ("jobs", "slack/1"),
        ("outbox", "reports/1"),
        ("lease", "leader"),
        ("audit", "1"),
    ];
    let ops = ops.map(|(ns, key)| {
        Op::put(
            ns,
            key,
            Expected::Absent,
            "{\"answer_at\":\"https://hooks\"}",
        )
    });
    store.apply(ops.to_vec(), now).await.unwrap();
    drop(store);
    let spaces = |args: &[&str]| {
        let out = desk.run(args).answered().out;
        let lines = out
            .lines()
            .filter_map(|it| serde_json::from_str::<Value>(it).ok());
        let spaces = lines.filter_map(|it| it["ns"].as_str().map(str::to_owned));
        spaces.collect::<Vec<_>>()
    };
    assert_eq!(spaces(&["export", "-"]), ["audit"]);
    assert_eq!(
        spaces(&["export", "--with-work", "-"]),
        ["audit", "jobs", "outbox"]
    );
}

#[tokio::test]
async fn a_store_moves_to_postgres_and_back() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let from = filled();
    let export = exported(&from);
    let desk = Desk::new();
    let config = format!("[store]\nurl = {{ value = \"{}\" }}\n", schema.url());
    let config = desk.file("calltriage.toml", config);
    let file = desk.file("in.jsonl", &export);
    desk.run(&["--config", config, "import", file]).answered();
    desk.run(&["--config", config, "export", "out.jsonl"])
        .answered();
    let back = std::fs::read_to_string(desk.path("out.jsonl")).unwrap();
    // PostgreSQL keeps microseconds.
    let without_ends = |text: &str| {
        let lines = text.lines().skip(1);
        let lines = lines.map(|it| it.split("\"expires_at\"").next().unwrap().to_owned());
        lines.collect::<Vec<_>>()
    };
    assert_eq!(without_ends(&back), without_ends(&export));
    let history = |args: &[&str]| {
        desk.run(&[args, &["history", "--json"]].concat())
            .answered()
            .out
    };
    assert_eq!(
        history(&["--config", config]),
        from.run(&["history", "--json"]).answered().out
    );
    schema.drop().await;
}

/// While a process has the store open, commands go through it.
#[tokio::test]
async fn it_works_while_the_bot_runs() {
    use calltriage::store::socket::{Server, path_in};

    let desk = filled();
    let before = exported(&desk);
    let store = open(&desk.store()).await;
    let server = Server::bind(&path_in(&desk.store())).await.unwrap();
    let serving = tokio::spawn(server.serve(store.clone(), std::future::pending()));
    let (desk, during) = tokio::task::spawn_blocking(move || {
        let export = exported(&desk);
        (desk, export)
    })
    .await
    .unwrap();
    assert_eq!(values(&during), values(&before));
    let other = TempDir::new().unwrap();
    drop(open(other.path()).await);
    let said =
        tokio::task::spawn_blocking(move || desk.run(&["import", "all.jsonl"]).answered().out);
    assert!(said.await.unwrap().contains("There already"));
    serving.abort();
}
