//! Reads how a Call-ID opens message by message, in any order, and no more of each message than
//! that takes. Keeps no message longer than until it is known that another one opens the call.

use jiff::Timestamp;

use super::setup::{Setup, Spot};
use crate::sip::glance::Glance;
use crate::sip::header::CSeq;
use crate::sip::message::Message;
use crate::sip::name::Method;
use crate::sip::packet::{Packet, Place, Seen};

/// More addresses under one Call-ID are not one call's.
const MOST_ADDRESSES: usize = 256;

/// Reads one Call-ID message by message, in any order.
#[derive(Debug, Clone, Default)]
pub struct SetupReader {
    /// The first INVITE without a To tag.
    invite: Option<Box<Setup>>,
    /// The first answer to any INVITE; it stands for an INVITE only where none was seen.
    answer: Option<Answer>,
    /// CSeq numbers of the INVITEs seen. Asked for only while no opening INVITE is known.
    asked: Vec<u32>,
    /// The first final response to an INVITE at each address, and whether it tells of a loop.
    finals: Vec<(Spot, (Timestamp, Place), bool)>,
    /// Addresses to which anything was seen sent.
    reached: Vec<Spot>,
    last: Option<Timestamp>,
}

/// An answer to an INVITE.
#[derive(Debug, Clone)]
struct Answer {
    /// The CSeq number it bears.
    number: u32,
    at: (Timestamp, Place),
    opening: Opening,
}

/// What an answer shows: nearly always there is an INVITE elsewhere, and nobody asks.
#[derive(Debug, Clone)]
enum Opening {
    Unread(Box<Packet>),
    Read(Box<Setup>),
}

impl Opening {
    fn read(self) -> Box<Setup> {
        match self {
            Opening::Unread(packet) => {
                let message = Message::parse(packet.bytes.clone());
                Box::new(Setup::of(&packet, &message))
            }
            Opening::Read(setup) => setup,
        }
    }
}

impl SetupReader {
    /// Takes in a message, reading no more of it than is needed.
    pub fn look(&mut self, seen: &Seen<'_>, glance: &Glance<'_>) {
        let (at, to) = self.reach(seen.at, seen.place, Spot::of(seen.destination));
        let Some(code) = glance.code() else {
            // An INVITE after the first one opens nothing.
            let is_later = || self.invite.as_ref().is_some_and(|it| at >= it.at());
            if glance.start.starts_with(b"INVITE") && !is_later() {
                let packet = seen.packet();
                let message = Message::parse(packet.bytes.clone());
                self.add(&packet, &message);
            }
            return;
        };
        if let Some(number) = number_of_invite(glance.cseq()) {
            self.answered(code, to, at, number, || {
                Opening::Unread(Box::new(seen.packet()))
            });
        }
    }

    /// Takes in a message that was read.
    pub fn add(&mut self, packet: &Packet, message: &Message) {
        let (at, to) = self.reach(packet.at, packet.place, Spot::of(packet.destination));
        if message.is_request(&Method::Invite) {
            let is_first = self.invite.as_ref().is_none_or(|it| at < it.at());
            if is_first && message.to_tag().is_none() {
                self.opens(Box::new(Setup::of(packet, message)));
            }
            if let Some(cseq) = message.cseq() {
                self.asks(cseq.number);
            }
        } else if let Some(code) = message.code()
            && let Some(number) = number_of_invite(message.cseq())
        {
            let read = || Opening::Read(Box::new(Setup::of(packet, message)));
            self.answered(code, to, at, number, read);
        }
    }

    /// Takes in what another reader read of the same Call-ID.
    pub fn merge(&mut self, other: SetupReader) {
        if let Some(invite) = other.invite
            && self.invite.as_ref().is_none_or(|it| invite.at() < it.at())
        {
            self.opens(invite);
        }
        if let Some(answer) = other.answer {
            self.first_answer(answer.at, || answer);
        }
        for number in other.asked {
            self.asks(number);
        }
        for (to, at, is_loop) in other.finals {
            self.add_final(to, at, is_loop);
        }
        for spot in other.reached {
            self.reach_spot(spot);
        }
        self.last = self.last.max(other.last);
    }

    /// Keeps no message: reads the one that may open the call, where none was seen that surely
    /// does.
    pub fn let_go(&mut self) {
        if let Some(answer) = self.answer.take() {
            let opening = Opening::Read(answer.opening.read());
            self.answer = Some(Answer { opening, ..answer });
        }
    }

    /// When its last message was seen.
    pub(super) fn last(&self) -> Option<Timestamp> {
        self.last
    }

    fn reach(&mut self, at: Timestamp, place: Place, to: Spot) -> ((Timestamp, Place), Spot) {
        self.last = self.last.max(Some(at));
        self.reach_spot(to);
        ((at, place), to)
    }

    fn reach_spot(&mut self, to: Spot) {
        if !self.reached.contains(&to) && self.reached.len() < MOST_ADDRESSES {
            self.reached.push(to);
        }
    }

    fn opens(&mut self, invite: Box<Setup>) {
        self.invite = Some(invite);
        (self.answer, self.asked) = (None, Vec::new());
    }

    fn asks(&mut self, number: u32) {
        if self.invite.is_none()
            && self.asked.len() < MOST_ADDRESSES
            && !self.asked.contains(&number)
        {
            self.asked.push(number);
        }
    }

    fn answered(
        &mut self,
        code: u16,
        to: Spot,
        at: (Timestamp, Place),
        number: u32,
        opening: impl FnOnce() -> Opening,
    ) {
        self.first_answer(at, || Answer {
            number,
            at,
            opening: opening(),
        });
        // A challenge is no answer, and a proxy may try others after a refusal.
        if code >= 200 && code != 401 && code != 407 {
            self.add_final(to, at, matches!(code, 482 | 483));
        }
    }

    fn first_answer(&mut self, at: (Timestamp, Place), answer: impl FnOnce() -> Answer) {
        let is_first = self.answer.as_ref().is_none_or(|it| at < it.at);
        if self.invite.is_none() && is_first {
            self.answer = Some(answer());
        }
    }

    fn add_final(&mut self, to: Spot, seen: (Timestamp, Place), is_loop: bool) {
        if let Some((_, first, loops)) = self.finals.iter_mut().find(|(known, ..)| *known == to) {
            (*first, *loops) = (*first, *loops).min((seen, is_loop));
        } else if self.finals.len() < MOST_ADDRESSES {
            // One is all that most calls have, and there may be very many of them.
            self.finals.reserve_exact(1);
            self.finals.push((to, seen, is_loop));
        }
    }

    /// What it came to; nothing where no INVITE opens it.
    #[must_use]
    pub fn setup(self) -> Option<Box<Setup>> {
        let mut setup = self.invite.or_else(|| {
            let answer = self.answer?;
            let is_asked = self.asked.contains(&answer.number);
            (!is_asked).then(|| answer.opening.read())
        })?;
        // Where nothing was seen sent to the caller, any hop stands for it.
        let sees_client = self.reached.contains(&setup.client);
        let first_final = self
            .finals
            .iter()
            .filter(|(to, ..)| !sees_client || *to == setup.client)
            .map(|(_, seen, is_loop)| (*seen, *is_loop))
            .min();
        setup.pass(self.reached);
        setup.is_final = first_final.is_some();
        setup.is_loop = first_final.is_some_and(|(_, is_loop)| is_loop);
        setup.settled = first_final.map(|((at, _), _)| at).or(self.last)?;
        Some(setup)
    }
}

fn number_of_invite(cseq: Option<CSeq>) -> Option<u32> {
    let cseq = cseq.filter(|it| it.method == Method::Invite)?;
    Some(cseq.number)
}
