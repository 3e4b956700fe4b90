//! What several tests share.

pub mod bot;
pub mod capture_writer;
pub mod clock;
pub mod connexcs;
pub mod discord;
pub mod dns;
pub mod hep;
pub mod http;
pub mod icmp;
pub mod media;
pub mod postgres;
pub mod slack;
pub mod smtp;
pub mod text_writer;
pub mod tls;
pub mod trace;
pub mod traffic;
pub mod websocket;
