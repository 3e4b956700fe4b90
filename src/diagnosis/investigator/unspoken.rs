//! What is said where no rule spoke: no call was found, or nothing is to be said of it.

use std::net::IpAddr;

use futures_util::future::{FutureExt, OptionFuture, join_all};

use super::configured::Configured;
use super::elsewhere;
use super::gathered::Gathered;
use crate::call::{CallQuery, Term};
use crate::diagnosis::firewall::Standing;
use crate::diagnosis::investigation::Diagnosis;
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::trace;
use crate::diagnosis::verdict::Verdict;
use crate::sip::{Call, Certainty};
use crate::sources::{Lookup, Source, say_once};

/// The answer to a query that no message matched: where was searched, and what to try next.
pub(super) async fn not_found(
    sources: &[Source],
    query: &CallQuery,
    gathered: &Gathered,
) -> Diagnosis {
    let mut searched = Vec::new();
    let silent = gathered.platform.iter().flat_map(|it| &it.silent);
    let silent: Vec<&str> = silent.map(|(name, _)| name.as_str()).collect();
    let heard = |source: &&Source| !silent.contains(&source.name());
    for source in sources.iter().filter(heard) {
        if source.platform().is_none() {
            searched.push(source.summary().await);
        } else if let Some(what) = searched_there(query, gathered) {
            searched.push(format!("{}: {what}", source.name()));
        }
    }
    let asked = asked_about(query);
    let wanted = if query.is_about_registration() {
        "REGISTER"
    } else if query.terms.is_empty() {
        "call"
    } else {
        "message"
    };
    let (fact_certainty, mut summary) = if gathered.unavailable.is_empty() {
        (
            Certainty::Certain,
            format!("No {wanted} of {asked} was found."),
        )
    } else {
        (
            Certainty::Possible,
            format!("No {wanted} of {asked} was found where we could look."),
        )
    };
    if !searched.is_empty() {
        summary = format!("{summary} Searched: {}.", searched.join("; "));
    }
    let call_ids = query.terms.iter().filter_map(Term::call_id);
    let has_platform = sources.iter().any(|it| it.platform().is_some());
    let mut not_checked = gathered.unavailable.clone();
    let mut configured = Configured::default();
    let standing = match elsewhere::address(query) {
        Some(ip) => {
            let asked = async {
                // What registers is looked up whole.
                let platforms = sources.iter().filter(heard).filter_map(Source::platform);
                for platform in platforms.filter(|_| !query.is_about_registration()) {
                    configured.look(platform, ip).await;
                }
            };
            let ((), standing) = tokio::join!(asked, firewall(sources, ip, &mut not_checked));
            standing
        }
        None => Standing::NotAsked,
    };
    say_once(&mut not_checked, configured.unavailable);
    let party = match &standing {
        Standing::Listed(_) => Party::Configuration,
        _ => Party::Undecided,
    };
    if let Some(ip) = elsewhere::address(query) {
        summary.push_str(&standing.said(ip));
        for sentence in &configured.said {
            summary = format!("{summary} {sentence}");
        }
    }
    let (to_act, mut next) = if query.terms.is_empty() {
        (Party::Undecided, vec![elsewhere::IN_SCOPE.to_owned()])
    } else if has_platform {
        elsewhere::of_platform(query, &standing, !searched.is_empty())
    } else {
        (Party::Undecided, elsewhere::of_captures(query))
    };
    if !gathered.unavailable.is_empty() {
        next.insert(0, elsewhere::ASK_FIRST.to_owned());
    }
    Diagnosis {
        call_ids: call_ids.map(str::to_owned).collect(),
        facts: Vec::new(),
        logged: None,
        verdict: Verdict {
            rule: trace::CALL_NOT_FOUND.id.into(),
            party,
            to_act,
            certainty: match party {
                Party::Undecided => Certainty::Possible,
                _ => Certainty::Likely,
            },
            fact_certainty,
            answered_by: None,
            summary,
            next,
        },
        findings: Vec::new(),
        media: Vec::new(),
        ruled_out: Vec::new(),
        scope: None,
        read_more: None,
        correction: None,
        not_checked,
    }
}

/// More terms than this are counted, not listed.
const MOST_NAMED: usize = 3;

/// What was asked about, in the words of a sentence.
fn asked_about(query: &CallQuery) -> String {
    let terms: Vec<String> = query.terms.iter().map(Term::said).collect();
    let about = match terms.len() {
        0 => "this scope".to_owned(),
        1..=MOST_NAMED => terms.join(", "),
        many if query.terms.iter().all(Term::is_call_id) => format!("any of the {many} ids"),
        many => format!("any of the {many} named"),
    };
    match query.window {
        Some(_) if !query.terms.is_empty() => format!("{about} in that time"),
        _ => about,
    }
}

/// What of a platform answered; nothing where nothing did, or nothing was asked.
fn searched_there(query: &CallQuery, gathered: &Gathered) -> Option<&'static str> {
    let asked = gathered.platform.as_ref()?;
    let (log, trace) = (
        asked.log.answered > 0 && asked.log.needless.is_none(),
        asked.trace.answered > 0,
    );
    match (query.terms.is_empty(), log, trace) {
        (true, true, _) => Some("the platform's call detail records"),
        (true, false, _) | (false, false, false) => None,
        (false, true, true) => Some("the platform's log and traces"),
        (false, true, false) => Some("the platform's log"),
        (false, false, true) => Some("the platform's traces"),
    }
}

/// What the platforms' firewalls have of an address: clean only where each was asked and is.
pub(super) async fn firewall(
    sources: &[Source],
    ip: IpAddr,
    not_checked: &mut Vec<String>,
) -> Standing {
    let platforms: Vec<_> = sources.iter().filter_map(Source::platform).collect();
    let search = ip.to_string();
    let asked = platforms.iter().map(|platform| {
        let configured = platform.endpoints().firewall.as_ref();
        OptionFuture::from(configured.map(|_| platform.firewall(&search).boxed()))
    });
    let mut standings = Vec::new();
    for (platform, lookup) in platforms.iter().zip(join_all(asked).await) {
        standings.push(match lookup {
            None => Standing::NotAsked,
            Some(Lookup::Found(words)) => Standing::of(Some(&words), ip),
            Some(Lookup::Empty) => Standing::Clean,
            Some(Lookup::Unavailable(why)) => {
                say_once(
                    not_checked,
                    [format!("{}: firewall: {why}", platform.name())],
                );
                Standing::NotAsked
            }
        });
    }
    // The worst that any of them says.
    let rank = |standing: &Standing| match standing {
        Standing::Listed(_) => 0,
        Standing::Unclear(_) => 1,
        Standing::NotAsked => 2,
        Standing::Clean => 3,
    };
    standings
        .into_iter()
        .min_by_key(rank)
        .unwrap_or(Standing::NotAsked)
}

/// The verdict where no rule spoke.
pub(super) fn inconclusive(call: &Call) -> Verdict {
    let facts = call.first_leg().map(|leg| &leg.facts);
    let last = facts
        .and_then(|facts| facts.final_code)
        .map_or("no final answer".to_owned(), |code| {
            format!("the final answer {code}")
        });
    let messages = match call.signals.len() {
        1 => "One message".to_owned(),
        many => format!("{many} messages"),
    };
    Verdict {
        rule: trace::INCONCLUSIVE.id.into(),
        party: Party::Undecided,
        to_act: Party::Undecided,
        certainty: Certainty::Possible,
        fact_certainty: Certainty::Certain,
        answered_by: None,
        summary: format!("{messages} with {last}; no rule has anything to say of them."),
        next: vec!["Read the ladder, and say what was noticed and when.".into()],
    }
}
