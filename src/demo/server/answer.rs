//! Which data each end point of the demo platform gives, and what it refuses.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{Platform, is_address};
use crate::demo::asked::Asked;
use crate::demo::directory as file;
use crate::demo::endpoint::Endpoint;
use crate::demo::world::World;
use crate::demo::{breakdown, query, simulated};

/// The log never gives more rows, and says nothing of those that it leaves out.
const MOST_ROWS: usize = 200;

/// The platform's own limit on Call-IDs.
const LONGEST_CALL_ID: usize = 255;

/// A good answer.
pub(super) enum Answer {
    Json(Value),
    Text(String),
}

/// Why there is none.
pub(super) struct Refusal {
    pub status: u16,
    pub message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, message: &str) -> Refusal {
        let message = message.to_owned();
        Refusal { status, message }
    }
}

impl From<String> for Refusal {
    fn from(message: String) -> Refusal {
        Refusal {
            status: 400,
            message,
        }
    }
}

fn not_found() -> Refusal {
    Refusal::new(404, "Record Not Found")
}

/// The answer to a request that was let in. `named` are the parts of its path that name something.
pub(super) fn to(
    platform: &Platform,
    endpoint: Endpoint,
    named: &[String],
    query: &str,
    body: &[u8],
) -> Result<Answer, Refusal> {
    let asked = Asked::of(query)?;
    let name = |at: usize| named.get(at).map(String::as_str).unwrap_or_default();
    let world = &platform.world;
    let rows: Vec<Value> = match endpoint {
        Endpoint::Log => {
            let term = asked.needed("s")?;
            let found = found(world.log(), term);
            found
                .into_iter()
                .chain(world.row_of(term))
                .take(MOST_ROWS)
                .collect()
        }
        Endpoint::Trace => {
            let ids = [Some(call_id(&asked)?), asked.given("callidb")];
            world.trace(&ids.into_iter().flatten().collect::<Vec<_>>())
        }
        Endpoint::Rtcp => {
            call_id(&asked)?;
            return Ok(Answer::Json(json!({ "processed": [], "aggregate": {} })));
        }
        Endpoint::ClassFive => {
            call_id(&asked)?;
            Vec::new()
        }
        Endpoint::AiAgent => {
            call_id(&asked)?;
            let day = asked.needed("d")?;
            day.parse::<Date>()
                .map_err(|_| "d: YYYY-MM-DD".to_owned())?;
            Vec::new()
        }
        Endpoint::Transcribe => {
            asked.needed("s")?;
            Vec::new()
        }
        Endpoint::Cdr => query::answer(body, world)?,
        Endpoint::Aggregates => breakdown::answer(&asked, world)?,
        Endpoint::Cli => with(file::cli_entries(), "cli", asked.given("cli")),
        Endpoint::Customers => customers(world, &asked),
        Endpoint::Customer => return one(file::customers(world), name(0)),
        Endpoint::SipUsers => limited(of_company(file::sip_users(), &asked), &asked)?,
        Endpoint::IpEntries => limited(with(file::ip_entries(), "ip", asked.given("ip")), &asked)?,
        Endpoint::Carriers => with(file::carriers(world), "id", asked.given("id")),
        Endpoint::Carrier => return one(file::carriers(world), name(0)),
        Endpoint::Routes => of_company(file::routes(), &asked),
        Endpoint::Card if name(0) == file::CARD => return Ok(Answer::Json(file::card())),
        Endpoint::Rules if name(0) == file::CARD && name(1) == file::REVISION.to_string() => {
            let (limit, offset) = (asked.number("limit", 1000)?, asked.number("offset", 0)?);
            file::rules().into_iter().skip(offset).take(limit).collect()
        }
        Endpoint::Card | Endpoint::Rules => return Err(not_found()),
        Endpoint::Payments => of_company(file::payments(), &asked),
        Endpoint::Packages => of_company(file::packages(), &asked),
        Endpoint::MediaZones => file::media_zones(),
        Endpoint::MediaServers => file::media_servers(),
        Endpoint::Account => return Ok(Answer::Json(file::account())),
        Endpoint::Docs => file::pages(asked.needed("s")?),
        Endpoint::DocPage => {
            let page = file::PAGES.iter().find(|(link, _)| *link == name(0));
            let (_, text) = page.ok_or_else(not_found)?;
            return Ok(Answer::Text((*text).to_owned()));
        }
        Endpoint::AccessToken => {
            let token = platform.door.issue_access(platform.now());
            return Ok(Answer::Json(json!({ "token": token })));
        }
        Endpoint::RefreshToken => return refresh_token(platform, body),
        Endpoint::RegisterLog => registrations(world.registrations(), asked.needed("s")?),
        // Nobody documents what these answer, so here they answer in words.
        Endpoint::Firewall => return Ok(Answer::Text(file::firewall(asked.needed("s")?))),
        Endpoint::Registrations if !body.is_empty() => {
            return Ok(Answer::Text(file::registered(&searched(body)?)));
        }
        Endpoint::Registrations => return Ok(Answer::Text(file::registered(asked.needed("s")?))),
        Endpoint::Did => return Ok(Answer::Text(file::did(asked.needed("s")?))),
        Endpoint::Dialogs => return Ok(Answer::Text(String::new())),
        Endpoint::Simulate => {
            return Ok(Answer::Json(simulated::row(world, platform.now(), body)?));
        }
        Endpoint::Status => return Ok(Answer::Json(status())),
    };
    Ok(Answer::Json(Value::Array(rows)))
}

/// The Call-ID that is asked for, as long as the platform takes them.
fn call_id(asked: &Asked) -> Result<&str, String> {
    let call_id = asked.needed("callid")?;
    if call_id.chars().count() > LONGEST_CALL_ID {
        return Err(format!("callid: at most {LONGEST_CALL_ID} characters"));
    }
    Ok(call_id)
}

/// The rows of the log that a term finds: the Call-ID, a number, the address that sent the call.
fn found(rows: Vec<Value>, term: &str) -> Vec<Value> {
    let is_found = |row: &Value| {
        let field = |name: &str| row.pointer(&format!("/routing/{name}"));
        let is = |name: &str| field(name).and_then(Value::as_str) == Some(term);
        let from_there = field("params/si").is_some_and(|ip| is_address(term, ip));
        is("callid") || is("cli") || is("ou") || from_there
    };
    rows.into_iter().filter(is_found).collect()
}

fn registrations(rows: Vec<Value>, term: &str) -> Vec<Value> {
    let is_found = |row: &Value| {
        let is = |name: &str| row.get(name).and_then(Value::as_str) == Some(term);
        is("callid") || is("username") || row.get("ip").is_some_and(|ip| is_address(term, ip))
    };
    rows.into_iter().filter(is_found).collect()
}

/// The rows whose field is written like this, all where nothing is wanted.
fn with(rows: Vec<Value>, field: &str, wanted: Option<&str>) -> Vec<Value> {
    let Some(wanted) = wanted else { return rows };
    let is_it = |row: &Value| match row.get(field) {
        Some(Value::String(text)) => text == wanted,
        Some(Value::Number(number)) => number.as_u64() == wanted.parse().ok(),
        _ => false,
    };
    rows.into_iter().filter(is_it).collect()
}

fn of_company(rows: Vec<Value>, asked: &Asked) -> Vec<Value> {
    with(rows, "company_id", asked.given("company_id"))
}

fn limited(mut rows: Vec<Value>, asked: &Asked) -> Result<Vec<Value>, String> {
    rows.truncate(asked.number("_limit", rows.len())?);
    Ok(rows)
}

/// One entry by its number, as an object.
fn one(rows: Vec<Value>, id: &str) -> Result<Answer, Refusal> {
    let found = with(rows, "id", Some(id)).into_iter().next();
    found.map(Answer::Json).ok_or_else(not_found)
}

fn customers(world: &World, asked: &Asked) -> Vec<Value> {
    let is_alike = |row: &Value, field: &str, wanted: &str| {
        let value = row.get(field).and_then(Value::as_str).unwrap_or_default();
        value.to_lowercase().contains(&wanted.to_lowercase())
    };
    let mut rows = with(file::customers(world), "id", asked.given("id"));
    for field in ["name", "status"] {
        if let Some(wanted) = asked.given(field) {
            rows.retain(|row| is_alike(row, field, wanted));
        }
    }
    rows
}

/// What a script is asked for.
fn searched(body: &[u8]) -> Result<String, String> {
    let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let search = body.get("search").and_then(Value::as_str);
    search
        .map(str::to_owned)
        .ok_or("search: missing".to_owned())
}

fn refresh_token(platform: &Platform, body: &[u8]) -> Result<Answer, Refusal> {
    let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let lifetime = body.get("lifetime").and_then(Value::as_i64);
    let lifetime = lifetime
        .filter(|it| *it > 0)
        .ok_or("lifetime: seconds".to_owned())?;
    let audience = body.get("audience").and_then(Value::as_str);
    audience
        .filter(|it| !it.is_empty())
        .ok_or("audience: missing".to_owned())?;
    let token = platform.door.issue_refresh(lifetime, platform.now());
    Ok(Answer::Json(json!({ "token": token })))
}

fn status() -> Value {
    json!({
        "page": { "id": "demo", "name": "Demo platform", "url": "http://status.example" },
        "status": { "indicator": "none", "description": "All Systems Operational" },
        "components": [
            { "id": "sip", "name": "SIP", "status": "operational" },
            { "id": "media", "name": "Media (London)", "status": "operational" },
        ],
        "incidents": [], "scheduled_maintenances": [],
    })
}
