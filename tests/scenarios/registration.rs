//! Registration fails: what the messages, the register log and the platform's lists tell of it.

use calltriage::demo::Endpoint;
use calltriage::diagnosis::Party::*;
use calltriage::sip::Certainty::*;

use super::{PLAIN, Scenario, hold};

#[test]
fn why_a_device_is_not_registered_is_told() {
    hold(SCENARIOS);
}

/// A device of which nothing was logged.
const NOTHING: Scenario = Scenario {
    log: "-",
    rule: "registration-not-logged",
    party: Undecided,
    to_act: Customer,
    certainty: Possible,
    ..PLAIN
};

/// A registration whose messages are known by their Call-ID.
const TRACED: Scenario = Scenario {
    log: "-",
    configured: &["register_log"],
    ..PLAIN
};

const USERS: &str = r#"[{"username": "441632960115", "company_id": 12, "channels": 10,
    "ip_whitelist": ["203.0.113.64/28"]}]"#;

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        row: "C1",
        title: "no REGISTER is logged: it never arrived, or was blocked before logging",
        ask: "441632960115 cannot register from 198.51.100.77",
        configured: &["register_log"],
        next: "DNS name or host, port (UDP 5060, TLS 5061) and transport",
        says: &[
            "never arrived, or was blocked before logging",
            "Look for 198.51.100.77 in the platform's firewall",
            "15 minutes",
            "capture",
        ],
        ..NOTHING
    },
    Scenario {
        row: "C1",
        title: "the address of the device is not known: it is asked for",
        ask: "441632960115 cannot register",
        configured: &["register_log"],
        says: &["public IP address", "from where"],
        ..NOTHING
    },
    Scenario {
        row: "C1",
        title: "no path to the register log is configured: that is said, with what to do by hand",
        ask: "441632960115 cannot register from 198.51.100.77",
        rule: "registration-not-checked",
        to_act: Undecided,
        next: "Register Logging",
        says: &["could not be checked: no endpoint configured"],
        never: &["never arrived"],
        ..NOTHING
    },
    Scenario {
        row: "C1",
        title: "no REGISTER is logged, and the firewall lists the device's address",
        ask: "441632960115 cannot register from 198.51.100.77",
        configured: &["register_log", "firewall", "registrations"],
        rule: "registration-blocked",
        party: Configuration,
        to_act: Configuration,
        certainty: Likely,
        next: "Delete the row of 198.51.100.77",
        says: &["wait 15 minutes", "Registered now as 441632960115: 441632960115 at 198.51.100.10"],
        ..NOTHING
    },
    Scenario {
        row: "C1",
        title: "no REGISTER is logged, and the firewall has nothing of the device: it never arrived",
        ask: "441632960115 cannot register from 198.51.100.7",
        configured: &["register_log", "firewall"],
        next: "DNS name or host, port (UDP 5060, TLS 5061) and transport",
        says: &["firewall has nothing of 198.51.100.7", "It never arrived."],
        never: &["blocked before logging", "Look for 198.51.100.7 in"],
        ..NOTHING
    },
    Scenario {
        row: "C6",
        title: "a TLS or WebSocket handshake fails before any SIP: nothing is logged, and transport and port come first",
        ask: "441632960115 cannot register from 198.51.100.7 over TLS",
        configured: &["register_log"],
        next: "TLS 5061",
        ..NOTHING
    },
    Scenario {
        row: "C7",
        title: "our own registration at a carrier is refused: our credentials there, or the carrier",
        has_peers: true,
        ladder: "0.00 plat>car REGISTER
            0.05 car>plat 401 REGISTER | WWW-Authenticate: Digest realm=\"sip\",nonce=\"n1\"
            0.06 plat>car REGISTER cseq=2 | Authorization: Digest username=\"trunk\",realm=\"sip\",nonce=\"n1\",uri=\"sip:x\",response=\"00\"
            0.10 car>plat 403 REGISTER cseq=2 phrase=Forbidden",
        rule: "registration-refused",
        party: Configuration,
        to_act: Configuration,
        certainty: Possible,
        ..TRACED
    },
    Scenario {
        row: "C2",
        title: "401 and no credentials",
        ladder: "0.00 cust>plat REGISTER
            0.01 plat>cust 401 REGISTER | WWW-Authenticate: Digest realm=\"sip\",nonce=\"n1\"",
        rule: "registration-challenge-unanswered",
        party: Customer,
        to_act: Customer,
        certainty: Likely,
        next: "",
        ..TRACED
    },
    Scenario {
        row: "C2",
        title: "credentials, and 401 over and over",
        ladder: "0.00 cust>plat REGISTER
            0.01 plat>cust 401 REGISTER | WWW-Authenticate: Digest realm=\"sip\",nonce=\"n1\"
            0.02 cust>plat REGISTER cseq=2 | Authorization: Digest username=\"441632960115\",realm=\"sip\",nonce=\"n1\",uri=\"sip:x\",response=\"00\"
            0.03 plat>cust 401 REGISTER cseq=2 | WWW-Authenticate: Digest realm=\"sip\",nonce=\"n2\"
            0.04 cust>plat REGISTER cseq=3 | Authorization: Digest username=\"441632960115\",realm=\"sip\",nonce=\"n2\",uri=\"sip:x\",response=\"00\"
            0.05 plat>cust 401 REGISTER cseq=3 | WWW-Authenticate: Digest realm=\"sip\",nonce=\"n3\"",
        rule: "registration-refused",
        party: Customer,
        to_act: Customer,
        certainty: Likely,
        next: "Set the password",
        ..TRACED
    },
    Scenario {
        row: "C2",
        title: "the first 401 is normal: the second answer counts",
        ladder: "0.00 cust>plat REGISTER
            0.01 plat>cust 401 REGISTER | WWW-Authenticate: Digest realm=\"sip\",nonce=\"n1\"
            0.02 cust>plat REGISTER cseq=2 | Authorization: Digest username=\"441632960115\",realm=\"sip\",nonce=\"n1\",uri=\"sip:x\",response=\"00\" | Expires: 300
            0.03 plat>cust 200 REGISTER cseq=2 | Contact: <sip:441632960115@198.51.100.10>;expires=300",
        rule: "registration-ok",
        party: Nobody,
        to_act: Nobody,
        certainty: Certain,
        ..TRACED
    },
    Scenario {
        row: "C3",
        title: "403 before any challenge, and no such user in the account",
        ask: "441632960999 cannot register from 198.51.100.10",
        configured: &["register_log"],
        ladder: "0.00 cust>plat REGISTER to=441632960999 from=441632960999
            0.01 plat>cust 403 REGISTER phrase=Forbidden",
        rule: "registration-user-unknown",
        party: Configuration,
        to_act: Configuration,
        certainty: Likely,
        next: "Check the user name",
        says: &["no SIP user 441632960999"],
        ..TRACED
    },
    Scenario {
        row: "C3",
        title: "the device's address is not among those that the user may have",
        ask: "441632960115 cannot register from 198.51.100.77",
        given: &[(Endpoint::SipUsers, USERS)],
        rule: "registration-address-not-allowed",
        party: Configuration,
        to_act: Configuration,
        certainty: Likely,
        next: "Add 198.51.100.77 to the addresses",
        says: &["203.0.113.64/28"],
        ..NOTHING
    },
    Scenario {
        row: "C3",
        title: "the device's address is among those that the user may have",
        ask: "441632960115 cannot register from 203.0.113.70",
        configured: &["register_log"],
        given: &[(Endpoint::SipUsers, USERS)],
        next: "DNS name or host",
        says: &["203.0.113.70 is among the addresses that 441632960115 may have"],
        ..NOTHING
    },
    Scenario {
        row: "C4",
        title: "registered, and lost after minutes: the last good REGISTER came from another address",
        ask: "441632960115 loses its registration, now at 198.51.100.77",
        configured: &["register_log"],
        ladder: "0.00 cust>plat REGISTER to=441632960115 from=441632960115
            0.01 plat>cust 401 REGISTER | WWW-Authenticate: Digest realm=\"sip\",nonce=\"n1\"
            0.02 cust>plat REGISTER cseq=2 to=441632960115 from=441632960115 | Authorization: Digest username=\"441632960115\",realm=\"sip\",nonce=\"n1\",uri=\"sip:x\",response=\"00\"
            0.03 plat>cust 200 REGISTER cseq=2 | Contact: <sip:441632960115@198.51.100.10>;expires=300",
        rule: "registration-lost",
        party: Customer,
        to_act: Customer,
        certainty: Possible,
        next: "NAT/SIP ping",
        says: &["198.51.100.10", "198.51.100.77"],
        ..TRACED
    },
    Scenario {
        row: "C4",
        title: "registered, and lost after minutes: what was found was accepted, and nobody is called at fault",
        ask: "441632960115 loses its registration, at 198.51.100.10",
        configured: &["register_log"],
        ladder: "0.00 cust>plat REGISTER to=441632960115 from=441632960115
            0.01 plat>cust 401 REGISTER | WWW-Authenticate: Digest realm=\"sip\",nonce=\"n1\"
            0.02 cust>plat REGISTER cseq=2 to=441632960115 from=441632960115 | Authorization: Digest username=\"441632960115\",realm=\"sip\",nonce=\"n1\",uri=\"sip:x\",response=\"00\"
            0.03 plat>cust 200 REGISTER cseq=2 | Contact: <sip:441632960115@198.51.100.10>;expires=300",
        rule: "registration-ok",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "Its NAT times out",
        says: &["what came after it is not in the evidence"],
        ..TRACED
    },
    Scenario {
        row: "C5",
        title: "a call to a user whose registration failed just before",
        ladder: "0.00 car>plat INVITE to=441632960115
            0.05 plat>car 480
            0.06 car>plat ACK",
        log: r#"{"direction": "Origination", "customer_id": 12}"#,
        configured: &["register_log"],
        rule: "refused-by-platform",
        party: Customer,
        to_act: Customer,
        certainty: Possible,
        next: "registered",
        ..PLAIN
    },
    Scenario {
        row: "C1",
        title: "another device of the user is registered, the one that is asked about is blocked: that one counts",
        ask: "441632960115 cannot register from 198.51.100.77",
        ladder: "0.00 cust>plat REGISTER to=441632960115 from=441632960115 | Expires: 3600 | Contact: <sip:441632960115@198.51.100.10>
            0.02 plat>cust 200 REGISTER to=441632960115 from=441632960115 | Expires: 3600",
        log: "-",
        given: &[(
            Endpoint::RegisterLog,
            r#"[{"callid": "a@198.51.100.10", "username": "441632960115", "ip": "198.51.100.10", "sip_code": 200}]"#,
        )],
        configured: &["register_log", "firewall"],
        rule: "registration-blocked",
        party: Configuration,
        to_act: Configuration,
        certainty: Likely,
        next: "Delete the row of 198.51.100.77",
        says: &["No REGISTER of 441632960115 from 198.51.100.77 is known", "came from 198.51.100.10"],
        never: &["is registered"],
        ..PLAIN
    },
];
