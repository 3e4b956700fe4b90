//! What only a shared store has: a start of several at once, a newer schema, one that leads, a server that goes away.

use std::time::Duration;

use calltriage::store::{Expected, Fence, Op, PATIENCE_WITH_HISTORY, Place, Store, StoreError};
use jiff::Timestamp;
use tempfile::TempDir;

use super::{PATIENCE, at};
use crate::support::postgres::{SERVER, Schema};

async fn open(schema: &Schema, dir: &TempDir) -> Result<Store, StoreError> {
    let opening = Store::open(schema.place(dir.path()), at(0), PATIENCE).await;
    opening.map(|it| it.store)
}

/// Waits until something holds.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        let mut turn = tokio::time::interval(Duration::from_millis(50));
        while !holds().await {
            turn.tick().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), waiting).await;
    waited.unwrap_or_else(|_| panic!("in vain: {what}"));
}

#[tokio::test]
async fn replicas_that_start_together_make_the_tables_once() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let dir = TempDir::new().unwrap();
    let starts = (0..6).map(|_| open(&schema, &dir));
    let stores = futures_util::future::join_all(starts).await;
    let stores: Vec<Store> = stores.into_iter().map(Result::unwrap).collect();
    let put = Op::put("ns", "k", Expected::Absent, "x");
    stores[0].apply(vec![put], at(0)).await.unwrap();
    for store in &stores {
        assert!(store.get("ns", "k", at(0)).await.unwrap().is_some());
    }
    let client = schema.client().await;
    let steps = "select number from calltriage_migrations order by number";
    let steps = client.query(steps, &[]).await.unwrap();
    let steps: Vec<i32> = steps.iter().map(|row| row.get(0)).collect();
    assert_eq!(steps, (1..=steps.len() as i32).collect::<Vec<_>>());
    drop(stores);
    schema.drop().await;
}

#[tokio::test]
async fn tables_of_a_newer_program_are_left_alone() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let dir = TempDir::new().unwrap();
    drop(open(&schema, &dir).await.unwrap());
    let client = schema.client().await;
    let newer = "insert into calltriage_migrations (number) values (999)";
    client.batch_execute(newer).await.unwrap();
    let refused = open(&schema, &dir).await.unwrap_err().to_string();
    insta::assert_snapshot!(refused.replace(char::is_numeric, "N"), @"the store cannot be used: a newer calltriage has changed the database (step NNN, this one knows N); start that one");
    schema.drop().await;
}

#[tokio::test]
async fn one_leads_until_it_is_gone_and_then_another() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let dir = TempDir::new().unwrap();
    let first = open(&schema, &dir).await.unwrap();
    until("the first one leads", async || {
        first.leadership().fence().is_some()
    })
    .await;
    let second = open(&schema, &dir).await.unwrap();
    let both = |alive: &[String]| {
        [&first, &second]
            .iter()
            .all(|it| alive.iter().any(|id| Some(id.as_str()) == it.replica()))
    };
    until("both are alive", async || {
        both(&second.alive().await.unwrap())
    })
    .await;
    assert_eq!(second.leadership().fence(), None);
    let old = first.leadership().fence().unwrap();
    let id = first.replica().unwrap().to_owned();
    drop(first);
    until("the second one leads", async || {
        second.leadership().fence().is_some()
    })
    .await;
    assert!(!second.alive().await.unwrap().contains(&id));
    let write = |fence: Fence| {
        let op = Op::put("ns", "k", Expected::Any, "x");
        second.apply([op].into_iter().chain(fence.op()).collect(), at(0))
    };
    assert!(Fence::is_lost(&write(old).await.unwrap_err()));
    let new = second.leadership().fence().unwrap();
    write(new).await.unwrap();
    drop(second);
    schema.drop().await;
}

#[tokio::test]
async fn a_command_that_answers_once_is_no_replica() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let dir = TempDir::new().unwrap();
    let joined = Store::open_or_join(schema.place(dir.path()), PATIENCE_WITH_HISTORY, at(0)).await;
    let store = joined.store.unwrap();
    assert_eq!((store.replica(), joined.notice), (None, None));
    assert_eq!(store.alive().await.unwrap(), Vec::<String>::new());
    schema.drop().await;
}

/// Connections that the server ended are not used again.
#[tokio::test]
async fn a_server_that_comes_back_is_used_again() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let dir = TempDir::new().unwrap();
    let store = open(&schema, &dir).await.unwrap();
    let put = |key: &str| {
        let op = Op::put("ns", key, Expected::Absent, "x");
        store.apply(vec![op], at(0))
    };
    put("before").await.unwrap();
    schema.disconnect().await;
    until("it answers again", async || {
        put(&Timestamp::now().to_string()).await.is_ok()
    })
    .await;
    drop(store);
    schema.drop().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_server_is_said_without_its_password() {
    let dir = TempDir::new().unwrap();
    let at_server = |url: &str| Place::from(dir.path()).on_server(url, None);
    let said = async |url: &str| {
        let place = at_server(url);
        assert!(!format!("{place:?}").contains("s3cret"));
        let opened = Store::open(place, at(0), Duration::ZERO).await;
        let said = opened.unwrap_err().to_string();
        assert!(!said.contains("s3cret"), "{said}");
        said
    };
    insta::assert_snapshot!(said("postgres://ann:s3cret@127.0.0.1:1/calls").await, @"the store cannot be used: PostgreSQL: error connecting to server: Connection refused (os error 111)");
    insta::assert_snapshot!(said("postgres://ann:s3cret@127.0.0.1:x/calls").await, @"the store cannot be used: [store] url is no address of a PostgreSQL server");
    let joined = Store::open_or_join(
        at_server("postgres://ann:s3cret@127.0.0.1:1/calls"),
        PATIENCE_WITH_HISTORY,
        at(0),
    )
    .await;
    assert!(joined.store.is_none());
    insta::assert_snapshot!(joined.notice.unwrap(), @"going on without history: the store cannot be used: PostgreSQL: error connecting to server: Connection refused (os error 111)");
    if let Ok(server) = std::env::var(SERVER) {
        let (_, host) = server.split_once('@').unwrap();
        insta::assert_snapshot!(said(&format!("postgres://nobody-known:s3cret@{host}")).await, @r#"the store cannot be used: PostgreSQL: password authentication failed for user "nobody-known" (28P01)"#);
    }
}

/// Without being asked to, a server that is not this machine has to prove who it is.
#[tokio::test]
async fn a_certificate_is_looked_at() {
    let Ok(server) = std::env::var(SERVER) else {
        return;
    };
    let dir = TempDir::new().unwrap();
    let strict = format!("{server}?sslmode=require");
    let said = async |ca: Option<&str>| {
        let ca = ca.map(|name| {
            std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/support")
                .join(name)
        });
        let place = Place::from(dir.path()).on_server(&strict, ca);
        let joined = Store::open_or_join(place, PATIENCE_WITH_HISTORY, at(0)).await;
        joined
            .store
            .map(|_| ())
            .ok_or(joined.notice.unwrap_or_default())
    };
    let refused = said(None).await.unwrap_err();
    assert!(refused.contains("TLS"), "{refused}");
    assert_eq!(said(Some("self-signed.crt.pem")).await, Ok(()));
    let unread = said(Some("mod.rs")).await.unwrap_err();
    assert!(unread.contains("[store] ca"), "{unread}");
}
