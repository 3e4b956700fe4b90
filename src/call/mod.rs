//! What people type, turned into a query: Call-IDs, numbers, times, symptoms, scopes. Pure: no I/O, no clock of its own.
//!
//! [`parse`] is the only way in. The text is freed of chat markup (`markup`), cut into words
//! (`words`) and read from left to right (`read`); each other file knows one kind of thing.

mod clocks;
mod codes;
mod conclude;
mod countries;
mod days;
mod destination;
mod doubt;
mod durations;
mod expected;
mod keyed;
mod located;
mod markup;
mod names;
mod numbers;
mod plan;
mod query;
mod read;
mod reading;
mod scope;
mod symptom;
mod table;
mod term;
mod times;
mod unread;
mod vocabulary;
mod window;
mod words;

pub use countries::{Country, country_called, country_of};
pub use destination::{Destination, Kind};
pub use expected::Expected;
pub use located::{Form, located};
pub use query::CallQuery;
pub use read::{MAX_CHARS, MAX_TERMS, parse};
pub use reading::{Choice, Context, Question, Reading};
pub use scope::{Direction, Scope};
pub use symptom::{Phase, Symptom};
pub use term::{Number, Term, simulated_id};
pub use window::Window;
