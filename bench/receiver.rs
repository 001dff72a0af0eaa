//! The application's end of the webhooks: answers 200 at once and notes the moment.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, timeout};

use crate::wire::Wire;

#[derive(Clone, Copy)]
pub struct Arrival {
    pub at: Instant,
    /// The external id of its task.
    pub number: usize,
}

type Arrivals = Arc<Mutex<Vec<Arrival>>>;

pub struct Receiver {
    pub url: String,
    arrivals: Arrivals,
}

impl Receiver {
    pub async fn start() -> Result<Receiver> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let arrivals = Arrivals::default();
        let accepting = arrivals.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A broken connection shows as a delivery that is missing.
                tokio::spawn(receive(stream, accepting.clone()));
            }
        });
        Ok(Receiver { url, arrivals })
    }

    pub fn forget(&self) {
        lock(&self.arrivals).clear();
    }

    /// All that came since, once it is this many.
    pub async fn received(&self, count: usize) -> Result<Vec<Arrival>> {
        let enough = async {
            while lock(&self.arrivals).len() < count {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(60), enough)
            .await
            .with_context(|| format!("waiting for {count} deliveries"))?;
        Ok(lock(&self.arrivals).clone())
    }
}

async fn receive(stream: TcpStream, arrivals: Arrivals) -> Result<()> {
    let mut wire = Wire::new(stream)?;
    while let Some(request) = wire.message().await? {
        let at = Instant::now();
        let number = external_id(request.body).context("a webhook without an external id")?;
        wire.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await?;
        lock(&arrivals).push(Arrival { at, number });
    }
    Ok(())
}

fn lock(arrivals: &Mutex<Vec<Arrival>>) -> MutexGuard<'_, Vec<Arrival>> {
    arrivals.lock().unwrap_or_else(PoisonError::into_inner)
}

fn external_id(body: &[u8]) -> Option<usize> {
    let name = br#""external_id": ""#;
    let start = body.windows(name.len()).position(|bytes| bytes == name)? + name.len();
    let length = body[start..].iter().position(|byte| *byte == b'"')?;
    std::str::from_utf8(&body[start..start + length]).ok()?.parse().ok()
}
