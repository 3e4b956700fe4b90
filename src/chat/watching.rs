//! Commands about incidents: what is watched, what is open, who is at it, what is kept quiet. Hands on to the keeper;
//! decides nothing of what is told.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::commands::{Parsed, Verb};
use super::{Conversation, Desk, Given, Reply, new_id};
use crate::incidents::Keeper;
use crate::incidents::board::{Board, Event};
use crate::incidents::life::Incident;
use crate::incidents::mute::{Mute, Target};
use crate::incidents::posts::{commonality, headline, shown_by, spoken};
use crate::incidents::watch::{CONDITIONS, Condition, SCOPES, Scope, Watch};
use crate::render::ladder::Theme;
use crate::render::{clean, picture};
use crate::report::Counted;

/// A mute lasts so long unless it is told otherwise, and never longer than seven days.
const MUTED: SignedDuration = SignedDuration::from_hours(1);
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Closed incidents of this long ago are listed.
const LISTED: SignedDuration = SignedDuration::from_hours(24);

/// So many watches may be set up in chats.
const MOST_WATCHES: usize = 50;

const NOT_CONFIGURED: &str = "Nothing is watched here: incidents are kept while `calltriage run` runs with a platform \
                              as its source (see [incidents] in the configuration).";

impl Desk {
    /// Answers a command about incidents.
    pub(super) async fn of_incidents(
        &self,
        conversation: &Conversation,
        parsed: &Parsed<'_>,
        now: Timestamp,
    ) -> Reply {
        let Some(keeper) = self.incidents.get() else {
            return Reply::Text(NOT_CONFIGURED.to_owned());
        };
        let zone = self.zone_in(conversation).clone();
        let time = |at: Timestamp| {
            at.to_zoned(zone.clone())
                .strftime("%a %H:%M %Z")
                .to_string()
        };
        let about = parsed.rest.trim();
        let said = match parsed.command.verb {
            Verb::Watches => Ok(keeper.read(|board| watched(board, now, &time)).await),
            Verb::Watch => self.watch(keeper, conversation, parsed).await,
            Verb::Incidents if about.is_empty() => {
                Ok(keeper.read(|board| listed(board, now, &time)).await)
            }
            Verb::Incidents => {
                return keeper
                    .read(|board| shown(board, about, now))
                    .await
                    .unwrap_or_else(Reply::Text);
            }
            Verb::Acknowledge => acknowledge(keeper, conversation, about).await,
            Verb::Mute => {
                let length = parsed
                    .options
                    .duration("for")
                    .and_then(|it| SignedDuration::try_from(it).ok());
                mute(keeper, conversation, about, length, now, &time).await
            }
            _ => unmute(keeper, about).await,
        };
        Reply::Text(said.unwrap_or_else(|why| why))
    }

    async fn watch(
        &self,
        keeper: &Keeper,
        conversation: &Conversation,
        parsed: &Parsed<'_>,
    ) -> Result<String, String> {
        if let Some(name) = parsed.options.text("off") {
            keeper.unwatch(name).await?;
            return Ok(format!("{name} is watched no longer."));
        }
        if keeper.read(|board| board.watches().len()).await >= MOST_WATCHES {
            return Err(format!(
                "{MOST_WATCHES} watches is the most there can be; end one with `watch --off NAME`."
            ));
        }
        if conversation.channel.is_empty() {
            return Err(
                "A watch posts into a channel: set it up in the channel that should hear of it."
                    .to_owned(),
            );
        }
        let (scope, condition) = split(&parsed.rest)?;
        let name = parsed.options.text("name").map(str::to_owned);
        let name = name.unwrap_or_else(|| {
            slug(&format!(
                "{scope} {}",
                parsed
                    .rest
                    .split_whitespace()
                    .next_back()
                    .unwrap_or_default()
            ))
        });
        let watch = Watch {
            name: slug(&name),
            scope,
            condition,
            channel: conversation.channel.clone(),
            by: Some(conversation.asker.clone()),
        };
        let said = format!(
            "Watched as {}: {}, {}. This channel hears of it; `watch --off {}` ends it.",
            watch.name, watch.scope, watch.condition, watch.name
        );
        keeper.watch(watch).await?;
        Ok(said)
    }
}

/// A name of letters, digits and dashes.
fn slug(text: &str) -> String {
    let dashed: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let parts: Vec<&str> = dashed.split('-').filter(|it| !it.is_empty()).collect();
    parts.join("-").chars().take(40).collect()
}

/// A scope and the condition behind it; without a scope all calls are meant.
fn split(text: &str) -> Result<(Scope, Condition), String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_scope = |word: &&&str| word.contains(':') || word.eq_ignore_ascii_case("all");
    let of_scope = words.iter().take_while(is_scope).count();
    let (scope, condition) = words.split_at_checked(of_scope).unwrap_or((&[], &words));
    if condition.is_empty() {
        return Err(format!(
            "Say what has to hold: {CONDITIONS}; before it which calls: {SCOPES}."
        ));
    }
    let scope = match scope.is_empty() {
        true => Scope::default(),
        false => scope.join(" ").parse()?,
    };
    Ok((scope, condition.join(" ").parse()?))
}

/// What is watched and muted, a line each.
#[must_use]
pub fn watched(board: &Board, now: Timestamp, time: &dyn Fn(Timestamp) -> String) -> String {
    let mut lines: Vec<String> = board.watches().iter().map(told_watch).collect();
    if lines.is_empty() {
        lines
            .push("Nothing is watched: `watch carrier:12 failures >= 10 in 5m` begins.".to_owned());
    }
    for mute in board.mutes().iter().filter(|it| !it.is_over(now)) {
        lines.push(format!("Muted {}", muted(mute, time)));
    }
    lines.join("\n")
}

/// A mute in one line.
pub(super) fn muted(mute: &Mute, time: &dyn Fn(Timestamp) -> String) -> String {
    let until = mute.until.map_or_else(
        || "until it is over".to_owned(),
        |at| format!("until {}", time(at)),
    );
    format!("{until}: {} (by {})", mute.about(), mute.by)
}

/// A watch in one line.
#[must_use]
pub fn told_watch(watch: &Watch) -> String {
    let by = watch
        .by
        .as_ref()
        .map_or_else(|| "configuration".to_owned(), |by| format!("by {by}"));
    format!(
        "{}: {}, {} → {} ({by})",
        watch.name, watch.scope, watch.condition, watch.channel
    )
}

/// The incidents that go on and those of the last day, a line each.
fn listed(board: &Board, now: Timestamp, time: &dyn Fn(Timestamp) -> String) -> String {
    let lines = list(board.incidents(), now, time);
    match lines.is_empty() {
        true => "No incident goes on, and there was none in the last 24 hours.".to_owned(),
        false => lines.join("\n"),
    }
}

/// A line for each incident that goes on or was over in the last day, the newest first.
#[must_use]
pub fn list<'i>(
    incidents: impl Iterator<Item = &'i Incident>,
    now: Timestamp,
    time: &dyn Fn(Timestamp) -> String,
) -> Vec<String> {
    let mut shown: Vec<&Incident> = incidents
        .filter(|it| it.closed().is_none_or(|at| now.duration_since(at) < LISTED))
        .collect();
    shown.sort_by_key(|it| std::cmp::Reverse((it.is_open(), it.opened)));
    let line = |it: &&Incident| {
        let state = match it.is_open() {
            true => format!("since {}", time(it.began)),
            false => format!("over, lasted {}", spoken(it.lasted())),
        };
        let taken = it
            .acknowledged
            .as_ref()
            .map_or_else(String::new, |it| format!(", {} is at it", it.by));
        format!(
            "{}  {} · {} ({state}{taken})",
            it.id,
            it.severity.word(),
            clean::line(&headline(it))
        )
    };
    shown.iter().map(line).collect()
}

/// All of one incident: its card, its calls and its chart.
fn shown(board: &Board, id: &str, now: Timestamp) -> Result<Reply, String> {
    let (Some(card), Some(held)) = (board.card(id, "", now), board.held(id)) else {
        return Err(unknown(id));
    };
    let it = &held.incident;
    let mut files = Vec::new();
    if !it.calls.is_empty() {
        let left = it.lost.saturating_sub(it.calls.len());
        let mut text = it.calls.join("\n");
        if left > 0 {
            text.push_str(&format!("\n({left} more are not kept)"));
        }
        files.push(Given {
            name: format!("{}-calls.txt", it.id),
            title: format!("{} lost calls", it.calls.len()),
            bytes: text.into_bytes(),
        });
    }
    if let Some(png) = card
        .drawing(Theme::Light)
        .and_then(|svg| picture::png(&svg).ok())
    {
        files.push(Given {
            name: format!("{}-chart.png", it.id),
            title: "Lost calls a minute".to_owned(),
            bytes: png,
        });
    }
    let said = card.lines().join("\n");
    Ok(match files.is_empty() {
        true => Reply::Text(said),
        false => Reply::Files { said, files },
    })
}

impl Desk {
    /// What an incident gives a report: the calls that show it best, and what its lost calls have in common.
    ///
    /// # Errors
    /// One sentence: there is none, or none of its calls was looked at.
    pub(super) async fn incident_for_report(
        &self,
        id: &str,
        zone: &TimeZone,
    ) -> Result<(Vec<String>, Counted), String> {
        let keeper = self.incidents.get().ok_or(NOT_CONFIGURED)?;
        let time = |at: Timestamp| {
            at.to_zoned(zone.clone())
                .strftime("%F %H:%M %Z")
                .to_string()
        };
        let found = keeper
            .read(|board| {
                let it = &board.held(id)?.incident;
                Some((shown_by(it), commonality(it, &time)))
            })
            .await;
        let (calls, (platform, carrier)) = found.ok_or_else(|| unknown(id))?;
        let counted = Counted { platform, carrier };
        match calls.is_empty() {
            true => Err(format!(
                "No call of {id} was looked at yet; report one of those that `incidents {id}` lists."
            )),
            false => Ok((calls, counted)),
        }
    }
}

fn unknown(id: &str) -> String {
    format!(
        "There is no incident {:?}; `incidents` lists them.",
        clean::cut(&clean::line(id), 40)
    )
}

async fn acknowledge(
    keeper: &std::sync::Arc<Keeper>,
    conversation: &Conversation,
    id: &str,
) -> Result<String, String> {
    let known = keeper
        .read(|board| board.held(id).map(|it| it.incident.acknowledged.clone()))
        .await;
    match known {
        None => Err(unknown(id)),
        Some(Some(known)) => Ok(format!("{} is at it already.", known.by)),
        Some(None) => {
            let by = conversation.asker.clone();
            let said = format!("Acknowledged: {by} is at {id}.");
            keeper
                .happen(Event::Acknowledged {
                    incident: id.to_owned(),
                    by,
                })
                .await;
            Ok(said)
        }
    }
}

async fn mute(
    keeper: &std::sync::Arc<Keeper>,
    conversation: &Conversation,
    about: &str,
    length: Option<SignedDuration>,
    now: Timestamp,
    time: &(dyn Fn(Timestamp) -> String + Sync),
) -> Result<String, String> {
    let is_incident = keeper.read(|board| board.held(about).is_some()).await;
    let is_watch = keeper
        .read(|board| board.watches().iter().any(|it| it.name == about))
        .await;
    let target = match (is_incident, is_watch) {
        (true, _) => Target::Incident(about.to_owned()),
        (false, true) => Target::Watch(about.to_owned()),
        (false, false) => Target::Scope(
            about
                .parse::<Scope>()
                .map_err(|why| format!("{} {why}.", unknown(about)))?,
        ),
    };
    if length.is_some_and(|it| it > LONGEST || it < SignedDuration::from_mins(1)) {
        return Err(
            "A mute lasts between 1m and 7d, so that nothing stays quiet for ever.".to_owned(),
        );
    }
    let length = length.or((!is_incident).then_some(MUTED));
    let until = length.and_then(|it| now.checked_add(it).ok());
    let mute = Mute {
        id: new_id(now),
        target,
        until,
        by: conversation.asker.clone(),
        at: now,
        channel: conversation.channel.clone(),
    };
    let said = match until {
        Some(until) => format!(
            "{} is muted until {}; its end is told.",
            mute.about(),
            time(until)
        ),
        None => format!("{} is muted until it is over.", mute.about()),
    };
    keeper.happen(Event::Muted(mute)).await;
    Ok(said)
}

async fn unmute(keeper: &std::sync::Arc<Keeper>, about: &str) -> Result<String, String> {
    let wanted = about
        .parse::<Scope>()
        .map_or_else(|_| about.to_owned(), |it| it.to_string());
    let known = keeper
        .read(|board| {
            let is_it = |it: &&Mute| it.about() == wanted || it.about() == format!("watch {about}");
            board.mutes().iter().find(is_it).map(Mute::about)
        })
        .await;
    let Some(what) = known else {
        return Err(format!(
            "{:?} is not muted; `watches` lists what is.",
            clean::cut(&clean::line(about), 40)
        ));
    };
    let said = format!("{what} is heard again.");
    keeper.happen(Event::Unmuted { what }).await;
    Ok(said)
}
