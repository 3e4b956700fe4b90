//! What everybody may look up: codes, causes, the platform's texts, timers, lifetimes and symptoms, in plain
//! sentences, with who owns each and what to do. Pure look-ups in tables; draws no conclusion about a call.

mod agents;
mod built_in;
mod causes;
mod codes;
mod fail_over;
mod file;
mod lifetimes;
mod party;
mod reasons;
mod release;
mod symptoms;
mod table;
mod timers;
mod words;

use std::time::Duration;

pub use agents::Agent;
pub use built_in::FILES;
pub use causes::Cause;
pub use codes::SipCode;
pub use fail_over::{FailOver, GatewayFailOver, Routing};
pub use file::Flaw;
pub use lifetimes::Lifetime;
pub use party::Party;
pub use reasons::{Asks, PlatformCode, Reason, ReasonKind};
pub use release::{End, Release, ReleaseSide, Released};
pub use symptoms::{Picture, Symptom};
pub use table::{Match, Matched};
pub use timers::{Timer, Wait};

use built_in::BUILT_IN;
use file::File;
use table::Table;
use words::Words;

/// All that can be looked up.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    codes: Table<SipCode>,
    causes: Table<Cause>,
    reasons: Table<Reason>,
    platform_codes: Table<PlatformCode>,
    releases: Table<Release>,
    fail_over: Table<FailOver>,
    gateway_fail_over: Table<GatewayFailOver>,
    timers: Table<Timer>,
    waits: Table<Wait>,
    lifetimes: Table<Lifetime>,
    symptoms: Table<Symptom>,
    pictures: Table<Picture>,
    agents: Table<Agent>,
}

/// What a refusal of the platform says: by its text, where that is known, else by its code.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Refused<'k> {
    /// The text is known.
    Text(Match<'k, Reason>),
    /// The code is.
    Code(&'k PlatformCode),
}

impl Knowledge {
    /// What is part of the program.
    #[must_use]
    pub fn built_in() -> &'static Knowledge {
        &BUILT_IN
    }

    /// The same with the entries of a TOML text, which may hold any of the sections that the files in
    /// `config/knowledge` have. An entry about the same thing as an earlier one replaces it whole.
    ///
    /// # Errors
    /// Everything that is wrong with the text, in the order of its lines.
    pub fn with(mut self, text: &str) -> Result<Knowledge, Vec<Flaw>> {
        let mut file = File::open(text)?;
        file.entries_into(&mut self.codes);
        file.entries_into(&mut self.causes);
        file.entries_into(&mut self.reasons);
        file.entries_into(&mut self.platform_codes);
        file.entries_into(&mut self.releases);
        file.entries_into(&mut self.fail_over);
        file.entries_into(&mut self.gateway_fail_over);
        file.entries_into(&mut self.timers);
        file.entries_into(&mut self.waits);
        file.entries_into(&mut self.lifetimes);
        file.entries_into(&mut self.symptoms);
        file.entries_into(&mut self.pictures);
        file.entries_into(&mut self.agents);
        file.finish()?;
        Ok(self)
    }
}

/// The look-ups.
impl Knowledge {
    /// A SIP response code, if it is a registered one.
    #[must_use]
    pub fn sip_code(&self, code: u16) -> Option<&SipCode> {
        self.sip_codes().find(|known| known.code == code)
    }

    /// A Q.850 cause, if it is a defined one.
    #[must_use]
    pub fn q850(&self, cause: u8) -> Option<&Cause> {
        self.causes().find(|known| known.cause == cause)
    }

    /// The response code that a gateway makes of a cause (RFC 3398 section 7.2.4.1). None for normal clearing, which
    /// becomes a BYE or CANCEL; 500 for every cause that the section does not list.
    #[must_use]
    pub fn sip_code_of_cause(&self, cause: u8) -> Option<u16> {
        /// Normal call clearing.
        const NORMAL: u8 = 16;
        /// RFC 3398 section 7.2.4.1: the default.
        const DEFAULT: u16 = 500;
        if cause == NORMAL {
            return None;
        }
        let paired = self.q850(cause).and_then(|known| known.sip);
        Some(paired.unwrap_or(DEFAULT))
    }

    /// What a reason text of the platform means, and how it was recognised. A response code before it is passed over.
    /// None where it is not known: then it is to be shown as it is.
    #[must_use]
    pub fn reason(&self, text: &str) -> Option<Match<'_, Reason>> {
        self.reasons.beginning(&Words::of(text).without_code())
    }

    /// The same for a text that no other software writes: whoever answers with it is the platform.
    #[must_use]
    pub fn platform_reason(&self, text: &str) -> Option<Match<'_, Reason>> {
        self.reason(text).filter(|found| found.entry.platform_only)
    }

    /// What a code says on the platform where its text is not known.
    #[must_use]
    pub fn platform_code(&self, code: u16) -> Option<&PlatformCode> {
        self.platform_codes().find(|known| known.code == code)
    }

    /// What a refusal that the platform made itself says: text first, code second.
    #[must_use]
    pub fn refused(&self, text: &str, code: Option<u16>) -> Option<Refused<'_>> {
        let by_code = || Some(Refused::Code(self.platform_code(code?)?));
        self.reason(text).map(Refused::Text).or_else(by_code)
    }

    /// What a release reason means, and at which end the call ended. None where it is not known: then it is to be
    /// shown as it is.
    #[must_use]
    pub fn release(&self, text: &str) -> Option<Released<'_>> {
        let words = Words::of(text);
        let fits = |entry: &Release, matched| !entry.whole || matched == Matched::Exact;
        let found = self.releases.within(&words, fits)?;
        Some(Released {
            entry: found.entry,
            matched: found.matched,
            end: found.entry.end(&words),
        })
    }

    /// What the platform does when a carrier gives this final code, unless somebody set it otherwise.
    #[must_use]
    pub fn fail_over(&self, code: u16) -> Option<&FailOver> {
        let about = self.fail_overs().filter(|it| it.covers(code));
        about.min_by_key(|it| it.breadth())
    }

    /// A timer by one of its names, and how that was recognised.
    #[must_use]
    pub fn timer(&self, name: &str) -> Option<Match<'_, Timer>> {
        self.timers.beginning(&Words::of(name))
    }

    /// What ends calls after about this long, counted from the answer; never more than hypotheses.
    pub fn lifetimes_of(&self, life: Duration) -> impl Iterator<Item = &Lifetime> {
        self.lifetimes().filter(move |it| it.fits(life))
    }

    /// A device or program with a known fault, by what it calls itself; the most precise entry of several.
    #[must_use]
    pub fn agent(&self, name: &str) -> Option<&Agent> {
        self.agents()
            .filter(|it| it.is(name))
            .max_by_key(|it| it.agent.len())
    }

    /// A symptom by its id.
    #[must_use]
    pub fn symptom(&self, id: &str) -> Option<&Symptom> {
        let is_it = |it: &&Symptom| it.id.eq_ignore_ascii_case(id);
        self.symptoms().find(is_it)
    }
}

/// The tables, each in the order of the files.
impl Knowledge {
    /// All response codes.
    pub fn sip_codes(&self) -> impl Iterator<Item = &SipCode> {
        self.codes.entries()
    }

    /// All causes.
    pub fn causes(&self) -> impl Iterator<Item = &Cause> {
        self.causes.entries()
    }

    /// All reason texts of the platform.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        self.reasons.entries()
    }

    /// All codes that say something on the platform without a text.
    pub fn platform_codes(&self) -> impl Iterator<Item = &PlatformCode> {
        self.platform_codes.entries()
    }

    /// All release reasons.
    pub fn releases(&self) -> impl Iterator<Item = &Release> {
        self.releases.entries()
    }

    /// What is done on which codes of a carrier.
    pub fn fail_overs(&self) -> impl Iterator<Item = &FailOver> {
        self.fail_over.entries()
    }

    /// After what another address of the same carrier is tried.
    pub fn gateway_fail_overs(&self) -> impl Iterator<Item = &GatewayFailOver> {
        self.gateway_fail_over.entries()
    }

    /// All timers.
    pub fn timers(&self) -> impl Iterator<Item = &Timer> {
        self.timers.entries()
    }

    /// How long changes take until they count.
    pub fn waits(&self) -> impl Iterator<Item = &Wait> {
        self.waits.entries()
    }

    /// All that ends calls after some time, or at any.
    pub fn lifetimes(&self) -> impl Iterator<Item = &Lifetime> {
        self.lifetimes.entries()
    }

    /// All symptoms.
    pub fn symptoms(&self) -> impl Iterator<Item = &Symptom> {
        self.symptoms.entries()
    }

    /// Devices and programs with known faults.
    pub fn agents(&self) -> impl Iterator<Item = &Agent> {
        self.agents.entries()
    }

    /// What traces look like.
    pub fn pictures(&self) -> impl Iterator<Item = &Picture> {
        self.pictures.entries()
    }
}
