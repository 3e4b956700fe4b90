//! A folder that a recorder writes into, looked at again and again: only what changed is read, and
//! what comes of it is what a fresh look gives.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use calltriage::capture::{Entry, Index};

use crate::support::capture_writer::{PCAP, Writer, udp};
use crate::support::icmp::error;
use crate::support::trace;
use crate::support::traffic::{Traffic, busy};

const CALLS: usize = 60;

/// Ten files of a busy platform, and between them one with an ICMP error about the first call.
fn ten() -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    for (number, bytes) in busy(CALLS).files(10).iter().enumerate() {
        fs::write(folder.path().join(format!("{number}.pcap")), bytes).unwrap();
    }
    let lost = &trace::packets("0.5 plat>cust 200 leg=c0")[0];
    let quoted = udp(lost.source, lost.destination, &lost.bytes);
    let mut writer = Writer::new(PCAP, 101);
    writer.ip(lost.at, &error(false, 3, 3, [0; 4], &quoted));
    fs::write(folder.path().join("7-errors.pcap"), writer.bytes).unwrap();
    let paths = vec![folder.path().to_path_buf()];
    (folder, paths)
}

fn size(path: &Path) -> u64 {
    path.metadata().unwrap().len()
}

/// Everything that an index tells of a call.
fn told(entry: &Entry<'_>) -> String {
    format!(
        "{} {} {} {} {} {} {:?} {:?}",
        entry.call_id(),
        entry.first(),
        entry.last(),
        entry.messages(),
        entry.from_user(),
        entry.to_user(),
        entry.addresses(),
        entry.files().collect::<Vec<_>>(),
    )
}

/// Looks again, which reads so many bytes, and compares with a fresh look.
#[track_caller]
fn look_again(known: &Index, paths: &[PathBuf], bytes: u64) -> Index {
    let mut progress = Vec::new();
    let renewed = known.renewed(paths, &mut |done, all| progress.push((done, all)));
    assert_eq!(renewed.bytes_read(), bytes);
    assert!(progress.is_sorted());
    assert_eq!(progress.last(), Some(&(bytes, bytes)));

    let fresh = Index::build(paths, &mut |_, _| {});
    assert!(renewed.files().eq(fresh.files()));
    assert!(renewed.problems().eq(fresh.problems()));
    assert_eq!(renewed.warnings(), fresh.warnings());
    let all = |index: &Index| index.calls().map(|it| told(&it)).collect::<Vec<_>>();
    assert_eq!(all(&renewed), all(&fresh));
    for call in (0..CALLS).step_by(7) {
        let asked = [format!("c{call}@198.51.100.10")];
        assert_eq!(renewed.load(&asked), fresh.load(&asked), "{asked:?}");
        let last = fresh.call(&asked[0]).map(|it| it.last());
        let until = |index: &Index| last.and_then(|last| index.seen_until(last));
        assert_eq!(until(&renewed), until(&fresh));
    }
    renewed
}

#[test]
fn only_what_changed_is_read() {
    let (folder, paths) = ten();
    let at = |name: &str| folder.path().join(name);
    let all: u64 = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| size(&entry.unwrap().path()))
        .sum();
    let index = Index::build(&paths, &mut |_, _| {});
    assert_eq!(index.bytes_read(), all);
    let with_error = index.load(&["c0@198.51.100.10"]).observed;
    assert_eq!(with_error.icmp.len(), 1);
    let index = look_again(&index, &paths, 0);

    // One grows, and ends within a frame.
    let call = "600.0 cust>plat INVITE leg=late\n600.1 plat>cust 404 leg=late";
    let frames = &Traffic::of(&trace::packets(call)).file()[24..];
    let (most, rest) = frames.split_at(frames.len() - 20);
    let mut growing = OpenOptions::new().append(true).open(at("9.pcap")).unwrap();
    growing.write_all(most).unwrap();
    let index = look_again(&index, &paths, size(&at("9.pcap")));
    let late = index.call("late@198.51.100.10").unwrap();
    assert_eq!(late.messages(), 1);
    assert_eq!(index.warnings().len(), 1, "{:?}", index.warnings());
    growing.write_all(rest).unwrap();
    let index = look_again(&index, &paths, size(&at("9.pcap")));
    assert_eq!(index.call("late@198.51.100.10").unwrap().messages(), 2);
    assert!(index.warnings().is_empty(), "{:?}", index.warnings());

    // One is added, one vanishes, so that all after it have another number, and one is cut.
    let added = Traffic::of(&trace::packets("700.0 cust>plat OPTIONS leg=added")).file();
    fs::write(at("10.pcap"), &added).unwrap();
    fs::remove_file(at("2.pcap")).unwrap();
    let cut = size(&at("4.pcap")) - 30;
    let shorter = OpenOptions::new().write(true).open(at("4.pcap")).unwrap();
    shorter.set_len(cut).unwrap();
    let index = look_again(&index, &paths, added.len() as u64 + cut);
    assert!(index.call("added@198.51.100.10").is_some());
    assert_eq!(index.warnings().len(), 1, "{:?}", index.warnings());

    // One is written anew, and is as long as before.
    let bytes = fs::read(at("5.pcap")).unwrap();
    let before = at("5.pcap").metadata().unwrap().modified().unwrap();
    fs::write(
        at("5.pcap"),
        [&bytes[..24], &vec![0; bytes.len() - 24]].concat(),
    )
    .unwrap();
    let written = File::options().write(true).open(at("5.pcap")).unwrap();
    written
        .set_modified(before + Duration::from_secs(1))
        .unwrap();
    let index = look_again(&index, &paths, bytes.len() as u64);

    // All of them go.
    fs::remove_dir_all(folder.path()).unwrap();
    fs::create_dir(folder.path()).unwrap();
    let index = look_again(&index, &paths, 0);
    assert_eq!(index.calls().count(), 0);
    assert_eq!(index.problems().count(), 1);
}
