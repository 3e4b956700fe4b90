//! Who a report may go to, and what a person may type into it: nothing of a call reaches who had no part in it.

use crate::cli::{Desk, example};

/// Two carriers returned 503 for the call of `Acme`; a customer and a carrier had no part in it.
const CONFIG: &str = r#"
[[peers]]
name = "Acme (#12)"
kind = "customer"
addresses = ["198.51.100.10"]
[[peers]]
name = "ExampleTel (#105)"
kind = "carrier"
addresses = ["203.0.113.9"]
[[peers]]
name = "Muster Telecom (#106)"
kind = "carrier"
addresses = ["203.0.113.19"]
[[peers]]
name = "192.0.2.5"
kind = "platform"
addresses = ["192.0.2.5"]
[[contacts]]
name = "muster"
kind = "carrier"
peer = "Muster Telecom (#106)"
via = "copy"
[[contacts]]
name = "extel"
kind = "carrier"
peer = "ExampleTel (#105)"
via = "copy"
[[contacts]]
name = "nordic"
kind = "carrier"
peer = "Nordic Voice (#107)"
via = "copy"
[[contacts]]
name = "acme"
kind = "customer"
peer = "Acme (#12)"
via = "copy"
[[contacts]]
name = "beispiel"
kind = "customer"
peer = "Beispiel GmbH (#13)"
via = "copy"
"#;

struct Scene {
    desk: Desk,
    capture: String,
}

impl Scene {
    fn new() -> Scene {
        Scene {
            desk: Desk::new(),
            capture: example("no-circuits.pcap"),
        }
    }

    fn say(&self, config: &str, line: &str) -> String {
        let config = self.desk.file("c.toml", config);
        let args = ["chat", "--config", config, "--capture", &self.capture];
        self.desk.say(&args, &format!("{line}\nquit\n")).out
    }

    /// A new draft's id, and what is shown of it.
    fn drafted(&self, line: &str) -> (String, String) {
        let out = self.say(CONFIG, line);
        let at = out.find("r-2").unwrap_or_else(|| panic!("{out}"));
        let id = out[at..].split_whitespace().next().unwrap().to_owned();
        (id, out)
    }
}

#[test]
fn a_report_is_offered_to_those_alone_who_had_a_part_in_the_call() {
    let scene = Scene::new();
    let (id, shown) = scene.drafted("report 441632960106");
    assert!(shown.contains("muster by copy"), "{shown}");
    // The other carrier of the call gets a report of its own attempt, the customer one of its own leg.
    for it in ["extel (carrier)", "acme (customer)"] {
        assert!(shown.contains(it), "{it}: {shown}");
    }
    assert!(!shown.contains(&format!("report {id} --to")), "{shown}");
    for it in ["nordic", "beispiel"] {
        assert!(!shown.contains(it), "{it}: {shown}");
    }
}

#[test]
fn another_carrier_or_customer_is_not_taken() {
    let scene = Scene::new();
    let (id, _) = scene.drafted("report 441632960106");
    let changed = scene.say(CONFIG, &format!("report {id} --to extel"));
    assert!(
        changed.contains(
            "extel is ExampleTel (#105), and this report is for Muster Telecom (#106), of what went between Muster \
             Telecom (#106) and us: for one of its own: `report CALL --to extel`."
        ),
        "{changed}"
    );
    for (line, who) in [
        (format!("report {id} --to nordic"), "Nordic Voice"),
        ("report 441632960106 --to nordic".to_owned(), "Nordic Voice"),
        (
            "report 441632960106 --for customer --to beispiel".to_owned(),
            "Beispiel GmbH",
        ),
    ] {
        let out = scene.say(CONFIG, &line);
        let why = format!("{who} had no part in the call that it is about.");
        assert!(
            out.contains(&why) && !out.contains("Call-ID"),
            "{line}: {out}"
        );
    }
    // The contact may have become somebody else's since the draft was made.
    let moved = CONFIG.replacen(
        "peer = \"Muster Telecom (#106)\"",
        "peer = \"Nordic Voice (#107)\"",
        1,
    );
    let sent = scene.say(&moved, &format!("submit {id} --confirm"));
    assert!(sent.contains("Nordic Voice had no part"), "{sent}");
    assert!(scene.desk.run(&["reports"]).out.contains("draft"));
}

#[test]
fn the_other_carrier_of_a_call_gets_its_own_attempt() {
    let (_, shown) = Scene::new().drafted("report 441632960106 --to extel");
    assert!(shown.contains("To: ExampleTel (#105)"), "{shown}");
    assert!(shown.contains("/ 203.0.113.9:5060"), "{shown}");
    assert!(!shown.contains("203.0.113.19"), "{shown}");
}

#[test]
fn what_names_nobody_is_for_a_person_to_look_at() {
    let config = CONFIG.split("[[contacts]]").skip(1);
    let config: String = config.map(|it| format!("[[contacts]]{it}")).collect();
    let out = Scene::new().say(&config, "report 441632960106 --to muster");
    assert!(
        out.contains("nothing says that this call is Muster Telecom's"),
        "{out}"
    );
}

#[test]
fn names_and_prices_that_a_reader_must_not_be_told_are_not_taken() {
    let scene = Scene::new();
    let (carrier, _) = scene.drafted("report 441632960106");
    let (customer, _) = scene.drafted("report 441632960106 --to acme");
    let refused = [
        (
            &carrier,
            "ExampleTel does it as well",
            r#""exampletel": it names ExampleTel (#105), who is somebody else"#,
        ),
        (
            &carrier,
            "Beispiel GmbH complains",
            r#""beispiel": it names beispiel, who is somebody else"#,
        ),
        (
            &carrier,
            "it works with Nordic, by the way",
            r#""nordic": it names nordic, who is somebody else"#,
        ),
        (&carrier, "Acme's calls fail", r#""acme": it names"#),
        (
            &carrier,
            "You charge us 0.012 USD a minute",
            r#""0.012 USD": prices are"#,
        ),
        (
            &customer,
            "We pay 0.012 EUR/min for it",
            r#""0.012 EUR": prices are"#,
        ),
        (&customer, "that is $ 5, or 5€", r#""$ 5": prices are"#),
        (
            &customer,
            "Muster returned 503",
            r#""muster": it names muster"#,
        ),
    ];
    for (id, words, why) in refused {
        let out = scene.say(CONFIG, &format!("report {id} --set remarks {words}"));
        assert!(
            out.contains("must not see") && out.contains(why),
            "{words}: {out}"
        );
        assert!(!out.contains("A remark of ours"), "{words}: {out}");
    }
    let taken = [
        (&carrier, "Muster Telecom returned 503 for 5 of 7 calls"),
        (&customer, "Acme called 3 times, 50 per cent of it at 10:00"),
    ];
    for (id, words) in taken {
        let out = scene.say(CONFIG, &format!("report {id} --set remarks {words}"));
        assert!(
            out.contains(&format!("A remark of ours: {words}")),
            "{words}: {out}"
        );
    }
}

#[test]
fn nobody_is_written_to_of_a_call_that_nobody_has_to_act_on() {
    let desk = Desk::new();
    let capture = example("busy-486.pcap");
    let run = |more: &[&str]| {
        let args = [
            &["report", "--capture", &capture, "busy-1@198.51.100.10"],
            more,
        ]
        .concat();
        let done = desk.run(&args);
        (done.out, done.err)
    };
    let (out, said) = run(&[]);
    assert!(
        said.contains("Nobody has to act:") && said.contains("--for platform"),
        "{said}"
    );
    assert_eq!(out, "");
    let (out, _) = run(&["--for", "platform"]);
    assert!(out.contains("By what we see nobody has to act."), "{out}");
    assert!(!out.contains("what has to be changed"), "{out}");
}

#[test]
fn a_carrier_is_not_asked_why_it_did_what_we_told_it() {
    let desk = Desk::new();
    let capture = example("caller-cancels.pcap");
    let call = "caller-cancels-1@198.51.100.10";
    let args = ["report", "--capture", &capture, call, "--for", "carrier"];
    let out = desk.run(&args).out;
    assert!(out.contains("We sent CANCEL for a call"), "{out}");
    assert!(!out.contains("why 487"), "{out}");
}

#[test]
fn a_call_that_is_not_found_makes_no_report() {
    let desk = Desk::new();
    let capture = example("busy-486.pcap");
    for reader in ["platform", "carrier", "customer"] {
        let args = [
            "report",
            "--capture",
            &capture,
            "no-such-call@192.0.2.77",
            "--for",
            reader,
        ];
        let done = desk.run(&args);
        assert!(done.out.is_empty(), "{reader}: {}", done.out);
        assert!(!done.err.is_empty(), "{reader}");
    }
}

/// Calls that somebody named all fail, which is why they were named.
#[test]
fn calls_that_were_chosen_say_nothing_of_those_between() {
    let desk = Desk::new();
    let (one, two) = (
        example("call-wrong-password.pcap"),
        example("no-circuits.pcap"),
    );
    let calls =
        "call-wrong-password-1@198.51.100.10 4d7112070d2bab29143f000002504980@198.51.100.10";
    let captures = ["report", "--capture", &one, "--capture", &two];
    let out = desk
        .run(&[&captures, &[calls, "--for", "platform"][..]].concat())
        .out;
    let said =
        "These 2 calls were chosen as examples; whether all others fail so is not said by them.";
    assert!(out.contains(said), "{out}");
    assert!(
        !out.contains("continuous since then") && !out.contains("No good call like it"),
        "{out}"
    );
}
