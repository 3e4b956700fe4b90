//! The keeper as it runs, over the real adapter aimed at the fake platform, on a clock that the test moves; and a channel
//! that notes what it is told, and when.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use calltriage::archive::Archive;
use calltriage::config::{self, Endpoints, StatusPageKind};
use calltriage::demo::{STATUS_PATH, World};
use calltriage::diagnosis::{Investigator, Peers};
use calltriage::incidents::keeper::{Keeper, Parts};
use calltriage::incidents::orders::{Orders, Pace};
use calltriage::incidents::poster::{Place, Poster, Undelivered, Words};
use calltriage::incidents::shelf::Shelf;
use calltriage::incidents::source::Source;
use calltriage::incidents::watch::Watch;
use calltriage::incidents::{Event, Settings};
use calltriage::metrics::Metrics;
use calltriage::sources::StatusPage;
use calltriage::sources::api::Clock as _;
use calltriage::store::Store;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::{Message, NOC};
use crate::support::clock::HandClock;
use crate::support::connexcs::Fake;

/// A chat that takes everything, and notes it.
pub struct Chat {
    clock: Arc<HandClock>,
    channels: Mutex<BTreeMap<String, Vec<Message>>>,
    /// Whether the next message arrives and the poster never hears of it.
    pub loses_answer: Mutex<bool>,
    /// How many messages arrived.
    pub arrived: watch::Sender<usize>,
}

impl Chat {
    /// The messages of a channel.
    pub fn of(&self, channel: &str) -> Vec<Message> {
        let id = channel.split(':').nth(1).unwrap();
        let channels = self.channels.lock().unwrap();
        channels.get(id).cloned().unwrap_or_default()
    }

    fn note(&self, place: Place<'_>, words: Words<'_>) -> String {
        let now = self.clock.now();
        let mut channels = self.channels.lock().unwrap();
        let messages = channels.entry(place.channel.to_owned()).or_default();
        if let Some(thread) = place.thread {
            let said = lines(words).join("\n");
            let message = &mut messages[thread.parse::<usize>().unwrap()];
            message.thread.push((now, said));
            message.keys.push(place.key.to_owned());
            return format!("{thread}/{}", message.thread.len());
        }
        messages.push(Message {
            at: Some(now),
            incident: match words {
                Words::Card(card) => card.id.clone(),
                Words::Text(_) => String::new(),
            },
            first: lines(words),
            keys: vec![place.key.to_owned()],
            ..Message::default()
        });
        (messages.len() - 1).to_string()
    }
}

fn lines(words: Words<'_>) -> Vec<String> {
    match words {
        Words::Card(card) => card.lines(),
        Words::Text(text) => vec![text.to_owned()],
    }
}

/// One that is shared with the keeper.
struct Shared(Arc<Chat>);

impl Poster for Shared {
    fn chat(&self) -> &'static str {
        "slack"
    }

    fn post<'a>(
        &'a self,
        place: Place<'a>,
        words: Words<'a>,
    ) -> BoxFuture<'a, Result<String, Undelivered>> {
        let message = self.0.note(place, words);
        let is_lost = std::mem::take(&mut *self.0.loses_answer.lock().unwrap());
        self.0.arrived.send_modify(|count| *count += 1);
        Box::pin(async move {
            match is_lost {
                true => std::future::pending().await,
                false => Ok(message),
            }
        })
    }

    fn edit<'a>(
        &'a self,
        place: Place<'a>,
        message: &'a str,
        words: Words<'a>,
    ) -> BoxFuture<'a, Result<(), Undelivered>> {
        let now = self.0.clock.now();
        let mut channels = self.0.channels.lock().unwrap();
        let its = &mut channels.get_mut(place.channel).unwrap()[message.parse::<usize>().unwrap()];
        its.edits.push((now, lines(words)));
        Box::pin(async { Ok(()) })
    }

    fn find<'a>(
        &'a self,
        place: Place<'a>,
        _: Timestamp,
    ) -> BoxFuture<'a, Result<Option<String>, Undelivered>> {
        let channels = self.0.channels.lock().unwrap();
        let messages = channels.get(place.channel).into_iter().flatten();
        let mut numbered = messages.enumerate();
        let found = numbered.find(|(_, it)| it.keys.iter().any(|key| key == place.key));
        let found = found.map(|(at, _)| at.to_string());
        Box::pin(async { Ok(found) })
    }
}

/// The keeper with everything around it.
pub struct House {
    pub fake: Fake,
    pub clock: Arc<HandClock>,
    pub chat: Arc<Chat>,
    pub keeper: Arc<Keeper>,
    pub orders: Orders,
    store: Store,
    _dir: tempfile::TempDir,
}

/// What it is told to do where a test says nothing else.
pub fn orders(settings: Settings, watches: Vec<Watch>) -> Orders {
    Orders {
        watches,
        settings: Settings {
            channel: NOC.to_owned(),
            ..settings
        },
        pace: Pace {
            every: SignedDuration::from_mins(1),
            requests: 900,
            requests_each: 120,
        },
        pager: None,
        digests: Vec::new(),
    }
}

impl House {
    /// Over a platform, from this moment on.
    pub async fn over(world: World, now: Timestamp, orders: Orders) -> House {
        world.pass(now);
        let fake = Fake::of(world).await;
        let clock = Arc::new(HandClock::at(now));
        let chat = Arc::new(Chat {
            clock: Arc::clone(&clock),
            channels: Mutex::default(),
            loses_answer: Mutex::default(),
            arrived: watch::Sender::new(0),
        });
        // The store syncs each change: in memory a day of them costs nothing.
        let memory = Path::new("/dev/shm");
        let dir = match memory.is_dir() {
            true => tempfile::tempdir_in(memory),
            false => tempfile::tempdir(),
        };
        let dir = dir.unwrap();
        let opening = Store::open(dir.path(), now, Duration::from_secs(5)).await;
        let store = opening.unwrap().store;
        let keeper = keeper(&fake, &clock, &chat, &store, &orders).await;
        House {
            fake,
            clock,
            chat,
            keeper,
            orders,
            store,
            _dir: dir,
        }
    }

    /// Lets time pass, everything be looked at, and what follows from it be done.
    pub async fn pass(&self, length: Duration) {
        self.clock.advance(length);
        self.fake.platform.world().pass(self.clock.now());
        self.keeper.round().await;
        self.keeper.idle().await;
        self.happen(Event::Tick).await;
    }

    /// Lets something happen, and what follows from it be done.
    pub async fn happen(&self, event: Event) {
        self.keeper.happen(event).await;
        self.keeper.idle().await;
    }

    /// Begins anew from what is kept, as after a death: what was on its way is heard of no more.
    pub async fn restart(&mut self) {
        self.keeper = keeper(
            &self.fake,
            &self.clock,
            &self.chat,
            &self.store,
            &self.orders,
        )
        .await;
        self.keeper.idle().await;
    }

    /// The messages of the people on call.
    pub fn noc(&self) -> Vec<Message> {
        self.chat.of(NOC)
    }
}

async fn keeper(
    fake: &Fake,
    clock: &Arc<HandClock>,
    chat: &Arc<Chat>,
    store: &Store,
    orders: &Orders,
) -> Arc<Keeper> {
    let page = config::StatusPage {
        kind: StatusPageKind::Statuspage,
        url: format!("http://{}{STATUS_PATH}", fake.address)
            .parse()
            .unwrap(),
        deadline: Duration::from_secs(15),
    };
    let page = StatusPage::new(&page, Arc::clone(clock) as Arc<_>).unwrap();
    let source = fake.source_by(Endpoints::default(), Arc::clone(clock));
    let investigator =
        Investigator::new(vec![source], Peers::default()).with_status_page(Some(page));
    Keeper::start(Parts {
        orders: orders.clone(),
        source: Source::new(investigator, Archive::new(store.clone())),
        shelf: Shelf::new(store.clone()),
        posters: vec![Arc::new(Shared(Arc::clone(chat)))],
        metrics: Metrics::default(),
        clock: Arc::clone(clock) as Arc<_>,
    })
    .await
    .unwrap()
}
