//! Reading the packets of indexed calls again, from the files that hold them and no others.

use std::collections::{BTreeSet, HashSet};

use crate::sip::{Message, Packet};

use super::{CaptureError, Index, read_stream, sentence};

/// The packets of some calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Loaded {
    /// In order of time, then file, then frame.
    pub packets: Vec<Packet>,
    /// Files that could be read when the index was built and cannot now, a sentence each.
    pub problems: Vec<String>,
}

impl Index {
    /// All packets of the calls with these Call-IDs. Reads whole files: call it where blocking is
    /// allowed.
    #[must_use]
    pub fn load<S: AsRef<str>>(&self, call_ids: &[S]) -> Loaded {
        let wanted: HashSet<&str> = call_ids.iter().map(AsRef::as_ref).collect();
        let files: BTreeSet<u32> = wanted
            .iter()
            .filter_map(|call_id| self.call(call_id))
            .flat_map(|entry| entry.files.iter().copied())
            .collect();
        self.load_files(files, &|packet| {
            wanted.contains(&*Message::parse(packet.bytes.clone()).call_id())
        })
    }

    /// All packets of all files, under the same terms as [`Index::load`].
    #[must_use]
    pub fn load_all(&self) -> Loaded {
        let files = (0_u32..).take(self.files.len());
        self.load_files(files, &|_| true)
    }

    fn load_files(
        &self,
        files: impl IntoIterator<Item = u32>,
        wanted: &dyn Fn(&Packet) -> bool,
    ) -> Loaded {
        let mut loaded = Loaded::default();
        for file in files {
            if let Err(error) = self.load_file(file, wanted, &mut loaded.packets) {
                loaded.problems.push(sentence(&error));
            }
        }
        loaded
            .packets
            .sort_by_key(|packet| (packet.at, packet.place));
        loaded
    }

    fn load_file(
        &self,
        number: u32,
        wanted: &dyn Fn(&Packet) -> bool,
        packets: &mut Vec<Packet>,
    ) -> Result<(), CaptureError> {
        let Some(file) = self.files.get(number as usize) else {
            return Ok(());
        };
        read_stream(file.open()?, &file.path, number, &mut |packet| {
            if wanted(&packet) {
                packets.push(packet);
            }
        })?;
        Ok(())
    }
}
