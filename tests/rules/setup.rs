//! Rules on refused calls. What wins in whole calls is in `verdict.rs`.

use super::verdict::{one_leg, refused, refused_ringing, two_routes};
use super::{fires, found, silent};

/// For each rule a call that fires it, and one at its edge that does not.
#[test]
fn each_rule_fires_and_stays_silent_at_its_edge() {
    let slow = |answer: &str| refused(0.5, answer);
    let cause = |code: &str, cause: u8| slow(&format!("{code} | Reason: Q.850;cause={cause}"));
    let own = one_leg(0.03, "503 phrase=No_Routes_Available_(Pre)");
    let plain = one_leg(0.03, "503 phrase=Service_Unavailable");
    let cases = [
        ("refused-by-platform", own, plain),
        ("call-forbidden", slow("403"), cause("403", 34)),
        ("number-not-found", cause("503", 1), cause("404", 34)),
        ("request-timeout", slow("408"), refused_ringing(9.0, "408")),
        (
            "no-answer",
            refused_ringing(9.0, "480"),
            refused(9.0, "480"),
        ),
        ("called-unavailable", slow("480"), cause("480", 34)),
        ("called-busy", cause("480", 17), cause("486", 34)),
        ("media-not-acceptable", slow("488"), cause("488", 34)),
        ("carrier-no-circuit", cause("503", 34), cause("503", 41)),
        ("server-failure", slow("503"), cause("503", 1)),
        ("call-declined", cause("480", 21), cause("403", 21)),
        ("call-redirected", slow("302"), slow("400")),
        ("request-rejected", slow("420"), cause("420", 20)),
        ("other-refusal", slow("491"), slow("403")),
    ];
    for (rule, fires, edge) in cases {
        assert_eq!(found(rule, &fires).len(), 1, "{rule} does not fire");
        assert_eq!(found(rule, &edge), Vec::<String>::new(), "{rule}");
    }
}

#[test]
fn the_fact_names_every_route() {
    fires(
        "server-failure",
        &two_routes("503 leg=b", "", "503"),
        "carrier>carrier likely/certain [3, 4, 9] carrier 203.0.113.9:5060 answered 503 Phrase \
         1.98 s after the INVITE, without ringing; 2 routes tried: 203.0.113.9 503, 203.0.113.19 \
         nothing. It does not say what failed there.",
    );
}

#[test]
fn an_answer_without_its_invite_claims_no_time() {
    let lines = found("called-busy", "0.10 plat>cust 486");
    assert!(
        lines[0].contains("answered 486 Phrase (the INVITE was not seen)."),
        "{lines:?}"
    );
}

#[test]
fn credentials_asked_for_on_the_last_route_are_no_silence() {
    let text = "0.00 cust>plat INVITE
        0.02 plat>car INVITE leg=b
        0.30 car>plat 407 leg=b | Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"
        0.31 plat>car ACK leg=b
        0.32 plat>cust 503
        0.33 cust>plat ACK";
    silent("request-timeout", text);
    assert_eq!(
        super::verdict(text),
        "challenge-unanswered configuration>configuration likely"
    );
}

const FAILED_OVER: &str = "0.00 cust>plat INVITE
    0.02 plat>car INVITE leg=b
    0.30 car>plat 503 leg=b
    0.31 plat>car ACK leg=b
    0.32 plat>car2 INVITE leg=c
    1.00 car2>plat 200 leg=c
    1.01 plat>cust 200
    1.02 cust>plat ACK
    1.03 plat>car2 ACK leg=c";

#[test]
fn route_failed_over_after_a_refusal() {
    fires(
        "route-failed-over",
        FAILED_OVER,
        "carrier>carrier possible/certain [2, 3, 7] carrier 203.0.113.9:5060 answered 503; carrier \
         203.0.113.19:5060 then took the call.",
    );
}

#[test]
fn route_failed_over_is_silent_where_phones_rang_together() {
    silent(
        "route-failed-over",
        &FAILED_OVER.replace("0.32 plat>car2", "0.02 plat>car2"),
    );
}

#[test]
fn call_held_back_in_the_platforms_own_words() {
    let held = "0.00 cust>plat INVITE
        0.01 plat>cust 100 phrase=Trying_(High_CPS,_Buffering)
        1.01 plat>cust 100 phrase=Trying_(High_CPS,_Buffering)
        5.04 plat>car INVITE leg=b
        5.30 car>plat 180 leg=b
        5.31 plat>cust 180";
    let lines = super::found("call-held-back", held);
    assert!(
        lines[0].starts_with("configuration>configuration likely/certain")
            && lines[0].contains("at least 1.01 s")
            && lines[0].contains("said 2 times"),
        "{lines:?}"
    );
    silent(
        "call-held-back",
        &held.replace("Trying_(High_CPS,_Buffering)", "Trying"),
    );
}

#[test]
fn route_given_up_before_it_rang() {
    let text = "0.00 cust>plat INVITE
        0.04 plat>car INVITE leg=b
        0.08 car>plat 100 leg=b
        5.04 plat>car CANCEL leg=b
        5.08 car>plat 200 CANCEL leg=b
        5.09 car>plat 487 leg=b
        5.10 plat>car ACK leg=b
        5.12 plat>car2 INVITE leg=b
        5.40 car2>plat 503 leg=b
        5.41 plat>car2 ACK leg=b
        5.42 plat>cust 503
        5.43 cust>plat ACK";
    let lines = super::found("route-given-up", text);
    assert!(
        lines[0].starts_with("carrier>carrier likely/certain")
            && lines[0].contains("203.0.113.9:5060 after 5.00 s"),
        "{lines:?}"
    );
    // It rang, so that its callee was waited for, not the carrier.
    silent(
        "route-given-up",
        &text.replace("0.08 car>plat 100", "0.08 car>plat 180"),
    );
}
