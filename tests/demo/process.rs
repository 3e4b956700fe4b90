//! `demo-platform`: the server as a process, with the settings that it prints.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::connexcs::{TOKEN, exchange};

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_calltriage"));
    command
        .arg("demo-platform")
        .args(args)
        .env_clear()
        .stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The address in a base URL.
fn address(url: &str) -> SocketAddr {
    let rest = url.strip_prefix("http://").unwrap();
    rest.split('/').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn it_prints_settings_with_which_it_is_asked() {
    let mut child = command(&[]).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut said)
        .unwrap();
    let base_url = said
        .split(' ')
        .find(|it| it.starts_with("http://"))
        .unwrap();
    let base_url = base_url.trim_end_matches(';');
    let address = address(base_url);
    let asked = exchange(address, "GET", "/api/cp/setup/account", TOKEN, "")
        .await
        .unwrap();
    assert_eq!(asked.status, 200);
    let found = exchange(address, "GET", "/api/cp/log?s=441632960101", TOKEN, "")
        .await
        .unwrap();
    assert_eq!(found.json().as_array().unwrap().len(), 1);

    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert!(child.wait().unwrap().success());
    let mut printed = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut printed)
        .unwrap();
    let settings: toml::Table = printed.parse().unwrap();
    assert_eq!(settings["sources"][0]["base_url"].as_str(), Some(base_url));
    let printed = printed.replace(&address.to_string(), "ADDRESS");
    insta::assert_snapshot!(printed, @r#"
    # Paste this into calltriage.toml.
    [[sources]]
    name = "demo"
    kind = "connexcs"
    base_url = "http://ADDRESS/api/cp/"
    token = { value = "demo" }

    [sources.endpoints]
    register_log = "demo/register-log?s={search}"
    simulate = "demo/simulate"
    firewall = "demo/firewall?s={search}"
    registrations = "demo/registrations?s={search}"
    did = "demo/did?s={search}"
    dialogs = "demo/dialogs"

    [status_page]
    kind = "statuspage"
    url = "http://ADDRESS/status/api/v2/summary.json"
    "#);
}

#[tokio::test]
async fn its_settings_as_json() {
    let mut child = command(&["--json", "--listen", "[::1]:0"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let printed: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(printed["token"], "demo");
    let address = address(printed["base_url"].as_str().unwrap());
    let asked = exchange(address, "GET", "/api/cp/setup/account", TOKEN, "")
        .await
        .unwrap();
    assert_eq!(asked.status, 200);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn an_address_that_others_reach_is_refused() {
    let done = command(&["--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8(done.stderr).unwrap();
    insta::assert_snapshot!(said, @"calltriage: cannot listen on 0.0.0.0:0; give a free address with --listen: the demo platform listens on loopback addresses only, such as 127.0.0.1:0");
}
