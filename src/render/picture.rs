//! Our own SVG as PNG, with a font that is part of the program: no system font is looked for. Not
//! for SVG from strangers.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use thiserror::Error;

/// The family that pictures are written in.
pub const FONT: &str = "DejaVu Sans Mono";

/// How wide each of its characters is, in thousandths of its size.
pub const ADVANCE: usize = 602;

/// Both faces of the family; see `assets/fonts/README.md`.
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(include_bytes!("../../assets/fonts/DejaVuSansMono.ttf").to_vec());
    fonts.load_font_data(include_bytes!("../../assets/fonts/DejaVuSansMono-Bold.ttf").to_vec());
    fonts.set_monospace_family(FONT);
    Arc::new(fonts)
});

/// Why an SVG did not become a PNG: it was not one of ours.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The text is no SVG.
    #[error("the drawing cannot be read: {0}")]
    Unreadable(#[from] resvg::usvg::Error),
    /// It has no area, or more than memory has room for.
    #[error("the drawing is {width} by {height} pixels, which cannot be painted")]
    Size {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// The pixels could not be written as PNG.
    #[error("the picture cannot be encoded: {0}")]
    Encoding(String),
}

/// Paints an SVG that this program drew, one pixel for each of its units.
///
/// # Errors
///
/// Where it is none of ours.
pub fn png(svg: &str) -> Result<Vec<u8>, PictureError> {
    let options = Options {
        font_family: FONT.to_owned(),
        fontdb: Arc::clone(&FONTS),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options)?;
    let size = tree.size().to_int_size();
    let (width, height) = (size.width(), size.height());
    let mut pixels = Pixmap::new(width, height).ok_or(PictureError::Size { width, height })?;
    resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
    pixels
        .encode_png()
        .map_err(|error| PictureError::Encoding(error.to_string()))
}
