//! Rules on what the platform's lists and undocumented paths say: each where it fires, and at its edge.

use calltriage::diagnosis::Party;
use calltriage::platform::{
    AgentStep, Attempt, CardRules, CliEntry, RateRule, Rates, Records, Registering, Words,
};
use calltriage::sip::Certainty;
use serde_json::json;

use super::record::{fires, refused, silent};

fn words(text: &str) -> Option<Words> {
    Some(Words::new(text.to_owned(), false))
}

fn with_rates(change: impl FnOnce(&mut Rates)) -> Records {
    let mut rates = Rates {
        number: "441632960002".into(),
        routes: 1,
        cards: vec![CardRules {
            card: "GjjS-E0FO".into(),
            revision: 3,
            ..CardRules::default()
        }],
        left_out: 0,
    };
    change(&mut rates);
    Records {
        rates: Some(rates),
        ..refused(503, "No Routes Available (Pre)")
    }
}

fn rule(prefix: &str, status: &str) -> Option<RateRule> {
    Some(RateRule {
        prefix: prefix.into(),
        status: Some(status.into()),
        ..RateRule::default()
    })
}

#[track_caller]
fn says(records: &Records, said: &[&str]) {
    let expected = (
        Party::Configuration,
        Party::Configuration,
        Certainty::Certain,
    );
    fires("refused-in-log", "", records, expected, said);
}

#[test]
fn rate_cards_say_no_more_than_was_seen_of_them() {
    says(
        &with_rates(|_| {}),
        &["has no rule for 441632960002.", "add a rule for it"],
    );
    // A list that was cut proves no absence, nor does a card that was not looked at.
    says(
        &with_rates(|rates| rates.cards[0].is_cut = true),
        &["not all rules were given", "Extend the rate card"],
    );
    says(
        &with_rates(|rates| rates.left_out = 1),
        &["not every rate card", "Extend the rate card"],
    );
    says(
        &with_rates(|rates| rates.cards[0].rule = rule("44", "Blocked")),
        &["the rule 44", "is Blocked", "Unblock the rule 44"],
    );
    // Another card may carry the call.
    says(
        &with_rates(|rates| {
            rates.cards[0].rule = rule("44", "Blocked");
            let other = CardRules {
                card: "wY9r-FxF4".into(),
                rule: rule("441", "Active"),
                ..CardRules::default()
            };
            rates.cards.push(other);
        }),
        &[
            "is Blocked",
            "wY9r-FxF4 (revision 0) has the rule 441",
            "by now: check whether",
        ],
    );
}

#[test]
fn an_allow_list_is_read_with_whose_it_is() {
    let listed = |entries: Vec<CliEntry>| Records {
        callers: Some(entries),
        ..refused(503, "CLI restriction in effect")
    };
    let of = |customer| CliEntry {
        customer_id: customer,
        ..CliEntry::default()
    };
    let expected = (
        Party::Configuration,
        Party::Configuration,
        Certainty::Possible,
    );
    for (entries, said) in [
        (vec![], "no allow list has an entry of exactly 441632960001"),
        (
            vec![of(Some(13))],
            "in the allow list of customer #13, and whose call this was is not known",
        ),
        (vec![of(None)], "no allow list has an entry of exactly"),
    ] {
        fires("refused-in-log", "", &listed(entries), expected, &[said]);
    }
}

#[test]
fn a_firewall_lists_only_the_very_address() {
    let device = |answer: &str, log| Records {
        registering: Some(Registering {
            user: Some("441632960115".into()),
            device: "198.51.100.7".parse().ok(),
            firewall: words(answer),
            log,
            ..Registering::default()
        }),
        ..Records::default()
    };
    let expected = (
        Party::Configuration,
        Party::Configuration,
        Certainty::Likely,
    );
    let listed = device("198.51.100.7 Block", Some(Vec::new()));
    fires(
        "registration-blocked",
        "",
        &listed,
        expected,
        &["wait 15 minutes"],
    );
    let unasked = device("198.51.100.7 Block", None);
    fires(
        "registration-blocked",
        "",
        &unasked,
        expected,
        &["lists 198.51.100.7"],
    );
    for other in [
        "",
        "198.51.100.77 Block",
        "198.51.100.7 is not blocked",
        "{\"rows\": 3}",
    ] {
        silent("registration-blocked", "", &device(other, Some(Vec::new())));
    }
}

#[test]
fn the_state_in_dialogs_decides() {
    let up = |answer: &str| Records {
        dialog: words(answer),
        ..refused(200, "OK")
    };
    let nobody = (Party::Nobody, Party::Nobody, Certainty::Likely);
    fires(
        "ended-in-dialogs",
        "",
        &up(r#"{"state":"Ended"}"#),
        nobody,
        &["still clearing"],
    );
    silent("listed-in-dialogs", "", &up(r#"{"state":"Ended"}"#));
    let undecided = (Party::Undecided, Party::Undecided, Certainty::Likely);
    for (answer, said) in [
        ("", "does not have this one"),
        (r#"{"state":"Active"}"#, "has this one"),
    ] {
        silent("ended-in-dialogs", "", &up(answer));
        fires("listed-in-dialogs", "", &up(answer), undecided, &[said]);
    }
    silent("listed-in-dialogs", "", &refused(200, "OK"));
}

#[test]
fn stages_of_an_agent_are_compared_by_one_key_alone() {
    let agent = |steps: &[serde_json::Value]| Records {
        agent: steps
            .iter()
            .map(|raw| AgentStep {
                stage: raw["stage"].as_str().map(str::to_owned),
                raw: raw.clone(),
                ..AgentStep::default()
            })
            .collect(),
        ..refused(200, "OK")
    };
    let undecided = (Party::Undecided, Party::Undecided, Certainty::Possible);
    let both = agent(&[
        json!({ "stage": "LLM", "latency": 900 }),
        json!({ "stage": "TTS", "latency": 40, "duration": 5000 }),
    ]);
    fires(
        "agent-took-part",
        "",
        &both,
        undecided,
        &["by latency as reported, the longest first: LLM 900, TTS 40"],
    );
    // One stage alone is not slower than any, and what was said is not read.
    let one = agent(&[json!({ "stage": "LLM", "latency": 900, "output": "timed out" })]);
    fires("agent-took-part", "", &one, undecided, &["with 1 step."]);
    let late = agent(&[json!({ "stage": "STT", "error": "timed out" })]);
    let ours = (
        Party::Configuration,
        Party::Configuration,
        Certainty::Possible,
    );
    fires(
        "agent-took-part",
        "",
        &late,
        ours,
        &["its stage STT timed out"],
    );
    silent("agent-took-part", "", &refused(200, "OK"));
}

/// A call that one of the platform's servers hands to another, which refuses it.
const WITHIN: &str = "0.00 cust>plat INVITE
    0.02 plat>192.0.2.50:5060 INVITE leg=b
    0.05 192.0.2.50:5060>plat 503 leg=b phrase=Service_Unavailable
    0.06 plat>192.0.2.50:5060 ACK leg=b
    0.07 plat>cust 503 phrase=Service_Unavailable
    0.08 cust>plat ACK";

#[test]
fn a_hop_between_two_servers_of_the_platform_is_no_carriers() {
    let with = |servers: &[&str]| {
        let mut records = refused(503, "Service Unavailable");
        records.row.as_mut().unwrap().outgoing_call_id = Some("b@198.51.100.10".into());
        records.servers = servers.iter().map(|it| it.parse().unwrap()).collect();
        records
    };
    let ours = (
        Party::Configuration,
        Party::Configuration,
        Certainty::Likely,
    );
    fires(
        "refused-by-platform",
        WITHIN,
        &with(&["192.0.2.50"]),
        ours,
        &[],
    );
    silent("refused-by-platform", WITHIN, &with(&[]));
}

#[test]
fn a_caller_number_of_another_customer() {
    let sent = |code: u16, entries: Option<Vec<Option<u64>>>| {
        let mut records = refused(code, "Forbidden");
        if let Some(row) = &mut records.row {
            row.customer_id = Some(12);
            row.attempts = vec![Attempt {
                carrier_id: Some(105),
                code: Some(code),
                ..Attempt::default()
            }];
        }
        records.callers = entries.map(|it| {
            it.into_iter()
                .map(|customer_id| CliEntry {
                    customer_id,
                    ..CliEntry::default()
                })
                .collect()
        });
        records
    };
    let rule = "caller-id-not-own";
    let theirs = (Party::Customer, Party::Customer, Certainty::Possible);
    fires(
        rule,
        "",
        &sent(403, Some(vec![Some(13)])),
        theirs,
        &["441632960001 is in the allow list of customer #13 and not in that of customer #12"],
    );
    for (code, entries) in [
        (403, Some(vec![Some(13), Some(12)])),
        (403, Some(vec![])),
        (403, None),
        (503, Some(vec![Some(13)])),
    ] {
        silent(rule, "", &sent(code, entries));
    }
    // What comes in bears the number of a stranger.
    let mut inbound = sent(403, Some(vec![Some(13)]));
    if let Some(row) = &mut inbound.row {
        row.direction = Some("Origination".into());
    }
    silent(rule, "", &inbound);
}
