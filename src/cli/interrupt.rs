//! Ctrl-C while something is under way: the first ends it with what is done so far, the second ends the
//! program. Shows nothing.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::diagnosis::investigator::cancel::Canceller;

/// Hears Ctrl-C from now on; before, it ends the program by itself.
pub struct Interrupts(Signal);

/// The program is to end.
pub struct Stop;

impl Interrupts {
    /// # Errors
    /// Where the system lets nobody hear signals.
    pub fn heard() -> io::Result<Interrupts> {
        signal(SignalKind::interrupt()).map(Interrupts)
    }

    /// Waits for work. It is cancelled by the first Ctrl-C, and given up at the second.
    ///
    /// # Errors
    /// That the program is to end.
    pub async fn during<T>(
        &mut self,
        canceller: &Canceller,
        work: impl Future<Output = T>,
    ) -> Result<T, Stop> {
        let mut work = std::pin::pin!(work);
        for _ in 0..2 {
            tokio::select! {
                biased;
                _ = self.0.recv() => canceller.cancel(),
                done = &mut work => return Ok(done),
            }
        }
        Err(Stop)
    }

    /// Waits for what nothing is lost of: given up at once.
    ///
    /// # Errors
    /// That the program is to end.
    pub async fn unless<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Stop> {
        tokio::select! {
            _ = self.0.recv() => Err(Stop),
            done = work => Ok(done),
        }
    }
}
