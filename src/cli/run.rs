//! `calltriage run`: everything that is configured, kept going until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::log::{Voice, start_serving};
use super::reload::{self, Reload, note_taken};
use super::traces::Traces;
use super::{Ended, Session};
use crate::chat::Desk;
use crate::chat::access::Access;
use crate::chat::discord::{Discord, gateway as discord_gateway, http as discord_http};
use crate::chat::slack::{Slack, http as slack_http, socket as slack_socket};
use crate::chat::underway::Underway;
use crate::config::{self, DiscordWayIn, Secret, SlackWayIn};
use crate::incidents::Keeper;
use crate::incidents::poster::{Poster, Terminal};
use crate::metrics::Metrics;
use crate::store::socket::{self, RemoteStore};
use crate::store::{PATIENCE_WITH_HISTORY, Place, Store, StoreError};
use crate::supervisor::{Pace, Supervisor};
use crate::web::{Readiness, Tls, hooks};
use crate::{app, web};

/// How long to wait for another process to leave the store.
const STORE_PATIENCE: Duration = Duration::from_secs(5);

/// How long an answer that is being told may take once all else has ended.
const LAST_WORDS: Duration = Duration::from_secs(3);

pub async fn run(session: Session, path: Option<PathBuf>) -> anyhow::Result<Ended> {
    // First of all: who stops it while it starts must not leave the store in disorder, and who wants its settings read
    // again must not end it.
    let mut stop_asked = std::pin::pin!(stop_asked()?);
    let _hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
    let config = &session.config;
    let tls = app::identity(config)?.map(Tls::new);
    let traces = config.telemetry.as_ref().map(Traces::begin).transpose()?;
    let beside = traces.as_ref().map(Traces::layer);
    let voice = start_serving(config.log, session.output, beside);
    let dir = app::store_path(config)
        .context("set [store] path: neither it nor a home folder is set")?
        .to_owned();
    if let Ok(Some(_)) = RemoteStore::connect(&socket::path_in(&dir), PATIENCE_WITH_HISTORY).await {
        anyhow::bail!(
            "another calltriage is running on the store in {}; stop it, or set [store] path to \
             another folder",
            dir.display()
        );
    }
    let store = open(&dir, voice).await?;
    let metrics = Metrics::default();
    note_taken(&metrics);
    let mut tasks = Supervisor::new(metrics.clone(), Pace::default());
    // Those beside it keep their history until the last answer is given.
    let mut last = Supervisor::new(metrics.clone(), Pace::default());
    serve_store(&mut last, &dir, &store)
        .await
        .or_else(StoreError::unless_unwritable)?;

    let courier = app::courier(config, store.clone())?;
    tasks.keep("courier", move |stopped| {
        let courier = courier.clone();
        async move {
            courier.serve(stopped).await;
            Ok(())
        }
    });

    let (listener, address) = bind(config.http.listen, "listen").await?;
    let of_metrics = match config.http.metrics {
        Some(address) => Some(bind(address, "metrics").await?),
        None => None,
    };
    let (ready, is_ready) = watch::channel(Some("starting".to_owned()));
    let investigator = session.investigator()?;
    let in_background = investigator.over(investigator.sources().to_vec());
    for source in investigator.sources() {
        source.count_in(&metrics);
    }
    if let Some(page) = investigator.status_page() {
        page.count_in(&metrics);
    }
    let desk = app::desk(config, investigator, Some(store.clone()))?;
    let desk = desk.counting_in(metrics.clone());
    let (desk, access) = app::heart(config, desk);
    let entering = enter(config, &desk, &access, &store, &metrics);
    let (slack, discord) = tokio::select! {
        entered = entering => entered?,
        by = &mut stop_asked => {
            voice.note(&format!("{by}: stopping"));
            store.leave().await;
            return Ok(Ended::Answered);
        }
    };
    let mut posters: Vec<Arc<dyn Poster>> = vec![Arc::new(Terminal::default())];
    if let Some((slack, _)) = &slack {
        posters.push(Arc::new(slack.poster()));
    }
    if let Some((discord, _)) = &discord {
        posters.push(Arc::new(discord.poster()));
    }
    let orders = app::orders(config, session.watching.clone())?;
    let parts = app::keeping(
        orders,
        in_background,
        store.clone(),
        posters,
        metrics.clone(),
    );
    let keeper = Keeper::start(parts).await?;
    desk.keep_incidents(Arc::clone(&keeper));
    let hooks = hooks::routes(
        &config.incidents.hooks,
        Arc::clone(&keeper),
        metrics.clone(),
    );
    let reload = Reload {
        path,
        files: reload::files(config),
        knowledge: session.knowledge.clone(),
        access,
        keeper: Arc::clone(&keeper),
        tls: tls.clone(),
        metrics: metrics.clone(),
        voice,
    };
    tasks.keep("settings", move |stopped| reload.clone().follow(stopped));
    tasks.keep("incidents", move |stopped| {
        let keeper = Arc::clone(&keeper);
        async move {
            keeper.run(stopped).await;
            Ok(())
        }
    });
    // Not before: what was asked of incidents is answered anew by whoever keeps them.
    let mut left = 0;
    if let Some((slack, _)) = &slack {
        left += slack.resume(Timestamp::now()).await?;
    }
    if let Some((discord, _)) = &discord {
        left += discord.resume(Timestamp::now()).await?;
    }
    if left > 0 {
        voice.note(&format!(
            "{left} requests of the last run are being answered"
        ));
    }
    follow(
        &mut tasks,
        slack.as_ref().map(|it| &it.0),
        discord.as_ref().map(|it| &it.0),
    );
    let mut readiness = vec![is_ready];
    let mut routes = hooks;
    if let Some((slack, settings)) = slack {
        match &settings.way_in {
            SlackWayIn::Http(secret) => routes = routes.merge(slack_http::routes(slack, secret)),
            SlackWayIn::Socket(token) => {
                let (token, limit) = (token.clone(), settings.socket_limit);
                readiness.push(connect(&mut tasks, slack, token, limit));
            }
        }
    }
    if let Some((discord, settings)) = discord {
        register(&mut tasks, &discord, settings);
        match settings.way_in {
            DiscordWayIn::Http(key) => routes = routes.merge(discord_http::routes(discord, key)?),
            DiscordWayIn::Gateway => {
                readiness.push(listen_to_discord(&mut tasks, discord, settings.clone()));
            }
        }
    }
    let health = web::health(Readiness {
        parts: readiness,
        down: tasks.down(),
        store: store.clone(),
    });
    let numbers = web::metrics(metrics.clone());
    let mut said = json!({ "http": address });
    match of_metrics {
        None => routes = routes.merge(numbers),
        Some((listener, own)) => {
            serve(&mut tasks, "metrics", (listener, None), numbers, &metrics)?;
            voice.note(&format!("metrics on http://{own}/metrics"));
            said = json!({ "http": address, "metrics": own });
        }
    }
    let scheme = tls.as_ref().map_or("http", |_| "https");
    serve(
        &mut tasks,
        "http",
        (listener, tls),
        routes.merge(health),
        &metrics,
    )?;
    ready.send_replace(None);
    voice.note(&format!("listening on {scheme}://{address}"));
    if session.output.is_json() {
        session.output.json(&said)?;
    }

    let stopped_by = stop_asked.await;
    voice.note(&format!("{stopped_by}: stopping"));
    ready.send_replace(Some("stopping".to_owned()));
    let deadline = Instant::now() + config.stop_within;
    let again = self::stop_asked()?;
    let ending = async {
        let ended = tasks.stop(deadline.max(Instant::now() + LAST_WORDS)).await;
        let is_idle = answered_or_handed_over(desk.underway(), deadline, voice).await;
        if is_idle {
            store.leave().await;
        }
        let until = Instant::now() + LAST_WORDS;
        let last_ended = async { is_idle && ended && last.stop(until).await };
        let traced = async {
            if let Some(traces) = traces {
                traces.end(until).await;
            }
        };
        tokio::join!(last_ended, traced).0
    };
    tokio::select! {
        ended = ending => if !ended {
            voice.wrong("not everything ended in time");
        },
        by = again => voice.note(&format!("{by} again: ending at once")),
    }
    Ok(Ended::Answered)
}

/// Opens the store. Where its disk takes nothing, answers are given all the same, and that is said.
async fn open(place: &Place, voice: Voice) -> anyhow::Result<Store> {
    match Store::open(place, Timestamp::now(), STORE_PATIENCE).await {
        Ok(opening) => {
            opening.notice.iter().for_each(|it| voice.note(it));
            Ok(opening.store)
        }
        Err(why @ StoreError::Unwritable(_)) => {
            voice.wrong(&format!("nothing that is answered is remembered: {why}"));
            Ok(Store::forgetful(why))
        }
        Err(error) => Err(error.into()),
    }
}

/// Waits until all that was asked is answered; what is not by `deadline` is left to whoever comes next. Whether nobody
/// works on anything any more.
async fn answered_or_handed_over(underway: &Underway, deadline: Instant, voice: Voice) -> bool {
    if timeout_at(deadline, underway.idle()).await.is_ok() {
        return true;
    }
    let left = underway.count();
    underway.hand_over();
    voice.note(&format!(
        "{left} not answered in time: left to another replica or the next start"
    ));
    timeout(LAST_WORDS, underway.idle()).await.is_ok()
}

/// A chat with its settings, where it is configured.
type Entered<'c, C, S> = Option<(Arc<C>, &'c S)>;

/// Makes itself known in the chats that are configured.
async fn enter<'c>(
    config: &'c config::Config,
    desk: &Arc<Desk>,
    access: &Arc<Access>,
    store: &Store,
    metrics: &Metrics,
) -> anyhow::Result<(
    Entered<'c, Slack, config::Slack>,
    Entered<'c, Discord, config::Discord>,
)> {
    let with = || {
        let (desk, access) = (Arc::clone(desk), Arc::clone(access));
        (desk, access, store.clone(), metrics.clone())
    };
    let slack = async {
        let Some(settings) = &config.slack else {
            return Ok(None);
        };
        let (desk, access, store, metrics) = with();
        let entering = Slack::enter(settings, desk, access, store, metrics, Timestamp::now());
        anyhow::Ok(Some((entering.await.context("Slack")?, settings)))
    };
    let discord = async {
        let Some(settings) = &config.discord else {
            return Ok(None);
        };
        let (desk, access, store, metrics) = with();
        let entering = Discord::enter(settings, desk, access, store, metrics, Timestamp::now());
        anyhow::Ok(Some((entering.await.context("Discord")?, settings)))
    };
    tokio::try_join!(slack, discord)
}

/// Keeps going what gives late answers, and what takes over from other processes.
fn follow(tasks: &mut Supervisor, slack: Option<&Arc<Slack>>, discord: Option<&Arc<Discord>>) {
    if let Some(slack) = slack.cloned() {
        tasks.keep("slack-late", move |stopped| {
            let slack = Arc::clone(&slack);
            async move {
                slack.follow(stopped).await;
                Ok(())
            }
        });
    }
    if let Some(discord) = discord.cloned() {
        tasks.keep("discord-late", move |stopped| {
            let discord = Arc::clone(&discord);
            async move {
                discord.follow(stopped).await;
                Ok(())
            }
        });
    }
}

/// Takes an address of `[http]`.
async fn bind(address: SocketAddr, key: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    web::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; set [http] {key} to a free address"))
}

/// Answers HTTP.
fn serve(
    tasks: &mut Supervisor,
    name: &'static str,
    (listener, tls): (TcpListener, Option<Tls>),
    routes: Router,
    metrics: &Metrics,
) -> anyhow::Result<()> {
    // The address stays ours while the task is begun again.
    let (listener, metrics) = (listener.into_std()?, metrics.clone());
    tasks.keep(name, move |stopped| {
        let listener = listener.try_clone().and_then(TcpListener::from_std);
        let (tls, routes, metrics) = (tls.clone(), routes.clone(), metrics.clone());
        async move {
            let limits = web::Limits::default();
            Ok(web::serve(listener?, tls, routes, metrics, limits, stopped).await?)
        }
    });
    Ok(())
}

/// Lets processes beside this one use the store.
async fn serve_store(
    tasks: &mut Supervisor,
    dir: &std::path::Path,
    store: &Store,
) -> Result<(), StoreError> {
    if let Store::Forgetful(_) = store {
        // They can see for themselves that there is none.
        return Ok(());
    }
    let (path, store) = (socket::path_in(dir), store.clone());
    let mut bound = Some(socket::Server::bind(&path).await?);
    tasks.keep("store", move |stopped| {
        let (bound, path, store) = (bound.take(), path.clone(), store.clone());
        async move {
            let server = match bound {
                Some(server) => server,
                None => socket::Server::bind(&path).await?,
            };
            server.serve(store, stopped).await;
            Ok(())
        }
    });
    Ok(())
}

/// Keeps connections to Slack; what tells whether one stands.
fn connect(
    tasks: &mut Supervisor,
    slack: Arc<Slack>,
    token: Secret,
    limit: Duration,
) -> watch::Receiver<web::NotReady> {
    let (ready, is_ready) = watch::channel(Some("no connection to Slack stands yet".to_owned()));
    tasks.keep("slack", move |stopped| {
        let (slack, token, ready) = (Arc::clone(&slack), token.clone(), ready.clone());
        async move { slack_socket::listen(slack, &token, limit, ready, stopped).await }
    });
    is_ready
}

/// Keeps Discord's commands registered.
fn register(tasks: &mut Supervisor, discord: &Arc<Discord>, settings: &config::Discord) {
    let (discord, settings) = (Arc::clone(discord), settings.clone());
    tasks.keep("discord-commands", move |stopped| {
        let (discord, settings) = (Arc::clone(&discord), settings.clone());
        async move { discord.keep_registered(&settings, stopped).await }
    });
}

/// Keeps listening to Discord's gateway; what tells whether it gives signs of life.
fn listen_to_discord(
    tasks: &mut Supervisor,
    discord: Arc<Discord>,
    settings: config::Discord,
) -> watch::Receiver<web::NotReady> {
    let (ready, is_ready) = watch::channel(Some("no connection to Discord stands yet".to_owned()));
    tasks.keep("discord", move |stopped| {
        let (discord, settings, ready) = (Arc::clone(&discord), settings.clone(), ready.clone());
        async move { discord_gateway::listen(discord, &settings, ready, stopped).await }
    });
    is_ready
}

/// Hears the signals that service managers and people at terminals send, from now on; the future
/// waits for one.
pub(super) fn stop_asked() -> io::Result<impl Future<Output = &'static str>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => "interrupted",
            _ = terminate.recv() => "terminated",
        }
    })
}
