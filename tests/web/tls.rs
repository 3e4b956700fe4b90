//! TLS on the listener of the real program: with a certificate made here, renewed while it runs.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};
use tempfile::TempDir;

use super::PATIENCE;
use crate::cli::signal;

const NAME: &str = "calltriage.test";

/// A certificate for the name, and its key, in PEM. No two are alike.
fn certificate() -> (Vec<u8>, Vec<u8>) {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", NAME).unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let serial = BigNum::from_u32(fastrand::u32(1..)).unwrap();
    builder
        .set_serial_number(&serial.to_asn1_integer().unwrap())
        .unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder
        .set_not_before(&Asn1Time::days_from_now(0).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::days_from_now(2).unwrap())
        .unwrap();
    let constraints = BasicConstraints::new().build().unwrap();
    builder.append_extension(constraints).unwrap();
    let names = SubjectAlternativeName::new()
        .dns(NAME)
        .build(&builder.x509v3_context(None, None))
        .unwrap();
    builder.append_extension(names).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    let certificate = builder.build().to_pem().unwrap();
    (certificate, key.private_key_to_pem_pkcs8().unwrap())
}

/// The program with TLS, in a folder of its own.
struct Served {
    dir: TempDir,
    child: Child,
    address: SocketAddr,
}

impl Served {
    /// Shows this certificate.
    fn start((certificate, key): &(Vec<u8>, Vec<u8>)) -> Served {
        let dir = TempDir::new().unwrap();
        std::fs::write(dir.path().join("tls.pem"), certificate).unwrap();
        std::fs::write(dir.path().join("tls.key"), key).unwrap();
        std::fs::write(dir.path().join("c.toml"), config("127.0.0.1:0")).unwrap();
        let log = std::fs::File::create(dir.path().join("log")).unwrap();
        let child = command(dir.path(), &["run"]).stderr(log).spawn().unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut served = Served {
            dir,
            child,
            address: any,
        };
        until("it listens", || {
            let log = served.log();
            let said = log
                .lines()
                .find_map(|it| it.split("listening on https://").nth(1));
            served.address = said.map_or(any, |it| it.parse().unwrap());
            served.address != any
        });
        served
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    /// What somebody is answered who trusts this certificate alone; nothing where no answer comes.
    async fn asked(&self, trusted: &[u8]) -> Option<String> {
        let client = reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(trusted).unwrap()])
            .resolve(NAME, self.address)
            .no_proxy()
            .build()
            .unwrap();
        let url = format!("https://{NAME}:{}/health/live", self.address.port());
        let answer = client.get(url).send().await.ok()?;
        answer.text().await.ok()
    }

    /// Puts other files in place and says so.
    fn renew(&self, certificate: &[u8], key: &[u8]) {
        std::fs::write(self.dir.path().join("tls.pem"), certificate).unwrap();
        std::fs::write(self.dir.path().join("tls.key"), key).unwrap();
        signal(self.child.id(), "HUP");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn config(listen: &str) -> String {
    format!(
        "[log]\nformat = \"text\"\n[http]\nlisten = \"{listen}\"\n\
         tls = {{ certificate = \"tls.pem\", key = \"tls.key\" }}\n"
    )
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_calltriage"));
    command
        .args(["--config", "c.toml"])
        .args(args)
        .env_clear()
        .env("XDG_STATE_HOME", folder)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "in vain: {what}");
        std::thread::yield_now();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_shown_and_renewed_while_it_runs() {
    let (first, second) = (certificate(), certificate());
    let served = Served::start(&first);
    assert_eq!(served.asked(&first.0).await.as_deref(), Some("ok"));
    assert_eq!(served.asked(&second.0).await, None);
    // In the clear nobody is answered.
    let plain = format!("http://{}/health/live", served.address);
    assert!(reqwest::get(plain).await.is_err());
    // Its own command asks it as it is configured.
    let beside = config(&served.address.to_string());
    std::fs::write(served.dir.path().join("c.toml"), beside).unwrap();
    let health = command(served.dir.path(), &["health", "--ready"]).status();
    assert!(health.unwrap().success());

    served.renew(&second.0, &second.1);
    let began = Instant::now();
    while served.asked(&second.0).await.is_none() {
        assert!(began.elapsed() < PATIENCE, "{}", served.log());
    }
    assert_eq!(served.asked(&first.0).await, None);

    // What does not fit is refused, and the one in use stays.
    served.renew(&first.0, &second.1);
    let said =
        "the settings stay as they were, since [http] tls: tls.pem cannot be used with tls.key: ";
    until("the refusal", || served.log().contains(said));
    assert_eq!(served.asked(&second.0).await.as_deref(), Some("ok"));
    assert!(!served.log().contains("PRIVATE KEY"));
}

/// Who says nothing, or something else, is let go.
#[tokio::test]
async fn who_does_not_shake_hands_is_let_go() {
    let identity = certificate();
    let served = Served::start(&identity);
    let mut stream = tokio::net::TcpStream::connect(served.address)
        .await
        .unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, b"GET / HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    let answer = super::rest(&mut stream).await;
    assert!(!answer.contains("HTTP"), "{answer:?}");
    assert_eq!(served.asked(&identity.0).await.as_deref(), Some("ok"));
}
