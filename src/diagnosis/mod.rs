//! The troubleshooting flow, the evidence it gathers, the rules that read it and the verdict they
//! come to.

pub mod case;
pub mod finding;
pub mod origin;
pub mod party;
pub mod peers;
pub mod quality;
pub mod roles;
pub mod rules;
pub mod verdict;

pub use case::Case;
pub use finding::{Conclusion, Finding, Owner, Severity};
pub use party::{Direction, Party, Side};
pub use peers::{Peer, PeerKind, Peers};
pub use verdict::Verdict;
