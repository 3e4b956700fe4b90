//! SIP messages and session descriptions: everything that can be asked of them is asked.

use std::hint::black_box;

use bytes::Bytes;
use calltriage::sip::header::{CSeq, MediaType};
use calltriage::sip::redact::without_credentials;
use calltriage::sip::sdp::Sdp;
use calltriage::sip::{Glance, Message, Name};

const NAMES: [Name; 8] = [
    Name::Via,
    Name::Contact,
    Name::Supported,
    Name::Require,
    Name::Allow,
    Name::RecordRoute,
    Name::ContentType,
    Name::Other,
];

pub fn message(data: &[u8]) {
    let raw = Bytes::copy_from_slice(data);
    let message = Message::parse(raw.clone());
    assert_eq!(message.raw(), &raw);
    assert!(message.body().len() <= raw.len());

    let glance = Glance::of(&raw);
    assert_eq!(glance.call_id(), message.call_id(), "the Call-ID");
    assert_eq!(glance.cseq(), message.cseq(), "the CSeq");
    assert_eq!(
        String::from_utf8_lossy(glance.start),
        message.start_text(),
        "the start line"
    );

    let found = message.check();
    assert_eq!(found, message.check());
    ask(&message);

    let redacted = without_credentials(&raw);
    assert_eq!(redacted.len(), raw.len(), "redacting changed the length");
    assert_eq!(without_credentials(&redacted), redacted, "redacted twice");
    ask(&Message::parse(redacted));
}

fn ask(message: &Message) {
    black_box((message.is_cut(), message.code(), message.reason_phrase()));
    black_box((message.method(), message.request_uri(), message.start()));
    black_box((message.from(), message.to(), message.contact()));
    assert_eq!(
        message.from_tag(),
        message
            .from()
            .and_then(|it| it.param("tag").map(str::to_owned)),
        "the From tag"
    );
    assert_eq!(
        message.to_tag(),
        message
            .to()
            .and_then(|it| it.param("tag").map(str::to_owned)),
        "the To tag"
    );
    black_box((message.from_user(), message.to_user(), message.agent()));
    let top = message.top_via();
    assert_eq!(
        message.branch(),
        top.as_ref().and_then(|it| it.branch().map(str::to_owned)),
        "the branch"
    );
    for via in message.vias().iter().chain(&top) {
        black_box((
            via.port_or_default(),
            via.has_magic_cookie(),
            via.has_rport(),
            via.address(),
        ));
    }
    black_box((message.reasons(), message.q850(), message.challenges()));
    black_box((
        message.credentials(),
        message.session_expires(),
        message.seconds(Name::Expires),
    ));
    black_box((
        message.rseq(),
        message.rack(),
        message.replaces(),
        message.refer_to(),
    ));
    black_box((
        message.referred_by(),
        message.event(),
        message.subscription_state(),
    ));
    black_box((
        message.identities(),
        message.passports(),
        message.diversions(),
    ));
    black_box((message.history(), message.asserted(), message.preferred()));
    black_box((
        message.privacy(),
        message.warnings(),
        message.retry_after(),
        message.allowed(),
    ));
    for name in NAMES {
        black_box((
            message.elements(name),
            message.tokens(name),
            message.addresses(name),
        ));
        black_box(message.has_token(name, "timer"));
    }
    let lines = message.all_headers().count();
    assert!(lines <= message.raw().len());
    black_box(message.other_header("X-Any"));
    for part in message.parts() {
        black_box((part.kind(), part.text()));
    }
    black_box((message.isup(), message.sipfrag(), message.has_dtmf()));
    black_box(message.sdp());
}

pub fn sdp(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let sdp = Sdp::parse(&text);
    assert_eq!(sdp, Sdp::parse(&text));
    black_box((sdp.audio(), sdp.origin_key()));
    for media in &sdp.media {
        black_box((
            media.is_rtp(),
            media.is_srtp(),
            media.is_dtls(),
            media.is_udptl(),
        ));
        black_box((
            media.is_t38(),
            media.ip(),
            media.endpoint(),
            media.rtcp_endpoint(),
        ));
        black_box((
            media.is_held(),
            media.codecs(),
            media.telephone_events().count(),
        ));
        black_box(media.security.shares_suite(&sdp.media[0].security));
    }
    // Any of its bytes may be a value of a header, too.
    black_box((CSeq::parse(&text), MediaType::parse(&text)));
    let head = b"INVITE sip:a@b SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n";
    let message = Message::parse([&head[..], data].concat().into());
    black_box(message.check());
    if let Some(inside) = message.sdp() {
        assert_eq!(*inside, sdp);
    }
}
