//! What DNS said of the names that a call had to go to.

use calltriage::wire::Observations;

use super::{found_with, told, verdict_with};
use crate::support::dns;

fn seen(text: &str) -> Observations {
    Observations {
        dns: dns::seen(text),
        ..Observations::default()
    }
}

/// The rule says nothing of the call with this DNS.
#[track_caller]
fn silent(rule: &str, call: &str, dns: &str) {
    assert_eq!(
        found_with(rule, call, &seen(dns)),
        Vec::<String>::new(),
        "{dns}"
    );
}

/// A caller sends for a name that the platform cannot look up.
const NAMED: &str = "0.00 cust>plat INVITE | Route: <sip:sbc.carrier.example;lr>
    0.01 plat>cust 100
    0.20 plat>cust 478 phrase=Unresolvable_destination
    0.21 cust>plat ACK";

const NO_SUCH_NAME: &str = "0.02 plat NAPTR sbc.carrier.example
    0.03 plat NAPTR sbc.carrier.example = NXDOMAIN
    0.04 plat A sbc.carrier.example
    0.05 plat A sbc.carrier.example = NXDOMAIN";

/// The platform chooses a carrier by a name of its own.
const CHOSEN: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.20 plat>cust 503 phrase=Service_Unavailable
    0.21 cust>plat ACK";

/// The called side gives a name in its Contact, and gets no ACK.
const UNACKNOWLEDGED: &str = "0.00 cust>plat INVITE
    1.00 plat>cust 200 | Contact: <sip:441632960002@gw.carrier.example>
    1.50 plat>cust 200 | Contact: <sip:441632960002@gw.carrier.example>
    2.50 plat>cust 200 | Contact: <sip:441632960002@gw.carrier.example>
    4.50 plat>cust 200 | Contact: <sip:441632960002@gw.carrier.example>
    33.00 plat>cust BYE by=callee";

#[test]
fn dns_lookup_failed_for_a_name_that_the_caller_gave() {
    let observed = seen(NO_SUCH_NAME);
    insta::assert_snapshot!(told("dns-lookup-failed", NAMED, &observed), @r#"
    error (packets [1, 3])
    outbound: customer equipment, to act customer equipment; likely
    inbound: carrier, to act carrier; likely
    Switch 192.0.2.5:5060 looked up sbc.carrier.example in DNS at +0.02 s: NAPTR no such name (NXDOMAIN) after 0.01 s, A no such name (NXDOMAIN) after 0.01 s; it refused the INVITE with 478 "Unresolvable destination" (+0.20 s).
    sbc.carrier.example does not exist in the DNS that was asked, so that Switch 192.0.2.5:5060 had nowhere to send it.
    Next: Check how sbc.carrier.example is written where it was set; if it is right, have the owner of the domain publish its records (NAPTR, SRV, A, AAAA).
    "#);
    insta::assert_snapshot!(verdict_with(NAMED, &observed), @"dns-lookup-failed customer>customer likely");
    // The machine that was captured on asks its own resolver, which is the same.
    let local = NO_SUCH_NAME.replace("plat", "127.0.0.1");
    assert_eq!(
        told("dns-lookup-failed", NAMED, &seen(&local)),
        told("dns-lookup-failed", NAMED, &observed)
    );
    // By another address than that of its SIP it may as well be somebody else.
    let other = told(
        "dns-lookup-failed",
        NAMED,
        &seen(&NO_SUCH_NAME.replace("plat", "10.0.0.7")),
    );
    assert!(
        other.contains("outbound: customer equipment, to act customer equipment; possible"),
        "{other}"
    );
    assert!(
        other.contains("10.0.0.7, which sends no SIP of this call"),
        "{other}"
    );
}

#[test]
fn dns_lookup_failed_for_a_service_that_the_platform_chose() {
    let dns = "0.02 plat SRV _sip._udp.carrier.example
        0.03 plat SRV _sip._udp.carrier.example = NXDOMAIN
        0.04 plat A carrier.example
        0.06 plat A carrier.example = none";
    insta::assert_snapshot!(told("dns-lookup-failed", CHOSEN, &seen(dns)), @r#"
    error (packets [1, 3])
    outbound: configuration, to act configuration; possible
    inbound: configuration, to act configuration; possible
    Switch 192.0.2.5:5060 looked up carrier.example in DNS at +0.02 s: SRV of _sip._udp.carrier.example no such name (NXDOMAIN) after 0.01 s, A no such record after 0.02 s; it refused the INVITE with 503 "Service Unavailable" (+0.20 s).
    carrier.example has no record that leads to a SIP server, so that Switch 192.0.2.5:5060 had nowhere to send it. No INVITE of this call was seen to go there; that it was meant to, and not one of another call, does not stand in the packets.
    Next: Check how carrier.example is written where it was set; if it is right, have the owner of the domain publish its records (NAPTR, SRV, A, AAAA).
    "#);
    // A refusal that names another reason leaves it a remark.
    let cause = CHOSEN.replace("phrase=Service_Unavailable", "| Reason: Q.850;cause=34");
    let remark = found_with("dns-lookup-failed", &cause, &seen(dns));
    assert_eq!(remark.len(), 1);
    // That nothing else is known of the address: it may stand in a file, or was asked for before.
    let service = dns.lines().take(2).collect::<Vec<_>>().join("\n");
    let half = told("dns-lookup-failed", CHOSEN, &seen(&service));
    assert!(half.contains("; possible"), "{half}");
}

#[test]
fn dns_lookup_failed_at_a_server_that_refuses_or_is_silent() {
    let refused = NO_SUCH_NAME.replace("NXDOMAIN", "SERVFAIL");
    insta::assert_snapshot!(told("dns-lookup-failed", NAMED, &seen(&refused)), @r#"
    error (packets [1, 3])
    outbound: undecided, to act configuration; possible
    inbound: undecided, to act configuration; possible
    Switch 192.0.2.5:5060 looked up sbc.carrier.example in DNS at +0.02 s: NAPTR refused with SERVFAIL after 0.01 s, A refused with SERVFAIL after 0.01 s; it refused the INVITE with 478 "Unresolvable destination" (+0.20 s).
    The DNS server that was asked, or those of the domain that it asks, could not serve sbc.carrier.example; which, its answer does not tell.
    Next: On Switch 192.0.2.5:5060: look sbc.carrier.example up at its DNS server and at another one; where only its own fails, mend that, else ask the owner of the domain.
    "#);
    let call = NAMED.replace("0.20", "11.00").replace("0.21", "11.01");
    let asked = "0.02 plat A sbc.carrier.example
        5.02 plat A sbc.carrier.example";
    insta::assert_snapshot!(told("dns-lookup-failed", &call, &seen(asked)), @r#"
    error (packets [1, 3])
    outbound: configuration, to act configuration; likely
    inbound: configuration, to act configuration; likely
    Switch 192.0.2.5:5060 looked up sbc.carrier.example in DNS at +0.02 s: A not answered though asked again; it refused the INVITE with 478 "Unresolvable destination" (+11.0 s).
    The DNS server did not answer where this was captured.
    Next: On Switch 192.0.2.5:5060: see which DNS servers are set, and whether they are up and reached over UDP and TCP port 53.
    "#);
    // Asked once, or captured twice: the answer may have gone another way.
    silent(
        "dns-lookup-failed",
        &call,
        "0.02 plat A sbc.carrier.example",
    );
    silent("dns-lookup-failed", &call, &asked.replace("5.02", "0.03"));
    // Another server was asked then, and knew.
    let known =
        format!("{asked}\n5.03 plat A sbc.carrier.example = ok; sbc.carrier.example A 203.0.113.9");
    silent("dns-lookup-failed", &call, &known);
}

#[test]
fn dns_lookup_failed_for_the_name_in_a_contact() {
    let dns = "1.01 cust A gw.carrier.example
        1.02 cust A gw.carrier.example = NXDOMAIN";
    insta::assert_snapshot!(told("dns-lookup-failed", UNACKNOWLEDGED, &seen(dns)), @r"
    error (packets [2, 3, 4, 5])
    outbound: configuration, to act configuration; likely
    inbound: configuration, to act configuration; likely
    Acme 198.51.100.10:5060 looked up gw.carrier.example in DNS at +1.01 s: A no such name (NXDOMAIN) after 0.01 s; it sent no ACK to the 200 (+1.00 s), which Switch 192.0.2.5:5060 repeated 3 times.
    gw.carrier.example does not exist in the DNS that was asked, so that Acme 198.51.100.10:5060 had nowhere to send it.
    Next: Check how gw.carrier.example is written where it was set; if it is right, have the owner of the domain publish its records (NAPTR, SRV, A, AAAA).
    ");
    // The platform passes on the Contact that the other side wrote.
    let passed_on = UNACKNOWLEDGED.replacen(
        "1.00 plat>cust",
        "0.02 plat>car INVITE
    0.99 car>plat 200 | Contact: <sip:441632960002@gw.carrier.example>
    1.00 plat>cust",
        1,
    );
    let found = found_with("dns-lookup-failed", &passed_on, &seen(dns));
    assert!(
        found.len() == 1 && found[0].starts_with("carrier>carrier likely"),
        "{found:?}"
    );
    // It was acknowledged all the same; somebody else asked.
    let acknowledged = format!("{UNACKNOWLEDGED}\n33.10 cust>plat ACK");
    silent("dns-lookup-failed", &acknowledged, dns);
    silent(
        "dns-lookup-failed",
        UNACKNOWLEDGED,
        &dns.replace("cust", "plat"),
    );
}

#[test]
fn dns_lookup_failed_is_silent_where_the_name_has_an_address() {
    let none = |dns: &str| silent("dns-lookup-failed", NAMED, dns);
    none("");
    // No SRV, no IPv6: most names are so.
    none(
        "0.02 plat SRV _sip._udp.sbc.carrier.example
        0.03 plat SRV _sip._udp.sbc.carrier.example = NXDOMAIN
        0.04 plat A sbc.carrier.example
        0.05 plat A sbc.carrier.example = ok; sbc.carrier.example A 203.0.113.9",
    );
    none(
        "0.04 plat AAAA sbc.carrier.example
        0.05 plat AAAA sbc.carrier.example = none",
    );
    // By another name; by servers that know more.
    none("0.04 plat A sbc.carrier.example
        0.05 plat A sbc.carrier.example = ok; sbc.carrier.example CNAME one.example; one.example A 203.0.113.9");
    none(
        "0.04 plat A sbc.carrier.example
        0.05 plat A sbc.carrier.example = elsewhere
        0.10 plat A sbc.carrier.example
        0.15 plat A sbc.carrier.example = elsewhere",
    );
    // Other names, and another node of the call.
    none(&NO_SUCH_NAME.replace("sbc.carrier", "sbc.other"));
    none(&NO_SUCH_NAME.replace("plat", "cust"));
    // Long before, and after the answer.
    none(&NO_SUCH_NAME.replace("0.0", "9.0"));
    // The call was answered.
    let answered = NAMED.replace("478 phrase=Unresolvable_destination", "200");
    silent("dns-lookup-failed", &answered, NO_SUCH_NAME);
}

#[test]
fn srv_points_nowhere() {
    let dead = "0.02 plat SRV _sip._udp.sbc.carrier.example
        0.03 plat SRV _sip._udp.sbc.carrier.example = ok; _sip._udp.sbc.carrier.example SRV 5070 a.example; _sip._udp.sbc.carrier.example SRV 5071 b.example
        0.04 plat A a.example
        0.05 plat A a.example = NXDOMAIN
        0.06 plat A b.example
        0.07 plat A b.example = none";
    insta::assert_snapshot!(told("srv-points-nowhere", NAMED, &seen(dead)), @r#"
    error (packets [1, 3])
    outbound: customer equipment, to act customer equipment; likely
    inbound: carrier, to act carrier; likely
    Switch 192.0.2.5:5060 looked up sbc.carrier.example in DNS at +0.02 s: SRV of _sip._udp.sbc.carrier.example found after 0.01 s, A of a.example no such name (NXDOMAIN) after 0.01 s, A of b.example no such record after 0.01 s; it refused the INVITE with 478 "Unresolvable destination" (+0.20 s).
    The SRV records of sbc.carrier.example lead to a.example, b.example, none of which has an address.
    Next: Have the owner of sbc.carrier.example give a.example, b.example an A or AAAA record, or name another host in the SRV records.
    "#);
    insta::assert_snapshot!(verdict_with(NAMED, &seen(dead)), @"srv-points-nowhere customer>customer likely");
    silent("dns-lookup-failed", NAMED, dead);
    let not_served = "0.02 plat SRV _sip._udp.sbc.carrier.example
        0.03 plat SRV _sip._udp.sbc.carrier.example = ok; _sip._udp.sbc.carrier.example SRV 0 .";
    insta::assert_snapshot!(told("srv-points-nowhere", NAMED, &seen(not_served)), @r#"
    error (packets [1, 3])
    outbound: customer equipment, to act customer equipment; likely
    inbound: carrier, to act carrier; likely
    Switch 192.0.2.5:5060 looked up sbc.carrier.example in DNS at +0.02 s: SRV of _sip._udp.sbc.carrier.example found after 0.01 s; it refused the INVITE with 478 "Unresolvable destination" (+0.20 s).
    The SRV records of sbc.carrier.example have "." for a target: its owner says that no SIP is served there.
    Next: Use another name than sbc.carrier.example where it was set, or ask the owner of the domain which transport it serves.
    "#);
    // One of the hosts has an address, be it sent along; or one was not asked for.
    silent(
        "srv-points-nowhere",
        NAMED,
        &dead.replace("= none", "= ok; b.example A 203.0.113.9"),
    );
    let glue = dead.lines().take(2).collect::<Vec<_>>().join("\n");
    silent(
        "srv-points-nowhere",
        NAMED,
        &format!("{glue}; b.example A 203.0.113.9"),
    );
    silent(
        "srv-points-nowhere",
        NAMED,
        &dead.lines().take(4).collect::<Vec<_>>().join("\n"),
    );
    // What its server says of the hosts is no word of their owner.
    let failing = told(
        "srv-points-nowhere",
        NAMED,
        &seen(&dead.replace("= none", "= SERVFAIL")),
    );
    assert!(
        failing.contains("outbound: undecided, to act configuration; possible"),
        "{failing}"
    );
}

/// An INVITE that goes to the default port and stays unanswered.
const DEFAULT_PORT: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.10 plat>car INVITE leg=b | Route: <sip:carrier.example;lr>
    0.60 plat>car INVITE leg=b | Route: <sip:carrier.example;lr>
    1.60 plat>car INVITE leg=b | Route: <sip:carrier.example;lr>
    3.60 plat>car INVITE leg=b | Route: <sip:carrier.example;lr>
    7.60 plat>car INVITE leg=b | Route: <sip:carrier.example;lr>
    32.10 plat>cust 408
    32.11 cust>plat ACK";

const OTHER_PORT: &str = "0.02 plat SRV _sip._udp.carrier.example
    0.03 plat SRV _sip._udp.carrier.example = ok; _sip._udp.carrier.example SRV 5070 gw.carrier.example
    0.04 plat A gw.carrier.example
    0.05 plat A gw.carrier.example = ok; gw.carrier.example A 203.0.113.9";

#[test]
fn srv_port_ignored() {
    insta::assert_snapshot!(told("srv-port-ignored", DEFAULT_PORT, &seen(OTHER_PORT)), @r"
    error (packets [3, 4, 5, 6, 7])
    outbound: configuration, to act configuration; likely
    inbound: configuration, to act configuration; likely
    Switch 192.0.2.5:5060 sent the INVITE (+0.10 s) to 203.0.113.9:5060, the address of carrier.example, and got no answer; the SRV records name port 5070 (DNS: SRV of _sip._udp.carrier.example found after 0.01 s, A of gw.carrier.example found after 0.01 s).
    Where a URI has no port, that of the SRV record holds, and no default.
    Next: On Switch 192.0.2.5:5060: send calls for carrier.example to port 5070, by its SRV look-up or by the port set in the route.
    ");
    insta::assert_snapshot!(verdict_with(DEFAULT_PORT, &seen(OTHER_PORT)), @"srv-port-ignored configuration>configuration likely");
    // The other way about: the URI has a port, and that of the record was taken.
    let written = DEFAULT_PORT.replace("carrier.example;lr", "carrier.example:5080;lr");
    let taken = OTHER_PORT.replace("5070", "5060");
    let found = found_with("srv-port-ignored", &written, &seen(&taken));
    assert!(
        found.len() == 1 && found[0].contains("carrier.example:5080 stands in its URI"),
        "{found:?}"
    );
    // The right port; another host; of another transport; asked too late; answered there.
    silent("srv-port-ignored", DEFAULT_PORT, &taken);
    silent(
        "srv-port-ignored",
        DEFAULT_PORT,
        &OTHER_PORT.replace("203.0.113.9", "203.0.113.19"),
    );
    silent(
        "srv-port-ignored",
        DEFAULT_PORT,
        &OTHER_PORT.replace("_udp", "_tcp"),
    );
    silent(
        "srv-port-ignored",
        DEFAULT_PORT,
        &OTHER_PORT.replace("0.0", "9.0"),
    );
    let answered = DEFAULT_PORT.replace("32.10", "8.00 car>plat 503 leg=b\n32.10");
    silent("srv-port-ignored", &answered, OTHER_PORT);
}

/// An INVITE that the platform sends back to where it came from.
const BACK: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.10 plat>cust INVITE | Route: <sip:pbx.customer.example;lr> | Via: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bK-a-1981281001050-1920255060-INVITE-1
    0.11 cust>plat 482
    0.12 plat>cust ACK
    0.13 plat>cust 482
    0.14 cust>plat ACK";

#[test]
fn name_leads_back() {
    let dns = "0.02 plat A pbx.customer.example
        0.05 plat A pbx.customer.example = ok; pbx.customer.example A 198.51.100.10";
    insta::assert_snapshot!(told("name-leads-back", BACK, &seen(dns)), @r#"
    error (packets [3, 4])
    outbound: configuration, to act configuration; likely
    inbound: configuration, to act configuration; likely
    Switch 192.0.2.5:5060 sent the INVITE (+0.10 s) for pbx.customer.example to Acme 198.51.100.10:5060, over which it had come, as DNS had told it (A found after 0.03 s), and it was refused with 482 "Phrase".
    Switch 192.0.2.5:5060 does not take pbx.customer.example for its own, or the record names the wrong machine.
    Next: On Switch 192.0.2.5:5060: see whether pbx.customer.example is among the domains that it serves itself; else correct its address in DNS.
    "#);
    insta::assert_snapshot!(verdict_with(BACK, &seen(dns)), @"name-leads-back far-end>far-end likely");
    // Elsewhere too; refused for another reason; of no name.
    silent(
        "name-leads-back",
        BACK,
        &format!("{dns}; pbx.customer.example A 203.0.113.9"),
    );
    silent("name-leads-back", &BACK.replace("482", "486"), dns);
    silent(
        "name-leads-back",
        &BACK.replace("pbx.customer.example", "198.51.100.10"),
        dns,
    );
}
