//! Who is who and who reads where in Discord's servers, as far as answers depend on it: roles, members, and who may view
//! a channel. Asks Discord and believes it for a minute; decides nothing of what is shown.
//!
//! Permissions: <https://docs.discord.com/developers/topics/permissions#permission-overwrites>.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::api::{Api, ApiError};
use super::incoming::{id, is_thread};
use crate::chat::beliefs::Beliefs;
use crate::config;

/// How long it is believed who is who.
const BELIEVED: Duration = Duration::from_secs(60);

const ADMINISTRATOR: u64 = 1 << 3;
const VIEW_CHANNEL: u64 = 1 << 10;

/// A channel, as far as it matters who reads there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its server; none for direct messages.
    pub server: Option<u64>,
    /// The channel of which it is a thread.
    pub parent: Option<u64>,
    overwrites: Vec<Overwrite>,
}

/// What a channel allows or denies a role or a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Overwrite {
    id: u64,
    is_member: bool,
    allow: u64,
    deny: u64,
}

/// A role of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Role {
    id: u64,
    permissions: u64,
    /// The app whose it is: people do not get it.
    app: Option<u64>,
}

/// What is known of servers.
#[derive(Debug)]
pub struct Directory {
    api: Arc<Api>,
    servers: Vec<u64>,
    internal: Vec<u64>,
    staff: Vec<u64>,
    channels: Beliefs<u64, Channel>,
    owners: Beliefs<u64, u64>,
    roles: Beliefs<u64, Arc<[Role]>>,
    /// The roles of a member; nothing of who is none.
    members: Beliefs<(u64, u64), Option<Vec<u64>>>,
}

impl Directory {
    /// Of these servers.
    #[must_use]
    pub fn new(api: Arc<Api>, settings: &config::Discord) -> Directory {
        Directory {
            api,
            servers: settings.servers.clone(),
            internal: settings.internal_servers.clone(),
            staff: settings.staff_roles.clone(),
            channels: Beliefs::lasting(BELIEVED),
            owners: Beliefs::lasting(BELIEVED),
            roles: Beliefs::lasting(BELIEVED),
            members: Beliefs::lasting(BELIEVED),
        }
    }

    /// A channel.
    ///
    /// # Errors
    /// Where Discord cannot be asked, or does not let the bot look.
    pub async fn channel(&self, channel: u64) -> Result<Channel, ApiError> {
        if let Some(known) = self.channels.of(&channel) {
            return Ok(known);
        }
        let told = self.api.channel(channel).await?;
        let kind = told.get("type").and_then(Value::as_u64);
        let known = Channel {
            server: id(&told, "guild_id"),
            parent: id(&told, "parent_id").filter(|_| is_thread(kind)),
            overwrites: list(&told, "permission_overwrites")
                .filter_map(overwrite)
                .collect(),
        };
        self.channels.learn([(channel, known.clone())]);
        Ok(known)
    }

    /// The roles of somebody in a server; nothing of who is no member.
    ///
    /// # Errors
    /// Where Discord cannot be asked, or does not let the bot look.
    pub async fn roles_of(&self, server: u64, user: u64) -> Result<Option<Vec<u64>>, ApiError> {
        if let Some(known) = self.members.of(&(server, user)) {
            return Ok(known);
        }
        let roles = match self.api.member(server, user).await {
            Ok(member) => {
                let roles = list(&member, "roles");
                let ids = roles.filter_map(|it| it.as_str()?.parse().ok());
                Some(ids.collect::<Vec<u64>>())
            }
            Err(error) if error.status() == 404 => None,
            Err(error) => return Err(error),
        };
        self.members.learn([((server, user), roles.clone())]);
        Ok(roles)
    }

    /// Whether somebody in a server is one of our own people.
    async fn is_staff_in(&self, server: u64, user: u64) -> Result<bool, ApiError> {
        let Some(roles) = self.roles_of(server, user).await? else {
            return Ok(false);
        };
        Ok(self.internal.contains(&server) || roles.iter().any(|it| self.staff.contains(it)))
    }

    /// Whether somebody is one of our own people, wherever: in a server that is ours, or by a role of ours. `also` is the
    /// server in which they ask.
    ///
    /// # Errors
    /// Where Discord cannot be asked. Where it does not let the bot look, nobody is.
    pub async fn is_staff(&self, user: u64, also: Option<u64>) -> Result<bool, ApiError> {
        let mut servers: Vec<u64> = self.internal.clone();
        servers.extend(self.servers.iter().chain(&also));
        servers.sort_unstable();
        servers.dedup();
        for server in servers {
            match self.is_staff_in(server, user).await {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) if error.is_passing() => return Err(error),
                Err(error) => tracing::warn!(%error, server, "who is in a server is not known"),
            }
        }
        Ok(false)
    }

    /// Whether anybody but our own people can read in a channel.
    ///
    /// # Errors
    /// Where Discord cannot be asked, or does not let the bot look.
    pub async fn outsiders_read(&self, channel: u64) -> Result<bool, ApiError> {
        let mut known = self.channel(channel).await?;
        if let Some(parent) = known.parent {
            // Who may view a channel may view its threads, or be invited to them.
            known = self.channel(parent).await?;
        }
        let Some(server) = known.server else {
            // A conversation of several people is nobody's own.
            return Ok(true);
        };
        if self.internal.contains(&server) {
            return Ok(false);
        }
        let roles = self.roles(server).await?;
        let everyone = roles.iter().find(|it| it.id == server).copied();
        let Some(everyone) = everyone else {
            return Ok(true);
        };
        if views(&known, everyone, everyone) {
            return Ok(true);
        }
        let outside = roles
            .iter()
            .filter(|it| it.id != server && it.app.is_none() && !self.staff.contains(&it.id));
        if outside.into_iter().any(|it| views(&known, everyone, *it)) {
            return Ok(true);
        }
        let own = self.api.own().await?;
        let let_in = known
            .overwrites
            .iter()
            .filter(|it| it.is_member && it.allow & VIEW_CHANNEL != 0 && it.id != own)
            .map(|it| it.id);
        // Who owns a server views all of it.
        let owner = self.owner(server).await?;
        for member in let_in.chain(owner) {
            if !self.is_staff_in(server, member).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the bot may do in a channel, as bits.
    ///
    /// # Errors
    /// Where Discord cannot be asked, or does not let the bot look.
    pub async fn allowed(&self, channel: u64) -> Result<u64, ApiError> {
        let mut known = self.channel(channel).await?;
        if let Some(parent) = known.parent {
            known = self.channel(parent).await?;
        }
        let Some(server) = known.server else {
            return Ok(u64::MAX);
        };
        let own = self.api.own().await?;
        let mut held = self.roles_of(server, own).await?.unwrap_or_default();
        // Everybody's role has the id of the server.
        held.push(server);
        let roles = self.roles(server).await?;
        let base = roles
            .iter()
            .filter(|it| held.contains(&it.id))
            .fold(0, |all, it| all | it.permissions);
        if base & ADMINISTRATOR != 0 {
            return Ok(u64::MAX);
        }
        let changed = |permissions: u64, these: &mut dyn Iterator<Item = &Overwrite>| {
            let (allow, deny) = these.fold((0, 0), |(allow, deny), it| {
                (allow | it.allow, deny | it.deny)
            });
            permissions & !deny | allow
        };
        let all = || known.overwrites.iter();
        let of_all = &mut all().filter(|it| !it.is_member && it.id == server);
        let allowed = changed(base, of_all);
        let of_roles =
            &mut all().filter(|it| !it.is_member && it.id != server && held.contains(&it.id));
        let allowed = changed(allowed, of_roles);
        let of_member = &mut all().filter(|it| it.is_member && it.id == own);
        Ok(changed(allowed, of_member))
    }

    /// The role that an app has of its own in a server, by the app's user.
    ///
    /// # Errors
    /// Where Discord cannot be asked, or does not let the bot look.
    pub async fn role_of_app(&self, server: u64, user: u64) -> Result<Option<u64>, ApiError> {
        let roles = self.roles(server).await?;
        let own = roles.iter().find(|it| it.app == Some(user));
        Ok(own.map(|it| it.id))
    }

    async fn owner(&self, server: u64) -> Result<Option<u64>, ApiError> {
        if let Some(known) = self.owners.of(&server) {
            return Ok(Some(known));
        }
        let owner = id(&self.api.server(server).await?, "owner_id");
        self.owners.learn(owner.map(|it| (server, it)));
        Ok(owner)
    }

    async fn roles(&self, server: u64) -> Result<Arc<[Role]>, ApiError> {
        if let Some(known) = self.roles.of(&server) {
            return Ok(known);
        }
        let told = self.api.roles(server).await?;
        let all = told.as_array().into_iter().flatten().filter_map(role);
        let roles: Arc<[Role]> = all.collect();
        self.roles.learn([(server, Arc::clone(&roles))]);
        Ok(roles)
    }
}

/// Whether somebody who has this role and no other may view a channel.
fn views(channel: &Channel, everyone: Role, role: Role) -> bool {
    let base = everyone.permissions | role.permissions;
    if base & ADMINISTRATOR != 0 {
        return true;
    }
    let of = |id: u64| {
        let mut of_roles = channel.overwrites.iter().filter(|it| !it.is_member);
        of_roles.find(|it| it.id == id)
    };
    let changed = |permissions: u64, it: Option<&Overwrite>| {
        it.map_or(permissions, |it| permissions & !it.deny | it.allow)
    };
    let seen = changed(base, of(everyone.id));
    let seen = match role.id == everyone.id {
        true => seen,
        false => changed(seen, of(role.id)),
    };
    seen & VIEW_CHANNEL != 0
}

fn list<'v>(of: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    of.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn bits(of: &Value, name: &str) -> u64 {
    let bits = of.get(name).and_then(Value::as_str);
    bits.and_then(|it| it.parse().ok()).unwrap_or_default()
}

fn overwrite(told: &Value) -> Option<Overwrite> {
    Some(Overwrite {
        id: id(told, "id")?,
        is_member: told.get("type").and_then(Value::as_u64) == Some(1),
        allow: bits(told, "allow"),
        deny: bits(told, "deny"),
    })
}

fn role(told: &Value) -> Option<Role> {
    Some(Role {
        id: id(told, "id")?,
        permissions: bits(told, "permissions"),
        app: told.get("tags").and_then(|it| id(it, "bot_id")),
    })
}
