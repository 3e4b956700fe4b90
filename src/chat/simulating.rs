//! What `simulate` is asked: the values of the platform's form, shown first, and run once a person says
//! so. Judges nothing; never runs what was not confirmed.

use jiff::Timestamp;

use super::commands::Options;
use super::past::loaded;
use super::reply::Offer;
use super::{Conversation, Desk, Reply, new_id};
use crate::call::{CallQuery, Reading};
use crate::diagnosis::{Investigator, Proposal};
use crate::sources::Simulation;

/// What stands in a field that nothing tells.
const UNKNOWN: &str = "?";

/// What it does.
const DOES: &str = "A simulation lets the platform authenticate and route this call. No carrier is asked, and an \
                    entry stays in the platform's log.";

/// A dry run with all its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DryRun {
    /// The platform, by its configured name.
    source: String,
    form: Simulation,
}

/// The options that replace a value, in the order of the form.
const OPTIONS: [&str; 6] = ["dialled", "cli", "switch", "ip", "user", "engine"];

impl Desk {
    /// Shows what a call would be simulated with, or simulates it where that was confirmed.
    pub async fn simulate(
        &self,
        conversation: &mut Conversation,
        about: &str,
        options: &Options,
        now: Timestamp,
    ) -> Reply {
        let (proposal, is_certain) = match self.proposed(conversation, about, options, now).await {
            Ok(proposed) => proposed,
            Err(why) => return Reply::Text(why),
        };
        let form = match with(proposal.form, options) {
            Ok(form) => form,
            Err(why) => return Reply::Text(why),
        };
        let source = match self.simulator(options.text("source"), proposal.source.as_deref()) {
            Ok(Some(source)) => source,
            Ok(None) => return Reply::Text(by_hand(&form)),
            Err(why) => return Reply::Text(why),
        };
        let missing = missing(&form);
        if !missing.is_empty() {
            let known = listed(&form).join("\n");
            let missing = missing.join(", ");
            return Reply::Text(format!(
                "Not known of this call: {missing}. Give what is missing, and nothing is guessed.\n{known}"
            ));
        }
        let dry_run = DryRun { source, form };
        // Where several things may be meant, the values have to be seen before they are sent.
        if options.flag("confirm") && is_certain {
            return self.run_dry(conversation, &dry_run, now).await;
        }
        let offer = Offer {
            does: DOES.to_owned(),
            values: values(&dry_run.form),
            notes: proposal.notes,
            command: self.command(&dry_run),
        };
        conversation.offer_to_run(dry_run);
        Reply::Offer(Box::new(offer))
    }

    /// Simulates what was confirmed. `again` asks for its entry in the log, and simulates nothing.
    pub(super) async fn run_dry(
        &self,
        conversation: &mut Conversation,
        dry_run: &DryRun,
        now: Timestamp,
    ) -> Reply {
        let (typed, DryRun { source, form }) = (self.command(dry_run), dry_run);
        let investigator = self.investigator();
        let course = conversation.course();
        let run = investigator.simulate((new_id(now), &typed), source, form, now, course);
        let mut done = match run.await {
            Ok(done) => done,
            Err(why) => return Reply::Text(why),
        };
        self.keep(&mut done, conversation.reader.alone(), now).await;
        if let Reading::Query(query) =
            self.read_words(conversation, &done.investigation.read_as, now)
        {
            conversation.last = Some((done.investigation.read_as.clone(), query));
        }
        self.told(conversation, done)
    }

    /// What is proposed for what was named, and whether it can mean nothing else.
    async fn proposed(
        &self,
        conversation: &Conversation,
        about: &str,
        options: &Options,
        now: Timestamp,
    ) -> Result<(Proposal, bool), String> {
        let about = about.trim();
        if about.is_empty() {
            let is_given = OPTIONS.iter().any(|name| options.text(name).is_some());
            return match &conversation.last {
                Some((_, query)) if !is_given => {
                    Ok((self.investigator().propose(query, now).await, true))
                }
                _ => Ok((Investigator::propose_for(&CallQuery::default(), &[]), true)),
            };
        }
        if let Some(archive) = &self.archive
            && let Ok(Some((_, evidence))) = loaded(archive, about, &conversation.reader, now).await
        {
            let found = evidence.calls(&[]);
            let query = CallQuery::default();
            return Ok((Investigator::propose_for(&query, &found), true));
        }
        let is_certain = matches!(self.read(about, now).await, Reading::Query(_));
        let query = self.one_or_two(about, now).await?;
        Ok((self.investigator().propose(&query, now).await, is_certain))
    }

    /// The platform to simulate on: the one that was named, else the one that knows the call, else the
    /// only one; none where no configured platform has a path for it.
    fn simulator(
        &self,
        named: Option<&str>,
        knows: Option<&str>,
    ) -> Result<Option<String>, String> {
        let investigator = self.investigator();
        let names: Vec<&str> = investigator.simulators().map(|it| it.name()).collect();
        if investigator.platforms().next().is_none() {
            return Err("No platform is configured, so that nothing can be simulated.".to_owned());
        }
        let wanted = named.or(knows.filter(|name| names.contains(name)));
        match (wanted, names.as_slice()) {
            (_, []) => Ok(None),
            (Some(name), names) if names.contains(&name) => Ok(Some(name.to_owned())),
            (None, [only]) => Ok(Some((*only).to_owned())),
            _ => {
                let names = names.join(", ");
                Err(format!("Say on which account, with --source: {names}."))
            }
        }
    }

    /// The message that runs it, whole.
    fn command(&self, DryRun { source, form }: &DryRun) -> String {
        let fields = OPTIONS.iter().zip(form.form());
        let given = fields.filter(|(_, (_, value))| !value.is_empty());
        let given = given.map(|(option, (_, value))| format!(" --{option}={value}"));
        let mut command = format!("simulate{}", given.collect::<String>());
        if self.investigator().simulators().count() > 1 {
            command.push_str(&format!(" --source={source}"));
        }
        command + " --confirm"
    }
}

/// The form with the values that were given.
fn with(form: Simulation, options: &Options) -> Result<Simulation, String> {
    let value = |name: &str, known: String| match options.text(name) {
        Some(given) if is_plain(given) => Ok(given.to_owned()),
        Some(_) => Err(format!(
            "The value of --{name} has characters that no number, name or address has; nothing was \
             simulated."
        )),
        // What a caller may have chosen is not put into a command that somebody copies.
        None if known.is_empty() || is_plain(&known) => Ok(known),
        None => Ok(UNKNOWN.to_owned()),
    };
    Ok(Simulation {
        dialled: value("dialled", form.dialled)?,
        cli: value("cli", form.cli)?,
        switch_ip: value("switch", form.switch_ip)?,
        customer_ip: value("ip", form.customer_ip)?,
        registered_user: value("user", form.registered_user)?,
        routing_engine: value("engine", form.routing_engine)?,
    })
}

/// Whether a value can stand in a command as it is, be it a chat's or a shell's.
fn is_plain(value: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "+*#.:-_@%".contains(c);
    !value.is_empty() && value.chars().all(is_plain)
}

/// The fields that nothing tells, each with its option.
fn missing(form: &Simulation) -> Vec<String> {
    let fields = OPTIONS.iter().zip(form.form());
    fields
        .filter(|(_, (_, value))| *value == UNKNOWN)
        .map(|(option, (name, _))| format!("{name} (--{option})"))
        .collect()
}

fn values(form: &Simulation) -> Vec<(&'static str, String)> {
    let fields = form.form().into_iter();
    fields
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
}

/// The values, a line each.
fn listed(form: &Simulation) -> Vec<String> {
    let fields = form.form().into_iter();
    fields
        .map(|(name, value)| format!("  {name:<16} {value}").trim_end().to_owned())
        .collect()
}

/// What a person does where the platform's API cannot.
fn by_hand(form: &Simulation) -> String {
    format!(
        "No endpoint is configured to simulate calls (sources.endpoints.simulate). By hand, type these values into the platform's form Simulate, then ask again with the SIM- id \
         that it gives:\n{}",
        listed(form).join("\n")
    )
}
