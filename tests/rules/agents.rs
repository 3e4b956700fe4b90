//! Devices of which an operator knows a fault, and names that a node could not look up.

use calltriage::diagnosis::{Case, Peers};
use calltriage::knowledge::Knowledge;

use super::{both_ways, line, silent, verdict::inbound, verdict::outbound};
use crate::support::trace::call;

const OWN: &str = r#"
[[agents]]
agent = "ExamplePhone 1.2"
meaning = "It forgets its credentials after a second challenge."
next = ["Upgrade it to 1.3."]
source = "release note of 1.3"
"#;

const CALL: &str = "0.00 cust>plat INVITE | User-Agent: examplephone 1.2.7
    0.02 plat>car INVITE leg=b
    1.00 car>plat 200 leg=b | Server: ExampleGateway 9
    1.01 plat>cust 200
    1.02 cust>plat ACK | User-Agent: examplephone 1.2.7";

fn found(text: &str, knowledge: &Knowledge, peers: &Peers) -> String {
    let call = call(text);
    let case = Case::new(&call, peers, None).knowing(knowledge);
    let mut findings = super::shown::findings(&case);
    findings.retain(|it| it.rule == "known-bad-agent");
    super::shown::asked("known-bad-agent", findings.is_empty());
    let lines: Vec<String> = findings.iter().map(line).collect();
    lines.join("\n")
}

#[test]
fn known_bad_agent_by_an_operators_table() {
    let own = Knowledge::built_in().clone().with(OWN).unwrap();
    insta::assert_snapshot!(found(CALL, &own, &outbound()), @r#"customer>customer possible/certain [1] Acme 198.51.100.10:5060 calls itself "examplephone 1.2.7" (+0.00 s), of which a fault is known (release note of 1.3). It forgets its credentials after a second challenge."#);
    let at_inbound = found(CALL, &own, &inbound());
    assert!(
        at_inbound.starts_with("carrier>carrier possible"),
        "{at_inbound}"
    );
    let called = CALL.replace("ExampleGateway 9", "ExamplePhone 1.2");
    let called = called.replace("examplephone", "other");
    let far = found(&called, &own, &outbound());
    assert!(far.starts_with("carrier>carrier possible"), "{far}");
    // Another version, another program, and the table as it is built in.
    for other in ["ExamplePhone 1.20", "ExamplePhone", "My ExamplePhone 1.2"] {
        let text = CALL.replace("examplephone 1.2.7", other);
        assert_eq!(found(&text, &own, &outbound()), "", "{other}");
    }
    assert_eq!(found(CALL, Knowledge::built_in(), &outbound()), "");
}

const UNRESOLVED: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.20 plat>cust 478 phrase=Unresolvable_destination_(478/SL)
    0.21 cust>plat ACK";

#[test]
fn name_unresolved_by_the_word_of_the_node() {
    insta::assert_snapshot!(both_ways("name-unresolved", UNRESOLVED), @r#"
    configuration>configuration possible/certain [1, 3] Switch 192.0.2.5:5060 refused the INVITE with 478 "Unresolvable destination (478/SL)" (+0.20 s): it could not resolve where to send it. The name has no record that serves, or that node's DNS does not answer; which, its word does not tell.
    inbound: configuration>configuration possible error
    "#);
    let routed = UNRESOLVED.replace(
        "plat INVITE",
        "plat INVITE | Route: <sip:sbc.carrier.example;lr>",
    );
    insta::assert_snapshot!(both_ways("name-unresolved", &routed), @r#"
    customer>configuration possible/certain [1, 3] Switch 192.0.2.5:5060 refused the INVITE with 478 "Unresolvable destination (478/SL)" (+0.20 s): it could not resolve where to send it; it had to go to sbc.carrier.example. The name has no record that serves, or that node's DNS does not answer; which, its word does not tell.
    inbound: carrier>configuration possible error
    "#);
    let said =
        |answer: &str| UNRESOLVED.replace("478 phrase=Unresolvable_destination_(478/SL)", answer);
    let dns = both_ways("name-unresolved", &said("503 phrase=DNS_failure"));
    assert!(dns.contains("with 503 \"DNS failure\""), "{dns}");
    silent("name-unresolved", &said("503 phrase=Service_Unavailable"));
    silent("name-unresolved", &said("404 phrase=Not_Found"));
    silent(
        "name-unresolved",
        &said("480 | Warning: 399 plat \"user away\""),
    );
}
