//! Several calls in one answer: grouped by cause, what failing ones share, a list to choose from, a
//! table for spreadsheets.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Desk, capture};

/// Names for the cast of the traces.
const PEERS: &str = "
[[peers]]
name = \"Acme\"
kind = \"carrier\"
addresses = [\"203.0.113.9\"]

[[peers]]
name = \"Beta\"
kind = \"carrier\"
addresses = [\"203.0.113.19\"]

[[peers]]
name = \"Shop\"
kind = \"customer\"
addresses = [\"198.51.100.10\"]
";

/// A call that Beta refuses.
fn refused(text: &mut String, at: u32, name: &str, to: &str) {
    refused_by("car2", text, at, name, to);
}

fn refused_by(carrier: &str, text: &mut String, at: u32, name: &str, to: &str) {
    let _ = write!(
        text,
        "{at}.000 cust>plat INVITE leg={name} to={to}
         {at}.020 plat>{carrier} INVITE leg={name}-out to={to}
         {at}.300 {carrier}>plat 503 leg={name}-out to={to} | Reason: Q.850;cause=34
         {at}.301 plat>{carrier} ACK leg={name}-out to={to}
         {at}.320 plat>cust 503 leg={name} to={to}
         {at}.330 cust>plat ACK leg={name} to={to}\n"
    );
}

/// A call that Acme carries, or says is busy.
fn carried(text: &mut String, at: u32, name: &str, to: &str, is_busy: bool) {
    let (code, bye) = if is_busy {
        (486, String::new())
    } else {
        (
            200,
            format!(
                "{}.000 cust>plat BYE leg={name} to={to}
             {}.010 plat>car BYE leg={name}-out to={to}
             {}.020 car>plat 200 BYE leg={name}-out to={to}
             {}.030 plat>cust 200 BYE leg={name} to={to}\n",
                at + 9,
                at + 9,
                at + 9,
                at + 9
            ),
        )
    };
    let _ = write!(
        text,
        "{at}.000 cust>plat INVITE leg={name} to={to}
         {at}.020 plat>car INVITE leg={name}-out to={to}
         {at}.300 car>plat {code} leg={name}-out to={to}
         {at}.301 plat>car ACK leg={name}-out to={to}
         {at}.320 plat>cust {code} leg={name} to={to}
         {at}.330 cust>plat ACK leg={name} to={to}\n{bye}"
    );
}

/// Four calls that Beta refused, six that went well through Acme, two to a busy line.
fn traffic() -> Vec<u8> {
    let mut text = String::new();
    for n in 0..6 {
        carried(
            &mut text,
            60 * n,
            &format!("good{n}"),
            &format!("44207946000{n}"),
            false,
        );
    }
    for n in 0..4 {
        refused(
            &mut text,
            600 + 60 * n,
            &format!("bad{n}"),
            &format!("44770090010{n}"),
        );
    }
    for n in 0..2 {
        carried(
            &mut text,
            1200 + 60 * n,
            &format!("busy{n}"),
            "442079460009",
            true,
        );
    }
    capture(&text)
}

fn configured(desk: &Desk) -> [&'static str; 4] {
    desk.file("calls.pcap", traffic());
    desk.file("calltriage.toml", PEERS);
    ["--config", "calltriage.toml", "--capture", "calls.pcap"]
}

/// Without what differs from run to run.
fn steady(text: &str) -> String {
    let is_steady = |line: &&str| !line.starts_with("Kept as ") && !line.contains(" ms)");
    text.lines()
        .filter(is_steady)
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn many_calls_are_summed_up() {
    let desk = Desk::new();
    let args = configured(&desk);
    let said = desk
        .run(&[&args[..], &["diagnose", "198.51.100.10"]].concat())
        .answered()
        .out;
    insta::assert_snapshot!(steady(&said));
}

#[test]
fn of_few_calls_too_failing_ones_come_first_and_a_number_chooses() {
    let desk = Desk::new();
    let mut text = String::new();
    refused(&mut text, 0, "bad0", "447700900100");
    carried(&mut text, 60, "good0", "442079460000", false);
    refused(&mut text, 120, "bad1", "447700900101");
    desk.file("calls.pcap", capture(&text));
    desk.file("calltriage.toml", PEERS);
    let args = ["--config", "calltriage.toml", "--capture", "calls.pcap"];
    let said = desk.say(&args, "198.51.100.10\n2\n").answered().out;
    let heads = said
        .lines()
        .filter_map(|line| line.get(..line.find(" · ")? + 11));
    let heads: Vec<&str> = heads.filter(|it| it.starts_with(['1', '2', '3'])).collect();
    assert_eq!(heads, ["1 · A · Ca", "2 · A · Ca", "3 · B · Th"], "{said}");
    let told = |name: &str| said.matches(&format!("{name}@198.51.100.10")).count();
    // A card has each twice. The older one of those that failed was chosen, and is told once more.
    assert_eq!(
        [told("bad1"), told("bad0"), told("good0")],
        [2, 4, 2],
        "{said}"
    );
}

#[test]
fn programs_get_the_same_as_values() {
    let desk = Desk::new();
    let args = configured(&desk);
    let asked = [&args[..], &["diagnose", "--json", "198.51.100.10"]].concat();
    let value = desk.run(&asked).answered().one_json();
    let common = &value["common"];
    let counts = ["calls", "failed", "good", "undecided"].map(|key| common[key].clone());
    assert_eq!(json!(counts), json!([12, 4, 6, 2]));
    assert_eq!(common["first_failing"], "2026-02-16T09:20:00Z");
    assert_eq!(common["last_good"], "2026-02-16T09:15:00Z");
    assert_eq!(common["example"], "bad3@198.51.100.10");
    let names: Vec<&Value> = value["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["words"])
        .collect();
    assert_eq!(
        names,
        [
            "refused by Beta with 503",
            "called busy (486)",
            "good (hung up)"
        ]
    );
    // Both legs of a call are one call.
    assert_eq!(value["groups"][0]["count"], 4);
    assert_eq!(
        value["groups"][0]["call_ids"][0],
        json!(["bad0@198.51.100.10", "bad0-out@198.51.100.10"])
    );
    // What all calls have tells none apart.
    let shared = common["shared"].as_array().unwrap();
    assert!(
        shared.iter().all(|it| it["aspect"] != "customer"),
        "{shared:#?}"
    );
}

#[test]
fn one_call_has_nothing_in_common() {
    let desk = Desk::new();
    let args = configured(&desk);
    let asked = [&args[..], &["diagnose", "--json", "bad0@198.51.100.10"]].concat();
    let value = desk.run(&asked).answered().one_json();
    assert_eq!(
        (&value["groups"], &value["common"]),
        (&json!([]), &Value::Null)
    );
}

#[test]
fn a_number_chooses_from_the_list_again_and_again() {
    let desk = Desk::new();
    let args = configured(&desk);
    let lines = "198.51.100.10\n1\n5\n12\nhelp\n1\n";
    let said = desk
        .say(&[&args[..], &["--json"]].concat(), lines)
        .answered()
        .json();
    let ids: Vec<&Value> = said[1..4]
        .iter()
        .map(|it| &it["calls"][0]["call_ids"][0])
        .collect();
    // Failing ones first, the newest first.
    assert_eq!(
        ids,
        [
            "bad3@198.51.100.10",
            "busy1@198.51.100.10",
            "good0@198.51.100.10"
        ]
    );
    // What chooses nothing closes the list.
    assert!(
        said[4..].iter().all(|it| it.get("calls").is_none()),
        "{:?}",
        &said[4..]
    );
}

#[test]
fn few_calls_have_a_card_each_below_the_summary() {
    let desk = Desk::new();
    let args = configured(&desk);
    let asked = [&args[..], &["diagnose", "442079460009"]].concat();
    let said = desk.run(&asked).answered().out;
    let head = "None of 2 calls failed: 2 called busy (486) (far end).\n";
    assert!(said.starts_with(head), "{said}");
    assert_eq!(said.matches("Proof: messages").count(), 2, "{said}");
}

#[test]
fn ids_are_read_from_lists_and_tables_and_missing_ones_are_set_apart() {
    let desk = Desk::new();
    let args = configured(&desk);
    let ids = "bad0@198.51.100.10\nbad1-out@198.51.100.10, good0@198.51.100.10;nobody@192.0.2.1";
    let table = "Call ID;started;to;code\nbad0@198.51.100.10;2026-02-16 09:20:00;447700900100;503\n\
                 bad1-out@198.51.100.10;2026-02-16 09:21:00;447700900101;503\n\
                 good0@198.51.100.10;\"16 Feb; 9:10\";442079460000;200\n\
                 nobody@192.0.2.1;;;\n";
    for text in [ids, table] {
        let asked = [&args[..], &["diagnose", "--json", text]].concat();
        let value = desk.run(&asked).answered().one_json();
        let calls = value["calls"].as_array().unwrap();
        let found: Vec<&Value> = calls.iter().map(|it| &it["call_ids"][0]).collect();
        let expected = [
            "good0@198.51.100.10",
            "bad0@198.51.100.10",
            "bad1@198.51.100.10",
        ];
        assert_eq!(found, expected, "{text}");
        assert_eq!(value["not_found"], json!(["nobody@192.0.2.1"]), "{text}");
    }
    let said = desk
        .run(&[&args[..], &["diagnose", ids]].concat())
        .answered()
        .out;
    assert!(said.contains("Not found\n  - nobody@192.0.2.1\n"), "{said}");
}

#[test]
fn more_than_a_hundred_calls_are_cut_and_that_is_said() {
    let desk = Desk::new();
    let mut text = String::new();
    for n in 0..105 {
        refused(&mut text, 60 * n, &format!("call{n}"), "442079460009");
    }
    let file = desk.file("many.pcap", capture(&text));
    let value = desk
        .run(&["diagnose", "--json", "--capture", file, "442079460009"])
        .answered()
        .one_json();
    assert_eq!(value["groups"][0]["count"], 100);
    assert_eq!(
        value["notes"],
        json!(["5 older calls match too; add a time or a Call-ID to see them."])
    );
    let ids: Vec<String> = (0..105).map(|n| format!("call{n}@198.51.100.10")).collect();
    let value = desk
        .run(&["diagnose", "--json", "--capture", file, &ids.join("\n")])
        .answered()
        .one_json();
    assert_eq!(value["calls"].as_array().unwrap().len(), 100);
    assert_eq!(
        value["notes"],
        json!(["5 more were left out: at most 100 at once"])
    );
}

#[test]
fn a_table_for_spreadsheets() {
    let desk = Desk::new();
    let args = configured(&desk);
    let ids = "bad0@198.51.100.10,good0@198.51.100.10,nobody@192.0.2.1";
    let said = desk
        .run(&[&args[..], &["diagnose", "--csv", ids]].concat())
        .answered()
        .out;
    insta::assert_snapshot!(said, @"
    call_id,outgoing_id,started,from,to,code,rule,party,to_act,certainty,carrier,group
    good0@198.51.100.10,good0-out@198.51.100.10,2026-02-16T09:10:00Z,441632960001,442079460000,200,hung-up,nobody,nobody,likely,Acme,B
    bad0@198.51.100.10,bad0-out@198.51.100.10,2026-02-16T09:20:00Z,441632960001,447700900100,503,carrier-no-circuit,carrier,carrier,likely,Beta,A
    nobody@192.0.2.1,,,,,,call-not-found,,,,,
    ");
    assert_eq!(said.matches("\r\n").count(), 4);
}

#[test]
fn no_cell_is_run_as_a_formula() {
    let desk = Desk::new();
    for (user, cell) in [
        ("=cmd()", "'=cmd()"),
        ("+441632960105", "'+441632960105"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("a\"b,c", "\"a\"\"b,c\""),
    ] {
        let bytes = super::pcap(&super::edited(
            "0 cust>plat INVITE\n1 plat>cust 486\n1.1 cust>plat ACK",
            &[(
                0,
                "From: <sip:441632960001@",
                &format!("From: <sip:{user}@"),
            )],
        ));
        let file = desk.file("odd.pcap", bytes);
        let said = desk
            .run(&["diagnose", "--csv", "--capture", file, "a@198.51.100.10"])
            .answered()
            .out;
        let row = said.lines().nth(1).unwrap();
        assert!(row.contains(&format!("Z,{cell},")), "{row}");
    }
}

#[test]
fn carriers_at_which_calls_fail_alike_are_told_together() {
    let desk = Desk::new();
    let mut text = String::new();
    for (n, carrier) in ["car", "car2", "car2"].iter().enumerate() {
        let at = 60 * u32::try_from(n).unwrap();
        refused_by(carrier, &mut text, at, &format!("bad{n}"), "447700900100");
    }
    // Refused by both, one after the other.
    text.push_str(
        "300.00 cust>plat INVITE leg=both to=447700900100
         300.02 plat>car INVITE leg=both-1 to=447700900100
         300.30 car>plat 503 leg=both-1 to=447700900100 | Reason: Q.850;cause=34
         300.31 plat>car ACK leg=both-1 to=447700900100
         300.32 plat>car2 INVITE leg=both-2 to=447700900100
         300.60 car2>plat 503 leg=both-2 to=447700900100 | Reason: Q.850;cause=34
         300.61 plat>car2 ACK leg=both-2 to=447700900100
         300.62 plat>cust 503 leg=both to=447700900100
         300.63 cust>plat ACK leg=both to=447700900100\n",
    );
    desk.file("calls.pcap", capture(&text));
    desk.file("calltriage.toml", PEERS);
    let args = ["--config", "calltriage.toml", "--capture", "calls.pcap"];
    let said = desk
        .run(&[&args[..], &["diagnose", "447700900100"]].concat())
        .answered()
        .out;
    insta::assert_snapshot!(said.lines().next().unwrap(), @"4 of 4 calls failed: 4 refused with 503 by Beta (3) and Acme (1) (carrier).");
    let title = "3 refused by Beta with 503, 1 of them by Acme before (carrier)";
    assert!(said.contains(title), "{said}");
    let both = desk
        .run(&[&args[..], &["diagnose", "--json", "both@198.51.100.10"]].concat())
        .answered()
        .one_json();
    let verdict = &both["calls"][0]["verdict"];
    insta::assert_snapshot!(verdict["summary"].as_str().unwrap(), @"Acme 203.0.113.9:5060 and Beta 203.0.113.19:5060 answered 503, the last 503 Phrase with Q.850 cause 34 (No circuit/channel available) 0.28 s after the INVITE, without ringing; 2 routes tried: 203.0.113.9 503, 203.0.113.19 503. No free circuit there; some carriers say the same when our own channel or call-rate limit at them is reached.");
    insta::assert_snapshot!(verdict["next"][0].as_str().unwrap(), @"Report it to the one who answered with this call as example, and compare our calls at that time with the channels agreed. The same goes for Acme 203.0.113.9:5060.");
}
