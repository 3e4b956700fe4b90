//! Discord's REST API as this bot uses it, call by call. Knows no job and no reply; how a call is made is `transport`'s.

use std::time::Duration;

use serde_json::Value;
use serenity::all::{ApplicationId, ChannelId, GuildId, InteractionId, MessageId, UserId};
use serenity::http::{Http, LightMethod, Route};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep};

pub use super::transport::{ApiError, Twice};
use super::transport::{Call, Transport};
use crate::chat::show::files::Attachment;
use crate::config;
use crate::metrics::Metrics;

/// The first wait before an answer is edited again.
const FIRST_WAIT: Duration = Duration::from_millis(75);

/// An answer may be edited before Discord has heard that it comes: so long it is asked again.
const UNHEARD: Duration = Duration::from_secs(3);

/// The code of a reply to a message that the bot may not read.
const MAY_NOT_REPLY: i64 = 160_002;

/// The code of an answer that Discord does not know (yet, or any more).
const UNKNOWN_WEBHOOK: i64 = 10_015;

/// The REST API, as one application uses it.
#[derive(Debug)]
pub struct Api {
    transport: Transport,
    application: ApplicationId,
    own: OnceCell<u64>,
}

impl Api {
    /// Towards the configured address with the bot's token.
    ///
    /// # Errors
    /// One sentence, where this machine cannot make TLS connections.
    pub fn new(settings: &config::Discord, metrics: Metrics) -> anyhow::Result<Api> {
        Ok(Api::with(Self::client().build()?, settings, metrics))
    }

    /// What makes its connections.
    pub fn client() -> reqwest::ClientBuilder {
        Transport::client()
    }

    /// The same over connections that somebody else makes.
    #[must_use]
    pub fn with(client: reqwest::Client, settings: &config::Discord, metrics: Metrics) -> Api {
        Api {
            transport: Transport::new(client, settings, metrics),
            application: ApplicationId::new(settings.application_id.max(1)),
            own: OnceCell::new(),
        }
    }

    /// The same, which waits no longer than this for a rate limit.
    #[must_use]
    pub fn patient_for(mut self, longest: Duration) -> Api {
        self.transport.patience = longest;
        self
    }

    /// Who we are.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn own_user(&self) -> Result<Value, ApiError> {
        self.transport
            .made(Call::new("users.me", Route::UserMe, LightMethod::Get))
            .await
    }

    /// The bot's user, which is asked for until it is known.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn own(&self) -> Result<u64, ApiError> {
        let asked = self.own.get_or_try_init(|| async {
            let user = self.own_user().await?;
            super::incoming::id(&user, "id").ok_or_else(|| ApiError::Unreachable {
                what: "users.me",
                why: "the answer names no user".to_owned(),
            })
        });
        asked.await.copied()
    }

    /// The servers that the bot is in, as many as Discord names at once.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn servers(&self) -> Result<Value, ApiError> {
        let route = Route::UserMeGuilds;
        self.transport
            .made(Call::new("guilds.list", route, LightMethod::Get))
            .await
    }

    /// Where the gateway is.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn gateway(&self) -> Result<Value, ApiError> {
        self.transport
            .made(Call::new("gateway.get", Route::Gateway, LightMethod::Get))
            .await
    }

    /// What time it is at Discord's, as HTTP writes it.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn date(&self) -> Result<Option<String>, ApiError> {
        self.transport.date(Route::Gateway).await
    }

    /// The application as Discord knows it.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn own_application(&self) -> Result<Value, ApiError> {
        let route = Route::Oauth2ApplicationCurrent;
        self.transport
            .made(Call::new("applications.me", route, LightMethod::Get))
            .await
    }

    /// A channel.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn channel(&self, channel: u64) -> Result<Value, ApiError> {
        let route = Route::Channel {
            channel_id: ChannelId::new(channel.max(1)),
        };
        self.transport
            .made(Call::new("channels.get", route, LightMethod::Get))
            .await
    }

    /// A server.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn server(&self, server: u64) -> Result<Value, ApiError> {
        let route = Route::Guild {
            guild_id: GuildId::new(server.max(1)),
        };
        self.transport
            .made(Call::new("guilds.get", route, LightMethod::Get))
            .await
    }

    /// The roles of a server.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn roles(&self, server: u64) -> Result<Value, ApiError> {
        let route = Route::GuildRoles {
            guild_id: GuildId::new(server.max(1)),
        };
        self.transport
            .made(Call::new("guilds.roles", route, LightMethod::Get))
            .await
    }

    /// Somebody in a server.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn member(&self, server: u64, user: u64) -> Result<Value, ApiError> {
        let route = Route::GuildMember {
            guild_id: GuildId::new(server.max(1)),
            user_id: UserId::new(user.max(1)),
        };
        self.transport
            .made(Call::new("guilds.member", route, LightMethod::Get))
            .await
    }

    /// The commands that are registered: in a server, or everywhere.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn commands(&self, server: Option<u64>) -> Result<Value, ApiError> {
        let route = self.commands_route(server);
        self.transport
            .made(Call::new("commands.get", route, LightMethod::Get))
            .await
    }

    /// Registers these commands and no others.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn register(&self, server: Option<u64>, all: &Value) -> Result<Value, ApiError> {
        let route = self.commands_route(server);
        let call = Call::new("commands.put", route, LightMethod::Put);
        self.transport.made(call.sending(all, &[])).await
    }

    fn commands_route(&self, server: Option<u64>) -> Route<'static> {
        let application_id = self.application;
        match server.and_then(std::num::NonZeroU64::new) {
            Some(server) => Route::GuildCommands {
                application_id,
                guild_id: GuildId::from(server),
            },
            None => Route::Commands { application_id },
        }
    }

    /// The first answer to an interaction.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn callback(
        &self,
        interaction: u64,
        token: &str,
        body: &Value,
    ) -> Result<(), ApiError> {
        let route = Route::InteractionResponse {
            interaction_id: InteractionId::new(interaction.max(1)),
            token,
        };
        let call = Call::by_token("interactions.callback", route, LightMethod::Post);
        self.transport
            .made(call.sending(body, &[]))
            .await
            .map(|_| ())
    }

    /// Makes the first answer to an interaction into this.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn edit_answer(
        &self,
        token: &str,
        body: &Value,
        files: &[Attachment],
    ) -> Result<Value, ApiError> {
        let route = Route::WebhookOriginalInteractionResponse {
            application_id: self.application,
            token,
        };
        let call = Call::by_token("answers.edit", route, LightMethod::Patch);
        let until = Instant::now() + UNHEARD;
        let mut wait = FIRST_WAIT;
        loop {
            match self.transport.made(call.sending(body, files)).await {
                // Our work is quicker than the word that it has begun.
                Err(ApiError::Refused {
                    code: UNKNOWN_WEBHOOK,
                    ..
                }) if Instant::now() < until => {
                    sleep(wait).await;
                    wait = (wait * 2).min(Duration::from_millis(500));
                }
                other => return other,
            }
        }
    }

    /// Takes the first answer to an interaction away.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn delete_answer(&self, token: &str) -> Result<(), ApiError> {
        let route = Route::WebhookOriginalInteractionResponse {
            application_id: self.application,
            token,
        };
        let call = Call::by_token("answers.delete", route, LightMethod::Delete);
        self.transport.made(call).await.map(|_| ())
    }

    /// Another answer to an interaction.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn follow_up(
        &self,
        token: &str,
        body: &Value,
        files: &[Attachment],
    ) -> Result<Value, ApiError> {
        let route = Route::WebhookFollowupMessages {
            application_id: self.application,
            token,
        };
        let call = Call::by_token("answers.follow_up", route, LightMethod::Post);
        let call = Call {
            twice: Twice::Seen,
            ..call
        };
        self.transport.made(call.sending(body, files)).await
    }

    /// A message in a channel. Where `body` has a nonce that is enforced, it stands there once however often this is
    /// tried. Where it may not reply to another it stands by itself.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn post(
        &self,
        channel: u64,
        body: &Value,
        files: &[Attachment],
    ) -> Result<Value, ApiError> {
        let route = Route::ChannelMessages {
            channel_id: ChannelId::new(channel.max(1)),
        };
        let call = Call::new("messages.create", route, LightMethod::Post);
        let is_known_again = body.get("enforce_nonce").and_then(Value::as_bool) == Some(true);
        let twice = match is_known_again {
            true => Twice::Harmless,
            false => Twice::Seen,
        };
        let call = Call { twice, ..call };
        match self.transport.made(call.sending(body, files)).await {
            Err(ApiError::Refused {
                code: MAY_NOT_REPLY,
                ..
            }) => {
                tracing::warn!(
                    channel,
                    "the bot may not reply in a channel: give it Read Message History there"
                );
                let mut alone = body.clone();
                if let Some(alone) = alone.as_object_mut() {
                    alone.remove("message_reference");
                }
                self.transport.made(call.sending(&alone, files)).await
            }
            made => made,
        }
    }

    /// Makes a message of ours into this.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn edit(
        &self,
        channel: u64,
        message: u64,
        body: &Value,
        files: &[Attachment],
    ) -> Result<Value, ApiError> {
        let route = Route::ChannelMessage {
            channel_id: ChannelId::new(channel.max(1)),
            message_id: MessageId::new(message.max(1)),
        };
        let call = Call::new("messages.edit", route, LightMethod::Patch);
        self.transport.made(call.sending(body, files)).await
    }

    /// The messages of a channel after one of them, the newest first.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn messages_after(&self, channel: u64, after: u64) -> Result<Value, ApiError> {
        let route = Route::ChannelMessages {
            channel_id: ChannelId::new(channel.max(1)),
        };
        let params = [("after", after.to_string()), ("limit", "100".to_owned())];
        let call = Call::new("messages.list", route, LightMethod::Get);
        self.transport
            .made(Call {
                params: &params,
                ..call
            })
            .await
    }

    /// The channel in which somebody alone reads.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn direct(&self, user: u64) -> Result<u64, ApiError> {
        const WHAT: &str = "channels.direct";
        let body = serde_json::json!({ "recipient_id": user.to_string() });
        let call = Call::new(WHAT, Route::UserMeDmChannels, LightMethod::Post);
        let opened = self.transport.made(call.sending(&body, &[])).await?;
        super::incoming::id(&opened, "id").ok_or_else(|| ApiError::Unreachable {
            what: WHAT,
            why: "the answer names no channel".to_owned(),
        })
    }

    /// The content of a file that somebody handed over, up to so many bytes.
    ///
    /// # Errors
    /// See [`ApiError`]; `Refused` for an address that is not Discord's.
    pub async fn download(&self, url: &str, most: u64) -> Result<Vec<u8>, ApiError> {
        self.transport.download(url, most).await
    }

    /// A client of serenity's that goes where this goes, for its gateway.
    #[must_use]
    pub fn for_gateway(&self, settings: &config::Discord) -> Http {
        self.transport.for_gateway(settings)
    }
}
