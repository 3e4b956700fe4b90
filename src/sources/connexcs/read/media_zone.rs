//! Answers about media zones, media servers and pages of documentation.

use super::fields::Fields;
use super::lenient;
use super::lenient::parse_ip;
use super::rows::{Rows, read};
use super::unreadable::Unreadable;
use crate::platform::{DocLink, MediaServer, MediaZone};
use crate::sources::link::web_link;

/// Reads the media zones.
///
/// # Errors
/// Where the answer as a whole is no list of zones.
pub fn media_zones(body: &[u8]) -> Result<Rows<MediaZone>, Unreadable> {
    read(body, |fields| {
        Some(MediaZone {
            id: fields.id(&["id"])?,
            name: fields.text(&["name"]),
            is_active: fields.flag(&["status"]),
            failover_id: fields.id(&["alt"]),
            can_transcode: fields.flag(&["transcoding"]),
            location: fields.text(&["location"]),
            is_elastic: fields.flag(&["elastic"]),
            most_per_server: fields.count(&["max_server_per_sip"]),
            raw: fields.raw(),
        })
    })
}

/// Reads the media servers.
///
/// # Errors
/// Where the answer as a whole is no list of servers.
pub fn media_servers(body: &[u8]) -> Result<Rows<MediaServer>, Unreadable> {
    read(body, |fields| {
        let server = MediaServer {
            id: fields.id(&["id"]),
            alias: fields.text(&["alias"]),
            zone: fields.text(&["zone"]),
            addresses: addresses(fields),
            raw: fields.raw(),
        };
        (server.id.is_some() || server.alias.is_some()).then_some(server)
    })
}

/// Under which keys the addresses stand is not documented, so every text that is one counts.
fn addresses(fields: &Fields<'_>) -> Vec<std::net::IpAddr> {
    let texts = fields.element().values().filter_map(|value| value.as_str());
    texts.filter_map(parse_ip).collect()
}

/// Reads what a search of the documentation found.
///
/// # Errors
/// Where the answer as a whole is no list of pages.
pub fn doc_links(body: &[u8]) -> Result<Rows<DocLink>, Unreadable> {
    read(body, |fields| {
        let link = DocLink {
            url: fields.text(&["public_url"]).as_deref().and_then(web_link),
            link: fields.text(&["link"]),
            body: fields.read(&["body"], lenient::verbatim),
        };
        (link.url.is_some() || link.link.is_some()).then_some(link)
    })
}
