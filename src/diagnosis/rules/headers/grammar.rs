//! The rule on requests that were refused as badly written, and that are.

use super::missing::fault;
use super::{RefusedInvite, writer};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::platform::is_rebuilt;
use crate::sip::{Certainty, Deviation, Message, Name, Signal};

pub(super) static MESSAGE_MALFORMED: Rule = Rule {
    id: "message-malformed",
    family: "headers",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An INVITE that was refused with 400 and departs from the grammar of SIP: in its first line, in \
            Content-Length, with a line without a colon, a quotation mark or an angle bracket that is never closed, \
            a URI with white space or without the brackets that it needs, or a number that is none. A warning \
            where the answer does not speak of it.",
    matters: "A strict server refuses what a lenient one reads: such a call fails on one way and passes on \
              another.",
    remedy: "Correct the software that writes it; look for an ALG on the way that rewrites messages.",
    silent: "The INVITE was refused otherwise, or keeps to the grammar, or lacks a header that every request \
             needs, which `header-missing` tells; or the trace holds only a part of it or builds it from columns.",
    source: "RFC 3261 sections 7, 20 and 25; RFC 4475; catalogue H3, H4",
    explains: &["request-rejected", "refused-by-platform"],
    limits: &[],
    check: Check::Call(|rule, case| message_malformed(rule, case).into_iter().collect()),
};

/// What departs from the grammar.
#[derive(PartialEq, Eq)]
struct Fault {
    /// What is so, behind "The INVITE of …".
    words: String,
    /// What an answer that is about this speaks of, in small letters.
    named: String,
}

fn message_malformed(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let refused = RefusedInvite::of(case, &[400])?;
    let message = refused.request.message();
    if message.is_cut() || is_rebuilt(message) || fault(message).is_some() {
        return None;
    }
    let found = faults(message);
    let one = found.iter().find(|it| speaks_of(refused.answer, it));
    let is_named = one.is_some();
    let one = one.or(found.first())?;
    let by = writer(case, refused.hop, |other| faults(other).contains(one));
    let (certainty, cause) = if is_named {
        let cause = "The answer speaks of that: what is written so cannot be read there.";
        (Certainty::Likely, cause)
    } else {
        let cause = "A strict server refuses what is written so; whether it was that, the answer does not say.";
        (Certainty::Possible, cause)
    };
    let name = case.name(by);
    let finding = rule.finding(
        case,
        [refused.request, refused.answer],
        Conclusion {
            fact: format!(
                "The INVITE of {name} {} ({}); {}.",
                one.words,
                case.when(refused.request),
                refused.words(case),
            ),
            fact_certainty: Certainty::Certain,
            cause: cause.to_owned(),
            owner: side_of(case, by).into(),
            to_act: None,
            certainty,
            by: Some(by),
            severity: (!is_named).then_some(Severity::Warning),
            next: format!(
                "Show this message to who runs {name}; look for an ALG that rewrites it on its way."
            ),
        },
    )?;
    Some(if is_named {
        finding
    } else {
        finding.explaining(&[])
    })
}

/// Everything in a message that a strict reader refuses, the first line first.
fn faults(message: &Message) -> Vec<Fault> {
    message.check().iter().filter_map(told).collect()
}

/// A deviation in words; nothing for those that other rules tell, or that no reader minds.
fn told(deviation: &Deviation) -> Option<Fault> {
    let of = |named: &str, words: &str| {
        Some(Fault {
            words: words.to_owned(),
            named: named.to_owned(),
        })
    };
    let within = |name: &Name, words: &str| {
        Some(Fault {
            words: format!("has {words} in {}", name.as_str()),
            named: name.as_str().to_ascii_lowercase(),
        })
    };
    match deviation {
        Deviation::OtherVersion => of(
            "version",
            "has another version than SIP/2.0 in its first line",
        ),
        Deviation::SpacesInStartLine => of(
            "line",
            "has more than one space between the words of its first line",
        ),
        Deviation::SpaceAfterStartLine => of("line", "has white space behind its first line"),
        Deviation::SpaceInRequestUri => of("uri", "has white space in its Request-URI"),
        Deviation::BracketsAroundRequestUri => {
            of("uri", "has angle brackets around its Request-URI")
        }
        Deviation::HeadersInRequestUri => of("uri", "has header fields in its Request-URI"),
        Deviation::HeaderWithoutColon => {
            of("header", "has a line without a colon among its headers")
        }
        Deviation::NotUtf8 => of("utf", "has bytes in its headers that are no UTF-8"),
        Deviation::ContentLengthUnreadable => {
            of("content-length", "has a Content-Length that is no number")
        }
        Deviation::ContentLengthsDiffer => {
            of("content-length", "has several Content-Lengths that differ")
        }
        Deviation::BranchWithoutId => of("via", "has a branch in Via that tells nothing apart"),
        Deviation::StraySeparators(name) => {
            within(name, "commas or semicolons with nothing between them")
        }
        Deviation::UnbalancedQuote(name) => within(name, "a quotation mark that is never closed"),
        Deviation::UnclosedBracket(name) => within(name, "an angle bracket that is never closed"),
        Deviation::DisplayNameNotQuoted(name) => within(name, "a display name that needs quotes"),
        Deviation::UriNotBracketed(name) => within(name, "a URI that needs angle brackets"),
        Deviation::SpaceInUri(name) => within(name, "white space in the URI"),
        Deviation::OutOfRange(name) => within(name, "a number beyond what it may be"),
        Deviation::Unreadable(name) => within(name, "something that cannot be read"),
        Deviation::GarbledStartLine
        | Deviation::BareLineFeed
        | Deviation::HeadersNotEnded
        | Deviation::BodyShort { .. }
        | Deviation::BodyLong { .. }
        | Deviation::Missing(_)
        | Deviation::Repeated(_)
        | Deviation::CSeqMethodDiffers
        | Deviation::CodeOutOfRange
        | Deviation::NoFromTag
        | Deviation::NoToTag => None,
    }
}

/// Whether an answer says that it is about that.
fn speaks_of(answer: &Signal, fault: &Fault) -> bool {
    let message = answer.message();
    let warning = message.header(Name::Warning).unwrap_or_default();
    let text = format!("{} {warning}", message.reason_phrase()).to_ascii_lowercase();
    let is_letter = |byte: Option<char>| byte.is_some_and(char::is_alphanumeric);
    text.match_indices(&fault.named).any(|(at, found)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let after = text
            .get(at + found.len()..)
            .and_then(|it| it.chars().next());
        !is_letter(before) && !is_letter(after)
    })
}
