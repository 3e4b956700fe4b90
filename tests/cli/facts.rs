//! What `calls --json` says, held against each definition in `docs/facts.md`.

use serde_json::{Value, json};

use super::{Desk, capture, edited, pcap};

const CALL_ID: &str = "a@198.51.100.10";

fn facts_of(bytes: &[u8], args: &[&str]) -> Vec<Value> {
    let desk = Desk::new();
    let file = desk.file("call.pcap", bytes);
    let args = [&["calls", "--json", file], args].concat();
    desk.run(&args).answered().json()
}

/// The facts of the one Call-ID in a capture: exactly those of a call of which nothing is known
/// but its numbers, with these instead.
#[track_caller]
fn are(bytes: &[u8], instead: Value) {
    let mut expected = json!({
        "call_id": CALL_ID, "kind": "call", "from": "441632960001", "to": "441632960002",
        "started": "2026-02-16T09:10:00.000000Z", "messages": 0, "final": null, "answered": false,
        "pdd_ms": null, "setup_ms": null, "talk_ms": null, "ended_by": null,
        "retransmissions": 0, "capture_duplicates": 0, "reinvites": 0, "transports": ["udp"],
    });
    for (key, value) in instead.as_object().unwrap() {
        assert!(expected.get(key).is_some(), "{key}");
        expected[key] = value.clone();
    }
    assert_eq!(facts_of(bytes, &["--all"]), [expected]);
}

#[track_caller]
fn facts(text: &str, instead: Value) {
    are(&capture(text), instead);
}

#[test]
fn a_whole_call() {
    let text = "
        0.0000010 cust>plat INVITE
        0.010 plat>cust 407
        0.020 cust>plat ACK
        0.100 cust>plat INVITE cseq=2
        0.150 plat>cust 100 cseq=2
        1.500 plat>cust 180 cseq=2
        3.250 plat>cust 200 cseq=2
        3.300 cust>plat ACK cseq=2
        10.000 cust>plat BYE cseq=3
        10.010 plat>cust 200 BYE cseq=3";
    let desk = Desk::new();
    let file = desk.file("call.pcap", capture(text));
    let line = r#"{"call_id":"a@198.51.100.10","kind":"call","from":"441632960001","to":"441632960002","started":"2026-02-16T09:10:00.000001Z","messages":10,"final":200,"answered":true,"pdd_ms":1500,"setup_ms":3250,"talk_ms":6750,"ended_by":"caller","retransmissions":0,"capture_duplicates":0,"reinvites":0,"transports":["udp"]}"#;
    assert_eq!(
        desk.run(&["calls", "--json", file]).answered().out,
        format!("{line}\n")
    );
}

#[test]
fn a_2xx_at_the_caller_wins() {
    facts(
        "0.0 cust>plat INVITE
         1.0 plat>cust 200
         1.5 plat>cust 500",
        json!({ "messages": 3, "final": 200, "answered": true, "setup_ms": 1000 }),
    );
    facts(
        "0.0 cust>plat INVITE
         1.0 plat>cust 202
         1.1 cust>plat ACK
         2.0 cust>plat INVITE cseq=2
         3.0 plat>cust 486 cseq=2",
        json!({ "messages": 5, "final": 202, "answered": true, "setup_ms": 1000 }),
    );
}

/// Of several other final answers to the same INVITE the last one counts.
#[test]
fn the_last_final_answer_counts() {
    facts(
        "0.0 cust>plat INVITE
         1.0 plat>cust 486
         1.5 plat>cust 487",
        json!({ "messages": 3, "final": 487 }),
    );
}

#[test]
fn the_highest_cseq_that_has_a_final_answer_counts() {
    facts(
        "0.0 cust>plat INVITE
         0.1 plat>cust 407
         0.2 cust>plat INVITE cseq=2
         0.3 plat>cust 100 cseq=2",
        json!({ "messages": 4, "final": 407 }),
    );
    // Whatever comes later to the first one.
    facts(
        "0.0 cust>plat INVITE
         0.1 plat>cust 407
         0.2 cust>plat INVITE cseq=2
         0.3 plat>cust 404 cseq=2
         0.4 plat>cust 407",
        json!({ "messages": 5, "final": 404, "retransmissions": 1 }),
    );
}

/// An answer inside the dialog is no answer to the call.
#[test]
fn a_refused_reinvite_is_not_how_the_call_ended() {
    facts(
        "0.0 cust>plat INVITE
         1.0 plat>cust 486
         2.0 cust>plat INVITE in cseq=2
         2.1 plat>cust 488 in cseq=2",
        json!({ "messages": 4, "final": 486, "reinvites": 1 }),
    );
}

/// A platform that keeps the Call-ID: the same call on two hops.
#[test]
fn the_callers_hop_comes_first() {
    facts(
        "0.00 cust>plat INVITE
         0.01 plat>car  INVITE
         0.20 car>plat  503
         0.30 plat>cust 500",
        json!({ "messages": 4, "final": 500 }),
    );
    facts(
        "0.00 cust>plat INVITE
         0.01 plat>car  INVITE
         0.50 car>plat  180
         0.90 plat>cust 180
         2.00 car>plat  200
         2.50 plat>cust 200",
        json!({ "messages": 6, "final": 200, "answered": true, "pdd_ms": 900, "setup_ms": 2500 }),
    );
}

#[test]
fn another_hop_counts_where_none_was_captured_at_the_caller() {
    facts(
        "0.00 cust>plat INVITE
         0.01 plat>cust 100
         0.02 plat>car  INVITE
         0.50 car>plat  486",
        json!({ "messages": 4, "final": 486 }),
    );
    // Nothing at all was seen sent to the caller: any hop stands for it.
    facts(
        "0.00 cust>plat INVITE
         0.02 plat>car  INVITE
         0.50 car>plat  180
         2.00 car>plat  200",
        json!({ "messages": 4, "final": 200, "answered": true, "pdd_ms": 500, "setup_ms": 2000 }),
    );
}

/// A 2xx that only another hop shows answers the call, but does not win over what the caller got.
#[test]
fn answered_on_another_hop() {
    facts(
        "0.00 cust>plat INVITE
         0.01 plat>car  INVITE
         0.50 car>plat  200
         0.60 plat>cust 500",
        json!({ "messages": 4, "final": 500, "answered": true }),
    );
}

#[test]
fn post_dial_delay() {
    // To the first 180 or 183, and to no other 1xx.
    facts(
        "0.0 cust>plat INVITE
         0.1 plat>cust 100
         0.2 plat>cust 181
         0.7 plat>cust 183
         0.9 plat>cust 180",
        json!({ "messages": 5, "pdd_ms": 700 }),
    );
    // From the first INVITE, whichever one rings.
    facts(
        "0.0 cust>plat INVITE
         0.1 plat>cust 401
         1.0 cust>plat INVITE cseq=2
         1.4 plat>cust 180 cseq=2",
        json!({ "messages": 4, "final": 401, "pdd_ms": 1400 }),
    );
    // Ringing that reached the platform only is none for the caller.
    facts(
        "0.0 cust>plat INVITE
         0.1 plat>cust 100
         0.1 plat>car  INVITE
         0.4 car>plat  180",
        json!({ "messages": 4 }),
    );
}

#[test]
fn talk_time_ends_with_the_first_bye() {
    facts(
        "0.0 cust>plat INVITE
         1.0 plat>cust 200
         1.5 plat>cust 200
         5.0 plat>cust BYE by=callee
         5.2 cust>plat BYE",
        json!({
            "messages": 5, "final": 200, "answered": true, "setup_ms": 1000, "talk_ms": 4000,
            "ended_by": "callee", "retransmissions": 1,
        }),
    );
    // Without a 2xx nobody talked, whoever says BYE.
    facts(
        "0.0 cust>plat INVITE
         1.0 plat>cust 180
         2.0 cust>plat BYE",
        json!({ "messages": 3, "pdd_ms": 1000, "ended_by": "caller" }),
    );
}

/// Who ended it is told by the From tag, not by the address: here the platform sends the BYE on.
#[test]
fn of_several_answers_the_dialog_that_was_kept_counts() {
    let forked = "0.00 cust>plat INVITE
        1.00 plat>cust 180 totag=one
        1.20 plat>cust 180 totag=two
        4.00 plat>cust 200 totag=one
        4.02 cust>plat ACK totag=one branch=z9hG4bK-1
        4.03 plat>cust 200 totag=two
        4.05 cust>plat ACK totag=two branch=z9hG4bK-2
        4.06 cust>plat BYE totag=two
        4.08 plat>cust 200 BYE totag=two
        64.0 plat>cust BYE by=callee totag=one
        64.1 cust>plat 200 BYE by=callee totag=one";
    facts(
        forked,
        json!({
            "messages": 11, "final": 200, "answered": true, "pdd_ms": 1000, "setup_ms": 4000, "talk_ms": 60000,
            "ended_by": "callee",
        }),
    );
    // The end of the one that was kept was not seen.
    let (open, _) = forked.split_once("64.0").unwrap();
    facts(
        open,
        json!({ "messages": 9, "final": 200, "answered": true, "pdd_ms": 1000, "setup_ms": 4000 }),
    );
    facts(
        "0.00 cust>plat INVITE
         5.00 plat>cust 200 totag=one
         5.02 cust>plat ACK totag=one branch=z9hG4bK-1
         5.30 plat>cust 200 totag=two
         37.3 plat>cust BYE by=callee totag=two
         37.4 cust>plat 481 BYE by=callee totag=two
         125 cust>plat BYE totag=one
         125.1 plat>cust 200 BYE totag=one",
        json!({
            "messages": 8, "final": 200, "answered": true, "setup_ms": 5000, "talk_ms": 120_000, "ended_by": "caller",
        }),
    );
}

#[test]
fn a_call_id_that_is_used_again_tells_of_the_first_call() {
    let reused = "0.00 cust>plat INVITE
        5.00 plat>cust 200
        5.02 cust>plat ACK
        15.0 cust>plat BYE
        100 cust>plat INVITE tag=g branch=z9hG4bK-g
        105 plat>cust 200 tag=g totag=u branch=z9hG4bK-g
        105.1 cust>plat ACK tag=g totag=u
        135 plat>cust BYE by=callee tag=g totag=u";
    let first = json!({
        "messages": 8, "final": 200, "answered": true, "setup_ms": 5000, "talk_ms": 10000, "ended_by": "caller",
    });
    facts(reused, first);
    facts(
        &reused.replace("15.0 cust>plat BYE\n", ""),
        json!({ "messages": 7, "final": 200, "answered": true, "setup_ms": 5000 }),
    );
}

#[test]
fn an_ack_tells_of_an_answer_that_was_not_captured() {
    let lost = "0.00 cust>plat INVITE
        0.05 plat>cust 401
        0.06 cust>plat ACK
        0.10 cust>plat INVITE cseq=2
        2.10 plat>cust 180 cseq=2
        5.00 cust>plat ACK cseq=2 branch=z9hG4bK-own
        25.0 cust>plat BYE cseq=3";
    facts(
        lost,
        json!({
            "messages": 7, "answered": true, "pdd_ms": 2100, "talk_ms": 20000, "ended_by": "caller",
        }),
    );
    // The ACK of a refusal has the branch of its INVITE.
    facts(
        &lost
            .replace(
                "z9hG4bK-own",
                "z9hG4bK-a-19851100105060-1920255060-INVITE-2",
            )
            .replace("25.0 cust>plat BYE cseq=3", ""),
        json!({ "messages": 6, "final": 401, "pdd_ms": 2100 }),
    );
}

#[test]
fn ended_by_tag() {
    facts(
        "0.0 cust>plat INVITE
         1.0 plat>cust 200
         2.0 plat>car  BYE",
        json!({
            "messages": 3, "final": 200, "answered": true, "setup_ms": 1000, "talk_ms": 1000,
            "ended_by": "caller",
        }),
    );
    facts(
        "0.0 cust>plat INVITE
         1.0 plat>cust 200
         2.0 cust>plat BYE by=callee",
        json!({
            "messages": 3, "final": 200, "answered": true, "setup_ms": 1000, "talk_ms": 1000,
            "ended_by": "callee",
        }),
    );
}

#[test]
fn canceled() {
    facts(
        "0.0 cust>plat INVITE
         1.0 plat>cust 180
         3.0 cust>plat CANCEL
         3.1 plat>cust 200 CANCEL
         3.2 plat>cust 487
         3.3 cust>plat ACK",
        json!({ "messages": 6, "final": 487, "pdd_ms": 1000, "ended_by": "canceled" }),
    );
    // The answer was faster than the CANCEL.
    facts(
        "0.0 cust>plat INVITE
         3.0 cust>plat CANCEL
         3.0 plat>cust 200
         3.1 plat>cust 200 CANCEL",
        json!({ "messages": 4, "final": 200, "answered": true, "setup_ms": 3000 }),
    );
}

#[test]
fn reinvites_are_counted_once_each() {
    facts(
        "0.0 cust>plat INVITE
         1.0 plat>cust 200
         2.0 cust>plat INVITE in cseq=2
         2.5 cust>plat INVITE in cseq=2
         2.6 plat>cust 200 in cseq=2
         3.0 cust>plat INVITE in cseq=3
         4.0 plat>cust INVITE by=callee in cseq=2
         4.1 plat>car  INVITE by=callee in cseq=2",
        json!({
            "messages": 8, "final": 200, "answered": true, "setup_ms": 1000,
            "reinvites": 3, "retransmissions": 1,
        }),
    );
}

/// A copy is measured against the copy before it, not against the first.
#[test]
fn copies() {
    facts(
        "0.000000 cust>plat INVITE
         0.030000 cust>plat INVITE
         0.060000 cust>plat INVITE
         0.109999 cust>plat INVITE
         0.159999 cust>plat INVITE
         1.000000 cust>plat INVITE",
        json!({ "messages": 6, "capture_duplicates": 3, "retransmissions": 2 }),
    );
    // On TCP too, and of answers.
    facts(
        "0.0 cust>plat INVITE tcp
         1.0 plat>cust 180 tcp
         2.0 plat>cust 180 tcp",
        json!({ "messages": 3, "pdd_ms": 1000, "retransmissions": 1, "transports": ["tcp"] }),
    );
    // Copies of every hop are counted.
    facts(
        "0.00 cust>plat INVITE
         0.01 cust>plat INVITE
         0.10 plat>car  INVITE
         0.12 plat>car  INVITE
         0.60 cust>plat INVITE",
        json!({ "messages": 5, "capture_duplicates": 2, "retransmissions": 1 }),
    );
}

/// All of addresses, ports, start line, CSeq, branch and To tag have to be the same.
#[test]
fn no_copies() {
    facts(
        "0.00 cust>plat INVITE
         0.01 198.51.100.10:5061>plat INVITE
         0.02 cust>192.0.2.5:5070 INVITE branch=z9hG4bK-a
         0.03 cust>plat INVITE branch=z9hG4bK-b
         0.04 cust>plat INVITE cseq=2 branch=z9hG4bK-b
         0.05 cust>plat INVITE cseq=2 branch=z9hG4bK-b to=441632960003
         0.06 cust>plat INVITE in cseq=2 branch=z9hG4bK-b",
        json!({ "messages": 7, "reinvites": 1 }),
    );
    facts(
        "0.0 cust>plat INVITE
         1.0 plat>cust 180
         1.1 plat>cust 180 phrase=Ringing
         1.2 plat>cust 183",
        json!({ "messages": 4, "pdd_ms": 1000 }),
    );
}

#[test]
fn transports_in_the_order_of_their_first_message() {
    facts(
        "0.0 cust>plat INVITE tcp
         0.1 plat>car  INVITE
         0.2 car>plat  486
         0.3 plat>cust 486 tcp",
        json!({ "messages": 4, "final": 486, "transports": ["tcp", "udp"] }),
    );
}

#[test]
fn keep_alives_are_hidden() {
    let options = capture("0 cust>plat OPTIONS\n 0.1 plat>cust 200 OPTIONS");
    assert_eq!(facts_of(&options, &[]), [] as [Value; 0]);
    are(
        &options,
        json!({ "kind": "other", "messages": 2, "final": 200 }),
    );
    let notify = capture("0 cust>plat NOTIFY | Event: keep-alive");
    assert_eq!(facts_of(&notify, &[]), [] as [Value; 0]);
    are(&notify, json!({ "kind": "other", "messages": 1 }));
    // A ping inside a call hides nothing, and a NOTIFY of anything else is shown.
    let call = capture("0 cust>plat INVITE\n 9 cust>plat OPTIONS");
    assert_eq!(facts_of(&call, &[]).len(), 1);
    let notify = capture("0 cust>plat NOTIFY | Event: message-summary");
    assert_eq!(facts_of(&notify, &[]).len(), 1);
}

#[test]
fn messages_without_call_id_stand_together() {
    let text = "0.0 cust>plat INVITE\n 0.1 plat>cust 404\n 0.2 cust>plat INVITE cseq=2";
    let id = "Call-ID: a@198.51.100.10\r\n";
    let packets = edited(text, &[(0, id, ""), (1, id, ""), (2, id, "")]);
    are(
        &pcap(&packets),
        json!({ "call_id": "", "messages": 3, "final": 404 }),
    );
}

#[test]
fn a_registration() {
    facts(
        "0.0 cust>plat REGISTER
         0.1 plat>cust 401 REGISTER
         0.2 cust>plat REGISTER cseq=2
         0.3 plat>cust 403 REGISTER cseq=2",
        json!({ "kind": "registration", "messages": 4, "final": 403 }),
    );
    facts(
        "0.1 plat>cust 200 REGISTER",
        json!({
            "kind": "registration", "started": "2026-02-16T09:10:00.100000Z", "messages": 1,
            "final": 200,
        }),
    );
}

/// The kind goes by the CSeq method of answers too.
#[test]
fn answers_alone_are_a_call() {
    facts(
        "0.0 plat>cust 180
         0.1 plat>cust 486",
        json!({ "messages": 2, "final": 486 }),
    );
    facts(
        "0.0 cust>plat REGISTER
         0.1 plat>cust 486",
        json!({ "messages": 2, "final": 486 }),
    );
}

/// The capture began when the call was up: no INVITE without To tag was seen.
#[test]
fn inside_a_dialog_only() {
    facts(
        "0.0 cust>plat INVITE in cseq=7
         0.1 plat>cust 200 in cseq=7
         0.2 cust>plat ACK cseq=7",
        json!({ "messages": 3, "answered": true, "reinvites": 1 }),
    );
}

#[test]
fn the_users_are_those_of_the_first_invite() {
    let text = "0.0 plat>cust NOTIFY | Event: x\n 1.0 cust>plat INVITE from=1001 to=1002\n \
                2.0 cust>plat INVITE cseq=2 from=1003 to=1004";
    facts(text, json!({ "from": "1001", "to": "1002", "messages": 3 }));
}

#[test]
fn lines_are_in_order_of_time() {
    let text =
        "0.2 cust>plat INVITE leg=x\n 0.1 cust>plat INVITE leg=y\n 0.1 cust>plat INVITE leg=b";
    let ids: Vec<Value> = facts_of(&capture(text), &[])
        .iter()
        .map(|line| line["call_id"].clone())
        .collect();
    assert_eq!(
        ids,
        ["b@198.51.100.10", "y@198.51.100.10", "x@198.51.100.10"]
    );
}

/// Some devices and platforms change the From tag with the attempt: it is still the caller.
#[test]
fn a_caller_that_changes_its_tag_after_the_challenge() {
    facts(
        "0.0 cust>plat INVITE
         0.1 plat>cust 407
         0.2 cust>plat INVITE cseq=2 tag=new
         0.5 plat>cust 180 cseq=2 tag=new
         1.0 plat>cust 200 cseq=2 tag=new
         5.0 cust>plat BYE cseq=3 tag=new",
        json!({
            "messages": 6, "final": 200, "answered": true, "pdd_ms": 500, "setup_ms": 1000,
            "talk_ms": 4000, "ended_by": "caller",
        }),
    );
}

#[test]
fn a_platform_that_sends_the_call_on_under_its_own_tag() {
    facts(
        "0.0 cust>plat INVITE
         0.1 plat>cust 100
         0.2 plat>car INVITE tag=new
         0.5 car>plat 486 tag=new",
        json!({ "messages": 4, "final": 486 }),
    );
}

#[test]
fn a_2xx_wins_at_the_caller_only() {
    facts(
        "0.0 cust>plat INVITE
         0.1 plat>cust 100
         0.2 plat>car INVITE
         0.3 plat>car2 INVITE
         1.0 car>plat 200
         1.1 car2>plat 487",
        json!({ "messages": 6, "final": 487, "answered": true }),
    );
}

#[test]
fn who_ended_a_call_whose_beginning_was_not_seen_is_not_known() {
    facts(
        "0.0 cust>plat BYE
         0.1 plat>cust 200 BYE",
        json!({ "kind": "other", "messages": 2 }),
    );
}

#[test]
fn keep_alives_are_hidden_with_their_answers() {
    let text = "0.0 cust>plat NOTIFY | Event: keep-alive;x=1
                0.1 plat>cust 200 NOTIFY";
    assert_eq!(facts_of(&capture(text), &[]), Vec::<Value>::new());
    let other = "0.0 cust>plat NOTIFY | Event: message-summary
                 0.1 plat>cust 200 NOTIFY";
    assert_eq!(facts_of(&capture(other), &[]).len(), 1);
}
