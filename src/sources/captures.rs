//! Capture files as a source: finds the calls that a query describes by the index and reads them.
//! Looks at files and folders anew when they changed since the last query.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;

use super::{Evidence, Lookup, Trace, Unread};
use crate::call::{CallQuery, Destination, Scope, Term, Window};
use crate::capture::{self, Entry, Files, Index};
use crate::peers::{PeerKind, Peers};

/// Told how many bytes are read and how many there are.
pub type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// Capture files and folders, or captures in memory.
pub struct Captures {
    name: String,
    content: Content,
    peers: Peers,
    progress: Option<Progress>,
    /// The index, with what the files looked like when it was built.
    index: Mutex<Option<(Looks, Arc<Index>)>>,
    /// From how many bytes on not all of them is indexed; nothing where more than one question may be asked.
    large: Option<u64>,
    /// How many messages are read for one question.
    most: u64,
    /// What lies around the Call-IDs that were asked for, instead of the whole; nothing within where they are not met.
    around: tokio::sync::OnceCell<(Vec<String>, Option<Arc<Index>>)>,
}

/// So many messages are read for one question: more calls than anybody reads in one answer.
const MOST_MESSAGES: u64 = 30_000;
/// Captures of fewer bytes are indexed as a whole, whatever is asked: that is quicker.
pub const LARGE: u64 = 1024 * 1024 * 1024;

/// What is read.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Paths(Vec<PathBuf>),
    InMemory(Arc<[(String, Bytes)]>),
}

impl Content {
    /// The captures themselves. Looks at the file system.
    pub(super) fn files(&self) -> Files {
        match self {
            Content::Paths(paths) => Files::find(paths),
            Content::InMemory(captures) => Files::in_memory(captures),
        }
    }
}

/// How files look from outside: when these change, they are read anew.
type Looks = Vec<(PathBuf, u64, Option<SystemTime>)>;

impl std::fmt::Debug for Captures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Captures")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Captures {
    /// Files, and folders that are searched for captures. `peers` give the addresses behind the
    /// names of customers and carriers in a query.
    #[must_use]
    pub fn paths(name: &str, paths: Vec<PathBuf>, peers: Peers) -> Captures {
        Captures::new(name, Content::Paths(paths), peers)
    }

    /// Captures in memory, each a name and its content.
    #[must_use]
    pub fn in_memory(
        name: &str,
        captures: impl IntoIterator<Item = (String, Bytes)>,
        peers: Peers,
    ) -> Captures {
        let captures = captures.into_iter().collect();
        Captures::new(name, Content::InMemory(captures), peers)
    }

    fn new(name: &str, content: Content, peers: Peers) -> Captures {
        let (name, index) = (name.to_owned(), Mutex::new(None));
        Captures {
            name,
            content,
            peers,
            progress: None,
            index,
            large: None,
            most: MOST_MESSAGES,
            around: tokio::sync::OnceCell::new(),
        }
    }

    /// Tells how reading goes on.
    #[must_use]
    pub fn with_progress(mut self, progress: Option<Progress>) -> Captures {
        self.progress = progress;
        self
    }

    /// Says that one question is asked and no other: of captures of so many bytes ([`LARGE`]) only what lies around the
    /// Call-IDs that it asks for is indexed then, so that memory does not grow with them.
    #[must_use]
    pub fn asked_once(mut self, large: u64) -> Captures {
        self.large = Some(large);
        self
    }

    /// Reads so many messages for one question and no more, but always those of one call: of more calls the latest.
    #[must_use]
    pub fn reading_at_most(mut self, messages: u64) -> Captures {
        self.most = messages;
        self
    }

    /// What answers call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The calls that a query describes, with all their legs.
    pub async fn trace(&self, query: &CallQuery) -> Lookup<Trace> {
        let (query, peers) = (query.clone(), self.peers.clone());
        let index = match self.indexed_for(&call_ids(&query)).await {
            Ok(index) => index,
            Err(why) => return Lookup::Unavailable(why),
        };
        let most = self.most;
        reading(move || found(&index, &matching(&index, &query, &peers), most)).await
    }

    /// The registrations of some users in a window of time.
    pub async fn registrations(&self, users: Vec<String>, window: Window) -> Lookup<Trace> {
        let covers = |it: &&Arc<Index>| it.covers_registrations(window.from, window.to);
        let around = self.around.get().and_then(|(_, index)| index.as_ref());
        let index = match around.filter(covers) {
            Some(index) => Ok(Arc::clone(index)),
            None => self.indexed().await,
        };
        let index = match index {
            Ok(index) => index,
            Err(why) => return Lookup::Unavailable(why),
        };
        let most = self.most;
        reading(move || {
            let during = window.from..=window.to;
            let terms = users.into_iter().map(capture::Term::User);
            let mut entries: Vec<Entry<'_>> = terms
                .flat_map(|term| index.find(&term, Some(&during)))
                .filter(Entry::registers)
                .collect();
            in_order(&mut entries);
            found(&index, &entries, most)
        })
        .await
    }

    /// What is read.
    pub(super) fn content(&self) -> &Content {
        &self.content
    }

    /// Who is told how reading goes on.
    pub(super) fn progress(&self) -> Option<&Progress> {
        self.progress.as_ref()
    }

    /// Whether a message with exactly this Call-ID is there.
    pub async fn holds(&self, call_id: &str) -> bool {
        self.indexed_for(&[call_id.to_owned()])
            .await
            .is_ok_and(|index| index.call(call_id).is_some())
    }

    /// Whether no message of SIP is in it.
    pub async fn is_empty(&self) -> bool {
        self.indexed()
            .await
            .is_ok_and(|index| index.calls().next().is_none())
    }

    /// How many calls in how many files.
    pub async fn summary(&self) -> String {
        match self.indexed().await {
            Ok(index) => {
                let (calls, files) = (index.calls().count(), index.files().count());
                {
                    let plural = |n: usize| if n == 1 { "" } else { "s" };
                    let (name, s, t) = (&self.name, plural(calls), plural(files));
                    format!("{name}: {calls} Call-ID{s} in {files} capture{t}")
                }
            }
            Err(why) => format!("{}: {why}", self.name),
        }
    }

    /// An index that has all that matters for the calls with these Call-IDs; where there are none, of everything.
    async fn indexed_for(&self, call_ids: &[String]) -> Result<Arc<Index>, String> {
        let (Content::Paths(paths), Some(large), [_, ..]) = (&self.content, self.large, call_ids)
        else {
            return self.indexed().await;
        };
        let (paths, asked, progress) = (paths.clone(), call_ids.to_vec(), self.progress.clone());
        let build = || async {
            let around = {
                let asked = asked.clone();
                tokio::task::spawn_blocking(move || {
                    let is_large = Files::find(&paths).bytes() >= large;
                    let mut tell = |done, all| tell(progress.as_ref(), done, all);
                    let index = is_large.then(|| Index::around_calls(&paths, &asked, &mut tell));
                    index.flatten().map(Arc::new)
                })
            };
            (asked, around.await.unwrap_or_default())
        };
        let (known, index) = self.around.get_or_init(build).await;
        match index {
            Some(index) if call_ids.iter().all(|it| known.contains(it)) => Ok(Arc::clone(index)),
            _ => self.indexed().await,
        }
    }

    /// The index, built anew if a file was added, removed or changed.
    async fn indexed(&self) -> Result<Arc<Index>, String> {
        let (content, progress) = (self.content.clone(), self.progress.clone());
        let known = self
            .index
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let built = tokio::task::spawn_blocking(move || {
            let looks = match &content {
                Content::Paths(paths) => looks(paths),
                Content::InMemory(_) => Looks::new(),
            };
            if let Some((before, index)) = &known
                && *before == looks
            {
                return (looks, Arc::clone(index));
            }
            let mut tell = |done, all| tell(progress.as_ref(), done, all);
            let index = match &content {
                Content::Paths(paths) => match known {
                    Some((_, index)) => index.renewed(paths, &mut tell),
                    None => Index::build(paths, &mut tell),
                },
                Content::InMemory(captures) => Index::in_memory(captures),
            };
            (looks, Arc::new(index))
        })
        .await
        .map_err(|_| "indexing the captures broke off; see the log".to_owned())?;
        let index = built.1.clone();
        if self.large.is_some() {
            // The process ends with its one question: giving the records back one by one would only make it later.
            std::mem::forget(Arc::clone(&index));
        }
        *self.index.lock().unwrap_or_else(PoisonError::into_inner) = Some(built);
        Ok(index)
    }
}

/// Tells who wants to know how reading goes on.
pub(super) fn tell(progress: Option<&Progress>, done: u64, all: u64) {
    if let Some(progress) = progress {
        progress(done, all);
    }
}

/// The Call-IDs that a query asks for, if it asks for nothing else.
fn call_ids(query: &CallQuery) -> Vec<String> {
    let call_id = |term: &Term| match term {
        Term::CallId(id) | Term::OutgoingCallId(id) | Term::Simulated(id) => Some(id.clone()),
        Term::Number(_) | Term::Address { .. } | Term::SipUser(_) => None,
    };
    let call_ids: Option<Vec<String>> = query.terms.iter().map(call_id).collect();
    call_ids.unwrap_or_default()
}

/// Reads captures where blocking is allowed.
async fn reading(read: impl FnOnce() -> Lookup<Trace> + Send + 'static) -> Lookup<Trace> {
    let read = tokio::task::spawn_blocking(read).await;
    read.unwrap_or_else(|_| {
        Lookup::Unavailable("reading the captures broke off; see the log".into())
    })
}

/// What an index holds of some calls: the latest of them, where they are very many.
fn found(index: &Index, entries: &[Entry<'_>], most: u64) -> Lookup<Trace> {
    let (entries, left_out) = index.latest(entries, most);
    let matched: Vec<String> = entries
        .iter()
        .map(|entry| entry.call_id().to_owned())
        .collect();
    let loaded = index.load(&matched);
    let lost = index.problems().cloned().chain(loaded.problems);
    let unread = Unread {
        lost: lost.collect(),
        damaged: [index.warnings(), &loaded.warnings].concat(),
    };
    if matched.is_empty() {
        // A capture may be missing, and that it is missing there is no proof that it is not.
        if unread != Unread::default() {
            let sentences: Vec<String> = unread.sentences().cloned().collect();
            return Lookup::Unavailable(sentences.join("; "));
        }
        if index.files().next().is_none() {
            return Lookup::Unavailable("no capture could be read".into());
        }
        return Lookup::Empty;
    }
    let last = matched.iter().filter_map(|it| Some(index.call(it)?.last()));
    let seen_until = last.max().and_then(|last| index.seen_until(last));
    Lookup::Found(Trace {
        evidence: Evidence {
            packets: loaded.packets,
            observed: loaded.observed,
            ties: loaded.ties,
            ..Evidence::default()
        },
        joins: loaded.joins,
        matched,
        left_out,
        seen_until,
        unread,
    })
}

/// The entries that a query describes, in order of time: any of its terms, and all of its scope.
fn matching<'i>(index: &'i Index, query: &CallQuery, peers: &Peers) -> Vec<Entry<'i>> {
    let during = query
        .window
        .as_ref()
        .map(|window: &Window| window.from..=window.to);
    let mut found: Vec<Entry<'_>> = if query.terms.is_empty() {
        let in_time = |entry: &Entry<'_>| {
            during
                .as_ref()
                .is_none_or(|w| entry.first() <= *w.end() && entry.last() >= *w.start())
        };
        index.calls().filter(in_time).collect()
    } else {
        let terms = query.terms.iter().map(search_term);
        terms
            .flat_map(|term| index.find(&term, during.as_ref()))
            .collect()
    };
    found.retain(|entry| in_scope(entry, &query.scope, peers));
    keep_between_numbers(&mut found, query);
    in_order(&mut found);
    found
}

/// In order of time, each once.
fn in_order(entries: &mut Vec<Entry<'_>>) {
    entries.sort_by(|a, b| (a.first(), a.call_id()).cmp(&(b.first(), b.call_id())));
    entries.dedup_by(|a, b| a.call_id() == b.call_id());
}

/// Who names two numbers mostly means the calls between them: where there are such, only those.
fn keep_between_numbers(found: &mut Vec<Entry<'_>>, query: &CallQuery) {
    let numbers: Vec<capture::Term> = query
        .terms
        .iter()
        .filter(|term| matches!(term, Term::Number(_)))
        .map(search_term)
        .collect();
    let named = |entry: &Entry<'_>| {
        numbers
            .iter()
            .filter(|number| number.describes(entry))
            .count()
    };
    if found.iter().any(|entry| named(entry) >= 2) {
        found.retain(|entry| named(entry) >= 2);
    }
}

fn search_term(term: &Term) -> capture::Term {
    match term {
        Term::CallId(id) | Term::OutgoingCallId(id) | Term::Simulated(id) => {
            capture::Term::CallId(id.clone())
        }
        Term::Number(number) => capture::Term::Number(number.digits.clone()),
        Term::Address { ip, port } => capture::Term::Address {
            ip: *ip,
            port: *port,
        },
        Term::SipUser(user) => capture::Term::User(user.clone()),
    }
}

/// Whether a call lies in a scope, as far as an index entry can tell: customers and carriers by
/// the addresses of the configured peers, a server by its address, a destination by its prefix.
fn in_scope(entry: &Entry<'_>, scope: &Scope, peers: &Peers) -> bool {
    let is = |name: &str, kind: PeerKind| {
        let ip: Option<IpAddr> = name.parse().ok();
        entry.addresses().iter().any(|address| {
            let named = peers
                .of(address.ip())
                .is_some_and(|peer| peer.kind == kind && peer.name.eq_ignore_ascii_case(name));
            named || ip == Some(address.ip())
        })
    };
    let server: Option<IpAddr> = scope
        .server
        .as_deref()
        .and_then(|server| server.parse().ok());
    let digits: String = entry
        .to_user()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let is_customer = |name: &str| is(name, PeerKind::Customer);
    let is_carrier = |name: &str| is(name, PeerKind::Carrier);
    scope.customer.as_deref().is_none_or(is_customer)
        && scope.carrier.as_deref().is_none_or(is_carrier)
        && (scope.server.is_none()
            || server.is_some_and(|ip| entry.addresses().iter().any(|a| a.ip() == ip)))
        && scope
            .destination
            .as_ref()
            .is_none_or(|destination: &Destination| destination.covers(&digits))
}

/// How the files below some paths look from outside. Follows folders; what cannot be looked at is
/// left to the index, which says so.
fn looks(paths: &[PathBuf]) -> Looks {
    /// Deeper than any folder of captures; a link that leads back ends here.
    const DEEPEST: usize = 16;
    fn add(path: &Path, depth: usize, looks: &mut Looks) {
        let Ok(meta) = path.metadata() else { return };
        if meta.is_dir() && depth < DEEPEST {
            let Ok(entries) = path.read_dir() else { return };
            for entry in entries.flatten() {
                add(&entry.path(), depth + 1, looks);
            }
        } else {
            looks.push((path.to_owned(), meta.len(), meta.modified().ok()));
        }
    }
    let mut found = Looks::new();
    for path in paths {
        add(path, 0, &mut found);
    }
    found.sort();
    found
}
