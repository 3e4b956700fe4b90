//! Fetches what is compared: two calls, a call and its good twin, or all that an address has shown.
//! Does the waiting; the comparing is done elsewhere.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use super::Investigator;
use super::cancel::Course;
use super::progress::unwatched;
use super::{elsewhere, platform, summing, unspoken};
use crate::call::{CallQuery, Number, Term, located};
use crate::diagnosis::case::Case;
use crate::diagnosis::common::{Common, Traits, common};
use crate::diagnosis::comparison::{self, Books, Comparison, Judged, TurnUp, compare};
use crate::diagnosis::investigation::Diagnosis;
use crate::knowledge::Knowledge;
use crate::platform::{IpEntry, named};
use crate::sip::Kind;
use crate::sources::{ConnexCs, Evidence, Known, Lookup, Unread, say_once};

/// More calls than this are not looked through for a good twin; the nearest in time are.
const MOST_CANDIDATES: usize = 100;

/// More calls of an address than this are not gone through; the latest are.
const MOST_OF_ADDRESS: usize = 500;

/// What was asked to be compared: a query, and how people call it.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Which call.
    pub query: CallQuery,
    /// As it was typed, for sentences.
    pub typed: String,
}

/// A call with the calls around it: to the same number, and from the same address.
#[derive(Debug, Default)]
pub struct Around {
    /// The calls around it that were judged, with what was judged of each. None of them is the call itself.
    pub others: Vec<(Known, Diagnosis)>,
    /// What the failing ones among all of them share; nothing where there are no others.
    pub common: Option<Common>,
    /// The call beside its good twin, where one was found.
    pub pair: Option<Comparison>,
    /// By what the call itself is compared.
    pub of: Option<Traits>,
    /// By what the others are, in their order.
    pub traits: Vec<Traits>,
    /// What could not be read on the way.
    pub unread: Unread,
}

/// A call that was found and judged, with what it was judged by.
struct Taken {
    known: Known,
    evidence: Evidence,
    diagnosis: Diagnosis,
    notes: Vec<String>,
}

impl Investigator {
    /// Compares the latest call of each query.
    ///
    /// # Errors
    /// One sentence where one of them is not found.
    pub async fn compare(
        &self,
        a: &Wanted,
        b: &Wanted,
        now: Timestamp,
    ) -> Result<(Comparison, Unread), String> {
        let mut unread = Unread::default();
        let a = self.taken(a, now, &mut unread).await?;
        let b = self.taken(b, now, &mut unread).await?;
        let mut comparison = self.side_by_side(&a, &b);
        comparison.notes.extend(a.notes.into_iter().chain(b.notes));
        Ok((comparison, unread))
    }

    /// Compares the latest call of a query with its good twin, which is looked for among the calls to
    /// the same number, then among those of the same customer.
    ///
    /// # Errors
    /// One sentence where the call is not found, or has no twin.
    pub async fn compare_with_twin(
        &self,
        a: &Wanted,
        now: Timestamp,
    ) -> Result<(Comparison, Unread), String> {
        let mut unread = Unread::default();
        let a = self.taken(a, now, &mut unread).await?;
        let of = summing::traits(&self.judge.peers, &a.known, &a.diagnosis);
        let (mut candidates, lost) = self.candidates(&a, now, &mut unread).await;
        let traits: Vec<Traits> = candidates
            .iter()
            .map(|it| summing::traits(&self.judge.peers, &it.known, &it.diagnosis))
            .collect();
        let Some((at, twin)) = comparison::twin(&of, &traits) else {
            let unless = match lost.as_slice() {
                [] => String::new(),
                lost => format!(" Not everything could be looked up: {}.", lost.join("; ")),
            };
            return Err(format!(
                "No good call to set {} against was found: none to the same number from another \
                 customer, none of the same customer to the same prefix through the same carrier, \
                 none of the same customer through another carrier.{unless} Name the second call: `compare \
                 CALL OTHER`.",
                of.call_id()
            ));
        };
        let b = candidates.swap_remove(at);
        let mut comparison = self.side_by_side(&a, &b);
        comparison.twin = Some(twin);
        comparison.notes.extend(a.notes);
        Ok((comparison, unread))
    }

    /// The calls around one: for its report. Looks at those nearest in time.
    ///
    /// # Errors
    /// One sentence where the call is not found.
    pub async fn around(&self, wanted: &Wanted, now: Timestamp) -> Result<Around, String> {
        let mut unread = Unread::default();
        let a = self.taken(wanted, now, &mut unread).await?;
        let mut others: Vec<Taken> = Vec::new();
        let (candidates, lost) = self.candidates(&a, now, &mut unread).await;
        say_once(&mut unread.lost, lost);
        for other in candidates {
            let same =
                |it: &Taken| it.diagnosis.call_ids.first() == other.diagnosis.call_ids.first();
            if !same(&a) && !others.iter().any(same) {
                others.push(other);
            }
        }
        let traits = |it: &Taken| summing::traits(&self.judge.peers, &it.known, &it.diagnosis);
        let of = traits(&a);
        let of_others: Vec<Traits> = others.iter().map(traits).collect();
        let pair = comparison::twin(&of, &of_others).and_then(|(at, twin)| {
            let mut comparison = self.side_by_side(&a, others.get(at)?);
            comparison.twin = Some(twin);
            Some(comparison)
        });
        let mut all = of_others.clone();
        all.push(of.clone());
        Ok(Around {
            of: Some(of),
            traits: of_others,
            common: (all.len() > 1).then(|| common(&all)),
            others: others
                .into_iter()
                .map(|it| (it.known, it.diagnosis))
                .collect(),
            pair,
            unread,
        })
    }

    /// Goes through what an address has shown: its calls, registrations and keep-alives.
    pub async fn turn_up(&self, address: IpAddr, now: Timestamp) -> (TurnUp, Unread) {
        let term = Term::Address {
            ip: address,
            port: None,
        };
        let query = CallQuery {
            terms: vec![term],
            ..CallQuery::default()
        };
        let (gathered, _) = self
            .gather(&query, now, Course::to_the_end(&unwatched))
            .await;
        let mut lost = gathered.unavailable.clone();
        let books = self.books(address, &mut lost).await;
        let mut found = gathered.matched_calls(&query, &self.judge.peers);
        let left_out = found.len().saturating_sub(MOST_OF_ADDRESS);
        found.drain(..left_out);
        let evidence = &gathered.evidence;
        let diagnoses: Vec<Diagnosis> = found
            .iter()
            .map(|known| self.diagnose(known, evidence, gathered.seen_until))
            .collect();
        let knowledge = self.knowledge();
        let cases: Vec<Case<'_>> = found
            .iter()
            .map(|known| self.case(known, evidence, &knowledge))
            .collect();
        let judged: Vec<Judged<'_>> = cases
            .iter()
            .zip(&diagnoses)
            .map(|(case, diagnosis)| Judged { case, diagnosis })
            .collect();
        let name = self.judge.peers.of(address).map(|peer| peer.name.clone());
        let mut checks = comparison::turn_up(address, name, &judged, &lost, books.as_ref());
        say_once(&mut checks.notes, gathered.notes);
        if left_out > 0 {
            let note = format!("{left_out} older ones were left out of account.");
            checks.notes.push(note);
        }
        (checks, gathered.unread)
    }

    /// What the platforms have of an address besides calls; nothing where none is configured. What could not be asked
    /// for is added to `lost`.
    async fn books(&self, address: IpAddr, lost: &mut Vec<String>) -> Option<Books> {
        self.platforms().next()?;
        let mut entries = Ok(Vec::new());
        for platform in self.platforms() {
            match platform::covering(platform, Some(address)).await {
                Lookup::Found(found) => {
                    for entry in found {
                        let owner = owner(platform, &entry).await;
                        if let Ok(entries) = &mut entries {
                            entries.push(format!("{} ({owner})", entry.address));
                        }
                    }
                }
                Lookup::Empty => {}
                Lookup::Unavailable(why) => entries = Err(why),
            }
        }
        let firewall = unspoken::firewall(&self.sources, address, lost).await;
        Some(Books { entries, firewall })
    }

    /// The latest call of a query, judged.
    async fn taken(
        &self,
        wanted: &Wanted,
        now: Timestamp,
        unread: &mut Unread,
    ) -> Result<Taken, String> {
        let query = &wanted.query;
        let (gathered, _) = self
            .gather(query, now, Course::to_the_end(&unwatched))
            .await;
        let mut found = gathered.matched_calls(query, &self.judge.peers);
        found.retain(|known| known.call.kind() == Kind::Call || known.call.legs.is_empty());
        let others = found.len().saturating_sub(1);
        let mut lost = gathered.unread.lost.clone();
        say_once(&mut lost, gathered.unavailable.iter().cloned());
        unread.add(gathered.unread);
        let Some(known) = found.pop() else {
            let why = match lost.as_slice() {
                [] => format!("check {}, and the day", elsewhere::to_check(query)),
                lost => lost.join("; "),
            };
            return Err(format!("No call of {} was found: {why}.", wanted.typed));
        };
        let evidence = beside(&gathered.evidence);
        let diagnosis = self.diagnose(&known, &evidence, gathered.seen_until);
        let mut notes: Vec<String> = Vec::new();
        let unavailable = gathered.unavailable.iter();
        notes.extend(unavailable.map(|why| format!("Could not be looked up: {why}.")));
        if others > 0 {
            let (typed, id) = (&wanted.typed, diagnosis.call_ids.first());
            let id = id.map_or("", String::as_str);
            notes.push(format!(
                "{typed}: {} calls match; the latest is taken, {id}.",
                others + 1
            ));
        }
        Ok(Taken {
            known,
            evidence,
            diagnosis,
            notes,
        })
    }

    /// Calls that may be the good twin of another, judged: those nearest in time.
    /// And why some could not be looked up.
    async fn candidates(
        &self,
        of: &Taken,
        now: Timestamp,
        unread: &mut Unread,
    ) -> (Vec<Taken>, Vec<String>) {
        let mut all: Vec<Taken> = Vec::new();
        let mut lost: Vec<String> = Vec::new();
        for query in queries(of) {
            let (gathered, _) = self
                .gather(&query, now, Course::to_the_end(&unwatched))
                .await;
            let mut found = gathered.matched_calls(&query, &self.judge.peers);
            unread.add(gathered.unread);
            say_once(&mut lost, gathered.unavailable);
            let started = of.known.started();
            let apart = |at: Option<Timestamp>| {
                let apart = at
                    .zip(started)
                    .map(|(at, started)| at.duration_since(started));
                apart.map_or(SignedDuration::MAX, SignedDuration::abs)
            };
            found.sort_by_key(|known| apart(known.started()));
            found.truncate(MOST_CANDIDATES);
            let evidence = beside(&gathered.evidence);
            all.extend(found.into_iter().map(|known| Taken {
                diagnosis: self.diagnose(&known, &evidence, gathered.seen_until),
                evidence: evidence.clone(),
                known,
                notes: Vec::new(),
            }));
        }
        (all, lost)
    }

    fn side_by_side(&self, a: &Taken, b: &Taken) -> Comparison {
        let knowledge = self.knowledge();
        let cases = [a, b].map(|taken| self.case(&taken.known, &taken.evidence, &knowledge));
        let [of_a, of_b] = &cases;
        compare(
            Judged {
                case: of_a,
                diagnosis: &a.diagnosis,
            },
            Judged {
                case: of_b,
                diagnosis: &b.diagnosis,
            },
        )
    }

    fn case<'a>(
        &'a self,
        known: &'a Known,
        evidence: &'a Evidence,
        knowledge: &'a Knowledge,
    ) -> Case<'a> {
        Case::new(&known.call, &self.judge.peers, None)
            .recorded(known.records.as_ref())
            .observing(&evidence.observed)
            .knowing(knowledge)
            .tuned(&self.judge.tuning)
    }
}

/// Whose an entry is, in words.
async fn owner(platform: &ConnexCs, entry: &IpEntry) -> String {
    let Some(id) = entry.customer_id else {
        return "it does not say whose".to_owned();
    };
    let name = match platform.customer(id).await {
        Lookup::Found(customer) => customer.name,
        Lookup::Empty | Lookup::Unavailable(_) => None,
    };
    named("customer", id, name.as_deref())
}

/// What evidence holds besides the calls themselves.
fn beside(evidence: &Evidence) -> Evidence {
    Evidence {
        observed: evidence.observed.clone(),
        incidents: evidence.incidents.clone(),
        expected: evidence.expected.clone(),
        granted: evidence.granted.clone(),
        ties: evidence.ties.clone(),
        ..Evidence::default()
    }
}

/// Where a twin may be: among the calls to the same number, and among those from the same address.
fn queries(of: &Taken) -> Vec<CallQuery> {
    let facts = of.diagnosis.facts.first();
    let row = of.known.records.as_ref().and_then(|it| it.row.as_ref());
    let called = facts
        .map(|it| it.to.clone())
        .or(row.and_then(|it| it.to.clone()));
    let called = called
        .filter(|called| !called.is_empty())
        .map(|called| match located(&called) {
            Some((digits, country)) => Term::Number(Number {
                digits,
                calling_code: Some(country.calling_code),
                tech_prefix: None,
                as_typed: called,
            }),
            None => Term::SipUser(called),
        });
    let ingress = of.known.call.ingress().map(|hop| hop.client.ip());
    let source = ingress.or(row.and_then(|it| it.source_ip));
    let source = source.map(|ip| Term::Address { ip, port: None });
    let terms = [called, source].into_iter().flatten();
    terms
        .map(|term| CallQuery {
            terms: vec![term],
            ..CallQuery::default()
        })
        .collect()
}
