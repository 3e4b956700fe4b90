//! What session descriptions say of the media.

use super::{fires, found, silent, verdict};

const PUBLIC: &str = "|| v=0 || o=x 2 2 IN IP4 203.0.113.9 || c=IN IP4 203.0.113.9 \
                      || m=audio 4000 RTP/AVP 0";

/// A call through a platform; the caller's description at the caller and behind the platform.
fn call(at_caller: &str, passed_on: &str, bye_at: &str) -> String {
    let sdp = |address: &str| {
        format!(
            "|| v=0 || o=x 1 1 IN IP4 {address} || c=IN IP4 {address} || m=audio 4000 RTP/AVP 0"
        )
    };
    format!(
        "0.00 cust>plat INVITE {}
         0.02 plat>car INVITE leg=b {}
         1.00 car>plat 200 leg=b {PUBLIC}
         1.01 plat>cust 200 {PUBLIC}
         1.02 cust>plat ACK
         1.03 plat>car ACK leg=b
         {bye_at} cust>plat BYE
         {bye_at}1 plat>car BYE leg=b
         {bye_at}2 car>plat 200 BYE leg=b
         {bye_at}3 plat>cust 200 BYE",
        sdp(at_caller),
        sdp(passed_on),
    )
}

#[test]
fn private_media_address_that_reaches_the_carrier() {
    let text = call("192.168.0.204", "192.168.0.204", "9.0");
    fires(
        "private-media-address",
        &text,
        "customer>customer likely/certain [1, 2] customer 198.51.100.10:5060 wants its audio at \
         192.168.0.204 (+0.00 s), a private address, though it sends from 198.51.100.10. It \
         reached the other end unchanged, which cannot send audio there: one-way audio or none. \
         platform passed it on as it was: it relays no media here.",
    );
    assert_eq!(
        verdict(&text),
        "private-media-address customer>customer likely"
    );
}

#[test]
fn private_media_address_in_a_call_that_went_on_for_long() {
    let text = call("100.64.3.4", "100.64.3.4", "99.0");
    let lines = found("private-media-address", &text);
    assert!(
        lines[0].starts_with("customer>customer possible/certain"),
        "{lines:?}"
    );
}

#[test]
fn private_media_address_replaced_by_a_relay() {
    let text = call("10.0.0.4", "192.0.2.6", "9.0");
    fires(
        "private-media-address",
        &text,
        "customer>customer possible/certain [1, 2] customer 198.51.100.10:5060 wants its audio at \
         10.0.0.4 (+0.00 s), a private address, though it sends from 198.51.100.10. platform \
         192.0.2.5:5060 put its own media address in place of it: a relay takes the audio.",
    );
    // Then it is no more than a note.
    assert_eq!(verdict(&text), "hung-up nobody>nobody likely");
}

#[test]
fn private_media_address_of_the_platform() {
    let lines = found(
        "private-media-address",
        &call("198.51.100.10", "10.9.9.9", "9.0"),
    );
    assert!(
        lines[0].starts_with("configuration>configuration likely/certain"),
        "{lines:?}"
    );
}

#[test]
fn private_media_address_on_one_leg_is_a_note() {
    let text = "0.00 cust>plat INVITE || v=0 || c=IN IP4 10.0.0.4 || m=audio 4000 RTP/AVP 0
         1.01 plat>cust 200 || v=0 || c=IN IP4 192.0.2.5 || m=audio 4000 RTP/AVP 0
         1.02 cust>plat ACK
         9.00 cust>plat BYE
         9.01 plat>cust 200 BYE";
    assert_eq!(found("private-media-address", text).len(), 1);
    assert_eq!(verdict(text), "hung-up nobody>nobody likely");
}

#[test]
fn private_media_address_is_silent_in_a_local_network() {
    silent(
        "private-media-address",
        &call("192.168.0.204", "192.168.0.204", "9.0").replace("cust>", "192.168.0.204:5060>"),
    );
}

#[test]
fn private_media_address_is_silent_on_hold_loopback_and_public_addresses() {
    for address in ["0.0.0.0", "127.0.0.1", "198.51.100.10"] {
        silent("private-media-address", &call(address, address, "9.0"));
    }
}

#[test]
fn private_media_address_is_silent_when_nothing_was_answered() {
    silent(
        "private-media-address",
        "0.00 cust>plat INVITE || v=0 || c=IN IP4 10.0.0.4 || m=audio 4000 RTP/AVP 0
         0.01 plat>cust 488 || v=0 || c=IN IP4 192.0.2.5 || m=audio 4000 RTP/AVP 0
         0.02 cust>plat ACK",
    );
}

#[test]
fn answer_without_sdp_of_the_carrier() {
    let text = call("198.51.100.10", "198.51.100.10", "9.0").replace(PUBLIC, "");
    fires(
        "answer-without-sdp",
        &text,
        "carrier>carrier likely/certain [2, 3] carrier 203.0.113.9:5060 sent its 200 (+1.00 s) \
         without a session description, which it owed. The other side does not know where to send \
         audio.",
    );
}

#[test]
fn answer_without_sdp_in_the_ack_to_a_late_offer() {
    let text = format!(
        "0.00 cust>plat INVITE
         1.01 plat>cust 200 {PUBLIC}
         1.02 cust>plat ACK
         9.00 cust>plat BYE
         9.01 plat>cust 200 BYE"
    );
    let lines = found("answer-without-sdp", &text);
    assert!(
        lines[0].starts_with("customer>customer likely/certain [1, 3]"),
        "{lines:?}"
    );
}

#[test]
fn answer_without_sdp_is_silent_after_a_reliable_183() {
    silent(
        "answer-without-sdp",
        &format!(
            "0.00 cust>plat INVITE {PUBLIC}
             0.50 plat>cust 183 | Require: 100rel {PUBLIC}
             0.51 cust>plat PRACK
             0.52 plat>cust 200 PRACK
             1.01 plat>cust 200
             1.02 cust>plat ACK"
        ),
    );
}

#[test]
fn stream_refused_by_the_carrier() {
    let text = call("198.51.100.10", "198.51.100.10", "9.0").replace(
        PUBLIC,
        "|| v=0 || c=IN IP4 203.0.113.9 || m=audio 0 RTP/AVP 0",
    );
    fires(
        "stream-refused",
        &text,
        "undecided>carrier possible/certain [2, 3] carrier 203.0.113.9:5060 answered 200 (+1.00 s) \
         but refused the audio (port 0); offered was RTP/AVP PCMU. Mostly no codec in common, or \
         only one side wants encrypted media; which side is wrong the packets do not say.",
    );
}

#[test]
fn stream_refused_is_silent_when_one_of_two_was_taken() {
    silent(
        "stream-refused",
        "0.00 cust>plat INVITE || v=0 || c=IN IP4 198.51.100.10 || m=audio 4000 RTP/SAVP 0 || m=audio 4000 RTP/AVP 0
         1.01 plat>cust 200 || v=0 || c=IN IP4 192.0.2.5 || m=audio 0 RTP/SAVP 0 || m=audio 5000 RTP/AVP 0
         1.02 cust>plat ACK",
    );
}

#[test]
fn no_common_codec_where_the_clocks_differ() {
    let with = |offered: &str, answered: &str| {
        let of = |map: &str| format!("m=audio 4000 RTP/AVP 97 || a=rtpmap:97 {map}");
        call("198.51.100.10", "198.51.100.10", "9.0")
            .replace("m=audio 4000 RTP/AVP 0", &of(offered))
            .replace(
                &format!("203.0.113.9 || {}", of(offered)),
                &format!("203.0.113.9 || {}", of(answered)),
            )
    };
    let lines = found("no-common-codec", &with("speex/8000", "speex/16000"));
    let words =
        "answered with SPEEX/16000 (+1.00 s), of which the offer named none; it named SPEEX.";
    assert!(lines[0].contains(words), "{lines:?}");
    silent("no-common-codec", &with("speex/8000", "SPEEX/8000"));
    // Often written so.
    silent("no-common-codec", &with("G722/8000", "G722/16000"));
}

#[test]
fn no_common_codec_in_an_answered_call() {
    let text = call("198.51.100.10", "198.51.100.10", "9.0")
        .replace("m=audio 4000 RTP/AVP 0", "m=audio 4000 RTP/AVP 8 18")
        .replace(
            "|| c=IN IP4 203.0.113.9 || m=audio 4000 RTP/AVP 8 18",
            "|| c=IN IP4 203.0.113.9 || m=audio 4000 RTP/AVP 3",
        );
    fires(
        "no-common-codec",
        &text,
        "carrier>carrier likely/certain [2, 3] carrier 203.0.113.9:5060 answered with GSM (+1.00 s), \
         of which the offer named none; it named PCMA, G729. An answer has to keep to the codecs of \
         its offer (RFC 3264 section 6.1).",
    );
    silent("no-common-codec", &text.replace("RTP/AVP 3", "RTP/AVP 3 8"));
    // A dynamic type without a name may be anything.
    silent("no-common-codec", &text.replace("RTP/AVP 3", "RTP/AVP 97"));
    // An annex of G.729 is no other codec.
    silent(
        "no-common-codec",
        &text.replace("RTP/AVP 3", "RTP/AVP 97 || a=rtpmap:97 G729A/8000"),
    );
}

#[test]
fn srtp_mismatch_of_answer_and_offer() {
    let text = call("198.51.100.10", "198.51.100.10", "9.0");
    let secure = "|| c=IN IP4 203.0.113.9 || m=audio 4000 RTP/SAVP 0 || a=crypto:1 x inline:y";
    let plain = "|| c=IN IP4 203.0.113.9 || m=audio 4000 RTP/AVP 0";
    fires(
        "srtp-mismatch",
        &text.replace(plain, secure),
        "carrier>carrier likely/certain [2, 3] carrier 203.0.113.9:5060 answered RTP/SAVP to an \
         offer of RTP/AVP (+1.00 s). Both sides have to encrypt, or neither.",
    );
    silent("srtp-mismatch", &text);
    let both = |more: &str| {
        text.replace(
            "m=audio 4000 RTP/AVP 0",
            &format!("m=audio 4000 UDP/TLS/RTP/SAVPF 0 {more}"),
        )
    };
    silent("srtp-mismatch", &both("|| a=fingerprint:sha-256 AB"));
    let lines = found("srtp-mismatch", &both(""));
    assert!(
        lines[0].contains("names UDP/TLS/RTP/SAVPF and neither keys nor a certificate for it"),
        "{lines:?}"
    );
}

#[test]
fn announcement_before_a_refusal() {
    let text = |early: &str, end: &str| {
        format!(
            "0.00 cust>plat INVITE {PUBLIC}
             0.50 plat>cust {early} {PUBLIC}
             {end} plat>cust 404
             {end}1 cust>plat ACK"
        )
    };
    fires(
        "announcement-before-refusal",
        &text("183", "5.00"),
        "nobody>nobody possible/certain [2, 3] far end 192.0.2.5:5060 opened an early audio path \
         (183 at +0.50 s) for 4.50 s before its 404. A spoken message may have told the caller why.",
    );
    silent("announcement-before-refusal", &text("183", "2.00"));
    silent("announcement-before-refusal", &text("180", "5.00"));
}
