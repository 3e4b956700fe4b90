//! How sure a share of a few calls is, and the middle of many figures. Plain arithmetic; knows no call.

/// The quantile of the normal distribution for an interval of 95 %.
const Z: f64 = 1.96;

/// The same for one of 99.99 %: where hundreds of shares are looked at, one stands out by chance.
const Z_OF_MANY: f64 = 3.9;

/// A share: so many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// How many.
    pub part: usize,
    /// Of how many.
    pub whole: usize,
}

impl Share {
    /// Of these, those for which something holds.
    pub fn of<T>(all: impl IntoIterator<Item = T>, holds: impl Fn(&T) -> bool) -> Share {
        let mut share = Share { part: 0, whole: 0 };
        for one in all {
            share.whole += 1;
            share.part += usize::from(holds(&one));
        }
        share
    }

    /// The share between 0 and 1; 0 of nothing.
    #[must_use]
    pub fn ratio(self) -> f64 {
        if self.whole == 0 {
            return 0.0;
        }
        self.part as f64 / self.whole as f64
    }

    /// In whole percent.
    #[must_use]
    pub fn percent(self) -> usize {
        (self.ratio() * 100.0).round() as usize
    }

    /// The least that it may truly be: the lower end of Wilson's interval of 95 %.
    #[must_use]
    pub fn at_least(self) -> f64 {
        let (middle, half) = self.wilson(Z);
        (middle - half).max(0.0)
    }

    /// The same where it is one of many that are looked at: the lower end of an interval of 99.99 %.
    #[must_use]
    pub fn at_least_of_many(self) -> f64 {
        let (middle, half) = self.wilson(Z_OF_MANY);
        (middle - half).max(0.0)
    }

    /// The most that it may truly be: the upper end of Wilson's interval of 95 %; all of nothing.
    #[must_use]
    pub fn at_most(self) -> f64 {
        if self.whole == 0 {
            return 1.0;
        }
        let (middle, half) = self.wilson(Z);
        (middle + half).min(1.0)
    }

    fn wilson(self, z: f64) -> (f64, f64) {
        if self.whole == 0 {
            return (0.0, 0.0);
        }
        let (n, p) = (self.whole as f64, self.ratio());
        let scale = 1.0 + z * z / n;
        let middle = (p + z * z / (2.0 * n)) / scale;
        let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / scale;
        (middle, half)
    }
}

/// The middle of some figures; of an even number the lower one. Nothing of none.
#[must_use]
pub fn median<T: Ord + Copy>(mut figures: Vec<T>) -> Option<T> {
    figures.sort_unstable();
    let middle = figures.len().checked_sub(1)? / 2;
    figures.get(middle).copied()
}

#[cfg(test)]
mod tests {
    use super::{Share, median};

    #[test]
    fn an_interval_is_wide_for_few_and_narrow_for_many() {
        let near = |a: f64, b: f64| (a - b).abs() < 0.001;
        // 8 of 10: 0.490 to 0.943, as tables have it.
        let few = Share { part: 8, whole: 10 };
        assert!(near(few.at_least(), 0.490) && near(few.at_most(), 0.943));
        let many = Share {
            part: 800,
            whole: 1000,
        };
        assert!(near(many.at_least(), 0.774) && near(many.at_most(), 0.824));
        let none = Share { part: 0, whole: 0 };
        assert!(near(none.at_least(), 0.0) && near(none.at_most(), 1.0));
    }

    #[test]
    fn the_middle() {
        assert_eq!(median(vec![3, 1, 2]), Some(2));
        assert_eq!(median(vec![4, 1, 3, 2]), Some(2));
        assert_eq!(median::<u8>(vec![]), None);
    }
}
