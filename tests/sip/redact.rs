//! Credentials never leave: what is blanked, and that nothing else changes.

use bytes::Bytes;
use calltriage::sip::redact::without_credentials;
use proptest::prelude::*;

fn redact(text: &str) -> String {
    let out = without_credentials(&Bytes::copy_from_slice(text.as_bytes()));
    String::from_utf8(out.to_vec()).unwrap()
}

/// Every `#` in these is a secret and nothing else is.
const CASES: &[&str] = &[
    "Authorization: Digest username=\"u\", nonce=\"n\", response=\"####\", cnonce=\"##\", nc=1\r\nTo: a\r\n",
    "Proxy-Authorization : digest response=####,cnonce=##,qop=auth\r\n\r\n",
    "authorization:Digest response = \"####\" , cnonce\t=\t\"##\"\r\n",
    "AUTHORIZATION: Digest username=\"u\",\r\n response=\"####\",\r\n\tcnonce=\"##\"\r\nTo: response=1\r\n",
    "Authorization: Digest username=\"u\", response=\r\n \"####\"\r\n",
    "Authorization:\r\n Digest username=\"u\",\r\n response=\"####\"\r\n",
    "Authorization: Digest cnonce=\"#,# #;#\", nonce=\"n\"\r\n",
    "Authorization: Digest cnonce=\"#####\", username=\"open, response=\"###\"\r\n",
    "Authorization: Digest response=\"####\nTo: a\n",
    "Authorization: ##### ##########\r\nTo: a\r\n",
    "Authorization: ######\r\n ######\r\nTo: a\r\n",
    "Authorization:\r\n\t#####\r\n ######==#\r\n",
    "Authorization: ######\r\n",
    "X: y\r\n Authorization: ######\r\n",
    "Authentication-Info: qop=auth, rspauth=\"####\", cnonce=\"##\", nc=1\r\n",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:########|2^20|1:4 x\r\n",
    "A=CRYPTO:1 z inline:####|2^20;inline:####\r\na=sendrecv\r\n",
    "k=######\r\na=ice-pwd:####\r\na=key-mgmt:##### #####\r\nt=0 0\r\n",
    "c: application/dtmf-relay\r\n\r\nSignal= #\r\nDuration=160\r\n",
    "Content-Type: application/dtmf\r\nContent-Length: 1\r\n\r\n#",
    "Content-Type:\r\n Application/DTMF ;a=b\r\n\r\n#\r\n#\r\n",
    "Content-Type: application/vnd.nortelnetworks.digits\r\n\r\n######\r\n####\r\n",
    "Content-Type: application/kpml-response+xml\r\n\r\n<kpml-response code=\"200\" digits=\"####\" tag=\"d\"/>",
    "Content-Type: application/mediaservercontrol+xml\r\n\r\n<response request=\"playcollect\" digits='####' id=\"a\"/>",
    "Content-Type: multipart/mixed;boundary=b\r\n\r\n--b\r\nContent-Type: application/dtmf\r\n\r\n##\r\n\
     --b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n",
    "Content-Type: message/sipfrag\r\n\r\nINVITE sip:b@h SIP/2.0\r\nAuthorization: Digest username=\"u\", response=\"###\"\r\n",
    "Refer-To: <sip:b@h?Replaces=a%3Bto-tag%3Dt&Authorization=#########&Subject=s>;tag=a\r\n",
    "Contact: <sip:b@h?proxy-authorization=####>, <sip:b@h?no-authorization=a>\r\n",
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", opaque=\"o\"\r\nSubject: response=1\r\n",
];

#[test]
fn nothing_secret_is_left_and_nothing_else_changes() {
    for case in CASES {
        // Punctuation inside a secret is blanked with it, but for quotes that end it.
        let out = redact(case);
        assert_eq!(out.len(), case.len());
        assert!(!out.contains('#'), "{out}");
        for (before, after) in case.bytes().zip(out.bytes()) {
            let blanked = after == b'x' && !before.is_ascii_whitespace();
            assert!(before == after || blanked, "{case:?} became {out:?}");
            let harmless = before.is_ascii_lowercase() && before != b'x';
            assert!(!(harmless && before != after), "{case:?} became {out:?}");
        }
        assert_eq!(redact(&out), out);
    }
    assert_eq!(
        redact("Authorization: Digest cnonce=\"a\\\"b\\\\\", nonce=\"n\"\r\n"),
        "Authorization: Digest cnonce=\"xxxxxx\", nonce=\"n\"\r\n"
    );
}

/// Bytes that often look like the lines of interest.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..8),
        proptest::sample::select(
            &[
                "Authorization:",
                "Proxy-Authorization",
                "Authentication-Info:",
                ": ",
                "Digest ",
                "Basic ",
                "response",
                "cnonce",
                "=",
                "\"",
                "\\",
                ",",
                "\r\n",
                "\n",
                " ",
                "\t",
                "a=crypto:",
                "inline:",
                "k=",
                "Content-Type:",
                "application/dtmf",
                "application/kpml-response+xml",
                "digits",
                "Signal",
                "\r\n\r\n",
                "--b",
                "?Authorization=",
                "sip:",
            ][..]
        )
        .prop_map(|piece| piece.as_bytes().to_vec()),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Each blanks what the other took for an end.
#[test]
fn a_key_in_a_password_is_blanked_at_once() {
    for text in ["sip:inline:|@", "sip:inline:<|@"] {
        let after = without_credentials(&Bytes::from(text));
        assert_eq!(without_credentials(&after), after, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_bytes_keep_their_length_and_lines(bytes in bytes()) {
        let before = Bytes::from(bytes);
        let after = without_credentials(&before);
        prop_assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(before == after || (*after == b'x' && !before.is_ascii_whitespace()));
        }
        prop_assert_eq!(without_credentials(&after), after);
    }

    #[test]
    fn a_digest_never_gets_through(
        secret in "[0-9a-f]{32}",
        name in "(Proxy-)?Authorization ?",
        before in "[a-zA-Z0-9=\", \t]{0,30}(\r\n )?",
        equals in "[ \t]?=[ \t]?(\r\n )?",
        quote in "\"?",
        after in "[a-z=\", ]{0,20}",
    ) {
        let text = format!("{name}: Digest {before}response{equals}{quote}{secret}{quote},{after}\r\n");
        prop_assert!(!redact(&text).contains(&secret));
    }
}

#[test]
fn the_password_of_a_uri_goes() {
    let raw = Bytes::from_static(
        b"INVITE sip:bob:s3cret@h SIP/2.0\r\nContact: <sip:alice:SECRET@198.51.100.1:5060>\r\n\
          From: \"a\" <sips:carol@h:5061>;tag=1\r\n\r\n",
    );
    let clean = without_credentials(&raw);
    let text = String::from_utf8_lossy(&clean);
    assert_eq!(clean.len(), raw.len());
    assert!(
        text.contains("sip:bob:xxxxxx@h") && text.contains("<sip:alice:xxxxxx@198.51.100.1:5060>"),
        "{text}"
    );
    assert!(text.contains("<sips:carol@h:5061>"), "{text}");
}
