//! Which channels hear of an incident. Pure; posts nothing.

use super::grouping::Cause;
use super::life::Severity;
use super::watch::Scope;

/// What one channel hears of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The channel, as in "slack:C012AB3CD".
    pub channel: String,
    /// How bad it has to be.
    pub least: Severity,
    /// About what; everything where nothing is said.
    pub scope: Option<Scope>,
}

impl Route {
    fn takes(&self, severity: Severity, cause: &Cause) -> bool {
        let about = self
            .scope
            .as_ref()
            .is_none_or(|it| it.0.is_empty() || it.covers(cause));
        severity >= self.least && about
    }
}

/// The channels for an incident, each once: those of whatever found it and those with a route for it. A channel that
/// has routes hears of nothing that none of them takes.
#[must_use]
pub fn channels(
    routes: &[Route],
    own: &[String],
    severity: Severity,
    cause: &Cause,
) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for channel in own.iter().chain(routes.iter().map(|it| &it.channel)) {
        let mut its = routes.iter().filter(|it| it.channel == *channel).peekable();
        let hears = its.peek().is_none() || its.any(|it| it.takes(severity, cause));
        if hears && !all.contains(channel) {
            all.push(channel.clone());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::grouping::Axis;

    #[test]
    fn a_route_adds_a_channel_and_narrows_it() {
        let routes = [Route {
            channel: "slack:BOSS".to_owned(),
            least: Severity::Total,
            scope: None,
        }];
        let cause = Cause::new(Axis::Carrier, "Acme (#12)");
        let of = |own: &str, severity| channels(&routes, &[own.to_owned()], severity, &cause);
        assert_eq!(of("slack:NOC", Severity::Minor), ["slack:NOC"]);
        assert_eq!(
            of("slack:NOC", Severity::Total),
            ["slack:NOC", "slack:BOSS"]
        );
        assert_eq!(of("slack:BOSS", Severity::Minor), Vec::<String>::new());
    }
}
