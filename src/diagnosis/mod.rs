//! The troubleshooting flow, the evidence it gathers, the rules that read it and the verdict they
//! come to.

pub mod audio;
pub mod brief;
pub mod case;
pub mod common;
pub mod comparison;
pub mod correction;
pub mod delivery;
mod exchange;
pub mod finding;
pub mod firewall;
mod introduction;
pub mod investigation;
pub mod investigator;
pub mod logged;
pub mod media;
pub mod origin;
pub mod party;
pub mod patterns;
pub mod quality;
pub mod refusal;
pub mod roles;
pub mod rules;
mod said;
pub mod scope;
pub mod score;
pub mod signing;
pub mod tuning;
pub mod undecided;
pub mod verdict;
mod words;

pub use crate::peers::{Peer, PeerKind, Peers};
pub use audio::Audio;
pub use brief::Brief;
pub use case::Case;
pub use common::{Common, Group, Traits};
pub use comparison::{Comparison, TurnUp};
pub use correction::{Accuracy, Correction};
pub use finding::{Conclusion, Field, Finding, Owner, Severity};
pub use investigation::{Diagnosis, Investigation, Outcome, Step, StepName};
pub use investigator::{Around, Investigated, Investigator, Proposal, Wanted};
pub use logged::Logged;
pub use party::{Direction, Party, Side};
pub use patterns::{Ledger, Pattern, Survey};
pub use tuning::{Misfit, Tuning};
pub use verdict::Verdict;
