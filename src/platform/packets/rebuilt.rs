//! A message whose text the platform did not keep, put together from the columns of its row. Holds only
//! what they say, and is marked, so that what it lacks is held against nobody.

use crate::platform::TracedMessage;
use crate::sip::Message;

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

/// The message, as far as the columns tell; nothing where they do not even give a start line.
///
/// The CSeq is told by no column. That of a response would say what it answers, so it gets none, and no
/// request is given its number.
pub(super) fn message(row: &TracedMessage) -> Option<String> {
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
