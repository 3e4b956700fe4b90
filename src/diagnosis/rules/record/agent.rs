//! Calls in which an AI agent of the platform took part: which of its stages took longest, as far as the keys of
//! its log tell. Shows nothing of what was said.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::platform::AgentStep;
use crate::sip::Certainty;

/// How the names of keys end that hold a time, the most telling first. None is documented, nor is its unit.
const TIMES: [&str; 3] = ["latency", "duration", "ttfb"];

/// How the names of keys end that say how a stage ended. All others may hold private speech.
const ENDS: [&str; 5] = ["status", "error", "event", "result", "reason"];

pub(super) static AGENT_TOOK_PART: Rule = Rule {
    id: "agent-took-part",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "An AI agent of the platform took part in the call: how many steps it made, which stage (hearing, \
            thinking, speaking) took longest, and whether one timed out.",
    matters: "A caller who waits for an agent hears silence, and nothing of that stands in the signalling.",
    remedy: "Look at the slowest stage in the platform's AI agent log.",
    silent: "No step of an agent is logged. What was said is never read.",
    source: "The platform's documentation of AI agent logs; catalogue I1",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| took_part(rule, case).into_iter().collect()),
};

fn took_part(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let steps = &case.records?.agent;
    let count = steps.len();
    (count > 0).then_some(())?;
    let mut fact = match count {
        1 => "An AI agent took part, with 1 step".to_owned(),
        _ => format!("An AI agent took part, with {count} steps"),
    };
    let mut fields = vec![Field::new("AI agent", "steps", count)];
    let mut next = String::new();
    if let Some((key, stages)) = slowest(steps) {
        let told: Vec<String> = stages
            .iter()
            .map(|(stage, sum)| format!("{stage} {sum}"))
            .collect();
        fields.extend(
            stages
                .iter()
                .map(|(stage, sum)| Field::new("AI agent", &format!("{stage} {key}"), sum)),
        );
        fact.push_str(&format!(
            "; by {key} as reported, the longest first: {}",
            told.join(", ")
        ));
        if let Some((stage, _)) = stages.first() {
            next = format!(
                "Where the agent was slow, look at its stage {stage} first in the AI agent log."
            );
        }
    }
    let late = steps.iter().find(|step| timed_out(step));
    let stage = late.map(stage);
    if let Some(stage) = stage {
        fields.push(Field::new("AI agent", stage, "time-out"));
        fact.push_str(&format!("; its stage {stage} timed out"));
        next = format!("Look at the stage {stage} in the AI agent log: what it waited for.");
    }
    rule.finding_of(
        case,
        Proof::fields(fields),
        Conclusion {
            fact: format!("{fact}."),
            fact_certainty: Certainty::Certain,
            cause: String::new(),
            owner: match stage {
                Some(_) => Party::Configuration.into(),
                None => Party::Undecided.into(),
            },
            to_act: None,
            certainty: Certainty::Possible,
            by: None,
            severity: stage.map(|_| Severity::Warning),
            next,
        },
    )
}

fn stage(step: &AgentStep) -> &str {
    step.stage.as_deref().unwrap_or("unnamed")
}

fn fields(step: &AgentStep) -> Option<&Map<String, Value>> {
    step.raw.as_object()
}

/// The time that the stages took together, each its sum, the longest first, and the key that tells; nothing where
/// fewer than two stages have one.
fn slowest(steps: &[AgentStep]) -> Option<(&'static str, Vec<(&str, f64)>)> {
    TIMES.iter().find_map(|key| {
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        for step in steps {
            let ending = fields(step)?
                .iter()
                .filter(|(name, _)| name.to_ascii_lowercase().ends_with(key));
            for time in ending.filter_map(|(_, value)| value.as_f64()) {
                *sums.entry(stage(step)).or_default() += time;
            }
        }
        let mut stages: Vec<(&str, f64)> = sums.into_iter().collect();
        stages.sort_by(|a, b| b.1.total_cmp(&a.1));
        (stages.len() > 1).then_some((*key, stages))
    })
}

fn timed_out(step: &AgentStep) -> bool {
    let says = |value: &Value| {
        let text = value.as_str().unwrap_or_default().to_ascii_lowercase();
        ["timeout", "time-out", "timed out"]
            .iter()
            .any(|it| text.contains(it))
    };
    let ending = |name: &str| {
        ENDS.iter()
            .any(|it| name.to_ascii_lowercase().ends_with(it))
    };
    fields(step).is_some_and(|it| it.iter().any(|(name, value)| ending(name) && says(value)))
}
