//! The port of the fake: HTTP/1.1 read and written by hand, so that a script can break an answer at
//! any byte, with WebSockets on the same address. Knows paths, but nothing of what Slack does behind them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::Inner;
use super::faults::Fault;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Who asks, by the bearer token.
    pub fn token(&self) -> Option<&str> {
        self.header("authorization").strip_prefix("Bearer ")
    }

    /// The arguments of a Web API call: query, form or JSON, as Slack takes them all.
    pub fn arguments(&self) -> Result<Value, &'static str> {
        let form = |text: &[u8]| {
            let pairs = url::form_urlencoded::parse(text);
            let pairs = pairs.map(|(name, value)| (name.into_owned(), lenient(&value)));
            pairs.collect::<serde_json::Map<_, _>>()
        };
        let mut all = form(self.query.as_bytes());
        let content_type = self.header("content-type");
        if content_type.starts_with("application/json") && !self.body.is_empty() {
            match serde_json::from_slice(&self.body) {
                Ok(Value::Object(more)) => all.extend(more),
                Ok(_) => return Err("json_not_object"),
                Err(_) => return Err("invalid_json"),
            }
        } else if content_type.starts_with("application/x-www-form-urlencoded") {
            all.extend(form(&self.body));
        } else if content_type.starts_with("multipart/form-data") {
            return Err("invalid_form_data");
        }
        Ok(Value::Object(all))
    }
}

/// In a form, lists and objects stand as JSON; everything else is text.
fn lenient(value: &str) -> Value {
    let structured = value.starts_with(['[', '{']);
    let parsed = structured.then(|| serde_json::from_str(value).ok());
    parsed.flatten().unwrap_or_else(|| Value::from(value))
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(value: &Value) -> Answer {
        Answer {
            status: 200,
            headers: vec![header("content-type", "application/json; charset=utf-8")],
            body: value.to_string().into_bytes(),
        }
    }

    pub fn text(status: u16, content_type: &str, body: &str) -> Answer {
        Answer {
            status,
            headers: vec![header("content-type", content_type)],
            body: body.as_bytes().to_vec(),
        }
    }

    pub fn with(mut self, name: &str, value: &str) -> Answer {
        self.headers.push(header(name, value));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Fake\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", self.body.len()));
        [head.as_bytes(), &self.body].concat()
    }
}

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Serves until the runtime of the test ends.
pub async fn listen(inner: Arc<Inner>, listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        // A ping or an ack must not wait for the next packet.
        let _ = stream.set_nodelay(true);
        tokio::spawn(connection(Arc::clone(&inner), stream));
    }
}

async fn connection(inner: Arc<Inner>, mut stream: TcpStream) {
    let mut unread = Vec::new();
    while let Some(request) = read(&mut stream, &mut unread).await {
        if request.path == super::socket_mode::PATH {
            return upgrade(inner, stream, &request).await;
        }
        let name = request.path.trim_start_matches("/api/").to_owned();
        let fault = inner.faults.next(&name);
        let broken = match &fault {
            Some(fault) => fault.before(&inner).await,
            None => None,
        };
        let answer = match broken {
            Some(answer) => answer,
            None => inner.answer(&request),
        };
        match fault {
            Some(Fault::DropBefore | Fault::DropAfter) => return,
            Some(Fault::HalfBody) => {
                let bytes = answer.bytes();
                let half = bytes.len() - answer.body.len().div_ceil(2);
                let _ = stream.write_all(&bytes[..half]).await;
                return;
            }
            Some(Fault::Unparsable) => {
                let answer = Answer::text(200, "application/json; charset=utf-8", "{\"ok\":tru");
                if stream.write_all(&answer.bytes()).await.is_err() {
                    return;
                }
            }
            _ => {
                if stream.write_all(&answer.bytes()).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn upgrade(inner: Arc<Inner>, mut stream: TcpStream, request: &Request) {
    match inner.faults.next(super::socket_mode::PATH) {
        Some(Fault::Never) => return std::future::pending().await,
        Some(Fault::DropBefore) => return,
        Some(fault) => {
            if let Some(answer) = fault.before(&inner).await {
                let _ = stream.write_all(&answer.bytes()).await;
                return;
            }
        }
        None => {}
    }
    if !inner.takes_ticket(&request.query) {
        let refused = Answer::text(401, "text/plain", "no such ticket, or used");
        let _ = stream.write_all(&refused.bytes()).await;
        return;
    }
    let key = derive_accept_key(request.header("sec-websocket-key").as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
         sec-websocket-accept: {key}\r\n\r\n"
    );
    if stream.write_all(head.as_bytes()).await.is_ok() {
        let socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
        super::socket_mode::serve(inner, socket).await;
    }
}

/// The next request on a connection; nothing when it ends.
async fn read(stream: &mut TcpStream, unread: &mut Vec<u8>) -> Option<Request> {
    let end = loop {
        if let Some(end) = unread.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        more(stream, unread).await?;
    };
    let head = String::from_utf8_lossy(&unread[..end]).into_owned();
    unread.drain(..end + 4);
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = headers
        .get("transfer-encoding")
        .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
    if headers.contains_key("expect") {
        stream
            .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
            .await
            .ok()?;
    }
    let body = if chunked {
        chunks(stream, unread).await?
    } else {
        let length = headers.get("content-length");
        let length = length.map_or(Some(0), |text| text.parse().ok())?;
        exactly(stream, unread, length).await?
    };
    Some(Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body,
    })
}

async fn chunks(stream: &mut TcpStream, unread: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = unread.windows(2).position(|two| two == b"\r\n") {
                break end;
            }
            more(stream, unread).await?;
        };
        let line = String::from_utf8_lossy(&unread[..end]).into_owned();
        unread.drain(..end + 2);
        let length = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        body.extend(exactly(stream, unread, length).await?);
        exactly(stream, unread, 2).await?;
        if length == 0 {
            return Some(body);
        }
    }
}

async fn exactly(stream: &mut TcpStream, unread: &mut Vec<u8>, length: usize) -> Option<Vec<u8>> {
    while unread.len() < length {
        more(stream, unread).await?;
    }
    Some(unread.drain(..length).collect())
}

async fn more(stream: &mut TcpStream, unread: &mut Vec<u8>) -> Option<()> {
    let read = stream.read_buf(unread).await.ok()?;
    (read > 0).then_some(())
}
