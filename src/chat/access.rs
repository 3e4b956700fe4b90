//! Who may use which command and see whose calls, from the configured rules. Asks no platform: whoever asks brings
//! along which of the named groups somebody is in.

use std::sync::Arc;

use super::commands::{Command, Permission};
use super::request::{Asker, Place};
use super::view::View;
use crate::config::{Audience, Channel, PermissionRule, Permissions, Subject, SubjectKind};
use crate::latest::Latest;

/// Decides from the configuration, as it stands when it is asked.
#[derive(Debug, Clone, Default)]
pub struct Access {
    rules: Latest<Rules>,
}

/// What is decided from.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Who may do what.
    pub permissions: Permissions,
    /// The channels that are not like the others.
    pub channels: Vec<Channel>,
}

impl Rules {
    fn channel(&self, chat: &str, id: &str) -> Option<&Channel> {
        let mut channels = self.channels.iter();
        channels.find(|it| it.chat == chat && it.id == id)
    }
}

/// Somebody who asks, with what only the platform knows.
#[derive(Debug, Clone)]
pub struct Who<'a> {
    /// Who it is.
    pub asker: &'a Asker,
    /// Where.
    pub place: &'a Place,
    /// The groups or roles, among those that rules name, that the asker is in.
    pub groups: &'a [String],
    /// Whether anybody from outside can read there.
    pub outsiders: bool,
}

impl Access {
    /// By these rules.
    #[must_use]
    pub fn new(rules: Rules) -> Access {
        Access {
            rules: Latest::new(Arc::new(rules)),
        }
    }

    /// Decides by these rules from now on.
    pub fn follow(&self, rules: Rules) {
        self.rules.replace(Arc::new(rules));
    }

    /// The settings of a channel, where it has some.
    #[must_use]
    pub fn channel(&self, chat: &str, id: &str) -> Option<Channel> {
        self.rules.now().channel(chat, id).cloned()
    }

    /// Whether some channel of a chat wants pasted Call-IDs to be offered a diagnosis.
    #[must_use]
    pub fn offers(&self, chat: &str) -> bool {
        let rules = self.rules.now();
        rules.channels.iter().any(|it| it.chat == chat && it.offer)
    }

    /// The groups of a chat that some rule names: nobody has to be asked about others.
    #[must_use]
    pub fn groups(&self, chat: &str) -> Vec<String> {
        let now = self.rules.now();
        let rules = now.permissions.rules.iter().flatten();
        let named = rules.flat_map(|rule| &rule.subjects);
        let of_chat = named.filter(|it| it.kind == SubjectKind::Group && it.chat == chat);
        of_chat.map(|it| it.id.clone()).collect()
    }

    /// What may be seen of the answer to this command, or in one sentence why it is refused.
    ///
    /// # Errors
    /// The refusal, for the person who asked.
    pub fn decide(&self, who: &Who<'_>, command: &Command) -> Result<View, String> {
        let now = self.rules.now();
        let granted: Vec<&PermissionRule> = match &now.permissions.rules {
            None if !needs_a_grant(command) => {
                return seen(&now, who, command, View::Everything);
            }
            None => return Err(refusal(&now, command)),
            Some(rules) => {
                let fitting = rules
                    .iter()
                    .filter(|rule| applies(rule, who) && covers(rule, command));
                fitting.collect()
            }
        };
        let all = granted.iter().any(|rule| rule.customers.is_empty());
        let view = match granted.as_slice() {
            [] => return Err(refusal(&now, command)),
            _ if all => View::Everything,
            rules => View::Customers(
                rules
                    .iter()
                    .flat_map(|it| it.customers.iter().copied())
                    .collect(),
            ),
        };
        seen(&now, who, command, view)
    }
}

/// Narrows what somebody may see to what everybody may see who reads there.
fn seen(rules: &Rules, who: &Who<'_>, command: &Command, view: View) -> Result<View, String> {
    let channel = rules.channel(&who.asker.chat, &who.place.channel);
    let bound = channel.and_then(|it| it.customer);
    let for_customer = who.outsiders || channel.is_some_and(|it| it.audience == Audience::Customer);
    let view = match (for_customer, bound) {
        (true, Some(customer)) if view.holds(Some(customer)) => View::OfCustomer(customer),
        (true, _) => View::Nothing,
        (false, Some(customer)) if view.holds(Some(customer)) => View::Customers(vec![customer]),
        (false, Some(_)) => View::Nothing,
        (false, None) => view,
    };
    match view {
            View::Nothing => Err(
                "People from outside can read here, and this channel is not bound to a customer, so nothing can be \
                 shown. Ask in a direct message or an internal channel."
                    .to_owned(),
            ),
            view if view.allows(command.verb) => Ok(view),
            _ => Err(format!(
                "{} shows more than the calls of one customer, so it cannot be used here. Ask in a direct message or \
                 an internal channel.",
                command.name
            )),
        }
}

fn refusal(rules: &Rules, command: &Command) -> String {
    let ask = rules.permissions.ask.as_deref();
    let ask = ask.unwrap_or("whoever keeps the configuration of calltriage");
    format!(
        "You may not use {}. If you need it, ask {ask}.",
        command.name
    )
}

fn needs_a_grant(command: &Command) -> bool {
    command.side_effect || command.permission == Permission::Granted
}

fn applies(rule: &PermissionRule, who: &Who<'_>) -> bool {
    let is = |subject: &Subject| {
        let id = subject.id.as_str();
        subject.chat == who.asker.chat
            && match subject.kind {
                SubjectKind::User => id == who.asker.user,
                SubjectKind::Channel => id == who.place.channel,
                SubjectKind::Workspace => id == who.asker.workspace,
                SubjectKind::Group => who.groups.iter().any(|it| it == id),
            }
    };
    rule.subjects.is_empty() || rule.subjects.iter().any(is)
}

/// `"*"` never means a command with a side effect: that is granted by its name.
fn covers(rule: &PermissionRule, command: &Command) -> bool {
    let is_named = |name: &str| rule.commands.iter().any(|it| it == name);
    is_named(&command.name) || is_named("*") && !needs_a_grant(command)
}
