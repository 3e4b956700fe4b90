//! Rules on what a platform's records say: on records put together by hand, with messages or without.

use calltriage::diagnosis::{Case, Finding, Party, Peers};
use calltriage::platform::{
    Answered, Attempt, CallRecord, Cdr, Customer, IpEntry, Records, RegisterEntry, Registering,
    ServiceEvent, SipUser, TraceState,
};
use calltriage::sip::{Call, Certainty};
use jiff::{SignedDuration, Timestamp};

use crate::support::trace::{START, call};

const CALLER: &str = "198.51.100.10";

/// What one rule finds on a call with records; without a text there are no messages.
fn judged(rule: &str, text: &str, records: &Records) -> Vec<Finding> {
    let call = match text {
        "" => Call::unseen(),
        text => call(text),
    };
    let case = Case::new(&call, &Peers::default(), None).recorded(Some(records));
    let mut findings = super::shown::findings(&case);
    findings.retain(|finding| finding.rule == rule);
    super::shown::asked(rule, findings.is_empty());
    findings
}

/// The rule fires once: who owns the cause, who acts, how sure, and what is said among other things.
#[track_caller]
pub fn fires(
    rule: &str,
    text: &str,
    records: &Records,
    (party, to_act, certainty): (Party, Party, Certainty),
    said: &[&str],
) {
    let found = judged(rule, text, records);
    let [finding] = found.as_slice() else {
        panic!("{rule}: {found:#?}")
    };
    let all = format!("{} {} {}", finding.fact, finding.cause, finding.next);
    assert_eq!(
        (finding.party, finding.to_act, finding.certainty),
        (party, to_act, certainty),
        "{all}"
    );
    for words in said {
        assert!(all.contains(words), "{words:?} is not in {all:?}");
    }
    // Of a call that a carrier hands in, nothing is said of a far end: a customer is called.
    if records.row.is_some() {
        for finding in judged(rule, text, &inbound(records.clone())) {
            assert_ne!(finding.party, Party::FarEnd, "{rule} inbound: {finding:#?}");
        }
    }
    assert!(!finding.fields.is_empty() || !finding.packets.is_empty());
}

#[track_caller]
pub fn silent(rule: &str, text: &str, records: &Records) {
    let found = judged(rule, text, records);
    assert!(found.is_empty(), "{rule}: {found:#?}");
}

/// A call from a customer's address that was refused before anybody was tried.
pub fn refused(code: u16, reason: &str) -> Records {
    let row = CallRecord {
        call_id: Some("a@198.51.100.10".into()),
        code: Some(code),
        reason: Some(reason.into()),
        started: Timestamp::from_second(START).ok(),
        ended: Timestamp::from_second(START + 1).ok(),
        from: Some("441632960001".into()),
        to: Some("441632960002".into()),
        source_ip: CALLER.parse().ok(),
        server_ip: "192.0.2.5".parse().ok(),
        ..CallRecord::default()
    };
    Records {
        asked_at: Timestamp::from_second(START + 3600).unwrap(),
        row: Some(row),
        source_entries: Some(vec![IpEntry {
            address: CALLER.into(),
            customer_id: Some(12),
            ..IpEntry::default()
        }]),
        ..Records::default()
    }
}

fn with(mut records: Records, change: impl FnOnce(&mut CallRecord)) -> Records {
    change(records.row.as_mut().unwrap());
    records
}

/// The same call, answered; how long it was up and why it ended, as the row has them.
fn answered(seconds: i64, release_reason: &str) -> Records {
    with(refused(200, "OK"), |row| {
        row.answered = Some(Answered {
            duration_ms: Some(seconds * 1000),
            release_reason: (!release_reason.is_empty()).then(|| release_reason.into()),
            carrier_id: Some(105),
            outgoing_call_id: None,
        });
    })
}

fn attempt(carrier: u64, code: u16) -> Attempt {
    Attempt {
        carrier_id: Some(carrier),
        code: Some(code),
        ..Attempt::default()
    }
}

fn route(carrier: u64) -> Attempt {
    Attempt {
        carrier_id: Some(carrier),
        ..Attempt::default()
    }
}

fn inbound(records: Records) -> Records {
    let mut records = with(records, |row| {
        row.direction = Some("Origination".into());
        row.customer_id = Some(12);
        row.source_ip = "203.0.113.9".parse().ok();
    });
    records.source_entries = Some(Vec::new());
    records
}

fn poor(records: Records) -> Records {
    Records {
        customer: Some(Customer {
            id: 12,
            name: Some("Acme".into()),
            credit: Some(-1.0),
            debit_limit: Some(0.0),
            currency: Some("USD".into()),
            status: Some("Active".into()),
            ..Customer::default()
        }),
        ..records
    }
}

const REFUSED_BY_CARRIER: &str = "0.00 cust>plat INVITE
    0.04 plat>car INVITE leg=b
    0.61 car>plat 404 leg=b
    0.62 plat>car ACK leg=b
    0.63 plat>cust 404
    0.64 cust>plat ACK";

const ENDED_BY_PLATFORM: &str = "0.00 cust>plat INVITE
    0.04 plat>car INVITE leg=b
    1.00 car>plat 200 leg=b
    1.01 plat>cust 200
    1.02 cust>plat ACK
    1.03 plat>car ACK leg=b
    181.01 plat>cust BYE by=callee
    181.01 plat>car BYE leg=b
    181.02 cust>plat 200 BYE by=callee
    181.03 car>plat 200 BYE leg=b";

const ENDED_BY_CALLER: &str = "0.00 cust>plat INVITE
    0.04 plat>car INVITE leg=b
    0.20 car>plat 200 leg=b
    0.21 plat>cust 200
    0.22 cust>plat ACK
    0.23 plat>car ACK leg=b
    60.21 cust>plat BYE
    60.22 plat>car BYE leg=b
    60.23 car>plat 200 BYE leg=b
    60.24 plat>cust 200 BYE";

const UNDECIDED: (Party, Party, Certainty) =
    (Party::Undecided, Party::Undecided, Certainty::Possible);

#[test]
fn routing_stopped_names_the_routes_that_were_never_tried() {
    let records = with(refused(404, "Not Found"), |row| {
        row.attempts = vec![attempt(105, 404)];
        row.routes = vec![route(105), route(106), route(106)];
    });
    let expected = (Party::Undecided, Party::Configuration, Certainty::Possible);
    let said = ["404 from", "Never tried: carrier #106."];
    fires(
        "routing-stopped",
        REFUSED_BY_CARRIER,
        &records,
        expected,
        &said,
    );
    fires("routing-stopped", "", &records, expected, &said);
}

#[test]
fn routing_stopped_is_silent_where_it_goes_on_or_the_call_comes_in() {
    let goes_on = with(refused(503, "Service Unavailable"), |row| {
        row.attempts = vec![attempt(105, 503)];
        row.routes = vec![route(105), route(106)];
    });
    silent("routing-stopped", "", &goes_on);
    silent(
        "routing-stopped",
        REFUSED_BY_CARRIER,
        &inbound(refused(404, "Not Found")),
    );
    // Who was tried is not said: then nobody can be said not to have been.
    let nameless = with(refused(404, "Not Found"), |row| {
        row.attempts = vec![Attempt {
            code: Some(404),
            ..Attempt::default()
        }];
        row.routes = vec![route(105), route(106)];
    });
    silent("routing-stopped", "", &nameless);
}

#[test]
fn refused_in_log_compares_the_source_and_passes_over_scanners() {
    let mut records = refused(401, "IP Not Authorised");
    records.source_entries = Some(Vec::new());
    let ours = (
        Party::Configuration,
        Party::Configuration,
        Certainty::Likely,
    );
    fires(
        "refused-in-log",
        "",
        &records,
        ours,
        &["no address entry covers 198.51.100.10"],
    );
    let scanner = with(records, |row| {
        row.user_agent = Some("friendly-scanner".into())
    });
    let nobody = (Party::Nobody, Party::Nobody, Certainty::Likely);
    fires(
        "refused-in-log",
        "",
        &scanner,
        nobody,
        &["friendly-scanner"],
    );
}

#[test]
fn refused_in_log_tells_a_text_that_somebody_wrote_from_a_usual_one() {
    let ours = (
        Party::Configuration,
        Party::Configuration,
        Certainty::Possible,
    );
    fires(
        "refused-in-log",
        "",
        &refused(503, "Office closed"),
        ours,
        &["script"],
    );
    fires(
        "refused-in-log",
        "",
        &refused(503, "Service Unavailable"),
        UNDECIDED,
        &[],
    );
    // What a carrier refused is not the platform's.
    silent(
        "refused-in-log",
        REFUSED_BY_CARRIER,
        &refused(503, "No Routes Available (Lock)"),
    );
}

#[test]
fn inbound_delivery_says_where_the_call_went() {
    let text = "0.00 car>plat INVITE
        0.04 plat>cust INVITE leg=b
        0.30 cust>plat 404 leg=b
        0.31 plat>cust ACK leg=b
        0.32 plat>car 404
        0.33 car>plat ACK";
    let records = inbound(refused(404, "Not Found"));
    let said = [
        "customer #12",
        "it went to 198.51.100.10:5060",
        "Retain DID",
    ];
    fires("inbound-delivery", text, &records, UNDECIDED, &said);
    // The platform's word alone is no proof: it stands in the rows of strangers too.
    let stranger = with(records, |row| row.customer_id = None);
    silent("inbound-delivery", text, &stranger);
    silent(
        "inbound-delivery",
        REFUSED_BY_CARRIER,
        &refused(404, "Not Found"),
    );
}

#[test]
fn customer_cannot_dial_wins_over_a_text_that_says_nothing() {
    let records = poor(refused(403, "Forbidden"));
    let ours = (
        Party::Configuration,
        Party::Configuration,
        Certainty::Likely,
    );
    fires("customer-cannot-dial", "", &records, ours, &["Top up"]);
    fires(
        "customer-cannot-dial",
        "",
        &inbound(records),
        ours,
        &["zero balance"],
    );
    silent(
        "customer-cannot-dial",
        "",
        &poor(refused(503, "Dropping Call (Strategy)")),
    );
}

#[test]
fn balance_ran_out_on_the_minute() {
    let records = poor(answered(180, "Lifetime Timeout"));
    let ours = (
        Party::Configuration,
        Party::Configuration,
        Certainty::Likely,
    );
    fires(
        "balance-ran-out",
        ENDED_BY_PLATFORM,
        &records,
        ours,
        &["-1.00 USD", "3 min 0 s"],
    );
    fires("balance-ran-out", "", &records, ours, &["Top up"]);
}

#[test]
fn balance_ran_out_is_silent_off_the_minute_after_a_hang_up_and_with_credit() {
    silent(
        "balance-ran-out",
        "",
        &poor(answered(150, "MI Termination")),
    );
    silent(
        "balance-ran-out",
        "",
        &poor(answered(180, "Downstream BYE")),
    );
    silent("balance-ran-out", ENDED_BY_CALLER, &poor(answered(60, "")));
    silent("balance-ran-out", "", &answered(180, "Lifetime Timeout"));
    // Shorter than a minute no balance was looked at.
    silent(
        "balance-ran-out",
        "",
        &poor(answered(2, "Lifetime Timeout")),
    );
}

#[test]
fn released_in_log_lets_the_length_speak_where_the_reason_leaves_it_open() {
    let rule = "released-in-log";
    let ours = (
        Party::Configuration,
        Party::Configuration,
        Certainty::Likely,
    );
    fires(
        rule,
        "",
        &answered(3600, "Lifetime Timeout"),
        ours,
        &["Raise the longest"],
    );
    let ack = (Party::Customer, Party::Customer, Certainty::Possible);
    fires(
        rule,
        "",
        &answered(4, "Lifetime Timeout"),
        ack,
        &["owes the ACK"],
    );
    fires(rule, "", &answered(777, "Lifetime Timeout"), UNDECIDED, &[]);
    fires(rule, "", &answered(25, "Ping Timeout"), UNDECIDED, &[]);
    fires(
        rule,
        ENDED_BY_PLATFORM,
        &answered(180, "Lifetime Timeout"),
        UNDECIDED,
        &[],
    );
    silent(rule, ENDED_BY_CALLER, &answered(60, "Lifetime Timeout"));
    // A BYE of the platform's own does not fit a reason that speaks of a side's.
    silent(rule, ENDED_BY_PLATFORM, &answered(180, "Upstream BYE"));
}

#[test]
fn log_and_packets_disagree_on_who_hung_up() {
    let rule = "log-and-packets-disagree";
    let expected = (Party::Undecided, Party::Undecided, Certainty::Possible);
    fires(
        rule,
        ENDED_BY_CALLER,
        &answered(60, "Upstream BYE"),
        expected,
        &["the messages count"],
    );
    silent(rule, ENDED_BY_CALLER, &answered(60, "Downstream BYE"));
}

#[test]
fn log_and_packets_agree_on_what_the_caller_got() {
    let crossed = "0.00 cust>plat INVITE
        0.04 plat>car INVITE leg=b
        9.00 cust>plat CANCEL
        9.01 plat>cust 200 CANCEL
        9.02 plat>car CANCEL leg=b
        9.03 car>plat 200 leg=b
        9.04 plat>cust 487
        9.05 cust>plat ACK";
    silent(
        "log-and-packets-disagree",
        crossed,
        &refused(487, "Request Terminated"),
    );
}

fn billed(records: Records, seconds: i64) -> Records {
    Records {
        cdr: Some(Cdr {
            duration_ms: Some(seconds * 1000),
            ..Cdr::default()
        }),
        ..records
    }
}

#[test]
fn answered_without_ringing_only_where_it_was_billed_and_at_once() {
    let rule = "answered-without-ringing";
    let carrier = (Party::Carrier, Party::Carrier, Certainty::Possible);
    let records = billed(answered(60, ""), 60);
    fires(
        rule,
        ENDED_BY_CALLER,
        &records,
        carrier,
        &["0.16 s after the INVITE", "60.0 s were billed"],
    );
    silent(rule, ENDED_BY_CALLER, &answered(60, ""));
    let rang = ENDED_BY_CALLER.replace(
        "0.20 car>plat 200 leg=b",
        "0.10 car>plat 180 leg=b\n0.20 car>plat 200 leg=b",
    );
    silent(rule, &rang, &records);
    let late = ENDED_BY_CALLER.replace("0.20 car>plat 200", "3.20 car>plat 200");
    silent(rule, &late.replace("0.2", "3.2"), &records);
}

#[test]
fn billed_unanswered_knows_an_answer_that_did_not_reach_the_caller() {
    let records = billed(refused(404, "Not Found"), 31);
    let nobody = (Party::Undecided, Party::Undecided, Certainty::Possible);
    fires(
        "billed-unanswered",
        REFUSED_BY_CARRIER,
        &records,
        nobody,
        &["31.0 s were billed", "the record does not fit them"],
    );
    let carrier = (Party::Carrier, Party::Carrier, Certainty::Possible);
    let one_leg = "0.00 cust>plat INVITE\n0.63 plat>cust 404\n0.64 cust>plat ACK";
    fires(
        "billed-unanswered",
        one_leg,
        &records,
        carrier,
        &["31.0 s were billed", "or the record is wrong"],
    );
    silent(
        "billed-unanswered",
        REFUSED_BY_CARRIER,
        &billed(refused(404, "Not Found"), 0),
    );
}

fn stepped(records: Records, steps: &[&str]) -> Records {
    let step = |value: &&str| ServiceEvent {
        event: Some("Queue".into()),
        value: Some((*value).into()),
        ..ServiceEvent::default()
    };
    Records {
        events: steps.iter().map(step).collect(),
        ..records
    }
}

const IN_SERVICE: &str =
    "0.00 cust>plat INVITE || v=0 || c=IN IP4 198.51.100.10 || m=audio 4000 RTP/AVP 8
    1.01 plat>cust 200 || v=0 || c=IN IP4 192.0.2.50 || m=audio 5002 RTP/AVP 8
    1.02 cust>plat ACK
    31.00 plat>cust BYE by=callee
    31.01 cust>plat 200 BYE by=callee";

#[test]
fn service_ended_call_tells_the_last_step() {
    let records = stepped(answered(30, ""), &["Sales", "Time-out"]);
    let ours = (
        Party::Configuration,
        Party::Configuration,
        Certainty::Possible,
    );
    fires(
        "service-ended-call",
        IN_SERVICE,
        &records,
        ours,
        &["Queue: Time-out"],
    );
    silent("service-ended-call", IN_SERVICE, &answered(30, ""));
    silent("service-ended-call", ENDED_BY_PLATFORM, &records);
    let by_caller = IN_SERVICE
        .replace("31.00 plat>cust BYE by=callee", "31.00 cust>plat BYE")
        .replace(
            "31.01 cust>plat 200 BYE by=callee",
            "31.01 plat>cust 200 BYE",
        );
    silent("service-ended-call", &by_caller, &records);
}

#[test]
fn digits_not_agreed_names_who_left_them_out() {
    let records = stepped(answered(30, ""), &["Main menu"]);
    let customer = (Party::Customer, Party::Customer, Certainty::Possible);
    fires(
        "digits-not-agreed",
        IN_SERVICE,
        &records,
        customer,
        &["telephone-event"],
    );
    let offered = IN_SERVICE.replace(
        "m=audio 4000 RTP/AVP 8",
        "m=audio 4000 RTP/AVP 8 101 || a=rtpmap:101 telephone-event/8000",
    );
    let ours = (
        Party::Configuration,
        Party::Configuration,
        Certainty::Possible,
    );
    fires(
        "digits-not-agreed",
        &offered,
        &records,
        ours,
        &["Block DTMF"],
    );
    let agreed = offered.replace(
        "m=audio 5002 RTP/AVP 8",
        "m=audio 5002 RTP/AVP 8 101 || a=rtpmap:101 telephone-event/8000",
    );
    silent("digits-not-agreed", &agreed, &records);
    // Without a service of the platform nobody listens there.
    silent("digits-not-agreed", IN_SERVICE, &answered(30, ""));
}

fn device(change: impl FnOnce(&mut Registering)) -> Records {
    let mut about = Registering {
        user: Some("shop".into()),
        device: "203.0.113.77".parse().ok(),
        ..Registering::default()
    };
    change(&mut about);
    Records {
        registering: Some(about),
        ..Records::default()
    }
}

fn user(allowed: &[&str]) -> Option<SipUser> {
    Some(SipUser {
        name: "shop".into(),
        ip_whitelist: allowed.iter().map(|it| (*it).into()).collect(),
        ..SipUser::default()
    })
}

#[test]
fn registration_user_unknown_is_surer_where_the_device_calls_itself_so() {
    let ours = |certainty| (Party::Configuration, Party::Configuration, certainty);
    let unknown = device(|it| it.is_user_known = Some(false));
    let rule = "registration-user-unknown";
    fires(
        rule,
        "",
        &unknown,
        ours(Certainty::Possible),
        &["under another name"],
    );
    let register = "0.00 cust>plat REGISTER to=shop from=shop\n0.01 plat>cust 403 REGISTER";
    fires(
        rule,
        register,
        &unknown,
        ours(Certainty::Likely),
        &["no SIP user shop"],
    );
    silent(rule, "", &device(|it| it.is_user_known = Some(true)));
    silent(rule, "", &device(|_| {}));
}

#[test]
fn registration_address_not_allowed_only_where_the_list_says_so() {
    let rule = "registration-address-not-allowed";
    let ours = (
        Party::Configuration,
        Party::Configuration,
        Certainty::Likely,
    );
    let with_list = |list: &[&str]| device(|it| it.account = user(list));
    fires(
        rule,
        "",
        &with_list(&["192.0.2.0/24"]),
        ours,
        &["203.0.113.77", "192.0.2.0/24"],
    );
    silent(rule, "", &with_list(&["203.0.113.64/28"]));
    silent(rule, "", &with_list(&[]));
    // A host name may be this address: nobody looks it up.
    silent(rule, "", &with_list(&["192.0.2.0/24", "shop.example"]));
}

#[test]
fn registration_lost_where_the_device_moved() {
    let rule = "registration-lost";
    let entry = |from: &str, code| RegisterEntry {
        from: from.parse().ok(),
        code: Some(code),
        ..RegisterEntry::default()
    };
    let customer = (Party::Customer, Party::Customer, Certainty::Possible);
    let moved =
        device(|it| it.log = Some(vec![entry("203.0.113.77", 401), entry("192.0.2.9", 200)]));
    fires(
        rule,
        "",
        &moved,
        customer,
        &["came from 192.0.2.9", "NAT/SIP ping"],
    );
    silent(
        rule,
        "",
        &device(|it| it.log = Some(vec![entry("203.0.113.77", 200)])),
    );
    silent(
        rule,
        "",
        &device(|it| it.log = Some(vec![entry("192.0.2.9", 403)])),
    );
}

#[test]
fn registration_not_logged_is_no_registration_not_checked() {
    let empty = device(|it| it.log = Some(Vec::new()));
    let device_acts = (Party::Undecided, Party::Customer, Certainty::Possible);
    let said = [
        "never arrived, or was blocked before logging",
        "203.0.113.77",
    ];
    fires("registration-not-logged", "", &empty, device_acts, &said);
    silent("registration-not-checked", "", &empty);
    let unasked = device(|_| {});
    fires(
        "registration-not-checked",
        "",
        &unasked,
        UNDECIDED,
        &["could not be checked"],
    );
    silent("registration-not-logged", "", &unasked);
    // The messages of an attempt say more than the log.
    let register = "0.00 cust>plat REGISTER\n0.01 plat>cust 403 REGISTER";
    silent("registration-not-logged", register, &empty);
    silent("registration-not-checked", register, &unasked);
}

#[test]
fn a_call_between_a_customers_address_and_a_carrier_goes_out_and_the_word_alone_proves_nothing() {
    let text = "0.00 cust>plat INVITE\n0.05 plat>cust 480\n0.06 cust>plat ACK";
    let call = call(text);
    let direction = |records: &Records| {
        Case::new(&call, &Peers::default(), None)
            .recorded(Some(records))
            .roles
            .direction
    };
    use calltriage::diagnosis::Direction;
    assert_eq!(direction(&refused(480, "")), Direction::Outbound);
    assert_eq!(direction(&inbound(refused(480, ""))), Direction::Inbound);
    let mut stranger = with(inbound(refused(401, "")), |row| row.customer_id = None);
    assert_eq!(direction(&stranger), Direction::OneLeg);
    // Tried at a customer, and at no carrier.
    stranger.row.as_mut().unwrap().attempts = vec![Attempt {
        customer_id: Some(12),
        ..Attempt::default()
    }];
    assert_eq!(direction(&stranger), Direction::Inbound);
}

/// The row of a call that was only simulated.
fn simulated(code: Option<u16>, reason: &str) -> Records {
    let mut records = refused(200, reason);
    if let Some(row) = &mut records.row {
        row.call_id = Some("SIM-bXJ8JTrOWgH8Dm7gv_x84uqF8STF5kTq".into());
        row.code = code;
        // What the banner counts as a carrier that was not connected.
        row.attempts = vec![Attempt::default()];
    }
    records
}

#[test]
fn a_simulated_call_is_judged_by_its_text() {
    let (routed, refused_by) = ("simulation-routed", "refused-in-log");
    let nobody = (Party::Nobody, Party::Nobody, Certainty::Certain);
    for code in [None, Some(200), Some(503)] {
        let good = simulated(code, "OK");
        fires(
            routed,
            "",
            &good,
            nobody,
            &["Routing takes the simulated call"],
        );
        let bad = simulated(code, "No Rule Available");
        silent(routed, "", &bad);
        let ours = (
            Party::Configuration,
            Party::Configuration,
            Certainty::Certain,
        );
        fires(
            refused_by,
            "",
            &bad,
            ours,
            &["Routing refuses the simulated call"],
        );
        for records in [&good, &bad] {
            // Nobody was asked, and there was nothing to keep.
            silent("carriers-failed-in-log", "", records);
            silent("trace-not-held", "", records);
        }
        silent(refused_by, "", &good);
    }
    // A real call's OK is no dry run's.
    silent(routed, "", &refused(200, "OK"));
    // Nothing is said where the log does not say how it was routed.
    silent(routed, "", &simulated(None, ""));
    silent(refused_by, "", &simulated(None, ""));
}

#[test]
fn billed_longer_than_talked_beyond_what_rounding_explains() {
    let rule = "billed-longer-than-talked";
    let billed_for = |seconds: i64| billed(answered(seconds, ""), seconds);
    let ours = (
        Party::Configuration,
        Party::Configuration,
        Certainty::Possible,
    );
    fires(
        rule,
        ENDED_BY_CALLER,
        &billed_for(75),
        ours,
        &["15.0 s more", "Delayed Bye"],
    );
    fires(
        rule,
        ENDED_BY_CALLER,
        &billed_for(120),
        (Party::Undecided, Party::Undecided, Certainty::Possible),
        &["Every BYE was answered"],
    );
    let one_leg_ended = "0.00 cust>plat INVITE
        0.04 plat>car INVITE leg=b
        1.00 car>plat 200 leg=b
        1.01 plat>cust 200
        1.02 cust>plat ACK
        1.03 plat>car ACK leg=b
        61.00 cust>plat BYE
        61.02 plat>cust 200 BYE";
    fires(
        rule,
        one_leg_ended,
        &billed_for(120),
        ours,
        &["may have stayed up after the BYE"],
    );
    silent(rule, ENDED_BY_CALLER, &billed_for(62));
}

#[test]
fn a_challenge_alone_in_the_log_accuses_nobody() {
    let rule = "challenge-in-log";
    let expected = (Party::Undecided, Party::Customer, Certainty::Possible);
    let records = refused(407, "Proxy Authentication Required");
    fires(rule, "", &records, expected, &["shows only the challenge"]);
    silent(rule, "", &refused(503, "Service Unavailable"));
    // The messages say how it went on.
    silent(rule, REFUSED_BY_CARRIER, &records);
}

#[test]
fn what_the_platform_keeps_of_a_call_and_for_how_long() {
    let kept = |age: i64, trace: TraceState| Records {
        asked_at: Timestamp::from_second(START + age).unwrap(),
        trace_kept: SignedDuration::from_hours(7 * 24),
        trace,
        ..refused(503, "Service Unavailable")
    };
    const DAY: i64 = 24 * 3600;
    let told = |rule: &str, records: &Records| judged(rule, "", records).len();
    assert_eq!(told("trace-not-held", &kept(8 * DAY, TraceState::None)), 1);
    assert_eq!(told("trace-not-held", &kept(8 * DAY, TraceState::Held)), 0);
    let expires = "trace-expires-soon";
    assert_eq!(told(expires, &kept(7 * DAY - 3600, TraceState::Held)), 1);
    assert_eq!(told(expires, &kept(5 * DAY, TraceState::Held)), 0);
    assert_eq!(told(expires, &kept(7 * DAY - 3600, TraceState::None)), 0);
}

#[test]
fn what_is_over_is_not_still_up_and_without_steps_no_service_took_part() {
    assert!(judged("may-still-be-up", ENDED_BY_CALLER, &answered(60, "")).is_empty());
    assert!(judged("service-took-part", ENDED_BY_CALLER, &answered(60, "")).is_empty());
}
