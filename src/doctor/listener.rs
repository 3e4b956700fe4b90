//! Whether somebody can listen where a chat's requests come in. Takes no address for longer than a look.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::State;

/// How long our own listener may take to answer.
const CONNECT: Duration = Duration::from_secs(3);

/// How it is with the address; `has` is what is there besides, `unseen` what only the platform can show.
pub(super) async fn listener(listen: SocketAddr, has: &str, unseen: &str) -> (State, String) {
    let runs = timeout(CONNECT, TcpStream::connect(listen)).await;
    if listen.port() != 0 && matches!(runs, Ok(Ok(_))) {
        return (
            State::Works,
            format!("{has}, and {listen} answers; {unseen}"),
        );
    }
    match TcpListener::bind(listen).await {
        Ok(_) => (
            State::Works,
            format!("{has}, and {listen} is free; nothing listens there until `calltriage run`"),
        ),
        Err(error) => (
            State::Fails,
            format!(
                "nothing can listen on {listen} ({error}): set [http] listen to an address of this machine"
            ),
        ),
    }
}
