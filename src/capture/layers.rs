//! The way of a frame through the layers above the container. What a layer does stands in its own
//! file.

use crate::sip::{Place, Transport};

use super::container::{Frame, Stamp};
use super::fragments::{Fragments, Joined};
use super::ip::{self, IpPacket};
use super::item::{Datagram, Item, Seen};
use super::link::{self, Content};
use super::start_line::begins_message;
use super::tcp::Streams;
use super::transport::{self, Carried};
use super::tunnel;
use super::warnings::{Warning, Warnings};

/// Tunnels within one another; what is deeper is not looked at.
const MOST_TUNNELS: usize = 8;

/// What is above the container.
pub(super) struct Layers<'a> {
    file: u32,
    fragments: Fragments,
    streams: Streams,
    pub(super) warnings: Warnings,
    sink: &'a mut dyn FnMut(Item<'_>),
}

impl<'a> Layers<'a> {
    pub(super) fn new(file: u32, sink: &'a mut dyn FnMut(Item<'_>)) -> Layers<'a> {
        Layers {
            file,
            fragments: Fragments::default(),
            streams: Streams::new(file),
            warnings: Warnings::default(),
            sink,
        }
    }

    /// Takes in one frame and hands out the messages that it completes.
    pub(super) fn push(&mut self, frame: &Frame<'_>) {
        match link::content(frame.link, frame.bytes) {
            Content::Ip(bytes) => self.ip(bytes, frame.stamp(), 0),
            Content::Other => {}
            Content::UnknownLink => self
                .warnings
                .add(Warning::LinkLayer(frame.link), frame.number),
        }
    }

    /// Hands out what is held back for fragments and segments that will not come any more.
    pub(super) fn finish(&mut self) {
        let joined = self.fragments.finish(&mut self.warnings);
        self.joined(&joined, 0);
        // Those may have been tunnels with fragments in them. Deeper ones are let go.
        let joined = self.fragments.finish(&mut self.warnings);
        self.joined(&joined, MOST_TUNNELS);
        self.streams.finish(&mut self.warnings, self.sink);
    }

    fn ip(&mut self, bytes: &[u8], stamp: Stamp, tunnels: usize) {
        let Some(ip) = ip::packet(bytes) else { return };
        if let Some(fragment) = ip.fragment {
            let joined = self
                .fragments
                .push(&ip, fragment, stamp, &mut self.warnings);
            self.joined(&joined, tunnels);
        } else {
            self.payload(&ip, stamp, tunnels);
        }
    }

    fn joined(&mut self, joined: &[Joined], tunnels: usize) {
        for it in joined {
            if let Some(ip) = it.packet() {
                self.payload(&ip, it.stamp, tunnels);
            }
        }
    }

    fn payload(&mut self, ip: &IpPacket<'_>, stamp: Stamp, tunnels: usize) {
        if let Some(inner) = tunnel::in_ip(ip) {
            return self.tunnel(inner, stamp, tunnels);
        }
        match transport::carried(ip) {
            Some(Carried::Datagram {
                source,
                destination,
                payload,
            }) => {
                if begins_message(payload) {
                    (self.sink)(Item::Message(Seen {
                        at: stamp.at,
                        source,
                        destination,
                        transport: Transport::Udp,
                        place: Place {
                            file: self.file,
                            frame: stamp.frame,
                        },
                        bytes: payload,
                    }));
                } else if let Some(inner) = tunnel::in_datagram(destination.port(), payload) {
                    self.tunnel(inner, stamp, tunnels);
                } else if payload.len() >= 8 && payload.first().is_some_and(|it| it >> 6 == 2) {
                    (self.sink)(Item::Media(Datagram {
                        at: stamp.at,
                        source,
                        destination,
                        place: Place {
                            file: self.file,
                            frame: stamp.frame,
                        },
                        payload,
                        missing: 0,
                    }));
                }
            }
            Some(Carried::Segment(segment)) => {
                self.streams
                    .push(&segment, stamp, &mut self.warnings, self.sink);
            }
            None => {}
        }
    }

    fn tunnel(&mut self, inner: &[u8], stamp: Stamp, tunnels: usize) {
        if tunnels < MOST_TUNNELS {
            self.ip(inner, stamp, tunnels + 1);
        } else {
            self.warnings.add(Warning::Tunnels, stamp.frame);
        }
    }
}
