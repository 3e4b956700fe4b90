//! What happened inside services that the platform itself runs: menus, queues, conferences (class 5),
//! AI agents and transcripts. The keys of these rows are not documented, so the element itself counts
//! more than what was picked out of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A step of a call through a menu, a queue, a conference, voicemail or the like.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ServiceEvent {
    /// When it happened.
    pub at: Option<Timestamp>,
    /// What happened.
    pub event: Option<String>,
    /// What it was about.
    pub value: Option<String>,
    /// The whole element as received.
    pub raw: Value,
}

/// A step of an AI agent: hearing, thinking or speaking.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AgentStep {
    /// When it happened.
    pub at: Option<Timestamp>,
    /// Which stage, in the platform's words (`STT`, `LLM`, `TTS`).
    pub stage: Option<String>,
    /// The whole element as received.
    pub raw: Value,
}

/// Something that was said in a call. Private speech: never shown without being asked for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Utterance {
    /// When it was said.
    pub at: Option<Timestamp>,
    /// Who said it: 0 the caller, 1 the called.
    pub leg: Option<u64>,
    /// The words.
    pub text: Option<String>,
    /// How sure the platform is of the words, as reported.
    pub score: Option<f64>,
    /// The whole element as received.
    pub raw: Value,
}
