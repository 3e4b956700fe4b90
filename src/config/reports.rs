//! `[reports]` and `[[contacts]]`: how problem reports are written, to whom they may go and which way. Says what is
//! configured; sends nothing.

use std::net::IpAddr;
use std::path::PathBuf;

use url::Url;

use super::Names;
use super::address::WebAddress;
use super::reader::{Choice, Refusal, Section, Setting, Value};
use super::secret::Secret;
use super::values::Size;

/// How reports are written and sent.
#[derive(Debug, Clone)]
pub struct Reports {
    /// A folder with templates that replace the built-in ones.
    pub templates: Option<PathBuf>,
    /// Who sends them, as in `NOC <noc@example.net>`.
    pub from: Option<String>,
    /// Who can be asked about them, unless somebody says otherwise.
    pub contact: Option<String>,
    /// Files that are larger together, in bytes, are packed into one.
    pub zip_over: u64,
    /// The server that takes mail; without one, mail is made and a person sends it.
    pub smtp: Option<Smtp>,
}

impl Default for Reports {
    fn default() -> Self {
        Reports {
            templates: None,
            from: None,
            contact: None,
            zip_over: ZIP_OVER,
            smtp: None,
        }
    }
}

/// Mail servers take about ten megabytes, and base64 makes a third more of it.
const ZIP_OVER: u64 = 5_000_000;

/// `[reports.smtp]`.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// The server's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// The user and the password, where the server wants them.
    pub login: Option<(String, Secret)>,
    /// A certificate in PEM to trust besides those of the system.
    pub ca: Option<PathBuf>,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// From its first byte (port 465).
    Wrapped,
    /// By STARTTLS, without which nothing is said (port 587).
    StartTls,
    /// Not at all: only on this machine.
    Nothing,
}

impl Choice for SmtpTls {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("tls", SmtpTls::Wrapped),
        ("starttls", SmtpTls::StartTls),
        ("none", SmtpTls::Nothing),
    ];
}

/// Somebody who gets reports.
#[derive(Debug, Clone)]
pub struct Contact {
    /// What people here call it.
    pub name: String,
    /// What it is.
    pub kind: ContactKind,
    /// The carrier or customer as answers call it; with its number, as in `Acme (#105)`, the number counts alone.
    pub peer: Option<String>,
    /// Which way reports go there.
    pub via: Via,
    /// What stands before the subject, with `{reference}` for the reference.
    pub subject: Option<String>,
    /// How they file us.
    pub reference: Option<String>,
    /// When somebody is there, for people to read.
    pub hours: Option<String>,
}

/// What somebody who gets reports is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContactKind {
    /// The support of the platform.
    Platform,
    /// A carrier.
    Carrier,
    /// A customer.
    Customer,
}

impl Choice for ContactKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("platform", ContactKind::Platform),
        ("carrier", ContactKind::Carrier),
        ("customer", ContactKind::Customer),
    ];
}

/// Which way a report goes.
#[derive(Debug, Clone)]
pub enum Via {
    /// As mail to this address.
    Mail {
        /// The address.
        to: String,
    },
    /// As JSON to this address, signed with the secret (HMAC-SHA256).
    Webhook {
        /// Where.
        url: Url,
        /// What it is signed with.
        secret: Secret,
    },
    /// As a conversation in FreeScout.
    FreeScout {
        /// The installation.
        url: Url,
        /// Its API key.
        token: Secret,
        /// The number of the mailbox.
        mailbox: u32,
        /// The e-mail address under which it is opened.
        customer: String,
    },
    /// As a ticket in Zammad.
    Zammad {
        /// The installation.
        url: Url,
        /// The access token.
        token: Secret,
        /// The group that gets it.
        group: String,
        /// The e-mail address under which it is opened.
        customer: String,
    },
    /// As a request in Jira Service Management.
    Jira {
        /// The site.
        url: Url,
        /// The user of the token.
        user: String,
        /// The API token.
        token: Secret,
        /// The number of the service desk.
        service_desk: u32,
        /// The number of the request type.
        request_type: u32,
    },
    /// A person copies it.
    Copy,
}

impl Via {
    /// The word for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Via::Mail { .. } => "mail",
            Via::Webhook { .. } => "webhook",
            Via::FreeScout { .. } => "freescout",
            Via::Zammad { .. } => "zammad",
            Via::Jira { .. } => "jira",
            Via::Copy => "copy",
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Way {
    Mail,
    Webhook,
    FreeScout,
    Zammad,
    Jira,
    Copy,
}

impl Choice for Way {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("mail", Way::Mail),
        ("webhook", Way::Webhook),
        ("freescout", Way::FreeScout),
        ("zammad", Way::Zammad),
        ("jira", Way::Jira),
        ("copy", Way::Copy),
    ];
}

/// An e-mail address, perhaps with a name before it.
struct MailAddress(String);

impl Setting for MailAddress {
    fn allowed() -> String {
        r#"an e-mail address, as in "noc@example.net" or "NOC <noc@example.net>""#.to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let text = String::read(value)?;
        let parsed = text.parse::<lettre::message::Mailbox>();
        parsed
            .map(|_| MailAddress(text))
            .map_err(|_| Refusal::plain())
    }
}

/// A server with its port.
struct Server(String, u16);

impl Setting for Server {
    fn allowed() -> String {
        r#"a server with its port, as in "mail.example.net:587""#.to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let text = value.text()?;
        let (host, port) = text.rsplit_once(':').ok_or_else(Refusal::plain)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port: u16 = port.parse().map_err(|_| Refusal::plain())?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
        if host.is_empty() || !host.chars().all(is_plain) || port == 0 {
            return Err(Refusal::plain());
        }
        Ok(Server(host.to_owned(), port))
    }
}

impl Server {
    fn is_this_machine(&self) -> bool {
        self.0 == "localhost" || self.0.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

pub(super) fn reports(root: &mut Section<'_>) -> Option<Reports> {
    root.table("reports", |section| {
        let smtp = section.optional_table("smtp", smtp);
        Some(Reports {
            templates: section.optional("templates"),
            from: section.optional("from").map(|MailAddress(it)| it),
            contact: section.optional("contact"),
            zip_over: section
                .optional("zip_over")
                .map_or(ZIP_OVER, |Size(bytes)| bytes),
            smtp: smtp?,
        })
    })
}

fn smtp(section: &mut Section<'_>) -> Option<Smtp> {
    let server: Option<Server> = section.required("server");
    let tls = section.optional("tls").unwrap_or(SmtpTls::StartTls);
    let user: Option<String> = section.optional("user");
    let password: Option<Secret> = match user {
        Some(_) => section.required("password"),
        None => section.optional("password"),
    };
    let ca = section.optional("ca");
    let server = server?;
    if tls == SmtpTls::Nothing && !server.is_this_machine() {
        let found = "found a connection in the clear to another machine".to_owned();
        section.refuse("tls", found, r#""tls" or "starttls""#.to_owned());
        return None;
    }
    let Server(host, port) = server;
    Some(Smtp {
        host,
        port,
        tls,
        login: user.zip(password),
        ca,
    })
}

pub(super) fn contacts(root: &mut Section<'_>) -> Vec<Contact> {
    let mut names = Names::default();
    root.tables("contacts", |section| {
        let name: Option<ContactName> = section.required("name");
        let name = name.map(|ContactName(it)| it);
        names.check(section, name.as_deref());
        let kind = section.required("kind");
        let peer = match kind {
            Some(ContactKind::Platform) => section.optional("peer"),
            _ => section.required("peer"),
        };
        let via = via(section);
        let subject = section.optional("subject");
        let reference = section.optional("reference");
        let hours = section.optional("hours");
        let kind = kind?;
        if kind != ContactKind::Platform && peer.is_none() {
            return None;
        }
        Some(Contact {
            name: name?,
            kind,
            peer,
            via: via?,
            subject,
            reference,
            hours,
        })
    })
}

/// A name that can be typed after `--to`.
struct ContactName(String);

impl Setting for ContactName {
    fn allowed() -> String {
        "one word of letters, digits, dots, dashes and underscores".to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let text = String::read(value)?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if !text.chars().all(is_plain) || text.starts_with('-') {
            return Err(Refusal::plain());
        }
        Ok(ContactName(text))
    }
}

fn via(section: &mut Section<'_>) -> Option<Via> {
    let way: Way = section.required("via")?;
    let url = |section: &mut Section<'_>| section.required("url").map(|WebAddress(url)| url);
    let address = |section: &mut Section<'_>, key| section.required(key).map(|MailAddress(it)| it);
    Some(match way {
        Way::Mail => Via::Mail {
            to: address(section, "to")?,
        },
        Way::Webhook => {
            let (url, secret) = (url(section), section.required("secret"));
            Via::Webhook {
                url: url?,
                secret: secret?,
            }
        }
        Way::FreeScout => {
            let (url, token) = (url(section), section.required("token"));
            let (mailbox, customer) = (section.required("mailbox"), address(section, "customer"));
            Via::FreeScout {
                url: url?,
                token: token?,
                mailbox: mailbox?,
                customer: customer?,
            }
        }
        Way::Zammad => {
            let (url, token) = (url(section), section.required("token"));
            let (group, customer) = (section.required("group"), address(section, "customer"));
            Via::Zammad {
                url: url?,
                token: token?,
                group: group?,
                customer: customer?,
            }
        }
        Way::Jira => {
            let (url, user, token) = (
                url(section),
                section.required("user"),
                section.required("token"),
            );
            let service_desk = section.required("service_desk");
            let request_type = section.required("request_type");
            Via::Jira {
                url: url?,
                user: user?,
                token: token?,
                service_desk: service_desk?,
                request_type: request_type?,
            }
        }
        Way::Copy => Via::Copy,
    })
}
