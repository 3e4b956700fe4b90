//! SIP bytes, turned into messages, transactions, legs and calls. Pure: no I/O, no async, no clock.
