//! Registration: what became of the REGISTERs of a device.

use super::{both_ways, fires, found, silent, verdict};

const ASKED: &str = r#"
    0.00 cust>plat REGISTER to=1001 from=1001
    0.01 plat>cust 401 REGISTER | WWW-Authenticate: Digest realm="voip", nonce="n1"
"#;

fn answered(with: &str) -> String {
    format!(
        r#"{ASKED}
        0.03 cust>plat REGISTER cseq=2 to=1001 from=1001 | Expires: 3600 | Authorization: Digest username="1001", realm="voip", nonce="n1", response="r"
        0.05 plat>cust {with}"#
    )
}

const FAMILY: &[&str] = &[
    "registration-ok",
    "registration-refused",
    "registration-interval-too-brief",
    "registration-challenge-unanswered",
    "registration-unanswered",
    "private-contact-registered",
    "binding-flaps",
    "wrong-credentials",
    "challenge-unanswered",
    "credentials-mismatch",
    "digest-algorithm-mismatch",
    "stale-nonce",
    "stale-nonce-loop",
    "source-refused",
    "attempt-lost-to-authentication",
];

/// Only these of both families fire.
#[track_caller]
fn only(rules: &[&str], text: &str) {
    let fired: Vec<_> = FAMILY
        .iter()
        .copied()
        .filter(|rule| !found(rule, text).is_empty())
        .collect();
    assert_eq!(fired, rules);
}

#[test]
fn registration_ok_after_a_challenge() {
    let text = answered("200 REGISTER cseq=2 | Contact: <sip:1001@198.51.100.10:5060>;expires=600");
    fires(
        "registration-ok",
        &text,
        "nobody>nobody certain/certain [3, 4] customer 198.51.100.10:5060 is registered at \
         registrar 192.0.2.5:5060 as 1001@192.0.2.5 for 600 s, contact 1001@198.51.100.10:5060 \
         (+0.05 s).",
    );
    only(&["registration-ok"], &text);
    assert_eq!(verdict(&text), "registration-ok nobody>nobody certain");
}

#[test]
fn registration_ok_says_unregistered() {
    fires(
        "registration-ok",
        "0.00 cust>plat REGISTER to=1001 | Contact: * | Expires: 0
         0.01 plat>cust 200 REGISTER",
        "nobody>nobody certain/certain [1, 2] customer 198.51.100.10:5060 unregistered \
         1001@192.0.2.5 at registrar 192.0.2.5:5060 (+0.01 s), so calls do not reach it now.",
    );
}

#[test]
fn registration_ok_after_refusals() {
    fires(
        "registration-ok",
        "0.00 cust>plat REGISTER to=1001
         0.01 plat>cust 500 REGISTER
         5.00 cust>plat REGISTER to=1001 cseq=2
         5.01 plat>cust 200 REGISTER cseq=2",
        "nobody>nobody certain/certain [3, 4] customer 198.51.100.10:5060 is registered at \
         registrar 192.0.2.5:5060 as 1001@192.0.2.5, contact 441632960001@198.51.100.10:5060 (+5.01 \
         s). It had been refused once before.",
    );
}

#[test]
fn registration_ok_is_silent_when_the_refresh_is_refused() {
    let text = "0.00 cust>plat REGISTER to=1001
         0.01 plat>cust 200 REGISTER
         60.00 cust>plat REGISTER to=1001 cseq=2
         60.01 plat>cust 404 REGISTER cseq=2";
    only(&["registration-refused"], text);
    fires(
        "registration-refused",
        text,
        "undecided>undecided possible/certain [3, 4] registrar 192.0.2.5:5060 refused to \
         register 1001@192.0.2.5 for customer 198.51.100.10:5060 once (404 \"Phrase\" at +60.0 \
         s). It had been registered before. The same device was accepted before, so something \
         was changed at the registrar since.",
    );
}

#[test]
fn registration_refused_for_wrong_credentials() {
    let text =
        answered(r#"401 REGISTER cseq=2 | WWW-Authenticate: Digest realm="voip", nonce="n2""#);
    fires(
        "registration-refused",
        &text,
        "customer>customer likely/certain [3, 4] registrar 192.0.2.5:5060 refused the \
         registration of customer 198.51.100.10:5060: credentials refused once (user \"1001\", \
         realm \"voip\"; last answer 401 \"Phrase\" at +0.05 s). User name or password do not \
         match the account there.",
    );
    only(&["registration-refused"], &text);
}

#[test]
fn registration_refused_by_403() {
    fires(
        "registration-refused",
        &answered("403 REGISTER cseq=2"),
        "customer>customer possible/certain [3, 4] registrar 192.0.2.5:5060 refused to register \
         1001@192.0.2.5 for customer 198.51.100.10:5060 once (403 \"Phrase\" at +0.05 s). Some \
         registrars answer a wrong password so; it may as well be an account that is disabled \
         or limited to other addresses.",
    );
    fires(
        "registration-refused",
        &answered("403 REGISTER cseq=2 phrase=Forbidden_(Bad_auth)"),
        "customer>customer likely/certain [3, 4] registrar 192.0.2.5:5060 refused the \
         registration of customer 198.51.100.10:5060: credentials refused once (user \"1001\", \
         realm \"voip\"; last answer 403 \"Forbidden (Bad auth)\" at +0.05 s). It says itself \
         that user or credentials are wrong.",
    );
    fires(
        "registration-refused",
        "0.00 cust>plat REGISTER to=1001
         0.01 plat>cust 403 REGISTER",
        "undecided>undecided possible/certain [1, 2] registrar 192.0.2.5:5060 refused to \
         register 1001@192.0.2.5 for customer 198.51.100.10:5060 once (403 \"Phrase\" at +0.01 \
         s). It was refused before any password was asked for: the account or the address is \
         not allowed, or not known.",
    );
}

#[test]
fn registration_refused_by_the_registrars_trouble_is_not_the_devices() {
    fires(
        "registration-refused",
        &answered("500 REGISTER cseq=2"),
        "undecided>undecided likely/certain [3, 4] registrar 192.0.2.5:5060 refused to register \
         1001@192.0.2.5 for customer 198.51.100.10:5060 once (500 \"Phrase\" at +0.05 s). The \
         registrar, or what stands behind it, could not do it; the request itself is not \
         blamed.",
    );
}

#[test]
fn registration_refused_yields_to_the_finer_rules() {
    let refused = r#"401 REGISTER cseq=2 | WWW-Authenticate: Digest realm="voip", nonce="n2""#;
    let text = answered(refused).replace(
        r#"realm="voip", nonce="n1", response"#,
        r#"realm="x", nonce="n1", response"#,
    );
    assert_eq!(
        verdict(&text),
        "credentials-mismatch customer>customer likely"
    );
    let text = "0.00 cust>plat REGISTER to=1001
         0.01 plat>cust 403 REGISTER phrase=IP_Not_Allowed";
    assert_eq!(verdict(text), "source-refused customer>customer possible");
}

#[test]
fn registration_interval_too_brief_in_a_loop() {
    let text = "0.00 cust>plat REGISTER to=1001 | Expires: 30
         0.01 plat>cust 423 REGISTER | Min-Expires: 60
         1.00 cust>plat REGISTER to=1001 cseq=2 | Expires: 30
         1.01 plat>cust 423 REGISTER cseq=2 | Min-Expires: 60";
    fires(
        "registration-interval-too-brief",
        text,
        "customer>customer likely/certain [1, 2, 3, 4] customer 198.51.100.10:5060 asked \
         registrar 192.0.2.5:5060 twice to be registered for 30 s and was told that is too brief \
         (423, least 60 s; last at +1.01 s). The device does not raise its expiry when it is \
         told to.",
    );
    only(&["registration-interval-too-brief"], text);
}

#[test]
fn registration_interval_too_brief_is_silent_when_raised() {
    only(
        &["registration-ok"],
        "0.00 cust>plat REGISTER to=1001 | Expires: 30
         0.01 plat>cust 423 REGISTER | Min-Expires: 60
         0.02 cust>plat REGISTER to=1001 cseq=2 | Expires: 60
         0.03 plat>cust 200 REGISTER cseq=2 | Expires: 60",
    );
}

#[test]
fn registration_challenge_unanswered() {
    fires(
        "registration-challenge-unanswered",
        ASKED,
        "customer>customer possible/possible [1, 2] registrar 192.0.2.5:5060 asked customer \
         198.51.100.10:5060 for credentials to register (401, realm \"voip\", +0.01 s) and no \
         REGISTER with them followed in the 0.00 s that the trace still shows, which is less \
         than the 32 s it may take. It has no user name and password for this realm.",
    );
    only(&["registration-challenge-unanswered"], ASKED);
}

/// Asked again and again without credentials, the first time proves it.
#[test]
fn registration_challenges_unanswered_one_after_the_other() {
    let asked = |at: u32, cseq: u32| {
        format!(
            "{at}.00 cust>plat REGISTER to=1001 cseq={cseq}
             {at}.01 plat>cust 401 REGISTER cseq={cseq} | WWW-Authenticate: Digest realm=\"voip\", nonce=\"n{cseq}\"\n"
        )
    };
    let text = [asked(0, 1), asked(40, 2), asked(80, 3)].concat();
    let lines = found("registration-challenge-unanswered", &text);
    assert!(
        lines[0].starts_with("customer>customer likely/certain")
            && lines[0].contains("within 32 s"),
        "{lines:?}"
    );
    // Sent again at once, it may still be about to answer.
    let text = [asked(0, 1), asked(1, 2)].concat();
    let lines = found("registration-challenge-unanswered", &text);
    assert!(
        lines[0].starts_with("customer>customer possible/possible"),
        "{lines:?}"
    );
}

#[test]
fn registration_of_a_user_who_is_not_known() {
    let said = "0.00 cust>plat REGISTER to=1001\n0.02 plat>cust 503 REGISTER phrase=Unknown_User";
    assert_eq!(
        super::verdict(said),
        "registration-refused customer>customer likely"
    );
    // Of the address it says nothing of the user.
    let mute = "0.00 cust>plat REGISTER to=1001\n0.02 plat>cust 403 REGISTER";
    let lines = found("registration-refused", mute);
    assert!(lines[0].starts_with("undecided>"), "{lines:?}");
}

/// Timer E has eleven sends: after the last there is nothing to wait for.
#[test]
fn registration_unanswered_by_its_last_send() {
    let mut times = vec![0.0, 0.5, 1.5, 3.5];
    (0..7).for_each(|n| times.push(7.5 + 4.0 * f64::from(n)));
    let sent = |times: &[f64]| {
        let lines = times
            .iter()
            .map(|at| format!("{at:.2} cust>plat REGISTER to=1001"));
        found(
            "registration-unanswered",
            &lines.collect::<Vec<_>>().join("\n"),
        )
    };
    assert!(
        sent(&times)[0].starts_with("network>customer likely/certain"),
        "{:?}",
        sent(&times)
    );
    assert!(sent(&times[..10])[0].starts_with("network>customer possible/likely"));
}

#[test]
fn registration_challenge_that_does_not_arrive_is_the_networks() {
    let text = r#"0.00 cust>plat REGISTER to=1001
        0.01 plat>cust 401 REGISTER | WWW-Authenticate: Digest realm="voip", nonce="n1"
        0.50 cust>plat REGISTER to=1001
        0.51 plat>cust 401 REGISTER | WWW-Authenticate: Digest realm="voip", nonce="n1"
        1.50 cust>plat REGISTER to=1001
        40.0 cust>plat OPTIONS cseq=9"#;
    fires(
        "registration-challenge-unanswered",
        text,
        "network>network likely/certain [1, 2, 3, 5] registrar 192.0.2.5:5060 asked customer \
         198.51.100.10:5060 for credentials to register (401, realm \"voip\", +0.01 s) and no \
         REGISTER with them followed within 32 s. It sent the same REGISTER again twice after \
         that. The challenge does not reach it.",
    );
}

#[test]
fn registration_unanswered_for_32_seconds() {
    let text = "0.00 cust>plat REGISTER to=1001
         0.50 cust>plat REGISTER to=1001
         1.50 cust>plat REGISTER to=1001
         33.0 cust>plat REGISTER to=1001 cseq=2";
    fires(
        "registration-unanswered",
        text,
        "network>customer likely/certain [1, 2, 3, 4] customer 198.51.100.10:5060 sent its \
         REGISTER to registrar 192.0.2.5:5060 4 times over 33.0 s (from +0.00 s) and got no \
         final answer. No answer of any kind reached this capture point: the way is blocked, \
         or nobody listens there.",
    );
    only(&["registration-unanswered"], text);
}

#[test]
fn registration_unanswered_with_credentials_only() {
    fires(
        "registration-unanswered",
        &format!(
            r#"{ASKED}
            0.03 cust>plat REGISTER cseq=2 to=1001 | Authorization: Digest username="1001", realm="voip", nonce="n1", response="r"
            0.53 cust>plat REGISTER cseq=2 to=1001 | Authorization: Digest username="1001", realm="voip", nonce="n1", response="r"
            40.0 cust>plat REGISTER cseq=3 to=1001"#
        ),
        "network>customer possible/certain [3, 4, 5] customer 198.51.100.10:5060 sent its \
         REGISTER to registrar 192.0.2.5:5060 3 times over 40.0 s (from +0.03 s) and got no \
         final answer. The same server had answered before, so the way was open then: look for \
         a block after failed attempts, or for packets too large for UDP.",
    );
}

#[test]
fn registration_unanswered_once_may_be_answered_unseen() {
    fires(
        "registration-unanswered",
        "0.00 cust>plat REGISTER to=1001
         40.0 cust>plat OPTIONS cseq=9",
        "undecided>undecided possible/likely [1] customer 198.51.100.10:5060 sent its REGISTER \
         to registrar 192.0.2.5:5060 once (from +0.00 s) and got no final answer. A client \
         without an answer repeats its request, and this one did not: an answer may have \
         reached it by a way that was not captured.",
    );
}

#[test]
fn registration_refused_after_it_worked_is_not_blamed_on_the_device() {
    let text = answered("200 REGISTER cseq=2")
        + r#"
        60.0 cust>plat REGISTER cseq=3 to=1001
        60.1 plat>cust 401 REGISTER cseq=3 | WWW-Authenticate: Digest realm="voip", nonce="n3"
        60.2 cust>plat REGISTER cseq=4 to=1001 | Authorization: Digest username="1001", realm="voip", nonce="n3", response="r"
        60.3 plat>cust 401 REGISTER cseq=4 | WWW-Authenticate: Digest realm="voip", nonce="n4""#;
    fires(
        "registration-refused",
        &text,
        "undecided>undecided possible/certain [7, 8] registrar 192.0.2.5:5060 refused the \
         registration of customer 198.51.100.10:5060: credentials refused once (user \"1001\", \
         realm \"voip\"; last answer 401 \"Phrase\" at +60.3 s). It had been registered \
         before. User name or password do not match the account there. Its From names \
         \"441632960001\", its credentials \"1001\": some servers want the same. They were \
         accepted before: one of the two sides was changed since.",
    );
}

#[test]
fn registration_unanswered_is_silent_when_the_trace_stops_early() {
    only(
        &[],
        "0.00 cust>plat REGISTER to=1001
         0.50 cust>plat REGISTER to=1001
         1.50 cust>plat REGISTER to=1001",
    );
}

const PRIVATE: &str = "0.00 cust>plat REGISTER to=1001 | Contact: <sip:1001@192.168.1.20:5060>
     0.01 plat>cust 200 REGISTER | Expires: 300";

#[test]
fn private_contact_registered() {
    fires(
        "private-contact-registered",
        PRIVATE,
        "customer>customer likely/certain [1, 2] customer 198.51.100.10:5060 registered the \
         private address 192.168.1.20 as its contact although it sends from 198.51.100.10:5060 \
         (+0.00 s). Its NAT support is off, so calls to it will not arrive unless the \
         registrar corrects the address.",
    );
    assert_eq!(verdict(PRIVATE), "registration-ok nobody>nobody certain");
}

#[test]
fn private_contact_registered_is_silent_where_something_helps() {
    for text in [
        PRIVATE.replace("192.168.1.20", "198.51.100.10"),
        PRIVATE
            .replace("cust>plat", "10.0.0.9:5060>plat")
            .replace("plat>cust", "plat>10.0.0.9:5060"),
        PRIVATE.replace(
            "| Contact: <sip:1001@192.168.1.20:5060>",
            "| Contact: <sip:1001@192.168.1.20:5060>;reg-id=1",
        ),
        PRIVATE.replace(
            "| Expires",
            "| Contact: <sip:1001@192.168.1.20:5060>;received=\"sip:198.51.100.10:5060\" | Expires",
        ),
        PRIVATE.replace("200 REGISTER", "403 REGISTER"),
    ] {
        silent("private-contact-registered", &text);
    }
}

fn flapping(times: u32, apart: u32) -> String {
    (1..=times)
        .map(|n| {
            let at = (n - 1) * apart;
            format!(
                "{at}.00 cust>plat REGISTER to=1001 cseq={n} | Contact: <sip:1001@198.51.100.10:{}>
                 {at}.01 plat>cust 200 REGISTER cseq={n}\n",
                5060 + n
            )
        })
        .collect()
}

#[test]
fn binding_flaps_within_ten_minutes() {
    fires(
        "binding-flaps",
        &flapping(4, 60),
        "customer>customer likely/certain [1, 3, 5, 7] customer 198.51.100.10:5060 registered \
         4 times within 3 min 0 s (+0.00 s to +3 min 0 s), each time from another port or with \
         another contact. Its NAT closes the way too early, or its connection breaks.",
    );
}

#[test]
fn binding_flaps_is_silent_on_few_or_slow_changes() {
    silent("binding-flaps", &flapping(3, 60));
    silent("binding-flaps", &flapping(4, 300));
    let steady = flapping(8, 60)
        .replace("506", "5060")
        .replace(":50601", ":5060");
    let steady: String = steady
        .lines()
        .map(|line| match line.split_once("| Contact") {
            Some((head, _)) => format!("{head}\n"),
            None => format!("{line}\n"),
        })
        .collect();
    silent("binding-flaps", &steady);
}

#[test]
fn a_registration_through_a_proxy_is_judged_where_the_device_is() {
    let text = r#"0.00 cust>plat REGISTER to=1001
        0.01 plat>car REGISTER to=1001 | Via: SIP/2.0/UDP 198.51.100.10:5060;branch=x
        0.02 car>plat 404 REGISTER
        0.03 plat>cust 404 REGISTER"#;
    fires(
        "registration-refused",
        text,
        "customer>customer possible/certain [1, 4] registrar 192.0.2.5:5060 refused to register \
         1001@192.0.2.5 for customer 198.51.100.10:5060 once (404 \"Phrase\" at +0.03 s). The \
         account does not exist under this name and domain: misspelt on the device, or never \
         set up.",
    );
}

#[test]
fn private_addresses() {
    let is_private = |text: &str| calltriage::sip::address::is_private(text.parse().unwrap());
    for inside in [
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "100.127.255.255",
        "169.254.1.1",
        "127.0.0.1",
        "fd00::1",
        "fe80::1",
        "::1",
        "::ffff:10.0.0.1",
    ] {
        assert!(is_private(inside), "{inside}");
    }
    for outside in [
        "172.15.0.1",
        "172.32.0.1",
        "100.63.0.1",
        "100.128.0.1",
        "192.0.2.5",
        "8.8.8.8",
        "2001:db8::1",
        "::ffff:8.8.8.8",
    ] {
        assert!(!is_private(outside), "{outside}");
    }
}

#[test]
fn registered_from_several_places() {
    let listed = |second: &str| {
        answered(&format!(
            "200 REGISTER cseq=2 | Contact: <sip:1001@198.51.100.10:5060>;expires=600, {second};expires=300"
        ))
    };
    let text = listed("<sip:1001@203.0.113.77:5060>");
    insta::assert_snapshot!(both_ways("registered-elsewhere-too", &text), @r"
    undecided>undecided possible/certain [3, 4] 1001@192.0.2.5 is registered from 2 public addresses at once (+0.05 s): 198.51.100.10, 203.0.113.77. That is usual for an account with several devices; otherwise somebody else has its password.
    inbound: undecided>undecided possible info
    ");
    assert_eq!(verdict(&text), "registration-ok nobody>nobody certain");
    silent(
        "registered-elsewhere-too",
        &listed("<sip:1001@198.51.100.10:5070>"),
    );
    silent(
        "registered-elsewhere-too",
        &listed("<sip:1001@192.168.1.20>"),
    );
    // Where the registrar saw it is what counts.
    let seen = listed("<sip:1001@192.168.1.20>;received=\"sip:203.0.113.78:40000\"");
    insta::assert_snapshot!(both_ways("registered-elsewhere-too", &seen), @r"
    undecided>undecided possible/certain [3, 4] 1001@192.0.2.5 is registered from 2 public addresses at once (+0.05 s): 198.51.100.10, 203.0.113.78. That is usual for an account with several devices; otherwise somebody else has its password.
    inbound: undecided>undecided possible info
    ");
}

#[test]
fn registration_ran_out_before_the_call() {
    let text = "100.00 cust>plat INVITE\n100.02 plat>cust 480\n100.04 cust>plat ACK";
    let call = crate::support::trace::call(text);
    let found = |granted: i64, until: i64, peers: &calltriage::diagnosis::Peers| {
        let at = |seconds: i64| {
            jiff::Timestamp::from_second(crate::support::trace::START + seconds).unwrap()
        };
        let granted = [calltriage::sip::Granted {
            user: "441632960002".to_owned(),
            at: at(granted),
            until: at(until),
        }];
        let case = calltriage::diagnosis::Case::new(&call, peers, None).registered(&granted);
        let mut findings = super::shown::findings(&case);
        findings.retain(|finding| finding.rule == "registration-ran-out");
        super::shown::asked("registration-ran-out", findings.is_empty());
        let said = findings.iter().map(super::line);
        said.collect::<Vec<_>>()
    };
    for peers in [super::verdict::outbound(), super::verdict::inbound()] {
        let lately = found(0, 60, &peers);
        assert!(
            lately[0].starts_with("customer>customer likely"),
            "{lately:?}"
        );
        let long_ago = found(-5_000, -1_400, &peers);
        assert!(
            long_ago[0].starts_with("customer>customer possible"),
            "{long_ago:?}"
        );
        assert!(found(0, 101, &peers).is_empty(), "it still held");
    }
}
