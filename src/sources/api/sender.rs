//! One request to an API and its answer, told apart by what it means. Goes to the configured address
//! alone; retries nothing and remembers nothing.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, StatusCode, Url};

use super::authority::Credential;
use super::body::{self, Body};
use super::clock::Clock;
use super::failure::{Failure, Unreachable};
use super::path::Path;
use super::resolver::{NoAddress, Resolver};
use super::said::said;
use super::turns::Turns;
use super::{Settings, retry};

/// JSON first; some answers are text whatever one asks for.
const ACCEPTED: &str = "application/json, text/plain;q=0.9, */*;q=0.8";

/// How often a GET follows within the same server.
const MOST_HOPS: usize = 3;

/// Of a bad answer no more than this is read.
const MOST_OF_BAD: usize = 64 * 1024;

/// A question, ready to be sent as often as need be.
#[derive(Debug, Clone)]
pub(super) struct Request {
    method: Method,
    url: Url,
    json: Option<Bytes>,
    label: String,
}

impl Request {
    /// Two questions with the same key are the same question.
    pub(super) fn key(&self) -> String {
        let json = self.json.as_deref().unwrap_or_default();
        let json = String::from_utf8_lossy(json);
        format!("{} {} {json}", self.method, self.url)
    }

    /// What a log may say of it.
    pub(super) fn label(&self) -> &str {
        &self.label
    }
}

/// Sends requests below one base address.
#[derive(Debug)]
pub struct Sender {
    client: Client,
    base: Url,
    largest: u64,
    pub(super) turns: Turns,
    clock: Arc<dyn Clock>,
}

impl Sender {
    pub(super) fn new(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Sender, Failure> {
        let client = Client::builder()
            .user_agent(concat!("calltriage/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            // A proxy out of the environment would be a host that no configuration names.
            .no_proxy()
            .dns_resolver(Arc::new(Resolver))
            .build()
            .map_err(|_| Failure::CannotAsk("no TLS is to be had on this machine".to_owned()))?;
        let mut base = settings.base_url.clone();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Ok(Sender {
            client,
            base,
            largest: settings.limits.largest_body,
            turns: Turns::new(&settings.limits, Arc::clone(&clock)),
            clock,
        })
    }

    pub(super) fn get(&self, path: &Path, params: &[(&str, &str)]) -> Result<Request, Failure> {
        self.request(Method::GET, path, params, None)
    }

    pub(super) fn post(&self, path: &Path, json: Bytes) -> Result<Request, Failure> {
        self.request(Method::POST, path, &[], Some(json))
    }

    fn request(
        &self,
        method: Method,
        path: &Path,
        params: &[(&str, &str)],
        json: Option<Bytes>,
    ) -> Result<Request, Failure> {
        let url = path.under(&self.base, params).ok_or_else(|| {
            Failure::CannotAsk("its path would lead away from the configured address".to_owned())
        })?;
        Ok(Request {
            method,
            url,
            json,
            label: path.label().to_owned(),
        })
    }

    /// Asks for a credential at `path`, in its own turn, showing another one.
    ///
    /// # Errors
    /// What came instead of a good answer.
    pub async fn exchange(&self, path: &Path, shown: &Credential) -> Result<Body, Failure> {
        let request = self.get(path, &[])?;
        self.turns.pace(Duration::MAX).await?;
        self.send(&request, Some(shown)).await
    }

    /// The same with JSON.
    ///
    /// # Errors
    /// What came instead of a good answer.
    pub async fn exchange_json(
        &self,
        path: &Path,
        json: Bytes,
        shown: &Credential,
    ) -> Result<Body, Failure> {
        let request = self.post(path, json)?;
        self.turns.pace(Duration::MAX).await?;
        self.send(&request, Some(shown)).await
    }

    /// Sends a request and reads the answer.
    pub(super) async fn send(
        &self,
        request: &Request,
        credential: Option<&Credential>,
    ) -> Result<Body, Failure> {
        let mut url = request.url.clone();
        for _ in 0..=MOST_HOPS {
            let response = self.answer(request, url, credential).await?;
            let status = response.status();
            if status.is_success() {
                return body::whole(response, self.largest).await;
            }
            if !status.is_redirection() {
                return Err(self.bad(response, credential).await);
            }
            let Some(next) = location(&response) else {
                let status = status.as_u16();
                return Err(Failure::Odd { status });
            };
            // A POST that is sent on would have to become a GET, and ask something else.
            if request.method != Method::GET || next.origin() != self.base.origin() {
                let to = next.host_str().map(str::to_owned);
                return Err(Failure::SentOn { to });
            }
            url = next;
        }
        Err(Failure::Odd {
            status: StatusCode::LOOP_DETECTED.as_u16(),
        })
    }

    async fn answer(
        &self,
        request: &Request,
        url: Url,
        credential: Option<&Credential>,
    ) -> Result<Response, Failure> {
        let mut builder = self
            .client
            .request(request.method.clone(), url)
            .header(ACCEPT, HeaderValue::from_static(ACCEPTED));
        if let Some(credential) = credential {
            builder = builder.header(AUTHORIZATION, credential.header());
        }
        if let Some(json) = &request.json {
            builder = builder
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(json.clone());
        }
        let sent = builder.send().await;
        sent.map_err(|error| Failure::Unreachable(why_unreachable(&error)))
    }

    /// What a bad answer means.
    async fn bad(&self, response: Response, credential: Option<&Credential>) -> Failure {
        let status = response.status();
        let wait = retry::asked_for(response.headers(), self.clock.now());
        let (bytes, whole) = body::beginning(response, MOST_OF_BAD).await;
        let secrets = credential.into_iter().flat_map(Credential::secrets);
        let said = said(&bytes, whole, secrets);
        let status = status.as_u16();
        match status {
            401 => Failure::Unauthorised {
                // Whoever has the credential knows more of it.
                credential: credential.map(|_| "credential"),
                expired: None,
                not_before: None,
            },
            403 => Failure::Forbidden { said },
            404 => Failure::NotFound { said },
            429 => {
                if let Some(wait) = wait {
                    self.turns.rest(wait);
                }
                Failure::TooOften { wait }
            }
            400..=499 => Failure::NotAccepted { status, said },
            500..=599 => Failure::Failed { status, said, wait },
            _ => Failure::Odd { status },
        }
    }
}

/// Where a redirect leads.
fn location(response: &Response) -> Option<Url> {
    let to = response.headers().get(LOCATION)?.to_str().ok()?;
    response.url().join(to).ok()
}

/// Looks for what kept the connection from coming about. Nothing of the error's own text is shown:
/// it holds the address with its query.
fn why_unreachable(error: &reqwest::Error) -> Unreachable {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        if error.is::<NoAddress>() {
            return Unreachable::NoAddress;
        }
        if error.is::<native_tls::Error>() {
            return Unreachable::Tls;
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            match error.kind() {
                io::ErrorKind::ConnectionRefused => return Unreachable::Refused,
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof => return Unreachable::Cut,
                _ => {}
            }
        }
        cause = error.source();
    }
    // A connection that stood and gave no answer was closed.
    if error.is_connect() {
        Unreachable::Network
    } else {
        Unreachable::Cut
    }
}
