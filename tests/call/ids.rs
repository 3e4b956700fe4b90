//! Call-IDs of every shape, the platform's own ids, addresses and SIP users, bare and wrapped.

use super::{check, check_all};

#[test]
fn call_ids() {
    let alone = [
        "1f7d8bce9925450388a302d73e8e4132",
        "896411870-861076410-2143831551",
        "419662770-1228314302-2103574869",
        "70634039@192.168.0.204",
        "1764424037@192.168.0.204",
        "63dbf182-8b7b-4bfc-95ab-01846c9c675c@203.0.113.9",
        "53821987c85546ad88d583235447a67d@203.0.113.9",
        "4d7112070d2bab29143f000002504980@1.2.3.4",
        "1lu13iu9bgc89a8rg9fc",
        "abc123xyz@192.168.1.1",
        "63dbf182-8b7b-4bfc-95ab-01846c9c675c",
        "AbC@Host",
        "a!b%c*d_e+f`g'h~i(j)k<l>m:n\\o/p[q]r?s{t}@example.com",
    ];
    let same: Vec<_> = alone.iter().map(|id| (*id, *id)).collect();
    let same: Vec<_> = same
        .into_iter()
        .map(|(id, shown)| {
            if id.contains('<') {
                (id, WEIRD)
            } else {
                (id, shown)
            }
        })
        .collect();
    check_all(&same);
}

/// The canonical text writes what a chat could take for markup as escapes.
const WEIRD: &str = "call-id:\"a!b%c*d_e+f\\u0060g\\u0027h~i(j)k\\u003cl\\u003em:n\\u005co/p[q]r?s{t}@example.com\"";

#[test]
fn outgoing_and_simulated() {
    check_all(&[
        (
            "CNX3736_clZZKgs6PFYOCgRqdxFzA1Z2UmtvAVMEBTp7QXcBXXw-",
            "CNX3736_clZZKgs6PFYOCgRqdxFzA1Z2UmtvAVMEBTp7QXcBXXw-",
        ),
        (
            "CNX2863_ewlYegJpZwUIGwtpchR0Blp/A3VtAwwFC2xyEXYB",
            "CNX2863_ewlYegJpZwUIGwtpchR0Blp/A3VtAwwFC2xyEXYB",
        ),
        (
            "CNX3736_clZZKgs6PFYOCgRqdxFzA1Z2UmtvAV--",
            "CNX3736_clZZKgs6PFYOCgRqdxFzA1Z2UmtvAV--",
        ),
        // A full stop belongs to the sentence unless the length says that it is part of the id.
        (
            "see CNX2863_ewlYegJpZwUIGwtpchR0Blp/A3VtAwwFC2xyEXYB.",
            "CNX2863_ewlYegJpZwUIGwtpchR0Blp/A3VtAwwFC2xyEXYB",
        ),
        (
            "CNX2863_ewlYegJpZwUIGwtpchR0Blp/A3VtAwwFC2xyEXY.",
            "CNX2863_ewlYegJpZwUIGwtpchR0Blp/A3VtAwwFC2xyEXY.",
        ),
        ("`CNX2863_ewlY+gJp`", "CNX2863_ewlY+gJp"),
        (
            "SIM-bXJ8JTrOWgH8Dm7gv_x84uqF8STF5kTq",
            "SIM-bXJ8JTrOWgH8Dm7gv_x84uqF8STF5kTq",
        ),
        (
            "SIM-V3E_twK4vntdb2_Z3szxhbdOZrwpc7Ut.",
            "SIM-V3E_twK4vntdb2_Z3szxhbdOZrwpc7Ut",
        ),
        ("callidb=CNX2863_ewlY", "CNX2863_ewlY"),
        (
            "Call-ID: SIM-V3E_twK4vntdb2_Z3szxhbdOZrwpc7Ut",
            "SIM-V3E_twK4vntdb2_Z3szxhbdOZrwpc7Ut",
        ),
        (
            "anything from +441632960123 on a SIM-card?",
            "+441632960123",
        ),
    ]);
}

#[test]
fn wrappers() {
    check_all(&[
        ("`70634039@192.168.0.204`", "70634039@192.168.0.204"),
        ("```70634039@192.168.0.204```", "70634039@192.168.0.204"),
        ("\"70634039@192.168.0.204\".", "70634039@192.168.0.204"),
        ("“70634039@192.168.0.204”", "70634039@192.168.0.204"),
        ("<70634039@192.168.0.204>", "70634039@192.168.0.204"),
        ("**70634039@192.168.0.204**", "70634039@192.168.0.204"),
        ("||70634039@192.168.0.204||", "70634039@192.168.0.204"),
        ("(70634039@192.168.0.204)", "70634039@192.168.0.204"),
        ("70634039@192.168.0.204?!", "70634039@192.168.0.204"),
        (
            "<mailto:a1b@example.com|a1b@example.com>",
            "a1b@example.com",
        ),
        (
            "<mailto:a1b@example.com|A1b@Example.com>",
            "A1b@Example.com",
        ),
        ("<mailto:a1b@example.com>", "a1b@example.com"),
        (
            "63dbf182@<http://sip.example.com|sip.example.com>",
            "63dbf182@sip.example.com",
        ),
        ("<tel:+441632960123|+44 1632 960123>", "+441632960123"),
        (
            "<@U01ABCDEF> why 70634039@192.168.0.204 <#C01ABCDEF|noc> <!here>",
            "70634039@192.168.0.204",
        ),
        (
            "<@123456789012345678> 70634039@192.168.0.204 <:tick:123456789012345678>",
            "70634039@192.168.0.204",
        ),
        (
            "&lt;sip:441632960123@sip.example.com;user=phone&gt;",
            "+441632960123",
        ),
        (
            "\u{202a}70634039@192.168.0.204\u{202c}",
            "70634039@192.168.0.204",
        ),
        (
            "70634039@192.168.0.204,1764424037@192.168.0.204",
            "70634039@192.168.0.204 1764424037@192.168.0.204",
        ),
        (
            "70634039@192.168.0.204 70634039@192.168.0.204",
            "70634039@192.168.0.204",
        ),
        (
            "https://panel.example.com/trace?callid=70634039@192.168.0.204&tab=2",
            "70634039@192.168.0.204",
        ),
    ]);
}

#[test]
fn header_pastes() {
    check_all(&[
        ("Call-ID: xyz", "call-id:xyz"),
        ("i: xyz", "call-id:xyz"),
        ("call-id=xyz", "call-id:xyz"),
        ("callid=\"1001\"", "call-id:1001"),
        ("\"callid\":\"xyz\"", "call-id:xyz"),
        (
            "{\"sip_code\":503,\"callid\": \"70634039@192.168.0.204\",\"cli\":\"441632960123\"}",
            "70634039@192.168.0.204",
        ),
        ("call id 1f7d8bce99", "call-id:1f7d8bce99"),
        (
            "call-id is 1f7d8bce99 since 2h",
            "call-id:1f7d8bce99 from 2026-02-16T10:00:00Z to 2026-02-16T12:00:00Z",
        ),
        (
            "Call-ID: xyz since 2h, one-way audio",
            "call-id:xyz symptom:one-way-audio from 2026-02-16T10:00:00Z to 2026-02-16T12:00:00Z",
        ),
        (
            "2026-02-16 09:10:02 INVITE callid=ab.c@192.0.2.1 from=441632960123 to=441632960124 src=203.0.113.9",
            "ab.c@192.0.2.1",
        ),
        (
            "Feb 16 09:10:02 proxy1 opensips[4711]: new call from 203.0.113.9, Call-ID: ab.c@192.0.2.1",
            "ab.c@192.0.2.1",
        ),
    ]);
    let message = "INVITE sip:441632960124@example.com SIP/2.0\r\n\
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK776asdhds\r\n\
        From: <sip:441632960123@example.com>;tag=1928301774\r\n\
        To: <sip:441632960124@example.com>\r\n\
        Call-ID: a84b4c76e66710.@192.0.2.1.\r\n\
        CSeq: 314159 INVITE\r\n\r\n";
    check(message, "call-id:\"a84b4c76e66710.@192.0.2.1.\"");
    check(
        &format!("```{message}```"),
        "call-id:\"a84b4c76e66710.@192.0.2.1.\"",
    );
}

#[test]
fn addresses_and_users() {
    check_all(&[
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9.", "203.0.113.9"),
        ("203.0.113.9:5060", "203.0.113.9:5060"),
        ("2001:db8::9", "2001:db8::9"),
        ("2001:db8::", "2001:db8::"),
        ("[2001:db8::9]", "2001:db8::9"),
        ("[2001:db8::9]:5061", "[2001:db8::9]:5061"),
        ("sip:203.0.113.9:5060", "203.0.113.9:5060"),
        ("src=203.0.113.9", "203.0.113.9"),
        ("sip:jon@example.com", "user:jon"),
        ("sips:jon:secret@example.com;transport=tls", "user:jon"),
        ("sip:1001@192.168.0.204", "user:1001"),
        ("<sip:webtest4@example.com>", "user:webtest4"),
        ("user jon", "user:jon"),
        (
            "sip user webtest4 cannot register",
            "user:webtest4 symptom:cannot-register",
        ),
        ("ext 1001", "user:1001"),
        ("ext. 1001 drops", "user:1001 symptom:drop"),
        ("extension 1001 and user jon", "user:1001 user:jon"),
        (
            "the user cannot hear us, 203.0.113.9",
            "203.0.113.9 symptom:one-way-audio",
        ),
    ]);
}

#[test]
fn lists_and_tables_of_ids() {
    let two = "a1@192.0.2.1 b2@192.0.2.1";
    let beside = "(the other columns beside the Call-IDs were not searched for)";
    let two_beside = &format!("{two} {beside}");
    check_all(&[
        ("a1@192.0.2.1\nb2@192.0.2.1\n", two),
        ("a1@192.0.2.1;b2@192.0.2.1", two),
        ("a1@192.0.2.1, b2@192.0.2.1,\n\n", two),
        ("\"a1@192.0.2.1\"\r\n\"b2@192.0.2.1\"", two),
        // What stands beside an id says something about that call and asks for no other.
        (
            "a1@192.0.2.1,441632960123,503\nb2@192.0.2.1,441632960124,404",
            two_beside,
        ),
        (
            "callid\tto\na1@192.0.2.1\t441632960123\nb2@192.0.2.1\t1001",
            two_beside,
        ),
        (
            "Call-ID,when\nxyz,2026-02-16 09:10\nuvw,2026-02-16 09:11",
            &format!("call-id:xyz call-id:uvw {beside}"),
        ),
        (
            "callid,to\na1@192.0.2.1,441632960123",
            &format!("a1@192.0.2.1 {beside}"),
        ),
        (
            "callid;callidb\na1@192.0.2.1;CNX1_abcd\nb2@192.0.2.1;CNX1_efgh",
            "a1@192.0.2.1 CNX1_abcd b2@192.0.2.1 CNX1_efgh",
        ),
        // Sentences are none.
        (
            "a1@192.0.2.1, b2@192.0.2.1 since 2h",
            "a1@192.0.2.1 b2@192.0.2.1 from 2026-02-16T10:00:00Z to 2026-02-16T12:00:00Z",
        ),
        (
            "a1@192.0.2.1, b2@192.0.2.1, +441632960123",
            "a1@192.0.2.1 b2@192.0.2.1 +441632960123",
        ),
    ]);
}
