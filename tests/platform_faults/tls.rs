//! Over TLS: a platform whose certificate nobody vouches for is told nothing.

use std::io::Read as _;
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use native_tls::{Identity, TlsAcceptor};

use super::PATIENCE;
use crate::cli::Desk;

/// Made for this test alone; nothing else is known by it.
const CERTIFICATE: &[u8] = include_bytes!("../support/self-signed.crt.pem");
const KEY: &[u8] = include_bytes!("../support/self-signed.key.pem");

#[test]
fn a_certificate_that_signs_itself_is_refused_in_one_sentence() {
    let identity = Identity::from_pkcs8(CERTIFICATE, KEY).unwrap();
    let acceptor = TlsAcceptor::new(identity).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, hears) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut text = String::new();
            if let Ok(mut stream) = acceptor.accept(stream.unwrap()) {
                let _ = stream.read_to_string(&mut text);
            }
            if heard.send(text).is_err() {
                break;
            }
        }
    });
    let desk = Desk::new();
    desk.file(
        "run.toml",
        format!(
            "[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"https://{address}/api/cp/\"\n\
             token = {{ value = \"canary\" }}\n[sources.limits]\nretries = 0\n"
        ),
    );
    let done = desk.run(&[
        "--config",
        "run.toml",
        "--json",
        "diagnose",
        "a@198.51.100.10",
    ]);
    let answer = done.answered().one_json();
    let lead = answer["lead"].as_str().unwrap();
    assert!(
        lead.contains("no trusted TLS connection came about; check its certificate and our clock"),
        "{lead}"
    );
    // It was there, and heard nothing of the token.
    assert_eq!(hears.recv_timeout(PATIENCE).unwrap(), "");
    assert!(hears.try_iter().all(|text| text.is_empty()));
}
