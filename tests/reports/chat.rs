//! A report in the terminal, from the first word to the confirmed fix.

use crate::cli::{Desk, example};

/// The id of the draft that an output is about.
fn id(out: &str) -> String {
    let at = out.find("r-2").unwrap_or_else(|| panic!("{out}"));
    out[at..].split_whitespace().next().unwrap().to_owned()
}

fn chat(desk: &Desk, lines: &str) -> String {
    let capture = example("no-circuits.pcap");
    let config = desk.file(
        "c.toml",
        "[reports]\ncontact = \"NOC, +44 20 7946 0018\"\n[[contacts]]\nname = \"acme\"\nkind = \"carrier\"\npeer = \
         \"Acme\"\nvia = \"copy\"\n",
    );
    desk.say(
        &["chat", "--config", config, "--capture", &capture],
        &format!("{lines}\nquit\n"),
    )
    .out
}

#[test]
fn from_a_call_to_a_mail_that_somebody_sends() {
    let desk = Desk::new();
    let drafted = chat(&desk, "report 441632960106 --to acme");
    let id = id(&drafted);
    assert!(drafted.contains(&format!("{id}  draft")), "{drafted}");
    assert!(drafted.contains("acme by copy"), "{drafted}");
    assert!(drafted.contains("you returned 503"), "{drafted}");

    // It is there in another run, takes words, and says which it does not.
    let changed = chat(
        &desk,
        &format!("report {id} --set tried another carrier takes these calls"),
    );
    assert!(
        changed.contains("- another carrier takes these calls"),
        "{changed}"
    );
    let refused = chat(&desk, &format!("report {id} --set symptom not working"));
    assert!(
        refused.contains("symptom: Support sends that back"),
        "{refused}"
    );
    let listed = desk.run(&["reports"]).out;
    assert!(listed.contains(&id) && listed.contains("draft"), "{listed}");

    // Nothing is sent without the word for it.
    let shown = chat(&desk, &format!("submit {id}"));
    assert!(shown.contains("draft"), "{shown}");
    let sent = chat(&desk, &format!("submit {id} --confirm"));
    assert!(sent.contains("opens in a mail program"), "{sent}");
    let mail = std::fs::read_to_string(desk.path(&format!("{id}.eml"))).unwrap();
    assert!(mail.contains("another carrier takes these calls") && mail.contains("ladder-1.png"));
    assert!(
        chat(&desk, &format!("submit {id} --confirm")).contains("was submitted before: it is sent")
    );

    let noted = chat(&desk, &format!("ticket {id} acknowledged"));
    assert!(noted.contains("acknowledged"), "{noted}");
    let looked = chat(&desk, &format!("ticket {id}"));
    assert!(
        looked.contains("Not known yet: no call of the same kind since"),
        "{looked}"
    );
}

#[test]
fn where_no_mail_server_is_set_a_mail_program_is_opened() {
    let desk = Desk::new();
    let capture = example("no-circuits.pcap");
    let config = desk.file(
        "c.toml",
        "[reports]\ncontact = \"NOC\"\n[[contacts]]\nname = \"acme\"\nkind = \"carrier\"\npeer = \"Acme\"\nvia = \"mail\"\nto = \"NOC \
         <noc+sip@acme.example>\"\n",
    );
    let args = ["chat", "--config", config, "--capture", &capture];
    let drafted = desk.say(&args, "report 441632960106 --to acme\nquit\n").out;
    let id = id(&drafted);
    let out = desk
        .say(&args, &format!("submit {id} --confirm\nquit\n"))
        .out;
    let link = out
        .split_whitespace()
        .find(|it| it.starts_with("mailto:"))
        .unwrap_or_else(|| panic!("{out}"));
    // A blank is %20 (RFC 6068 section 5), and the + of the address stays one.
    assert!(
        link.starts_with("mailto:noc+sip@acme.example?subject=1%20call%20to%20441632960106"),
        "{link}"
    );
    assert!(std::fs::read_to_string(desk.path(&format!("{id}.txt"))).is_ok());
}

#[test]
fn where_there_are_no_forms_it_asks_field_by_field() {
    let desk = Desk::new();
    let id = id(&chat(&desk, "report 441632960106 --to acme"));
    let lines = format!(
        "report {id} --ask\nnot working\nFor all calls to 44 you return 503\nwe waited\n.\nstop\nreport {id}"
    );
    let out = chat(&desk, &lines);
    let asked = [
        "What is the matter?",
        "Support sends that back",
        "What did you do about it, with what result?",
        "How can it be made to happen again?",
    ];
    let mut from = 0;
    for words in asked {
        from += out[from..]
            .find(words)
            .unwrap_or_else(|| panic!("{words}: {out}"));
    }
    assert!(out.contains("For all calls to 44 you return 503"), "{out}");
    assert!(out.contains("- we waited"), "{out}");
}

#[test]
fn the_same_problem_again_offers_the_same_ticket() {
    let desk = Desk::new();
    let first = id(&chat(&desk, "report 441632960106 --to acme"));
    chat(&desk, &format!("submit {first} --confirm"));
    let second = chat(&desk, "report 441632960106 --to acme");
    assert!(second.contains(&format!("reported as {first}")), "{second}");
    assert!(
        second.contains(&format!("--reopen={first} --confirm")),
        "{second}"
    );
    // Of another reader it is another matter.
    let other = chat(&desk, "report 441632960106 --for customer");
    assert!(!other.contains("--reopen"), "{other}");
}

#[test]
fn what_cannot_be_reported_is_said_in_a_sentence() {
    let desk = Desk::new();
    for (said, answer) in [
        ("report r-nothing", "No report is called r-nothing"),
        (
            "report 441632960106 --to nobody",
            "No contact is called \"nobody\"; one of acme.",
        ),
        (
            "report 441632960106 --to acme --for customer",
            "acme is not a customer.",
        ),
        (
            "submit r-nothing --confirm",
            "No report is called r-nothing",
        ),
        ("ticket r-nothing", "No report is called r-nothing"),
        ("reports", "No report; `report CALL` makes one."),
    ] {
        let out = chat(&desk, said);
        assert!(out.contains(answer), "{said}: {out}");
    }
}
