//! How often and how fast an API is asked, shown by what arrives there.

use std::sync::Arc;
use std::time::Duration;

use calltriage::config::Limits;
use calltriage::sources::api::{Api, Class, Failure};
use futures_util::future::join_all;
use serde_json::json;

use super::{api, said, seconds};
use crate::support::clock::HandClock;
use crate::support::http::{Answer, Server, answer, held};

const MS: Duration = Duration::from_millis(1);

/// So many look-ups at once, each of something else.
async fn ask_each(api: &Api, count: usize, class: Class) -> Vec<String> {
    let asking = (0..count).map(async |n| {
        let n = n.to_string();
        said(api.get("log", &[("s", &n)], class).await)
    });
    join_all(asking).await
}

#[tokio::test]
async fn identical_look_ups_are_sent_once() {
    let server = Server::start(|_, _| held("[]")).await;
    let clock = Arc::new(HandClock::new());
    let api = api(&server.url(), Limits::default(), &clock);
    let same = (0..20).map(|_| api.get("log", &[("s", "1")], Class::Log));
    let (answers, ()) = tokio::join!(join_all(same), async {
        server.until_asked(1).await;
        server.release(100);
    });
    assert!(
        answers
            .iter()
            .all(|answer| answer.as_ref().unwrap().text() == "[]")
    );
    assert_eq!(server.asked().len(), 1);

    // Another path, param or body is another question.
    let one = json!({"a": 1});
    api.get("log", &[("s", "2")], Class::Log).await.unwrap();
    api.get("log/trace", &[("s", "1")], Class::Log)
        .await
        .unwrap();
    api.post_json("cdr", &one, Class::Cdr).await.unwrap();
    api.post_json("cdr", &json!({"a": 2}), Class::Cdr)
        .await
        .unwrap();
    assert_eq!(server.asked().len(), 5);
    // What has an effect is done as often as it is wanted.
    api.post_json("cdr", &one, Class::Effect).await.unwrap();
    api.post_json("cdr", &one, Class::Effect).await.unwrap();
    assert_eq!(server.asked().len(), 7);
}

#[tokio::test]
async fn whoever_leaves_takes_nothing_from_the_others() {
    let server = Server::start(|_, _| held("[]")).await;
    let clock = Arc::new(HandClock::new());
    let api = api(&server.url(), Limits::default(), &clock);
    let first = tokio::spawn({
        let api = api.clone();
        async move { api.get("log", &[], Class::Log).await }
    });
    server.until_asked(1).await;
    let (outcome, ()) = tokio::join!(api.get("log", &[], Class::Log), async {
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        server.release(1);
    });
    assert_eq!(said(outcome), "[]");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_good_answer_is_used_for_a_minute() {
    let server = Server::start(|_, before| answer(200, &[], &before.to_string())).await;
    let clock = Arc::new(HandClock::new());
    let api = api(&server.url(), Limits::default(), &clock);
    let ask = async || said(api.get("log", &[], Class::Log).await);
    assert_eq!(ask().await, "0");
    clock.advance(seconds(59));
    assert_eq!(ask().await, "0");
    clock.advance(seconds(1));
    assert_eq!(ask().await, "1");
    api.forget();
    assert_eq!(ask().await, "2");
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn failures_are_not_kept_and_neither_is_too_much() {
    let server = Server::start(|_, _| answer(404, &[], "")).await;
    let clock = Arc::new(HandClock::new());
    let limits = Limits {
        spacing: seconds(0),
        ..Limits::default()
    };
    let api = api(&server.url(), limits, &clock);
    api.get("log", &[], Class::Log).await.unwrap_err();
    api.get("log", &[], Class::Log).await.unwrap_err();
    assert_eq!(server.asked().len(), 2);

    // 257 answers: the oldest had to go, the one after it is still there.
    server.now(|_, _| answer(200, &[], ""));
    for n in 0..257 {
        let n = n.to_string();
        api.get("log", &[("s", &n)], Class::Log).await.unwrap();
    }
    assert_eq!(server.asked().len(), 259);
    api.get("log", &[("s", "1")], Class::Log).await.unwrap();
    assert_eq!(server.asked().len(), 259);
    api.get("log", &[("s", "0")], Class::Log).await.unwrap();
    assert_eq!(server.asked().len(), 260);
}

#[tokio::test]
async fn large_answers_push_the_older_ones_out() {
    let large = "x".repeat(25_000_000);
    let server = Server::start(move |_, _| answer(200, &[], &large)).await;
    let clock = Arc::new(HandClock::new());
    let api = api(&server.url(), Limits::default(), &clock);
    for (n, asked) in [("0", 1), ("1", 2), ("0", 2), ("2", 3), ("2", 3), ("0", 4)] {
        api.get("log", &[("s", n)], Class::Log).await.unwrap();
        assert_eq!(server.asked().len(), asked);
    }
}

#[tokio::test]
async fn only_so_many_are_under_way() {
    for (class, most) in [(Class::Log, 4), (Class::Cdr, 2)] {
        let server = Server::start(|_, _| held("[]")).await;
        let clock = Arc::new(HandClock::new());
        let limits = Limits {
            spacing: seconds(0),
            ..Limits::default()
        };
        let api = api(&server.url(), limits, &clock);
        let (answers, ()) = tokio::join!(ask_each(&api, 12, class), async {
            // As many as may be, and with each that leaves one more.
            for asked in most..12 {
                server.until_asked(asked).await;
                assert_eq!(server.asked().len(), asked);
                server.release(1);
            }
            server.release(most);
        });
        assert_eq!(answers, ["[]"; 12]);
        assert_eq!(server.most_under_way(), most);
    }
}

#[tokio::test]
async fn records_leave_room_for_the_log() {
    let server = Server::start(|_, _| held("[]")).await;
    let clock = Arc::new(HandClock::new());
    let api = api(&server.url(), Limits::default(), &clock);
    let records = ask_each(&api, 8, Class::Cdr);
    let log = async {
        server.until_asked(2).await;
        let asking = api.get("log/trace", &[], Class::Log);
        let (answer, ()) = tokio::join!(asking, async {
            server.until_asked(3).await;
            server.release(100);
        });
        said(answer)
    };
    let (_, log) = tokio::join!(records, log);
    assert_eq!(log, "[]");
    assert_eq!(server.asked()[2].target, "/api/cp/log/trace");
}

#[tokio::test]
async fn after_the_burst_one_follows_each_interval() {
    let server = Server::start(|_, _| answer(200, &[], "[]")).await;
    let clock = Arc::new(HandClock::new());
    let limits = Limits {
        in_flight: 20.try_into().unwrap(),
        ..Limits::default()
    };
    let api = api(&server.url(), limits, &clock);
    let (answers, ()) = tokio::join!(ask_each(&api, 14, Class::Log), async {
        for asked in 10..14 {
            server.until_asked(asked).await;
            let left = clock.until_asleep(MS..301 * MS).await;
            assert_eq!(left, 300 * MS);
            assert_eq!(server.asked().len(), asked);
            clock.advance(299 * MS);
            assert_eq!(clock.until_asleep(MS..2 * MS).await, MS);
            assert_eq!(server.asked().len(), asked);
            clock.advance(MS);
        }
    });
    assert_eq!(answers, ["[]"; 14]);
    assert_eq!(server.asked().len(), 14);
}

#[tokio::test]
async fn whoever_gets_no_turn_is_told_so() {
    let server = Server::start(|_, _| held("[]")).await;
    let clock = Arc::new(HandClock::new());
    let api = api(&server.url(), Limits::default(), &clock);
    let (answers, ()) = tokio::join!(ask_each(&api, 5, Class::Log), async {
        server.until_asked(4).await;
        clock.advance(seconds(15));
    });
    let slow = "the platform did not answer within 15 s: ask again later";
    let no_turn = "this look-up did not get its turn within 15 s, behind our other look-ups at the \
                   platform: ask again";
    assert_eq!(answers, [slow, slow, slow, slow, no_turn]);
}

/// The same answer, whatever is asked.
type Script = fn() -> Answer;

/// Tries as often as may be, with each wait over as soon as it begins.
async fn tries(script: Script, class: Class, waits: &[(u64, u64)]) -> (usize, String) {
    let server = Server::start(move |_, _| script()).await;
    let clock = Arc::new(HandClock::new());
    let api = api(&server.url(), Limits::default(), &clock);
    let query = json!({});
    let asking = api.post_json("cdr", &query, class);
    let (outcome, ()) = tokio::join!(asking, async {
        for (n, (least, most)) in waits.iter().enumerate() {
            server.until_asked(n + 1).await;
            let left = clock.until_asleep(MS * 1000 * (*least as u32)..MS * (*most as u32 + 1));
            let left = left.await;
            clock.advance(left);
        }
    });
    (server.asked().len(), said(outcome))
}

#[tokio::test]
async fn what_fails_in_passing_is_tried_again() {
    // Waits from so many seconds to so many milliseconds: a quarter more by chance.
    let waits = [(3, 3_750), (6, 7_500), (12, 15_000)];
    let table: [(Script, &str); 4] = [
        (
            || answer(500, &[], ""),
            "the platform answered 500 Internal Server Error: ask again later",
        ),
        (
            || answer(429, &[], ""),
            "our rate is too high for the platform (429): we ask too often; ask again later",
        ),
        (
            || Answer::Drop,
            "the platform cannot be reached from here: the connection was cut before an answer came",
        ),
        (
            || crate::support::http::half("["),
            "the answer of the platform broke off after 1 bytes: ask again",
        ),
    ];
    for (script, expected) in table {
        let outcome = tries(script, Class::Cdr, &waits).await;
        assert_eq!(outcome, (4, expected.to_owned()));
        // In 15 seconds there is no room for the third wait: it is not begun.
        let outcome = tries(script, Class::Log, &waits[..2]).await;
        assert_eq!(outcome, (3, expected.to_owned()));
        let outcome = tries(script, Class::Effect, &[]).await;
        assert_eq!(outcome, (1, expected.to_owned()));
    }
    let never: [Script; 5] = [
        || answer(400, &[], ""),
        || answer(401, &[], ""),
        || answer(403, &[], ""),
        || answer(404, &[], ""),
        || answer(302, &[], ""),
    ];
    for script in never {
        assert_eq!(tries(script, Class::Cdr, &[]).await.0, 1);
    }
}

#[tokio::test]
async fn the_second_try_may_succeed() {
    let server = Server::start(|_, before| match before {
        0 => answer(503, &[], ""),
        _ => answer(200, &[], "[1]"),
    })
    .await;
    let clock = Arc::new(HandClock::new());
    let api = api(&server.url(), Limits::default(), &clock);
    let (outcome, ()) = tokio::join!(api.get("log", &[], Class::Log), async {
        let left = clock.until_asleep(seconds(3)..seconds(4)).await;
        clock.advance(left);
    });
    assert_eq!(said(outcome), "[1]");
}

#[tokio::test]
async fn a_wait_that_fits_is_kept_to_exactly() {
    for value in [
        "7",
        "Mon, 16 Feb 2026 09:10:07 GMT",
        "Monday, 16-Feb-26 09:10:07 GMT",
    ] {
        let server = Server::start(move |_, before| match before {
            0 => answer(429, &[("Retry-After", value)], ""),
            _ => answer(200, &[], "[]"),
        })
        .await;
        let clock = Arc::new(HandClock::new());
        let api = api(&server.url(), Limits::default(), &clock);
        let (outcome, ()) = tokio::join!(api.get("log", &[], Class::Log), async {
            let left = clock.until_asleep(seconds(4)..seconds(14)).await;
            assert_eq!(left, seconds(7), "{value}");
            // Nobody else asks meanwhile.
            let other = api.get("other", &[], Class::Log);
            let (other, ()) = tokio::join!(other, async {
                clock.until_asleep(seconds(15)..seconds(16)).await;
                assert_eq!(server.asked().len(), 1);
                clock.advance(left);
            });
            assert_eq!(said(other), "[]");
        });
        assert_eq!(said(outcome), "[]");
        assert_eq!(server.asked().len(), 3);
    }
}

#[tokio::test]
async fn a_wait_that_does_not_fit_is_not_begun() {
    let server = Server::start(|_, _| answer(429, &[("Retry-After", "40")], "")).await;
    let clock = Arc::new(HandClock::new());
    let api = api(&server.url(), Limits::default(), &clock);
    let wait = |length| {
        Err(Failure::TooOften {
            wait: Some(seconds(length)),
        })
    };
    assert_eq!(api.get("log", &[], Class::Log).await, wait(40));
    // The others are not sent at all, as long as that lasts.
    clock.advance(seconds(10));
    assert_eq!(api.get("other", &[], Class::Log).await, wait(30));
    assert_eq!(server.asked().len(), 1);
    clock.advance(seconds(30));
    server.now(|_, _| answer(200, &[], "[]"));
    assert_eq!(said(api.get("other", &[], Class::Log).await), "[]");
}
