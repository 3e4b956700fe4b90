//! How things stand at this moment: what the status page lists, and whether each source answers. Looks at no call.

use jiff::Timestamp;

use super::{Investigator, lead};
use crate::diagnosis::brief::Brief;
use crate::platform::{Incident, Progress};
use crate::sources::Source;

impl Investigator {
    /// What is announced, and how each source does.
    pub async fn standing(&self, now: Timestamp) -> Brief {
        let mut brief = Brief::about(format!(
            "How things stand at {}",
            now.strftime("%F %H:%M UTC")
        ));
        let announced = super::status::look(self.status_page()).await;
        brief.know("Status page", announced.step(&[], now).detail);
        let open = announced
            .incidents
            .iter()
            .filter(|it| it.progress != Progress::Over);
        for incident in open {
            brief.know("Incident", told(incident));
        }
        for source in self.sources() {
            let said = match source {
                Source::Captures(captures) => captures.summary().await,
                Source::ConnexCs(platform) => {
                    let trouble = lead::headline(platform, now);
                    trouble.unwrap_or_else(|| match platform.health().last_good {
                        Some(at) => format!("answered last at {}", at.strftime("%H:%M:%S UTC")),
                        None => "not asked yet; `doctor` asks each of its end points".to_owned(),
                    })
                }
            };
            let name = format!("{}: ", source.name());
            brief.know(source.name(), said.strip_prefix(&name).unwrap_or(&said));
        }
        brief
    }
}

fn told(incident: &Incident) -> String {
    let since = incident.started.map_or_else(String::new, |at| {
        format!(", since {}", at.strftime("%F %H:%M UTC"))
    });
    let components = match incident.components.as_slice() {
        [] => String::new(),
        some => format!(" ({})", some.join(", ")),
    };
    format!("{}{components}, {}{since}", incident.title, incident.status)
}
