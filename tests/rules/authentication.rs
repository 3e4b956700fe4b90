//! Authentication: who was let in, who was not, and the traces at the edge of each.

use calltriage::diagnosis::{Case, Peer, PeerKind, Peers};
use jiff::Timestamp;

use super::{both_ways, fires, found, line, silent, verdict};
use crate::support::trace::{START, call};

/// The findings of a rule where the evidence reaches to `until` seconds after the first message,
/// with configured peers.
fn seen(rule: &str, until: i64, peers: &[(&str, &str, PeerKind)], text: &str) -> Vec<String> {
    let call = call(text);
    let peer = |(name, network, kind): &(&str, &str, PeerKind)| Peer {
        name: (*name).to_owned(),
        kind: *kind,
        addresses: vec![network.parse().unwrap()],
    };
    let peers = Peers::new(peers.iter().map(peer).collect());
    let until = Timestamp::from_second(START + until).unwrap();
    let case = Case::new(&call, &peers, Some(until));
    let findings = super::shown::findings(&case);
    let of_rule = findings.iter().filter(|finding| finding.rule == rule);
    let found: Vec<String> = of_rule.map(line).collect();
    super::shown::asked(rule, found.is_empty());
    found
}

const ASKED: &str = r#"
    0.00 cust>plat INVITE
    0.01 plat>cust 407 | Proxy-Authenticate: Digest realm="voip", nonce="n1"
    0.02 cust>plat ACK
"#;

const CARRIER_ASKED: &str = r#"
    0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.02 plat>car INVITE leg=b
    0.10 car>plat 407 leg=b | Proxy-Authenticate: Digest realm="trunk", nonce="n1"
    0.11 plat>car ACK leg=b
"#;

/// Everything that the families here can find.
const OURS: &[&str] = &[
    "challenge-unanswered",
    "wrong-credentials",
    "credentials-mismatch",
    "digest-algorithm-mismatch",
    "stale-nonce-loop",
    "stale-nonce",
    "source-refused",
    "attempt-lost-to-authentication",
];

#[track_caller]
fn all_silent(text: &str) {
    for rule in OURS {
        silent(rule, text);
    }
}

/// Only this one of the family fires.
#[track_caller]
fn only(rule: &str, text: &str) {
    let fired: Vec<_> = OURS.iter().filter(|r| !found(r, text).is_empty()).collect();
    assert_eq!(fired, [&rule]);
}

#[test]
fn a_challenge_that_is_answered_and_passes_finds_nothing() {
    all_silent(&format!(
        r#"{ASKED}
        0.03 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username="u1", realm="voip", nonce="n1", response="r"
        0.04 plat>cust 100 cseq=2
        2.00 plat>cust 200 cseq=2
        2.01 cust>plat ACK cseq=2"#
    ));
    // Refused later for a reason of its own.
    all_silent(&format!(
        r#"{ASKED}
        0.03 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username="u1", realm="voip", nonce="n1", response="r"
        0.04 plat>cust 403 cseq=2 phrase=Destination_Blocked
        0.05 cust>plat ACK cseq=2"#
    ));
}

#[test]
fn challenge_unanswered_by_the_caller() {
    assert_eq!(
        seen("challenge-unanswered", 60, &[], ASKED),
        [
            "customer>customer likely/certain [1, 2, 3] far end 192.0.2.5:5060 asked customer \
             198.51.100.10:5060 for credentials (407, realm \"voip\", +0.01 s) and no INVITE with \
             them followed within 32 s. It has no user name and password for this realm, or its \
             address was to be let in without."
        ]
    );
    only("challenge-unanswered", ASKED);
}

#[test]
fn challenge_unanswered_says_when_the_trace_is_too_short() {
    fires(
        "challenge-unanswered",
        ASKED,
        "customer>customer possible/possible [1, 2, 3] far end 192.0.2.5:5060 asked customer \
         198.51.100.10:5060 for credentials (407, realm \"voip\", +0.01 s) and no INVITE with \
         them followed in the 0.01 s that the trace still shows, which is less than the 32 s \
         it may take. It has no user name and password for this realm, or its address was to \
         be let in without.",
    );
}

#[test]
fn challenge_unanswered_is_silent_without_the_ack() {
    all_silent(
        r#"0.00 cust>plat INVITE
           0.01 plat>cust 407 | Proxy-Authenticate: Digest realm="voip", nonce="n1""#,
    );
}

#[test]
fn challenge_unanswered_by_us_towards_a_carrier() {
    let text = format!(
        "{CARRIER_ASKED}
        0.12 plat>cust 503
        0.13 cust>plat ACK"
    );
    fires(
        "challenge-unanswered",
        &text,
        "configuration>configuration likely/certain [3, 4, 5] carrier 203.0.113.9:5060 asked \
         platform 192.0.2.5:5060 for credentials (407, realm \"trunk\", +0.10 s) and no INVITE \
         with them followed before the call was given up. It has no user name and password for \
         this realm, or its address was to be let in without.",
    );
    assert_eq!(
        verdict(&text),
        "challenge-unanswered configuration>configuration likely"
    );
}

#[test]
fn challenge_unanswered_when_handed_on_is_undecided() {
    let text = format!(
        "{CARRIER_ASKED}
        0.12 plat>cust 407 | Proxy-Authenticate: Digest realm=\"trunk\", nonce=\"n1\"
        0.13 cust>plat ACK"
    );
    assert_eq!(
        seen("challenge-unanswered", 60, &[], &text),
        [
            "undecided>undecided possible/certain [3, 4, 5] carrier 203.0.113.9:5060 asked \
         platform 192.0.2.5:5060 for credentials (407, realm \"trunk\", +0.10 s) and no INVITE \
         with them followed within 32 s. platform 192.0.2.5:5060 handed the challenge on to \
         the node before it, so the packets do not tell whose account is meant."
        ]
    );
}

#[test]
fn challenge_unanswered_for_an_algorithm_few_know() {
    let found = seen(
        "challenge-unanswered",
        60,
        &[],
        r#"0.00 cust>plat INVITE
           0.01 plat>cust 401 | WWW-Authenticate: Digest realm="voip", nonce="n1", algorithm=SHA-256
           0.02 cust>plat ACK"#,
    );
    assert!(
        found[0].contains("SHA-256, the only algorithm on offer"),
        "{found:?}"
    );
}

#[test]
fn attempt_lost_when_another_carrier_took_the_call() {
    let text = format!(
        "{CARRIER_ASKED}
        0.12 plat>car2 INVITE leg=c
        2.00 car2>plat 200 leg=c
        2.01 plat>car2 ACK leg=c
        2.02 plat>cust 200
        2.03 cust>plat ACK"
    );
    fires(
        "attempt-lost-to-authentication",
        &text,
        "configuration>configuration likely/certain [4] platform 192.0.2.5:5060 did not answer \
         the challenge of carrier 203.0.113.9:5060 (407 \"Phrase\" at +0.10 s), so that \
         attempt was lost.",
    );
    only("attempt-lost-to-authentication", &text);
}

#[test]
fn attempt_lost_is_silent_when_a_new_leg_answers_the_challenge() {
    all_silent(&format!(
        r#"{CARRIER_ASKED}
        0.12 plat>car INVITE leg=c | Proxy-Authorization: Digest username="t1", realm="trunk", nonce="n1", response="r"
        2.00 car>plat 200 leg=c
        2.01 plat>car ACK leg=c
        2.02 plat>cust 200
        2.03 cust>plat ACK"#
    ));
}

#[test]
fn a_busy_number_after_a_lost_attempt_is_not_blamed_on_it() {
    let text = format!(
        "{CARRIER_ASKED}
        0.12 plat>car2 INVITE leg=c
        2.00 car2>plat 486 leg=c
        2.01 plat>car2 ACK leg=c
        2.02 plat>cust 486
        2.03 cust>plat ACK"
    );
    only("attempt-lost-to-authentication", &text);
}

const REFUSED: &str = r#"
    0.00 cust>plat INVITE
    0.01 plat>cust 407 | Proxy-Authenticate: Digest realm="voip", nonce="n1"
    0.02 cust>plat ACK
    0.03 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username="441632960001", realm="voip", nonce="n1", response="r"
    0.04 plat>cust 407 cseq=2 | Proxy-Authenticate: Digest realm="voip", nonce="n2"
    0.05 cust>plat ACK cseq=2
"#;

#[test]
fn wrong_credentials_challenged_again() {
    fires(
        "wrong-credentials",
        REFUSED,
        "customer>customer likely/certain [4, 5] far end 192.0.2.5:5060 refused the \
         credentials of customer 198.51.100.10:5060 once (user \"441632960001\", realm \
         \"voip\"; last answer 407 \"Phrase\" at +0.04 s). User name or password do not match \
         the account there.",
    );
    only("wrong-credentials", REFUSED);
    assert_eq!(
        verdict(REFUSED),
        "wrong-credentials customer>customer likely"
    );
}

#[test]
fn wrong_credentials_counts_rounds_and_names_another_from() {
    fires(
        "wrong-credentials",
        &format!(
            r#"{REFUSED}
            0.06 cust>plat INVITE cseq=3 | Proxy-Authorization: Digest username="u1", realm="voip", nonce="n2", response="r"
            0.07 plat>cust 407 cseq=3 | Proxy-Authenticate: Digest realm="voip", nonce="n3"
            0.08 cust>plat ACK cseq=3"#
        ),
        "customer>customer likely/certain [4, 5, 7, 8] far end 192.0.2.5:5060 refused the \
         credentials of customer 198.51.100.10:5060 twice (user \"u1\", realm \"voip\"; last \
         answer 407 \"Phrase\" at +0.07 s). User name or password do not match the account \
         there. Its From names \"441632960001\", its credentials \"u1\": some servers want the \
         same.",
    );
}

#[test]
fn wrong_credentials_when_the_server_says_so() {
    let text = format!(
        r#"{ASKED}
        0.03 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username="u1", realm="voip", nonce="n1", response="r"
        0.04 plat>cust 403 cseq=2 phrase=Forbidden_auth_ID
        0.05 cust>plat ACK cseq=2"#
    );
    fires(
        "wrong-credentials",
        &text,
        "customer>customer likely/certain [4, 5] far end 192.0.2.5:5060 refused the \
         credentials of customer 198.51.100.10:5060 once (user \"u1\", realm \"voip\"; last \
         answer 403 \"Forbidden auth ID\" at +0.04 s). It says itself that user or credentials \
         are wrong. Its From names \"441632960001\", its credentials \"u1\": some servers want \
         the same.",
    );
    let text = text.replace(
        "403 cseq=2 phrase=Forbidden_auth_ID",
        "503 cseq=2 phrase=Unknown_User",
    );
    only("wrong-credentials", &text);
}

#[test]
fn wrong_credentials_is_silent_when_a_later_round_passes() {
    all_silent(&format!(
        r#"{REFUSED}
        0.06 cust>plat INVITE cseq=3 | Proxy-Authorization: Digest username="u1", realm="voip", nonce="n2", response="r"
        0.07 plat>cust 200 cseq=3
        0.08 cust>plat ACK cseq=3"#
    ));
}

#[test]
fn wrong_credentials_is_silent_when_another_realm_asks() {
    // The proxy let it through; the next node asks for itself and gets no answer.
    only(
        "challenge-unanswered",
        r#"0.00 cust>plat INVITE
        0.01 plat>cust 407 | Proxy-Authenticate: Digest realm="voip", nonce="n1"
        0.02 cust>plat ACK
        0.03 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username="u1", realm="voip", nonce="n1", response="r"
        0.04 plat>cust 401 cseq=2 | WWW-Authenticate: Digest realm="pbx", nonce="m1"
        0.05 cust>plat ACK cseq=2"#,
    );
}

#[test]
fn wrong_credentials_is_silent_on_a_nonce_from_before_the_trace() {
    let found = found(
        "challenge-unanswered",
        r#"0.03 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username="u1", realm="voip", nonce="n0", response="r"
        0.04 plat>cust 407 cseq=2 | Proxy-Authenticate: Digest realm="voip", nonce="n1"
        0.05 cust>plat ACK cseq=2"#,
    );
    assert!(
        found[0].starts_with("customer>customer possible/possible"),
        "{found:?}"
    );
}

#[test]
fn credentials_mismatch_of_realm() {
    let text = REFUSED.replace(
        r#"realm="voip", nonce="n1", response"#,
        r#"realm="old.example", nonce="n1", response"#,
    );
    fires(
        "credentials-mismatch",
        &text,
        "customer>customer likely/certain [4, 5] customer 198.51.100.10:5060 sent credentials \
         of user \"441632960001\" for realm \"old.example\" although far end 192.0.2.5:5060 \
         asked for realm \"voip\", and was refused (407 \"Phrase\" at +0.04 s). Such \
         credentials cannot be accepted, whatever the password.",
    );
    only("credentials-mismatch", &text);
}

#[test]
fn credentials_mismatch_of_header() {
    let text = REFUSED.replace("Proxy-Authorization", "Authorization");
    fires(
        "credentials-mismatch",
        &text,
        "customer>customer likely/certain [4, 5] customer 198.51.100.10:5060 sent credentials \
         of user \"441632960001\" in the header that does not belong to the 407 of far end \
         192.0.2.5:5060, and was refused (407 \"Phrase\" at +0.04 s). Such credentials cannot \
         be accepted, whatever the password.",
    );
}

#[test]
fn credentials_mismatch_is_silent_when_they_pass() {
    all_silent(&format!(
        r#"{ASKED}
        0.03 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username="u1", realm="else", nonce="n1", response="r"
        0.04 plat>cust 486 cseq=2
        0.05 cust>plat ACK cseq=2"#
    ));
}

#[test]
fn digest_algorithm_mismatch() {
    let text = REFUSED.replace(
        r#"nonce="n1"
"#,
        r#"nonce="n1", algorithm=SHA-256
"#,
    );
    fires(
        "digest-algorithm-mismatch",
        &text,
        "customer>customer likely/certain [4, 5] customer 198.51.100.10:5060 answered with MD5 \
         a challenge of far end 192.0.2.5:5060 that offers only SHA-256, and was refused (407 \
         \"Phrase\" at +0.04 s). The client did not take an algorithm that was on offer.",
    );
    only("digest-algorithm-mismatch", &text);
}

#[test]
fn digest_algorithm_mismatch_is_silent_when_one_of_two_is_used() {
    let text = REFUSED.replace(
        r#"nonce="n1"
"#,
        r#"nonce="n1", algorithm=SHA-256 | Proxy-Authenticate: Digest realm="voip", nonce="n1", algorithm=MD5
"#,
    );
    only("wrong-credentials", &text);
}

fn stale(rounds: u32, nonce: impl Fn(u32) -> u32) -> String {
    let mut text = ASKED.to_owned();
    for round in 1..=rounds {
        let (cseq, used, next) = (round + 1, nonce(round), round + 1);
        text.push_str(&format!(
            r#"
            {round}.00 cust>plat INVITE cseq={cseq} | Proxy-Authorization: Digest username="u1", realm="voip", nonce="n{used}", response="r"
            {round}.01 plat>cust 407 cseq={cseq} | Proxy-Authenticate: Digest realm="voip", nonce="n{next}", stale=true
            {round}.02 cust>plat ACK cseq={cseq}"#
        ));
    }
    text
}

fn passes(cseq: u32) -> String {
    format!(
        r#"
        9.00 cust>plat INVITE cseq={cseq} | Proxy-Authorization: Digest username="u1", realm="voip", nonce="n{}", response="r"
        9.01 plat>cust 200 cseq={cseq}
        9.02 cust>plat ACK cseq={cseq}"#,
        cseq - 1
    )
}

#[test]
fn stale_nonce_once_is_normal() {
    fires(
        "stale-nonce",
        &(stale(1, |r| r) + &passes(3)),
        "nobody>nobody certain/certain [5, 7] far end 192.0.2.5:5060 called the credentials of \
         customer 198.51.100.10:5060 stale once before it let the INVITE pass (+9.00 s). \
         Nonces expire; the client took a new one, as it should.",
    );
}

#[test]
fn stale_nonce_three_times_is_the_servers_where_the_newest_was_used() {
    fires(
        "stale-nonce",
        &(stale(3, |r| r) + &passes(5)),
        "undecided>undecided likely/certain [5, 8, 11, 13] far end 192.0.2.5:5060 called the \
         credentials of customer 198.51.100.10:5060 stale 3 times before it let the INVITE \
         pass (+9.00 s). customer 198.51.100.10:5060 used the newest nonce each time, so far \
         end 192.0.2.5:5060 forgets or does not share the nonces it makes.",
    );
    only("stale-nonce", &(stale(3, |r| r) + &passes(5)));
}

#[test]
fn stale_nonce_loop_to_the_end() {
    fires(
        "stale-nonce-loop",
        &stale(3, |r| r),
        "undecided>undecided likely/certain [5, 8, 11] far end 192.0.2.5:5060 called the \
         credentials of customer 198.51.100.10:5060 stale 3 times in a row, to the end. \
         customer 198.51.100.10:5060 used the newest nonce each time, so far end \
         192.0.2.5:5060 forgets or does not share the nonces it makes.",
    );
    fires(
        "stale-nonce-loop",
        &stale(4, |_| 1),
        "customer>customer likely/certain [5, 8, 11, 14] far end 192.0.2.5:5060 called the \
         credentials of customer 198.51.100.10:5060 stale 4 times in a row, to the end. \
         customer 198.51.100.10:5060 keeps using an old nonce instead of the one it was given.",
    );
    only("stale-nonce-loop", &stale(3, |r| r));
    only("challenge-unanswered", &stale(2, |r| r));
}

const NOT_AUTHORISED: &str = "
    0.00 cust>plat INVITE
    0.02 plat>cust 401 phrase=IP_Not_Authorised
    0.03 cust>plat ACK
";

#[test]
fn source_refused_by_text() {
    fires(
        "source-refused",
        NOT_AUTHORISED,
        "configuration>configuration likely/certain [1, 2] far end 192.0.2.5:5060 refused the INVITE \
         of customer 198.51.100.10:5060 after 0.02 s with 401 \"IP Not Authorised\", without a \
         challenge (+0.02 s). The address belongs to no account there: a customer's new \
         address, one that was never entered, or a stranger's.",
    );
    only("source-refused", NOT_AUTHORISED);
    let peers = [("Edge", "192.0.2.0/24", PeerKind::Platform)];
    assert_eq!(
        seen("source-refused", 60, &peers, NOT_AUTHORISED),
        [
            "configuration>configuration likely/certain [1, 2] Edge 192.0.2.5:5060 refused the \
         INVITE of customer 198.51.100.10:5060 after 0.02 s with 401 \"IP Not Authorised\", \
         without a challenge (+0.02 s). The address belongs to no account there: a customer's \
         new address, one that was never entered, or a stranger's."
        ]
    );
}

#[test]
fn source_refused_towards_a_carrier_is_our_address() {
    fires(
        "source-refused",
        "0.00 cust>plat INVITE
         0.02 plat>car INVITE leg=b
         0.10 car>plat 403 leg=b phrase=Unauthorized_source
         0.11 plat>car ACK leg=b
         0.12 plat>cust 403
         0.13 cust>plat ACK",
        "configuration>configuration likely/certain [2, 3] carrier 203.0.113.9:5060 refused \
         the INVITE of platform 192.0.2.5:5060 after 0.08 s with 403 \"Unauthorized source\", \
         without a challenge (+0.10 s). It does not accept our address: the address we send \
         from changed, or was never agreed on.",
    );
}

#[test]
fn source_refused_of_an_unknown_user_and_a_bare_401() {
    fires(
        "source-refused",
        &NOT_AUTHORISED.replace("401 phrase=IP_Not_Authorised", "503 phrase=Unknown_User"),
        "configuration>configuration possible/certain [1, 2] far end 192.0.2.5:5060 refused the INVITE \
         of customer 198.51.100.10:5060 after 0.02 s with 503 \"Unknown User\", without a \
         challenge (+0.02 s). No account there has this user: it is misspelt, missing, or not \
         allowed from this address.",
    );
    fires(
        "source-refused",
        &NOT_AUTHORISED.replace("IP_Not_Authorised", "Unauthorized"),
        "customer>customer possible/certain [1, 2] far end 192.0.2.5:5060 refused the INVITE \
         of customer 198.51.100.10:5060 after 0.02 s with 401 \"Unauthorized\", without a \
         challenge (+0.02 s). A 401 that offers no challenge leaves the sender nothing to \
         answer: its address is probably in no account there.",
    );
}

#[test]
fn source_refused_is_silent_on_other_refusals() {
    for phrase in [
        "403 phrase=Forbidden",
        "403 phrase=Not_Allowed",
        "401 phrase=CLI_Not_Authorized",
        "403 phrase=Destination_Blocked",
        "403 phrase=RTP_IP_Blocked",
        "404 phrase=Unknown_User",
        "503 phrase=No_Route_Available",
    ] {
        all_silent(&NOT_AUTHORISED.replace("401 phrase=IP_Not_Authorised", phrase));
    }
    // A 401 that took long was thought about.
    all_silent(
        "0.00 cust>plat INVITE
         0.80 plat>cust 401 phrase=Unauthorized
         0.81 cust>plat ACK",
    );
}

#[test]
fn source_refused_is_silent_when_the_call_was_sent_on() {
    silent(
        "source-refused",
        "0.00 cust>plat INVITE
         0.02 plat>car INVITE leg=b
         0.10 car>plat 503 leg=b
         0.11 plat>car ACK leg=b
         0.12 plat>cust 401 phrase=IP_Not_Authorised
         0.13 cust>plat ACK",
    );
}

#[test]
fn nonce_count_that_does_not_rise() {
    let text = r#"
        0.00 cust>plat INVITE
        0.01 plat>cust 407 | Proxy-Authenticate: Digest realm="voip", nonce="n1", qop="auth"
        0.02 cust>plat ACK
        0.03 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username="u", realm="voip", nonce="n1", nc=00000001, qop=auth, response="r"
        0.50 plat>cust 503 cseq=2
        0.51 cust>plat ACK cseq=2
        1.00 cust>plat INVITE cseq=3 | Proxy-Authorization: Digest username="u", realm="voip", nonce="n1", nc=00000001, qop=auth, response="r"
        1.01 plat>cust 407 cseq=3 | Proxy-Authenticate: Digest realm="voip", nonce="n2", qop="auth"
        1.02 cust>plat ACK cseq=3"#;
    insta::assert_snapshot!(both_ways("nonce-count-repeated", text), @r#"
    customer>customer likely/certain [4, 7, 8] Acme 198.51.100.10:5060 used a nonce again with count 1 (+1.00 s) after it had been let in with count 1 (+0.03 s); Switch 192.0.2.5:5060 answered 407 "Phrase". The count has to rise with each use: the server takes the request for a replay.
    inbound: carrier>carrier likely warning
    "#);
    assert_eq!(
        verdict(text),
        "nonce-count-repeated customer>customer likely"
    );
    // It rose, or the server only calls it stale.
    let rising = text.replacen("nc=00000001", "nc=00000000", 1);
    silent("nonce-count-repeated", &rising);
    silent(
        "nonce-count-repeated",
        &text.replace("nonce=\"n2\"", "nonce=\"n2\", stale=true"),
    );
    // A nonce that let nobody in says nothing of counts.
    silent(
        "nonce-count-repeated",
        &text.replace("503 cseq=2", "407 cseq=2"),
    );
}

/// A mute 403 of the platform straight after credentials leaves both open.
#[test]
fn a_mute_refusal_after_credentials_is_not_surely_a_setting() {
    let text = "0.00 cust>plat INVITE
        0.01 plat>cust 407 | Proxy-Authenticate: Digest realm=\"x\", nonce=\"n\"
        0.02 cust>plat ACK
        0.03 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username=\"u\", realm=\"x\", nonce=\"n\"
        0.04 plat>cust 403 cseq=2 phrase=Forbidden
        0.05 cust>plat ACK cseq=2";
    let told = super::verdict::by(&super::verdict::outbound(), text);
    assert_eq!(told, "refused-by-platform undecided>configuration possible");
    // Nobody asked for credentials: it can only be a setting.
    let plain = "0.03 cust>plat INVITE
        0.04 plat>cust 403 phrase=Forbidden
        0.05 cust>plat ACK";
    let told = super::verdict::by(&super::verdict::outbound(), plain);
    assert_eq!(
        told,
        "refused-by-platform configuration>configuration likely"
    );
}
