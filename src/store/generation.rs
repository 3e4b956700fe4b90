//! The file beside the database that remembers how far it had come. Never ahead of what is durable,
//! because it is written after the database was synced.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

const NAME: &str = "generation";

/// What the file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remembered {
    /// There is no file: nothing was ever acknowledged.
    Nothing,
    /// This many applies were acknowledged.
    Generation(u64),
    /// The file is there and makes no sense.
    Unreadable,
}

pub(super) fn read(dir: &Path) -> io::Result<Remembered> {
    match fs::read_to_string(dir.join(NAME)) {
        Ok(text) => Ok(parse(&text).map_or(Remembered::Unreadable, Remembered::Generation)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Remembered::Nothing),
        Err(error) if error.kind() == ErrorKind::InvalidData => Ok(Remembered::Unreadable),
        Err(error) => Err(error),
    }
}

/// Replaces the file as a whole: after a power cut it holds the old number or the new one.
pub(super) fn write(dir: &Path, generation: u64) -> io::Result<()> {
    let new = dir.join("generation.new");
    let mut file = File::create(&new)?;
    file.write_all(line(generation).as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, dir.join(NAME))?;
    sync_folder(dir)
}

/// Makes the names in a folder durable; syncing a file does not.
pub(super) fn sync_folder(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn line(generation: u64) -> String {
    let number = generation.to_string();
    let crc = crc32fast::hash(number.as_bytes());
    format!("{number} {crc:08x}\n")
}

fn parse(text: &str) -> Option<u64> {
    let generation = text.split_once(' ')?.0.parse().ok()?;
    (line(generation) == text).then_some(generation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote_and_nothing_else() {
        assert_eq!(parse(&line(0)), Some(0));
        assert_eq!(parse(&line(u64::MAX)), Some(u64::MAX));
        for bad in [
            "",
            "7",
            "7 ",
            "7 00000000\n",
            &line(12)[1..],
            line(12).trim_end(),
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
