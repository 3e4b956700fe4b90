//! TLS connections put together from what their two directions show. Each is handed out once, when
//! it ends or the capture does; says in the warnings which of them kept SIP from being read.

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::wire::tls::{TLS_1_3, version_name};
use crate::wire::{TlsAlert, TlsConnection};

use super::super::container::Stamp;
use super::super::item::Item;
use super::super::warnings::{Warning, Warnings};
use super::Direction;
use super::tls::Event;

/// Where SIP is spoken over TLS: the registered port, and the usual one beside it.
const SIP_PORTS: [u16; 2] = [5061, 5081];
/// Alerts kept of one connection.
const MOST_ALERTS: usize = 8;
/// Bytes of an encrypted alert in TLS 1.3: two, its kind, and the tag of every cipher in use.
const HIDDEN_ALERT: usize = 19;
/// Bytes of the shortest encrypted Finished in TLS 1.3.
const HIDDEN_FINISHED: usize = 53;

/// One connection that has not ended.
struct Open {
    connection: TlsConnection,
    /// As on the wire; `None` before the server's hello.
    agreed: Option<u16>,
    offers_sip: bool,
    client: Side,
    server: Side,
    /// In TLS 1.3: whether the client seems to have finished the handshake.
    finished: bool,
}

#[derive(Default)]
struct Side {
    closed: bool,
    changed_cipher: bool,
    sent_data: bool,
}

/// All TLS connections that have not ended.
#[derive(Default)]
pub(super) struct Connections {
    file: u32,
    open: HashMap<Direction, Open>,
}

/// The same for both directions.
fn ends((one, other): Direction) -> Direction {
    (one.min(other), one.max(other))
}

impl Connections {
    pub(super) fn new(file: u32) -> Connections {
        Connections {
            file,
            open: HashMap::new(),
        }
    }

    /// Takes in what was seen in a direction.
    pub(super) fn event(
        &mut self,
        direction: Direction,
        event: Event,
        stamp: Stamp,
        warnings: &mut Warnings,
    ) {
        let (source, destination) = direction;
        let file = self.file;
        match event {
            Event::ClientHello(hello) => {
                let open = self.entry(direction, file, source, destination, stamp);
                open.offers_sip |= hello.offers_sip;
                // The second one after a retry, or one that came after its answer, tells less.
                let known = &mut open.connection;
                known.server_name = known.server_name.take().or(hello.server_name);
                if known.version.is_none() {
                    known.version = version_name(hello.version).map(str::to_owned);
                }
            }
            Event::ServerHello(hello) => {
                let open = self.entry(direction, file, destination, source, stamp);
                open.agreed = Some(hello.version);
                open.connection.version = version_name(hello.version).map(str::to_owned);
            }
            Event::Encrypted if !self.open.contains_key(&ends(direction)) => {
                // Said of the client's direction only, or it would count twice.
                if SIP_PORTS.contains(&destination.port())
                    && (destination.port() != source.port() || source < destination)
                {
                    warnings.add(Warning::Tls(destination.port()), stamp.frame);
                }
            }
            _ => {
                if let Some(open) = self.open.get_mut(&ends(direction)) {
                    open.event(source, event, stamp);
                }
            }
        }
    }

    fn entry(
        &mut self,
        direction: Direction,
        file: u32,
        client: SocketAddr,
        server: SocketAddr,
        stamp: Stamp,
    ) -> &mut Open {
        self.open.entry(ends(direction)).or_insert_with(|| Open {
            connection: TlsConnection {
                at: stamp.at,
                file,
                frame: stamp.frame,
                client,
                server,
                server_name: None,
                version: None,
                certificate_names: Vec::new(),
                alerts: Vec::new(),
                established: false,
            },
            agreed: None,
            offers_sip: false,
            client: Side::default(),
            server: Side::default(),
            finished: false,
        })
    }

    /// A direction was closed; when both are, the connection has ended.
    pub(super) fn closed(
        &mut self,
        direction: Direction,
        warnings: &mut Warnings,
        sink: &mut dyn FnMut(Item<'_>),
    ) {
        let Some(open) = self.open.get_mut(&ends(direction)) else {
            return;
        };
        open.side(direction.0).closed = true;
        if open.client.closed && open.server.closed {
            self.over(direction, warnings, sink);
        }
    }

    /// The connection has ended.
    pub(super) fn over(
        &mut self,
        direction: Direction,
        warnings: &mut Warnings,
        sink: &mut dyn FnMut(Item<'_>),
    ) {
        if let Some(open) = self.open.remove(&ends(direction)) {
            open.hand_out(warnings, sink);
        }
    }

    /// The capture has ended.
    pub(super) fn finish(&mut self, warnings: &mut Warnings, sink: &mut dyn FnMut(Item<'_>)) {
        let mut rest: Vec<_> = self.open.drain().map(|(_, open)| open).collect();
        rest.sort_unstable_by_key(|it| (it.connection.frame, it.connection.client));
        for open in rest {
            open.hand_out(warnings, sink);
        }
    }
}

impl Open {
    fn side(&mut self, source: SocketAddr) -> &mut Side {
        if source == self.connection.client {
            &mut self.client
        } else {
            &mut self.server
        }
    }

    fn event(&mut self, source: SocketAddr, event: Event, stamp: Stamp) {
        let by_client = source == self.connection.client;
        match event {
            Event::Certificate(names) if !by_client => {
                self.connection.certificate_names = names;
            }
            Event::Alert { fatal, description } if self.connection.alerts.len() < MOST_ALERTS => {
                self.connection.alerts.push(TlsAlert {
                    at: stamp.at,
                    frame: stamp.frame,
                    by_client,
                    fatal,
                    description,
                });
            }
            Event::ChangeCipher => {
                self.side(source).changed_cipher = true;
                // Up to TLS 1.2 the second to change has read the Finished of the first (RFC 5246 section 7.3).
                let is_older = self.agreed.is_some_and(|agreed| agreed != TLS_1_3);
                let both = self.client.changed_cipher && self.server.changed_cipher;
                self.connection.established |= is_older && both;
            }
            Event::Data(length) => self.data(source, by_client, length),
            _ => {}
        }
    }

    fn data(&mut self, source: SocketAddr, by_client: bool, length: usize) {
        if self.agreed == Some(TLS_1_3) {
            if by_client {
                self.finished |= self.server.sent_data && length >= HIDDEN_FINISHED;
            } else if self.finished && length != HIDDEN_ALERT {
                self.connection.established = true;
            }
        }
        self.side(source).sent_data = true;
        if self.agreed != Some(TLS_1_3) {
            let both_changed = self.client.changed_cipher && self.server.changed_cipher;
            let both_sent = self.client.sent_data && self.server.sent_data;
            self.connection.established |= both_changed || both_sent;
        }
    }

    fn hand_out(self, warnings: &mut Warnings, sink: &mut dyn FnMut(Item<'_>)) {
        let connection = self.connection;
        let port = connection.server.port();
        if self.offers_sip || SIP_PORTS.contains(&port) {
            let warning = match connection.failure() {
                Some(alert) => Warning::TlsFailed {
                    port,
                    by_client: alert.by_client,
                    description: alert.description,
                },
                None if connection.established => Warning::Tls(port),
                None => Warning::TlsUnfinished(port),
            };
            warnings.add(warning, connection.frame);
        }
        sink(Item::Tls(connection));
    }
}
