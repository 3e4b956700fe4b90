//! Gives one message to the configured mail server (RFC 5321), step by step, so that it is known whether the server
//! may have taken it. Reads no mail.

use std::net::ToSocketAddrs as _;
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;

use super::Undelivered;
use crate::config::{Smtp, SmtpTls};
use crate::render::clean;

/// RFC 5321 section 4.5.3.2 allows servers more; nobody waits that long for a report.
const PATIENCE: Duration = Duration::from_secs(60);

/// Gives the message to the server.
///
/// # Errors
/// Whether it was taken is told apart: only a connection that breaks while the server decides leaves it open.
pub(super) async fn send(settings: &Smtp, message: &Message) -> Result<(), Undelivered> {
    let (settings, message) = (settings.clone(), message.clone());
    let sending = tokio::task::spawn_blocking(move || give(&settings, &message));
    sending
        .await
        .unwrap_or_else(|_| Err(Undelivered::Unsure("The sending ended early.".to_owned())))
}

fn give(settings: &Smtp, message: &Message) -> Result<(), Undelivered> {
    let server = format!("{}:{}", settings.host, settings.port);
    let failed = |error: Error| failed(&server, &error);
    let mut connection = connected(settings, &server)?;
    if let Some((user, password)) = &settings.login {
        let credentials = Credentials::new(user.clone(), password.expose().to_owned());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        connection.auth(&mechanisms, &credentials).map_err(failed)?;
    }
    let envelope = message.envelope();
    let sender = envelope.from().cloned();
    connection
        .command(Mail::new(sender, Vec::new()))
        .map_err(failed)?;
    for recipient in envelope.to() {
        connection
            .command(Rcpt::new(recipient.clone(), Vec::new()))
            .map_err(failed)?;
    }
    connection.command(Data).map_err(failed)?;
    match connection.message(&message.formatted()) {
        Ok(_) => {
            // It has been taken: a server that hangs up without a word changes nothing.
            let _ = connection.quit();
            Ok(())
        }
        Err(error) if error.is_transient() || error.is_permanent() => Err(failed(error)),
        Err(_) => Err(Undelivered::Unsure(format!(
            "the connection to {server} broke before it said whether it took the message."
        ))),
    }
}

fn connected(settings: &Smtp, server: &str) -> Result<SmtpConnection, Undelivered> {
    let hello = ClientId::default();
    let tls = match settings.tls {
        SmtpTls::Nothing => None,
        SmtpTls::Wrapped | SmtpTls::StartTls => Some(tls(settings)?),
    };
    let wrapped = tls.as_ref().filter(|_| settings.tls == SmtpTls::Wrapped);
    let address = (settings.host.as_str(), settings.port);
    let mut addresses = address.to_socket_addrs().map_err(|_| {
        Undelivered::Passing(format!(
            "the name of the mail server {server} is not found."
        ))
    })?;
    let address = addresses.next().ok_or_else(|| {
        Undelivered::Passing(format!(
            "the name of the mail server {server} has no address."
        ))
    })?;
    let connecting = SmtpConnection::connect(address, Some(PATIENCE), &hello, wrapped, None);
    let mut connection = connecting.map_err(|error| failed(server, &error))?;
    if let Some(tls) = tls.filter(|_| settings.tls == SmtpTls::StartTls) {
        if !connection.can_starttls() {
            return Err(Undelivered::Final(format!(
                "the mail server {server} offers no STARTTLS; set [reports.smtp] tls to \"tls\" and its port."
            )));
        }
        connection
            .starttls(&tls, &hello)
            .map_err(|error| failed(server, &error))?;
    }
    Ok(connection)
}

fn tls(settings: &Smtp) -> Result<TlsParameters, Undelivered> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca {
        let shown = path.display();
        let wrong = |why: String| Undelivered::Final(format!("[reports.smtp] ca: {shown}: {why}."));
        let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        builder = builder.add_root_certificate(
            Certificate::from_pem(&pem)
                .map_err(|_| wrong("this is no certificate in PEM".to_owned()))?,
        );
    }
    builder
        .build()
        .map_err(|_| Undelivered::Final("no TLS is to be had on this machine.".to_owned()))
}

/// What a server said, or that it said nothing: 4xx is passing, 5xx final (RFC 5321 section 4.2.1). What goes wrong
/// before the message was handed over is passing.
fn failed(server: &str, error: &Error) -> Undelivered {
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        said = format!("{said}: {inner}");
        cause = inner.source();
    }
    let is_distrusted = said.contains("certificate verify failed");
    let said = clean::cut(&clean::line(&said), 200);
    let why = format!("the mail server {server} says: {said}.");
    // A certificate that is not trusted will not be so in an hour.
    if error.is_permanent() || error.is_tls() || is_distrusted {
        return Undelivered::Final(why);
    }
    Undelivered::Passing(why)
}
