//! Every header name is known in its long and compact form and in any case, and nothing else is.

use calltriage::sip::Name;

/// Each name with its forms.
const NAMES: &[(Name, &str, &str)] = &[
    (Name::Via, "Via", "v"),
    (Name::From, "From", "f"),
    (Name::To, "To", "t"),
    (Name::CallId, "Call-ID", "i"),
    (Name::CSeq, "CSeq", ""),
    (Name::Contact, "Contact", "m"),
    (Name::MaxForwards, "Max-Forwards", ""),
    (Name::ContentLength, "Content-Length", "l"),
    (Name::ContentType, "Content-Type", "c"),
    (Name::Route, "Route", ""),
    (Name::RecordRoute, "Record-Route", ""),
    (Name::Authorization, "Authorization", ""),
    (Name::ProxyAuthorization, "Proxy-Authorization", ""),
    (Name::WwwAuthenticate, "WWW-Authenticate", ""),
    (Name::ProxyAuthenticate, "Proxy-Authenticate", ""),
    (Name::Reason, "Reason", ""),
    (Name::Warning, "Warning", ""),
    (Name::RetryAfter, "Retry-After", ""),
    (Name::SessionExpires, "Session-Expires", "x"),
    (Name::MinSe, "Min-SE", ""),
    (Name::Expires, "Expires", ""),
    (Name::MinExpires, "Min-Expires", ""),
    (Name::Supported, "Supported", "k"),
    (Name::Require, "Require", ""),
    (Name::Unsupported, "Unsupported", ""),
    (Name::Allow, "Allow", ""),
    (Name::UserAgent, "User-Agent", ""),
    (Name::Server, "Server", ""),
    (Name::Event, "Event", "o"),
    (Name::SessionId, "Session-ID", ""),
    (Name::PAssertedIdentity, "P-Asserted-Identity", ""),
    (Name::Privacy, "Privacy", ""),
    (Name::Diversion, "Diversion", ""),
    (Name::HistoryInfo, "History-Info", ""),
    (Name::Identity, "Identity", "y"),
    (Name::ErrorInfo, "Error-Info", ""),
    (Name::CallInfo, "Call-Info", ""),
    (Name::InReplyTo, "In-Reply-To", ""),
    (Name::PChargingVector, "P-Charging-Vector", ""),
    (Name::RSeq, "RSeq", ""),
    (Name::RAck, "RAck", ""),
    (Name::Replaces, "Replaces", ""),
    (Name::ReferTo, "Refer-To", "r"),
    (Name::ReferredBy, "Referred-By", "b"),
    (Name::SubscriptionState, "Subscription-State", ""),
    (Name::PPreferredIdentity, "P-Preferred-Identity", ""),
    (Name::RemotePartyId, "Remote-Party-ID", ""),
    (Name::ContentDisposition, "Content-Disposition", ""),
    (Name::ContentEncoding, "Content-Encoding", "e"),
    (Name::ProxyRequire, "Proxy-Require", ""),
    (Name::Accept, "Accept", ""),
    (Name::AllowEvents, "Allow-Events", "u"),
    (Name::Date, "Date", ""),
    (Name::Subject, "Subject", "s"),
];

/// The text with every second letter in upper case.
fn mixed(text: &str) -> String {
    let letters = text.chars().enumerate();
    letters
        .map(|(at, c)| match at % 2 {
            0 => c.to_ascii_uppercase(),
            _ => c.to_ascii_lowercase(),
        })
        .collect()
}

#[test]
fn each_name_is_found_in_every_form_and_case() {
    assert_eq!(NAMES.len(), Name::Other as usize, "a name is missing here");
    for (name, long, compact) in NAMES {
        assert_eq!(name.as_str(), *long);
        for form in [*long, *compact].into_iter().filter(|it| !it.is_empty()) {
            let cases = [
                form.to_owned(),
                form.to_ascii_lowercase(),
                form.to_ascii_uppercase(),
                mixed(form),
            ];
            for written in cases {
                assert_eq!(Name::parse(written.as_bytes()), *name, "{written}");
            }
        }
    }
}

#[test]
fn nothing_else_is_a_name() {
    let compact: String = NAMES.iter().map(|(_, _, compact)| *compact).collect();
    for byte in 0..=u8::MAX {
        let is_known = compact.contains(char::from(byte.to_ascii_lowercase()));
        assert_eq!(Name::parse(&[byte]) != Name::Other, is_known, "{byte}");
    }
    for (_, long, _) in NAMES {
        let bytes = long.as_bytes();
        for at in 0..bytes.len() {
            // A bit that is the case of a letter makes another character of anything else.
            let mut other = bytes.to_vec();
            other[at] ^= if bytes[at] == b'-' { 0x20 } else { 0x10 };
            assert_eq!(Name::parse(&other), Name::Other, "{other:?}");
            let shorter = [&bytes[..at], &bytes[at + 1..]].concat();
            // A single letter was looked at above.
            assert!(
                shorter.len() == 1 || Name::parse(&shorter) == Name::Other,
                "{long} without {at}"
            );
        }
        assert_eq!(Name::parse(format!("{long} ").as_bytes()), Name::Other);
        assert_eq!(Name::parse(format!("X-{long}").as_bytes()), Name::Other);
    }
    assert_eq!(Name::parse(b""), Name::Other);
}
