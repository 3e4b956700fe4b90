//! What a chat platform has to offer, as far as answers concern it: the one port that each adapter fills. Runs nothing.

use futures_util::future::BoxFuture;

use super::Reply;
use super::jobs::{Job, Standing};
use super::request::{Attached, Request};
use crate::diagnosis::investigator::progress::Tick;
/// Why something could not be delivered: an answer is as an incident is.
pub use crate::incidents::poster::Undelivered as Failure;

/// What only the platform knows of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// Those of the named groups that the asker is in.
    pub groups: Vec<String>,
    /// Whether anybody from outside can read where the answer goes.
    pub outsiders: bool,
    /// Whether it cannot be known who reads there: then only who asked may see the answer.
    pub only_asker: bool,
}

/// A chat platform, as far as answers concern it. Everything is called with the same job until it worked.
pub trait Outlet: Send + Sync + 'static {
    /// The chat's name, as in "slack".
    const CHAT: &'static str;

    /// What is known of asker and place. `groups` are those that rules name.
    fn around<'a>(
        &'a self,
        request: &'a Request,
        groups: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Around, Failure>>;

    /// Finds out where the answer goes, by letting a message stand for the job where one may. With `again` it may
    /// stand there already, and is looked for first.
    fn begin<'a>(&'a self, job: &'a Job, again: bool) -> BoxFuture<'a, Result<Standing, Failure>>;

    /// Shows in the message how far it is. What cannot be shown is not shown.
    fn progress<'a>(
        &'a self,
        job: &'a Job,
        message: &'a str,
        progress: &'a [Tick],
    ) -> BoxFuture<'a, ()>;

    /// Turns the message into the answer, or gives it apart. Called again it does no harm where there is a message.
    fn answer<'a>(
        &'a self,
        job: &'a Job,
        standing: &'a Standing,
        reply: &'a Reply,
    ) -> BoxFuture<'a, Result<(), Failure>>;

    /// Gives the files of the answer beside its message; with `again` some may be there already, and are not given
    /// twice.
    fn attach<'a>(
        &'a self,
        job: &'a Job,
        message: &'a str,
        reply: &'a Reply,
        again: bool,
    ) -> BoxFuture<'a, Result<(), Failure>>;

    /// The content of a file that came with a request, up to so many bytes.
    fn fetch<'a>(
        &'a self,
        file: &'a Attached,
        most: u64,
    ) -> BoxFuture<'a, Result<Vec<u8>, Failure>>;

    /// Tells who asked, and nobody else, that it is refused.
    fn refuse<'a>(&'a self, job: &'a Job, why: &'a str) -> BoxFuture<'a, Result<(), Failure>>;
}
