//! `[permissions]` and `[[channels]]`: who may use which command, and what may be seen where. Says what is
//! configured; decides nothing.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;

use super::reader::{Choice, Refusal, Section, Setting, Value};

/// Somebody or some place in a chat, as in `slack:user:U1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    /// The chat, as in "slack".
    pub chat: String,
    /// What kind of thing it is in that chat.
    pub kind: SubjectKind,
    /// The id that the chat gives it.
    pub id: String,
}

/// What a rule can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    /// One person.
    User,
    /// A user group, or a role.
    Group,
    /// Everybody who writes in a channel.
    Channel,
    /// Everybody in a workspace or server.
    Workspace,
}

impl SubjectKind {
    const WORDS: &'static [(&'static str, SubjectKind)] = &[
        ("user", SubjectKind::User),
        ("group", SubjectKind::Group),
        ("channel", SubjectKind::Channel),
        ("workspace", SubjectKind::Workspace),
    ];
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = SubjectKind::WORDS.iter().find(|it| it.1 == self.kind);
        let word = word.map_or("", |it| it.0);
        write!(f, "{}:{word}:{}", self.chat, self.id)
    }
}

impl FromStr for Subject {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, ':');
        let (chat, kind, id) = (parts.next(), parts.next(), parts.next());
        let (Some(chat @ ("slack" | "discord" | "terminal")), Some(kind), Some(id)) =
            (chat, kind, id)
        else {
            return Err(());
        };
        let kind = SubjectKind::WORDS
            .iter()
            .find(|it| it.0 == kind)
            .ok_or(())?
            .1;
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(());
        }
        Ok(Subject {
            chat: chat.to_owned(),
            kind,
            id: id.to_owned(),
        })
    }
}

impl Setting for Subject {
    fn allowed() -> String {
        r#"CHAT:KIND:ID with user, group, channel or workspace, as in "slack:user:U012AB3CD""#
            .to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        value.text()?.parse().map_err(|()| Refusal::plain())
    }
}

/// Who may do what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permissions {
    /// The rules. None: everybody may use what has no side effect, nobody the rest.
    pub rules: Option<Vec<PermissionRule>>,
    /// Whom to ask, as a refusal names them.
    pub ask: Option<String>,
}

/// A grant: these may use these commands and see these customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionRule {
    /// To whom it is granted; empty means everybody (`"*"`).
    pub subjects: Vec<Subject>,
    /// The commands by name; `"*"` among them means those without side effects.
    pub commands: Vec<String>,
    /// The customers by their number; empty means all (`"*"`).
    pub customers: Vec<u64>,
}

/// A channel that is not like the others.
#[derive(Debug, Clone)]
pub struct Channel {
    /// The chat, as in "slack".
    pub chat: String,
    /// The id that the chat gives it.
    pub id: String,
    /// Who reads there.
    pub audience: Audience,
    /// The customer whose channel it is.
    pub customer: Option<u64>,
    /// The zone in which times without one are read and told there.
    pub timezone: Option<TimeZone>,
    /// Whether answers are seen only by who asked, unless told otherwise.
    pub private: bool,
    /// Whether the bot offers to diagnose Call-IDs that people paste.
    pub offer: bool,
}

/// Who reads what is written somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// People who run the phone service.
    Internal,
    /// A customer.
    Customer,
}

impl Choice for Audience {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("internal", Audience::Internal),
        ("customer", Audience::Customer),
    ];
}

/// `"*"` or one thing.
struct AnyOr<T>(Option<T>);

impl<T: Setting> Setting for AnyOr<T> {
    fn allowed() -> String {
        format!(r#""*" or {}"#, T::allowed())
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        if value.raw.as_str() == Some("*") {
            return Ok(AnyOr(None));
        }
        T::read(value).map(|it| AnyOr(Some(it)))
    }
}

/// A customer by its number.
struct CustomerId(u64);

impl Setting for CustomerId {
    fn allowed() -> String {
        "the number of a customer, as in 105".to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let text = match value.raw.as_integer() {
            Some(integer) => integer.as_str(),
            None => value.text()?,
        };
        text.parse().map(CustomerId).map_err(|_| Refusal::plain())
    }
}

/// Where `"*"` stands among others it means all.
fn listed<T>(items: Vec<AnyOr<T>>) -> Vec<T> {
    let all: Option<Vec<T>> = items.into_iter().map(|AnyOr(it)| it).collect();
    all.unwrap_or_default()
}

pub(super) fn permissions(root: &mut Section<'_>) -> Option<Permissions> {
    root.table("permissions", |section| {
        let ask = section.optional("ask");
        let given = section.has("rules");
        let rules = section.tables("rules", |rule| {
            let subjects = rule.required_list::<AnyOr<Subject>>("subjects");
            let commands = rule.required_list::<String>("commands");
            let customers = rule.optional_list::<AnyOr<CustomerId>>("customers");
            let customers = customers.map(listed).unwrap_or_default();
            Some(PermissionRule {
                subjects: listed(subjects?),
                commands: commands?,
                customers: customers.into_iter().map(|CustomerId(id)| id).collect(),
            })
        });
        Some(Permissions {
            rules: given.then_some(rules),
            ask,
        })
    })
}

/// A channel's id with its chat.
struct ChannelId(String, String);

impl Setting for ChannelId {
    fn allowed() -> String {
        r#"CHAT:ID, as in "slack:C012AB3CD""#.to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let (chat, id) = value.text()?.split_once(':').ok_or_else(Refusal::plain)?;
        let known = matches!(chat, "slack" | "discord");
        if !known || id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(Refusal::plain());
        }
        Ok(ChannelId(chat.to_owned(), id.to_owned()))
    }
}

pub(super) fn channels(root: &mut Section<'_>) -> Vec<Channel> {
    root.tables("channels", |section| {
        let id: Option<ChannelId> = section.required("id");
        let audience = section.optional("audience").unwrap_or(Audience::Internal);
        let customer = match audience {
            Audience::Customer => section.required::<CustomerId>("customer"),
            Audience::Internal => section.optional::<CustomerId>("customer"),
        };
        let timezone = section.optional("timezone");
        let private = section.optional("private").unwrap_or(false);
        let offer = section.optional("offer").unwrap_or(false);
        if audience == Audience::Customer && customer.is_none() {
            return None;
        }
        let ChannelId(chat, id) = id?;
        Some(Channel {
            chat,
            id,
            audience,
            customer: customer.map(|CustomerId(id)| id),
            timezone,
            private,
            offer,
        })
    })
}
