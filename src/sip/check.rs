//! The deviations that take a closer look at a message. Looks only when asked, so that reading
//! stays fast; changes nothing in how the message is read.

use super::deviation::Deviation;
use super::header::MAGIC_COOKIE;
use super::message::Message;
use super::name::{Method, Name};
use super::start_line::StartLine;
use super::uri::{find_param, read_params, split_outside_quotes};

/// Headers that hold one address.
const ONE_ADDRESS: [Name; 4] = [Name::From, Name::To, Name::ReferTo, Name::ReferredBy];

/// Headers that list addresses.
const ADDRESSES: [Name; 7] = [
    Name::Contact,
    Name::Route,
    Name::RecordRoute,
    Name::PAssertedIdentity,
    Name::PPreferredIdentity,
    Name::Diversion,
    Name::HistoryInfo,
];

/// Other headers in which quoted strings stand.
const QUOTING: [Name; 4] = [
    Name::Warning,
    Name::Reason,
    Name::ContentType,
    Name::Authorization,
];

/// Headers that hold one number, and the largest it may be (RFC 3261 sections 20.19, 20.22 and
/// 20.33, RFC 3262 section 7.1).
const NUMBERS: [(Name, u64); 5] = [
    (Name::MaxForwards, 255),
    (Name::Expires, u32::MAX as u64),
    (Name::MinExpires, u32::MAX as u64),
    (Name::RetryAfter, u32::MAX as u64),
    (Name::RSeq, u32::MAX as u64),
];

/// RFC 3261 section 8.1.1.5.
const LARGEST_CSEQ: u64 = (1 << 31) - 1;

/// Headers that may stand once, besides those that are counted while reading.
const SINGLE: [Name; 14] = [
    Name::ContentType,
    Name::ContentDisposition,
    Name::Expires,
    Name::Event,
    Name::SubscriptionState,
    Name::SessionExpires,
    Name::MinSe,
    Name::RetryAfter,
    Name::RSeq,
    Name::RAck,
    Name::Replaces,
    Name::ReferTo,
    Name::ReferredBy,
    Name::Date,
];

impl Message {
    /// All deviations: those noted while reading ([`Message::deviations`]), then those that a closer
    /// look shows. Costs more than reading the message.
    #[must_use]
    pub fn check(&self) -> Vec<Deviation> {
        let mut found = Found(self.deviations().to_vec());
        found.start_line(self);
        found.presence(self);
        for name in ONE_ADDRESS {
            for value in self.headers(name) {
                found.address(name, &value, false);
            }
        }
        for name in ADDRESSES {
            for value in self.headers(name) {
                for element in split_outside_quotes(&value, ',') {
                    found.address(name, element, true);
                }
            }
        }
        for value in self.headers(Name::Via) {
            for element in split_outside_quotes(&value, ',') {
                found.via(element);
            }
        }
        for name in QUOTING {
            if self.headers(name).any(|value| !is_balanced(&value)) {
                found.note(Deviation::UnbalancedQuote(name));
            }
        }
        found.numbers(self);
        if self.headers(Name::Date).any(|value| !is_date(&value)) {
            found.note(Deviation::Unreadable(Name::Date));
        }
        found.0
    }
}

struct Found(Vec<Deviation>);

impl Found {
    fn note(&mut self, deviation: Deviation) {
        if !self.0.contains(&deviation) {
            self.0.push(deviation);
        }
    }

    fn note_if(&mut self, is_so: bool, deviation: Deviation) {
        if is_so {
            self.note(deviation);
        }
    }

    fn start_line(&mut self, message: &Message) {
        let line = message.start_text();
        match message.start() {
            StartLine::Request { method, uri } => {
                let trimmed = line.trim_end();
                self.note_if(trimmed.len() < line.len(), Deviation::SpaceAfterStartLine);
                self.note_if(
                    uri.contains(char::is_whitespace),
                    Deviation::SpaceInRequestUri,
                );
                self.note_if(uri.starts_with('<'), Deviation::BracketsAroundRequestUri);
                // RFC 3261 section 7.1: single spaces, and nothing else, between the words.
                let rest = trimmed
                    .strip_prefix(method.as_str())
                    .and_then(|rest| rest.strip_prefix(' ')?.strip_prefix(uri.as_str()));
                let is_exact = match rest.map(|rest| rest.strip_prefix(' ').unwrap_or(rest)) {
                    Some(version) => !version.contains(char::is_whitespace),
                    None => false,
                };
                self.note_if(!is_exact, Deviation::SpacesInStartLine);
                let has_headers = message.request_uri().is_some_and(|u| !u.headers.is_empty());
                self.note_if(has_headers, Deviation::HeadersInRequestUri);
            }
            StartLine::Response { code, .. } => {
                self.note_if(!(100..700).contains(code), Deviation::CodeOutOfRange);
            }
            StartLine::Garbled => {
                // A status line whose code is no number that could be kept.
                let mut words = line.split_whitespace();
                let is_status = words.next().is_some_and(|version| {
                    version
                        .get(..4)
                        .is_some_and(|sip| sip.eq_ignore_ascii_case("SIP/"))
                });
                let is_number = words.next().is_some_and(is_digits);
                self.note_if(is_status && is_number, Deviation::CodeOutOfRange);
            }
        }
    }

    /// What must be there, and what must be there once.
    fn presence(&mut self, message: &Message) {
        let has = |name: Name| message.header(name).is_some();
        if let Some(method) = message.request_method() {
            self.note_if(
                !has(Name::MaxForwards),
                Deviation::Missing(Name::MaxForwards),
            );
            self.note_if(
                *method == Method::Invite && !has(Name::Contact),
                Deviation::Missing(Name::Contact),
            );
        }
        if let Some(code) = message.code() {
            // What begins a dialog says where its peer is (RFC 3261 section 12.1.1).
            let is_yes = (200..300).contains(&code) && message.method() == Some(Method::Invite);
            self.note_if(
                is_yes && !has(Name::Contact),
                Deviation::Missing(Name::Contact),
            );
            self.note_if(
                code > 100 && has(Name::To) && message.to_tag().is_none_or(|tag| tag.is_empty()),
                Deviation::NoToTag,
            );
        }
        self.note_if(
            !message.body().is_empty() && !has(Name::ContentType),
            Deviation::Missing(Name::ContentType),
        );
        self.note_if(
            has(Name::From) && message.from_tag().is_none_or(|tag| tag.is_empty()),
            Deviation::NoFromTag,
        );
        for name in SINGLE {
            self.note_if(
                message.headers(name).nth(1).is_some(),
                Deviation::Repeated(name),
            );
        }
        let mut lengths = message.headers(Name::ContentLength);
        let first = lengths.next();
        self.note_if(
            lengths.any(|length| Some(length) != first),
            Deviation::ContentLengthsDiffer,
        );
    }

    fn address(&mut self, name: Name, text: &str, is_list: bool) {
        let text = text.trim();
        if text.is_empty() {
            return self.note(if is_list {
                Deviation::StraySeparators(name)
            } else {
                Deviation::Unreadable(name)
            });
        }
        if !is_balanced(text) {
            return self.note(Deviation::UnbalancedQuote(name));
        }
        let before = split_outside_quotes(text, '<').next().unwrap_or_default();
        let Some(rest) = text.get(before.len()..).and_then(|r| r.strip_prefix('<')) else {
            let uri = split_outside_quotes(text, ';').next().unwrap_or_default();
            self.note_if(
                uri.contains('?') || (!is_list && uri.contains(',')),
                Deviation::UriNotBracketed(name),
            );
            return self.params(name, text.get(uri.len()..).unwrap_or_default());
        };
        let display = before.trim();
        let is_plain = display.starts_with('"') || display.split_whitespace().all(is_token);
        self.note_if(!is_plain, Deviation::DisplayNameNotQuoted(name));
        let Some((uri, params)) = rest.split_once('>') else {
            return self.note(Deviation::UnclosedBracket(name));
        };
        self.note_if(
            uri.contains(char::is_whitespace),
            Deviation::SpaceInUri(name),
        );
        // Where one address may stand, a comma behind it begins another.
        self.note_if(
            !is_list && split_outside_quotes(params, ',').nth(1).is_some(),
            Deviation::Repeated(name),
        );
        self.params(name, params);
    }

    fn via(&mut self, text: &str) {
        if text.trim().is_empty() {
            return self.note(Deviation::StraySeparators(Name::Via));
        }
        let sent = split_outside_quotes(text, ';').next().unwrap_or_default();
        let params = text.get(sent.len()..).unwrap_or_default();
        self.params(Name::Via, params);
        let params = read_params(params);
        let branch = find_param(&params, "branch");
        self.note_if(
            branch.is_some_and(|b| b.is_empty() || b.eq_ignore_ascii_case(MAGIC_COOKIE)),
            Deviation::BranchWithoutId,
        );
    }

    /// Parameters, each behind its semicolon.
    fn params(&mut self, name: Name, text: &str) {
        let mut params = split_outside_quotes(text, ';');
        // What stands before the first semicolon is none.
        params.next();
        self.note_if(
            params.any(|param| param.trim().is_empty()),
            Deviation::StraySeparators(name),
        );
    }

    fn numbers(&mut self, message: &Message) {
        for value in message.headers(Name::CSeq) {
            let number = value.split_whitespace().next().unwrap_or_default();
            self.number(Name::CSeq, number, LARGEST_CSEQ);
        }
        for (name, largest) in NUMBERS {
            for value in message.headers(name) {
                // Retry-After may have a comment and parameters behind it.
                let number = value.split([' ', '\t', ';', '(']).next();
                self.number(name, number.unwrap_or_default(), largest);
            }
        }
        for contact in message.addresses(Name::Contact) {
            if let Some(expires) = contact.param("expires") {
                self.number(Name::Contact, expires, u32::MAX.into());
            }
        }
        for warning in message.elements(Name::Warning) {
            let code = warning.split_whitespace().next().unwrap_or_default();
            self.number(Name::Warning, code, 999);
            self.note_if(
                is_digits(code) && code.len() != 3,
                Deviation::OutOfRange(Name::Warning),
            );
        }
    }

    fn number(&mut self, name: Name, text: &str, largest: u64) {
        if !is_digits(text) {
            return self.note(Deviation::Unreadable(name));
        }
        // One with too many digits for the type is too large as well.
        let fits = text.parse::<u64>().is_ok_and(|number| number <= largest);
        self.note_if(!fits, Deviation::OutOfRange(name));
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// RFC 3261 section 25.1, `token`.
fn is_token(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b))
}

/// Whether every quoted string is closed.
fn is_balanced(text: &str) -> bool {
    let mut quoted = false;
    let mut escaped = false;
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
    }
    !quoted
}

/// `Sat, 13 Nov 2010 23:29:00 GMT`, and no other zone (RFC 3261 section 20.17).
fn is_date(text: &str) -> bool {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let words: Vec<&str> = text.split(' ').collect();
    let [weekday, day, month, year, time, zone] = words.as_slice() else {
        return false;
    };
    let is_in = |text: &str, length: usize, most: u32| {
        text.len() == length && is_digits(text) && text.parse::<u32>().is_ok_and(|n| n <= most)
    };
    let clock: Vec<&str> = time.split(':').collect();
    let is_time = match clock.as_slice() {
        [hour, minute, second] => {
            is_in(hour, 2, 23) && is_in(minute, 2, 59) && is_in(second, 2, 60)
        }
        _ => false,
    };
    weekday
        .strip_suffix(',')
        .is_some_and(|day| DAYS.contains(&day))
        && is_in(day, 2, 31)
        && MONTHS.contains(month)
        && is_in(year, 4, 9999)
        && is_time
        && *zone == "GMT"
}
