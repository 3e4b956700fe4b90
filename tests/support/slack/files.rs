//! Files: the three steps of an upload, what is known of a file, and its bytes. Judges no content.

use std::sync::Arc;

use serde_json::{Value, json};

use super::chat::{Content, bots, refuse_blocks, thread_of};
use super::record::Call;
use super::server::{Answer, Request};
use super::state::{BOT_USER, File, Message};
use super::web_api::{Done, No, channel, text};
use super::{BOT_TOKEN, Inner, checks};

impl Inner {
    pub(super) fn upload_url(&self, arguments: &Value) -> Done {
        let name = text(arguments, "filename")?;
        let length = match &arguments["length"] {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let Some(length) = length.filter(|it| *it > 0) else {
            return Err(No::because("invalid_arguments", "length"));
        };
        let id = self.change(|state| {
            let id = state.id("F");
            let file = File {
                id: id.clone(),
                name: name.to_owned(),
                title: name.to_owned(),
                user: BOT_USER.to_owned(),
                announced: usize::try_from(length).unwrap(),
                content: None,
                shares: Vec::new(),
                complete: false,
            };
            state.files.insert(id.clone(), file);
            id
        });
        Ok(json!({"upload_url": format!("{}/upload/{id}", self.base()), "file_id": id}))
    }

    /// The bytes, raw or as the only part of a form.
    pub(super) fn upload(&self, id: &str, request: &Request) -> Answer {
        let bytes = match request.header("content-type").split_once("boundary=") {
            Some((_, boundary)) => part(&request.body, boundary.trim_matches('"')),
            None => request.body.clone(),
        };
        let announced = self
            .lock()
            .files
            .get(id)
            .map(|it| (it.announced, it.content.is_some()));
        let error = match announced {
            None => Some("no such upload".to_owned()),
            Some((_, true)) => Some("uploaded before".to_owned()),
            Some((length, _)) if length != bytes.len() => {
                Some(format!("{} bytes, announced {length}", bytes.len()))
            }
            Some(_) => None,
        };
        if let Some(error) = error {
            self.refuse("upload", "bad_upload", &error, &json!(id));
            return Answer::text(400, "text/plain", &error);
        }
        let told = format!("OK - {}", bytes.len());
        let call = Call {
            method: "upload".to_owned(),
            arguments: json!(id),
            answer: json!(told),
            at: self.now(),
        };
        self.change(|state| {
            state.files.get_mut(id).unwrap().content = Some(bytes);
            state.record.calls.push(call);
        });
        Answer::text(200, "text/plain", &told)
    }

    pub(super) fn complete_upload(&self, arguments: &Value) -> Done {
        let files = match &arguments["files"] {
            Value::Array(files) if !files.is_empty() => files.clone(),
            _ => return Err(No::because("invalid_arguments", "no files")),
        };
        let mut ids = Vec::new();
        let message = {
            let state = self.lock();
            for file in &files {
                let id = file["id"].as_str().unwrap_or("");
                match state.files.get(id) {
                    Some(known) if known.complete => {
                        return Err(No::because("file_not_found", "completed before"));
                    }
                    Some(known) if known.content.is_some() => ids.push(id.to_owned()),
                    Some(_) => return Err(No::because("file_not_found", "nothing uploaded")),
                    None => return Err(No::because("file_not_found", id)),
                }
            }
            let several = arguments["channels"].as_str().filter(|it| !it.is_empty());
            match arguments["channel_id"].as_str().or(several) {
                None => None,
                Some(place) => {
                    let place = channel(&state, place)?;
                    if !place.has_bot() {
                        return Err(No::because("not_in_channel", place.id.clone()));
                    }
                    let thread = thread_of(&state, &place.id, arguments)?;
                    let comment = arguments["initial_comment"].as_str().map(str::to_owned);
                    let blocks = Some(arguments["blocks"].clone());
                    let blocks = blocks.filter(|it| it.is_array() && comment.is_none());
                    if let Some(blocks) = &blocks {
                        refuse_blocks(checks::message(blocks))?;
                    }
                    let content = Content {
                        text: comment,
                        blocks,
                        attachments: None,
                        metadata: None,
                    };
                    Some(Message {
                        files: ids.clone(),
                        ..bots(
                            place.id.clone(),
                            thread,
                            content,
                            "files.completeUploadExternal",
                        )
                    })
                }
            }
        };
        self.change(|state| {
            for (id, file) in ids.iter().zip(&files) {
                let known = state.files.get_mut(id).unwrap();
                known.complete = true;
                if let Some(title) = file["title"].as_str() {
                    known.title = title.to_owned();
                }
            }
        });
        if let Some(message) = message {
            self.share(message);
        }
        let (state, base) = (self.lock(), self.base());
        let shown = ids
            .iter()
            .map(|id| state.file_json(&state.files[id], &base));
        Ok(json!({"files": shown.collect::<Vec<_>>()}))
    }

    /// Puts a message with files up.
    pub(super) fn share(&self, message: Message) -> (Value, String) {
        let ids = message.files.clone();
        let (value, place) = self.add(message);
        self.change(|state| {
            for id in &ids {
                let share = (place.clone(), value["ts"].as_str().unwrap().to_owned());
                state.files.get_mut(id).unwrap().shares.push(share);
            }
        });
        (value, place)
    }

    pub(super) fn file_info(&self, arguments: &Value) -> Done {
        let state = self.lock();
        let id = text(arguments, "file")?;
        let file = state.files.get(id).filter(|it| it.complete);
        let file = file.ok_or_else(|| No::because("file_not_found", id))?;
        let mut value = state.file_json(file, &self.base());
        let mut shares = json!({});
        for (place, ts) in &file.shares {
            shares[place] = json!([{"ts": ts, "channel_name": state.channels[place].name}]);
        }
        value["shares"] = json!({"public": shares});
        Ok(json!({"file": value, "comments": [], "response_metadata": {"next_cursor": ""}}))
    }

    /// `rest` is `TEAM-FILE/name`.
    pub(super) fn download(self: &Arc<Inner>, rest: &str, request: &Request) -> Answer {
        let id = rest.split('/').next().and_then(|it| it.split_once('-'));
        let id = id.map_or("", |(_, id)| id);
        if request.token() != Some(BOT_TOKEN) || !self.app.scopes.contains("files:read") {
            // To a browser's login, as Slack does; who follows it gets a page instead of the file.
            self.refuse("download", "invalid_auth", "login page", &json!(id));
            return Answer::text(302, "text/html", "<html>Sign in</html>").with(
                "location",
                &format!("https://{}.slack.com/", super::state::TEAM_DOMAIN),
            );
        }
        let content = self.lock().files.get(id).and_then(|it| it.content.clone());
        let call = Call {
            method: "download".to_owned(),
            arguments: json!(id),
            answer: json!(content.as_ref().map(Vec::len)),
            at: self.now(),
        };
        self.change(|state| state.record.calls.push(call));
        match content {
            Some(body) => Answer {
                body,
                ..Answer::text(200, "application/octet-stream", "")
            },
            None => Answer::text(404, "text/html", "<html>Not found</html>"),
        }
    }
}

/// The content of the first part of a form.
fn part(body: &[u8], boundary: &str) -> Vec<u8> {
    let find = |from: usize, what: &[u8]| {
        let found = body[from..].windows(what.len()).position(|it| it == what);
        found.map(|at| at + from)
    };
    let Some(start) = find(0, b"\r\n\r\n") else {
        return Vec::new();
    };
    let end = find(start, format!("\r\n--{boundary}").as_bytes());
    body[start + 4..end.unwrap_or(body.len())].to_vec()
}
