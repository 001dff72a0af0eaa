//! Argon2id with the parameters OWASP asks for: 19 MiB and about 30 ms a hash.

use std::sync::LazyLock;
use std::sync::mpsc::{SyncSender, sync_channel};

use anyhow::{Context, anyhow};
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use http::StatusCode;
use tokio::sync::oneshot;

use crate::error::{Problem, Result};

/// More are told to come back: a flood must not make everybody wait for minutes.
const QUEUE: usize = 64;

type Job = Box<dyn FnOnce() + Send>;

/// One thread, because each thread that ever hashed keeps its 19 MiB: on tokio's
/// many, fifty sign-ins at once left 350 MB behind.
static HASHER: LazyLock<SyncSender<Job>> = LazyLock::new(|| {
    let (sender, jobs) = sync_channel::<Job>(QUEUE);
    let work = move || jobs.iter().for_each(|job| job());
    std::thread::Builder::new()
        .name("password".to_owned())
        .spawn(work)
        .expect("a thread can be started");
    sender
});

/// Checked for people who do not exist, so that their absence takes as long.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash_now("nobody has this password").unwrap_or_default());

pub async fn hash(password: String) -> Result<String> {
    Ok(in_turn(move || hash_now(&password)).await??)
}

/// Takes as long for a person who does not exist.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    in_turn(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok() && known
    })
    .await
}

fn hash_now(password: &str) -> anyhow::Result<String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| anyhow!("hashing a password: {error}"))
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (sender, receiver) = oneshot::channel();
    let job = move || drop(sender.send(work()));
    HASHER.try_send(Box::new(job)).map_err(|_| {
        let detail = "too many people are signing in just now; try again in a moment";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "sign_in_busy", detail)
    })?;
    Ok(receiver.await.context("the hashing thread is gone")?)
}
