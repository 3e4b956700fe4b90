//! Connections to the server: made when they are needed, used again, thrown away when anything went wrong on them.
//! Asks nothing itself.

use std::net::IpAddr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use native_tls::{Certificate, TlsConnector};
use postgres_native_tls::MakeTlsConnector;
use secrecy::ExposeSecret as _;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config};

use crate::store::StoreError;
use crate::store::place::Server;

/// How many connections one process has at most. Whoever comes then waits for one.
const MOST: usize = 8;

/// A server that is there answers sooner.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// What every connection is told first. An acknowledged change survives a power cut of the server, whatever the
/// server's own setting; a process that hangs in the middle of a change does not hold others up.
const MANNERS: &str = "set synchronous_commit = on; set statement_timeout = '10s'; \
                       set idle_in_transaction_session_timeout = '15s'";

/// The connections of this process.
pub(super) struct Pool {
    config: Config,
    tls: MakeTlsConnector,
    idle: Mutex<Vec<Client>>,
    places: Semaphore,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

/// A connection in use. Dropped it is closed, and what was begun on it is undone by the server.
pub(super) struct Connection<'p> {
    pub client: Client,
    pool: &'p Pool,
    place: SemaphorePermit<'p>,
}

impl Connection<'_> {
    /// Leaves it to the next one: only when nothing is under way on it.
    pub fn give_back(self) {
        let Connection {
            client,
            pool,
            place,
        } = self;
        let mut idle = pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(client);
        drop(place);
    }
}

impl Pool {
    /// For this server. Connects to nothing yet.
    ///
    /// # Errors
    /// `Unavailable` where the address or the certificate cannot be read.
    pub fn new(server: &Server) -> Result<Pool, StoreError> {
        let unusable = |what: &str| StoreError::Unavailable(format!("[store] {what}"));
        let config = server.url.expose_secret().parse::<Config>();
        // Its error may quote the address, and so the password.
        let mut config =
            config.map_err(|_| unusable("url is no address of a PostgreSQL server"))?;
        config
            .connect_timeout(CONNECT_WITHIN)
            .tcp_user_timeout(Duration::from_secs(15))
            .keepalives_idle(Duration::from_secs(15));
        if config.get_application_name().is_none() {
            config.application_name("calltriage");
        }
        if config.get_ssl_mode() == SslMode::Prefer {
            // A server elsewhere has to prove who it is, unless the address says otherwise in so many words; one on this
            // machine need not, unless it is said by what.
            config.ssl_mode(match is_here(&config) && server.ca.is_none() {
                true => SslMode::Disable,
                false => SslMode::Require,
            });
        }
        let mut tls = TlsConnector::builder();
        if let Some(path) = &server.ca {
            tls.add_root_certificate(certificate(path).map_err(|why| unusable(&why))?);
        }
        let tls = tls
            .build()
            .map_err(|error| unusable(&format!("TLS cannot be used: {error}")))?;
        Ok(Pool {
            config,
            tls: MakeTlsConnector::new(tls),
            idle: Mutex::default(),
            places: Semaphore::new(MOST),
        })
    }

    /// A connection on which nothing is under way.
    ///
    /// # Errors
    /// `Unavailable` when the server cannot be reached or lets nobody in.
    pub async fn get(&self) -> Result<Connection<'_>, StoreError> {
        let closed = |_| StoreError::Unavailable("the program is stopping".to_owned());
        let place = self.places.acquire().await.map_err(closed)?;
        let client = match self.idle() {
            Some(client) => client,
            None => self.connect().await?,
        };
        Ok(Connection {
            client,
            pool: self,
            place,
        })
    }

    fn idle(&self) -> Option<Client> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(|client| !client.is_closed())
    }

    async fn connect(&self) -> Result<Client, StoreError> {
        let (client, connection) = self
            .config
            .connect(self.tls.clone())
            .await
            .map_err(failed)?;
        tokio::spawn(async move {
            // Whoever uses it learns the same from its own question.
            if let Err(error) = connection.await {
                tracing::debug!(error = %failed(error), "a connection to the store's server ended");
            }
        });
        client.batch_execute(MANNERS).await.map_err(failed)?;
        Ok(client)
    }
}

/// Whether all its hosts are this machine.
fn is_here(config: &Config) -> bool {
    let is_here = |host: &Host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
        }
        Host::Unix(_) => true,
    };
    let addresses = config.get_hostaddrs();
    config.get_hosts().iter().all(is_here) && addresses.iter().all(IpAddr::is_loopback)
}

fn certificate(path: &Path) -> Result<Certificate, String> {
    let unusable = |why: String| format!("ca: {} cannot be used: {why}", path.display());
    let bytes = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    Certificate::from_pem(&bytes).map_err(|error| unusable(error.to_string()))
}

/// What went wrong, without the values that were under way.
pub(super) fn failed(error: tokio_postgres::Error) -> StoreError {
    use std::error::Error as _;
    let why = match error.as_db_error() {
        Some(said) => format!("{} ({})", said.message(), said.code().code()),
        None => match error.source() {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        },
    };
    StoreError::Unavailable(format!("PostgreSQL: {why}"))
}
