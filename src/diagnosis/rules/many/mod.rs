//! Rules on many calls together: attacks and fraud, lengths that repeat, a carrier, customer or
//! destination that fails more than the rest. None accuses anybody for one call; how many it takes
//! an operator may set.

mod attacks;
mod compared;
mod costly;
mod hours;
mod lengths;
mod loops;
mod registrations;
mod spikes;

use super::Rule;

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &attacks::SCANNER,
    &attacks::REQUEST_FLOOD,
    &attacks::USER_ENUMERATION,
    &attacks::PASSWORD_GUESSING,
    &costly::NEW_COUNTRIES,
    &costly::MISSED_CALL_BAIT,
    &costly::FALSE_ANSWERS,
    &lengths::PERIODIC_DROP,
    &lengths::SHORT_CALLS,
    &registrations::REGISTRATION_EXPIRED,
    &loops::CALL_LOOP,
    &spikes::TRUNK_DOWN,
    &spikes::CARRIER_FAILS_MORE,
    &spikes::CUSTOMER_FAILS_MORE,
    &spikes::DESTINATION_FAILS_MORE,
    &spikes::SERVER_FAILS_MORE,
    &hours::CARRIER_FAILED_FOR_A_TIME,
    &spikes::EFFECTIVENESS_LOW,
    &spikes::CARRIER_RINGS_LATE,
];
