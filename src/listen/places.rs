//! How many connections there are room for, and how many of them one client gets.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tracing::warn;

use crate::address::Range;
use crate::auth::{ClientAddress, is_trusted};

/// Between two lines in the log, whoever they are about.
const SILENCE: Duration = Duration::from_secs(60);

pub struct Places {
    all: Arc<Semaphore>,
    /// Half of them, so that nobody keeps everybody else out alone.
    share: usize,
    /// Proxies speak for many.
    trusted: Vec<Range>,
    held: Arc<Held>,
    said: Option<Instant>,
}

/// By client; whoever holds none is not there.
#[derive(Default)]
struct Held(Mutex<HashMap<String, usize>>);

/// Of one connection, until it ends.
pub struct Place {
    _permit: OwnedSemaphorePermit,
    client: Option<(String, Arc<Held>)>,
}

impl Places {
    pub fn new(places: usize, trusted: Vec<Range>) -> Places {
        Places {
            all: Arc::new(Semaphore::new(places)),
            share: (places / 2).max(1),
            trusted,
            held: Arc::default(),
            said: None,
        }
    }

    pub async fn free(&self) -> OwnedSemaphorePermit {
        self.all.clone().acquire_owned().await.expect("the semaphore is never closed")
    }

    /// None: the client holds its share, and the log says so now and then.
    pub fn take(&mut self, permit: OwnedSemaphorePermit, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        if is_trusted(peer, &self.trusted) {
            return Some(Place { _permit: permit, client: None });
        }
        let client = ClientAddress(peer).group();
        if self.held.take(&client, self.share) {
            let client = Some((client, self.held.clone()));
            return Some(Place { _permit: permit, client });
        }
        if self.said.is_none_or(|at| at.elapsed() >= SILENCE) {
            self.said = Some(Instant::now());
            warn!(
                "{client} holds {} connections, the most one client gets; more are closed at once. \
                 A reverse proxy belongs in `TASK_INBOX_TRUSTED_PROXIES`",
                self.share
            );
        }
        None
    }
}

impl Held {
    fn take(&self, client: &str, share: usize) -> bool {
        let mut held = self.lock();
        let count = held.entry(client.to_owned()).or_default();
        if *count == share {
            return false;
        }
        *count += 1;
        true
    }

    fn give_back(&self, client: &str) {
        let mut held = self.lock();
        match held.get_mut(client) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(held.remove(client)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((client, held)) = &self.client {
            held.give_back(client);
        }
    }
}
