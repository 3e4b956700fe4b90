//! Every registered final response and every cause of Q.850 gives a finding that can be used, and code and cause that
//! contradict each other are said.

use calltriage::diagnosis::Case;
use calltriage::diagnosis::verdict::verdict;
use calltriage::knowledge::Knowledge;

use super::verdict::{inbound, outbound, refused, refused_ringing};
use super::{Row, check_rows, found, silent};
use crate::support::trace::call;

/// What is wrong with the verdict on a call that is refused with this at once, later or after ringing, whichever side
/// the customer is on: it has to name the code in these words, say why, and what to do.
fn wrong_with(answer: &str, named: &[&str]) -> String {
    let texts = [
        refused(0.5, answer),
        refused(0.03, answer),
        refused_ringing(9.0, answer),
    ];
    wrong_in(&texts, answer, named)
}

fn wrong_in(texts: &[String], answer: &str, named: &[&str]) -> String {
    let mut wrong = String::new();
    for peers in [outbound(), inbound()] {
        for text in texts {
            let call = call(text);
            let case = Case::new(&call, &peers, None);
            let findings = super::shown::findings(&case);
            let Some(verdict) = verdict(&case, &findings) else {
                wrong.push_str(&format!("{answer}: no verdict\n"));
                continue;
            };
            let says_why = findings
                .iter()
                .any(|it| it.rule == verdict.rule && !it.cause.is_empty());
            // Nothing failed where another phone took the call.
            let is_why = says_why || verdict.rule == "answered-elsewhere";
            let is_named = named.iter().all(|word| verdict.summary.contains(word));
            if !is_why || !is_named || verdict.next.is_empty() {
                wrong.push_str(&format!("{answer}: {} {}\n", verdict.rule, verdict.summary));
            }
        }
    }
    wrong
}

#[test]
fn every_registered_final_response_is_of_use() {
    let mut wrong = String::new();
    for code in Knowledge::built_in()
        .sip_codes()
        .filter(|code| code.code >= 300)
    {
        let number = code.code.to_string();
        // A challenge that offers nothing to answer is told in words of its own.
        let words = match code.code {
            401 | 407 => "without a challenge",
            _ => &code.phrase,
        };
        let one = wrong_with(&format!("{number} phrase="), &[&number]);
        let named = found_words(&number, words);
        wrong.push_str(&one);
        wrong.push_str(&named);
    }
    for number in ["399", "418", "499", "599", "699"] {
        wrong.push_str(&wrong_with(&format!("{number} phrase="), &[number]));
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The code in words, where it was answered a moment later.
fn found_words(number: &str, words: &str) -> String {
    let call = call(&refused(0.03, &format!("{number} phrase=")));
    let case = Case::new(&call, &outbound(), None);
    let findings = super::shown::findings(&case);
    let summary = verdict(&case, &findings)
        .map(|it| it.summary)
        .unwrap_or_default();
    match summary.contains(words) {
        true => String::new(),
        false => format!("{number}: {words:?} is not in {summary}\n"),
    }
}

#[test]
fn every_cause_is_of_use() {
    let mut wrong = String::new();
    for cause in 1..=127_u8 {
        for code in ["480", "500"] {
            let number = format!("cause {cause} ");
            let known = Knowledge::built_in().q850(cause);
            let name = known.map_or("not defined by Q.850", |known| &known.name);
            let answer = format!("{code} phrase= | Reason: Q.850;cause={cause}");
            let text = refused(0.5, &answer);
            wrong.push_str(&wrong_in(&[text], &answer, &[code, &number, name]));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The words are those of the code, and whose header it is decides who has to act.
#[test]
fn codes_about_a_header_name_it_and_who_put_it_in() {
    let with = |came: &str, went: &str, answer: &str| {
        let bar = |text: &str| {
            if text.is_empty() {
                String::new()
            } else {
                format!("| {text}")
            }
        };
        refused(0.5, answer)
            .replace(
                "cust>plat INVITE",
                &format!("cust>plat INVITE {}", bar(came)),
            )
            .replace(
                "plat>car INVITE leg=b",
                &format!("plat>car INVITE leg=b {}", bar(went)),
            )
    };
    let told = |rule: &str, text: &str| found(rule, text).join("");
    let required = "Require: 100rel";
    let answer = "420 | Unsupported: 100rel";
    let by_caller = told("request-rejected", &with(required, required, answer));
    assert!(
        by_caller.starts_with("customer>customer likely"),
        "{by_caller}"
    );
    assert!(
        by_caller.contains("Sent was Require: 100rel. Unsupported: 100rel."),
        "{by_caller}"
    );
    let by_us = told("request-rejected", &with("", required, answer));
    assert!(
        by_us.starts_with("configuration>configuration likely"),
        "{by_us}"
    );
    let short = told(
        "request-rejected",
        &with("", "Session-Expires: 60", "422 | Min-SE: 90"),
    );
    assert!(
        short.contains("Sent was Session-Expires: 60. Min-SE: 90."),
        "{short}"
    );
    let condition = "Require: precondition";
    let failed = told("request-rejected", &with(condition, condition, "580"));
    assert!(failed.contains("could not be met"), "{failed}");
    let barred = told(
        "call-forbidden",
        &refused(0.5, "403 phrase=International_destination_barred"),
    );
    assert!(
        barred.starts_with("configuration>configuration likely"),
        "{barred}"
    );
    let incomplete = told("number-not-found", &refused(0.5, "484"));
    assert!(
        incomplete.contains("It was sent in this form: E.164 without +."),
        "{incomplete}"
    );
}

#[test]
fn a_code_and_a_cause_that_contradict_each_other() {
    let cause =
        |code: &str, cause: u8| refused(0.5, &format!("{code} | Reason: Q.850;cause={cause}"));
    check_rows(&[Row {
        rule: "code-cause-mismatch",
        call: cause("480", 34),
        outbound: "carrier>carrier possible warning",
        inbound: "customer>customer possible warning",
        edges: vec![
            cause("503", 34),
            cause("480", 16),
            cause("486", 31),
            cause("500", 41),
            cause("480", 18),
            cause("603", 21),
            cause("404", 22),
            // RFC 3398 pairs this one with nothing.
            cause("503", 44),
            refused(0.5, "480"),
        ],
    }]);
}

#[test]
fn several_reasons_are_told_where_they_disagree() {
    let with = |reasons: &str| refused(0.5, &format!("503 | Reason: {reasons}"));
    let rule = "reasons-disagree";
    let lines = found(rule, &with("Q.850;cause=17, SIP;cause=503"));
    assert!(lines[0].contains("Q.850 cause 17 (User busy)"), "{lines:?}");
    assert_eq!(
        found(rule, &with("Q.850;cause=34, STIR;cause=437")).len(),
        1
    );
    assert_eq!(found(rule, &with("Q.850;cause=34, Q.850;cause=1")).len(), 1);
    silent(rule, &with("Q.850;cause=34, SIP;cause=503"));
    silent(rule, &with("Q.850;cause=34"));
    insta::assert_snapshot!(rule, lines.join("\n"));
}
