//! Modals and app homes: opened by a trigger that lives 3 s, at most three upon each other. Draws nothing.

use std::time::Duration;

use serde_json::{Value, json};

use super::Inner;
use super::chat::{fill_ids, refuse_blocks};
use super::checks;
use super::state::{Trigger, View, view_json};
use super::web_api::{Done, No, text};

/// So long a trigger lives.
const LIFE: Duration = Duration::from_secs(3);
/// So many views stand upon each other.
const STACK: usize = 3;

fn checked(arguments: &Value, kind: &str) -> Result<Value, No> {
    let view = match &arguments["view"] {
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        view => view.clone(),
    };
    if !view.is_object() {
        return Err(No::because("invalid_arguments", "no view"));
    }
    if view["type"] != kind {
        return Err(No::because("invalid_arguments", format!("not a {kind}")));
    }
    refuse_blocks(checks::view(&view)).map_err(|no| No {
        error: "invalid_arguments",
        ..no
    })?;
    Ok(view)
}

impl Inner {
    /// Something that lets the bot open a form.
    pub(super) fn new_trigger(&self, user: &str, view: Option<&str>) -> String {
        let made = self.now();
        self.change(|state| {
            let id = format!("{}.{}", state.id("1"), state.id("t"));
            let trigger = Trigger {
                user: user.to_owned(),
                made,
                used: false,
                view: view.map(str::to_owned),
            };
            state.triggers.insert(id.clone(), trigger);
            id
        })
    }

    fn take_trigger(&self, id: &str) -> Result<Trigger, No> {
        let now = self.now();
        self.change(|state| {
            let Some(known) = state.triggers.get_mut(id) else {
                return Err(No::because("invalid_trigger_id", id));
            };
            if known.used {
                return Err(No::because("exchanged_trigger_id", id));
            }
            if now.saturating_sub(known.made) > LIFE {
                return Err(No::because(
                    "expired_trigger_id",
                    format!("{:?}", now - known.made),
                ));
            }
            known.used = true;
            Ok(known.clone())
        })
    }

    pub(super) fn open_view(&self, arguments: &Value, push: bool) -> Done {
        // The trigger first: it is what runs out.
        let trigger = self.take_trigger(text(arguments, "trigger_id")?)?;
        let view = checked(arguments, "modal")?;
        if push && trigger.view.is_none() {
            return Err(No::because("invalid_arguments", "nothing to push upon"));
        }
        self.put_view(&trigger.user, view)
    }

    /// Puts a view on top for somebody.
    pub(super) fn put_view(&self, user: &str, mut view: Value) -> Done {
        self.change(|state| {
            let external = view["external_id"].as_str().filter(|it| !it.is_empty());
            if external.is_some_and(|id| state.views.iter().any(|it| it.view["external_id"] == id))
            {
                return Err("duplicate_external_id".into());
            }
            let stack: Vec<_> = state.views.iter().filter(|it| it.user == user).collect();
            if stack.len() >= STACK {
                return Err("push_limit_reached".into());
            }
            let root = stack.first().map(|it| it.id.clone());
            let previous = stack.last().map(|it| it.id.clone());
            fill_ids(state, &mut view["blocks"]);
            let id = state.id("V");
            let made = View {
                root: root.unwrap_or_else(|| id.clone()),
                previous,
                hash: state.id("hash."),
                user: user.to_owned(),
                view,
                errors: Value::Null,
                id,
            };
            let value = made.json(&json!({}));
            state.views.push(made);
            Ok(json!({"view": value}))
        })
    }

    pub(super) fn update_view(&self, arguments: &Value) -> Done {
        let view = checked(arguments, "modal")?;
        let id = arguments["view_id"].as_str();
        let external = arguments["external_id"].as_str();
        if id.is_none() && external.is_none() {
            return Err(No::because("invalid_arguments", "no view_id"));
        }
        self.change(|state| {
            let wanted = |it: &&View| match (id, external) {
                (Some(id), _) => it.id == id,
                (None, external) => it.view["external_id"].as_str() == external,
            };
            let Some(found) = state.views.iter().find(wanted).map(|it| it.id.clone()) else {
                return Err(No::because("not_found", "no such view is open"));
            };
            replace(state, &found, view, arguments["hash"].as_str())
        })
    }

    pub(super) fn publish_view(&self, arguments: &Value) -> Done {
        let user = text(arguments, "user_id")?.to_owned();
        let mut view = checked(arguments, "home")?;
        self.change(|state| {
            if !state.users.contains_key(&user) {
                return Err(No::because("user_not_found", user));
            }
            fill_ids(state, &mut view["blocks"]);
            let (id, hash) = (format!("VHOME{user}"), state.id("hash."));
            let value = view_json(&id, &id, None, &hash, &view, &json!({}));
            state.homes.insert(user, value.clone());
            Ok(json!({"view": value}))
        })
    }

    /// Does what the bot said to a submission: nothing closes the view.
    pub(super) fn after_submission(&self, view: &str, payload: &Value) {
        let Some((user, blocks)) = self.lock().views.iter().find(|it| it.id == view).map(|it| {
            let ids = it.view["blocks"].as_array().into_iter().flatten();
            let ids = ids.filter_map(|it| it["block_id"].as_str().map(str::to_owned));
            (it.user.clone(), ids.collect::<Vec<_>>())
        }) else {
            return;
        };
        let no = |detail: &str| self.refuse("view_submission", "invalid_response", detail, payload);
        match payload["response_action"].as_str() {
            None if payload.as_object().is_none_or(serde_json::Map::is_empty) => {
                self.change(|state| state.views.retain(|it| it.id != view));
            }
            Some("clear") => self.change(|state| state.views.retain(|it| it.user != user)),
            Some("errors") => {
                let errors = payload["errors"].as_object();
                let known = errors.is_some_and(|errors| {
                    !errors.is_empty()
                        && errors.keys().all(|it| blocks.contains(it))
                        && errors.values().all(Value::is_string)
                });
                if !known {
                    return no("errors name no block of the view");
                }
                self.change(|state| {
                    let mut all = state.views.iter_mut();
                    all.find(|it| it.id == view).unwrap().errors = payload["errors"].clone();
                });
            }
            Some(action @ ("update" | "push")) => {
                let new = match checked(payload, "modal") {
                    Ok(new) => new,
                    Err(refusal) => return no(&refusal.detail),
                };
                let done = match action {
                    "update" => self.change(|state| replace(state, view, new, None)),
                    _ => self.put_view(&user, new),
                };
                if let Err(refusal) = done {
                    no(refusal.error);
                }
            }
            _ => no("unknown response_action"),
        }
    }
}

fn replace(state: &mut super::State, id: &str, mut view: Value, hash: Option<&str>) -> Done {
    fill_ids(state, &mut view["blocks"]);
    let new_hash = state.id("hash.");
    let mut all = state.views.iter_mut();
    let known = all.find(|it| it.id == id).unwrap();
    if hash.is_some_and(|hash| hash != known.hash) {
        return Err(No::because("hash_conflict", "changed since"));
    }
    (known.view, known.hash, known.errors) = (view, new_hash, Value::Null);
    Ok(json!({"view": known.json(&json!({}))}))
}
