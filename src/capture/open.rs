//! A path, opened or refused. Looks at what stands there before opening it, so that nothing can
//! block; recognises captures by their first bytes, never by name.

use std::fs::{self, File, FileType, Metadata};
use std::io::Read;
use std::path::Path;

use super::CaptureError;
use super::container::Kind;
use super::gzip::{self, Trouble};
use super::text;
use super::window::Window;

/// Bytes looked at to say what a file is.
const GLANCE: usize = 512;
/// Bytes read of a file for that; in text, the first message may be some way off.
const GLANCE_PACKED: u64 = text::LONG_GLANCE as u64;

/// A source that holds a capture.
pub(super) struct Recognised<'a> {
    pub(super) content: Content,
    /// Whether it was unpacked on the way: then places in it are not places in the file.
    pub(super) packed: bool,
    /// Its bytes from the first one on.
    pub(super) window: Window<Box<dyn Read + 'a>>,
}

/// What a capture is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Frames in a container of this kind.
    Frames(Kind),
    /// Text that holds SIP messages.
    Text,
}

/// An ordinary file with something in it.
///
/// # Errors
///
/// Anything but "not a capture", which only its contents can say.
pub(super) fn open(path: &Path) -> Result<File, CaptureError> {
    let found = fs::metadata(path).map_err(|error| CaptureError::from_io(path, error))?;
    check(path, &found)?;
    File::open(path).map_err(|error| CaptureError::from_io(path, error))
}

/// Whether a capture stands at the path, by its first bytes.
///
/// # Errors
///
/// The same as [`open`], and [`CaptureError::NotCapture`].
pub(super) fn look_at(path: &Path) -> Result<(), CaptureError> {
    recognise(path, open(path)?.take(GLANCE_PACKED)).map(|_| ())
}

/// Which kind of capture the source holds, by its first bytes, and the source to be read on.
///
/// # Errors
///
/// [`CaptureError::Empty`], [`CaptureError::NotCapture`], which name the path, or what kept the first
/// bytes from being read.
pub(super) fn recognise<'a>(
    path: &Path,
    source: impl Read + 'a,
) -> Result<Recognised<'a>, CaptureError> {
    let failed = |error| CaptureError::from_io(path, error);
    let (source, packed) = gzip::unpacked(source).map_err(failed)?;
    let mut window = Window::new(source);
    let beginning = match window.peek(4) {
        Ok(beginning) => beginning,
        Err(error) if packed && Trouble::of(&error) != Trouble::System => {
            return Err(CaptureError::NotCapture {
                path: path.to_path_buf(),
                looks_like: "damaged gzip data".to_owned(),
                advice: "copy or download it again",
            });
        }
        Err(error) => return Err(failed(error)),
    };
    if beginning.is_empty() {
        return Err(CaptureError::Empty {
            path: path.to_path_buf(),
        });
    }
    if let Some(kind) = Kind::of(beginning) {
        return Ok(Recognised {
            content: Content::Frames(kind),
            packed,
            window,
        });
    }
    // What cannot be read any more is said when it is met again.
    let _ = window.peek(text::GLANCE);
    let mut is_text = text::holds_message(window.peek(1).unwrap_or_default());
    let is_long = window.peek(1).is_ok_and(|it| it.len() >= text::GLANCE);
    if !is_text && is_long && text::may_be_log(window.peek(1).unwrap_or_default()) {
        let _ = window.peek(text::LONG_GLANCE);
        is_text = text::holds_message(window.peek(1).unwrap_or_default());
    }
    if is_text {
        return Ok(Recognised {
            content: Content::Text,
            packed,
            window,
        });
    }
    let beginning = window.peek(1).unwrap_or_default();
    let (looks_like, advice) = look(beginning.get(..GLANCE).unwrap_or(beginning));
    Err(CaptureError::NotCapture {
        path: path.to_path_buf(),
        looks_like: if packed {
            format!("gzip data that holds {looks_like}")
        } else {
            looks_like
        },
        advice,
    })
}

fn check(path: &Path, found: &Metadata) -> Result<(), CaptureError> {
    let path = path.to_path_buf();
    if found.is_dir() {
        return Err(CaptureError::Folder { path });
    }
    if !found.is_file() {
        return Err(CaptureError::NotAFile {
            path,
            kind: special(found.file_type()),
        });
    }
    if found.len() == 0 {
        return Err(CaptureError::Empty { path });
    }
    Ok(())
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "something special"
}

/// What a file that is no capture looks like, and what to do about it.
fn look(beginning: &[u8]) -> (String, &'static str) {
    const UNPACK: &str = "unpack it first";
    const CONVERT: &str = "convert it with Wireshark's editcap";
    const NO_MESSAGE: &str = "check that whole SIP messages stand in it, or record with tcpdump -w";
    const CHECK: &str = "check which file was meant";
    const KNOWN: [(&[u8], &str, &str); 12] = [
        (b"\x1f\x8b", "gzip data", UNPACK),
        (b"PK\x03\x04", "a zip archive", UNPACK),
        (b"\x28\xb5\x2f\xfd", "zstd data", UNPACK),
        (b"\xfd7zXZ\0", "xz data", UNPACK),
        (b"BZh", "bzip2 data", UNPACK),
        (b"7z\xbc\xaf", "a 7-zip archive", UNPACK),
        (b"snoop\0\0\0", "a Solaris snoop capture", CONVERT),
        (b"GMBU", "a Microsoft Network Monitor capture", CONVERT),
        (b"%PDF", "a PDF", CHECK),
        (b"\x89PNG", "a picture", CHECK),
        (b"\x7fELF", "a program", CHECK),
        (b"SQLite format 3", "a database", CHECK),
    ];
    for (magic, looks_like, advice) in KNOWN {
        if beginning.starts_with(magic) {
            return (looks_like.to_owned(), advice);
        }
    }
    if beginning.iter().all(|byte| *byte == 0) {
        return (
            "zero bytes only".to_owned(),
            "the recording never reached the disk",
        );
    }
    let start = beginning.trim_ascii_start();
    if start.starts_with(b"<") {
        return (
            "HTML or XML".to_owned(),
            "check that it was downloaded as a file",
        );
    }
    if is_text(beginning) {
        return ("text without a SIP message".to_owned(), NO_MESSAGE);
    }
    let bytes: Vec<_> = beginning
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    (format!("data that begins with {}", bytes.join(" ")), CHECK)
}

fn is_text(bytes: &[u8]) -> bool {
    let printable = |text: &str| {
        !text
            .chars()
            .any(|it| it.is_control() && !it.is_whitespace())
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => printable(text),
        // The glance may end within a letter.
        Err(error) => {
            error.error_len().is_none()
                && bytes
                    .get(..error.valid_up_to())
                    .and_then(|whole| std::str::from_utf8(whole).ok())
                    .is_some_and(printable)
        }
    }
}
