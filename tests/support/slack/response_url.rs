//! Answers without a token, through the `response_url` of a command or a click: five, within 30 minutes.

use std::time::Duration;

use serde_json::{Value, json};

use super::chat::{bots, content};
use super::record::Call;
use super::server::{Answer, Request};
use super::state::{Message, ResponseUrl};
use super::web_api::flag;
use super::{Fake, Inner};

/// So many answers are taken.
const USES: usize = 5;
/// For so long.
const LIFE: Duration = Duration::from_secs(30 * 60);

impl Inner {
    /// A new address to answer to: `kind` is `commands` or `actions`.
    pub(super) fn new_response_url(&self, kind: &str, made: ResponseUrl) -> String {
        let path = self.change(|state| {
            let path = format!("/{kind}/{}/{}", super::state::TEAM, state.id("R"));
            state.response_urls.insert(path.clone(), made);
            path
        });
        format!("{}{path}", self.base())
    }

    pub(super) fn response_url(&self, path: &str, request: &Request) -> Answer {
        let arguments: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let result = self.respond(path, &arguments);
        let (status, answer) = match &result {
            Ok(()) => (200, json!("ok")),
            Err((status, error)) => (*status, json!({"ok": false, "error": error})),
        };
        let call = Call {
            method: "response_url".to_owned(),
            arguments,
            answer: answer.clone(),
            at: self.now(),
        };
        self.change(|state| state.record.calls.push(call));
        match result {
            Ok(()) => Answer::text(200, "text/html", "ok"),
            Err(_) => Answer {
                status,
                ..Answer::json(&answer)
            },
        }
    }

    fn respond(&self, path: &str, arguments: &Value) -> Result<(), (u16, &'static str)> {
        let no = |status, error, detail: &str| {
            self.refuse("response_url", error, detail, arguments);
            Err((status, error))
        };
        let now = self.now();
        let known = self.change(|state| {
            let known = state.response_urls.get_mut(path)?;
            known.uses += 1;
            Some(known.clone())
        });
        let Some(known) = known else {
            return no(404, "invalid_url", path);
        };
        if known.uses > USES {
            return no(404, "used_url", "five times");
        }
        if known.is_expired || now.saturating_sub(known.made) > LIFE {
            return no(404, "expired_url", "30 minutes");
        }
        if !arguments.is_object() {
            return no(400, "invalid_payload", "no JSON object");
        }
        if flag(arguments, "delete_original") {
            return match known.message_ts {
                Some(ts) => {
                    self.change(|state| {
                        super::chat::message_mut(state, &known.channel, &ts).deleted = true;
                    });
                    Ok(())
                }
                None => no(404, "message_not_found", "nothing was clicked"),
            };
        }
        self.say(arguments, &known, "response_url")
            .or_else(|(error, detail)| no(400, error, &detail))
    }

    /// Says what a `response_url` or an ack carries.
    pub(super) fn say(
        &self,
        arguments: &Value,
        to: &ResponseUrl,
        by: &str,
    ) -> Result<(), (&'static str, String)> {
        let content = content(arguments, 40_000).map_err(|no| (no.error, no.detail))?;
        if content.text.as_deref().unwrap_or("").is_empty() && content.blocks.is_none() {
            return Err(("no_text", String::new()));
        }
        if let (true, Some(ts)) = (flag(arguments, "replace_original"), &to.message_ts) {
            self.edit(&to.channel, ts, content);
            return Ok(());
        }
        let thread = arguments["thread_ts"].as_str().map(str::to_owned);
        let thread = thread.or_else(|| to.thread_ts.clone());
        let open = arguments["response_type"] == "in_channel";
        self.add(Message {
            only_for: (!open).then(|| to.user.clone()),
            ..bots(to.channel.clone(), thread, content, by)
        });
        Ok(())
    }
}

impl Fake {
    /// All addresses that were given so far have taken their five answers.
    pub fn use_up_addresses(&self) {
        self.arrange(|state| {
            state
                .response_urls
                .values_mut()
                .for_each(|it| it.uses = USES);
        });
    }

    /// All addresses that were given so far are older than half an hour.
    pub fn expire_addresses(&self) {
        self.arrange(|state| {
            let all = state.response_urls.values_mut();
            all.for_each(|it| it.is_expired = true);
        });
    }
}
