//! A session of one's own, beside the pool: what it hears, and answers in time.

use std::future::poll_fn;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{AsyncMessage, Connection, Socket};
use tracing::warn;

use super::TlsStream;

/// How long a session may be silent.
pub const BEAT: Duration = Duration::from_secs(5);

/// A half-open socket gives no error, only silence.
pub async fn in_time<T>(answer: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(BEAT, answer).await.context("the database did not answer within 5 s")?
}

/// Runs a connection, and gives the channels of the notifications that come.
pub fn drive(
    mut connection: Connection<Socket, TlsStream>,
) -> (mpsc::UnboundedReceiver<String>, JoinHandle<()>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let driver = tokio::spawn(async move {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            match message {
                Ok(AsyncMessage::Notification(note))
                    if sender.send(note.channel().to_owned()).is_err() =>
                {
                    return;
                }
                Ok(_) => {}
                Err(error) => return warn!("the listening connection: {error}"),
            }
        }
    });
    (receiver, driver)
}
