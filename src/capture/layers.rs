//! The way of a frame through the layers above the container. What a layer does stands in its own
//! file.

use crate::sip::Place;

use super::container::{Frame, Stamp};
use super::datagram;
use super::fragments::{Fragments, Joined};
use super::icmp;
use super::ip::{self, IpPacket};
use super::item::{Datagram, Item};
use super::link::{self, Content};
use super::tcp::Streams;
use super::transport::{self, Carried};
use super::tunnel;
use super::warnings::{Warning, Warnings};

/// Tunnels within one another; what is deeper is not looked at.
const MOST_TUNNELS: usize = 8;

/// Where the layers hand out what they find.
type Sink<'s> = dyn FnMut(Item<'_>) + 's;

/// What is above the container.
pub(super) struct Layers {
    file: u32,
    /// What frames need of those before them; nothing where each is looked at alone.
    state: Option<State>,
    /// Whether the frame cannot be understood without those before it.
    needs_state: bool,
    pub(super) warnings: Warnings,
}

/// What is kept between frames.
struct State {
    fragments: Fragments,
    streams: Streams,
}

impl Layers {
    /// For all frames of a capture, in order.
    pub(super) fn new(file: u32) -> Layers {
        Layers {
            state: Some(State {
                fragments: Fragments::default(),
                streams: Streams::new(file),
            }),
            ..Layers::stateless(file)
        }
    }

    /// For frames each of which is looked at alone.
    pub(super) fn stateless(file: u32) -> Layers {
        Layers {
            file,
            state: None,
            needs_state: false,
            warnings: Warnings::default(),
        }
    }

    /// Takes in one frame and hands out what it completes. `false` where it holds a fragment or a
    /// TCP segment and no state is kept: then nothing was made of it.
    pub(super) fn push(&mut self, frame: &Frame<'_>, sink: &mut Sink<'_>) -> bool {
        self.needs_state = false;
        match link::content(frame.link, frame.bytes) {
            Content::Ip(bytes) => self.ip(bytes, frame.stamp(), 0, sink),
            Content::Other => self.unread(frame.bytes, frame.number),
            Content::UnknownLink => self
                .warnings
                .add(Warning::LinkLayer(frame.link), frame.number),
        }
        !self.needs_state
    }

    /// Hands out what is held back for fragments and segments that will not come any more.
    pub(super) fn finish(&mut self, sink: &mut Sink<'_>) {
        // Those put together first may have been tunnels with fragments in them. Deeper ones are
        // let go.
        for tunnels in [0, MOST_TUNNELS] {
            let Some(state) = &mut self.state else { return };
            let joined = state.fragments.finish(&mut self.warnings);
            self.joined(&joined, tunnels, sink);
        }
        if let Some(state) = &mut self.state {
            state.streams.finish(&mut self.warnings, sink);
        }
    }

    fn ip(&mut self, bytes: &[u8], stamp: Stamp, tunnels: usize, sink: &mut Sink<'_>) {
        let Some(ip) = ip::packet(bytes) else {
            return self.unread(bytes, stamp.frame);
        };
        let Some(fragment) = ip.fragment else {
            return self.payload(&ip, stamp, tunnels, sink);
        };
        let Some(state) = &mut self.state else {
            self.needs_state = true;
            return;
        };
        let joined = state
            .fragments
            .push(&ip, fragment, stamp, &mut self.warnings);
        self.joined(&joined, tunnels, sink);
    }

    fn joined(&mut self, joined: &[Joined], tunnels: usize, sink: &mut Sink<'_>) {
        for it in joined {
            if let Some(ip) = it.packet() {
                self.payload(&ip, it.stamp, tunnels, sink);
            }
        }
    }

    fn payload(&mut self, ip: &IpPacket<'_>, stamp: Stamp, tunnels: usize, sink: &mut Sink<'_>) {
        if let Some(inner) = tunnel::in_ip(ip) {
            return self.tunnel(inner, stamp, tunnels, sink);
        }
        match transport::carried(ip) {
            Some(Carried::Datagram {
                source,
                destination,
                payload,
                missing,
                beyond,
            }) => {
                self.unread(beyond, stamp.frame);
                let datagram = Datagram {
                    at: stamp.at,
                    source,
                    destination,
                    place: Place {
                        file: self.file,
                        frame: stamp.frame,
                    },
                    payload,
                    missing,
                };
                if let Some(inner) = datagram::hand_out(&datagram, &mut self.warnings, sink) {
                    self.tunnel(inner, stamp, tunnels, sink);
                }
            }
            Some(Carried::Segment(segment)) => match &mut self.state {
                Some(state) => state
                    .streams
                    .push(&segment, stamp, &mut self.warnings, sink),
                None => self.needs_state = true,
            },
            None => match icmp::error(ip, stamp, self.file) {
                Some(error) => sink(Item::Icmp(error)),
                // What ICMP quotes was seen on its way already.
                None if icmp::is_icmp(ip) => {}
                None => self.unread(ip.payload, stamp.frame),
            },
        }
    }

    /// Says so where what is not read has SIP in it.
    fn unread(&mut self, bytes: &[u8], frame: u32) {
        if datagram::has_sip(bytes) {
            self.warnings.add(Warning::Wrapped, frame);
        }
    }

    fn tunnel(&mut self, inner: &[u8], stamp: Stamp, tunnels: usize, sink: &mut Sink<'_>) {
        if tunnels < MOST_TUNNELS {
            self.ip(inner, stamp, tunnels + 1, sink);
        } else {
            self.warnings.add(Warning::Tunnels, stamp.frame);
        }
    }
}
