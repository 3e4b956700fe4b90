//! The colours of a picture. A colour never stands alone for a meaning: legs have letters, marked
//! rows a sign.

/// Whether a picture is light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on near black, for the night.
    Dark,
}

/// The colours of a theme.
#[derive(Debug, Clone, Copy)]
pub struct Colours {
    /// Behind all.
    pub paper: &'static str,
    /// Text.
    pub ink: &'static str,
    /// Text of less weight.
    pub faint: &'static str,
    /// Boxes.
    pub panel: &'static str,
    /// Lifelines.
    pub line: &'static str,
    /// Behind a marked row.
    pub mark: &'static str,
    /// The sign of a marked row.
    pub mark_sign: &'static str,
    legs: [&'static str; 6],
}

impl Theme {
    /// Its colours.
    #[must_use]
    pub fn colours(self) -> &'static Colours {
        match self {
            Theme::Light => &LIGHT,
            Theme::Dark => &DARK,
        }
    }
}

impl Colours {
    /// The colour of a leg.
    #[must_use]
    pub fn leg(&self, leg: usize) -> &'static str {
        let colour = self.legs.iter().cycle().nth(leg % self.legs.len());
        colour.copied().unwrap_or(self.ink)
    }
}

const LIGHT: Colours = Colours {
    paper: "#ffffff",
    ink: "#1a212c",
    faint: "#566172",
    panel: "#edf0f4",
    line: "#b4bdc9",
    mark: "#ffe9e3",
    mark_sign: "#d1330d",
    legs: [
        "#1d5fc4", "#0b7a4b", "#8a3bb5", "#9a5b00", "#0b7285", "#b3256d",
    ],
};

const DARK: Colours = Colours {
    paper: "#12161c",
    ink: "#e9edf2",
    faint: "#9ba7b6",
    panel: "#252d38",
    line: "#48535f",
    mark: "#47201a",
    mark_sign: "#ff8a65",
    legs: [
        "#76b0ff", "#5ed6a0", "#cf9ff5", "#e8b55f", "#5fcbdb", "#f78fc0",
    ],
};
