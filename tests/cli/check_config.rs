//! `check-config`: a file for each mistake, with what is said of it, and what its exit codes say.

use std::path::{Path, PathBuf};

use super::Desk;

/// What is said of a file stands in its first lines, after this.
const SAID: &str = "#> ";

fn mistakes() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes");
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = files.map(|it| it.unwrap().path()).collect();
    files.sort();
    files
}

/// `UPDATE_MISTAKES=1` writes into each file what is said of it, to be read by whoever changed it.
#[test]
fn each_mistake_is_said_with_its_place_and_what_is_allowed() {
    let update = std::env::var_os("UPDATE_MISTAKES").is_some();
    let mut wrong = Vec::new();
    let files = mistakes();
    assert!(files.len() >= 50, "{}", files.len());
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let is_said = |line: &&str| line.starts_with(SAID);
        let expected: String = text
            .lines()
            .filter(is_said)
            .map(|line| format!("{}\n", &line[SAID.len()..]))
            .collect();
        // Without them, so that lines are counted as in a file of somebody's own.
        let content: String = text
            .lines()
            .filter(|line| !is_said(line))
            .map(|line| format!("{line}\n"))
            .collect();
        let desk = Desk::new();
        desk.file("c.toml", &content);
        let done = desk.run(&["check-config", "--config", "c.toml"]);
        assert_eq!((done.code, &*done.err), (Some(1), ""), "{name}: {done:?}");
        assert!(!done.out.contains("canary"), "{name}: {}", done.out);
        // Whatever else is run with it says the same, on stderr, and does nothing.
        let run = desk.run(&["run", "--config", "c.toml"]);
        assert_eq!((run.code, &*run.out), (Some(1), ""), "{name}: {run:?}");
        assert_eq!(run.err, format!("calltriage: {}", done.out), "{name}");
        if update {
            let said: String = done.out.lines().map(|it| format!("{SAID}{it}\n")).collect();
            std::fs::write(&path, said + &content).unwrap();
        } else if done.out != expected {
            wrong.push(format!("{name}:\n{}instead of\n{expected}", done.out));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_configured_is_told() {
    let desk = Desk::new();
    let done = desk.run(&["check-config"]).answered();
    let nothing = "nothing is wrong; it configures nothing that contacts another host\n";
    assert_eq!(done.out, format!("(built-in): {nothing}"));
    desk.file(
        "c.toml",
        r#"
        [[sources]]
        name = "main"
        kind = "connexcs"
        base_url = "https://app.example.com/api/cp/"
        token = { env = "CONNEXCS_TOKEN" }
        [slack]
        bot_token = { env = "SLACK_BOT_TOKEN" }
        app_token = { env = "SLACK_APP_TOKEN" }
        [[watches]]
        name = "all"
        when = "failures >= 10 in 5m"
        channel = "slack:C012AB3CD"
        [[watches]]
        name = "silence"
        when = "no traffic in 10m"
        channel = "slack:C012AB3CD"
        [telemetry]
        traces = "https://collector.example.com/v1/traces"
        "#,
    );
    let mut command = desk.command(&["check-config", "--config", "c.toml"]);
    for name in ["CONNEXCS_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"] {
        command.env(name, "canary");
    }
    let done = super::finish(command, "").answered();
    let told = "1 source, Slack by socket, 2 watches, traces";
    assert_eq!(
        done.out,
        format!("c.toml: nothing is wrong; it configures {told}\n")
    );
    // It opened no store.
    assert!(!desk.store().exists());
}

#[test]
fn as_json_and_by_exit_code() {
    let desk = Desk::new();
    let good = desk.run(&["check-config", "--json"]).answered().one_json();
    assert_eq!(good, serde_json::json!({ "works": true, "problems": [] }));
    desk.file("c.toml", "timezone = 1\n[rules]\noff = [\"nonsense\"]\n");
    let done = desk.run(&["check-config", "--json", "--config", "c.toml"]);
    assert_eq!((done.code, &*done.err), (Some(1), ""));
    let said = done.one_json();
    assert_eq!(said["works"], false);
    assert_eq!(said["problems"].as_array().unwrap().len(), 1);
    // A file that is not there is a mistake too; a command line that is wrong is another.
    let done = desk.run(&["check-config", "--config", "none.toml"]);
    assert_eq!(done.code, Some(1));
    assert_eq!(
        done.out,
        "cannot read the configuration none.toml: it does not exist\n"
    );
    let done = desk.run(&["check-config", "none.toml"]);
    assert_eq!((done.code, &*done.out), (Some(2), ""));
}

/// All that is wrong in all files is said at once.
#[test]
fn all_parts_are_checked_in_one_go() {
    let desk = Desk::new();
    desk.file("more.toml", "[[sip_code]]\n");
    desk.file(
        "c.toml",
        "[knowledge]\nfiles = [\"more.toml\"]\n[rules]\noff = [\"nonsense\"]\n[reports]\ntemplates = \"none\"\n\
         [[watches]]\nname = \"a\"\nwhen = \"often\"\nchannel = \"terminal:log\"\n",
    );
    let done = desk.run(&["check-config", "--config", "c.toml"]);
    let lines: Vec<&str> = done.out.lines().collect();
    let begins = ["more.toml:1", "c.toml:4", "c.toml:9", "[reports] templates"];
    assert!(lines.len() >= begins.len(), "{done:?}");
    for begin in begins {
        assert!(done.out.contains(begin), "{begin}: {}", done.out);
    }
}
