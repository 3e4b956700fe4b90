//! One capture, from bytes to SIP messages in one pass. Opens the container and sends
//! each of its frames through the layers.

use std::io::Read;
use std::path::Path;

use crate::sip::Packet;

use super::CaptureError;
use super::container::Container;
use super::item::Item;
use super::layers::Layers;
use super::open::{self, Content, Recognised};
use super::text;

/// What one capture held.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileReport {
    /// Frames read, SIP or not; for a text trace, its messages.
    pub frames: u32,
    /// SIP messages handed out.
    pub sip_messages: u64,
    /// What was wrong with it, one sentence a kind of trouble. The rest was read all the same.
    pub warnings: Vec<String>,
}

/// Reads the capture at a path and hands each SIP message to `sink`, with `place.file` 0.
///
/// A capture may be gzipped, or be a text trace: then messages come in the order of the text, and the
/// warnings say which times and addresses it does not give. A UDP message comes in the order of its frame, as often as it was
/// captured. A message over TCP or in fragments comes when its last byte is there, over TCP once: its
/// `at` and `place.frame` are those of the latest segment or fragment that it needed. Where parts
/// are missing, messages can come late: sort by time where the order matters. Memory is bounded
/// whatever the size of the file.
///
/// # Errors
///
/// One sentence for the person who named the path, where nothing of it can be read. Damage inside
/// the file is no error but a warning in the report.
pub fn read(path: &Path, sink: &mut impl FnMut(Packet)) -> Result<FileReport, CaptureError> {
    read_stream(open::open(path)?, path, 0, sink)
}

/// The same as [`read`] for bytes from anywhere. `name` is what errors call them, `file` is put
/// into each packet's place.
///
/// # Errors
///
/// [`CaptureError::Empty`], [`CaptureError::NotCapture`], or what kept the first bytes from being
/// read.
pub fn read_stream(
    source: impl Read,
    name: &Path,
    file: u32,
    sink: &mut impl FnMut(Packet),
) -> Result<FileReport, CaptureError> {
    read_items(source, name, file, &mut |item| {
        if let Item::Message(seen) = item {
            sink(seen.packet());
        }
    })
}

/// The same for everything that the capture shows, SIP or not.
///
/// # Errors
///
/// As [`read_stream`].
pub fn read_items(
    source: impl Read,
    name: &Path,
    file: u32,
    sink: &mut dyn FnMut(Item<'_>),
) -> Result<FileReport, CaptureError> {
    let Recognised {
        content, window, ..
    } = open::recognise(name, source)?;
    let Content::Frames(kind) = content else {
        return Ok(text::read(window, file, sink));
    };
    let mut container = Container::new(kind, window);

    let mut report = FileReport::default();
    let mut counting = |item: Item<'_>| {
        if matches!(item, Item::Message(_)) {
            report.sip_messages += 1;
        }
        sink(item);
    };
    let mut layers = Layers::new(file);
    let mut frames = 0;
    while let Some(frame) = container.next(&mut layers.warnings) {
        frames = frame.number;
        layers.push(&frame, &mut counting);
    }
    layers.finish(&mut counting);
    report.frames = frames;
    report.warnings = layers.warnings.sentences();
    Ok(report)
}
