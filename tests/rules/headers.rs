//! What stands in headers and does harm, and the same where it does none.

use super::{both_ways, found, silent, verdict};

/// A call whose 2xx the customer's side never confirms; `answer` stands in the 2xx that it gets.
fn unconfirmed(answer: &str) -> String {
    format!(
        "0.00 cust>plat INVITE
        0.02 plat>car INVITE leg=b
        1.00 car>plat 200 leg=b
        1.01 plat>cust 200 {answer}
        1.03 plat>car ACK leg=b
        1.51 plat>cust 200 {answer}
        2.51 plat>cust 200 {answer}
        4.51 plat>cust 200 {answer}
        6.00 plat>cust BYE by=callee
        6.01 plat>car BYE leg=b
        6.02 car>plat 200 BYE leg=b
        6.03 cust>plat 200 BYE by=callee"
    )
}

/// A call whose BYE, sent to `target`, is not answered; `invite` stands in the caller's INVITE.
fn deaf_to_bye(invite: &str, target: &str) -> String {
    format!(
        "0.00 cust>plat INVITE {invite}
        0.02 plat>car INVITE leg=b
        1.00 car>plat 200 leg=b
        1.01 plat>cust 200
        1.02 cust>plat ACK
        1.03 plat>car ACK leg=b
        60.00 car>plat BYE leg=b by=callee
        60.01 plat>car 200 BYE leg=b by=callee
        60.01 plat>{target} BYE by=callee
        60.51 plat>{target} BYE by=callee
        61.51 plat>{target} BYE by=callee
        63.51 plat>{target} BYE by=callee"
    )
}

#[test]
fn header_missing_and_refused() {
    let text = "0.00 cust>plat INVITE mf=70 without=Max-Forwards
        0.01 plat>cust 400 phrase=Bad_Request
        0.02 cust>plat ACK";
    insta::assert_snapshot!(both_ways("header-missing", text), @r#"
    customer>customer likely/certain [1, 2] The INVITE of Acme 198.51.100.10:5060 has no Max-Forwards (+0.00 s); Switch 192.0.2.5:5060 refused it with 400 "Bad Request" (+0.01 s). Without that a server cannot tell what the request belongs to.
    inbound: carrier>carrier likely error
    "#);
    assert_eq!(verdict(text), "header-missing customer>customer likely");
    // Nobody minds it: no news.
    silent("header-missing", &text.replace("400", "486"));
    silent("header-missing", &text.replace("without=Max-Forwards", ""));
}

#[test]
fn header_twice_and_no_answer() {
    let text = "0.00 cust>plat INVITE | From: <sip:1@198.51.100.10>;tag=x
        0.50 cust>plat INVITE | From: <sip:1@198.51.100.10>;tag=x
        1.50 cust>plat INVITE | From: <sip:1@198.51.100.10>;tag=x
        3.50 cust>plat INVITE | From: <sip:1@198.51.100.10>;tag=x";
    insta::assert_snapshot!(both_ways("header-missing", text), @r"
    customer>customer likely/certain [1] The INVITE of Acme 198.51.100.10:5060 has From twice (+0.00 s); it was sent 4 times and got no answer. Without that a server cannot tell what the request belongs to.
    inbound: carrier>carrier likely error
    ");
    silent(
        "header-missing",
        &text.replace("| From: <sip:1@198.51.100.10>;tag=x", ""),
    );
}

#[test]
fn header_that_the_platform_passed_on_is_the_callers() {
    let text = "0.00 cust>plat INVITE | From: <sip:1@198.51.100.10>;tag=x
        0.02 plat>car INVITE leg=b | From: <sip:1@198.51.100.10>;tag=x
        0.03 car>plat 400 leg=b
        0.04 plat>cust 400";
    insta::assert_snapshot!(both_ways("header-missing", text), @r#"
    customer>customer likely/certain [2, 3] The INVITE of Acme 198.51.100.10:5060 has From twice (+0.02 s); One 203.0.113.9:5060 refused it with 400 "Phrase" (+0.03 s). Without that a server cannot tell what the request belongs to.
    inbound: carrier>carrier likely error
    "#);
    let own = text.replacen(" | From: <sip:1@198.51.100.10>;tag=x", "", 1);
    insta::assert_snapshot!(both_ways("header-missing", &own), @r#"
    configuration>configuration likely/certain [2, 3] The INVITE of Switch 192.0.2.5:5060 has From twice (+0.02 s); One 203.0.113.9:5060 refused it with 400 "Phrase" (+0.03 s). Without that a server cannot tell what the request belongs to.
    inbound: configuration>configuration likely error
    "#);
}

#[test]
fn refused_for_what_is_badly_written() {
    let text = "0.00 cust>plat INVITE length=none
        0.01 plat>cust 400 phrase=Bad_Content-Length
        0.02 cust>plat ACK";
    insta::assert_snapshot!(both_ways("message-malformed", text), @r#"
    customer>customer likely/certain [1, 2] The INVITE of Acme 198.51.100.10:5060 has a Content-Length that is no number (+0.00 s); Switch 192.0.2.5:5060 refused it with 400 "Bad Content-Length" (+0.01 s). The answer speaks of that: what is written so cannot be read there.
    inbound: carrier>carrier likely error
    "#);
    assert_eq!(verdict(text), "message-malformed customer>customer likely");
    // The answer does not speak of it: then it may be that or something else.
    let unnamed = text.replace("Bad_Content-Length", "Bad_Request");
    insta::assert_snapshot!(both_ways("message-malformed", &unnamed), @r#"
    customer>customer possible/certain [1, 2] The INVITE of Acme 198.51.100.10:5060 has a Content-Length that is no number (+0.00 s); Switch 192.0.2.5:5060 refused it with 400 "Bad Request" (+0.01 s). A strict server refuses what is written so; whether it was that, the answer does not say.
    inbound: carrier>carrier possible warning
    "#);
    assert_eq!(
        verdict(&unnamed),
        "request-rejected customer>customer possible"
    );
    // Nobody minds it, or it is as it should be.
    silent("message-malformed", &text.replace("400", "486"));
    silent("message-malformed", &text.replace("length=none", ""));
    // What every request needs comes first.
    silent(
        "message-malformed",
        &text.replace("length=none", "length=none without=Max-Forwards"),
    );
}

#[test]
fn badly_written_by_whom() {
    let text = "0.00 cust>plat INVITE | Diversion: \"x <sip:1@198.51.100.10>
        0.02 plat>car INVITE leg=b | Diversion: \"x <sip:1@198.51.100.10>
        0.03 car>plat 400 leg=b phrase=Malformed_Diversion_header
        0.04 plat>cust 400";
    insta::assert_snapshot!(both_ways("message-malformed", text), @r#"
    customer>customer likely/certain [2, 3] The INVITE of Acme 198.51.100.10:5060 has a quotation mark that is never closed in Diversion (+0.02 s); One 203.0.113.9:5060 refused it with 400 "Malformed Diversion header" (+0.03 s). The answer speaks of that: what is written so cannot be read there.
    inbound: carrier>carrier likely error
    "#);
    let own = text.replacen(" | Diversion: \"x <sip:1@198.51.100.10>", "", 1);
    insta::assert_snapshot!(both_ways("message-malformed", &own), @r#"
    configuration>configuration likely/certain [2, 3] The INVITE of Switch 192.0.2.5:5060 has a quotation mark that is never closed in Diversion (+0.02 s); One 203.0.113.9:5060 refused it with 400 "Malformed Diversion header" (+0.03 s). The answer speaks of that: what is written so cannot be read there.
    inbound: configuration>configuration likely error
    "#);
}

#[test]
fn contact_that_no_ack_reaches() {
    let text = unconfirmed("| Contact: <sip:441632960002@10.1.2.3:5060>");
    insta::assert_snapshot!(both_ways("contact-unreachable", &text), @r"
    configuration>configuration likely/certain [4, 6, 7, 8] The 200 of Switch 192.0.2.5:5060 has the private address 10.1.2.3 as its Contact, though it came from 192.0.2.5:5060 (+1.01 s); Switch 192.0.2.5:5060 sent its 200 4 times, and no ACK came. Nobody outside can send to that address.
    inbound: configuration>configuration likely error
    ");
    assert_eq!(
        verdict(&text),
        "contact-unreachable configuration>configuration likely"
    );
    insta::assert_snapshot!(both_ways("contact-unreachable", &unconfirmed("without=Contact")), @r"
    configuration>configuration likely/certain [4, 6, 7, 8] The 200 of Switch 192.0.2.5:5060 has no Contact (+1.01 s); Switch 192.0.2.5:5060 sent its 200 4 times, and no ACK came. Without one nobody knows where to send to.
    inbound: configuration>configuration likely error
    ");
    // A public Contact is not the reason.
    silent("contact-unreachable", &unconfirmed(""));
    // Behind a Record-Route it need not be reached.
    silent(
        "contact-unreachable",
        &unconfirmed("| Contact: <sip:1@10.1.2.3> | Record-Route: <sip:192.0.2.5;lr>"),
    );
    // Most platforms send to where packets come from: nothing is lost then.
    let heard = text
        .replace("1.03 plat", "1.02 cust>plat ACK\n1.03 plat")
        .replace("1.51", "#")
        .replace("2.51", "#")
        .replace("4.51", "#");
    silent("contact-unreachable", &heard);
}

#[test]
fn contact_that_no_bye_reaches() {
    let contact = "| Contact: <sip:441632960001@192.168.1.20:5060>";
    let text = deaf_to_bye(contact, "192.168.1.20:5060");
    insta::assert_snapshot!(both_ways("contact-unreachable", &text), @r"
    customer>customer likely/certain [1, 9, 10, 11, 12] The INVITE of Acme 198.51.100.10:5060 has the private address 192.168.1.20 as its Contact, though it came from 198.51.100.10:5060 (+0.00 s); Switch 192.0.2.5:5060 sent its BYE there 4 times and got no answer. Nobody outside can send to that address.
    inbound: carrier>carrier likely error
    ");
    // Sent to where the INVITE had come from: the Contact is not the reason.
    silent("contact-unreachable", &deaf_to_bye(contact, "cust"));
    silent("contact-unreachable", &deaf_to_bye("", "cust"));
    let answered = "63.52 192.168.1.20:5060>plat 200 BYE by=callee";
    silent("contact-unreachable", &format!("{text}\n{answered}"));
}

#[test]
fn contact_that_asks_for_another_transport() {
    let contact = "| Contact: <sips:441632960002@192.0.2.5:5061>";
    insta::assert_snapshot!(both_ways("contact-transport-wrong", &unconfirmed(contact)), @r"
    configuration>configuration likely/certain [4, 6, 7, 8] The 200 of Switch 192.0.2.5:5060 has a sips: Contact, though it came over UDP (+1.01 s); Switch 192.0.2.5:5060 sent its 200 4 times, and no ACK came. The requests inside the call have to go over TLS, which is not used here.
    inbound: configuration>configuration likely error
    ");
    let by_param = "| Contact: <sip:441632960001@198.51.100.10:5061;transport=tls>";
    let text = deaf_to_bye(by_param, "198.51.100.10:5061");
    insta::assert_snapshot!(both_ways("contact-transport-wrong", &text), @r"
    customer>customer likely/certain [1, 9, 10, 11, 12] The INVITE of Acme 198.51.100.10:5060 has a Contact with transport=tls, though it came over UDP (+0.00 s); Switch 192.0.2.5:5060 sent its BYE there 4 times and got no answer. The requests inside the call have to go over TLS, which is not used here.
    inbound: carrier>carrier likely error
    ");
    silent("contact-transport-wrong", &deaf_to_bye(by_param, "cust"));
    silent(
        "contact-transport-wrong",
        &unconfirmed("| Contact: <sip:1@192.0.2.5;transport=udp>"),
    );
}

#[test]
fn record_route_to_a_private_address() {
    let text =
        unconfirmed("| Record-Route: <sip:203.0.113.9;lr> | Record-Route: <sip:10.0.0.5;lr>");
    insta::assert_snapshot!(both_ways("record-route-unusable", &text), @r"
    configuration>configuration likely/certain [4, 6, 7, 8] The 200 that Switch 192.0.2.5:5060 sent on names as the way back the private address 10.0.0.5, though it came from 192.0.2.5:5060 (+1.01 s); Switch 192.0.2.5:5060 sent its 200 4 times, and no ACK came. The requests inside the call have to go there first, and cannot.
    inbound: configuration>configuration likely error
    ");
    assert_eq!(
        verdict(&text),
        "record-route-unusable configuration>configuration likely"
    );
    let strict = unconfirmed("| Record-Route: <sip:192.0.2.5>");
    insta::assert_snapshot!(both_ways("record-route-unusable", &strict), @r"
    configuration>configuration possible/certain [4, 6, 7, 8] The 200 that Switch 192.0.2.5:5060 sent on names as the way back 192.0.2.5, without ;lr (+1.01 s); Switch 192.0.2.5:5060 sent its 200 4 times, and no ACK came. Without it the requests inside the call are addressed to that node itself, which few still do right.
    inbound: configuration>configuration possible error
    ");
    silent(
        "record-route-unusable",
        &unconfirmed("| Record-Route: <sip:192.0.2.5;lr>"),
    );
    // The route is read from its end: what lies further off is not the next node's.
    silent(
        "record-route-unusable",
        &unconfirmed("| Record-Route: <sip:10.0.0.5;lr> | Record-Route: <sip:192.0.2.5;lr>"),
    );
}

const UPDATE_ASTRAY: &str = "0.00 cust>plat INVITE
    1.01 plat>cust 200 | Record-Route: <sip:192.0.2.5;lr>
    1.02 cust>plat ACK | Route: <sip:192.0.2.5;lr>
    20.00 cust>plat UPDATE
    20.01 plat>cust 481 UPDATE
    60.00 cust>plat BYE | Route: <sip:192.0.2.5;lr>
    60.01 plat>cust 200 BYE";

#[test]
fn record_route_that_is_not_followed() {
    insta::assert_snapshot!(both_ways("record-route-ignored", UPDATE_ASTRAY), @r#"
    customer>customer likely/certain [4, 5] The UPDATE of Acme 198.51.100.10:5060 has no Route (+20.0 s), though the 2xx had a Record-Route; it was refused with 481 "Phrase". It took another way than the call.
    inbound: carrier>carrier likely error
    "#);
    silent(
        "record-route-ignored",
        &UPDATE_ASTRAY.replace(
            "UPDATE\n    20.01",
            "UPDATE | Route: <sip:192.0.2.5;lr>\n    20.01",
        ),
    );
    silent("record-route-ignored", &UPDATE_ASTRAY.replace("481", "200"));
    let ack = unconfirmed("| Record-Route: <sip:192.0.2.5;lr>")
        .replace("1.51", "1.02 cust>plat ACK\n1.51");
    insta::assert_snapshot!(both_ways("record-route-ignored", &ack), @r"
    customer>customer likely/certain [4, 5, 7, 8, 9] The ACK of Acme 198.51.100.10:5060 has no Route (+1.02 s), though the 2xx had a Record-Route; Switch 192.0.2.5:5060 sent its 200 4 times, and the ACK did not get there. It took another way than the call.
    inbound: carrier>carrier likely error
    ");
}

#[test]
fn answers_to_a_port_that_is_closed() {
    let text = "0.00 198.51.100.10:31000>plat INVITE via=192.168.1.20:5060
        0.01 plat>198.51.100.10:5060 100 via=192.168.1.20:5060 branch=z9hG4bK-a-1985110010 31000-1920255060-INVITE-1
        0.50 198.51.100.10:31000>plat INVITE via=192.168.1.20:5060
        1.50 198.51.100.10:31000>plat INVITE via=192.168.1.20:5060"
        .replace("1985110010 31000", "198511001031000");
    insta::assert_snapshot!(both_ways("rport-missing", &text), @r"
    customer>customer likely/certain [1, 2, 4] Acme 198.51.100.10:31000 sent the INVITE from port 31000 with port 5060 in its Via and no rport (+0.00 s); the answer went to port 5060 (+0.01 s), and the request was sent again (+1.50 s). Its NAT lets nothing in at that port, so that it got no answer.
    inbound: carrier>carrier likely error
    ");
    // Sent to where it came from, only lost on the way: another rule's matter.
    silent(
        "rport-missing",
        &text.replace("198.51.100.10:5060", "198.51.100.10:31000"),
    );
    silent(
        "rport-missing",
        &text.replace("192.168.1.20:5060", "192.168.1.20:5060;rport"),
    );
}

#[test]
fn branch_used_twice() {
    let text = "0.00 cust>plat INVITE branch=z9hG4bK-same
        0.01 plat>cust 407 branch=z9hG4bK-same | Proxy-Authenticate: Digest realm=\"voip\", nonce=\"n1\"
        0.02 cust>plat ACK branch=z9hG4bK-same
        0.03 cust>plat INVITE cseq=2 branch=z9hG4bK-same
        0.53 cust>plat INVITE cseq=2 branch=z9hG4bK-same
        1.53 cust>plat INVITE cseq=2 branch=z9hG4bK-same";
    insta::assert_snapshot!(both_ways("branch-reused", text), @r"
    customer>customer likely/certain [1, 4, 5, 6] Acme 198.51.100.10:5060 used a branch twice: the INVITE with CSeq 2 has the branch of the one with CSeq 1 (+0.00 s), and was sent 3 times without an answer. A server takes what bears a known branch for a copy of what it has.
    inbound: carrier>carrier likely error
    ");
    silent(
        "branch-reused",
        &text.replace("cseq=2 branch=z9hG4bK-same", "cseq=2"),
    );
    silent(
        "branch-reused",
        &format!(
            "{text}\n1.60 plat>cust 100 cseq=2 branch=z9hG4bK-same\n1.70 plat>cust 486 cseq=2 branch=z9hG4bK-same"
        ),
    );
}

#[test]
fn ack_with_the_branch_of_its_invite() {
    let ack = "1.02 cust>plat ACK branch=z9hG4bK-a-19851100105060-1920255060-INVITE-1\n1.51";
    let text = unconfirmed("").replace("1.51", ack);
    insta::assert_snapshot!(both_ways("branch-reused", &text), @r"
    customer>customer likely/certain [1, 4, 5, 7, 8, 9] Acme 198.51.100.10:5060 used a branch twice: its ACK (+1.02 s) has the branch of the INVITE, and the 200 was repeated 3 times after it. A server takes what bears a known branch for a copy of what it has.
    inbound: carrier>carrier likely error
    ");
    silent(
        "branch-reused",
        &unconfirmed("").replace("1.51", "1.02 cust>plat ACK\n1.51"),
    );
}

#[test]
fn number_in_a_form_that_is_not_known() {
    let text = "0.00 cust>plat INVITE uri=00441632960002
        0.01 plat>cust 404
        0.02 cust>plat ACK";
    insta::assert_snapshot!(both_ways("number-form-refused", text), @r#"
    customer>customer possible/certain [1, 2] The number was sent to Switch 192.0.2.5:5060 with the international access code 00 in front (+0.00 s); Switch 192.0.2.5:5060 refused it with 404 "Phrase" (+0.01 s). It came in so. That form may be why the number is not known there.
    inbound: carrier>carrier possible warning
    "#);
    for form in ["01632960002", "0114416329 60002", "44-1632-960002"] {
        let text = text.replace("00441632960002", &form.replace(' ', ""));
        assert_eq!(found("number-form-refused", &text).len(), 1, "{form}");
    }
    for form in ["441632960002", "+441632960002", "1001", "jon", "webtest4"] {
        silent("number-form-refused", &text.replace("00441632960002", form));
    }
    silent("number-form-refused", &text.replace("404", "486"));
    let changed = "0.00 cust>plat INVITE
        0.02 plat>car INVITE leg=b uri=011441632960002
        0.50 car>plat 484 leg=b
        0.51 plat>cust 484";
    insta::assert_snapshot!(both_ways("number-form-refused", changed), @r#"
    configuration>configuration possible/certain [2, 3] The number was sent to One 203.0.113.9:5060 with the international access code 011 in front (+0.02 s); One 203.0.113.9:5060 refused it with 484 "Phrase" (+0.50 s). The platform had changed the number. That form may be why the number is not known there.
    inbound: configuration>configuration possible warning
    "#);
}

#[test]
fn no_caller_id() {
    let text = "0.00 cust>plat INVITE from=anonymous | Privacy: id
        0.02 plat>car INVITE leg=b from=anonymous | Privacy: id
        0.50 car>plat 433 leg=b phrase=Anonymity_Disallowed
        0.51 plat>cust 433";
    insta::assert_snapshot!(both_ways("caller-id-absent", text), @r#"
    customer>customer possible/certain [2, 3] The INVITE has no caller ID (+0.02 s): an anonymous From, Privacy: id and no asserted identity; One 203.0.113.9:5060 refused it with 433 "Anonymity Disallowed" (+0.50 s). It takes no calls without one.
    inbound: carrier>carrier possible error
    "#);
    assert_eq!(verdict(text), "caller-id-absent customer>customer possible");
    let forbidden = text.replace("433", "403");
    insta::assert_snapshot!(both_ways("caller-id-absent", &forbidden), @r#"
    customer>customer possible/certain [2, 3] The INVITE has no caller ID (+0.02 s): an anonymous From, Privacy: id and no asserted identity; One 203.0.113.9:5060 refused it with 403 "Anonymity Disallowed" (+0.50 s). It gives no reason; that there is no caller ID is one that many have.
    inbound: carrier>carrier possible error
    "#);
    // The platform took it away.
    let taken = text.replacen("from=anonymous | Privacy: id", "", 1);
    insta::assert_snapshot!(both_ways("caller-id-absent", &taken), @r#"
    configuration>configuration possible/certain [2, 3] The INVITE has no caller ID (+0.02 s): an anonymous From, Privacy: id and no asserted identity; One 203.0.113.9:5060 refused it with 433 "Anonymity Disallowed" (+0.50 s). It takes no calls without one, and the platform sent none on.
    inbound: configuration>configuration possible error
    "#);
    silent(
        "caller-id-absent",
        &text.replace("Privacy: id", "P-Asserted-Identity: <sip:441632960001@h>"),
    );
    silent(
        "caller-id-absent",
        &forbidden
            .replace("403 leg=b", "403 leg=b phrase=Channel_limit |")
            .replace("| phrase", "phrase"),
    );
}

const UPDATE_REFUSED: &str = "0.00 cust>plat INVITE
    0.02 plat>car INVITE leg=b
    1.00 car>plat 200 leg=b | Allow: INVITE, ACK, CANCEL, BYE
    1.01 plat>cust 200
    1.02 cust>plat ACK
    1.03 plat>car ACK leg=b
    20.00 plat>car UPDATE leg=b
    20.01 car>plat 501 UPDATE leg=b
    60.00 cust>plat BYE
    60.01 plat>car BYE leg=b
    60.02 car>plat 200 BYE leg=b
    60.03 plat>cust 200 BYE";

#[test]
fn method_that_was_not_declared() {
    insta::assert_snapshot!(both_ways("method-not-allowed", UPDATE_REFUSED), @r#"
    configuration>configuration likely/certain [3, 7, 8] Switch 192.0.2.5:5060 sent UPDATE (+20.0 s), which the Allow of One 203.0.113.9:5060 (+1.00 s) does not list; One 203.0.113.9:5060 refused it with 501 "Phrase". One 203.0.113.9:5060 had said that it does not take UPDATE.
    inbound: configuration>configuration likely warning
    "#);
    silent(
        "method-not-allowed",
        &UPDATE_REFUSED.replace("BYE\n    1.01", "BYE, UPDATE\n    1.01"),
    );
    silent(
        "method-not-allowed",
        &UPDATE_REFUSED.replace("| Allow", "| X-Allow"),
    );
    silent("method-not-allowed", &UPDATE_REFUSED.replace("501", "200"));
}

#[test]
fn body_that_is_no_plain_description() {
    let isup = "| Content-Type: multipart/mixed;boundary=b || --b || Content-Type: application/sdp || ~ || v=0 || --b || Content-Type: application/isup || ~ || xx || --b--";
    let text = format!(
        "0.00 cust>plat INVITE {isup}
        0.02 plat>car INVITE leg=b {isup}
        0.50 car>plat 415 leg=b | Accept: application/sdp
        0.51 plat>cust 415"
    );
    insta::assert_snapshot!(both_ways("body-not-taken", &text), @r#"
    customer>configuration likely/certain [2, 3] The body of the INVITE (+0.02 s) is application/sdp and application/isup; One 203.0.113.9:5060 refused it with 415 "Phrase" (+0.50 s). It does not read such a body. It takes application/sdp.
    inbound: carrier>configuration likely error
    "#);
    assert_eq!(
        verdict(&text),
        "body-not-taken customer>configuration likely"
    );
    silent("body-not-taken", &text.replace("415", "486"));
    silent(
        "body-not-taken",
        &text.replace(isup, "|| v=0 || m=audio 4000 RTP/AVP 8"),
    );
}

#[test]
fn router_that_rewrites_messages() {
    let text = "0.00 cust>plat INVITE via=192.168.1.20:5060 length=98 || v=0 || o=- 1 1 IN IP4 192.168.1.20 || c=IN IP4 198.51.100.10 || m=audio 4000 RTP/AVP 8 || a=rtpmap:8 PCMA/8000
        0.01 plat>cust 486 via=192.168.1.20:5060";
    insta::assert_snapshot!(both_ways("alg-damage", text), @r"
    customer>customer likely/certain [1] The INVITE of Acme 198.51.100.10:5060 has the private address of its Via and the public one in its session description, and a body of 104 bytes where Content-Length says 98 (+0.00 s). A router in front of it put the public address in and left the length as it was (SIP ALG).
    inbound: carrier>carrier likely warning
    ");
    // Line ends behind the body are no part of it.
    silent("alg-damage", &text.replace("length=98", "length=102"));
    // A device that knows its public address by itself writes a length that fits.
    silent("alg-damage", &text.replace("length=98", ""));
    silent("alg-damage", &text.replace("via=192.168.1.20:5060", ""));
}
