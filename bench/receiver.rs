//! The application behind one endpoint: notes when each webhook came and answers,
//! at once, late, never, or without end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

use crate::wire::Wire;

/// Of a body that is longer than anybody wants to read.
pub const HUGE: usize = 500_000_000;

#[derive(Clone, Copy)]
pub enum Answer {
    AtOnce,
    After(Duration),
    /// Accepts and reads, until it hangs up.
    Never,
    /// At once, with a huge body.
    Huge,
}

#[derive(Clone, Copy)]
pub struct Arrival {
    pub at: Instant,
    /// The external id of its task.
    pub number: usize,
    /// How much of a huge body it took.
    pub bytes: usize,
}

pub struct Receiver {
    /// The task type whose webhooks come here.
    pub ttype: String,
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Answer,
    arrivals: Mutex<Vec<Arrival>>,
    hang_up: Notify,
}

impl Receiver {
    pub async fn start(ttype: impl Into<String>, answer: Answer) -> Result<Receiver> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let shared =
            Arc::new(Shared { answer, arrivals: Mutex::default(), hang_up: Notify::new() });
        let receiver = Receiver { ttype: ttype.into(), url, shared: shared.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A broken connection shows as a delivery that is missing.
                tokio::spawn(receive(stream, shared.clone()));
            }
        });
        Ok(receiver)
    }

    pub fn forget(&self) {
        self.shared.arrivals().clear();
    }

    /// Ends the connections that got no answer.
    pub fn hang_up(&self) {
        self.shared.hang_up.notify_waiters();
    }

    /// All that came since, once it is this many.
    pub async fn received(&self, count: usize) -> Result<Vec<Arrival>> {
        let enough = async {
            while self.shared.arrivals().len() < count {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(180), enough)
            .await
            .with_context(|| format!("waiting for {count} deliveries of {}", self.ttype))?;
        Ok(self.shared.arrivals().clone())
    }
}

impl Shared {
    fn arrivals(&self) -> MutexGuard<'_, Vec<Arrival>> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn receive(stream: TcpStream, shared: Arc<Shared>) -> Result<()> {
    let mut wire = Wire::new(stream)?;
    while let Some(request) = wire.message().await? {
        let at = Instant::now();
        // What has no number is answered and not counted.
        let Some(number) = external_id(request.body) else {
            answer(&mut wire).await?;
            continue;
        };
        let mut arrival = Arrival { at, number, bytes: 0 };
        match shared.answer {
            Answer::AtOnce => answer(&mut wire).await?,
            Answer::After(pause) => {
                sleep(pause).await;
                answer(&mut wire).await?;
            }
            Answer::Never => {
                shared.arrivals().push(arrival);
                shared.hang_up.notified().await;
                return Ok(());
            }
            Answer::Huge => arrival.bytes = pour(&mut wire).await?,
        }
        shared.arrivals().push(arrival);
    }
    Ok(())
}

async fn answer(wire: &mut Wire) -> Result<()> {
    wire.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await
}

/// Gives how many bytes of the body could be written.
async fn pour(wire: &mut Wire) -> Result<usize> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {HUGE}\r\n\r\n");
    wire.write(head.as_bytes()).await?;
    let chunk = [b'x'; 16 * 1024];
    let mut bytes = 0;
    while bytes < HUGE && wire.write(&chunk[..chunk.len().min(HUGE - bytes)]).await.is_ok() {
        bytes += chunk.len();
    }
    Ok(bytes)
}

fn external_id(body: &[u8]) -> Option<usize> {
    let name = br#""external_id": ""#;
    let start = body.windows(name.len()).position(|bytes| bytes == name)? + name.len();
    let length = body[start..].iter().position(|byte| *byte == b'"')?;
    std::str::from_utf8(&body[start..start + length]).ok()?.parse().ok()
}
