//! `explain`: what it says of a text, a timer, a life, and what it does with what it does not know.

use super::{Desk, capture};

fn said(args: &[&str]) -> String {
    let args = [&["explain"], args].concat();
    Desk::new().run(&args).answered().out
}

#[test]
fn a_reason_text() {
    insta::assert_snapshot!(said(&["No Routes Available (Lock)"]), @r#"
    Reason text "No Routes Available (Lock)" (mostly with 503)

    The lock of this route left no carrier.
    Only the platform writes it, so the platform made that answer.
    Who may own it: configuration.
    What to do: Review lock and exclude on this route: no carrier that they allow has this prefix.
    Source: routing documentation
    "#);
    insta::assert_snapshot!(said(&["what does ip not authorized mean?"]), @r#"
    Reason text "IP Not Authorised" (mostly with 401 or 403)

    Recognised in spite of its spelling.
    The source address belongs to no account: one of ours that was never entered, or a stranger's, which needs no action.
    Only the platform writes it, so the platform made that answer.
    Who may own it: configuration.
    What to do: Compare the source address with the address entries (blocks too); where it is a customer's, add it with the direction "This endpoint sends calls". Where customers share the address, check the tech prefix or the authentication by caller ID; look at the firewall too.
    Source: routing documentation
    "#);
    insta::assert_snapshot!(said(&["Not Found"]), @r#"
    Reason text "Not Found" (mostly with 404)

    The number does not exist.
    Others write it too: the trace shows who made that answer.
    Who may own it: outbound far end, else configuration; inbound customer equipment, else configuration.
    What to do: Check the number and its format; try another carrier.
    Source: routing documentation
    "#);
    insta::assert_snapshot!(said(&["No Routes Available (Tenant)"]), @r#"
    Reason text "No Routes Available" (mostly with 503)

    What you wrote begins with it and goes on; the rest is not known.
    No route was left; which setting removed the last one, the text does not say in a way that is known.
    Only the platform writes it, so the platform made that answer.
    Who may own it: configuration.
    What to do: Read the routing log of this call, then go through rate card, lock and exclude, profit assurance, strategy and script.
    Source: routing documentation, without its word in brackets
    "#);
}

#[test]
fn a_code() {
    insta::assert_snapshot!(said(&["503"]), @r#"
    SIP 503 Service Unavailable (RFC 3261 21.5.4)

    The answering server is overloaded, out of circuits or in maintenance, or has nobody to hand the call to.
    Texts of the platform seen with it: "Unknown User", "Unable to perform LRN", "LCR Unavailable", "Blocked by Dial plan", "No Routes Available (Pre)", "No Routes Available (U)", "No Routes Available (Lock)", "No Routes Available (Profit Assurance)", "No Routes Available", "Dropping Call (Strategy)", "Internal Strategic Routing Error", "Date/Time Restriction Syntax Error".
    From a carrier: The next carrier is tried while routes remain, so one carrier's failure is to blame only where all fail.
    "#);
    insta::assert_snapshot!(said(&["486"]), @r"
    SIP 486 Busy Here (RFC 3261 21.4.24)

    The called user is on another call or declines at this phone.
    From a carrier: routing stops. The called line is taken to be busy, whichever carrier says so. Try the number with another carrier; where this one misuses 486, change that in its reply management.
    ");
    insta::assert_snapshot!(said(&["402"]), @r"
    SIP 402 Payment Required (RFC 3261 21.4.3)

    Reserved by the standard; where it is sent, it usually means that there is no credit left.
    Where it refuses a call: Look at the credit of the sender with the one who answered.
    From the platform itself: Probably the credit is used up; no source shows the platform sending this code, so look at the credit before anybody is told.
    Who may own it: configuration.
    What to do: Look whether credit and debit limit together are above zero; after a top-up wait 60 s.
    From a carrier: The next carrier is tried while routes remain, so one carrier's failure is to blame only where all fail.
    ");
    insta::assert_snapshot!(said(&["580"]), @r#"
    SIP 580 Precondition Failure (RFC 3312 8)

    A condition for the media, such as reserved bandwidth, could not be met before ringing.
    Where it refuses a call: Turn off preconditions (QoS) at the sender.
    Texts of the platform seen with it: "No Route Available", "Switch IP Variable Not Provided", "To (oU) User Missing", "To (fU) User Missing".
    From a carrier: The next carrier is tried while routes remain, so one carrier's failure is to blame only where all fail.
    "#);
    insta::assert_snapshot!(said(&["403 Destination Blocked"]), @r#"
    Reason text "Destination Blocked" (mostly with 403 or 603)

    The rate card of the carrier, or a script, blocks this kind of destination on purpose.
    Only the platform writes it, so the platform made that answer.
    Who may own it: configuration.
    What to do: Look at the blocked destination types on the carrier's rate card, and at the block lines in the routing log.
    Source: documentation of carriers' rate cards; sample scripts

    SIP 403 Forbidden (RFC 3261 21.4.4)

    The request was understood and is not allowed, and trying again as it is will not help.
    Texts of the platform seen with it: "IP Not Authorised", "Unknown User", "Destination Blocked".
    From a carrier: The next carrier is tried while routes remain, so one carrier's failure is to blame only where all fail.
    "#);
}

#[test]
fn a_release_reason() {
    insta::assert_snapshot!(said(&["Upstream BYE"]), @r#"
    Release reason "Upstream BYE"

    The answering side hung up.
    Who may own it: outbound carrier, else far end; inbound customer equipment.
    What to do: Nothing, where the call was over; else ask the answering side why it sent the BYE.
    Source: documentation
    "#);
    insta::assert_snapshot!(said(&["ping", "timeout"]), @r#"
    Release reason "Ping Timeout"

    One side did not answer the OPTIONS that the platform sent within the call.
    Who may own it: outbound customer equipment, else carrier; inbound carrier, else customer equipment.
    What to do: See in the trace which side did not answer OPTIONS; where it did, the handling of the ping is faulty. Let that device answer OPTIONS within calls, or turn SIP ping off for that side.
    Source: documentation
    "#);
    insta::assert_snapshot!(said(&["Caller Ping Timeout"]), @r#"
    Release reason "Ping Timeout"

    One side did not answer the OPTIONS that the platform sent within the call.
    Who may own it: outbound customer equipment; inbound carrier.
    What to do: See in the trace which side did not answer OPTIONS; where it did, the handling of the ping is faulty. Let that device answer OPTIONS within calls, or turn SIP ping off for that side.
    Source: documentation
    "#);
}

#[test]
fn a_timer() {
    insta::assert_snapshot!(said(&["first", "reply", "timeout"]), @r"
    First Reply Timeout: 3 s unless set; recommended: 1 s

    From the INVITE to the first reply of a carrier; set for a carrier or for a customer; skipped while a carrier is backed off for consecutive failures. A diagram in the guide shows 500 ms.
    Source: documentation
    ");
    insta::assert_snapshot!(said(&["ring timeout"]), @r#"
    Reason text "Ring Timeout" (mostly with 408)

    It rang until the ring timer ran out; nobody answered.
    Others write it too: the trace shows who made that answer.
    Who may own it: outbound far end, else configuration; inbound customer equipment, else configuration.
    What to do: Where people need longer to answer, raise the ring time-out.
    Source: guide to SIP traces

    Ring Timeout: 60 s unless set

    How long it may ring once a carrier was chosen. A diagram in the guide shows 30 s, an example of a customer 120 s.
    Source: documentation
    "#);
    insta::assert_snapshot!(said(&["timer H"]), @r"
    Timer B, Timer F, Timer H, Timer J: 32 s unless set

    How long an INVITE (B) or another request (F) waits for an answer, a final response for its ACK (H), and a server for copies of a request (J, 0 over TCP): 64 times T1.
    Source: RFC 3261 table 4
    ");
}

#[test]
fn a_life() {
    insta::assert_snapshot!(said(&["32s"]), @r"
    A call that lasted 32 s, from answer to end

    What ends calls after about this long; none of it is so until the trace shows its proof:
    - A SIP ping got no reply. Proof: OPTIONS from the platform without a 200 (none, or 481), then a BYE to both sides; the release reason is Ping Timeout. Who may own it: outbound customer equipment, else carrier; inbound carrier, else customer equipment. What to do: Let the silent side answer OPTIONS within calls (Asterisk has that off by default), or turn SIP ping off for it. Where its 200 is in the trace, the handling of the ping itself is faulty: report it.
    - A SIP transaction ran out after 64 times T1: an ACK is missing, or a BYE goes nowhere. Proof: The same message is repeated after 0.5, 1, 2, then every 4 s. Who may own it: outbound customer equipment, else carrier; inbound carrier, else customer equipment. What to do: On the side that owes the ACK: look at NAT, ALG, firewall, and at Contact and Record-Route; force NAT handling or use TCP.
    - No media came for a while, in a call that was silent. Proof: The release reason is MI Termination or an RTP time-out, and there is no RTCP. Who may own it: outbound customer equipment; inbound carrier. What to do: Look from which side no media came, and there for NAT and firewalls; open the firewall for the media servers, which are not the SIP servers.
    What ends calls at any length:
    - A limit of its own: the longest duration of the route or number, a limit of the carrier, or somebody ended the call by hand. Proof: Other calls end after exactly the same time; by hand, the release reason is MI Termination. Who may own it: outbound configuration, else carrier; inbound configuration, else customer equipment. What to do: Compare with the longest duration of the route or number, then ask the carrier for its limit.
    - One side hung up, or its device did. Proof: A BYE from one side; the release reason is Upstream BYE or Downstream BYE. Who may own it: outbound far end, else carrier, else customer equipment; inbound customer equipment, else carrier. What to do: Ask whoever sent the BYE.
    - Maintenance, the network or a lost registration ended all calls at once. Proof: Many calls ended at the same moment; the status page may say so. Who may own it: outbound platform, else customer equipment; inbound platform, else carrier. What to do: Look for what those calls share, and at the status page.
    ");
    for same in [
        &["lifetime", "32"][..],
        &["32 seconds"],
        &["after 32s"],
        &["lasted", "32", "s?"],
    ] {
        assert_eq!(said(same), said(&["32s"]), "{same:?}");
    }
    assert_eq!(said(&["1h"]), said(&["lifetime 3600"]));
    insta::assert_snapshot!(said(&["lifetime 8"]).lines().nth(2).unwrap(), @"No known cause ends calls after just this long.");
    // The number is no cause and no code.
    assert!(!said(&["lifetime 34"]).contains("Q.850"));
    assert!(!said(&["lifetime 503"]).contains("SIP"));
}

#[test]
fn a_symptom() {
    insta::assert_snapshot!(said(&["a2"]), @r#"
    A2: outbound call will not connect

    What is seen: "IP Not Authorised", no authentication, or no customer could be found for the source address.
    Who may own it: configuration, else nobody.
    What to do: Strangers who try port 5060 are normal and need no action. Compare the source address with the address entries (blocks too); where it is a customer's, add it with the direction "This endpoint sends calls". Where customers share the address, check the tech prefix or the authentication by caller ID; look at the firewall too.
    "#);
    // It has a direction: nothing is turned.
    let inbound = said(&["B6"]);
    assert!(
        inbound.contains("\nWho may own it: customer equipment.\n"),
        "{inbound}"
    );
    let nobody = said(&["E1"]);
    assert!(nobody.contains("\nNobody has to act.\n"), "{nobody}");
}

#[test]
fn what_is_not_known_is_said_and_what_was_meant_is_asked() {
    let unknown = |text: &str| {
        let done = Desk::new().run(&["explain", text]);
        assert_eq!((done.code, &*done.out), (Some(1), ""), "{text}");
        done.err
    };
    insta::assert_snapshot!(unknown("no routes"), @r#"calltriage: Nothing is known of "no routes": name a rule, a SIP response code, a Q.850 cause, a text or timer of the platform, or how long a call lasted, as in `explain 503` or `explain 32s`. Did you mean one of "No Routes Available (Pre)", "No Routes Available (U)", "No Routes Available (Lock)", "No Routes Available (Profit Assurance)", "No Routes Available"?"#);
    insta::assert_snapshot!(unknown("liftime timeuot"), @r#"calltriage: Nothing is known of "liftime timeuot": name a rule, a SIP response code, a Q.850 cause, a text or timer of the platform, or how long a call lasted, as in `explain 503` or `explain 32s`. Did you mean "Lifetime Timeout"?"#);
    insta::assert_snapshot!(unknown("Flux Capacitor Empty"), @r#"calltriage: Nothing is known of "Flux Capacitor Empty": name a rule, a SIP response code, a Q.850 cause, a text or timer of the platform, or how long a call lasted, as in `explain 503` or `explain 32s`."#);
    insta::assert_snapshot!(unknown("first rep"), @r#"calltriage: Nothing is known of "first rep": name a rule, a SIP response code, a Q.850 cause, a text or timer of the platform, or how long a call lasted, as in `explain 503` or `explain 32s`. Did you mean "First Reply Timeout"?"#);
}

#[test]
fn the_chat_says_the_same() {
    for asked in [
        "No Routes Available (Lock)",
        "upstream bye",
        "32s",
        "first reply timeout",
        "ring timeout",
        "403 Destination Blocked",
        "A2",
        "580",
    ] {
        let chat = Desk::new()
            .say(&[], &format!("explain {asked}\n"))
            .answered()
            .out;
        assert_eq!(chat, said(&[asked]), "{asked}");
    }
    let lines = "explain no routes\nwhat does mi termination mean\n";
    let chat = Desk::new().say(&[], lines).answered().out;
    assert!(
        chat.contains("Did you mean one of \"No Routes Available (Pre)\""),
        "{chat}"
    );
    assert!(chat.contains("Release reason \"MI Termination\""), "{chat}");
}

#[test]
fn programs_get_the_entry() {
    let one = |asked: &str| {
        let mut all = Desk::new()
            .run(&["explain", "--json", asked])
            .answered()
            .json();
        all.remove(0)
    };
    let known = &one("503 no routes availble (lock)")["known"];
    assert_eq!(known["kind"], "reason");
    assert_eq!(known["matched"], "spelling");
    assert_eq!(known["entry"]["parties"][0], "configuration");
    let known = &one("Callee Ping Timeout")["known"];
    assert_eq!(known["end"], "upstream");
    let known = &one("lifetime 3600")["known"];
    assert_eq!(known["hypotheses"][0]["id"], "max-duration");
}

const CONFIG: &str = "[knowledge]\nfiles = [\"own.toml\"]\n";

/// What a file adds and replaces is in `explain`, in the chat and in verdicts.
#[test]
fn an_operators_entries_reach_explain_and_rules() {
    let desk = Desk::new();
    desk.file("c.toml", CONFIG);
    desk.file(
        "own.toml",
        r#"
        [[reasons]]
        text = "No Routes Available (Lock)"
        platform_only = true
        parties = ["carrier"]
        meaning = "The wholesale desk locked it."
        next = ["Call the wholesale desk."]
        [[reasons]]
        text = "Tenant suspended"
        platform_only = true
        parties = ["configuration"]
        meaning = "The tenant is suspended."
        next = ["Look at its open invoices."]
        [[platform_codes]]
        code = 599
        parties = ["platform"]
        meaning = "The gateway of the tenants is down."
        next = []
        [[causes]]
        cause = 126
        name = "Ours"
        meaning = "Our own cause."
        side = "nobody"
        "#,
    );
    let explained = |asked: &str| {
        desk.run(&["explain", asked, "--config", "c.toml"])
            .answered()
            .out
    };
    assert!(explained("no routes available (lock)").contains("The wholesale desk locked it."));
    assert!(explained("tenant suspended").contains("Look at its open invoices."));
    let own_code = explained("599");
    assert!(
        own_code.contains("The gateway of the tenants is down."),
        "{own_code}"
    );
    assert!(explained("cause 126").contains("Our own cause."));
    let chat = desk
        .say(&["--config", "c.toml"], "explain Tenant suspended\n")
        .answered()
        .out;
    assert!(chat.contains("Look at its open invoices."), "{chat}");

    let call = |phrase: &str| {
        capture(&format!(
            "0 cust>plat INVITE leg=one
             30 plat>cust 503 leg=one phrase={phrase}"
        ))
    };
    desk.file("lock.pcap", call("No_Routes_Available_(Lock)"));
    desk.file("tenant.pcap", call("Tenant_suspended"));
    let verdict = |file: &str, config: &[&str]| {
        let args = [&["diagnose", "--all", "--json", "--capture", file], config].concat();
        let verdict = desk.run(&args).answered().one_json()["calls"][0]["verdict"].clone();
        let text = |key: &str| verdict[key].as_str().unwrap().to_owned();
        (
            text("rule"),
            text("party"),
            verdict["next"][0].as_str().unwrap().to_owned(),
            text("summary"),
        )
    };
    let (rule, party, next, summary) = verdict("lock.pcap", &[]);
    assert_eq!((&*rule, &*party), ("refused-by-platform", "configuration"));
    assert!(
        summary.contains("The lock of this route left no carrier."),
        "{summary}"
    );
    assert!(
        next.starts_with("Review lock and exclude on this route"),
        "{next}"
    );
    let own = &["--config", "c.toml"];
    let (rule, party, next, summary) = verdict("lock.pcap", own);
    assert_eq!(rule, "refused-by-platform");
    assert_eq!(next, "Call the wholesale desk.");
    assert!(
        summary.contains("The wholesale desk locked it."),
        "{summary}"
    );
    // One leg alone: whom the platform would have called is the far end.
    assert_eq!(party, "far-end");
    // A text that only an operator knows says who made the answer.
    assert_eq!(verdict("tenant.pcap", &[]).0, "server-failure");
    let (rule, party, next, _) = verdict("tenant.pcap", own);
    assert_eq!((&*rule, &*party), ("refused-by-platform", "configuration"));
    assert!(next.starts_with("Look at its open invoices."), "{next}");
    // A query is judged as every call is.
    let asked = [
        "diagnose",
        "--json",
        "one@198.51.100.10",
        "--capture",
        "tenant.pcap",
    ];
    let one = desk.run(&[&asked[..], own].concat()).answered().one_json();
    let verdict = |investigation: &serde_json::Value| investigation["calls"][0]["verdict"].clone();
    assert_eq!(verdict(&one)["rule"], "refused-by-platform");
    // And so it is when it is asked for again, from what was kept.
    desk.file(
        "other.pcap",
        capture("0 cust>plat INVITE leg=other\n30 plat>cust 486 leg=other"),
    );
    let again = desk.say(
        &["--json", "--capture", "other.pcap", "--config", "c.toml"],
        "again\n",
    );
    assert_eq!(verdict(&again.answered().one_json()), verdict(&one));
}

#[test]
fn a_bad_file_stops_every_command_and_says_where() {
    let desk = Desk::new();
    desk.file(
        "c.toml",
        "[knowledge]\nfiles = [\"one.toml\", \"two.toml\"]\n",
    );
    desk.file("one.toml", "[[reasons]]\ntext = \"A\"\nparties = [\"carier\"]\nmeaning = \"M.\"\nnext = []\n\n[[resons]]\n");
    desk.file("two.toml", "[[codes]]\ncode = 1\nphrase = \"\\u001b[2J\"\nmeaning = \"M.\"\n[[codes]]\ncode = 99\nphrase = \"P\"\nmeaning = \"M.\"\n");
    for args in [
        &["explain", "503"][..],
        &["diagnose", "x@y"],
        &["calls"],
        &["rules"],
        &["history"],
        &["chat"],
    ] {
        let done = desk.run(&[args, &["--config", "c.toml"]].concat());
        assert_eq!((done.code, &*done.out), (Some(1), ""), "{args:?}: {done:?}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(done.err, @r"
    calltriage: one.toml:3: reasons[0].parties: unknown variant `carier`, expected one of `customer`, `configuration`, `platform`, `carrier`, `far-end`, `network`, `nobody`, `undecided`
    one.toml:7: resons: unknown section; known are codes, causes, reasons, platform_codes, release_reasons, fail_over, gateway_fail_over, timers, waits, lifetimes, symptoms, pictures, agents
    two.toml:3: codes[0].phrase: not a text on one line, with at least one and at most 1000 characters
    two.toml:6: codes[1].code: 99 is no response code: they go from 100 to 699
    ");
        }
    }
    let only = |files: &str| {
        desk.file("c.toml", format!("[knowledge]\nfiles = {files}\n"));
        desk.run(&["explain", "503", "--config", "c.toml"]).err
    };
    insta::assert_snapshot!(only("[\"missing.toml\"]"), @"calltriage: [knowledge] files: cannot read missing.toml: it does not exist");
    insta::assert_snapshot!(only("[]"), @"calltriage: c.toml:2: knowledge.files: found an empty list; allowed: a list, each of it a path in quotes; a relative one starts at the folder of this file, ~/ at the home folder");
    desk.file("broken.toml", "[[reasons\n");
    insta::assert_snapshot!(only("[\"broken.toml\"]"), @"calltriage: broken.toml:1: column 10: not valid TOML: unclosed array table, expected `]]`");
    // A path starts at the folder of the configuration, wherever the program runs.
    desk.file("sub/c.toml", CONFIG);
    desk.file(
        "sub/own.toml",
        "[[codes]]\ncode = 499\nphrase = \"Gone Fishing\"\nmeaning = \"M.\"\n",
    );
    let said = desk
        .run(&["explain", "499", "--config", "sub/c.toml"])
        .answered()
        .out;
    assert!(said.starts_with("SIP 499 Gone Fishing\n"), "{said}");
}

/// What looks harmless in a file and is none on a screen.
#[test]
fn unseen_characters_of_a_file_are_not_shown() {
    let desk = Desk::new();
    desk.file("c.toml", CONFIG);
    desk.file(
        "own.toml",
        "[[reasons]]\ntext = \"Odd\"\nparties = [\"carrier\"]\nmeaning = \"a\u{202e}b\u{200b}c\u{2028}d @everyone <b> `x`\"\nnext = []\n\"bad\\u001b[2Jkey\" = 1\n",
    );
    let done = desk.run(&["explain", "odd", "--config", "c.toml"]);
    assert!(!done.err.contains('\u{1b}'), "{done:?}");
    let text = "[[reasons]]\ntext = \"Odd\"\nparties = [\"carrier\"]\nmeaning = \"a\u{202e}b\u{200b}c d\"\nnext = []\n";
    desk.file("own.toml", text);
    let said = desk
        .run(&["explain", "odd", "--config", "c.toml"])
        .answered()
        .out;
    assert!(said.contains("abc d"), "{said}");
}

#[test]
fn a_limit_moves_the_edge_a_severity_the_weight_and_explain_shows_both() {
    let desk = Desk::new();
    let tuned = desk.file(
        "tuned.toml",
        "[rules]\nseverity = { high-pdd = \"error\" }\nlimits = { \"high-pdd.slow\" = \"1ms\" }\n",
    );
    let said = desk
        .run(&["--config", tuned, "explain", "high-pdd"])
        .answered()
        .out;
    assert!(said.contains("Limit high-pdd.slow: 4s"), "{said}");
    assert!(said.contains(", set to 1ms here"), "{said}");
    assert!(said.contains("Its findings weigh as error here."), "{said}");

    let capture = super::example("answered-caller-ends.pcap");
    let weights = |args: &[&str]| -> Vec<String> {
        let args = [
            args,
            &["diagnose", "--json", "--all", "--capture", &capture],
        ]
        .concat();
        let findings =
            |it: serde_json::Value| it["calls"][0]["findings"].as_array().unwrap().clone();
        let found = desk.run(&args).json().into_iter().flat_map(findings);
        let slow = found.filter(|it| it["rule"] == "high-pdd");
        slow.map(|it| it["severity"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(weights(&[]), Vec::<String>::new());
    assert_eq!(weights(&["--config", tuned]), ["error"]);
}
