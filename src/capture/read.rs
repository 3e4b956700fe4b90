//! One capture, from bytes to SIP messages in one pass. Leads each frame through the layers; what
//! a layer does stands in its own file.

use std::io::Read;
use std::path::Path;

use bytes::Bytes;

use crate::sip::{Packet, Place, Transport};

use super::CaptureError;
use super::container::{Container, Frame};
use super::ip::{self, Part};
use super::link::{self, Content};
use super::open;
use super::start_line::begins_message;
use super::tcp::Streams;
use super::transport::{self, Carried};
use super::warnings::{Warning, Warnings};
use super::window::Window;

/// What one capture held.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileReport {
    /// Frames read, SIP or not.
    pub frames: u32,
    /// SIP messages handed out.
    pub sip_messages: u64,
    /// What was wrong with it, one sentence a kind of trouble. The rest was read all the same.
    pub warnings: Vec<String>,
}

/// Reads the capture at a path and hands each SIP message to `sink`, with `place.file` 0.
///
/// A UDP message comes in the order of its frame, as often as it was captured. A TCP message comes
/// once, when its last byte is there: its `at` and `place.frame` are those of the latest segment
/// that it needed. Where segments are missing, the messages after them can come late: sort by
/// time where the order matters. Memory is bounded whatever the size of the file.
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
    let mut window = Window::new(source);
    let beginning = window
        .peek(4)
        .map_err(|error| CaptureError::from_io(name, error))?;
    let kind = open::recognise(name, beginning)?;
    let mut container = Container::new(kind, window);

    let mut report = FileReport::default();
    let mut counting = |packet| {
        report.sip_messages += 1;
        sink(packet);
    };
    let mut layers = Layers {
        file,
        streams: Streams::new(file),
        warnings: Warnings::default(),
        sink: &mut counting,
    };
    while let Some(frame) = container.next(&mut layers.warnings) {
        report.frames = frame.number;
        layers.push(&frame);
    }
    layers.streams.finish(&mut layers.warnings, layers.sink);
    report.warnings = layers.warnings.sentences();
    Ok(report)
}

/// What is above the container.
struct Layers<'a> {
    file: u32,
    streams: Streams,
    warnings: Warnings,
    sink: &'a mut dyn FnMut(Packet),
}

impl Layers<'_> {
    fn push(&mut self, frame: &Frame<'_>) {
        let bytes = match link::content(frame.link, frame.bytes) {
            Content::Ip(bytes) => bytes,
            Content::Other => return,
            Content::UnknownLink => {
                self.warnings
                    .add(Warning::LinkLayer(frame.link), frame.number);
                return;
            }
        };
        let Some(ip) = ip::packet(bytes) else { return };
        if ip.part != Part::Whole {
            self.warnings.add(Warning::Fragment, frame.number);
        }
        match transport::carried(&ip) {
            Some(Carried::Datagram {
                source,
                destination,
                payload,
            }) if begins_message(payload) => {
                (self.sink)(Packet {
                    at: frame.at,
                    source,
                    destination,
                    transport: Transport::Udp,
                    place: Place {
                        file: self.file,
                        frame: frame.number,
                    },
                    bytes: Bytes::copy_from_slice(payload),
                });
            }
            Some(Carried::Segment(segment)) => {
                let seen = (frame.at, frame.number);
                self.streams
                    .push(&segment, seen, &mut self.warnings, self.sink);
            }
            _ => {}
        }
    }
}
