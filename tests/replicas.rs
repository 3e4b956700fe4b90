//! Several replicas of the real program on one PostgreSQL server, behind one address that Slack posts to, each killed at
//! any moment under load: what was acknowledged is answered once, and what one of them leads goes on with another.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use calltriage::demo::{Behaviour, Endpoint, World};
use jiff::Timestamp;
use tokio::time::{interval, timeout};

use crate::docs;
use crate::slack::Bot;
use crate::slack::incidents::{SECRET, alerts, apart, hooks, messages, post};
use crate::slack::killed::{CHANNELS, acknowledged, answers, many_channels};
use crate::support::connexcs;
use crate::support::postgres::Schema;
use crate::support::slack::record::Outcome;
use crate::support::slack::state::State;
use crate::support::slack::{ANN, Fake, NOC};

const REPLICAS: usize = 3;

/// Which replicas die, and when, follows from this.
const SEED: u64 = 20_260_216;

const ROUNDS: usize = 6;
const COMMANDS: usize = 24;

/// A replica counts as dead after ten seconds; the rest is for a loaded machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// Waits for what no change of the workspace tells.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        let mut turn = interval(Duration::from_millis(100));
        while !holds().await {
            turn.tick().await;
        }
    };
    let waited = timeout(PATIENCE, waiting).await;
    waited.unwrap_or_else(|_| panic!("in vain: {what}"));
}

/// A workspace, a platform, a database and the replicas between them.
struct Cluster {
    fake: Fake,
    schema: Schema,
    bots: Vec<Bot>,
    platform: connexcs::Fake,
}

impl Cluster {
    /// Nothing where there is no server to test with.
    async fn start(more: &str) -> Option<Cluster> {
        let schema = Schema::new().await?;
        let platform = connexcs::Fake::of(World::of_examples(Timestamp::now())).await;
        let fake = Fake::fast().await;
        let settings = format!(
            "[store]\nurl = {{ value = \"{}\" }}\n{more}[[sources]]\nname = \"main\"\nkind = \"connexcs\"\n\
             base_url = \"{}\"\ntoken = {{ value = \"demo\" }}\n[sources.limits]\nspacing = \"1ms\"\nburst = 100\n\
             back_off = \"1ms\"\n",
            schema.url(),
            platform.base_url()
        );
        let mut bots = Vec::new();
        for _ in 0..REPLICAS {
            let mut bot = Bot::configured(&fake, "http", &settings);
            bot.start();
            bots.push(bot);
        }
        let cluster = Cluster {
            fake,
            schema,
            bots,
            platform,
        };
        for at in 0..REPLICAS {
            cluster.is_up(at, 1).await;
        }
        Some(cluster)
    }

    /// Waits until a replica has begun to listen so many times.
    async fn is_up(&self, at: usize, starts: usize) {
        until("a replica listens", async || {
            self.bots[at].log().matches("listening on http://").count() >= starts
        })
        .await;
    }

    /// From now on Slack posts to this replica.
    fn serve(&self, at: usize) {
        let address = self.bots[at].address().parse().unwrap();
        self.fake.deliver_by_http(Some(address));
    }

    /// Starts a replica again that was killed.
    async fn start_again(&mut self, at: usize) {
        let starts = self.bots[at].log().matches("listening on http://").count();
        self.bots[at].start();
        self.is_up(at, starts + 1).await;
    }

    /// Which replica leads, as far as they say.
    fn leader(&self) -> Option<usize> {
        let last = |bot: &Bot| {
            let log = bot.log();
            let said = log.lines().rfind(|it| it.contains("who leads has changed"));
            said.is_some_and(|it| it.contains("leads=true"))
        };
        self.bots.iter().position(last)
    }

    async fn open_jobs(&self) -> i64 {
        let client = self.schema.client().await;
        let count = "select count(*) from calltriage_entries where ns = 'jobs'";
        client.query_one(count, &[]).await.unwrap().get(0)
    }

    /// How many replicas are there, by what they say in the store.
    async fn alive(&self) -> i64 {
        let client = self.schema.client().await;
        let count = "select count(*) from calltriage_entries where ns = 'replicas'";
        client.query_one(count, &[]).await.unwrap().get(0)
    }

    async fn end(mut self) {
        self.bots.clear();
        self.schema.drop().await;
    }
}

/// The numbers of the commands that were acknowledged and are answered otherwise than once; and of the others those
/// that are answered more than once.
fn wrong(state: &State) -> BTreeMap<usize, usize> {
    let answered = answers(state);
    let count = |number: &usize| answered.get(number).copied().unwrap_or_default();
    let acked = acknowledged(state);
    let unanswered = acked.iter().map(|it| (*it, count(it)));
    let all = answered.iter().map(|(number, count)| (*number, *count));
    unanswered
        .filter(|it| it.1 == 0)
        .chain(all.filter(|it| it.1 > 1))
        .collect()
}

/// How many commands were neither acknowledged nor given up.
fn under_way(state: &State) -> usize {
    let commands = state.record.envelopes.iter();
    let open = commands.filter(|it| it.kind == "slash_commands");
    open.filter(|it| matches!(it.outcome, Outcome::Waiting | Outcome::Sent))
        .count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_replicas_die_each_acknowledged_command_is_answered_once() {
    let Some(mut cluster) = Cluster::start("").await else {
        return;
    };
    let channels = many_channels(&cluster.fake);
    let mut chance = fastrand::Rng::with_seed(SEED);
    let mut table = String::new();
    let mut number = 0;
    for round in 0..ROUNDS {
        let victim = chance.usize(0..REPLICAS);
        let at = chance.usize(1..COMMANDS);
        let before = cluster.fake.look(|state| acknowledged(state).len());
        for nth in 0..COMMANDS {
            cluster.serve(nth % REPLICAS);
            // Every other question goes to the platform.
            let asked = match nth % 2 {
                0 => format!("/triage explain nobody-{number}"),
                _ => format!("/triage nobody-{number}@198.51.100.77"),
            };
            let channel = &channels[number % CHANNELS];
            let asking = cluster.fake.user(ANN);
            asking.slash(channel, &asked);
            number += 1;
            let few = |state: &State| (under_way(state) < 4).then_some(());
            cluster.fake.until("few under way", few).await;
            if nth + 1 == at {
                cluster.bots[victim].kill();
            }
        }
        let none = |state: &State| (under_way(state) == 0).then_some(());
        cluster.fake.until("an outcome of each command", none).await;
        cluster.start_again(victim).await;
        let _ = writeln!(
            table,
            "| {} | {COMMANDS} | replica {} after {at} of them |",
            round + 1,
            victim + 1
        );
        let more = cluster.fake.look(|state| acknowledged(state).len()) - before;
        println!("round {round}: {more} acknowledged");
        assert!(more > COMMANDS / REPLICAS, "too few to show anything");
    }
    until("an answer to each acknowledged command", async || {
        cluster.open_jobs().await == 0
            && cluster
                .fake
                .look(|state| wrong(state).values().all(|it| *it > 0))
    })
    .await;
    let wrong = cluster.fake.look(wrong);
    assert_eq!(wrong, BTreeMap::new());
    println!(
        "{} acknowledged, {} answered",
        cluster.fake.look(|state| acknowledged(state).len()),
        cluster.fake.look(|state| answers(state).len())
    );
    cluster.end().await;
    docs::check("replicas.md", &page(&table));
}

/// One that was held up for so long that another took over says nothing when it goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_was_taken_for_dead_does_not_answer_again() {
    let Some(cluster) = Cluster::start("").await else {
        return;
    };
    let platform = &cluster.platform.platform;
    platform.script().everywhere(Behaviour::Hang);
    let channels = many_channels(&cluster.fake);
    cluster.serve(0);
    let asking = cluster.fake.user(ANN);
    asking.slash(&channels[0], "/triage nobody-1@198.51.100.77");
    until("the platform is asked", async || {
        !platform.seen().of(Endpoint::Log).is_empty()
    })
    .await;
    cluster.bots[0].signal("STOP");
    platform.script().clear();
    let answered = |state: &State| {
        let all = state.messages.iter().filter(|it| it.is_bots());
        all.filter(|it| it.readable().contains("No message of nobody-1"))
            .count()
    };
    until("the answer of another one", async || {
        cluster.fake.look(answered) == 1 && cluster.open_jobs().await == 0
    })
    .await;
    let edits = cluster
        .fake
        .look(|state| state.record.calls_of("chat.update").len());
    cluster.bots[0].signal("CONT");
    platform.release();
    until("the first one gives it up", async || {
        cluster.bots[0]
            .log()
            .contains("another process has taken it over")
    })
    .await;
    let edited = cluster
        .fake
        .look(|state| state.record.calls_of("chat.update").len());
    assert_eq!((cluster.fake.look(answered), edited), (1, edits));
    cluster.end().await;
}

/// One that is told to stop leaves what it could not answer to the others, and is gone for them at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_replica_that_stops_has_not_answered_another_answers_at_once() {
    let Some(mut cluster) = Cluster::start("").await else {
        return;
    };
    let bot = &mut cluster.bots[0];
    bot.signal("TERM");
    assert!(bot.ended().success());
    bot.reconfigure("[log]\n", "stop_within = \"100ms\"\n[log]\n");
    cluster.start_again(0).await;
    let platform = &cluster.platform.platform;
    platform.script().everywhere(Behaviour::Hang);
    let channels = many_channels(&cluster.fake);
    cluster.serve(0);
    let asking = cluster.fake.user(ANN);
    asking.slash(&channels[0], "/triage nobody-1@198.51.100.77");
    until("the platform is asked", async || {
        !platform.seen().of(Endpoint::Log).is_empty()
    })
    .await;
    platform.script().clear();
    let bot = &mut cluster.bots[0];
    bot.signal("TERM");
    assert!(bot.ended().success());
    assert!(
        bot.log().contains("1 not answered in time"),
        "{}",
        bot.log()
    );
    // Nobody has to wait until it counts as dead.
    assert_eq!(cluster.alive().await, 2);
    until("the answer of another one", async || {
        cluster
            .fake
            .look(|state| answers(state).get(&1) == Some(&1))
            && cluster.open_jobs().await == 0
    })
    .await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_replica_leads_goes_on_with_another() {
    let Some(mut cluster) = Cluster::start(&hooks()).await else {
        return;
    };
    until("a leader", async || cluster.leader().is_some()).await;
    let leader = cluster.leader().unwrap();
    let other = (leader + 1) % REPLICAS;
    // Any of them takes what is posted; the one that leads tells it.
    cluster = told(cluster, other, 1).await;
    let id = cluster.fake.look(|state| messages(state)[0].1.clone());
    let id = format!(
        "inc-{}",
        id.split("inc-").nth(1).unwrap().split(' ').next().unwrap()
    );
    // And any of them hands on what somebody wishes.
    cluster.serve(other);
    cluster
        .fake
        .user(ANN)
        .slash(NOC, &format!("/triage ack {id}"));
    until("the acknowledgement in the message", async || {
        cluster.fake.look(|state| {
            messages(state)
                .iter()
                .any(|it| it.1.contains("Acknowledged"))
        })
    })
    .await;
    cluster.bots[leader].kill();
    cluster.start_again(leader).await;
    let survivor = (leader + 2) % REPLICAS;
    cluster = told(cluster, survivor, 2).await;
    let now = cluster.leader().unwrap();
    assert!(now != leader || cluster.bots[leader].log().contains("leads=true"));
    cluster.end().await;
}

/// Posts an alert to a replica, and waits until so many stand in the channel, each once.
async fn told(mut cluster: Cluster, at: usize, count: usize) -> Cluster {
    let bot = cluster.bots.remove(at);
    let bot = apart(move || {
        let bearer = format!("Bearer {SECRET}");
        let body = alerts(count * 100, count * 100 + 1).to_string();
        let status = post(&bot, "alertmanager", &[("authorization", &bearer)], &body);
        assert_eq!(status, 202);
        bot
    })
    .await;
    cluster.bots.insert(at, bot);
    until("the alert in the channel", async || {
        let alert = format!("trunk {}", count * 100);
        cluster
            .fake
            .look(|state| messages(state).iter().any(|it| it.1.contains(&alert)))
    })
    .await;
    for nth in 1..=count {
        let alert = format!("trunk {}", nth * 100);
        let stands = cluster.fake.look(|state| {
            messages(state)
                .iter()
                .filter(|it| it.1.contains(&alert))
                .count()
        });
        assert_eq!(stands, 1, "{alert}");
    }
    cluster
}

fn page(table: &str) -> String {
    format!(
        "# Several replicas

With `[store] url` several `calltriage run` share one PostgreSQL server (13 or newer), on one machine or on many; any of
them may die. Each has the same configuration, and a `[store] path` of its own where two run on one machine. One-shot
commands (`history`, `audit`, `export`…) with the same configuration read the same store.

- **Requests** go to whichever replica Slack reaches: by HTTP through a load balancer, by Socket Mode over the sockets that
  each opens (Slack allows ten an app). A request is in the store before it is acknowledged, with the replica that answers
  it. The same request again, at any replica, is known.
- **A replica that dies** counts as dead after 10 s without a word from it. What it had begun is then taken over, by one:
  each write of a request names the version before it, so a replica that was only slow can write nothing of what another
  has taken.
- **A replica that is stopped** (SIGTERM) takes nothing new, answers what it can within `stop_within`, and says that it is
  gone: what it could not answer, another one answers at once.
- **One leads**: it reads the log for watches, keeps incidents, looks at the status page and delivers the reports that wait.
  The others take alerts and wishes (acknowledge, mute, watch) into the store, where it finds them within a second. Each of
  its writes carries the fencing number of its lease: once another one leads, they are refused.
- **Time** is the server's, so the clocks of the machines need not agree.
- What `[sources.limits]` allows, it allows each replica: divide it by their number.

The one exception to \"once\": a message that Slack took from a replica that was cut off for more than 10 s, but not dead,
may stand there twice; the message of an answer is found again by the id that it carries, where it has arrived when it is
looked for.

## Shown

`tests/replicas.rs`: {REPLICAS} replicas, a fake Slack that posts to each in turn, a fake platform; in each round one replica
is killed (SIGKILL) while commands come in, and started again once they are through. Which and when follows from a seed.
Made by `UPDATE_DOCS=1 .ci/postgres cargo test replicas::`.

| Round | Commands | Killed |
|---|---|---|
{table}
Of all the commands that were acknowledged, in all rounds: **0 unanswered, 0 answered twice**; of those that were not: 0
answered twice. A second test kills the replica that leads: an alert that comes in afterwards is told once by another.
"
    )
}
