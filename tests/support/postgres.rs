//! A PostgreSQL server for tests, where there is one: each test has a schema of its own on it.

use std::path::Path;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use calltriage::store::Place;
use tokio_postgres::{Client, NoTls};

/// The address of a server on which a test may make schemas; `.ci/postgres COMMAND` starts one and sets it.
pub const SERVER: &str = "CALLTRIAGE_TEST_POSTGRES";

static SKIPPED: Once = Once::new();
static SCHEMAS: AtomicU32 = AtomicU32::new(0);

/// A schema of its own.
pub struct Schema {
    server: String,
    name: String,
}

impl Schema {
    /// Nothing where there is no server, which is said.
    pub async fn new() -> Option<Schema> {
        let Ok(server) = std::env::var(SERVER) else {
            SKIPPED
                .call_once(|| eprintln!("skipped: no PostgreSQL; run `.ci/postgres cargo test`"));
            return None;
        };
        let number = SCHEMAS.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let schema = Schema { server, name };
        let sql = format!("create schema {}", schema.name);
        connect(&schema.server)
            .await
            .batch_execute(&sql)
            .await
            .unwrap();
        Some(schema)
    }

    /// The address as the configuration has it.
    pub fn url(&self) -> String {
        let sign = if self.server.contains('?') { '&' } else { '?' };
        let Schema { server, name } = self;
        format!("{server}{sign}application_name={name}&options=-csearch_path%3D{name}")
    }

    /// Ends the connections that were made with its address.
    pub async fn disconnect(&self) {
        let sql =
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1";
        let server = connect(&self.server).await;
        server.query(sql, &[&self.name]).await.unwrap();
    }

    pub fn place(&self, folder: &Path) -> Place {
        Place::from(folder).on_server(&self.url(), None)
    }

    /// A plain connection to it.
    pub async fn client(&self) -> Client {
        connect(&self.url()).await
    }

    pub async fn drop(self) {
        let sql = format!("drop schema {} cascade", self.name);
        connect(&self.server)
            .await
            .batch_execute(&sql)
            .await
            .unwrap();
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
