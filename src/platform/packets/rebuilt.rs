//! A message whose text the platform did not keep, put together from the columns of its row. Holds only
//! what they say, and is marked, so that what it lacks is held against nobody.

use crate::platform::TracedMessage;
use crate::sip::{Message, Name};

/// The header that marks a rebuilt message.
pub const REBUILT_HEADER: &str = "X-Rebuilt-From";

/// Stands for the host of a URI of which only the user is known (RFC 2606 section 2).
const NO_HOST: &str = "unknown.invalid";

/// Whether a message was put together from the columns of a row: then what is missing in it was
/// missing in the row, not in the message.
#[must_use]
pub fn is_rebuilt(message: &Message) -> bool {
    message.other_header(REBUILT_HEADER).is_some()
}

/// What no column tells of a message, as the messages beside it do: without it no answer finds its request.
#[derive(Debug, Default)]
pub(super) struct Beside {
    via: Option<String>,
    cseq: Option<String>,
}

impl Beside {
    /// Of the message at `at` among rows in the order of time.
    pub fn of(rows: &[&TracedMessage], at: usize) -> Beside {
        let Some(row) = rows.get(at) else {
            return Beside::default();
        };
        let is_same = |it: &TracedMessage| it.call_id == row.call_id && it.method.is_some();
        let before = |is_it: &dyn Fn(&TracedMessage) -> bool| {
            let before = rows.get(..at).unwrap_or_default();
            before.iter().rposition(|it| is_same(it) && is_it(it))
        };
        let Some(method) = method(row) else {
            // A response answers the last request that came the other way.
            let asked = before(&|it| {
                is_the_other_way(it, row) && self::method(it).is_some_and(|it| it != "ACK")
            });
            return asked.map_or_else(Beside::default, |asked| Beside::told_by(rows, asked));
        };
        if ["ACK", "CANCEL"].contains(&method.as_str()) {
            let invite = before(&|it| {
                it.source_ip == row.source_ip && self::method(it).as_deref() == Some("INVITE")
            });
            let Beside { via, cseq } =
                invite.map_or_else(Beside::default, |invite| Beside::told_by(rows, invite));
            let number = cseq.as_deref().and_then(|it| it.split_whitespace().next());
            let cseq = format!("{} {method}", number.unwrap_or("1"));
            return Beside {
                via,
                cseq: Some(cseq),
            };
        }
        let after = rows.get(at + 1..).unwrap_or_default().iter();
        let mut after = after.filter(|it| is_same(it) && is_the_other_way(it, row));
        let answered = after.find_map(|it| {
            let message = read(it)?;
            let is_its = message
                .cseq()
                .is_some_and(|cseq| cseq.method.to_string() == method);
            is_its.then(|| Beside::in_message(&message))
        });
        answered.unwrap_or_else(|| Beside {
            via: None,
            cseq: Some(made_up(&method)),
        })
    }

    /// What the message at `at` has itself, or those beside it.
    fn told_by(rows: &[&TracedMessage], at: usize) -> Beside {
        match rows.get(at).and_then(|row| read(row)) {
            Some(message) => Beside::in_message(&message),
            None => Beside::of(rows, at),
        }
    }

    fn in_message(message: &Message) -> Beside {
        let header = |name| message.header(name).map(|it| one_line(&it));
        Beside {
            via: header(Name::Via),
            cseq: header(Name::CSeq),
        }
    }
}

/// A number for a request of which no message tells its own: enough to tell what sets a call up from what follows.
fn made_up(method: &str) -> String {
    let number = match method {
        "INVITE" | "ACK" | "CANCEL" | "REGISTER" => 1,
        _ => 2,
    };
    format!("{number} {method}")
}

/// The method of a request.
fn method(row: &TracedMessage) -> Option<String> {
    let method = one_line(row.method.as_deref()?);
    method.parse::<u16>().is_err().then_some(method)
}

fn is_the_other_way(one: &TracedMessage, other: &TracedMessage) -> bool {
    one.source_ip == other.destination_ip && one.destination_ip == other.source_ip
}

fn read(row: &TracedMessage) -> Option<Message> {
    let text = row.message.as_ref()?;
    Some(Message::parse(bytes::Bytes::copy_from_slice(
        text.as_bytes(),
    )))
}

/// The message, as far as the columns and the messages beside it tell; nothing where they do not even give a start line.
pub(super) fn message(row: &TracedMessage, beside: Beside) -> Option<String> {
    let method = one_line(row.method.as_deref()?);
    let start = match method.parse::<u16>() {
        Ok(code) => {
            let reason = row
                .reply_reason
                .as_deref()
                .map(one_line)
                .unwrap_or_default();
            format!("SIP/2.0 {code} {reason}")
        }
        Err(_) => {
            let uri = row.request_uri.as_deref().map(one_line);
            let of_user = || Some(uri_of(row.request_user.as_deref()?));
            let uri = uri.or_else(of_user);
            let uri = uri.unwrap_or_else(|| format!("sip:{NO_HOST}"));
            format!("{method} {uri} SIP/2.0")
        }
    };
    let is_response = start.starts_with("SIP/2.0 ");
    let agent = if is_response { "Server" } else { "User-Agent" };
    let address = |user: &Option<String>| user.as_deref().map(|user| format!("<{}>", uri_of(user)));
    let headers = [
        ("Via", beside.via),
        ("CSeq", beside.cseq),
        ("From", address(&row.from_user)),
        ("To", address(&row.to_user)),
        ("Call-ID", row.call_id.as_deref().map(one_line)),
        (agent, row.user_agent.as_deref().map(one_line)),
        (REBUILT_HEADER, Some("columns of the trace".to_owned())),
    ];
    let mut message = format!("{}\r\n", start.trim_end());
    for (name, value) in headers {
        if let Some(value) = value {
            message.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    message.push_str("\r\n");
    Some(message)
}

fn uri_of(user: &str) -> String {
    format!("sip:{}@{NO_HOST}", one_line(user))
}

/// A column can make no further header.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}
