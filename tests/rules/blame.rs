//! Calls in which the nearest party is the wrong one: whose the cause is, and the call at the edge that must not change.

use super::verdict::{check, inbound, one_leg, outbound, refused, two_routes};
use super::{found, found_among, silent, verdict};

#[test]
fn what_the_platform_refuses_in_the_message_is_the_senders() {
    let own = |answer: &str| one_leg(0.02, answer);
    let with = |answer: &str, headers: &str| {
        own(answer).replacen(
            "cust>plat INVITE",
            &format!("cust>plat INVITE {headers}"),
            1,
        )
    };
    let cases = [
        (
            "420",
            with("420 | Unsupported: foo", "| Require: foo"),
            "refused-by-platform customer>customer likely",
        ),
        (
            "413",
            own("413"),
            "refused-by-platform customer>customer possible",
        ),
        (
            "484",
            own("484"),
            "refused-by-platform customer>customer possible",
        ),
        (
            "483",
            own("483"),
            "refused-by-platform undecided>configuration possible",
        ),
        (
            "488",
            with(
                "488",
                "|| v=0 || m=audio 4000 RTP/AVP 9 || a=rtpmap:9 G722/8000",
            ),
            "refused-by-platform undecided>configuration possible",
        ),
        (
            "433",
            with("433", "from=anonymous"),
            "caller-id-absent customer>customer likely",
        ),
        // About the call, or in the platform's own words: still ours.
        (
            "404",
            own("404"),
            "refused-by-platform configuration>configuration likely",
        ),
        (
            "405",
            own("405"),
            "refused-by-platform configuration>configuration likely",
        ),
        (
            "own text",
            own("580 phrase=No_Routes_Available_(Lock)"),
            "refused-by-platform configuration>configuration certain",
        ),
        // Late, somebody may have been asked.
        (
            "420 late",
            one_leg(2.0, "420"),
            "refused-by-platform undecided>configuration possible",
        ),
    ];
    check(&outbound(), &cases);
    let lines = found("refused-by-platform", &cases[0].1);
    assert!(
        lines.is_empty(),
        "nothing says that it is the platform: {lines:?}"
    );
}

#[test]
fn a_busy_line_behind_the_platform_is_no_decision_of_ours() {
    let cause = |cause: u8| format!("| Reason: Q.850;cause={cause}");
    check(
        &outbound(),
        &[
            (
                "busy",
                one_leg(6.0, &format!("486 {}", cause(17))),
                "called-busy undecided>nobody possible",
            ),
            (
                "no circuit",
                one_leg(0.8, &format!("480 {}", cause(34))),
                "carrier-no-circuit undecided>configuration possible",
            ),
            (
                "busy as decline",
                one_leg(1.2, &format!("603 {}", cause(17))),
                "called-busy undecided>nobody possible",
            ),
            // At once, or without a word of a line, it is ours.
            (
                "at once",
                one_leg(0.03, "486"),
                "refused-by-platform undecided>configuration possible",
            ),
            (
                "blocked, late",
                one_leg(1.2, "603"),
                "refused-by-platform undecided>configuration possible",
            ),
        ],
    );
    let lines = found(
        "code-cause-mismatch",
        &refused(1.2, "603 | Reason: Q.850;cause=17"),
    );
    assert!(
        lines[0].starts_with("carrier>carrier possible"),
        "{lines:?}"
    );
}

/// A call out that the carrier answers and the platform does not hear, and what the platform then tells the caller.
const UNHEARD: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.04 plat>car INVITE leg=b
    0.06 car>plat 100 leg=b
    0.54 plat>car INVITE leg=b
    0.56 car>plat 100 leg=b
    1.50 car>plat 180 leg=b
    1.54 plat>car INVITE leg=b
    3.54 plat>car INVITE leg=b
    7.54 plat>car INVITE leg=b
    15.54 plat>car INVITE leg=b
    32.10 plat>cust 408
    32.12 cust>plat ACK";

#[test]
fn answers_that_did_not_get_there_are_the_cause_of_what_the_caller_is_told() {
    let refused = "0.00 cust>plat INVITE
        0.01 plat>cust 100
        0.04 plat>car INVITE leg=b
        0.06 car>plat 503 leg=b
        0.54 plat>car INVITE leg=b
        1.54 plat>car INVITE leg=b
        3.54 plat>car INVITE leg=b
        5.10 plat>cust 408
        5.12 cust>plat ACK";
    let heard = UNHEARD
        .replace(
            "1.50 car>plat 180 leg=b\n",
            "1.50 car>plat 180 leg=b\n1.51 plat>cust 180\n",
        )
        .lines()
        .filter(|line| !line.contains(".54 plat>car"))
        .collect::<Vec<_>>()
        .join("\n");
    let other_route = refused.replace(
        "5.10 plat>cust 408",
        "4.00 plat>car2 INVITE leg=c\n5.00 car2>plat 503 leg=c\n5.01 plat>car2 ACK leg=c\n5.10 plat>cust 503",
    );
    check(
        &outbound(),
        &[
            (
                "ringing unheard",
                UNHEARD.to_owned(),
                "response-lost network>configuration likely",
            ),
            (
                "refusal unheard",
                refused.to_owned(),
                "response-lost network>configuration likely",
            ),
            ("ringing heard", heard, "no-answer far-end>nobody likely"),
            // The other route decided.
            (
                "then another route",
                other_route,
                "server-failure carrier>carrier likely",
            ),
        ],
    );
    silent("code-rewritten", refused);
}

#[test]
fn answers_from_another_address_than_was_asked() {
    let from = |address: &str, text: &str| {
        text.replace("car>plat", &format!("{address}:5060>plat"))
            .replace("leg=b", "leg=b branch=z9hG4bK-b")
    };
    check(
        &outbound(),
        &[
            (
                "not taken",
                from("203.0.113.10", UNHEARD),
                "response-lost carrier>carrier likely",
            ),
            // Two is another carrier than was asked.
            (
                "another carrier's",
                from("203.0.113.19", &refused(0.5, "503")),
                "server-failure carrier>carrier possible",
            ),
            (
                "as asked",
                refused(0.5, "503"),
                "server-failure carrier>carrier likely",
            ),
        ],
    );
    let lines = found(
        "answered-from-elsewhere",
        &from("203.0.113.19", &refused(0.5, "503")),
    );
    assert!(
        lines[0].contains(
            "sent the INVITE to carrier 203.0.113.9:5060 (+0.02 s), and carrier 203.0.113.19:5060"
        ),
        "{lines:?}"
    );
    let lines = found(
        "server-failure",
        &from("203.0.113.19", &refused(0.5, "503")),
    );
    assert!(
        lines[0].contains("carrier 203.0.113.19:5060 answered 503"),
        "{lines:?}"
    );
    silent("answered-from-elsewhere", &refused(0.5, "503"));
    silent(
        "answered-from-elsewhere",
        &refused(0.5, "503")
            .replace("car>plat", "203.0.113.9:5099>plat")
            .replace("leg=b", "leg=b branch=z9hG4bK-b"),
    );
}

/// A call whose 200 is repeated until its BYE although its caller sends ACKs with this option.
fn acked(option: &str) -> String {
    let mut text = String::from("0.00 cust>plat INVITE\n0.50 plat>cust 180\n");
    for at in [1.0, 1.5, 2.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5, 32.5] {
        text.push_str(&format!(
            "{at:.2} plat>cust 200\n{:.2} cust>plat ACK {option}\n",
            at + 0.02
        ));
    }
    text.push_str("33.10 plat>cust BYE by=callee\n33.12 cust>plat 481 BYE by=callee");
    text
}

#[test]
fn an_ack_with_another_tag_is_its_senders() {
    check(
        &outbound(),
        &[
            (
                "another tag",
                acked("totag=zz"),
                "missing-ack customer>customer likely",
            ),
            // With the right one it is lost, or not taken.
            (
                "right tag",
                acked(""),
                "missing-ack configuration>configuration possible",
            ),
        ],
    );
    check(
        &inbound(),
        &[(
            "another tag",
            acked("totag=zz"),
            "missing-ack carrier>carrier likely",
        )],
    );
    let lines = found("missing-ack", &acked("totag=zz"));
    assert!(
        lines[0]
            .contains("is of another dialog: its To tag is zz, and that of the 200 is callee-a"),
        "{lines:?}"
    );
}

#[test]
fn what_the_first_route_said_of_the_call_outlasts_the_next_one() {
    let after = |first: &str| two_routes(first, "503 leg=c", "503");
    check(
        &outbound(),
        &[
            (
                "busy",
                after("486 leg=b"),
                "called-busy far-end>nobody likely",
            ),
            (
                "no such number",
                after("404 leg=b | Reason: Q.850;cause=1"),
                "number-not-found far-end>customer likely",
            ),
            (
                "caller ID",
                after("403 leg=b phrase=Caller_ID_not_owned"),
                "call-forbidden customer>customer likely",
            ),
            // Nothing but its own state.
            (
                "failed there too",
                after("500 leg=b"),
                "server-failure carrier>carrier likely",
            ),
            (
                "mute",
                after("403 leg=b phrase=Forbidden"),
                "server-failure carrier>carrier likely",
            ),
            (
                "the second one says more",
                two_routes("486 leg=b", "503 leg=c | Reason: Q.850;cause=34", "503"),
                "carrier-no-circuit carrier>carrier likely",
            ),
        ],
    );
    let lines = found("busy-failed-over", &after("486 leg=b"));
    assert!(
        lines[0].starts_with("configuration>configuration likely/certain"),
        "{lines:?}"
    );
    silent("busy-failed-over", &after("503 leg=b"));
    silent(
        "busy-failed-over",
        &two_routes("486 leg=b", "200 leg=c", "200"),
    );
    silent("busy-failed-over", &refused(0.5, "486"));
}

#[test]
fn media_that_the_platform_took_away() {
    let call = |came: &str, went: &str| {
        refused(0.5, "488")
            .replacen("cust>plat INVITE", &format!("cust>plat INVITE {came}"), 1)
            .replacen("INVITE leg=b", &format!("INVITE leg=b {went}"), 1)
    };
    let (alaw, g722) = (
        "|| v=0 || m=audio 4000 RTP/AVP 8 || a=rtpmap:8 PCMA/8000",
        "|| v=0 || m=audio 5000 RTP/AVP 9 || a=rtpmap:9 G722/8000",
    );
    let both = "|| v=0 || m=audio 4000 RTP/AVP 8 9 || a=rtpmap:8 PCMA/8000 || a=rtpmap:9 G722/8000";
    let srtp = alaw.replace("RTP/AVP", "RTP/SAVP");
    let ours =
        |certainty: &str| format!("media-not-acceptable configuration>configuration {certainty}");
    let (likely, possible) = (ours("likely"), ours("possible"));
    let open = "media-not-acceptable undecided>configuration possible";
    check(
        &outbound(),
        &[
            ("other codecs", call(alaw, g722), &likely),
            ("encrypted", call(alaw, &srtp), &likely),
            ("fewer codecs", call(both, g722), &possible),
            ("more codecs", call(alaw, both), open),
            ("as it came", call(g722, g722), open),
        ],
    );
    check(&inbound(), &[("other codecs", call(alaw, g722), &likely)]);
}

#[test]
fn a_redirection_that_leads_back_is_its_makers() {
    let to = |contact: &str| refused(0.5, &format!("302 | Contact: <sip:{contact}>"));
    let back_and_forth = "0.00 cust>plat INVITE
        0.01 plat>cust 100
        0.02 plat>car INVITE leg=b
        0.20 car>plat 302 leg=b | Contact: <sip:441632960002@203.0.113.19>
        0.21 plat>car ACK leg=b
        0.22 plat>car2 INVITE leg=c
        0.40 car2>plat 302 leg=c | Contact: <sip:441632960002@203.0.113.9:5060>
        0.41 plat>car2 ACK leg=c
        0.43 plat>cust 503
        0.45 cust>plat ACK";
    check(
        &outbound(),
        &[
            (
                "to itself",
                to("441632960002@203.0.113.9:5060"),
                "call-redirected carrier>carrier likely",
            ),
            (
                "back",
                back_and_forth.to_owned(),
                "call-redirected carrier>carrier likely",
            ),
            (
                "elsewhere",
                to("441632960002@203.0.113.77"),
                "call-redirected carrier>configuration likely",
            ),
            (
                "to another user there",
                to("441632960009@203.0.113.9:5060"),
                "call-redirected carrier>configuration likely",
            ),
        ],
    );
    let lines = found("call-redirected", back_and_forth);
    assert!(
        lines[0].ends_with("where the call had been already (+0.02 s): a loop."),
        "{lines:?}"
    );
}

#[test]
fn a_signature_that_no_invite_of_ours_bears() {
    for code in ["436", "437", "438"] {
        let text = refused(0.5, code);
        check(
            &outbound(),
            &[(
                code,
                text.clone(),
                "signature-made-behind carrier>carrier likely",
            )],
        );
        silent(
            "signature-made-behind",
            &text.replacen(
                "cust>plat INVITE",
                "cust>plat INVITE | Identity: a.b.c;info=<https://cert.example/a.pem>",
                1,
            ),
        );
    }
    silent("signature-made-behind", &refused(0.5, "428"));
}

/// A call that is up from +1 s on with what happens in it, until the platform ends it.
fn ended_by_platform(inside: &str, at: &str) -> String {
    format!(
        "0.00 cust>plat INVITE
         0.02 plat>car INVITE leg=b
         1.00 car>plat 200 leg=b | Session-Expires: 600;refresher=uac | Allow: INVITE, ACK, BYE, CANCEL
         1.01 plat>cust 200
         1.02 cust>plat ACK
         1.03 plat>car ACK leg=b
         {inside}
         {at} plat>car BYE leg=b cseq=9
         {at} plat>cust BYE by=callee cseq=109
         {at}5 car>plat 200 BYE leg=b cseq=9
         {at}6 cust>plat 200 BYE by=callee cseq=109"
    )
}

#[test]
fn a_refresh_by_a_method_that_was_not_offered() {
    let refresh = "300.00 plat>car UPDATE leg=b | Session-Expires: 600;refresher=uac
        300.10 car>plat 405 UPDATE leg=b";
    let declared = ended_by_platform(refresh, "569.0");
    let refused = declared.replace("405", "488");
    check(
        &outbound(),
        &[
            (
                "declared",
                declared.clone(),
                "method-not-allowed configuration>configuration likely",
            ),
            (
                "not declared",
                declared.replace("| Allow", "| X-Allow"),
                "session-timer-expired undecided>configuration possible",
            ),
            // The refresh itself was refused, not its method.
            (
                "refused",
                refused.replace("BYE, CANCEL", "BYE, UPDATE"),
                "session-timer-expired carrier>carrier likely",
            ),
        ],
    );
}

#[test]
fn an_update_that_nobody_answers_ends_the_call() {
    let sends: Vec<String> = [
        20.0, 20.5, 21.5, 23.5, 27.5, 31.5, 35.5, 39.5, 43.5, 47.5, 51.5,
    ]
    .iter()
    .map(|at| format!("{at:.2} plat>car UPDATE leg=b"))
    .collect();
    let text = ended_by_platform(&sends.join("\n"), "52.5")
        .replace(" | Session-Expires: 600;refresher=uac", "");
    assert_eq!(
        verdict(&text),
        "method-not-allowed configuration>configuration likely",
        "it had not declared it"
    );
    let text = text.replace("BYE, CANCEL", "BYE, UPDATE");
    check(
        &outbound(),
        &[(
            "unanswered",
            text.clone(),
            "reinvite-unanswered network>carrier likely",
        )],
    );
    let lines = found("reinvite-unanswered", &text);
    assert!(lines[0].contains("The UPDATE of platform"), "{lines:?}");
    // One that was answered, and one before the call was.
    silent(
        "reinvite-unanswered",
        &text.replace("20.50 plat>car UPDATE", "20.10 car>plat 200 UPDATE"),
    );
    let refused = ended_by_platform(
        "20.00 plat>car UPDATE leg=b\n20.10 car>plat 488 UPDATE leg=b",
        "52.5",
    );
    assert_eq!(found("reinvite-refused", &refused).len(), 1);
    silent("reinvite-refused", &refused.replace("20.", "0."));
}

#[test]
fn a_digit_by_info_that_is_refused() {
    let info = |kind: &str, code: &str| {
        format!(
            "0.00 cust>plat INVITE
             1.00 plat>cust 200
             1.01 cust>plat ACK
             20.00 cust>plat INFO | Content-Type: {kind} || Signal=1
             20.02 plat>cust {code} INFO
             40.00 cust>plat BYE cseq=3
             40.01 plat>cust 200 BYE cseq=3"
        )
    };
    check(
        &outbound(),
        &[(
            "415",
            info("application/dtmf-relay", "415"),
            "digits-refused undecided>configuration possible",
        )],
    );
    silent("digits-refused", &info("application/dtmf-relay", "200"));
    silent("digits-refused", &info("application/dtmf-relay", "481"));
    silent("digits-refused", &info("application/isup", "415"));
}

#[test]
fn a_later_route_that_failed_by_itself_is_told_beside_what_the_call_failed_for() {
    let after = |second: &str| two_routes("486 leg=b", second, "486");
    insta::assert_snapshot!(super::both_ways("later-route-failed", &after("503 leg=c")), @r"
    carrier>carrier possible/certain [4, 6, 7] One 203.0.113.9:5060 had answered 486 (+2.00 s); Two 203.0.113.19:5060 was tried all the same (+3.00 s), and answered 503 (+5.00 s).
    inbound: customer>customer possible info
    ");
    let silent_route = found("later-route-failed", &after(""));
    assert!(
        silent_route[0].starts_with("network>carrier possible")
            && silent_route[0].contains("sent nothing back"),
        "{silent_route:?}"
    );
    // It says of the number what the first one said, or it is what the call is told by, or it took the call.
    silent("later-route-failed", &after("486 leg=c"));
    silent(
        "later-route-failed",
        &two_routes("500 leg=b", "503 leg=c | Reason: Q.850;cause=34", "503"),
    );
    silent(
        "later-route-failed",
        &two_routes("486 leg=b", "200 leg=c", "200"),
    );
}

#[test]
fn a_change_without_media_is_not_refused_for_its_media() {
    let update = |body: &str, code: &str| {
        ended_by_platform(
            &format!("20.00 plat>car UPDATE leg=b {body}\n20.10 car>plat {code} UPDATE leg=b"),
            "52.5",
        )
    };
    let sdp = "|| v=0 || m=audio 4000 RTP/AVP 8 || a=rtpmap:8 PCMA/8000";
    let lines = found("reinvite-refused", &update("", "488"));
    assert!(
        lines[0].starts_with("carrier>carrier possible")
            && lines[0].ends_with("It offers no media that could be refused; why it is not taken, the answer does not say."),
        "{lines:?}"
    );
    let lines = found("reinvite-refused", &update(sdp, "488"));
    assert!(
        lines[0].starts_with("undecided>carrier possible")
            && lines[0].ends_with("The media that it offers are not accepted there."),
        "{lines:?}"
    );
}

#[test]
fn a_number_that_the_platform_turns_away_is_not_called_a_registered_user() {
    for code in ["480", "486"] {
        let lines = found_among(&outbound(), "refused-by-platform", &one_leg(0.02, code));
        assert!(
            lines[0].ends_with("or it took the number for one of our own."),
            "{lines:?}"
        );
        let user = one_leg(0.02, code).replace("cust>plat INVITE", "cust>plat INVITE to=alice");
        let lines = found_among(&outbound(), "refused-by-platform", &user);
        assert!(
            lines[0].ends_with("is a user of ours who is not registered or busy."),
            "{lines:?}"
        );
    }
}
