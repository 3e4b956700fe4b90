//! Questions that had to wait for a platform are answered where they were asked, in whatever chat.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use calltriage::chat::commands::Table;
use calltriage::chat::{Conversation, ConversationId, Desk, Reply};
use calltriage::config::Endpoints;
use calltriage::demo::Behaviour;
use calltriage::diagnosis::investigator::cancel::Course;
use calltriage::diagnosis::investigator::progress::unwatched;
use calltriage::diagnosis::{Investigator, Peers};
use futures_util::FutureExt as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::support::clock::HandClock;
use crate::support::connexcs::{Fake, NOW};

const BUSY: &str = "busy-1@198.51.100.10";
const CANCELS: &str = "caller-cancels-1@198.51.100.10";

fn conversation(chat: &'static str, name: &str) -> Conversation {
    let name = name.to_owned();
    Conversation::watched(ConversationId { chat, name }, Arc::new(unwatched))
}

fn desk(fake: &Fake, clock: &Arc<HandClock>) -> Desk {
    let sources = vec![fake.source_by(Endpoints::default(), Arc::clone(clock))];
    let investigator = Investigator::new(sources, Peers::default());
    let table = Table::embedded().unwrap();
    Desk::new(investigator, None, table, TimeZone::UTC, None)
}

#[tokio::test]
async fn it_is_looked_for_the_platform_one_request_at_a_time_and_less_and_less_often() {
    let fake = Fake::start().await;
    let clock = Arc::new(HandClock::new());
    let desk = desk(&fake, &clock);
    let now = Timestamp::from_second(NOW).unwrap();
    let course = Course::to_the_end(&unwatched);
    let mut noc = conversation("one", "noc");
    let mut other = conversation("two", "noc");

    // Nobody looks for what nobody waits for.
    assert!(desk.until_back("one").now_or_never().is_none());
    assert_eq!(clock.asleep(&(Duration::ZERO..Duration::MAX)), None);

    fake.platform.script().everywhere(Behaviour::forbidden());
    desk.answer(&mut noc, BUSY, now).await;
    desk.answer(&mut other, CANCELS, now).await;
    let asked = || fake.platform.seen().all().len();
    let before = asked();
    let both = async { tokio::join!(desk.until_back("one"), desk.until_back("two")) };
    let mut both = pin!(both);
    for looks in 1_u32..=4 {
        // Longer each time by half of itself at least: a part of it is chance.
        let least = Duration::from_secs(3 << (looks - 1));
        let left = tokio::select! {
            _ = &mut both => panic!("back after {looks} looks"),
            left = clock.until_asleep(least..least.mul_f64(1.25)) => left,
        };
        if looks == 4 {
            fake.platform.script().clear();
        }
        clock.advance(left);
        if looks < 4 {
            let looked = async {
                while asked() < before + looks as usize {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                _ = &mut both => panic!("back after {looks} looks"),
                () = looked => {}
            }
        }
    }
    both.await;
    assert_eq!(asked(), before + 4);
    for (chat, typed) in [("one", BUSY), ("two", CANCELS)] {
        let late = desk.catch_up(chat, now, course).await;
        assert_eq!(late.len(), 1);
        assert_eq!(late[0].typed, typed);
    }
    // And then no more.
    assert!(desk.until_back("one").now_or_never().is_none());
    assert_eq!(clock.asleep(&(Duration::ZERO..Duration::MAX)), None);
}

#[tokio::test]
async fn each_chat_gets_its_own() {
    let fake = Fake::start().await;
    let desk = desk(&fake, &Arc::new(HandClock::new()));
    let now = Timestamp::from_second(NOW).unwrap();
    let course = Course::to_the_end(&unwatched);
    let mut noc = conversation("one", "noc");
    let mut sales = conversation("one", "sales");
    let mut other = conversation("two", "noc");

    fake.platform.script().everywhere(Behaviour::forbidden());
    desk.answer(&mut noc, BUSY, now).await;
    desk.answer(&mut other, BUSY, now).await;
    desk.answer(&mut sales, CANCELS, now).await;
    assert!(desk.until_back("one").now_or_never().is_none());
    assert!(desk.catch_up("one", now, course).await.is_empty());

    fake.platform.script().clear();
    desk.answer(&mut noc, CANCELS, now).await;
    desk.until_back("one").await;
    desk.until_back("two").await;
    let late = desk.catch_up("one", now, course).await;
    let about: Vec<(&str, &str)> = late
        .iter()
        .map(|it| (it.conversation.name.as_str(), it.typed.as_str()))
        .collect();
    assert_eq!(about, [("noc", BUSY), ("sales", CANCELS)]);
    for late in late {
        let to = if late.conversation.name == "noc" {
            &mut noc
        } else {
            &mut sales
        };
        let typed = late.typed.clone();
        let [Reply::Text(line), Reply::Investigation(answer, _)] = desk.tell_late(to, late) else {
            panic!("{typed}");
        };
        assert_eq!(
            line,
            format!("The platform answers again. You asked at 12:10 UTC: {typed}")
        );
        assert_eq!(answer.calls[0].call_ids[0], typed);
    }
    assert!(desk.catch_up("one", now, course).await.is_empty());
    let late = desk.catch_up("two", now, course).await;
    assert_eq!(late.len(), 1);
    assert_eq!(late[0].conversation.chat, "two");
    assert!(desk.until_back("two").now_or_never().is_none());
}
