//! The end points of the demo platform: which request means which, and what of the path it names.

use super::asked::decoded;

/// What can be asked of the platform.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Copy, PartialOrd, Ord)]
pub enum Endpoint {
    /// `GET log`: calls by number, Call-ID or address.
    Log,
    /// `GET log/trace`.
    Trace,
    /// `GET log/rtcp`.
    Rtcp,
    /// `GET log/class5`.
    ClassFive,
    /// `GET log/ai-agent`.
    AiAgent,
    /// `GET transcribe`.
    Transcribe,
    /// `POST cdr`.
    Cdr,
    /// `GET breakout-aggrid`.
    Aggregates,
    /// `GET cli`.
    Cli,
    /// `GET customer`.
    Customers,
    /// `GET customer/{id}`.
    Customer,
    /// `GET switch/user`.
    SipUsers,
    /// `GET switch/ip`.
    IpEntries,
    /// `GET carrier`.
    Carriers,
    /// `GET carrier/{id}`.
    Carrier,
    /// `GET routing`.
    Routes,
    /// `GET card/{id}`.
    Card,
    /// `GET card/{id}/rev/{rev}/rule`.
    Rules,
    /// `GET payment`.
    Payments,
    /// `GET package`.
    Packages,
    /// `GET setup/server/rtp-group`.
    MediaZones,
    /// `GET setup/rtp`.
    MediaServers,
    /// `GET setup/account`.
    Account,
    /// `GET docs`.
    Docs,
    /// `GET docs/{path}`: text, not JSON.
    DocPage,
    /// `GET auth/jwt`: a refresh token for an access token.
    AccessToken,
    /// `POST auth/jwt/refresh`: a password or refresh token for a refresh token.
    RefreshToken,
    /// `GET demo/register-log`: the real path is not documented, this one is made up.
    RegisterLog,
    /// `POST demo/simulate`: made up likewise.
    Simulate,
    /// `GET demo/firewall`: made up likewise.
    Firewall,
    /// `GET demo/registrations`: made up likewise; and `POST scriptforge/{app}/registrations`, a script of our own.
    Registrations,
    /// `GET demo/did`: made up likewise.
    Did,
    /// `GET demo/dialogs`: made up likewise.
    Dialogs,
    /// The status page, which is not under the base path.
    Status,
}

impl Endpoint {
    /// All of them that need credentials and are asked for data.
    pub const DATA: [Endpoint; 31] = [
        Endpoint::Log,
        Endpoint::Trace,
        Endpoint::Rtcp,
        Endpoint::ClassFive,
        Endpoint::AiAgent,
        Endpoint::Transcribe,
        Endpoint::Cdr,
        Endpoint::Aggregates,
        Endpoint::Cli,
        Endpoint::Customers,
        Endpoint::Customer,
        Endpoint::SipUsers,
        Endpoint::IpEntries,
        Endpoint::Carriers,
        Endpoint::Carrier,
        Endpoint::Routes,
        Endpoint::Card,
        Endpoint::Rules,
        Endpoint::Payments,
        Endpoint::Packages,
        Endpoint::MediaZones,
        Endpoint::MediaServers,
        Endpoint::Account,
        Endpoint::Docs,
        Endpoint::DocPage,
        Endpoint::RegisterLog,
        Endpoint::Simulate,
        Endpoint::Firewall,
        Endpoint::Registrations,
        Endpoint::Did,
        Endpoint::Dialogs,
    ];

    /// The end point of a request under the base path, with the parts of the path that name
    /// something, decoded.
    pub(super) fn of(method: &str, path: &str) -> Option<(Endpoint, Vec<String>)> {
        let path = path.trim_end_matches('/');
        let parts: Vec<&str> = path.split('/').collect();
        let name = |part: &str| decoded(part, false).ok();
        let (endpoint, named) = match (method, parts.as_slice()) {
            ("GET", ["log"]) => (Endpoint::Log, vec![]),
            ("GET", ["log", "trace"]) => (Endpoint::Trace, vec![]),
            ("GET", ["log", "rtcp"]) => (Endpoint::Rtcp, vec![]),
            ("GET", ["log", "class5"]) => (Endpoint::ClassFive, vec![]),
            ("GET", ["log", "ai-agent"]) => (Endpoint::AiAgent, vec![]),
            ("GET", ["transcribe"]) => (Endpoint::Transcribe, vec![]),
            ("POST", ["cdr"]) => (Endpoint::Cdr, vec![]),
            ("GET", ["breakout-aggrid"]) => (Endpoint::Aggregates, vec![]),
            ("GET", ["cli"]) => (Endpoint::Cli, vec![]),
            ("GET", ["customer"]) => (Endpoint::Customers, vec![]),
            ("GET", ["customer", id]) => (Endpoint::Customer, vec![name(id)?]),
            ("GET", ["switch", "user"]) => (Endpoint::SipUsers, vec![]),
            ("GET", ["switch", "ip"]) => (Endpoint::IpEntries, vec![]),
            ("GET", ["carrier"]) => (Endpoint::Carriers, vec![]),
            ("GET", ["carrier", id]) => (Endpoint::Carrier, vec![name(id)?]),
            ("GET", ["routing"]) => (Endpoint::Routes, vec![]),
            ("GET", ["card", id]) => (Endpoint::Card, vec![name(id)?]),
            ("GET", ["card", id, "rev", revision, "rule"]) => {
                (Endpoint::Rules, vec![name(id)?, name(revision)?])
            }
            ("GET", ["payment"]) => (Endpoint::Payments, vec![]),
            ("GET", ["package"]) => (Endpoint::Packages, vec![]),
            ("GET", ["setup", "server", "rtp-group"]) => (Endpoint::MediaZones, vec![]),
            ("GET", ["setup", "rtp"]) => (Endpoint::MediaServers, vec![]),
            ("GET", ["setup", "account"]) => (Endpoint::Account, vec![]),
            ("GET", ["docs"]) => (Endpoint::Docs, vec![]),
            ("GET", ["docs", page @ ..]) => (Endpoint::DocPage, vec![name(&page.join("/"))?]),
            ("GET", ["auth", "jwt"]) => (Endpoint::AccessToken, vec![]),
            ("POST", ["auth", "jwt", "refresh"]) => (Endpoint::RefreshToken, vec![]),
            ("GET", ["demo", "register-log"]) => (Endpoint::RegisterLog, vec![]),
            ("GET", ["demo", "firewall"]) => (Endpoint::Firewall, vec![]),
            ("GET", ["demo", "registrations"]) => (Endpoint::Registrations, vec![]),
            ("GET", ["demo", "did"]) => (Endpoint::Did, vec![]),
            ("GET", ["demo", "dialogs"]) => (Endpoint::Dialogs, vec![]),
            // A script of the operator's own.
            ("POST", ["scriptforge", _, "registrations"]) => (Endpoint::Registrations, vec![]),
            ("POST", ["demo", "simulate"]) => (Endpoint::Simulate, vec![]),
            _ => return None,
        };
        Some((endpoint, named))
    }
}
