//! Long tasks that panic, fail or end: begun again, counted and told; and their end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use calltriage::metrics::Metrics;
use calltriage::supervisor::{Pace, Supervisor};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};

const PATIENCE: Duration = Duration::from_secs(20);

const QUICK: Pace = Pace {
    first: Duration::from_millis(10),
    longest: Duration::from_millis(40),
    well_after: Duration::from_secs(300),
};

fn soon() -> Instant {
    Instant::now() + PATIENCE
}

#[tokio::test]
async fn what_is_over_too_soon_is_begun_again_and_counted() {
    let metrics = Metrics::default();
    let mut tasks = Supervisor::new(metrics.clone(), QUICK);
    let (began, mut begun) = mpsc::unbounded_channel();
    let nth = Arc::new(AtomicUsize::new(0));
    tasks.keep("work", move |stopped| {
        let (nth, began) = (nth.fetch_add(1, Ordering::Relaxed), began.clone());
        async move {
            began.send(nth).unwrap();
            match nth {
                0 => panic!("the first one panics"),
                1 => anyhow::bail!("the second one fails"),
                2 => Ok(()),
                _ => {
                    stopped.await;
                    Ok(())
                }
            }
        }
    });
    for expected in 0..4 {
        let nth = timeout(PATIENCE, begun.recv()).await.unwrap();
        assert_eq!(nth, Some(expected));
    }
    let text = metrics.text();
    for how in ["panicked", "failed", "ended"] {
        let line = format!("calltriage_task_restarts_total{{task=\"work\",how=\"{how}\"}} 1\n");
        assert!(text.contains(&line), "{how}: {text}");
    }
    assert!(tasks.down().borrow().is_empty());
    assert!(tasks.stop(soon()).await);
    // Told to end, it is not begun again.
    assert!(begun.recv().await.is_none());
}

#[tokio::test]
async fn while_it_waits_it_says_why() {
    let metrics = Metrics::default();
    let pace = Pace {
        first: Duration::from_secs(3600),
        longest: Duration::from_secs(3600),
        ..QUICK
    };
    let mut tasks = Supervisor::new(metrics, pace);
    tasks.keep("work", |_| async { anyhow::bail!("no such host") });
    tasks.keep("other", |stopped| async move {
        stopped.await;
        Ok(())
    });
    let mut down = tasks.down();
    let told = down.wait_for(|down| !down.is_empty());
    let told = timeout(PATIENCE, told).await.unwrap().unwrap().clone();
    let told: Vec<(&str, String)> = told.into_iter().collect();
    let why = "work: no such host; it is begun again".to_owned();
    assert_eq!(told, [("work", why)]);
    // The end does not wait for the next beginning.
    assert!(timeout(PATIENCE, tasks.stop(soon())).await.unwrap());
}

#[tokio::test]
async fn waits_grow_up_to_the_longest() {
    let mut tasks = Supervisor::new(Metrics::default(), QUICK);
    let (began, mut begun) = mpsc::unbounded_channel();
    tasks.keep("work", move |_| {
        let began = began.clone();
        async move { Ok(began.send(Instant::now())?) }
    });
    let mut times = Vec::new();
    while times.len() < 6 {
        times.push(timeout(PATIENCE, begun.recv()).await.unwrap().unwrap());
    }
    let waits: Vec<Duration> = times.windows(2).map(|two| two[1] - two[0]).collect();
    for (wait, least) in waits.iter().zip([10, 20, 40, 40, 40]) {
        assert!(*wait >= Duration::from_millis(least), "{waits:?}");
    }
    assert!(tasks.stop(soon()).await);
}

#[tokio::test]
async fn one_that_does_not_end_does_not_hold_up_the_rest() {
    let mut tasks = Supervisor::new(Metrics::default(), QUICK);
    let (ended, mut has_ended) = watch::channel(false);
    tasks.keep("deaf", |_| std::future::pending::<anyhow::Result<()>>());
    tasks.keep("good", move |stopped| {
        let ended = ended.clone();
        async move {
            stopped.await;
            ended.send_replace(true);
            Ok(())
        }
    });
    let outcome = tasks
        .stop(Instant::now() + Duration::from_millis(200))
        .await;
    assert!(!outcome);
    assert!(*has_ended.borrow_and_update());
}
