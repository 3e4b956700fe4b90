//! HEP versions 1 and 2: a C structure as it lay in memory. Without a magic number, so that it is
//! believed only where each field can be and a SIP message begins behind it.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use jiff::Timestamp;

use super::super::container::timestamp;
use super::super::start_line::begins_message;
use super::{Copied, transport};

/// Version, length, family, protocol and two ports.
const FIXED: usize = 8;
/// Seconds, microseconds, agent, and the two bytes by which a compiler fills the structure up.
const TIME: usize = 12;
/// `AF_INET6` of Linux; what BSDs and macOS have instead.
const IPV6_FAMILIES: [u8; 4] = [10, 24, 28, 30];

pub(super) fn read(payload: &[u8]) -> Option<Copied<'_>> {
    let (&[version, length, family, protocol, a, b, c, d], rest) =
        payload.split_first_chunk::<FIXED>()?;
    if !matches!(version, 1 | 2) {
        return None;
    }
    let (source, destination, addresses, mut rest) = match family {
        2 => {
            let (source, rest) = rest.split_first_chunk::<4>()?;
            let (destination, rest) = rest.split_first_chunk::<4>()?;
            let [source, destination] = [source, destination].map(|it| Ipv4Addr::from(*it).into());
            (source, destination, 8, rest)
        }
        _ if IPV6_FAMILIES.contains(&family) => {
            let (source, rest) = rest.split_first_chunk::<16>()?;
            let (destination, rest) = rest.split_first_chunk::<16>()?;
            let [source, destination] = [source, destination].map(|it| Ipv6Addr::from(*it).into());
            (source, destination, 32, rest)
        }
        _ => return None,
    };
    let mut at = None;
    let mut lengths = [FIXED + addresses; 2];
    if version == 2 {
        let (time, behind) = rest.split_first_chunk::<TIME>()?;
        at = Some(time_of(time)?);
        rest = behind;
        // Some agents count it in, most do not.
        lengths = [FIXED + addresses, FIXED + addresses + TIME];
    }
    if !lengths.contains(&usize::from(length)) || !begins_message(rest) {
        return None;
    }
    let end =
        |address: IpAddr, high, low| SocketAddr::new(address, u16::from_be_bytes([high, low]));
    Some(Copied {
        at,
        source: end(source, a, b),
        destination: end(destination, c, d),
        transport: transport(protocol)?,
        payload: Cow::Borrowed(rest),
    })
}

/// In the byte order of the agent's machine, which is little endian unless that makes no time.
fn time_of(bytes: &[u8; TIME]) -> Option<Timestamp> {
    let &[a, b, c, d, e, f, g, h, ..] = bytes;
    let orders = [u32::from_le_bytes, u32::from_be_bytes];
    orders.into_iter().find_map(|number| {
        let micros = number([e, f, g, h]);
        (micros < 1_000_000)
            .then(|| timestamp(number([a, b, c, d]).into(), u64::from(micros) * 1000).0)
    })
}
