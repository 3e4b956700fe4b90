//! A report as a ticket: FreeScout (its API module), Zammad (REST API v1) and Jira Service Management (Cloud REST).
//! Opens one, or adds to the one that it became before; reads none.
//!
//! Shapes: <https://api-docs.freescout.net/>, <https://docs.zammad.org/en/latest/api/ticket/index.html>,
//! <https://developer.atlassian.com/cloud/jira/service-desk/rest/>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lettre::message::Mailbox;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use url::Url;

use super::http::{Answered, ask, client};
use super::{Parcel, Undelivered};
use crate::config::Via;
use crate::report::draft::Ticket;

/// Opens the ticket, or adds to it.
pub(super) async fn send(via: &Via, parcel: &Parcel<'_>) -> Result<Ticket, Undelivered> {
    let header = header(via)?;
    match via {
        Via::FreeScout {
            url,
            mailbox,
            customer,
            ..
        } => free_scout(url, header, *mailbox, customer, parcel).await,
        Via::Zammad {
            url,
            group,
            customer,
            ..
        } => zammad(url, header, group, customer, parcel).await,
        Via::Jira {
            url,
            service_desk,
            request_type,
            ..
        } => jira(url, header, (*service_desk, *request_type), parcel).await,
        Via::Mail { .. } | Via::Webhook { .. } | Via::Copy => Err(no_tickets()),
    }
}

/// Adds a sentence to a ticket that is there. Opens none and changes nothing else of it.
pub(super) async fn remark(via: &Via, ticket: &Ticket, text: &str) -> Result<(), Undelivered> {
    let (header, id) = (header(via)?, plain(&ticket.id)?);
    let (url, path, body) = match via {
        Via::FreeScout { url, customer, .. } => {
            let path = format!("api/conversations/{id}/threads");
            let customer = json!({ "email": address(customer) });
            let thread = json!({ "type": "customer", "text": html(text), "customer": customer });
            (url, path, thread)
        }
        Via::Zammad { url, .. } => {
            let article = json!({
                "ticket_id": id.parse::<u64>().unwrap_or_default(), "body": text,
                "content_type": "text/plain", "type": "note", "internal": false,
            });
            (url, "api/v1/ticket_articles".to_owned(), article)
        }
        Via::Jira { url, .. } => (
            url,
            comments_of(id),
            json!({ "body": text, "public": true }),
        ),
        Via::Mail { .. } | Via::Webhook { .. } | Via::Copy => return Err(no_tickets()),
    };
    let request = client()?.post(below(url, &path)?);
    ask(json_of(request, &header, &body), &name_of(url), false).await?;
    Ok(())
}

fn no_tickets() -> Undelivered {
    Undelivered::Final("this contact takes no tickets.".to_owned())
}

/// Where comments of a request stand in Jira.
fn comments_of(id: &str) -> String {
    format!("rest/servicedeskapi/request/{id}/comment")
}

/// What proves that it is us.
fn header(via: &Via) -> Result<Header, Undelivered> {
    Ok(match via {
        Via::FreeScout { token, .. } => ("x-freescout-api-key", token.expose().to_owned()),
        Via::Zammad { token, .. } => ("authorization", format!("Token token={}", token.expose())),
        Via::Jira { user, token, .. } => {
            let login = BASE64.encode(format!("{user}:{}", token.expose()));
            ("authorization", format!("Basic {login}"))
        }
        Via::Mail { .. } | Via::Webhook { .. } | Via::Copy => return Err(no_tickets()),
    })
}

type Header = (&'static str, String);

/// An address below the configured one.
fn below(base: &Url, path: &str) -> Result<Url, Undelivered> {
    let mut base = base.clone();
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    base.join(path)
        .map_err(|_| Undelivered::Final(format!("{base}{path} is no address.")))
}

fn json_of(request: RequestBuilder, header: &Header, body: &Value) -> RequestBuilder {
    request
        .header(header.0, &header.1)
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .body(body.to_string())
}

fn name_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// The number or key under which something stands in an answer.
fn id_of(answered: &Answered, key: &str) -> Option<String> {
    match answered.body.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A ticket was opened, and its number cannot be read: that it was is what counts.
const NO_NUMBER: &str = "(its number was not told)";

/// Only what a ticket system gave as a number or a key becomes part of an address.
fn plain(id: &str) -> Result<&str, Undelivered> {
    let is_plain = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_plain.then_some(id).ok_or_else(|| {
        Undelivered::Final(
            "the number of its ticket is not known, so nothing can be added to it.".to_owned(),
        )
    })
}

fn address(customer: &str) -> String {
    let parsed = customer.parse::<Mailbox>();
    parsed.map_or_else(|_| customer.to_owned(), |it| it.email.to_string())
}

async fn free_scout(
    url: &Url,
    header: Header,
    mailbox: u32,
    customer: &str,
    parcel: &Parcel<'_>,
) -> Result<Ticket, Undelivered> {
    let customer = json!({ "email": address(customer) });
    let files: Vec<Value> = parcel
        .files
        .iter()
        .map(|it| json!({ "fileName": it.name, "mimeType": it.kind, "data": BASE64.encode(&it.bytes) }))
        .collect();
    // It shows texts as HTML.
    let text = html(&parcel.text);
    let thread =
        json!({ "type": "customer", "text": text, "customer": customer, "attachments": files });
    if let Some(ticket) = &parcel.draft.ticket {
        let path = format!("api/conversations/{}/threads", plain(&ticket.id)?);
        let request = client()?.post(below(url, &path)?);
        ask(json_of(request, &header, &thread), &name_of(url), false).await?;
        return Ok(ticket.clone());
    }
    let body = json!({
        "type": "email", "mailboxId": mailbox, "subject": parcel.subject, "customer": customer,
        "status": "active", "threads": [thread],
    });
    let request = client()?.post(below(url, "api/conversations")?);
    let answered = ask(json_of(request, &header, &body), &name_of(url), false).await?;
    let by_header = answered
        .headers
        .get("resource-id")
        .and_then(|it| it.to_str().ok());
    let id = by_header
        .map(str::to_owned)
        .or_else(|| id_of(&answered, "id"));
    let id = id.unwrap_or_else(|| NO_NUMBER.to_owned());
    let link = plain(&id)
        .ok()
        .and_then(|id| below(url, &format!("conversation/{id}")).ok());
    Ok(Ticket {
        link: link.map(String::from),
        id,
    })
}

async fn zammad(
    url: &Url,
    header: Header,
    group: &str,
    customer: &str,
    parcel: &Parcel<'_>,
) -> Result<Ticket, Undelivered> {
    let files: Vec<Value> = parcel
        .files
        .iter()
        .map(|it| json!({ "filename": it.name, "mime-type": it.kind, "data": BASE64.encode(&it.bytes) }))
        .collect();
    let article = json!({
        "subject": parcel.subject, "body": parcel.text, "content_type": "text/plain", "type": "note",
        "internal": false, "attachments": files,
    });
    let link = |id: &str| {
        below(url, &format!("#ticket/zoom/{id}"))
            .ok()
            .map(String::from)
    };
    if let Some(ticket) = &parcel.draft.ticket {
        let path = format!("api/v1/tickets/{}", plain(&ticket.id)?);
        let body = json!({ "state": "open", "article": article });
        let request = client()?.put(below(url, &path)?);
        ask(json_of(request, &header, &body), &name_of(url), false).await?;
        return Ok(ticket.clone());
    }
    let body = json!({
        "title": parcel.subject, "group": group, "customer_id": format!("guess:{}", address(customer)),
        "article": article,
    });
    let request = client()?.post(below(url, "api/v1/tickets")?);
    let answered = ask(json_of(request, &header, &body), &name_of(url), false).await?;
    let id = id_of(&answered, "id").unwrap_or_else(|| NO_NUMBER.to_owned());
    let link = plain(&id).ok().and_then(link);
    Ok(Ticket { link, id })
}

async fn jira(
    url: &Url,
    header: Header,
    (service_desk, request_type): (u32, u32),
    parcel: &Parcel<'_>,
) -> Result<Ticket, Undelivered> {
    let (client, whom) = (client()?, name_of(url));
    let ticket = match &parcel.draft.ticket {
        Some(ticket) => {
            let path = comments_of(plain(&ticket.id)?);
            let body = json!({ "body": parcel.text, "public": true });
            ask(
                json_of(client.post(below(url, &path)?), &header, &body),
                &whom,
                false,
            )
            .await?;
            ticket.clone()
        }
        None => {
            let body = json!({
                "serviceDeskId": service_desk.to_string(),
                "requestTypeId": request_type.to_string(),
                "requestFieldValues": { "summary": parcel.subject, "description": parcel.text },
            });
            let request = client.post(below(url, "rest/servicedeskapi/request")?);
            let answered = ask(json_of(request, &header, &body), &whom, false).await?;
            let id = id_of(&answered, "issueKey").unwrap_or_else(|| NO_NUMBER.to_owned());
            let link = answered.body.pointer("/_links/web").and_then(Value::as_str);
            Ticket {
                link: link
                    .filter(|it| it.starts_with(url.as_str()))
                    .map(str::to_owned),
                id,
            }
        }
    };
    // The ticket is there: a file that is not taken does not make another one.
    if let Err(error) = attach(&client, url, &header, service_desk, &ticket, parcel).await {
        tracing::warn!(%error, report = parcel.id, "the files were not attached");
    }
    Ok(ticket)
}

/// Files go to the service desk first and then to the request.
async fn attach(
    client: &reqwest::Client,
    url: &Url,
    header: &Header,
    service_desk: u32,
    ticket: &Ticket,
    parcel: &Parcel<'_>,
) -> Result<(), Undelivered> {
    if parcel.files.is_empty() {
        return Ok(());
    }
    let boundary = format!("calltriage-{}", parcel.key);
    let mut body = Vec::new();
    for file in &parcel.files {
        body.extend_from_slice(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
                 Content-Type: {}\r\n\r\n",
                file.name, file.kind
            )
            .as_bytes(),
        );
        body.extend_from_slice(&file.bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let path = format!("rest/servicedeskapi/servicedesk/{service_desk}/attachTemporaryFile");
    let request = client
        .post(below(url, &path)?)
        .header(header.0, &header.1)
        .header("x-atlassian-token", "no-check")
        .header("x-experimentalapi", "opt-in")
        .header(
            "content-type",
            format!("multipart/form-data; boundary={boundary}"),
        )
        .body(body);
    let answered = ask(request, &name_of(url), false).await?;
    let listed = answered
        .body
        .get("temporaryAttachments")
        .and_then(Value::as_array);
    let ids: Vec<&Value> = listed
        .into_iter()
        .flatten()
        .filter_map(|it| it.get("temporaryAttachmentId"))
        .collect();
    let path = format!(
        "rest/servicedeskapi/request/{}/attachment",
        plain(&ticket.id)?
    );
    let body = json!({ "temporaryAttachmentIds": ids, "public": true });
    ask(
        json_of(client.post(below(url, &path)?), header, &body),
        &name_of(url),
        false,
    )
    .await?;
    Ok(())
}

/// Text as HTML shows it unchanged.
fn html(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("<pre>{escaped}</pre>")
}
