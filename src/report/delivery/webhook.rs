//! A report as signed JSON to any program. The same delivery bears the same key at every try, so that whoever takes it
//! twice can know.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use super::http::{ask, client};
use super::{Parcel, Undelivered};
use crate::config::Secret;
use crate::report::draft::Ticket;

/// Sends it.
pub(super) async fn send(
    url: &Url,
    secret: &Secret,
    parcel: &Parcel<'_>,
) -> Result<Ticket, Undelivered> {
    let body = serde_json::to_vec(&told(parcel)).unwrap_or_default();
    let at = parcel.at.as_second().to_string();
    let signature = signed(secret, &at, &body)?;
    let request = client()?
        .post(url.clone())
        .header("content-type", "application/json")
        .header("idempotency-key", &parcel.key)
        .header("x-calltriage-timestamp", at)
        .header("x-calltriage-signature", format!("sha256={signature}"))
        .body(body);
    let whom = url.host_str().unwrap_or_default().to_owned();
    let answered = ask(request, &whom, true).await?;
    let text = |key: &str| {
        answered.body.get(key).map(|it| match it {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    };
    Ok(Ticket {
        id: text("id").unwrap_or_else(|| parcel.key.clone()),
        link: text("url").filter(|it| it.starts_with("https://")),
    })
}

/// HMAC-SHA256 of `TIMESTAMP.BODY`, in hexadecimal.
fn signed(secret: &Secret, at: &str, body: &[u8]) -> Result<String, Undelivered> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())
        .map_err(|_| Undelivered::Final("its secret cannot sign.".to_owned()))?;
    mac.update(at.as_bytes());
    mac.update(b".");
    mac.update(body);
    Ok(mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn told(parcel: &Parcel<'_>) -> Value {
    let files = parcel.files.iter().map(|file| {
        json!({ "name": file.name, "type": file.kind, "base64": BASE64.encode(&file.bytes) })
    });
    let event = if parcel.draft.ticket.is_some() {
        "reopened"
    } else {
        "opened"
    };
    let severity = parcel.draft.report.severity();
    json!({
        "event": event,
        "id": parcel.id,
        "ticket": parcel.draft.ticket.as_ref().map(|it| &it.id),
        "subject": parcel.subject,
        "level": severity.level,
        "text": parcel.text,
        "markdown": parcel.markdown,
        "report": public(parcel),
        "files": files.collect::<Vec<_>>(),
    })
}

/// The report as data, without what is for our own books.
fn public(parcel: &Parcel<'_>) -> Value {
    parcel.draft.report.public()
}
