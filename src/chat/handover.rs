//! What waits for somebody, for those who come on shift: incidents, mutes, reports. Lists; changes nothing.

use jiff::Timestamp;

use super::submitting::line;
use super::watching::{list, muted};
use super::{Conversation, Desk, Reply};
use crate::incidents::board::Board;
use crate::report::draft::{Draft, State};

/// More lines of one kind are not listed.
const MOST: usize = 15;

impl Desk {
    /// Everything that is open, as far as whoever asks may know of it.
    pub(super) async fn open(&self, conversation: &Conversation, now: Timestamp) -> Reply {
        let zone = self.zone_in(conversation).clone();
        let time = |at: Timestamp| {
            at.to_zoned(zone.clone())
                .strftime("%a %H:%M %Z")
                .to_string()
        };
        let mut parts = Vec::new();
        if let Some(keeper) = self.incidents.get() {
            parts.extend(keeper.read(|board| of_board(board, now, &time)).await);
        }
        match self.kept_reports(conversation, "", now).await {
            Ok(drafts) => parts.extend(of_reports(&drafts)),
            // Where none are kept none can be open.
            Err(_) if self.reporting().map_or(true, |it| it.drafts.is_none()) => {}
            Err(why) => parts.push(why),
        }
        if parts.is_empty() {
            return Reply::Text("Nothing is open: no incident, no mute, no report.".to_owned());
        }
        Reply::Text(parts.join("\n\n"))
    }
}

/// Incidents that go on, and what is kept quiet.
fn of_board(board: &Board, now: Timestamp, time: &dyn Fn(Timestamp) -> String) -> Vec<String> {
    let open = |is_taken: bool| {
        let incidents = board.incidents();
        let open = incidents.filter(|it| it.is_open() && it.acknowledged.is_some() == is_taken);
        list(open, now, time)
    };
    let mutes = board.mutes().iter().filter(|it| !it.is_over(now));
    [
        headed("Incidents that nobody took note of", open(false)),
        headed("Incidents that somebody is at", open(true)),
        headed("Kept quiet", mutes.map(|it| muted(it, time)).collect()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Reports that wait for somebody, the most pressing first.
fn of_reports(drafts: &[Draft]) -> Vec<String> {
    let in_state = |wanted: &[State]| -> Vec<String> {
        let those = drafts.iter().filter(|it| wanted.contains(&it.state));
        those.map(line).collect()
    };
    [
        headed(
            "Reports that could not be delivered",
            in_state(&[State::Failed, State::Unsure]),
        ),
        headed("Reports on their way", in_state(&[State::Waiting])),
        headed("Reports that nobody submitted", in_state(&[State::Draft])),
        headed(
            "Reports that wait for who they were sent to",
            in_state(&[State::Sent, State::Acknowledged]),
        ),
        headed(
            "Reports said to be fixed, which nobody confirmed",
            in_state(&[State::Fixed]),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Lines under a heading; nothing where there are none.
fn headed(title: &str, lines: Vec<String>) -> Option<String> {
    if lines.is_empty() {
        return None;
    }
    let left = lines.len().saturating_sub(MOST);
    let mut text = format!("{title}:");
    for line in lines.iter().take(MOST) {
        text.push_str("\n- ");
        text.push_str(line);
    }
    if left > 0 {
        text.push_str(&format!("\n({left} more are left out)"));
    }
    Some(text)
}
