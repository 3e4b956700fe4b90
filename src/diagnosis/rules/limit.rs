//! The figures that rules compare with, as a rule declares them and as an operator writes others. Compares
//! nothing itself.

use std::fmt;

use jiff::SignedDuration;

/// A figure that a rule compares with.
#[derive(Debug)]
pub struct Limit {
    /// Its name, which begins with the rule's id: `high-pdd.slow`.
    pub key: &'static str,
    /// What it limits, in a few words.
    pub what: &'static str,
    /// What it is unless an operator sets another.
    pub default: Figure,
}

/// How much of something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    /// A time; written with its unit, as in `4s`.
    Time(SignedDuration),
    /// A number of things.
    Count(u64),
    /// A part of a hundred; written as in `1.5%`.
    Percent(f64),
    /// A score without a unit, such as a MOS.
    Score(f64),
}

impl Figure {
    /// What may be written for such a figure.
    #[must_use]
    pub fn allowed(self) -> &'static str {
        match self {
            Figure::Time(_) => "a time with its unit, as in \"500ms\", \"4s\" or \"10m\"",
            Figure::Count(_) => "a whole number, as in 10",
            Figure::Percent(_) => "a part of a hundred, as in \"1.5%\"",
            Figure::Score(_) => "a number, as in 3.5",
        }
    }

    /// A figure of the same kind out of what somebody wrote; nothing where it is another kind, below
    /// nothing or no figure at all.
    #[must_use]
    pub fn of_same_kind(self, written: &str) -> Option<Figure> {
        let written = written.trim();
        let number = |text: &str| text.trim().parse::<f64>().ok();
        let fit = |it: &f64| it.is_finite() && *it >= 0.0;
        Some(match self {
            Figure::Time(_) => {
                let time: SignedDuration = written.parse().ok()?;
                (!time.is_negative()).then_some(Figure::Time(time))?
            }
            Figure::Count(_) => Figure::Count(written.parse().ok()?),
            Figure::Percent(_) => {
                let percent = number(written.strip_suffix('%')?).filter(fit)?;
                (percent <= 100.0).then_some(Figure::Percent(percent))?
            }
            Figure::Score(_) => Figure::Score(number(written).filter(fit)?),
        })
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Figure::Time(time) => write!(f, "{time:#}"),
            Figure::Count(count) => write!(f, "{count}"),
            Figure::Percent(percent) => write!(f, "{percent} %"),
            Figure::Score(score) => write!(f, "{score}"),
        }
    }
}
