//! SVG elements, a line each. Escapes all text; knows nothing of ladders. Lengths are pixels.

use std::fmt::Write as _;

use crate::render::picture::{ADVANCE, FONT};

/// An SVG being drawn from the top down.
#[derive(Debug, Default)]
pub struct Canvas {
    elements: String,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// The height of the font.
    pub size: usize,
    /// Its colour.
    pub colour: &'static str,
    /// Whether it is bold.
    pub bold: bool,
}

impl Style {
    /// Plain text.
    pub const fn new(size: usize, colour: &'static str) -> Style {
        Style {
            size,
            colour,
            bold: false,
        }
    }

    /// The same in bold.
    pub const fn bold(self, bold: bool) -> Style {
        Style { bold, ..self }
    }
}

/// How wide a text is.
pub fn width(text: &str, size: usize) -> usize {
    (text.chars().count() * size * ADVANCE).div_ceil(1000)
}

/// How many characters fit into a width.
pub fn columns(width: usize, size: usize) -> usize {
    width * 1000 / (size * ADVANCE)
}

impl Canvas {
    /// Text that begins at `x`, standing on `y`.
    pub fn text(&mut self, (x, y): (usize, usize), style: Style, text: &str) {
        self.written((x, y), style, "start", text);
    }

    /// Text with its middle at `x`.
    pub fn centred(&mut self, (x, y): (usize, usize), style: Style, text: &str) {
        self.written((x, y), style, "middle", text);
    }

    /// The same on a ground that hides the lines behind it.
    pub fn covering(&mut self, (x, y): (usize, usize), style: Style, ground: &str, text: &str) {
        let wide = width(text, style.size) + 8;
        let corner = (x.saturating_sub(wide / 2), y.saturating_sub(style.size));
        self.panel(corner, (wide, style.size * 5 / 4), 0, ground);
        self.centred((x, y), style, text);
    }

    fn written(&mut self, (x, y): (usize, usize), style: Style, anchor: &str, text: &str) {
        let weight = if style.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        self.element(format_args!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" fill=\"{}\" text-anchor=\"{anchor}\"\
             {weight}>{}</text>",
            style.size,
            style.colour,
            escaped(text),
        ));
    }

    /// A filled box with rounded corners.
    pub fn panel(
        &mut self,
        (x, y): (usize, usize),
        (width, height): (usize, usize),
        round: usize,
        colour: &str,
    ) {
        self.element(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\" \
             fill=\"{colour}\"/>"
        ));
    }

    /// A path that is drawn and not filled.
    pub fn stroke(&mut self, path: &str, width: usize, colour: &str, dotted: bool) {
        let dots = if dotted {
            " stroke-dasharray=\"2 7\""
        } else {
            ""
        };
        self.element(format_args!(
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{dots}/>"
        ));
    }

    /// A path that is filled.
    pub fn fill(&mut self, path: &str, colour: &str) {
        self.element(format_args!("<path d=\"{path}\" fill=\"{colour}\"/>"));
    }

    /// The whole picture on its paper.
    pub fn done(self, (width, height): (usize, usize), paper: &str) -> String {
        let elements = self.elements;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"{FONT}, Menlo, Consolas, monospace\" \
             xml:space=\"preserve\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"{paper}\"/>\n{elements}</svg>\n"
        )
    }

    fn element(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.elements, "{element}");
    }
}

/// Text as XML takes it. Control characters went when it was made visible.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            sign => safe.push(sign),
        }
    }
    safe
}
