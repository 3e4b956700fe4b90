//! Simulating a call on the platform: proposing its values, and running it once somebody said so. Judges
//! what comes of it as any row of the log; asks nobody for a word, that is a chat's affair.

use jiff::Timestamp;

use super::cancel::Course;
use super::gathered::Gathered;
use super::platform::Asking;
use super::progress::unwatched;
use super::{Asked, Investigated, Investigator, simulation};
use crate::call::{CallQuery, Term};
use crate::sources::{ConnexCs, Known, Lookup, Simulated, Simulation, say_once};

/// What a call would be simulated with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The values of the form; `?` stands in those that nothing tells.
    pub form: Simulation,
    /// The configured name of the platform that knows the call.
    pub source: Option<String>,
    /// What could not be looked up on the way, a sentence each.
    pub notes: Vec<String>,
}

impl Investigator {
    /// The platforms on which calls can be simulated: those with a configured path for it.
    pub fn simulators(&self) -> impl Iterator<Item = &ConnexCs> {
        self.platforms()
            .filter(|it| it.endpoints().simulate.is_some())
    }

    /// What the newest call of a query would be simulated with.
    pub async fn propose(&self, query: &CallQuery, now: Timestamp) -> Proposal {
        let (gathered, _) = self
            .gather(query, now, Course::to_the_end(&unwatched))
            .await;
        let found = gathered.matched_calls(query, &self.judge.peers);
        let mut proposal = Investigator::propose_for(query, &found);
        let reasons = gathered.unavailable.iter();
        let notes = reasons.map(|why| format!("Could not be looked up: {why}."));
        say_once(&mut proposal.notes, notes);
        proposal
    }

    /// What the newest of these calls would be simulated with.
    #[must_use]
    pub fn propose_for(query: &CallQuery, found: &[Known]) -> Proposal {
        let records = found.iter().filter_map(|known| known.records.as_ref());
        let mut of_rows = records.filter(|records| records.row.is_some());
        Proposal {
            form: simulation::form(query, found),
            source: of_rows.next_back().map(|records| records.source.clone()),
            notes: Vec::new(),
        }
    }

    /// Simulates a call on the platform of this name and judges what comes of it. It leaves an entry in
    /// the platform's log: only for somebody who said so. Asked once, whatever becomes of it.
    ///
    /// # Errors
    /// One sentence, where the platform gave no answer from which the entry could be found.
    pub async fn simulate(
        &self,
        (id, typed): (String, &str),
        source: &str,
        form: &Simulation,
        now: Timestamp,
        course: Course<'_>,
    ) -> Result<Investigated, String> {
        let mut platforms = self.simulators();
        let Some(platform) = platforms.find(|it| it.name() == source) else {
            return Err(format!("{source} has no endpoint to simulate calls."));
        };
        let run = match platform.simulate(form).await {
            Lookup::Found(run) => run,
            Lookup::Empty => return Err(format!("{source} answered nothing to the simulation.")),
            Lookup::Unavailable(why) => {
                return Err(format!(
                    "The simulation has no answer: {why}. It is not tried again, since it may have \
                     been run: look for a new SIM- entry in the platform's log first, and ask with \
                     its id."
                ));
            }
        };
        let query = CallQuery {
            terms: vec![Term::Simulated(run.call_id.clone())],
            ..CallQuery::default()
        };
        let gathered = async {
            let Simulated { row: Some(row), .. } = run else {
                return self.gather(&query, now, course).await;
            };
            let knowledge = self.knowledge();
            let mut gathered = Gathered::default();
            let asking = Asking {
                platform,
                query: &query,
                knowledge: &knowledge,
                now,
            };
            gathered.ask_of_row(asking, row).await;
            let took = gathered.platform.as_ref().map_or(0, |it| it.took_ms);
            (gathered, took)
        };
        let (announced, gathered) = tokio::join!(self.announced(course), gathered);
        let asked = Asked {
            id,
            typed,
            query: &query,
            now,
        };
        Ok(Box::pin(self.conclude(asked, &announced, gathered, course)).await)
    }
}
