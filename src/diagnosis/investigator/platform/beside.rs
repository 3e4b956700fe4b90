//! What a platform tells of a call only at paths that it does not document, or once its messages are known: where
//! an inbound number leads, who is registered, which addresses are those of media servers. Asked where it helps
//! and where a path is configured; judges nothing.

use std::collections::HashSet;
use std::net::IpAddr;

use crate::call::Symptom;
use crate::platform::{CallRecord, TracedMessage, Words};
use crate::sources::{Answer, ConnexCs, Lookup};

/// An empty answer is an answer.
pub fn answered(lookup: Lookup<Words>) -> Lookup<Words> {
    match lookup {
        Lookup::Empty => Lookup::Found(Words::default()),
        other => other,
    }
}

/// Where the number of an inbound call leads as it is set up.
pub async fn did(platform: &ConnexCs, row: &CallRecord) -> Lookup<Words> {
    let is_configured = platform.endpoints().did.is_some();
    match row
        .to
        .as_deref()
        .filter(|_| is_configured && row.comes_in())
    {
        Some(number) => answered(platform.did(number).await),
        None => Lookup::Empty,
    }
}

/// Who is registered as the user whom an inbound call was sent to and did not reach.
pub async fn registered(
    platform: &ConnexCs,
    row: &CallRecord,
    messages: &Lookup<Answer<TracedMessage>>,
) -> Lookup<(String, Words)> {
    let is_wanted = row.comes_in() && row.failed() && platform.endpoints().registrations.is_some();
    let Some(user) = sent_to(row, messages).filter(|_| is_wanted) else {
        return Lookup::Empty;
    };
    match answered(platform.registrations(&user).await) {
        Lookup::Found(words) => Lookup::Found((user, words)),
        Lookup::Empty => Lookup::Empty,
        Lookup::Unavailable(why) => Lookup::Unavailable(why),
    }
}

/// The user to whom the platform sent a call last.
fn sent_to(row: &CallRecord, messages: &Lookup<Answer<TracedMessage>>) -> Option<String> {
    let Lookup::Found(messages) = messages else {
        return None;
    };
    let is_sent = |it: &&TracedMessage| {
        let call_id = it.call_id.as_deref();
        it.method.as_deref() == Some("INVITE")
            && call_id.is_some()
            && call_id != row.call_id.as_deref()
    };
    let last = messages.rows.iter().rfind(is_sent)?;
    last.request_user.clone().or_else(|| last.to_user.clone())
}

/// What the list of calls that are up has of one that somebody says does not end.
pub async fn dialog(platform: &ConnexCs, row: &CallRecord, symptoms: &[Symptom]) -> Lookup<Words> {
    let is_wanted =
        symptoms.contains(&Symptom::DoesNotEnd) && platform.endpoints().dialogs.is_some();
    if !is_wanted {
        return Lookup::Empty;
    }
    let ids: Vec<&str> = row.call_ids().collect();
    answered(platform.dialog(&ids).await)
}

/// The addresses of the platform's media servers, where messages name an address for media that is not one of
/// those that send and receive them.
pub async fn media_servers(
    platform: &ConnexCs,
    messages: &Lookup<Answer<TracedMessage>>,
) -> Lookup<Vec<IpAddr>> {
    let Lookup::Found(answer) = messages else {
        return Lookup::Empty;
    };
    if !has_media_elsewhere(&answer.rows) {
        return Lookup::Empty;
    }
    match platform.media_servers().await {
        Lookup::Found(answer) => {
            let servers = answer.rows.into_iter();
            Lookup::Found(servers.flat_map(|server| server.addresses).collect())
        }
        Lookup::Empty => Lookup::Empty,
        Lookup::Unavailable(why) => Lookup::Unavailable(why),
    }
}

fn has_media_elsewhere(messages: &[TracedMessage]) -> bool {
    let ends = messages
        .iter()
        .flat_map(|it| [it.source_ip, it.destination_ip]);
    let ends: HashSet<IpAddr> = ends.flatten().collect();
    let lines = messages
        .iter()
        .filter_map(|it| it.message.as_deref())
        .flat_map(str::lines);
    // RFC 4566 section 5.7: `c=IN IP4 192.0.2.50`, perhaps with a time to live.
    let mut addresses = lines.filter_map(|line| {
        let address = line.strip_prefix("c=IN IP")?.get(2..)?;
        address.split('/').next()?.trim().parse::<IpAddr>().ok()
    });
    addresses.any(|ip| !ends.contains(&ip))
}
