//! Sentences with customers, carriers, destinations, codes and directions, alone and together.

use super::{check_all, check_in, context};

const SINCE_2H: &str = "from 2026-02-16T10:00:00Z to 2026-02-16T12:00:00Z";

#[test]
fn parts() {
    check_all(&[
        ("customer Acme", "customer:Acme"),
        ("acme", "customer:Acme"),
        ("Acme Telecom", "customer:\"Acme Telecom\""),
        ("customer \"Other Ltd\"", "customer:\"Other Ltd\""),
        (
            "customer Unknown Corp to Germany",
            "customer:\"Unknown Corp\" destination:DE",
        ),
        ("customer #12", "customer:#12"),
        ("Acme (#12)", "customer:Acme"),
        ("carrier ExampleTel", "carrier:ExampleTel"),
        ("via ExampleTel", "carrier:ExampleTel"),
        ("provider #105", "carrier:#105"),
        ("provider 105", "carrier:#105"),
        ("customer Dual", "customer:Dual"),
        ("server ny1", "server:ny1"),
        ("prefix 4479", "prefix:4479"),
        ("prefix +4479", "prefix:4479"),
        ("calls to 4479*", "prefix:4479"),
        ("calls to +44", "prefix:44"),
        ("to Germany", "destination:DE"),
        ("calls to DE", "destination:DE"),
        ("South Africa", "destination:ZA"),
        ("to the Netherlands", "destination:NL"),
        ("calls to Inmarsat", "prefix:870"),
        ("UK mobile", "destination:GB-mobile"),
        ("UK mobiles", "destination:GB-mobile"),
        ("mobiles in Germany", "destination:DE-mobile"),
        ("to mobiles", "destination:GB-mobile"),
        ("US toll free", "destination:US-tollfree"),
        ("French landlines", "destination:FR-fixed"),
        ("code 503", "code:503"),
        ("SIP 503", "code:503"),
        ("getting 503s", "code:503"),
        ("inbound", "direction:inbound"),
    ]);
}

#[test]
fn where_a_call_should_have_gone() {
    check_all(&[
        (
            "a@198.51.100.10 wrong destination expect=203.0.113.9",
            "a@198.51.100.10 symptom:wrong-destination expect:203.0.113.9",
        ),
        (
            "442079460018 expect=1001@192.0.2.7:5080",
            "+442079460018 expect:\"1001@192.0.2.7:5080\"",
        ),
        (
            "442079460018 expect: \"Acme Telecom\" since 2h",
            &format!("+442079460018 expect:\"Acme Telecom\" {SINCE_2H}"),
        ),
        ("442079460018 expect=#12.", "+442079460018 expect:#12"),
        (
            "442079460018 expect=1001 expect=1002",
            "+442079460018 expect:1001 (one expected place at a time: 1002 was left out, 1001 taken)",
        ),
        (
            "expect=1001",
            "No Call-ID, number, address, SIP user, customer, carrier or destination was found in that, for \
             example `70634039@192.168.0.204` or `+44 1632 960123 since 2h`.",
        ),
    ]);
}

#[test]
fn sentences() {
    check_all(&[
        (
            "Acme to UK mobile 503 since 2h outbound",
            &format!("customer:Acme code:503 direction:outbound destination:GB-mobile {SINCE_2H}"),
        ),
        (
            "calls to +44 1632 960123 fail since this morning, one-way audio",
            "+441632960123 symptom:one-way-audio from 2026-02-16T05:00:00Z to 2026-02-16T12:00:00Z",
        ),
        (
            "why did 70634039@192.168.0.204 drop after 30 seconds?",
            "70634039@192.168.0.204 symptom:drop-after-30s",
        ),
        (
            "anything from 203.0.113.9 around 14:00 yesterday",
            "203.0.113.9 from 2026-02-15T12:45:00Z to 2026-02-15T13:15:00Z",
        ),
        (
            "is ExampleTel failing to Germany? we get 503 since 2h",
            &format!(
                "carrier:ExampleTel code:503 destination:DE symptom:does-not-connect {SINCE_2H}"
            ),
        ),
        (
            "Calls to Germany fail",
            "destination:DE symptom:does-not-connect",
        ),
        (
            "ext 1001 can't register since 2h",
            &format!("user:1001 symptom:cannot-register {SINCE_2H}"),
        ),
        (
            "can someone please look at 441632960123, no audio",
            "+441632960123 symptom:no-audio",
        ),
        (
            "hey, Acme says calls drop after 5 min",
            "customer:Acme symptom:drop-after-300s",
        ),
        (
            "3 calls from Acme failed",
            "customer:Acme symptom:does-not-connect",
        ),
        (
            "customer complains about echo on 441632960123",
            "+441632960123 symptom:echo",
        ),
    ]);
}

#[test]
fn only_one_of_a_kind() {
    check_all(&[
        (
            "to Germany and to France",
            "destination:DE (one destination at a time: destination:FR was left out, destination:DE taken)",
        ),
        (
            "code 503 and 486",
            "code:503 (one code at a time: 486 was left out, 503 taken)",
        ),
        (
            "Acme inbound and outbound",
            "customer:Acme (both directions were said, so neither is left out)",
        ),
    ]);
}

#[test]
fn without_a_list_of_names() {
    let mut bare = context();
    bare.customers.clear();
    bare.carriers.clear();
    check_in(&bare, "customer Acme to UK", "customer:Acme destination:GB");
    check_in(
        &bare,
        "Acme to UK mobile 503",
        "What is Acme: a customer, a carrier or a server? \
         customer:Acme code:503 destination:GB-mobile | carrier:Acme code:503 destination:GB-mobile | \
         server:Acme code:503 destination:GB-mobile",
    );
}

#[test]
fn sentences_as_they_come() {
    check_all(&[
        (
            "No audio on calls from Acme to Spain since yesterday 14:00 CET",
            "customer:Acme destination:ES symptom:no-audio from 2026-02-15T13:00:00Z to 2026-02-16T12:00:00Z",
        ),
        (
            "Hi team, calls to 441632960123 from 441632960124 are not connecting since 10:00, getting 480",
            "+441632960123 +441632960124 code:480 symptom:does-not-connect from 2026-02-16T09:00:00Z to 2026-02-16T12:00:00Z",
        ),
        (
            "compare 70634039@192.168.0.204 with 1764424037@192.168.0.204",
            "70634039@192.168.0.204 1764424037@192.168.0.204",
        ),
        (
            "is anything wrong with ExampleTel in France?",
            "carrier:ExampleTel destination:FR",
        ),
        (
            "all calls via ExampleTel to Nigeria mobile between 9:00 and 11:00 UTC today fail with code 503",
            "carrier:ExampleTel code:503 destination:NG-mobile symptom:does-not-connect from 2026-02-16T09:00:00Z to 2026-02-16T11:00:00Z",
        ),
        (
            "user 441632960123 not registered",
            "user:441632960123 symptom:cannot-register",
        ),
        (
            "+441632960123 -> +441632960124 at 09:10:02",
            "+441632960123 +441632960124 from 2026-02-16T07:55:02Z to 2026-02-16T08:25:02Z",
        ),
        (
            "441632960123 to 441632960124",
            "+441632960123 +441632960124",
        ),
        (
            "From: 441632960123 To: 441632960124",
            "+441632960123 +441632960124",
        ),
        (
            "caller hears nothing, 02079460123, about an hour ago",
            "+442079460123 symptom:no-audio from 2026-02-16T10:45:00Z to 2026-02-16T11:15:00Z",
        ),
        (
            "Call dropped at 14:32 today, number 07700 900123",
            "+447700900123 symptom:drop from 2026-02-16T13:17:00Z to 2026-02-16T13:47:00Z (that time is still to come)",
        ),
        ("what about 5551234?", "digits:5551234"),
        ("server fr1js3 503", "server:fr1js3 code:503"),
        (
            "test3",
            "What is test3: a SIP user, a Call-ID, a customer, a carrier or a server? user:test3 | call-id:test3 | customer:test3 | carrier:test3 | server:test3",
        ),
        (
            "calls from 10.0.0.0/8 fail",
            "That says what happened or when, but not to which calls: add a Call-ID, a number, an address, a customer, a carrier or a destination, for example `70634039@192.168.0.204` or `+44 1632 960123 since 2h`. (10.0.0.0/8 is a range; only single addresses are found)",
        ),
        ("asr for Acme dropped", "customer:Acme symptom:drop"),
        (
            "call to 999 failed",
            "Is 999 a SIP user/extension or the end of a number? user:999 symptom:does-not-connect | digits:999 symptom:does-not-connect",
        ),
        (
            "is it down?",
            "No Call-ID, number, address, SIP user, customer, carrier or destination was found in that, for example `70634039@192.168.0.204` or `+44 1632 960123 since 2h`.",
        ),
        (
            "GjjS-E0FO",
            "What is GjjS-E0FO: a SIP user, a Call-ID, a customer, a carrier or a server? user:GjjS-E0FO | call-id:GjjS-E0FO | customer:GjjS-E0FO | carrier:GjjS-E0FO | server:GjjS-E0FO",
        ),
        ("480 Temporarily Unavailable", "code:480"),
        (
            "we get 486 Busy Here from carrier #105 to UK",
            "carrier:#105 code:486 destination:GB",
        ),
        ("Q.850 cause 34 on 441632960123", "+441632960123"),
        (
            "please call me",
            "No Call-ID, number, address, SIP user, customer, carrier or destination was found in that, for example `70634039@192.168.0.204` or `+44 1632 960123 since 2h`.",
        ),
        ("20 7946 0123", "+442079460123"),
        (
            "calls to Germany from Acme drop after 32s, only inbound, since 16 Feb 09:00",
            "customer:Acme direction:inbound destination:DE symptom:drop-after-32s from 2026-02-16T08:00:00Z to 2026-02-16T12:00:00Z",
        ),
    ]);
}

#[test]
fn prefixes_where_a_destination_is_expected() {
    check_all(&[
        ("destination 44", "prefix:44"),
        ("destination 4477", "prefix:4477"),
        ("destination:4477", "prefix:4477"),
        ("destination 447700", "prefix:447700"),
        ("country code 44", "prefix:44"),
        ("country DE", "destination:DE"),
        ("country de", "destination:DE"),
        ("destination United Kingdom", "destination:GB"),
        ("destination 441632960123", "+441632960123"),
        ("calls to 44", "prefix:44"),
        ("to 44 with 503", "code:503 prefix:44"),
        (
            "Acme to 353 since 2h",
            &format!("customer:Acme prefix:353 {SINCE_2H}"),
        ),
        (
            "calls to 4477",
            "Is 4477 a SIP user/extension, the end of a number or a prefix? user:4477 | digits:4477 | prefix:4477",
        ),
        (
            "calls to 447700",
            "Is 447700 a SIP user/extension, the end of a number or a prefix? user:447700 | digits:447700 | prefix:447700",
        ),
        (
            "calls to 4477 503",
            "Is 4477 a SIP user/extension, the end of a number or a prefix? user:4477 code:503 | digits:4477 code:503 | code:503 prefix:4477",
        ),
        (
            "Acme added to 30 phones",
            "Is 30 a SIP user/extension, the end of a number or a prefix? user:30 customer:Acme | digits:30 customer:Acme | customer:Acme prefix:30",
        ),
    ]);
}

#[test]
fn codes_of_a_class_and_side_by_side() {
    let left_out =
        "(5xx is a class of codes and was left out: only a single code can be searched for)";
    check_all(&[
        ("Acme 5xx", &format!("customer:Acme {left_out}")),
        ("Acme code 5xx", &format!("customer:Acme {left_out}")),
        ("Acme code:5xx", &format!("customer:Acme {left_out}")),
        ("Acme user 5xx", &format!("customer:Acme {left_out}")),
        (
            "Acme 408 486",
            "customer:Acme code:408 (one code at a time: 486 was left out, 408 taken)",
        ),
        (
            "441632960123 408 486",
            "+441632960123 code:408 (one code at a time: 486 was left out, 408 taken)",
        ),
        ("Acme 408486", "digits:408486 customer:Acme"),
    ]);
}

#[test]
fn addresses_in_place_of_names() {
    check_all(&[
        ("carrier 203.0.113.9", "carrier:203.0.113.9"),
        ("via 203.0.113.9", "carrier:203.0.113.9"),
        ("carrier: 203.0.113.9", "carrier:203.0.113.9"),
        ("carrier:203.0.113.9", "carrier:203.0.113.9"),
        ("customer 198.51.100.10", "customer:198.51.100.10"),
        (
            "customer 198.51.100.10 to Germany via 203.0.113.9",
            "customer:198.51.100.10 carrier:203.0.113.9 destination:DE",
        ),
        ("carrier 2001:db8::9", "carrier:\"2001:db8::9\""),
        ("carrier:\"2001:db8::9\"", "carrier:\"2001:db8::9\""),
    ]);
}

#[test]
fn files_and_escapes() {
    let useless = "No Call-ID, number, address, SIP user, customer, carrier or destination was found in that, for example `70634039@192.168.0.204` or `+44 1632 960123 since 2h`.";
    let hint = |file: &str| format!("{useless} ({file} is a capture file: pass it with --capture)");
    check_all(&[
        ("busy-486.pcap", &hint("busy-486.pcap")),
        ("/x/y.pcapng", &hint("/x/y.pcapng")),
        (
            "441632960123-busy-486.PCAP.gz",
            &hint("441632960123-busy-486.PCAP.gz"),
        ),
        ("\u{1b}[31m441632960123\u{1b}[0m", "+441632960123"),
        ("\u{1b}[1;31m203.0.113.9\u{1b}[m", "203.0.113.9"),
    ]);
}
