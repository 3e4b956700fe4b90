//! A mail server that does what a script says, and keeps what it took: for what no real server does on demand.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Takes the message.
    Takes,
    /// Answers RCPT with this.
    Refuses(&'static str),
    /// Answers the end of the message with this.
    RefusesMessage(&'static str),
    /// Hangs up at MAIL.
    HangsUp,
    /// Reads the whole message, keeps it, and says nothing of it.
    KeepsSilent,
    /// Reads the whole message and hangs up without a word.
    HangsUpAfterMessage,
}

/// The server.
pub struct FakeSmtp {
    pub address: SocketAddr,
    taken: Arc<Mutex<Vec<String>>>,
    script: Arc<Mutex<VecDeque<Does>>>,
}

impl FakeSmtp {
    /// One that does this with its connections, one after the other, and then takes everything.
    pub async fn start(script: &[Does]) -> FakeSmtp {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let fake = FakeSmtp {
            address,
            taken: Arc::default(),
            script: Arc::new(Mutex::new(script.iter().copied().collect())),
        };
        let (taken, script) = (Arc::clone(&fake.taken), Arc::clone(&fake.script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let does = script.lock().unwrap().pop_front().unwrap_or(Does::Takes);
                let taken = Arc::clone(&taken);
                tokio::spawn(async move {
                    if let Some(message) = serve(stream, does, &taken).await {
                        taken.lock().unwrap().push(message);
                    }
                });
            }
        });
        fake
    }

    /// The messages that it took.
    pub fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

/// One connection; the message where one was taken.
async fn serve(stream: TcpStream, does: Does, taken: &Mutex<Vec<String>>) -> Option<String> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut say = async |text: &str| write.write_all(format!("{text}\r\n").as_bytes()).await.ok();
    say("220 fake ESMTP").await?;
    let mut message = None;
    while let Ok(Some(line)) = lines.next_line().await {
        let word = line
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_uppercase();
        match (word.as_str(), does) {
            ("EHLO" | "HELO", _) => say("250-fake\r\n250 8BITMIME").await?,
            ("MAIL", Does::HangsUp) => return None,
            ("RCPT", Does::Refuses(answer)) => say(answer).await?,
            ("DATA", _) => {
                say("354 go on").await?;
                let mut text = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    text.push_str("\r\n");
                }
                match does {
                    Does::HangsUpAfterMessage => return None,
                    Does::KeepsSilent => taken.lock().unwrap().push(text),
                    Does::RefusesMessage(answer) => say(answer).await?,
                    _ => {
                        message = Some(text);
                        say("250 taken").await?;
                    }
                }
            }
            ("QUIT", _) => {
                say("221 bye").await;
                return message;
            }
            _ => say("250 ok").await?,
        }
    }
    message
}
