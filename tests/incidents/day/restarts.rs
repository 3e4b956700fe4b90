//! The same day with a program that dies again and again: nothing is posted twice, and nothing is forgotten.

use calltriage::incidents::Event;
use calltriage::incidents::mute::{Mute, Target};
use jiff::{SignedDuration, Timestamp};

use super::{CARRIER, CUSTOMER, REGION, SEED, begin, live, whole};
use crate::incidents::house::House;
use crate::incidents::{Dice, Message, minute, transcript};

/// Minutes at which it dies: of the quiet night, of each incident while it is open, and of the time after.
fn deaths() -> Vec<i64> {
    let mut dice = Dice::new(SEED);
    let stretches = [1..CARRIER.start, CARRIER, CUSTOMER, REGION, 770..24 * 60];
    let mut of = |stretch: std::ops::Range<i64>| {
        let long = u64::try_from(stretch.end - stretch.start).unwrap();
        stretch.start + i64::try_from(dice.below(long)).unwrap()
    };
    stretches
        .into_iter()
        .flat_map(|it| [of(it.clone()), of(it.clone()), of(it)])
        .collect()
}

/// What must be the same: which messages there are, since when, how each ended and how many calls it lost. How many calls
/// there were in all is not: of an hour with more calls than the platform gives at once, good ones are counted again.
fn told(messages: &[Message]) -> Vec<(Option<Timestamp>, String, String)> {
    let ended = |it: &Message| {
        let (_, lines) = it.edits.last().unwrap();
        let mut words: Vec<&str> = lines[1].split(' ').collect();
        for at in 1..words.len() {
            if words[at - 1] == "of" {
                words[at] = "…";
            }
        }
        words.join(" ")
    };
    let told = messages.iter();
    told.map(|it| (it.at, it.incident.clone(), ended(it)))
        .collect()
}

#[tokio::test]
async fn a_restart_at_any_point_posts_nothing_twice() {
    let whole = whole().await;
    let mut house = begin(SEED, true).await;
    let deaths = deaths();
    for at in 1..=24 * 60 {
        live(&house, at, true).await;
        if deaths.contains(&at) {
            house.restart().await;
        }
    }
    let text = transcript(&house.noc());
    assert_eq!(told(&house.noc()), told(&whole.noc), "{deaths:?}\n{text}");
}

/// Lives until a message is on its way whose arrival nobody hears of; the minute.
async fn until_lost(house: &House, from: i64) -> i64 {
    *house.chat.loses_answer.lock().unwrap() = true;
    for at in from.. {
        let mut arrived = house.chat.arrived.subscribe();
        let before = *arrived.borrow_and_update();
        tokio::select! {
            () = live(house, at, true) => {}
            _ = arrived.wait_for(|count| *count > before) => return at,
        }
    }
    from
}

#[tokio::test]
async fn what_was_on_its_way_and_what_was_muted_outlive_it() {
    let mut house = begin(SEED, true).await;
    for at in 1..CARRIER.start {
        live(&house, at, true).await;
    }
    let at = until_lost(&house, CARRIER.start).await;
    house.restart().await;
    assert_eq!(house.noc().len(), 1);
    let id = house.noc()[0].incident.clone();
    house
        .happen(Event::Muted(Mute {
            id: "m1".to_owned(),
            target: Target::Incident(id),
            until: Some(minute(at + 61)),
            by: "Ann".to_owned(),
            channel: super::NOC.to_owned(),
            at: minute(at),
        }))
        .await;
    let is_muted = |house: &House| {
        let noc = house.noc();
        let (_, lines) = noc[0].edits.last().unwrap().clone();
        lines.iter().any(|it| it.starts_with("Muted by Ann"))
    };
    let mut now = at;
    for long in [20, 20, 19] {
        for _ in 0..long {
            now += 1;
            live(&house, now, true).await;
        }
        assert!(is_muted(&house));
        house.restart().await;
    }
    assert_eq!(
        house.noc()[0].thread.len(),
        0,
        "{}",
        transcript(&house.noc())
    );
    for _ in 0..4 {
        now += 1;
        live(&house, now, true).await;
    }
    let noc = house.noc();
    assert_eq!(noc.len(), 1);
    assert!(!is_muted(&house));
    assert!(
        noc[0].thread[0].1.starts_with("The mute by Ann is over"),
        "{}",
        transcript(&noc)
    );
    // A death between a reply and the word that it arrived.
    let late = noc[0].at.unwrap().duration_since(minute(CARRIER.start));
    assert!(late <= SignedDuration::from_mins(10), "{late:#}");
}
