//! The card of an incident: what a channel is told of many lost calls with one cause, as plain data and as text, with a
//! small chart. Holds no markup and no platform's words; decides nothing.

use super::card::{Fact, Tone};
use super::clean;
use super::ladder::Theme;
use super::picture::FONT;

/// So many minutes stand in a chart.
pub const CHART_MINUTES: usize = 60;

/// An incident as it is shown. Texts come from outside too: whoever shows them escapes them. Empty parts are not shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IncidentCard {
    /// Its id, to be typed.
    pub id: String,
    /// What happens, with numbers.
    pub headline: String,
    /// How bad that is.
    pub tone: Shade,
    /// Where it is in its life, in one line.
    pub state: String,
    /// Who is affected, since when, how sure the party is.
    pub facts: Vec<(String, String)>,
    /// Lost calls a minute, the newest last.
    pub chart: Vec<u32>,
    /// What stands under the chart.
    pub chart_says: String,
    /// Calls that were looked at.
    pub examples: Vec<Exemplar>,
    /// What to do.
    pub next: Vec<String>,
    /// What is small print.
    pub notes: Vec<String>,
    /// What can be done with it.
    pub buttons: Vec<Press>,
}

/// How a card looks at first sight: the tones of other cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shade {
    /// It is over.
    Good,
    /// It is minor, or may be over.
    Warning,
    /// It is bad.
    Bad,
}

impl From<Shade> for Tone {
    fn from(shade: Shade) -> Tone {
        match shade {
            Shade::Good => Tone::Good,
            Shade::Warning => Tone::Warning,
            Shade::Bad => Tone::Bad,
        }
    }
}

/// A call that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Exemplar {
    /// Its Call-ID, never shortened.
    pub call_id: String,
    /// What was found of it.
    pub says: String,
}

/// A button: pressing it means exactly this command.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Press {
    /// Its name within the message.
    pub name: &'static str,
    /// What stands on it.
    pub label: &'static str,
    /// The command.
    pub command: String,
}

/// Figures as a line of bars, the largest as high as there is.
#[must_use]
pub fn sparkline(figures: &[u32]) -> String {
    const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = figures.iter().copied().max().unwrap_or(0).max(1);
    let bar = |figure: &u32| {
        // What is there is seen, however little it is.
        let height = figure.saturating_mul(8).div_ceil(most);
        let at = usize::try_from(height).unwrap_or(0);
        BARS.get(at).copied().unwrap_or('█')
    };
    figures.iter().map(bar).collect()
}

impl IncidentCard {
    /// The lines of the card as plain text.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let sign = match self.tone {
            Shade::Good => '✓',
            Shade::Warning => '▲',
            Shade::Bad => '●',
        };
        let mut lines = vec![
            format!("{sign} {}", clean::line(&self.headline)),
            clean::line(&self.state),
        ];
        lines.extend(self.facts.iter().map(|(label, text)| {
            let colon = if label.ends_with('?') { "" } else { ":" };
            format!("{label}{colon} {}", clean::line(text))
        }));
        if !self.chart.is_empty() {
            lines.push(format!("│{}│ {}", sparkline(&self.chart), self.chart_says));
        }
        lines.extend(
            self.examples
                .iter()
                .map(|it| format!("· {}  {}", clean::line(&it.call_id), clean::line(&it.says))),
        );
        lines.extend(
            self.next
                .iter()
                .enumerate()
                .map(|(at, it)| format!("{}. {}", at + 1, clean::line(it))),
        );
        lines.extend(self.notes.iter().map(|it| clean::line(it)));
        lines
    }

    /// The facts as other cards have them.
    pub fn named_facts(&self) -> impl Iterator<Item = Fact> + '_ {
        self.facts
            .iter()
            .map(|(label, text)| Fact::new(label.as_str(), text.as_str()))
    }

    /// The chart as an SVG of its own; nothing where there is none.
    #[must_use]
    pub fn drawing(&self, theme: Theme) -> Option<String> {
        const WIDE: usize = 10;
        const HIGH: u32 = 80;
        let most = self.chart.iter().copied().max()?.max(1);
        let colours = theme.colours();
        let (width, height) = (self.chart.len() * WIDE + 40, HIGH + 60);
        let bars: String = self
            .chart
            .iter()
            .enumerate()
            .map(|(at, lost)| {
                let tall = lost.saturating_mul(HIGH).div_ceil(most);
                let (x, y) = (20 + at * WIDE, 30 + HIGH - tall);
                let colour = colours.mark_sign;
                format!(
                    r#"<rect x="{x}" y="{y}" width="{}" height="{tall}" fill="{colour}"/>"#,
                    WIDE - 2
                )
            })
            .collect();
        let text = |y: u32, says: &str, colour: &str| {
            let says = clean::columns(says)
                .replace('&', "&amp;")
                .replace('<', "&lt;");
            format!(
                r#"<text x="20" y="{y}" font-family="{FONT}" font-size="12" fill="{colour}">{says}</text>"#
            )
        };
        let (base, line) = (30 + HIGH, colours.line);
        Some(format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"><rect width="{width}" height="{height}" fill="{}"/>{bars}<rect x="20" y="{base}" width="{}" height="1" fill="{line}"/>{}{}</svg>"#,
            colours.paper,
            self.chart.len() * WIDE,
            text(
                20,
                &format!("lost calls a minute, {most} at most"),
                colours.ink
            ),
            text(base + 18, &self.chart_says, colours.faint),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_lost_call_is_seen_beside_a_thousand() {
        assert_eq!(sparkline(&[0, 1, 500, 1000]), " ▁▄█");
        assert_eq!(sparkline(&[]), "");
    }
}
