//! Rules on who was let in: challenges, credentials and refused sources, on every hop of the call
//! and for registrations. A challenge that is answered and passes is normal and finds nothing.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::SignedDuration;

use super::{Bearing, Rule};
use crate::diagnosis::case::{Case, seconds};
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::knowledge;
use crate::sip::header::Credentials;
use crate::sip::{Call, Certainty, Hop, Kind, Method, Name, Signal, Transaction};

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &CHALLENGE_UNANSWERED,
    &WRONG_CREDENTIALS,
    &CREDENTIALS_MISMATCH,
    &DIGEST_ALGORITHM_MISMATCH,
    &STALE_NONCE_LOOP,
    &STALE_NONCE,
    &SOURCE_REFUSED,
    &ATTEMPT_LOST_TO_AUTHENTICATION,
];

/// How long a client may take to answer a challenge: the life of a transaction, 64*T1.
const ANSWER_WITHIN: SignedDuration = SignedDuration::from_secs(32);
/// Less than this after the challenge tells nearly nothing about what the client did next.
const TELLS_SOMETHING: SignedDuration = SignedDuration::from_secs(2);
/// A node that refuses the sender looks no further: it answers at once.
const AT_ONCE: SignedDuration = SignedDuration::from_millis(100);
/// So many stale answers in a row are no lapse any more.
const STALE_LOOP: usize = 3;

// ---------------------------------------------------------------- what was asked and answered

/// The requests of one method from one node to another, in order.
pub(super) struct Exchange<'c> {
    /// Who asks.
    pub client: SocketAddr,
    /// Who challenges.
    pub server: SocketAddr,
    /// INVITE or REGISTER.
    pub method: Method,
    /// The requests with their answers.
    pub turns: Vec<&'c Arc<Transaction>>,
    /// Whether the call, or the registration, ended with it.
    pub decides: bool,
    /// The hop, for an INVITE.
    pub hop: Option<&'c Hop>,
    /// Whether the server sent the INVITE on: then a refusal may come from further down.
    pub sent_on: bool,
}

/// What became of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Turn {
    /// No final answer was seen.
    Pending,
    /// It was answered by something else than authentication.
    Passed,
    /// It was asked for credentials that it did not carry, or that no challenge seen explains.
    Challenged,
    /// Its credentials were called stale.
    Stale,
    /// Its credentials were refused.
    Refused(Fault),
}

/// Why credentials were refused, as far as it can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// User name or password: nothing else is visible.
    Credentials,
    /// The server says that it is the credentials, in words.
    Said,
    /// They were made for another realm than the one that asked.
    Realm { asked: String, given: String },
    /// They stand in the header for the other code.
    Header { code: u16 },
    /// A 403 without a word followed them: mostly they are wrong.
    Forbidden,
    /// They were made with an algorithm that was not offered.
    Algorithm { offered: Vec<String>, used: String },
}

/// How an exchange ended, where authentication ended it.
pub(super) enum Ended<'c> {
    /// The last challenge was not answered.
    Unanswered {
        challenged: &'c Arc<Transaction>,
        challenge: &'c Arc<Signal>,
        /// The last request carried credentials for a challenge that was not seen.
        had_credentials: bool,
    },
    /// Every attempt was called stale.
    StaleLoop { answers: Vec<&'c Arc<Signal>> },
    /// The credentials were refused.
    Refused {
        /// The refused requests and their answers.
        proof: Vec<&'c Arc<Signal>>,
        /// How often.
        count: usize,
        answer: &'c Arc<Signal>,
        user: String,
        realm: String,
        fault: Fault,
        /// A From user that differs from the user name: a hint, no more.
        other_from: Option<String>,
    },
}

/// A challenge that was seen.
struct Issued {
    nonce: String,
    realm: String,
    code: u16,
    offered: Vec<String>,
    accepted: bool,
}

impl<'c> Exchange<'c> {
    /// What became of each request, in order.
    fn judged(&self) -> Vec<(&'c Arc<Transaction>, Turn)> {
        let mut issued: Vec<Issued> = Vec::new();
        let mut judged = Vec::new();
        for turn in &self.turns {
            let mute_is_fault = self.method == Method::Invite && !self.sent_on;
            let result = judge(turn, &issued, mute_is_fault);
            if result == Turn::Passed {
                for credentials in credentials(turn) {
                    let of_this = |i: &&mut Issued| i.nonce == credentials.nonce;
                    for seen in issued.iter_mut().filter(of_this) {
                        seen.accepted = true;
                    }
                }
            }
            issued.extend(issues(turn));
            judged.push((*turn, result));
        }
        judged
    }

    /// How it ended, where authentication ended it.
    pub fn ended(&self) -> Option<Ended<'c>> {
        let mut judged = self.judged();
        let succeeded = |turn: &&Arc<Transaction>| matches!(turn.final_code(), Some(200..=299));
        if self.method == Method::Invite && self.turns.iter().any(succeeded) {
            return None;
        }
        let refused = |(_, turn): &&(_, Turn)| matches!(turn, Turn::Refused(_));
        if judged.last()?.1 == Turn::Pending && judged.iter().filter(refused).count() >= 2 {
            judged.pop();
        }
        // What was before the last success has nothing to do with the end.
        let after = judged
            .iter()
            .rposition(|(_, turn)| *turn == Turn::Passed)
            .map_or(0, |at| at + 1);
        let tail = judged.get(after..)?;
        let (last, result) = tail.last()?;
        let answer = last.final_response()?;
        match result {
            Turn::Pending | Turn::Passed => None,
            Turn::Challenged => Some(self.unanswered(last, answer)),
            Turn::Stale => {
                let answers: Vec<_> = tail
                    .iter()
                    .rev()
                    .take_while(|(_, turn)| *turn == Turn::Stale)
                    .filter_map(|(turn, _)| turn.final_response())
                    .collect();
                if answers.len() >= STALE_LOOP {
                    Some(Ended::StaleLoop { answers })
                } else {
                    Some(self.unanswered(last, answer))
                }
            }
            Turn::Refused(fault) => {
                let refusals: Vec<_> = tail.iter().filter(refused).map(|(turn, _)| *turn).collect();
                let used = credentials(last).into_iter().next()?;
                let from = last.request()?.message.from_user();
                let user_part = used.username.split('@').next().unwrap_or_default();
                let other_from = (!from.is_empty() && from != user_part && from != used.username)
                    .then_some(from);
                Some(Ended::Refused {
                    proof: refusals
                        .iter()
                        .flat_map(|turn| [turn.request(), turn.final_response()])
                        .flatten()
                        .collect(),
                    count: refusals.len(),
                    answer,
                    realm: used.realm,
                    user: used.username,
                    fault: fault.clone(),
                    other_from,
                })
            }
        }
    }

    fn unanswered(
        &self,
        challenged: &'c Arc<Transaction>,
        challenge: &'c Arc<Signal>,
    ) -> Ended<'c> {
        Ended::Unanswered {
            challenged,
            challenge,
            had_credentials: !credentials(challenged).is_empty(),
        }
    }

    /// Whether any request was answered with a challenge.
    fn has_challenge(&self) -> bool {
        self.turns.iter().any(|turn| !issues(turn).is_empty())
    }

    /// Whether our own node is the one that asks: on the leg towards a carrier.
    fn is_ours(&self, case: &Case<'_>) -> bool {
        case.roles.side(self.client) == Side::Platform
    }

    /// Whose the missing or wrong credentials are: the client's, unless it only handed the
    /// challenge on to the node before it.
    fn owner(&self, case: &Case<'_>) -> Owner {
        if self.was_handed_on(case.call) {
            return Party::Undecided.into();
        }
        case.roles.side(self.client).into()
    }

    /// Whether the node before got this very challenge too.
    fn was_handed_on(&self, call: &Call) -> bool {
        let Some(before) = self.hop.and_then(|hop| call.upstream(hop)) else {
            return false;
        };
        share_challenge(&before.invites, self.hop.map_or(&[], |hop| &hop.invites))
    }
}

/// Every exchange of the call in which a challenge could have been made: hops that only handed
/// on a challenge from further down are left out.
pub(super) fn exchanges<'c>(case: &Case<'c>) -> Vec<Exchange<'c>> {
    let call = case.call;
    let decides = deciding(case);
    let hops = call.hops.iter().filter(|hop| {
        let only_handed_on = call
            .downstream(hop)
            .any(|next| share_challenge(&hop.invites, &next.invites));
        !only_handed_on && !is_answered_elsewhere(call, hop)
    });
    hops.map(|hop| Exchange {
        client: hop.client,
        server: hop.server,
        method: Method::Invite,
        turns: hop.invites.iter().collect(),
        decides: decides == Some(hop.id),
        hop: Some(hop),
        sent_on: call.downstream(hop).next().is_some(),
    })
    .chain(registration(call))
    .collect()
}

/// The REGISTERs of a registration as its client sent them, to the server it asked last.
pub(super) fn registration(call: &Call) -> Option<Exchange<'_>> {
    if call.kind() != Kind::Registration {
        return None;
    }
    let all: Vec<_> = call.with_method(Method::Register).collect();
    // A node that got REGISTERs itself only hands them on.
    let hands_on = |turn: &Transaction, request: &Signal| {
        let is_inner = request.message.vias().len() > 1;
        all.iter().any(|other| {
            other.server == turn.client || (is_inner && other.server.ip() == turn.client.ip())
        })
    };
    let last = all.iter().rfind(|turn| {
        turn.request()
            .is_some_and(|request| !hands_on(turn, request))
    })?;
    let (client, server) = (last.client, last.server);
    let turns = all
        .iter()
        .filter(|turn| turn.client.ip() == client.ip() && turn.server == server)
        .copied()
        .collect();
    Some(Exchange {
        client,
        server,
        method: Method::Register,
        turns,
        decides: true,
        hop: None,
        sent_on: false,
    })
}

/// The hop with which a call that was not answered ended: where the answer was made, or the last
/// attempt of a node that gave up by itself.
fn deciding(case: &Case<'_>) -> Option<usize> {
    if case.answer().is_some() {
        return None;
    }
    let call = case.call;
    let mut hop = case.origin().map(|origin| origin.hop).or(call.ingress())?;
    for _ in 0..call.hops.len() {
        match call.downstream(hop).last() {
            Some(next) => hop = next,
            None => break,
        }
    }
    Some(hop.id)
}

/// Whether a later attempt between the same nodes, under another Call-ID, answers a challenge of
/// this hop.
fn is_answered_elsewhere(call: &Call, hop: &Hop) -> bool {
    let issued: Vec<Issued> = hop.invites.iter().flat_map(|turn| issues(turn)).collect();
    let same_way = |other: &&Hop| {
        other.id > hop.id && other.client.ip() == hop.client.ip() && other.server == hop.server
    };
    call.hops
        .iter()
        .filter(same_way)
        .flat_map(|other| other.invites.iter().flat_map(|turn| credentials(turn)))
        .any(|given| !given.nonce.is_empty() && issued.iter().any(|i| i.nonce == given.nonce))
}

/// Whether a challenge seen on one hop was seen on the other too: its nonce tells.
fn share_challenge(a: &[Arc<Transaction>], b: &[Arc<Transaction>]) -> bool {
    let nonces = |turns: &[Arc<Transaction>]| -> Vec<String> {
        turns
            .iter()
            .flat_map(|turn| issues(turn))
            .map(|issued| issued.nonce)
            .filter(|nonce| !nonce.is_empty())
            .collect()
    };
    let theirs = nonces(b);
    nonces(a).iter().any(|nonce| theirs.contains(nonce))
}

fn credentials(turn: &Transaction) -> Vec<Credentials> {
    turn.request()
        .map(|request| request.message.credentials())
        .unwrap_or_default()
}

/// The challenges that answered a request.
fn issues(turn: &Transaction) -> Vec<Issued> {
    let Some((code @ (401 | 407), answer)) = turn
        .final_response()
        .and_then(|answer| Some((answer.message.code()?, answer)))
    else {
        return Vec::new();
    };
    let challenges = answer.message.challenges();
    let offered = |realm: &str| {
        challenges
            .iter()
            .filter(|challenge| challenge.realm == realm)
            .map(|challenge| challenge.algorithm.clone())
            .collect()
    };
    challenges
        .iter()
        .map(|challenge| Issued {
            nonce: challenge.nonce.clone(),
            realm: challenge.realm.clone(),
            code,
            offered: offered(&challenge.realm),
            accepted: false,
        })
        .collect()
}

fn judge(turn: &Transaction, issued: &[Issued], mute_is_fault: bool) -> Turn {
    let Some(answer) = turn.final_response() else {
        // Ringing or being sent on is as good as being let in.
        return match turn.progress().next() {
            Some(_) => Turn::Passed,
            None => Turn::Pending,
        };
    };
    let used = credentials(turn);
    let code = answer.message.code().unwrap_or(0);
    let answers_one = |given: &Credentials| {
        issued
            .iter()
            .rev()
            .find(|seen| !seen.nonce.is_empty() && seen.nonce == given.nonce && !seen.accepted)
    };
    let challenges = answer.message.challenges();
    if !matches!(code, 401 | 407) || challenges.is_empty() {
        let answered = used.iter().any(|given| answers_one(given).is_some());
        let is_mute = words(answer).iter().all(|word| word == "forbidden");
        return if answered && blames_credentials(answer) {
            Turn::Refused(Fault::Said)
        } else if answered && mute_is_fault && code == 403 && is_mute {
            Turn::Refused(Fault::Forbidden)
        } else {
            Turn::Passed
        };
    }
    if !used.is_empty() && challenges.iter().any(|challenge| challenge.stale) {
        return Turn::Stale;
    }
    for given in &used {
        let Some(asked) = answers_one(given) else {
            continue;
        };
        // Another realm, or a 401 after a 407, is the next node's first challenge.
        let again = challenges.iter().any(|c| c.realm == asked.realm) && asked.code == code;
        if !again {
            continue;
        }
        let header = match code {
            407 => Name::ProxyAuthorization,
            _ => Name::Authorization,
        };
        let has_header = turn
            .request()
            .is_some_and(|request| request.message.header(header).is_some());
        return Turn::Refused(if given.realm != asked.realm {
            Fault::Realm {
                asked: asked.realm.clone(),
                given: given.realm.clone(),
            }
        } else if !has_header {
            Fault::Header { code }
        } else if !asked.offered.contains(&given.algorithm) {
            Fault::Algorithm {
                offered: asked.offered.clone(),
                used: given.algorithm.clone(),
            }
        } else if blames_credentials(answer) {
            Fault::Said
        } else {
            Fault::Credentials
        });
    }
    Turn::Challenged
}

// ---------------------------------------------------------------- what a server says in words

/// The words of an answer: reason phrase, Warning and Reason texts, in lower case.
fn words(answer: &Signal) -> Vec<String> {
    let message = &answer.message;
    let mut text = message.reason_phrase().to_owned();
    for warning in message.headers(Name::Warning) {
        // The quoted text alone: before it stand a code and the name of the host.
        text.push(' ');
        text.push_str(warning.split_once('"').map_or("", |(_, text)| text));
    }
    for reason in message.reasons() {
        text.push(' ');
        text.push_str(&reason.text);
    }
    text.to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn has_word(words: &[String], any: &[&str]) -> bool {
    words.iter().any(|word| any.contains(&word.as_str()))
}

fn has_start(words: &[String], any: &[&str]) -> bool {
    words
        .iter()
        .any(|word| any.iter().any(|start| word.starts_with(start)))
}

/// Words that show that a refusal is about something else than who asks.
const ABOUT_ELSE: &[&str] = &[
    "rtp",
    "media",
    "cli",
    "ani",
    "number",
    "caller",
    "callerid",
    "destination",
    "dest",
    "prefix",
    "codec",
    "called",
    "balance",
    "credit",
    "channel",
    "channels",
    "cps",
    "method",
];

/// Whether the answer says that the address which asked is not let in.
fn blames_source(answer: &Signal) -> bool {
    let words = words(answer);
    let denied = has_start(
        &words,
        &[
            "unauthor",
            "unknown",
            "denied",
            "deny",
            "forbid",
            "block",
            "reject",
            "unident",
            "unrecogni",
            "untrust",
            "invalid",
            "disallow",
        ],
    ) || (has_word(&words, &["not"])
        && has_start(
            &words,
            &[
                "auth", "allow", "permit", "recogn", "known", "trust", "valid", "listed", "accept",
            ],
        ));
    !has_word(&words, ABOUT_ELSE)
        && (has_word(&words, &["acl", "whitelist", "allowlist"])
            || (denied && has_word(&words, &["ip", "source", "src"])))
}

/// Whether the answer says that the account which asks is not known. A 404 with these words is
/// about the called user.
fn blames_account(answer: &Signal) -> bool {
    let words = words(answer);
    matches!(answer.message.code(), Some(401 | 403 | 407 | 503))
        && words.windows(2).any(|pair| pair == ["unknown", "user"])
        && !has_word(&words, ABOUT_ELSE)
}

/// Whether the answer says that the credentials are wrong.
pub(super) fn blames_credentials(answer: &Signal) -> bool {
    let words = words(answer);
    let named = has_word(&words, &["password", "credentials", "credential", "digest"]);
    let auth = has_word(&words, &["auth", "authentication"])
        && (has_word(&words, &["bad", "wrong", "id", "username"])
            || has_start(&words, &["fail", "invalid", "incorrect"]));
    match answer.message.code() {
        Some(400..=499) => named || auth || blames_account(answer),
        _ => blames_account(answer),
    }
}

// ---------------------------------------------------------------- words for people

/// `once`, `twice`, `3 times`.
pub(super) fn times(count: usize) -> String {
    match count {
        1 => "once".into(),
        2 => "twice".into(),
        n => format!("{n} times"),
    }
}

/// The code and the reason phrase, as `403 "Forbidden"`.
pub(super) fn code_and_phrase(answer: &Signal) -> String {
    let code = answer.message.code().unwrap_or(0);
    match answer.message.reason_phrase() {
        "" => code.to_string(),
        phrase => format!("{code} \"{phrase}\""),
    }
}

fn hint(other_from: Option<&String>, user: &str) -> String {
    match other_from {
        Some(from) => format!(
            " Its From names \"{from}\", its credentials \"{user}\": some servers want the same."
        ),
        None => String::new(),
    }
}

/// Why nobody can be named where a challenge was handed on.
fn handed_on_words(client: &str) -> String {
    format!(
        "{client} handed the challenge on to the node before it, so the packets do not tell whose \
         account is meant."
    )
}

/// The same as a further sentence, where it is so.
fn handed_on(case: &Case<'_>, exchange: &Exchange<'_>) -> String {
    if exchange.was_handed_on(case.call) {
        format!(" {}", handed_on_words(&case.name(exchange.client)))
    } else {
        String::new()
    }
}

// ---------------------------------------------------------------- the rules

static CHALLENGE_UNANSWERED: Rule = Rule {
    id: "challenge-unanswered",
    family: "authentication",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "An INVITE was answered 401 or 407 with a challenge, the challenge was confirmed by an \
            ACK, and no INVITE with credentials for it followed within 32 seconds. The call ended \
            with that.",
    matters: "The challenge is normal; the caller's device, or our side towards a carrier, had \
              nothing to answer it with.",
    remedy: "Set user name and password on the side that was asked, or authorise its address.",
    silent: "The challenge was answered, the ACK to it was not seen, the call went on another \
             way, or the challenge only came through from further down.",
    source: "RFC 3261 section 22.2; catalogue R1",
    explains: &["call-forbidden"],
    check: challenge_unanswered,
};

fn challenge_unanswered(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for exchange in exchanges(case) {
        let Some(Ended::Unanswered {
            challenged,
            challenge,
            had_credentials,
        }) = exchange.ended()
        else {
            continue;
        };
        let Some(ack) = challenged.acks.first() else {
            continue;
        };
        if !exchange.decides || exchange.method != Method::Invite {
            continue;
        }
        let (client, server) = (case.name(exchange.client), case.name(exchange.server));
        let view = view_after(case, &exchange, challenge);
        let only = modern_only(challenge);
        let handed_on = exchange.was_handed_on(case.call);
        let cause = match (had_credentials, &only) {
            _ if handed_on => handed_on_words(&client),
            (true, _) => {
                "It had answered an earlier challenge that is not in the trace, so it may \
                          have given up after wrong credentials."
                    .to_owned()
            }
            (false, Some(only)) => format!(
                "It has no credentials for this realm, or it does not know {only}, the only \
                 algorithm on offer."
            ),
            (false, None) => "It has no user name and password for this realm, or its address was \
                              to be let in without."
                .to_owned(),
        };
        let fact = format!(
            "{server} asked {client} for credentials ({}, realm \"{}\", {}) and no INVITE with \
             them followed{}.",
            challenge.message.code().unwrap_or(0),
            realm_of(challenge),
            case.when(challenge),
            view.words,
        );
        let next = if exchange.is_ours(case) {
            format!(
                "Enter our user name and password for {server} in its settings, or have it \
                 authorise our address."
            )
        } else {
            format!("Set user name and password on {client}, or authorise its address.")
        };
        let certainty = if had_credentials || handed_on {
            Certainty::Possible
        } else {
            view.certainty.min(Certainty::Likely)
        };
        found.extend(
            rule.finding(
                case,
                challenged
                    .requests
                    .first()
                    .into_iter()
                    .chain([challenge, ack]),
                Conclusion {
                    fact,
                    fact_certainty: view.certainty,
                    cause,
                    owner: exchange.owner(case),
                    to_act: None,
                    certainty,
                    by: Some(exchange.client),
                    severity: None,
                    next,
                },
            ),
        );
    }
    found
}

/// How far the evidence reaches past a challenge.
pub(super) struct View {
    /// How sure it is that nothing came.
    pub certainty: Certainty,
    /// ` within 32 s`, or what was seen less.
    pub words: String,
}

pub(super) fn view_after(case: &Case<'_>, exchange: &Exchange<'_>, challenge: &Signal) -> View {
    // A node that answers its caller, or tries elsewhere, has given this attempt up.
    let before = exchange.hop.and_then(|hop| case.call.upstream(hop));
    let gave_up = before.is_some_and(|before| {
        before
            .final_response()
            .is_some_and(|told| told.at() >= challenge.at() && before.cancel().is_none())
    });
    if gave_up && !exchange.was_handed_on(case.call) {
        return View {
            certainty: Certainty::Certain,
            words: " before the call was given up".into(),
        };
    }
    if case.watched_for(challenge, ANSWER_WITHIN) {
        return View {
            certainty: Certainty::Certain,
            words: " within 32 s".into(),
        };
    }
    let until = case.seen_until.or(case.call.ended());
    let seen = until.map_or(SignedDuration::ZERO, |until| {
        until.duration_since(challenge.at())
    });
    View {
        certainty: if seen >= TELLS_SOMETHING {
            Certainty::Likely
        } else {
            Certainty::Possible
        },
        words: format!(
            " in the {} that the trace still shows, which is less than the 32 s it may take",
            seconds(seen)
        ),
    }
}

pub(super) fn realm_of(challenge: &Signal) -> String {
    let first = challenge.message.challenges().into_iter().next();
    first.map(|challenge| challenge.realm).unwrap_or_default()
}

/// The algorithms of a challenge that offers nothing which every device knows.
pub(super) fn modern_only(challenge: &Signal) -> Option<String> {
    let mut offered: Vec<String> = challenge
        .message
        .challenges()
        .into_iter()
        .filter(|challenge| !challenge.nonce.is_empty())
        .map(|challenge| challenge.algorithm)
        .collect();
    offered.dedup();
    let modern = !offered.is_empty() && offered.iter().all(|one| one.starts_with("SHA"));
    modern.then(|| offered.join(" or "))
}

static WRONG_CREDENTIALS: Rule = Rule {
    id: "wrong-credentials",
    family: "authentication",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "An INVITE carried credentials for the challenge just made, which was not called stale, \
            and was challenged again for the same realm, or refused in words that name the \
            credentials. The call ended with that.",
    matters: "The account is not let in until user name and password agree on both sides.",
    remedy: "Compare the user name, set the password anew on both sides, check which addresses \
             the account may be used from.",
    silent: "A later INVITE passed; the answer was stale=true; the credentials belong to a \
             challenge that was not seen; another realm asked; a 403 that does not say it is \
             about the credentials; a fault of realm, header or algorithm is visible, which has \
             its own rule.",
    source: "RFC 3261 section 22.4; catalogue R2",
    explains: &["call-forbidden"],
    check: wrong_credentials,
};

fn wrong_credentials(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for exchange in exchanges(case) {
        let Some(Ended::Refused {
            proof,
            count,
            answer,
            user,
            realm,
            fault: fault @ (Fault::Credentials | Fault::Said | Fault::Forbidden),
            other_from,
        }) = exchange.ended()
        else {
            continue;
        };
        if !exchange.decides || exchange.method != Method::Invite {
            continue;
        }
        let (client, server) = (case.name(exchange.client), case.name(exchange.server));
        let fact = format!(
            "{server} refused the credentials of {client} {} (user \"{user}\", realm \"{realm}\"; \
             last answer {} at {}).",
            times(count),
            code_and_phrase(answer),
            case.when(answer),
        );
        let mut cause = match fault {
            Fault::Said => "It says itself that user or credentials are wrong.".to_owned(),
            Fault::Forbidden => "A 403 straight after the credentials, without a word of anything \
                                 else, mostly means that they are wrong."
                .to_owned(),
            _ => "User name or password do not match the account there.".to_owned(),
        };
        cause.push_str(&hint(other_from.as_ref(), &user));
        cause.push_str(&handed_on(case, &exchange));
        let next = if exchange.is_ours(case) {
            format!("Compare our user name and password for {server} with what it gave us.")
        } else {
            format!("Set the password of user \"{user}\" anew on {client} and in its account.")
        };
        found.extend(rule.finding(
            case,
            proof,
            Conclusion {
                fact,
                fact_certainty: Certainty::Certain,
                cause,
                owner: exchange.owner(case),
                to_act: None,
                certainty: match fault {
                    Fault::Said => Certainty::Certain,
                    Fault::Forbidden => Certainty::Possible,
                    _ => Certainty::Likely,
                },
                by: Some(exchange.server),
                severity: None,
                next,
            },
        ));
    }
    found
}

static CREDENTIALS_MISMATCH: Rule = Rule {
    id: "credentials-mismatch",
    family: "authentication",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "Credentials answer a challenge by its nonce but name another realm than it, or stand \
            in Authorization where a 407 asks for Proxy-Authorization (or the other way round), \
            and were refused. The call or registration ended with that.",
    matters: "They cannot match, however right the password is.",
    remedy: "Let the device take the realm from the challenge; clear a fixed realm in its settings.",
    silent: "The request passed all the same, or credentials for another realm are simply older \
             than the challenge. A user name that differs from From proves nothing alone.",
    source: "RFC 3261 sections 22.1 to 22.3; catalogue R4",
    explains: &[
        "wrong-credentials",
        "registration-refused",
        "call-forbidden",
    ],
    check: credentials_mismatch,
};

fn credentials_mismatch(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for exchange in exchanges(case).into_iter().filter(|e| e.decides) {
        let Some(Ended::Refused {
            proof,
            answer,
            user,
            fault,
            ..
        }) = exchange.ended()
        else {
            continue;
        };
        let (client, server) = (case.name(exchange.client), case.name(exchange.server));
        let (what, next) = match fault {
            Fault::Realm { asked, given } => (
                format!("for realm \"{given}\" although {server} asked for realm \"{asked}\""),
                format!("Set the realm on {client} to \"{asked}\", or let it take what is asked."),
            ),
            Fault::Header { code } => (
                format!("in the header that does not belong to the {code} of {server}"),
                format!(
                    "Update the software of {client}: it answers a {code} in the wrong header."
                ),
            ),
            _ => continue,
        };
        let fact = format!(
            "{client} sent credentials of user \"{user}\" {what}, and was refused ({} at {}).",
            code_and_phrase(answer),
            case.when(answer),
        );
        found.extend(rule.finding(
            case,
            proof,
            Conclusion {
                fact,
                fact_certainty: Certainty::Certain,
                cause: format!(
                    "Such credentials cannot be accepted, whatever the password.{}",
                    handed_on(case, &exchange)
                ),
                owner: exchange.owner(case),
                to_act: None,
                certainty: Certainty::Certain,
                by: Some(exchange.client),
                severity: None,
                next,
            },
        ));
    }
    found
}

static DIGEST_ALGORITHM_MISMATCH: Rule = Rule {
    id: "digest-algorithm-mismatch",
    family: "authentication",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "Credentials were made with an algorithm that the challenge they answer did not offer, \
            and were refused. The call or registration ended with that.",
    matters: "The password may be right; the two sides do not compute the same digest.",
    remedy: "Let the server offer MD5 besides SHA-256, or update the device.",
    silent: "One of the offered algorithms was used, or the request passed all the same. A \
             challenge that was not answered at all is challenge-unanswered.",
    source: "RFC 8760 section 2; catalogue R5",
    explains: &[
        "wrong-credentials",
        "registration-refused",
        "call-forbidden",
    ],
    check: digest_algorithm_mismatch,
};

fn digest_algorithm_mismatch(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for exchange in exchanges(case).into_iter().filter(|e| e.decides) {
        let Some(Ended::Refused {
            proof,
            answer,
            fault: Fault::Algorithm { offered, used },
            ..
        }) = exchange.ended()
        else {
            continue;
        };
        let (client, server) = (case.name(exchange.client), case.name(exchange.server));
        let offered = offered.join(" and ");
        let fact = format!(
            "{client} answered with {used} a challenge of {server} that offers only {offered}, and \
             was refused ({} at {}).",
            code_and_phrase(answer),
            case.when(answer),
        );
        found.extend(rule.finding(
            case,
            proof,
            Conclusion {
                fact,
                fact_certainty: Certainty::Certain,
                cause: format!(
                    "The client did not take an algorithm that was on offer.{}",
                    handed_on(case, &exchange)
                ),
                owner: exchange.owner(case),
                to_act: None,
                certainty: Certainty::Certain,
                by: Some(exchange.client),
                severity: None,
                next: format!("Update {client}, or let {server} offer {used} as well."),
            },
        ));
    }
    found
}

static STALE_NONCE_LOOP: Rule = Rule {
    id: "stale-nonce-loop",
    family: "authentication",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "Three or more requests in a row were answered stale=true, and the call or registration \
            ended with that.",
    matters: "Stale means that the password was right: the two sides never agree on a nonce.",
    remedy: "Lengthen the life of nonces, let the nodes of a cluster share them, or update the \
             device.",
    silent: "A later request passed (see stale-nonce), or fewer than three were stale.",
    source: "RFC 7616 section 3.3; catalogue R3",
    explains: &["registration-refused", "call-forbidden"],
    check: stale_nonce_loop,
};

fn stale_nonce_loop(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for exchange in exchanges(case).into_iter().filter(|e| e.decides) {
        let Some(Ended::StaleLoop { answers }) = exchange.ended() else {
            continue;
        };
        let (client, server) = (case.name(exchange.client), case.name(exchange.server));
        let blame = stale_blame(case, &exchange);
        let fact = format!(
            "{server} called the credentials of {client} stale {} in a row, to the end.",
            times(answers.len()),
        );
        found.extend(rule.finding(
            case,
            answers,
            Conclusion {
                fact,
                fact_certainty: Certainty::Certain,
                cause: blame.cause,
                owner: blame.owner,
                to_act: None,
                certainty: blame.certainty,
                by: Some(exchange.server),
                severity: None,
                next: blame.next,
            },
        ));
    }
    found
}

struct Blame {
    owner: Owner,
    certainty: Certainty,
    cause: String,
    next: String,
}

/// Whose stale nonces are: the server's where the client always used the newest one, the
/// client's where it kept to an old one.
fn stale_blame(case: &Case<'_>, exchange: &Exchange<'_>) -> Blame {
    let (client, server) = (case.name(exchange.client), case.name(exchange.server));
    let judged = exchange.judged();
    let mut newest: Vec<String> = Vec::new();
    let (mut fresh, mut old) = (0, 0);
    for (turn, result) in &judged {
        if *result == Turn::Stale && !newest.is_empty() {
            let is_fresh = credentials(turn)
                .iter()
                .any(|given| newest.contains(&given.nonce));
            if is_fresh {
                fresh += 1;
            } else {
                old += 1;
            }
        }
        newest = issues(turn)
            .into_iter()
            .map(|issued| issued.nonce)
            .collect();
    }
    match (fresh, old) {
        (1.., 0) => Blame {
            owner: server_owner(case, exchange.server),
            certainty: Certainty::Likely,
            cause: format!(
                "{client} used the newest nonce each time, so {server} forgets or does not share \
                 the nonces it makes."
            ),
            next: format!("Check the life of nonces on {server}, and that its nodes share them."),
        },
        // The first stale answer may be to a nonce that simply ran out.
        (0..=1, 2..) => Blame {
            owner: exchange.owner(case),
            certainty: Certainty::Likely,
            cause: format!("{client} keeps using an old nonce instead of the one it was given."),
            next: format!("Restart or update {client}: it does not take up new nonces."),
        },
        _ => Blame {
            owner: Party::Undecided.into(),
            certainty: Certainty::Possible,
            cause: String::new(),
            next: format!("Compare the nonces of {server} with those that {client} uses."),
        },
    }
}

/// The side of the node that answers; a lone registrar or server is nobody's far end.
pub(super) fn server_owner(case: &Case<'_>, server: SocketAddr) -> Owner {
    match case.roles.party(case.roles.side(server)) {
        Party::FarEnd => Party::Undecided.into(),
        _ => case.roles.side(server).into(),
    }
}

static STALE_NONCE: Rule = Rule {
    id: "stale-nonce",
    family: "authentication",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "Credentials were answered stale=true and a later request passed; a warning from three \
            in a row on.",
    matters: "Once is how nonces are renewed. Every further round costs time before the call.",
    remedy: "Lengthen the life of nonces, let the nodes of a cluster share them.",
    silent: "No answer was stale, or the call ended with it (see stale-nonce-loop).",
    source: "RFC 7616 section 3.3; catalogue R3",
    explains: &[],
    check: stale_nonce,
};

fn stale_nonce(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for exchange in exchanges(case) {
        let judged = exchange.judged();
        let mut longest: Vec<&Arc<Signal>> = Vec::new();
        let mut run: Vec<&Arc<Signal>> = Vec::new();
        let mut passed = None;
        for (turn, result) in &judged {
            match result {
                Turn::Stale => run.extend(turn.final_response()),
                Turn::Passed if !run.is_empty() => {
                    if run.len() > longest.len() {
                        longest = std::mem::take(&mut run);
                        passed = turn.request();
                    }
                    run.clear();
                }
                _ => run.clear(),
            }
        }
        let (Some(passed), false) = (passed, longest.is_empty()) else {
            continue;
        };
        let (client, server) = (case.name(exchange.client), case.name(exchange.server));
        let fact = format!(
            "{server} called the credentials of {client} stale {} before it let the {} pass ({}).",
            times(longest.len()),
            exchange.method,
            case.when(passed),
        );
        let looped = longest.len() >= STALE_LOOP;
        let blame = if looped {
            stale_blame(case, &exchange)
        } else {
            Blame {
                owner: Party::Nobody.into(),
                certainty: Certainty::Certain,
                cause: "Nonces expire; the client took a new one, as it should.".into(),
                next: String::new(),
            }
        };
        found.extend(rule.finding(
            case,
            longest.into_iter().chain([passed]),
            Conclusion {
                fact,
                fact_certainty: Certainty::Certain,
                cause: blame.cause,
                owner: blame.owner,
                to_act: None,
                certainty: blame.certainty,
                by: Some(exchange.server),
                severity: looped.then_some(Severity::Warning),
                next: blame.next,
            },
        ));
    }
    found
}

static SOURCE_REFUSED: Rule = Rule {
    id: "source-refused",
    family: "authentication",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "An INVITE or REGISTER was refused without any challenge and without the call being \
            sent on, and the answer is about who asks: it says that the address is not allowed or \
            the user not known, or it is a 401 without a challenge within 100 ms.",
    matters: "The address is in no account's list, so nothing else was looked at. It may be a \
              customer's new address, or a stranger's.",
    remedy: "Find out whose the address is; add it to the account, or have the sender use the \
             address that is listed.",
    silent: "There was a challenge, the call was sent on, or the answer speaks of something else \
             (caller ID, destination, limits) or of nothing: such a 403 is call-forbidden.",
    source: "RFC 3261 section 21.4; ConnexCS routing texts; catalogue R7",
    explains: &[
        "call-forbidden",
        "registration-refused",
        "other-refusal",
        "refused-by-platform",
        "server-failure",
    ],
    check: source_refused,
};

/// What an answer without a challenge says about who asked.
enum Refusal {
    /// The address is not allowed.
    Source,
    /// The user is not known.
    Account,
    /// A 401 that offers no way to authenticate.
    BareUnauthorized,
}

/// The answer by which the sender itself was refused, and the request.
fn refusal<'c>(
    case: &Case<'_>,
    exchange: &Exchange<'c>,
) -> Option<(Refusal, &'c Arc<Signal>, &'c Arc<Signal>)> {
    let last = exchange.turns.last()?;
    let (request, answer) = (last.request()?, last.final_response()?);
    let is_refusal = matches!(answer.message.code(), Some(400..=699));
    let sent_on = exchange
        .hop
        .is_some_and(|hop| case.call.downstream(hop).next().is_some());
    let progressed = last.progress().next().is_some();
    let let_in = exchange
        .turns
        .iter()
        .any(|turn| matches!(turn.final_code(), Some(200..=299)));
    if !is_refusal || sent_on || progressed || let_in || exchange.has_challenge() {
        return None;
    }
    if blames_source(answer) {
        return Some((Refusal::Source, request, answer));
    }
    // Towards a carrier, an unknown user may well be the called one.
    if blames_account(answer) && !exchange.is_ours(case) {
        return Some((Refusal::Account, request, answer));
    }
    let bare = matches!(answer.message.code(), Some(401 | 407))
        && answer.message.header(Name::WwwAuthenticate).is_none()
        && answer.message.header(Name::ProxyAuthenticate).is_none()
        && !answer.message.is_cut()
        && answer.at().duration_since(request.at()) < AT_ONCE
        && !has_word(&words(answer), ABOUT_ELSE);
    bare.then_some((Refusal::BareUnauthorized, request, answer))
}

fn source_refused(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for exchange in exchanges(case).into_iter().filter(|e| e.decides) {
        let Some((refusal, request, answer)) = refusal(case, &exchange) else {
            continue;
        };
        let (client, server) = (case.name(exchange.client), case.name(exchange.server));
        let took = answer.at().duration_since(request.at());
        let fact = format!(
            "{server} refused the {} of {client} after {} with {}, without a challenge ({}).",
            exchange.method,
            seconds(took),
            code_and_phrase(answer),
            case.when(answer),
        );
        let ours = exchange.is_ours(case);
        let cause = match refusal {
            Refusal::Source if ours => {
                "It does not accept our address: the address we send from changed, or was never \
                 agreed on."
            }
            Refusal::Source => {
                "The address belongs to no account there: a customer's new address, one that was \
                 never entered, or a stranger's."
            }
            Refusal::Account => {
                "No account there has this user: it is misspelt, missing, or not allowed from \
                 this address."
            }
            Refusal::BareUnauthorized => {
                "A 401 that offers no challenge leaves the sender nothing to answer: its address \
                 is probably in no account there."
            }
        };
        // The list of addresses is kept where the answer comes from; where that is us, or where
        // it is our address that is missing, it is our settings.
        let at_us = case.roles.side(exchange.server) == Side::Platform
            || knowledge::platform_reason(answer.message.reason_phrase()).is_some();
        let owner = if at_us || ours {
            Side::Platform
        } else {
            case.roles.side(exchange.client)
        };
        let certainty = match refusal {
            Refusal::Source if at_us || ours => Certainty::Likely,
            _ => Certainty::Possible,
        };
        let address = request.source().ip();
        let next = match refusal {
            Refusal::Account => {
                format!("Check that the user of {client} exists at {server} and is spelt alike.")
            }
            _ if ours => format!("Tell {server} to accept our address {address}."),
            _ => format!(
                "Find out whose address {address} is; a customer's is to be added to its account."
            ),
        };
        found.extend(rule.finding(
            case,
            [request, answer],
            Conclusion {
                fact,
                fact_certainty: Certainty::Certain,
                cause: cause.into(),
                owner: owner.into(),
                to_act: None,
                certainty,
                by: Some(exchange.server),
                severity: None,
                next,
            },
        ));
    }
    found
}

static ATTEMPT_LOST_TO_AUTHENTICATION: Rule = Rule {
    id: "attempt-lost-to-authentication",
    family: "authentication",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "One attempt of the call was lost because its sender was not let in, and the call went \
            on another way.",
    matters: "That way will fail for every call, and each loses time on it.",
    remedy: "Correct the credentials or the list of addresses for that way, or take it out.",
    silent: "The call ended with that attempt: the rule for its fault says so then.",
    source: "RFC 3261 section 22; catalogue R1, R2, R4, R5, R7",
    explains: &[],
    check: attempt_lost,
};

fn attempt_lost(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for exchange in exchanges(case).into_iter().filter(|e| !e.decides) {
        let (what, proof) = match (exchange.ended(), refusal(case, &exchange)) {
            (
                Some(Ended::Unanswered {
                    challenged,
                    challenge,
                    ..
                }),
                _,
            ) if !challenged.acks.is_empty() => {
                ("did not answer the challenge of", vec![challenge])
            }
            (Some(Ended::Refused { proof, .. }), _) => ("had its credentials refused by", proof),
            (Some(Ended::StaleLoop { answers }), _) => {
                ("sent only credentials that were stale to", answers)
            }
            (None, Some((_, request, answer))) => ("was not let in by", vec![request, answer]),
            _ => continue,
        };
        let Some(last) = proof.last().copied() else {
            continue;
        };
        // Without a sign that the call went on elsewhere, the attempt may only have been late.
        let went_on = case.call.hops.iter().any(|hop| {
            hop.started() > Some(last.at())
                || hop
                    .final_response()
                    .is_some_and(|told| told.at() > last.at())
        });
        if !went_on {
            continue;
        }
        let (client, server) = (case.name(exchange.client), case.name(exchange.server));
        let fact = format!(
            "{client} {what} {server} ({} at {}), so that attempt was lost.",
            code_and_phrase(last),
            case.when(last),
        );
        found.extend(rule.finding(
            case,
            proof,
            Conclusion {
                fact,
                fact_certainty: Certainty::Certain,
                cause: handed_on(case, &exchange).trim().to_owned(),
                owner: exchange.owner(case),
                to_act: None,
                certainty: Certainty::Likely,
                by: Some(exchange.server),
                severity: None,
                next: format!(
                    "Check credentials and allowed addresses between {client} and {server}."
                ),
            },
        ));
    }
    found
}
