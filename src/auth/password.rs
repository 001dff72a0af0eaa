//! Argon2id with the parameters OWASP asks for: 19 MiB and about 30 ms a hash.

mod rules;

use std::sync::LazyLock;
use std::sync::mpsc::{SyncSender, sync_channel};

use anyhow::Context;
use argon2::password_hash::phc::{Output, ParamsString, Salt};
use argon2::{ARGON2ID_IDENT, Argon2, Block, Params, PasswordHash, Version};
use http::StatusCode;
use tokio::sync::oneshot;
use unicode_normalization::UnicodeNormalization;

use crate::error::{Problem, Result};
use crate::token;

use rules::LONGEST;

pub use rules::check;

/// More are told to come back: a flood must not make everybody wait for minutes.
pub const QUEUE: usize = 64;

type Job = Box<dyn FnOnce() + Send>;

/// Blocks of 1 KiB. glibc gives what is larger than 32 MiB back to the system when
/// it is freed, and keeps what is smaller: fifty sign-ins left 350 MB behind. Only
/// the 19 MiB that are used are ever touched.
const BEYOND_KEEPING: usize = 33 * 1024;

/// One thread: two hashes at once would only take twice as long.
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

/// The same characters are the same password, whatever the keyboard makes them of:
/// an é is one code point or two (NIST SP 800-63B). What is set, counted, compared
/// and checked is this.
pub fn normal(typed: &str) -> String {
    typed.nfc().collect()
}

pub async fn hash(password: String) -> Result<String> {
    Ok(in_turn(move || hash_now(&normal(&password))).await??)
}

/// What came of checking a password.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// And its hash was made with less work than one of today, which this is.
    Outdated(String),
}

/// Takes as long for a person who does not exist. What is too long is nobody's
/// password, and is not hashed.
pub async fn verify(password: String, hash: Option<String>) -> Result<Verdict> {
    let password = normal(&password);
    if password.chars().count() > LONGEST {
        return Ok(Verdict::Wrong);
    }
    in_turn(move || match hash {
        Some(hash) => judge(&password, &hash).unwrap_or(Verdict::Wrong),
        None => {
            let _ = matches(&password, &NOBODY);
            Verdict::Wrong
        }
    })
    .await
}

fn judge(password: &str, hash: &str) -> anyhow::Result<Verdict> {
    if !matches(password, hash)? {
        return Ok(Verdict::Wrong);
    }
    let (known, today) = (Params::try_from(&PasswordHash::new(hash)?)?, Params::default());
    let less = known.m_cost() < today.m_cost() || known.t_cost() < today.t_cost();
    Ok(if less { Verdict::Outdated(hash_now(password)?) } else { Verdict::Right })
}

fn hash_now(password: &str) -> anyhow::Result<String> {
    hash_with(password, Params::default())
}

fn hash_with(password: &str, params: Params) -> anyhow::Result<String> {
    let salt = Salt::new(&token::random_bytes::<16>())?;
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::default().into()),
        params: ParamsString::try_from(&params)?,
        hash: Some(compute(password, &salt, params)?),
        salt: Some(salt),
    };
    Ok(hash.to_string())
}

fn matches(password: &str, hash: &str) -> anyhow::Result<bool> {
    let known = PasswordHash::new(hash)?;
    let salt = known.salt.context("the hash has no salt")?;
    Ok(Some(compute(password, &salt, Params::try_from(&known)?)?) == known.hash)
}

fn compute(password: &str, salt: &[u8], params: Params) -> anyhow::Result<Output> {
    let blocks = params.block_count();
    let mut memory = Vec::with_capacity(blocks.max(BEYOND_KEEPING));
    memory.resize(blocks, Block::default());
    let mut out = [0; 32];
    Argon2::from(params).hash_password_into_with_memory(
        password.as_bytes(),
        salt,
        &mut out,
        &mut memory[..],
    )?;
    Ok(Output::new(&out)?)
}

pub fn busy() -> Problem {
    let detail = "too many people are signing in just now; try again in a moment";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "sign_in_busy", detail)
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (sender, receiver) = oneshot::channel();
    let job = move || drop(sender.send(work()));
    HASHER.try_send(Box::new(job)).map_err(|_| busy())?;
    Ok(receiver.await.context("the hashing thread is gone")?)
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier;

    use super::*;

    #[test]
    fn a_hash_is_one_that_the_library_knows() {
        let hash = hash_now("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(Argon2::default().verify_password(b"correct horse", hash.as_str()).is_ok());
        assert!(matches("correct horse", &hash).unwrap());
        for (password, hash) in
            [("wrong", hash.as_str()), ("", &hash), ("correct horse", "$argon2id$x"), ("x", "")]
        {
            assert!(!matches(password, hash).unwrap_or(false), "{password} {hash}");
        }
    }

    #[test]
    fn a_hash_that_took_less_work_is_made_anew() {
        let cheap = hash_with("correct horse", Params::new(8, 1, 1, None).unwrap()).unwrap();
        assert_eq!(judge("wrong", &cheap).unwrap(), Verdict::Wrong);
        let Verdict::Outdated(new) = judge("correct horse", &cheap).unwrap() else {
            panic!("the cheap hash was kept");
        };
        assert_eq!(judge("correct horse", &new).unwrap(), Verdict::Right);
    }
}
