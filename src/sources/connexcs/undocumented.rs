//! What the platform can tell at paths that it does not document. Only configured paths are asked;
//! without one the answer is that it could not be checked, and what a person can do instead. Guesses no
//! path and no shape. A path to a script of the operator's own inside the platform is one of them.

use super::read::{call_records, redacted, words, words_naming};
use super::{Answer, ConnexCs, WHO, listed};
use crate::call::simulated_id;
use crate::platform::{CallRecord, Words};
use crate::sources::Lookup;
use crate::sources::api::{Body, Class, Failure, Path};
use serde_json::json;

/// What a simulated call needs: the six values of the platform's own form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Simulation {
    /// Dialled Number.
    pub dialled: String,
    /// CLI/ANI.
    pub cli: String,
    /// Switch IP: the platform's server that the call enters.
    pub switch_ip: String,
    /// Customer IP.
    pub customer_ip: String,
    /// Registered User; empty where the call does not authenticate as one.
    pub registered_user: String,
    /// Routing Engine.
    pub routing_engine: String,
}

impl Simulation {
    /// The form values in the words of the platform's form, in its order.
    #[must_use]
    pub fn form(&self) -> [(&'static str, &str); 6] {
        [
            ("Dialled Number", &self.dialled),
            ("CLI/ANI", &self.cli),
            ("Switch IP", &self.switch_ip),
            ("Customer IP", &self.customer_ip),
            ("Registered User", &self.registered_user),
            ("Routing Engine", &self.routing_engine),
        ]
    }
}

/// What the platform answered to a simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulated {
    /// The Call-ID under which the log has it.
    pub call_id: String,
    /// Its row, where the answer has one that says how routing decided.
    pub row: Option<CallRecord>,
}

impl ConnexCs {
    /// The entries of the register log on a user, an address or a Call-ID. Their shape is not
    /// documented: they are read as rows of the call log are.
    pub async fn register_log(&self, search: &str) -> Lookup<Answer<CallRecord>> {
        let Some(template) = &self.endpoints.register_log else {
            return Lookup::Unavailable(not_configured("register_log"));
        };
        listed(self.configured(template, search).await, call_records)
    }

    /// Asks at a configured path. A script that an operator keeps on the platform takes JSON and gives what it likes;
    /// everything else is read.
    async fn configured(&self, template: &str, search: &str) -> Result<Body, Failure> {
        let path = Path::template(template, &[("search", search)]);
        if is_script(template) {
            let body = json!({ "search": search });
            return self.api.post_json(path, &body, Class::Log).await;
        }
        self.api.get(path, &[], Class::Log).await
    }

    /// What the firewall has of an address, in the platform's own words.
    pub async fn firewall(&self, search: &str) -> Lookup<Words> {
        self.words("firewall", self.endpoints.firewall.as_deref(), search)
            .await
    }

    /// Who is registered now, in the platform's own words.
    pub async fn registrations(&self, user: &str) -> Lookup<Words> {
        let template = self.endpoints.registrations.as_deref();
        self.words("registrations", template, user).await
    }

    /// Where an inbound number leads, in the platform's own words.
    pub async fn did(&self, number: &str) -> Lookup<Words> {
        self.words("did", self.endpoints.did.as_deref(), number)
            .await
    }

    /// What the list of calls that are up has of the call with one of these ids: the smallest part of the answer
    /// that names it, as the rest is of other people's calls. Empty where it names none.
    pub async fn dialog(&self, call_ids: &[&str]) -> Lookup<Words> {
        let Some(path) = &self.endpoints.dialogs else {
            return Lookup::Unavailable(not_configured("dialogs"));
        };
        let search = call_ids.first().copied().unwrap_or_default();
        match self.configured(path, search).await {
            Ok(body) => match words_naming(&body.bytes, call_ids) {
                Ok(words) if words.is_empty() => Lookup::Empty,
                Ok(words) => Lookup::Found(words),
                Err(unreadable) => Lookup::Unavailable(unreadable.to_string()),
            },
            Err(failure) => Lookup::Unavailable(failure.sentence(WHO)),
        }
    }

    /// Lets the platform route a call without placing it. It leaves an entry in the log: only for
    /// somebody who asked for it.
    pub async fn simulate(&self, call: &Simulation) -> Lookup<Simulated> {
        let Some(path) = &self.endpoints.simulate else {
            return Lookup::Unavailable(not_configured("simulate"));
        };
        let body = json!({
            "dialled_number": call.dialled,
            "cli": call.cli,
            "switch_ip": call.switch_ip,
            "customer_ip": call.customer_ip,
            "registered_user": call.registered_user,
            "routing_engine": call.routing_engine,
        });
        let path = Path::from(path.as_str());
        match self.api.post_json(path, &body, Class::Effect).await {
            Ok(body) => simulated(&body.bytes, &body.text()),
            Err(failure) => Lookup::Unavailable(failure.sentence(WHO)),
        }
    }

    /// The answer of a path whose shape nobody documents, as text without secrets.
    async fn words(&self, key: &str, template: Option<&str>, search: &str) -> Lookup<Words> {
        let Some(template) = template else {
            return Lookup::Unavailable(not_configured(key));
        };
        match self.configured(template, search).await {
            Ok(body) => match words(&body.bytes) {
                Ok(words) if words.is_empty() => Lookup::Empty,
                Ok(words) => Lookup::Found(words),
                Err(unreadable) => Lookup::Unavailable(unreadable.to_string()),
            },
            Err(failure) => Lookup::Unavailable(failure.sentence(WHO)),
        }
    }
}

/// Whether a path is that of a script inside the platform: those are posted to, and answer in their own words.
pub(super) fn is_script(template: &str) -> bool {
    template.starts_with("scriptforge/")
}

/// The shape of the answer is not documented. Only that the Call-ID begins with SIM is, so that it is
/// looked for wherever it may stand.
fn simulated(bytes: &[u8], text: &str) -> Lookup<Simulated> {
    let rows = call_records(bytes);
    let Some(call_id) = simulated_id(text) else {
        let why = match rows {
            Err(unreadable) => unreadable.to_string(),
            Ok(_) => format!("its answer names no SIM- id: {}", redacted(text)),
        };
        return Lookup::Unavailable(why);
    };
    let mut rows = rows.map(|it| it.rows).unwrap_or_default().into_iter();
    let row = rows.find(|row| row.is_routed().is_some());
    let row = row.map(|row| CallRecord {
        call_id: Some(call_id.to_owned()),
        ..row
    });
    Lookup::Found(Simulated {
        call_id: call_id.to_owned(),
        row,
    })
}

fn not_configured(key: &str) -> String {
    format!("no endpoint configured (sources.endpoints.{key})")
}
