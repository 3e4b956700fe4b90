//! Addresses for audio to which nothing can be sent.

use super::{both_ways, silent};

fn call(offer: &str, answer: &str) -> String {
    format!(
        "0.00 cust>plat INVITE || v=0 || c=IN {offer} || m=audio 4000 RTP/AVP 8
        0.02 plat>car INVITE leg=b || v=0 || c=IN {offer} || m=audio 5000 RTP/AVP 8
        1.00 car>plat 200 leg=b || v=0 || c=IN {answer} || m=audio 6000 RTP/AVP 8
        1.01 plat>cust 200 || v=0 || c=IN {answer} || m=audio 5002 RTP/AVP 8
        1.02 cust>plat ACK
        1.03 plat>car ACK leg=b
        9.00 cust>plat BYE
        9.01 plat>car BYE leg=b
        9.02 car>plat 200 BYE leg=b
        9.03 plat>cust 200 BYE"
    )
}

#[test]
fn the_zero_address_outside_a_hold() {
    let text = call("IP4 0.0.0.0", "IP4 203.0.113.9");
    insta::assert_snapshot!(both_ways("zero-media-address", &text), @r"
    customer>customer likely/certain [1, 4] Acme 198.51.100.10:5060 wants its audio at the zero address (+0.00 s), and does not say that it holds. Nothing can be sent to that address, so that this side hears nothing.
    inbound: carrier>carrier likely error
    ");
    let answered = call("IP4 198.51.100.10", "IP4 0.0.0.0");
    insta::assert_snapshot!(both_ways("zero-media-address", &answered), @r"
    carrier>carrier likely/certain [3, 4] One 203.0.113.9:5060 wants its audio at the zero address (+1.00 s), and does not say that it holds. Nothing can be sent to that address, so that this side hears nothing.
    inbound: customer>customer likely error
    ");
    silent(
        "zero-media-address",
        &call("IP4 198.51.100.10", "IP4 203.0.113.9"),
    );
    // Who says that it holds means it.
    silent(
        "zero-media-address",
        &text.replace("AVP 8", "AVP 8 || a=sendonly"),
    );
    // An address may come later, as where a third party connects two others.
    let later = text.replace(
        "9.00",
        "2.00 cust>plat INVITE in cseq=3 || v=0 || c=IN IP4 198.51.100.10 || m=audio 4000 RTP/AVP 8
        2.01 plat>cust 200 in cseq=3 || v=0 || c=IN IP4 203.0.113.9 || m=audio 5002 RTP/AVP 8
        9.00",
    );
    silent("zero-media-address", &later);
}

#[test]
fn one_side_has_another_family_of_addresses() {
    let text = call("IP6 2001:db8::10", "IP4 203.0.113.9");
    insta::assert_snapshot!(both_ways("address-family-differs", &text), @r"
    undecided>configuration possible/certain [1, 4] Acme 198.51.100.10:5060 wants its audio at an IPv6 address (+0.00 s), Switch 192.0.2.5:5060 at an IPv4 address (+1.01 s). Unless both speak both, neither can send to the other.
    inbound: undecided>configuration possible error
    ");
    silent(
        "address-family-differs",
        &call("IP6 2001:db8::10", "IP6 2001:db8::9"),
    );
    silent(
        "address-family-differs",
        &text.replace("AVP 8", "AVP 8 || a=ice-ufrag:u || a=ice-pwd:p"),
    );
    // Nobody answered: nothing was to be heard.
    silent("address-family-differs", &text.replace("200", "183"));
}
