//! A day of a network: 100 000 calls with the usual noise, and three things that go wrong at once. The fake platform serves
//! them; how one of them went, message by message, is written when it is looked at.

use calltriage::demo::{Short, Traffic};
use calltriage::sip::{Call, calls, threads};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::incidents::{Dice, midnight};
use crate::support::trace;

/// So many calls.
pub const CALLS: usize = 100_000;

/// A carrier has no circuits left: 09:02 to 11:04.
pub const CARRIER: std::ops::Range<i64> = 542..664;
/// A customer changed its password: 10:15 to 12:40.
pub const CUSTOMER: std::ops::Range<i64> = 615..760;
/// A region is in trouble: 10:40 to 11:30.
pub const REGION: std::ops::Range<i64> = 640..690;
/// When the status page lists it, and when that is resolved.
pub const LISTED: std::ops::Range<i64> = 650..695;

/// How many calls begin in each of the 24 hours, in proportion.
const HOURS: [u64; 24] = [
    8, 6, 5, 5, 6, 10, 20, 40, 70, 95, 100, 98, 85, 90, 96, 94, 88, 80, 62, 48, 36, 26, 18, 12,
];

const CARRIERS: [(u64, &str); 4] = [
    (12, "Acme"),
    (13, "Borealis"),
    (14, "Cirrus"),
    (15, "Delta"),
];

const CUSTOMERS: [&str; 12] = [
    "ExampleTel",
    "Northwind",
    "Contoso",
    "Fabrikam",
    "Initech",
    "Umbrella",
    "Globex",
    "Hooli",
    "Vandelay",
    "Wonka",
    "Stark",
    "Wayne",
];

const PREFIXES: [&str; 5] = ["4420", "447", "4930", "331", "1212"];

/// The regions' routing engines.
const ENGINES: [&str; 3] = ["fr1js3", "am2js1", "ny1js2"];

fn customer(at: usize) -> u64 {
    105 + at as u64
}

/// The day as a platform has it.
pub fn traffic(seed: u64, troubled: bool) -> Traffic {
    of(all(seed, troubled))
}

/// Calls between the customers and carriers of the day.
pub fn of(calls: Vec<Short>) -> Traffic {
    let customers = CUSTOMERS.iter().zip(0..);
    let customers = customers.map(|(name, at)| (customer(at), (*name).to_owned()));
    let carriers = CARRIERS.iter().map(|(id, name)| (*id, (*name).to_owned()));
    let played = Box::new(|call: &Short| Some((played(call), logged(call))));
    Traffic::new(calls, customers.collect(), carriers.collect(), played)
}

/// The day's calls.
pub fn all(seed: u64, troubled: bool) -> Vec<Short> {
    let mut dice = Dice::new(seed);
    let sum: u64 = HOURS.iter().sum();
    let mut seconds = Vec::with_capacity(CALLS);
    for (hour, part) in (0..).zip(HOURS) {
        let count = CALLS as u64 * part / sum;
        seconds.extend((0..count).map(|_| hour * 3600 + dice.below(3600) as i64));
    }
    while seconds.len() < CALLS {
        seconds.push(12 * 3600 + dice.below(3600) as i64);
    }
    seconds.sort_unstable();
    let numbered = seconds.into_iter().enumerate();
    numbered
        .map(|(n, second)| one(n, second, &mut dice, troubled))
        .collect()
}

fn one(n: usize, second: i64, dice: &mut Dice, troubled: bool) -> Short {
    let minute = second / 60;
    let (who, carrier) = (dice.below(12) as usize, dice.below(4) as usize);
    let engine = ENGINES[dice.below(3) as usize];
    let prefix = PREFIXES[dice.below(5) as usize];
    // Ordinary days: busy, not answered, given up, wrong numbers, now and then a refusal.
    let mut code = match dice.below(1000) {
        0..600 => 200,
        600..720 => 486,
        720..830 => 480,
        830..930 => 487,
        930..965 => 404,
        965..975 => 603,
        975..988 => 503,
        988..995 => 500,
        _ => 408,
    };
    let mut has_carrier = true;
    let (in_region, at_carrier) = (dice.below(100) < 70, dice.below(100) < 85);
    if troubled && REGION.contains(&minute) && engine == ENGINES[0] && in_region {
        code = 408;
    }
    if troubled && CARRIER.contains(&minute) && carrier == 0 && at_carrier {
        code = 503;
    }
    if troubled && CUSTOMER.contains(&minute) && who == 0 {
        code = 401;
        has_carrier = false;
    }
    let talk = 20 + dice.below(280) as u32;
    Short {
        call_id: format!("d{n}.{engine}@198.51.100.10"),
        at: midnight() + SignedDuration::from_secs(second),
        customer: Some(customer(who)),
        carrier: has_carrier.then(|| CARRIERS[carrier].0),
        from: "441782454123".to_owned(),
        to: format!("{prefix}{:07}", dice.below(10_000_000)),
        code,
        pdd_ms: 600 + dice.below(1500) as u32,
        seconds: if code == 200 { talk } else { 0 },
    }
}

/// The messages of a call.
fn played(call: &Short) -> Call {
    let leg = call.call_id.split('@').next().unwrap();
    let us = format!("leg={leg} from={} to={}", call.from, call.to);
    let far = format!("leg=x{leg} from={} to={}", call.from, call.to);
    let (cust, car) = (customer_host(call), carrier_host(call));
    let asked = format!(
        "0.00 {cust}>plat INVITE {us}
         0.01 plat>{cust} 100 {us}
         0.04 plat>{car} INVITE {far}\n"
    );
    let refused = |code: u16, more: &str| {
        format!(
            "{asked}0.08 {car}>plat 100 {far}
             0.61 {car}>plat {code} {far} {more}
             0.62 plat>{car} ACK {far}
             0.63 plat>{cust} {code} {us}
             0.64 {cust}>plat ACK {us}"
        )
    };
    let text = match call.code {
        200 => format!(
            "{asked}0.60 {car}>plat 200 {far}
             0.61 plat>{car} ACK {far}
             0.62 plat>{cust} 200 {us}
             0.63 {cust}>plat ACK {us}
             {0}.0 {cust}>plat BYE {us}
             {0}.1 plat>{cust} 200 BYE {us}
             {0}.2 plat>{car} BYE {far}
             {0}.3 {car}>plat 200 BYE {far}",
            call.seconds
        ),
        401 => format!(
            "0.00 {cust}>plat INVITE {us}
             0.01 plat>{cust} 401 {us} | WWW-Authenticate: Digest realm=\"sip\",nonce=\"n1\"
             0.02 {cust}>plat ACK {us}
             0.03 {cust}>plat INVITE {us} cseq=2 | Authorization: Digest username=\"exampletel\",realm=\"sip\",nonce=\"n1\",uri=\"sip:x\",response=\"00\"
             0.04 plat>{cust} 401 {us} cseq=2 | WWW-Authenticate: Digest realm=\"sip\",nonce=\"n2\"
             0.05 {cust}>plat ACK {us} cseq=2"
        ),
        408 => format!(
            "{asked}0.54 plat>{car} INVITE {far}
             1.54 plat>{car} INVITE {far}
             3.05 plat>{cust} 408 {us} phrase=Request_Timeout
             3.06 {cust}>plat ACK {us}"
        ),
        503 => refused(503, "| Reason: Q.850;cause=34"),
        code => refused(code, ""),
    };
    let mut packets = trace::packets(&text);
    let by = call
        .at
        .duration_since(Timestamp::from_second(trace::START).unwrap());
    for packet in &mut packets {
        packet.at += by;
    }
    calls(threads(packets), &[]).remove(0)
}

fn customer_host(call: &Short) -> String {
    format!("198.51.100.{}:5060", call.customer.unwrap())
}

fn carrier_host(call: &Short) -> String {
    let id = call.carrier.unwrap_or(CARRIERS[0].0);
    format!("203.0.113.{id}:5060")
}

/// What the row of the log says besides its messages: whose call it was, who carried it, through which engine.
fn logged(call: &Short) -> Value {
    let engine = call.call_id.split(['.', '@']).nth(1);
    let carrier = CARRIERS
        .iter()
        .find(|(id, _)| Some(*id) == call.carrier)
        .map(|(id, name)| {
            let result = if call.code == 200 { "Connected" } else { "Failed" };
            json!({ "provider_id": id, "provider_name": name, "sip_code": call.code, "result": result })
        });
    json!({
        "customer_id": call.customer, "re": engine, "log": [],
        "attempts": carrier.into_iter().collect::<Vec<_>>(),
    })
}
