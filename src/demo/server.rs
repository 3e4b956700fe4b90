//! The HTTP side of the demo platform: hears a request, lets the script spoil it, checks it, answers.
//! What is in the answer is worked out elsewhere.

mod answer;

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::behaviour::{Behaviour, Script};
use super::credentials::{Allowed, Credentials, Door};
use super::endpoint::Endpoint;
use super::line::{Line, Lines};
use super::seen::{Seen, Sent};
use super::shape::shaped;
use super::world::World;
use answer::{Answer, Refusal};

/// Where the API begins.
pub const BASE_PATH: &str = "/api/cp/";

/// Where the status page stands.
pub const STATUS_PATH: &str = "/status/api/v2/summary.json";

/// Larger than any request that is meant well.
const LARGEST_REQUEST: usize = 1024 * 1024;

/// How long the head of a good answer is without the digits of its length: a cut behind it is one in
/// the body, however short that is.
const HEAD: usize = 106;

/// The platform behind the sockets.
#[derive(Debug)]
pub struct Platform {
    world: World,
    door: Door,
    script: Mutex<Script>,
    seen: Seen,
    started: Instant,
    released: watch::Sender<u64>,
}

impl Platform {
    /// A platform that knows this world and lets these in.
    #[must_use]
    pub fn new(world: World, credentials: Credentials) -> Platform {
        Platform {
            world,
            door: Door::new(credentials),
            script: Mutex::default(),
            seen: Seen::default(),
            started: Instant::now(),
            released: watch::Sender::new(0),
        }
    }

    /// What it knows.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// How it is to misbehave.
    pub fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it was asked.
    #[must_use]
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Lets every request go on that hangs now.
    pub fn release(&self) {
        self.released
            .send_modify(|times| *times = times.wrapping_add(1));
    }

    /// The time there, in seconds: it goes on from the moment that the world was made for.
    fn now(&self) -> i64 {
        let passed = i64::try_from(self.started.elapsed().as_secs()).unwrap_or(i64::MAX);
        self.world.now().as_second().saturating_add(passed)
    }
}

/// A platform on a socket, not yet answering.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    platform: Arc<Platform>,
}

impl Server {
    /// Takes an address of this machine alone. Where its port is 0, a free one is taken.
    ///
    /// # Errors
    /// Where the address is one that others reach, or cannot be taken.
    pub async fn bind(listen: SocketAddr, platform: Arc<Platform>) -> io::Result<Server> {
        if !listen.ip().to_canonical().is_loopback() {
            let why = "the demo platform listens on loopback addresses only, such as 127.0.0.1:0";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        Ok(Server {
            listener,
            address,
            platform,
        })
    }

    /// Where the API is: `http://127.0.0.1:PORT/api/cp/`.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.url(BASE_PATH)
    }

    /// Where the status page is.
    #[must_use]
    pub fn status_url(&self) -> String {
        self.url(STATUS_PATH)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The address that it took.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` comes.
    ///
    /// # Errors
    /// Where the socket fails.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let router = Router::new().fallback(hear).with_state(self.platform);
        let service = router.into_make_service_with_connect_info::<Line>();
        let server = axum::serve(Lines(self.listener), service).into_future();
        tokio::select! {
            outcome = server => outcome,
            () = shutdown => Ok(()),
        }
    }
}

async fn hear(
    State(platform): State<Arc<Platform>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_REQUEST).await else {
        return refused(&Refusal::new(413, "the request is too large"));
    };
    let path = head.uri.path();
    let found = if path == STATUS_PATH {
        Some((Endpoint::Status, Vec::new()))
    } else {
        let below = path.strip_prefix(BASE_PATH);
        below.and_then(|path| Endpoint::of(head.method.as_str(), path))
    };
    let Some((endpoint, named)) = found else {
        return refused(&Refusal::new(404, "no such end point"));
    };
    // From before it counts as under way: whoever sees it hang can release it.
    let mut released = platform.released.subscribe();
    let authorization = head.headers.get(header::AUTHORIZATION);
    let authorization = authorization
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    let _under_way = platform.seen.begin(Sent {
        endpoint,
        target: head.uri.to_string(),
        body: String::from_utf8_lossy(&body).into_owned(),
        scheme: authorization
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_owned(),
        at: Instant::now(),
    });
    let behaviour = platform.script().take(endpoint);
    if let Some(response) = spoiled(&mut released, &line, &behaviour).await {
        return response;
    }
    let allowed = platform.door.allows(authorization, platform.now());
    let is_let_in = match endpoint {
        Endpoint::Status => true,
        Endpoint::RefreshToken => matches!(allowed, Allowed::Tokens | Allowed::Everything),
        Endpoint::AccessToken => allowed == Allowed::Tokens,
        _ => matches!(allowed, Allowed::Data | Allowed::Everything),
    };
    if !is_let_in {
        return refused(&Refusal::new(401, "Unauthorized"));
    }
    let query = head.uri.query().unwrap_or_default();
    match answer::to(&platform, endpoint, &named, query, &body) {
        Err(refusal) => refused(&refusal),
        Ok(Answer::Text(text)) => response(200, "text/markdown", text),
        Ok(Answer::Json(value)) => served(value, &behaviour, &line),
    }
}

/// The answer of a behaviour that does not even look at the request; nothing where it does.
async fn spoiled(
    released: &mut watch::Receiver<u64>,
    line: &Line,
    behaviour: &Behaviour,
) -> Option<Response> {
    match behaviour {
        Behaviour::Slow(long) => tokio::time::sleep(*long).await,
        Behaviour::Hang => {
            // The sender lives as long as the platform, which whoever asks us holds.
            let _ = released.changed().await;
        }
        Behaviour::Drop => {
            line.cut_after(0);
            return Some(response(200, "text/plain", String::new()));
        }
        Behaviour::Empty => return Some(response(200, "application/json", String::new())),
        Behaviour::Text(text) => return Some(response(200, kind(text), text.clone())),
        Behaviour::Redirect(to) => {
            let mut response = response(302, "text/plain", String::new());
            let to = HeaderValue::from_str(to).ok()?;
            response.headers_mut().insert(header::LOCATION, to);
            return Some(response);
        }
        Behaviour::Refuse {
            status,
            retry_after,
            body,
        } => {
            let mut response = response(*status, kind(body), body.clone());
            if let Some(after) = retry_after.as_deref().and_then(|it| it.parse().ok()) {
                response.headers_mut().insert(header::RETRY_AFTER, after);
            }
            return Some(response);
        }
        _ => {}
    }
    None
}

fn served(value: Value, behaviour: &Behaviour, line: &Line) -> Response {
    let mut text = shaped(value, behaviour).to_string();
    let mut kind = "application/json";
    match behaviour {
        Behaviour::HalfJson => {
            let middle = text.floor_char_boundary(text.len() / 2);
            text.truncate(middle);
        }
        Behaviour::CutOff => {
            let digits = text.len().to_string().len();
            line.cut_after(HEAD + digits + text.len() / 2);
        }
        Behaviour::Untyped => kind = "",
        _ => {}
    }
    response(200, kind, text)
}

fn kind(body: &str) -> &'static str {
    if body.starts_with('<') {
        "text/html"
    } else {
        "application/json"
    }
}

fn refused(refusal: &Refusal) -> Response {
    let body = json!({ "message": refusal.message });
    response(refusal.status, "application/json", body.to_string())
}

fn response(status: u16, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    if !kind.is_empty() {
        let kind = HeaderValue::from_static(kind);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

/// Whether a term names this address.
fn is_address(term: &str, value: &Value) -> bool {
    let term: Option<IpAddr> = term.parse().ok();
    term.is_some() && value.as_str().and_then(|it| it.parse().ok()) == term
}
