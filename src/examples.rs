//! Captures built into the program, so that it has something to show without any. Real recordings;
//! `examples/README.md` says how they were made.

use bytes::Bytes;

/// One capture of the examples folder.
macro_rules! example {
    ($name:literal) => {
        (
            concat!($name, ".pcap"),
            include_bytes!(concat!("../examples/captures/", $name, ".pcap")),
        )
    };
}

/// Each capture's name and content.
pub const CAPTURES: &[(&str, &[u8])] = &[
    example!("answered-caller-ends"),
    example!("answered-digest"),
    example!("not-found-404"),
    example!("no-circuits"),
    example!("missing-ack"),
    example!("caller-cancels"),
    example!("carrier-silent"),
    example!("ping-timeout"),
    example!("private-media"),
    example!("call-wrong-password"),
    example!("register-wrong-password"),
    example!("busy-486"),
    example!("slow-ringing"),
];

/// The same as captures in memory.
pub fn captures() -> impl Iterator<Item = (String, Bytes)> {
    let whole =
        |(name, bytes): &(&str, &'static [u8])| ((*name).to_owned(), Bytes::from_static(bytes));
    CAPTURES.iter().map(whole)
}
