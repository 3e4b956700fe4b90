//! Rules on the signatures of calls, between numbers of North America.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use calltriage::diagnosis::{Case, Tuning};

use super::{Row, check_rows, verdict};
use crate::support::trace::{START, call};

const CALLER: &str = "12125550101";
const CALLED: &str = "13125550102";

/// What a token says, and how the header around it is written.
struct Signed {
    kind: &'static str,
    attest: &'static str,
    age: i64,
    orig: &'static str,
    dest: &'static str,
    info: &'static str,
}

/// As it should be.
const GOOD: Signed = Signed {
    kind: "shaken",
    attest: "A",
    age: 0,
    orig: CALLER,
    dest: CALLED,
    info: "https://cert.example/a.pem",
};

impl Signed {
    fn header(&self) -> String {
        let part = |text: String| BASE64_URL_SAFE_NO_PAD.encode(text);
        let header = part(format!(
            r#"{{"alg":"ES256","ppt":"{}","typ":"passport","x5u":"https://cert.example/a.pem"}}"#,
            self.kind
        ));
        let payload = part(format!(
            r#"{{"attest":"{}","dest":{{"tn":["{}"]}},"iat":{},"orig":{{"tn":"{}"}},"origid":"o"}}"#,
            self.attest,
            self.dest,
            START - self.age,
            self.orig
        ));
        format!(
            "Identity: {header}.{payload}.c2ln;info=<{}>;alg=ES256;ppt={}",
            self.info, self.kind
        )
    }
}

/// A call out over a carrier with these headers in the INVITE that comes in and in the one that goes on, and what the
/// carrier answers.
fn sent(came: &str, went: &str, answer: &str) -> String {
    let bar = |text: &str| match text {
        "" => String::new(),
        text => format!("| {text}"),
    };
    format!(
        "0.00 cust>plat INVITE from={CALLER} to={CALLED} {}
         0.01 plat>cust 100 from={CALLER} to={CALLED}
         0.05 plat>car INVITE leg=b from={CALLER} to={CALLED} | X-Leg: a@198.51.100.10 {}
         0.60 car>plat {answer}
         0.61 plat>car ACK leg=b from={CALLER} to={CALLED}
         0.62 plat>cust 503 from={CALLER} to={CALLED}
         0.63 cust>plat ACK from={CALLER} to={CALLED}",
        bar(came),
        bar(went),
    )
}

fn refused(came: &str, went: &str, code: &str) -> String {
    let (code, rest) = code.split_once(' ').unwrap_or((code, ""));
    sent(
        came,
        went,
        &format!("{code} leg=b from={CALLER} to={CALLED} {rest}"),
    )
}

fn abroad(text: &str) -> String {
    text.replace(CALLER, "441632960001")
}

#[test]
fn each_rule_names_the_signer_and_is_silent_at_its_edge() {
    let good = GOOD.header();
    let good = good.as_str();
    let with = |change: fn(&mut Signed)| {
        let mut signed = GOOD;
        change(&mut signed);
        signed.header()
    };
    let old = with(|it| it.age = 600);
    let other_caller = with(|it| it.orig = "19995550101");
    let other_called = with(|it| it.dest = "13125550199");
    let forwarded = with(|it| it.dest = "13125550777");
    let low = with(|it| it.attest = "C");
    let wrong_info = with(|it| it.info = "https://other.example/a.pem");
    let div = with(|it| it.kind = "div");
    let passed =
        "P-Asserted-Identity: <sip:+12125550101;verstat=TN-Validation-Passed@198.51.100.10>";
    let diverted = format!("{forwarded} | Diversion: <sip:+13125550777@h>;reason=user-busy");
    let cut = good.replace(".c2ln", ".");
    check_rows(&[
        Row {
            rule: "call-unsigned",
            call: refused("", "", "428"),
            outbound: "configuration>configuration likely error",
            inbound: "carrier>carrier likely error",
            edges: vec![
                refused("", "", "486"),
                refused(good, good, "428"),
                abroad(&refused("", "", "428")),
                refused(good, good, "503"),
            ],
        },
        Row {
            rule: "call-unsigned",
            call: refused(good, "", "503"),
            outbound: "configuration>configuration likely warning",
            inbound: "-",
            edges: vec![],
        },
        Row {
            rule: "call-unsigned",
            call: refused("", "", "608"),
            outbound: "configuration>configuration possible info",
            inbound: "carrier>carrier possible info",
            edges: vec![refused("", "", "603")],
        },
        Row {
            rule: "signature-stale",
            call: refused(&old, &old, "403 phrase=Stale_Date"),
            outbound: "customer>customer likely error",
            inbound: "carrier>carrier likely error",
            edges: vec![refused(good, good, "486"), refused("", "", "403")],
        },
        Row {
            rule: "signature-stale",
            call: refused("", &old, "486"),
            outbound: "configuration>configuration possible warning",
            inbound: "configuration>configuration possible warning",
            edges: vec![abroad(&refused(&old, &old, "486")).replace(CALLED, "441632960002")],
        },
        Row {
            rule: "signature-stale",
            call: refused(good, good, "403 phrase=Stale_Date"),
            outbound: "undecided>customer possible error",
            inbound: "undecided>carrier possible error",
            edges: vec![],
        },
        Row {
            rule: "signature-stale",
            // Fresh as it came in, and sent on a minute and a half later.
            call: refused(good, good, "403 phrase=Stale_Date")
                .replace("0.05 plat>car", "90.05 plat>car")
                .replace("0.60", "90.60")
                .replace("0.61", "90.61")
                .replace("0.62", "90.62")
                .replace("0.63", "90.63"),
            outbound: "configuration>configuration likely error",
            inbound: "configuration>configuration likely error",
            edges: vec![],
        },
        Row {
            rule: "signed-numbers-differ",
            call: refused(&other_caller, &other_caller, "438"),
            outbound: "customer>customer likely error",
            inbound: "carrier>carrier likely error",
            edges: vec![
                refused(good, good, "486"),
                // Ten digits are the same number.
                refused(good, good, "486").replace(&format!("from={CALLER}"), "from=2125550101"),
                refused(&diverted, &diverted, "486"),
            ],
        },
        Row {
            rule: "signed-numbers-differ",
            call: refused(good, good, "438"),
            outbound: "customer>customer possible error",
            inbound: "carrier>carrier possible error",
            edges: vec![],
        },
        Row {
            rule: "signed-numbers-differ",
            call: refused("", &other_called, "486"),
            outbound: "configuration>configuration likely warning",
            inbound: "configuration>configuration likely warning",
            edges: vec![],
        },
        Row {
            rule: "signing-certificate-refused",
            call: refused(good, good, "436"),
            outbound: "customer>customer likely error",
            inbound: "carrier>carrier likely error",
            edges: vec![refused(good, good, "438"), abroad(&refused("", "", "436"))],
        },
        Row {
            rule: "signing-certificate-refused",
            call: refused(
                "",
                good,
                "500 | Reason: STIR;cause=437;text=\"Unsupported Credential\"",
            ),
            outbound: "configuration>configuration likely error",
            inbound: "configuration>configuration likely error",
            edges: vec![],
        },
        Row {
            rule: "signature-malformed",
            call: refused(&wrong_info, &wrong_info, "438"),
            outbound: "customer>customer likely error",
            inbound: "carrier>carrier likely error",
            edges: vec![refused(good, good, "438"), abroad(&refused("", "", "486"))],
        },
        Row {
            rule: "signature-malformed",
            call: refused("", &cut, "486"),
            outbound: "configuration>configuration likely warning",
            inbound: "configuration>configuration likely warning",
            edges: vec![],
        },
        Row {
            rule: "low-attestation",
            call: refused(&low, &low, "608"),
            outbound: "customer>customer possible info",
            inbound: "carrier>carrier possible info",
            edges: vec![refused(good, good, "608"), refused(&low, &low, "486")],
        },
        Row {
            rule: "verification-claimed",
            call: refused("", passed, "486"),
            outbound: "configuration>configuration likely warning",
            inbound: "configuration>configuration likely warning",
            edges: vec![
                refused(good, &format!("{good} | {passed}"), "486"),
                refused("", "", "486"),
                refused(passed, "", "486"),
            ],
        },
        Row {
            rule: "verification-claimed",
            call: refused(passed, passed, "486"),
            outbound: "configuration>configuration likely warning",
            inbound: "-",
            edges: vec![],
        },
        Row {
            rule: "diverted-unsigned",
            call: refused(&forwarded, &forwarded, "486").replacen(
                &format!("to={CALLED}"),
                "to=13125550777",
                1,
            ),
            outbound: "configuration>configuration likely warning",
            inbound: "configuration>configuration likely warning",
            edges: vec![
                refused(&diverted, &format!("{diverted} | {div}"), "486").replacen(
                    &format!("to={CALLED}"),
                    "to=13125550777",
                    1,
                ),
                refused(good, good, "486"),
                refused(&other_called, &other_called, "486"),
            ],
        },
        Row {
            rule: "diverted-unsigned",
            call: refused(&diverted, &diverted, "486"),
            outbound: "customer>customer likely warning",
            inbound: "carrier>carrier likely warning",
            edges: vec![],
        },
        Row {
            rule: "signature-complaint",
            call: refused(
                good,
                good,
                "183 | Reason: STIR;cause=436;text=\"Bad Identity Info\"",
            ),
            outbound: "customer>customer likely info",
            inbound: "carrier>carrier likely info",
            edges: vec![
                refused(good, good, "183"),
                refused(good, good, "500 | Reason: STIR;cause=436"),
            ],
        },
    ]);
}

/// What the signature was refused for comes before the plain code.
#[test]
fn the_signature_is_the_verdict_where_it_was_refused() {
    let good = GOOD.header();
    for (code, rule) in [
        ("428", "call-unsigned"),
        ("403 phrase=Stale_Date", "signature-stale"),
        ("436", "signing-certificate-refused"),
        ("437", "signing-certificate-refused"),
        ("438", "signed-numbers-differ"),
        ("486", "called-busy"),
    ] {
        let good = if code == "428" { "" } else { good.as_str() };
        let verdict = verdict(&refused(good, good, code));
        assert!(verdict.starts_with(rule), "{code}: {verdict}");
    }
}

#[test]
fn countries_that_an_operator_names_sign_and_others_do_not() {
    let text = refused("", "", "428");
    let call = call(&text);
    let fires = |tuning: &Tuning| {
        let case = Case::new(&call, &Default::default(), None).tuned(tuning);
        let findings = super::shown::findings(&case);
        findings
            .iter()
            .any(|finding| finding.rule == "call-unsigned")
    };
    let mut tuning = Tuning::default();
    assert!(fires(&tuning));
    tuning.sign_in("FR").unwrap();
    assert!(!fires(&tuning));
    tuning.sign_in("US").unwrap();
    assert!(fires(&tuning));
}
