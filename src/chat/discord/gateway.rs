//! The way in over a connection that the bot opens (the gateway), by serenity, and who watches it: serenity waits for ever
//! where a peer takes the connection and says nothing, so without a sign of life for too long this ends, and whoever keeps
//! it going begins it anew. Should what hung come back all the same, it tells what was told already: requests are known by
//! their ids. Reads no request itself.
//!
//! <https://docs.discord.com/developers/events/gateway>

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;
use serenity::all::{Context, Event, GatewayError, GatewayIntents, RawEventHandler, ShardManager};
use serenity::{Client, async_trait};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use url::Url;

use super::api::ApiError;
use super::relay::{self, Relay};
use super::{CHAT, Discord, incoming};
use crate::config;
use crate::metrics;

/// How often signs of life are looked for.
const LOOK: Duration = Duration::from_millis(250);

/// How long the end may take: serenity may wait for ever for the other side's good bye.
const ENDING: Duration = Duration::from_secs(2);

/// Where Discord's gateways are.
const GATEWAY_HOST: &str = "discord.gg";

/// Listens until it is told to stop. Without a sign of life for longer than `limit` it says that it is not ready, and
/// after twice that it gives up.
///
/// # Errors
/// One sentence, when it gave up.
pub async fn listen(
    discord: Arc<Discord>,
    settings: &config::Discord,
    ready: watch::Sender<Option<String>>,
    stopped: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let mut stopped = std::pin::pin!(stopped);
    while let Over::ForOthers = connected(&discord, settings, &ready, stopped.as_mut()).await? {
        tracing::info!("another connection to Discord is opened: channels want something else");
    }
    Ok(())
}

/// Why a connection ended that could have gone on.
enum Over {
    /// It was told to.
    Stopped,
    /// What Discord is asked to tell has changed, and it is asked once a connection.
    ForOthers,
}

/// One connection, to its end.
async fn connected(
    discord: &Arc<Discord>,
    settings: &config::Discord,
    ready: &watch::Sender<Option<String>>,
    stopped: impl Future<Output = ()>,
) -> anyhow::Result<Over> {
    ready.send_replace(Some("no connection to Discord stands yet".to_owned()));
    let mut stopped = std::pin::pin!(stopped);
    let alive = Arc::new(Alive::default());
    let intents = intents(discord);
    let (mut client, _relay) = tokio::select! {
        client = client(discord, settings, intents, Arc::clone(&alive)) => client?,
        () = &mut stopped => return Ok(Over::Stopped),
    };
    let manager = Arc::clone(&client.shard_manager);
    let limit = settings.gateway_limit;
    let running = async move { client.start().await };
    let outcome = tokio::select! {
        ended = running => match ended {
            Ok(()) => Err(anyhow::anyhow!("the connection to Discord ended for good")),
            Err(serenity::Error::Gateway(GatewayError::DisallowedGatewayIntents))
                if intents.contains(GatewayIntents::MESSAGE_CONTENT) =>
            {
                discord.go_without_text();
                Ok(Over::ForOthers)
            }
            Err(serenity::Error::Gateway(GatewayError::InvalidAuthentication)) => Err(anyhow::anyhow!(
                "Discord does not take the bot's token any more: set [discord] token to what Bot, Reset Token shows in the \
                 portal, and start calltriage again"
            )),
            Err(error) => Err(anyhow::Error::new(error).context(
                "Discord does not let the bot in: check [discord] token, and that the intents are switched on in the \
                 portal (calltriage manifest discord --reasons)",
            )),
        },
        over = watched(&manager, &alive, discord, intents, limit, ready) => over,
        () = &mut stopped => Ok(Over::Stopped),
    };
    if timeout(ENDING, manager.shutdown_all()).await.is_err() {
        tracing::warn!("the connection to Discord did not end in time");
    }
    outcome
}

/// What makes a connection with these intents, and the way that it takes.
async fn client(
    discord: &Arc<Discord>,
    settings: &config::Discord,
    intents: GatewayIntents,
    alive: Arc<Alive>,
) -> anyhow::Result<(Client, Relay)> {
    let own = discord.api().own().await?;
    let relay = Relay::to(address(discord, settings).await?).await?;
    let hearing = Hearing {
        discord: Arc::clone(discord),
        own,
        alive,
    };
    let http = discord.api().for_gateway(settings);
    let client =
        serenity::client::ClientBuilder::new_with_http(http, intents).raw_event_handler(hearing);
    let client: Client = client.await.context("Discord's gateway")?;
    relay
        .address()
        .as_str()
        .clone_into(&mut *client.ws_url.lock().await);
    Ok((client, relay))
}

/// The gateway's address, as Discord says it; of another host on this machine, exactly that.
async fn address(discord: &Discord, settings: &config::Discord) -> anyhow::Result<Url> {
    let told = discord.api().gateway().await?;
    let url = told.get("url").and_then(Value::as_str);
    let url = Url::parse(url.unwrap_or_default())
        .ok()
        .context("Discord does not say where its gateway is")?;
    let host = url.host_str().unwrap_or_default();
    let is_own = match settings.is_real() {
        true => url.scheme() == "wss" && host.ends_with(&format!(".{GATEWAY_HOST}")),
        false => Some(host) == settings.api_url.host_str(),
    };
    anyhow::ensure!(is_own, "the gateway that was told is not Discord's");
    Ok(url)
}

/// No more than is needed; the text of messages only where a channel wants it.
fn intents(discord: &Discord) -> GatewayIntents {
    let always = GatewayIntents::GUILD_MESSAGES | GatewayIntents::DIRECT_MESSAGES;
    match discord.listens() {
        true => always | GatewayIntents::MESSAGE_CONTENT,
        false => always,
    }
}

/// Counts signs of life.
#[derive(Debug, Default)]
struct Alive(AtomicU64);

/// Looks for signs of life until there were none for too long, or other intents are wanted.
async fn watched(
    manager: &ShardManager,
    alive: &Alive,
    discord: &Discord,
    wanted: GatewayIntents,
    limit: Duration,
    ready: &watch::Sender<Option<String>>,
) -> anyhow::Result<Over> {
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = (0, None);
    let mut last = Instant::now();
    let mut stands = false;
    loop {
        look.tick().await;
        if intents(discord) != wanted {
            return Ok(Over::ForOthers);
        }
        let runners = manager.runners.lock().await;
        // A heartbeat that was answered changes what is known of its time.
        let beat = runners.values().next().and_then(|it| it.latency);
        drop(runners);
        let now = (alive.0.load(Ordering::Relaxed), beat);
        if now != seen {
            seen = now;
            last = Instant::now();
            if !stands && seen.0 > 0 {
                stands = true;
                ready.send_replace(None);
                discord.metrics.set(&metrics::SOCKETS, &[CHAT], 1.0);
            }
        }
        let silent = last.elapsed();
        if stands && silent > limit {
            stands = false;
            let seconds = limit.as_secs_f64();
            ready.send_replace(Some(format!(
                "Discord has given no sign of life for {seconds} s"
            )));
            discord.metrics.set(&metrics::SOCKETS, &[CHAT], 0.0);
            tracing::warn!(?limit, "Discord gives no sign of life");
        }
        if silent > limit * 2 {
            anyhow::bail!(
                "Discord has given no sign of life for {} s; check the network",
                silent.as_secs()
            );
        }
    }
}

/// Takes what the gateway tells.
struct Hearing {
    discord: Arc<Discord>,
    /// The bot's user.
    own: u64,
    alive: Arc<Alive>,
}

#[async_trait]
impl RawEventHandler for Hearing {
    async fn raw_event(&self, _: Context, event: Event) {
        self.alive.0.fetch_add(1, Ordering::Relaxed);
        match event {
            Event::Ready(_) => self.discord.metrics.count(&metrics::SOCKETS_BUILT, &[CHAT]),
            Event::Unknown(told) => match relay::name(&told.kind) {
                "INTERACTION_CREATE" => self.interaction(&told.value).await,
                "MESSAGE_CREATE" => self.message(&told.value).await,
                _ => {}
            },
            _ => {}
        }
    }
}

impl Hearing {
    async fn message(&self, payload: &Value) {
        if let Err(error) = self.discord.hear(payload, self.own).await {
            self.discord.metrics.count(&metrics::NOT_KEPT, &[CHAT]);
            tracing::error!(%error, "what Discord sent could not be kept");
        }
    }

    async fn interaction(&self, payload: &Value) {
        let read_at = Instant::now();
        let answer = self.discord.receive(payload, read_at).await;
        let id = incoming::id(payload, "id").unwrap_or_default();
        let token = payload.get("token").and_then(Value::as_str);
        let told = self
            .discord
            .api()
            .callback(id, token.unwrap_or_default(), &answer);
        match told.await {
            Ok(()) => {}
            // It was heard, and our own try before was not answered.
            Err(ApiError::Refused { code: 40_060, .. }) => {}
            Err(error) => tracing::warn!(%error, "an interaction was not answered at once"),
        }
    }
}
