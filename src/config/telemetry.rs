//! `[telemetry]`: where traces of what is done go. Sends nothing.

use url::Url;

use super::address::WebAddress;
use super::reader::Section;
use super::secret::Secret;

/// `[telemetry]`.
#[derive(Debug, Clone)]
pub struct Telemetry {
    /// Where a collector takes traces by OTLP over HTTP.
    pub traces: Url,
    /// What it wants to be shown, as a bearer token.
    pub token: Option<Secret>,
}

pub(super) fn read(root: &mut Section<'_>) -> Option<Option<Telemetry>> {
    root.optional_table("telemetry", |section| {
        let traces = section.required("traces").map(|WebAddress(url)| url);
        let token = section.optional("token");
        Some(Telemetry {
            traces: traces?,
            token,
        })
    })
}
