//! Header fields by type, beyond those that every call needs.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use calltriage::sip::header::{Forwarded, Malformed, Party, Token, Via};
use calltriage::sip::uri::{Uri, unescape};
use calltriage::sip::{Message, Method, Name};

use super::invite;

#[test]
fn reliable_responses() {
    let message = invite("RSeq: 988789\r\nRAck: 988789  1\r\n INVITE\r\n");
    let rack = message.rack().unwrap();
    assert!(rack.acknowledges(message.rseq().unwrap(), &message.cseq().unwrap()));
    assert!(!rack.acknowledges(988_790, &message.cseq().unwrap()));
    for odd in ["", "1", "1 2", "x 1 INVITE", "1 x INVITE"] {
        assert_eq!(invite(&format!("RAck: {odd}\r\n")).rack(), None, "{odd}");
    }
    assert_eq!(invite("RSeq: -1\r\n").rseq(), None);
}

#[test]
fn replaced_dialogs() {
    let shown = |message: Message| {
        let replaces = message.replaces();
        replaces.map(|r| format!("{} {} {} {}", r.call_id, r.to_tag, r.from_tag, r.early_only))
    };
    for (value, expected) in [
        ("a@h;to-tag=t;from-tag=f", Some("a@h t f false")),
        (
            "a@h ; From-Tag = f ; early-only ; to-tag = t",
            Some("a@h t f true"),
        ),
        ("a@h", Some("a@h   false")),
        (";to-tag=t", None),
    ] {
        let read = shown(invite(&format!("Replaces: {value}\r\n")));
        assert_eq!(read.as_deref(), expected, "{value}");
    }
}

#[test]
fn transfers() {
    let message = invite(
        "r: \"Carol\" <sip:carol@c;method=INVITE?Replaces=a%40h%3Bto-tag%3Dt%3Bfrom-tag%3Df&Require=replaces>\r\n\
         b: <sip:bob@b>;cid=\"20398823.2UWQFN309shb3@b\"\r\n",
    );
    let refer = message.refer_to().unwrap();
    assert_eq!(refer.address.display, "Carol");
    assert_eq!(refer.address.uri.user.as_deref(), Some("carol"));
    assert_eq!(refer.method, Method::Invite);
    let replaces = refer.replaces.unwrap();
    assert_eq!(
        (
            replaces.call_id.as_str(),
            replaces.to_tag.as_str(),
            replaces.from_tag.as_str()
        ),
        ("a@h", "t", "f")
    );
    assert_eq!(refer.address.uri.header("require"), Some("replaces"));
    let by = message.referred_by().unwrap();
    assert_eq!(by.uri.user.as_deref(), Some("bob"));
    // Some forget to escape.
    let plain = invite("Refer-To: <sip:carol@c:5070?Replaces=a@h;to-tag=t;from-tag=f>\r\n")
        .refer_to()
        .unwrap();
    assert_eq!(plain.address.uri.port, Some(5070));
    assert_eq!(plain.replaces.unwrap().call_id, "a@h");
    let blind = invite("Refer-To: tel:+15551002\r\n").refer_to().unwrap();
    assert_eq!((blind.method, blind.replaces), (Method::Invite, None));
    assert_eq!(blind.address.uri.user.as_deref(), Some("+15551002"));
    let bye = invite("Refer-To: <sip:c@h;method=BYE>\r\n")
        .refer_to()
        .unwrap();
    assert_eq!(bye.method, Method::Bye);
}

#[test]
fn events() {
    let message = invite(
        "o: Refer;id=93809824\r\nSubscription-State: Terminated;reason=NoResource;retry-after=5\r\n",
    );
    let event = message.event().unwrap();
    assert_eq!(
        (event.package.as_str(), event.id.as_deref()),
        ("refer", Some("93809824"))
    );
    let state = message.subscription_state().unwrap();
    assert!(state.is_terminated());
    assert_eq!(
        (state.reason.as_deref(), state.retry_after, state.expires),
        (Some("noresource"), Some(5), None)
    );
    let active = invite("Subscription-State: active;expires=60\r\n")
        .subscription_state()
        .unwrap();
    assert_eq!((active.is_terminated(), active.expires), (false, Some(60)));
    assert_eq!(
        invite("Event: ;id=1\r\nSubscription-State:\r\n").event(),
        None
    );
}

fn token(header: &str, payload: &str) -> String {
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        encode(header),
        encode(payload),
        encode("the signature")
    )
}

const SHAKEN: &str =
    r#"{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"https://cert.example/c.pem"}"#;

#[test]
fn passports() {
    let shaken = token(
        SHAKEN,
        r#"{"attest":"A","dest":{"tn":["15551002"],"uri":["sip:bob@b"]},"iat":1443208345,"orig":{"tn":"15551001"},"origid":"123e4567-e89b-12d3-a456-426655440000","rcd":{"nam":"x"}}"#,
    );
    let div = token(
        r#"{"alg":"ES256","ppt":"div","typ":"passport","x5u":"u"}"#,
        r#"{"dest":{"tn":["15551003"]},"div":{"tn":"15551002"},"iat":1443208346,"orig":{"tn":"15551001"}}"#,
    );
    let message = invite(&format!(
        "Identity: {shaken};info=<https://cert.example/c.pem>;alg=ES256;ppt=\"shaken\"\r\n\
         y: {div};info=<u>;ppt=div\r\n"
    ));
    let identities = message.identities();
    let one = &identities[0];
    assert_eq!(one.info, "https://cert.example/c.pem");
    assert_eq!(
        (one.alg.as_deref(), one.ppt.as_deref()),
        (Some("ES256"), Some("shaken"))
    );
    let passport = one.passport().unwrap();
    assert_eq!(
        (
            &*passport.alg,
            &*passport.ppt,
            &*passport.typ,
            &*passport.x5u
        ),
        ("ES256", "shaken", "passport", "https://cert.example/c.pem")
    );
    assert_eq!(
        (passport.iat, passport.attest.as_deref()),
        (Some(1_443_208_345), Some("A"))
    );
    assert_eq!(
        passport.origid.as_deref(),
        Some("123e4567-e89b-12d3-a456-426655440000")
    );
    assert_eq!(passport.orig, [Party::Number("15551001".to_owned())]);
    assert_eq!(
        passport.dest,
        [
            Party::Number("15551002".to_owned()),
            Party::Uri("sip:bob@b".to_owned())
        ]
    );
    assert_eq!(passport.others, ["rcd"]);
    let diverted = &message.passports()[1];
    assert_eq!(
        (&*diverted.ppt, diverted.div[0].text()),
        ("div", "15551002")
    );
    assert_eq!(identities[1].alg, None);
    // No signature is kept.
    let signature = BASE64_URL_SAFE_NO_PAD.encode("the signature");
    assert!(!format!("{identities:?}").contains(&signature));
}

#[test]
fn tokens_that_cannot_be_read() {
    let fault = |value: &str| {
        let identities = invite(&format!("Identity: {value}\r\n")).identities();
        match &identities[0].token {
            Token::Full(_) => "full".to_owned(),
            Token::Compact => "compact".to_owned(),
            Token::Malformed(fault) => format!("{fault:?}"),
        }
    };
    let good = token(SHAKEN, "{}");
    let mut parts: Vec<String> = good.split('.').map(str::to_owned).collect();
    assert_eq!(fault(&good), "full");
    assert_eq!(fault(&format!("..{};info=<u>", parts[2])), "compact");
    // A folded header, and padding, change nothing.
    assert_eq!(
        fault(&format!("{}.\r\n {}.{}", parts[0], parts[1], parts[2])),
        "full"
    );
    assert_eq!(fault(&format!("{}.e30=.{}", parts[0], parts[2])), "full");
    let wrong = |fault: Malformed| format!("{fault:?}");
    assert_eq!(
        fault("\"ZYNBbHC00VMZr2kZt6VmCvPonWJM=\""),
        wrong(Malformed::NotThreeParts)
    );
    assert_eq!(fault("a.b.c.d"), wrong(Malformed::NotThreeParts));
    assert_eq!(
        fault(&format!("{}.{}.", parts[0], parts[1])),
        wrong(Malformed::NoSignature)
    );
    assert_eq!(
        fault(&format!("!.{}.x", parts[1])),
        wrong(Malformed::HeaderEncoding)
    );
    assert_eq!(
        fault(&format!("W10.{}.x", parts[1])),
        wrong(Malformed::HeaderJson)
    );
    assert_eq!(
        fault(&format!("{}.!.x", parts[0])),
        wrong(Malformed::PayloadEncoding)
    );
    assert_eq!(
        fault(&format!("{}.e30x.x", parts[0])),
        wrong(Malformed::PayloadJson)
    );
    parts[1] = BASE64_STANDARD.encode(r#"{"orig":5,"dest":{"tn":[1,null]},"iat":"x"}"#);
    let odd = invite(&format!("Identity: {}\r\n", parts.join("."))).passports();
    assert!(odd[0].orig.is_empty() && odd[0].dest.is_empty() && odd[0].iat.is_none());
}

#[test]
fn diversions() {
    let message = invite(
        "Diversion: \"B, b\" <sip:+15551002@h>;reason=User-Busy;counter=2;privacy=off;screen=yes;limit=5, <tel:+15551003>;reason=unconditional\r\n\
         diversion: sip:+15551004@h;counter=x\r\n",
    );
    let all = message.diversions();
    let shown: Vec<_> = all
        .iter()
        .map(|d| {
            format!(
                "{} {} {:?}",
                d.address.uri.user.as_deref().unwrap(),
                d.reason,
                d.counter
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "+15551002 user-busy Some(2)",
            "+15551003 unconditional None",
            "+15551004  None"
        ]
    );
    assert_eq!(
        (all[0].limit, all[0].screen.as_deref()),
        (Some(5), Some("yes"))
    );
    assert_eq!(all[0].privacy.as_deref(), Some("off"));
}

#[test]
fn histories() {
    let message = invite(
        "History-Info: <sip:bob@b>;index=1\r\n\
         History-Info: <sip:bob@192.0.2.4?Reason=SIP%3Bcause%3D486%3Btext%3D%22Busy%20Here%22%2CQ.850%3Bcause%3D17&Privacy=history>;index=1.1;rc=1,\
         <sip:voice@v;cause=486>;index=1.2;mp=1, <sip:voice@w>;np=1.2\r\n",
    );
    let entries = message.history();
    let indices: Vec<_> = entries.iter().map(|entry| entry.index.as_str()).collect();
    assert_eq!(indices, ["1", "1.1", "1.2", ""]);
    assert_eq!(entries[0].forwarded, None);
    assert_eq!(
        entries[1].forwarded,
        Some(Forwarded::Contact("1".to_owned()))
    );
    assert_eq!(
        entries[2].forwarded,
        Some(Forwarded::OtherUser("1".to_owned()))
    );
    assert_eq!(
        entries[3].forwarded,
        Some(Forwarded::Unchanged("1.2".to_owned()))
    );
    assert_eq!(entries[1].reason_cause("sip"), Some(486));
    assert_eq!(entries[1].reasons[0].text, "Busy Here");
    assert_eq!(entries[1].reason_cause("Q.850"), Some(17));
    assert_eq!(
        (entries[1].is_private, entries[0].is_private),
        (true, false)
    );
    assert_eq!((entries[2].cause, entries[1].cause), (Some(486), None));
}

#[test]
fn identities_and_privacy() {
    let message = invite(
        "P-Asserted-Identity: \"A\" <sip:+15551001@h>, <tel:+15551001>\r\n\
         P-Preferred-Identity: <sip:alice@a>\r\nPrivacy: ID; Critical\r\n",
    );
    let users: Vec<_> = message
        .asserted()
        .into_iter()
        .map(|a| a.uri.scheme)
        .collect();
    assert_eq!(users, ["sip", "tel"]);
    assert_eq!(message.preferred()[0].uri.user.as_deref(), Some("alice"));
    assert_eq!(message.privacy(), ["id", "critical"]);
}

#[test]
fn warnings_and_waits() {
    let message = invite(
        "Warning: 307 isi.edu \"Session, parameter \\\"foo\\\"\", 370 h:5060 \"Too little\"\r\nWarning: 399 gw no quotes, x\r\n\
         Retry-After: 18000 (in a (long) meeting) ;duration=3600\r\n",
    );
    let shown: Vec<_> = message
        .warnings()
        .iter()
        .map(|w| format!("{}|{}|{}", w.code, w.agent, w.text))
        .collect();
    assert_eq!(
        shown,
        [
            "307|isi.edu|Session, parameter \"foo\"",
            "370|h:5060|Too little",
            "399|gw|no quotes"
        ]
    );
    let wait = message.retry_after().unwrap();
    assert_eq!(
        (wait.seconds, wait.comment.as_str(), wait.duration),
        (18000, "in a (long) meeting", Some(3600))
    );
    assert_eq!(invite("Retry-After: soon\r\n").retry_after(), None);
    assert_eq!(invite("Retry-After: 99999999999\r\n").retry_after(), None);
}

#[test]
fn lists_of_tokens() {
    let message = invite(
        "Require: 100rel, timer\r\nrequire: Replaces\r\nk:\r\nAllow: INVITE,ACK , FLY\r\nProxy-Require: x\r\n",
    );
    assert_eq!(
        message.tokens(Name::Require),
        ["100rel", "timer", "Replaces"]
    );
    assert!(message.has_token(Name::Require, "REPLACES"));
    assert!(message.tokens(Name::Supported).is_empty());
    assert_eq!(
        message.allowed(),
        [Method::Invite, Method::Ack, Method::Other("FLY".into())]
    );
    assert_eq!(message.tokens(Name::ProxyRequire), ["x"]);
}

#[test]
fn escapes_in_uris() {
    for (text, expected) in [
        ("", ""),
        ("a", "a"),
        ("%41%4a%4A", "AJJ"),
        ("%", "%"),
        ("%4", "%4"),
        ("%4g%zz", "%4g%zz"),
        ("%%41", "%A"),
        ("%c3%a9", "\u{e9}"),
        ("%ff", "\u{fffd}"),
        ("\u{e9}%00", "\u{e9}\0"),
    ] {
        assert_eq!(unescape(text), expected, "{text}");
    }
    let uri = Uri::parse(
        "sip:%2B1555;rn=%2B1556;npdi:pass%3Aword@h;user=phone?a=%3Cb%3E&Authorization=Digest%20x&c",
    );
    assert_eq!(uri.user.as_deref(), Some("+1555"));
    assert_eq!(
        (uri.user_param("rn"), uri.user_param("npdi")),
        (Some("+1556"), Some(""))
    );
    assert_eq!(uri.param("user"), Some("phone"));
    assert_eq!((uri.header("a"), uri.header("c")), (Some("<b>"), Some("")));
    assert_eq!(uri.header("authorization"), Some(""));
    assert!(!format!("{uri:?}").contains("pass"));
    let web = Uri::parse("http://www.example.com:80/x");
    assert_eq!((&*web.scheme, &*web.host), ("http", "www.example.com"));
    let bare = Uri::parse("pbx.example.com:5070");
    assert_eq!(
        (&*bare.scheme, &*bare.host, bare.port),
        ("", "pbx.example.com", Some(5070))
    );
}

#[test]
fn branches_of_rfc_3261() {
    for (branch, has) in [
        ("z9hG4bK1", true),
        ("Z9HG4BK1", true),
        ("1", false),
        ("z9hG4b\u{e9}", false),
    ] {
        let via = Via::parse(&format!("SIP/2.0/UDP h;branch={branch}"));
        assert_eq!(via.has_magic_cookie(), has, "{branch}");
    }
}
