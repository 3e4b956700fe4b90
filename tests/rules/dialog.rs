//! Requests inside a call that is up.

use super::{found, silent, verdict};

const UP: &str = "0.00 cust>plat INVITE || v=0 || c=IN IP4 198.51.100.10 || m=audio 4000 RTP/AVP 18
    0.02 plat>car INVITE leg=b || v=0 || c=IN IP4 192.0.2.5 || m=audio 5000 RTP/AVP 18
    1.00 car>plat 200 leg=b || v=0 || c=IN IP4 203.0.113.9 || m=audio 6000 RTP/AVP 18
    1.01 plat>cust 200 || v=0 || c=IN IP4 192.0.2.5 || m=audio 5002 RTP/AVP 18
    1.02 cust>plat ACK
    1.03 plat>car ACK leg=b
    ";
const END: &str = "60.00 cust>plat BYE
    60.01 plat>car BYE leg=b
    60.02 car>plat 200 BYE leg=b
    60.03 plat>cust 200 BYE";

fn up(inside: &str) -> String {
    format!("{UP}{inside}\n{END}")
}

const HOLD: &str = "20.00 cust>plat INVITE in cseq=3 || v=0 || c=IN IP4 198.51.100.10 || m=audio 4000 RTP/AVP 18 || a=sendonly
    20.01 plat>car INVITE in leg=b cseq=3 || v=0 || c=IN IP4 192.0.2.5 || m=audio 5000 RTP/AVP 18 || a=sendonly
    20.02 car>plat 500 in leg=b cseq=3
    20.03 plat>car ACK leg=b cseq=3
    20.04 plat>cust 500 in cseq=3
    20.05 cust>plat ACK cseq=3";

#[test]
fn reinvite_refused_on_the_last_hop() {
    let lines = found("reinvite-refused", &up(HOLD));
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].starts_with("carrier>carrier likely/certain")
            && lines[0].contains("with 500 \"Phrase\"; the call went on as it was."),
        "{lines:?}"
    );
    assert_eq!(
        verdict(&up(HOLD)),
        "reinvite-refused carrier>carrier likely"
    );
}

#[test]
fn reinvite_refused_for_its_media_is_undecided() {
    let text = up(&HOLD.replace("500", "488"));
    let lines = found("reinvite-refused", &text);
    assert!(
        lines[0].starts_with("undecided>carrier possible/"),
        "{lines:?}"
    );
}

#[test]
fn reinvite_refused_is_a_note_when_a_later_one_was_accepted() {
    let text = up(&format!(
        "{HOLD}
         22.00 cust>plat INVITE in cseq=4
         22.01 plat>cust 200 in cseq=4
         22.02 cust>plat ACK cseq=4"
    ));
    assert_eq!(found("reinvite-refused", &text).len(), 1);
    assert_eq!(verdict(&text), "hung-up nobody>nobody likely");
    silent("reinvite-refused", &up(&HOLD.replace("500", "200")));
    // After the BYE there is nothing left to change.
    silent("reinvite-refused", &up(&HOLD.replace("20.", "60.")));
}

#[test]
fn reinvite_refused_by_a_challenge_that_nobody_answers() {
    let hold = "20.00 cust>plat INVITE in cseq=3
         20.01 plat>cust 407 cseq=3
         20.02 cust>plat ACK cseq=3";
    let lines = found("reinvite-refused", &up(hold));
    assert_eq!(
        lines,
        [
            "undecided>configuration possible/certain [7, 8] platform 192.0.2.5:5060 refused the re-INVITE of customer \
          198.51.100.10:5060 (+20.0 s) with 407 \"Phrase\"; the call went on as it was. platform \
          192.0.2.5:5060 asked for credentials, which it had not done for the INVITE, and no INVITE with them was seen."
        ]
    );
    let again = "20.03 cust>plat INVITE in cseq=4
         20.04 plat>cust 200 cseq=4
         20.05 cust>plat ACK cseq=4";
    silent("reinvite-refused", &up(&format!("{hold}\n{again}")));
}

const CROSSED: &str = "20.00 cust>plat INVITE in cseq=3
    20.00 plat>cust INVITE in by=callee
    20.01 plat>cust 491 in cseq=3
    20.02 cust>plat ACK cseq=3
    20.03 cust>plat 491 in by=callee
    20.04 plat>cust ACK by=callee";

#[test]
fn reinvite_crossed_is_silent_where_another_code_refuses_it() {
    silent("reinvite-crossed", &up(&CROSSED.replace("491", "500")));
}

#[test]
fn reinvite_crossed_and_not_tried_again() {
    let lines = found("reinvite-crossed", &up(CROSSED));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].starts_with("undecided>undecided possible/")
            && lines[0].contains("no later one of either was accepted"),
        "{lines:?}"
    );
    // One side alone got 491, and let it be.
    let alone = CROSSED.replace("20.03 cust>plat 491", "20.03 cust>plat 200");
    let lines = found("reinvite-crossed", &up(&alone));
    assert!(
        lines[0].starts_with("customer>customer possible/"),
        "{lines:?}"
    );
    // One of both went through: that settles it for both.
    let one = format!(
        "{CROSSED}
         21.00 plat>cust INVITE in by=callee cseq=102
         21.01 cust>plat 200 in by=callee cseq=102"
    );
    assert_eq!(verdict(&up(&one)), "hung-up nobody>nobody likely");
    let again = format!(
        "{CROSSED}
         21.00 plat>cust INVITE in by=callee cseq=102
         21.01 cust>plat 200 in by=callee cseq=102
         23.00 cust>plat INVITE in cseq=4
         23.01 plat>cust 200 in cseq=4"
    );
    let lines = found("reinvite-crossed", &up(&again));
    assert!(
        lines.iter().all(|line| line.starts_with("nobody>nobody")),
        "{lines:?}"
    );
    assert_eq!(verdict(&up(&again)), "hung-up nobody>nobody likely");
}

const DEAD: &str = "20.00 cust>plat INVITE in cseq=3
    20.01 plat>cust 100 in cseq=3
    20.02 plat>car INVITE in leg=b cseq=3
    20.52 plat>car INVITE in leg=b cseq=3
    21.52 plat>car INVITE in leg=b cseq=3
    23.52 plat>car INVITE in leg=b cseq=3";

#[test]
fn reinvite_unanswered_on_the_last_hop() {
    let text = format!(
        "{UP}{DEAD}
         52.10 plat>cust 408 in cseq=3
         52.11 cust>plat ACK cseq=3
         52.20 plat>car BYE leg=b
         52.21 plat>cust BYE by=callee
         52.22 cust>plat 200 BYE by=callee
         52.23 car>plat 200 BYE leg=b"
    );
    let lines = found("reinvite-unanswered", &text);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].starts_with("network>carrier likely/certain")
            && lines[0].contains("was sent 4 times and got no reply; platform"),
        "{lines:?}"
    );
    assert_eq!(verdict(&text), "reinvite-unanswered network>carrier likely");
}

#[test]
fn reinvite_unanswered_is_silent_on_two_sends_and_on_an_answer() {
    let two: Vec<&str> = DEAD.lines().take(4).collect();
    silent("reinvite-unanswered", &up(&two.join("\n")));
    let answered =
        format!("{DEAD}\n24.00 car>plat 200 in leg=b cseq=3\n24.01 plat>cust 200 in cseq=3");
    silent("reinvite-unanswered", &up(&answered));
}

const UNKNOWN: &str = "20.00 cust>plat UPDATE cseq=3
    20.01 plat>cust 481 UPDATE cseq=3
    20.10 cust>plat BYE cseq=4";

#[test]
fn dialog_unknown_with_the_right_tags() {
    let text = format!("{UP}{UNKNOWN}");
    let lines = found("dialog-unknown", &text);
    assert!(
        lines[0].starts_with("configuration>configuration likely/certain"),
        "{lines:?}"
    );
    assert!(
        verdict(&text).starts_with("dialog-unknown "),
        "{}",
        verdict(&text)
    );
    let wrong = format!(
        "{UP}{}",
        UNKNOWN.replace("UPDATE cseq=3", "UPDATE cseq=3 totag=other")
    );
    let lines = found("dialog-unknown", &wrong);
    assert!(
        lines[0].starts_with("customer>customer likely/"),
        "{lines:?}"
    );
}

#[test]
fn dialog_unknown_is_silent_at_the_end_and_when_it_is_known_later() {
    silent("dialog-unknown", &up(&UNKNOWN.replace("20.", "60.")));
    let again = UNKNOWN.replace(
        "20.10 cust>plat BYE cseq=4",
        "21.00 cust>plat UPDATE cseq=4\n21.01 plat>cust 200 UPDATE cseq=4",
    );
    silent("dialog-unknown", &up(&again));
}

const FAX: &str = "20.00 car>plat INVITE in leg=b by=callee || v=0 || c=IN IP4 203.0.113.9 || m=image 6004 udptl t38
    20.01 plat>cust INVITE in by=callee || v=0 || c=IN IP4 192.0.2.5 || m=image 5004 udptl t38
    20.02 cust>plat 488 in by=callee
    20.03 plat>cust ACK by=callee
    20.04 plat>car 488 in leg=b by=callee
    20.05 car>plat ACK leg=b by=callee";

#[test]
fn fax_refused_without_a_codec_for_it() {
    let lines = found("fax-refused", &up(FAX));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].starts_with("customer>customer likely/certain"),
        "{lines:?}"
    );
    assert_eq!(verdict(&up(FAX)), "fax-refused customer>customer likely");
    silent("reinvite-refused", &up(FAX));
}

#[test]
fn fax_refused_is_a_warning_over_g711_and_silent_where_it_was_taken() {
    let plain = up(FAX).replace("RTP/AVP 18", "RTP/AVP 8");
    assert!(found("fax-refused", &plain)[0].contains("may still pass as sound"));
    let taken = FAX.replace(
        "488 in by=callee",
        "200 in by=callee || v=0 || c=IN IP4 198.51.100.10 || m=image 4004 udptl t38",
    );
    let taken = taken.replace(
        "488 in leg=b by=callee",
        "200 in leg=b by=callee || v=0 || c=IN IP4 192.0.2.5 || m=image 5006 udptl t38",
    );
    silent("fax-refused", &up(&taken));
}

#[test]
fn both_sides_ask_for_fax_at_once() {
    let fax = "|| v=0 || c=IN IP4 192.0.2.50 || m=image 4002 udptl t38";
    let crossed = CROSSED
        .replace(
            "cust>plat INVITE in cseq=3",
            &format!("cust>plat INVITE in cseq=3 {fax}"),
        )
        .replace(
            "plat>cust INVITE in by=callee",
            &format!("plat>cust INVITE in by=callee {fax}"),
        );
    let lines = found("reinvite-crossed", &up(&crossed));
    assert!(
        lines[0].ends_with("the gateway of the called side is the one to ask for T.38."),
        "{lines:?}"
    );
    assert!(!found("reinvite-crossed", &up(CROSSED))[0].contains("fax"));
}
