//! The first word with a chat, at the start: who is the bot there? Knows no chat, and holds nobody up for long.

use std::time::Duration;

use tokio::time::timeout;

use super::outlet::Failure;

/// How long a start waits for a chat to say who the bot is.
const ENTERING: Duration = Duration::from_secs(5);

/// Asks a chat of this name who the bot is. Where it cannot be asked now, all else goes on, and whoever needs the answer
/// asks again.
///
/// # Errors
/// What the chat said, where it does not know the token.
pub async fn asked<T, E>(chat: &str, own: impl Future<Output = Result<T, E>>) -> anyhow::Result<()>
where
    E: Into<Failure>,
{
    let why = match timeout(ENTERING, own).await.map(|it| it.map_err(E::into)) {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(Failure::Final(why))) => anyhow::bail!(why),
        Ok(Err(Failure::Passing(why))) => why,
        Err(_) => "it does not answer".to_owned(),
    };
    tracing::warn!(chat, why, "asked again later who the bot is");
    Ok(())
}
