//! Secrets at rest: AES-256-GCM under the key of the configuration. What is
//! sealed names its table, column and row, so it opens nowhere else.

use std::path::Path;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, Key, KeyInit, Nonce};
use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{Error, Problem};
use crate::token;

const KEY_ID: usize = 4;
const NONCE: usize = 12;

pub const UNKNOWN_KEY: &str =
    "`TASK_INBOX_SECRET_KEY` does not hold the key that sealed this secret";

/// The first key seals, every key opens.
pub struct Sealer {
    keys: Vec<([u8; KEY_ID], Aes256Gcm)>,
    /// Made of the first key; without one, of luck.
    fingerprints: [u8; 32],
}

impl Sealer {
    /// From a comma list of base64 keys; none is allowed: then nothing seals.
    pub fn new(list: Option<&str>) -> Result<Sealer> {
        let given = list
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(|text| {
                let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
                bytes.context("`TASK_INBOX_SECRET_KEY` must be 32 bytes in base64; make one with: openssl rand -base64 32")
            })
            .collect::<Result<Vec<[u8; 32]>>>()?;
        let keys = given.iter().map(|bytes| {
            let digest = Sha256::digest(bytes);
            let id = digest[..KEY_ID].try_into().context("a digest is longer")?;
            Ok((id, Aes256Gcm::new(&Key::<Aes256Gcm>::from(*bytes))))
        });
        let fingerprints = match given.first() {
            Some(key) => authenticated(key, "task-inbox fingerprints"),
            None => token::random_bytes(),
        };
        Ok(Sealer { keys: keys.collect::<Result<_>>()?, fingerprints })
    }

    /// From the setting, else from `secret.key` in the data folder.
    pub fn load(setting: Option<&str>, data: &Path) -> Result<Sealer> {
        if setting.is_some() {
            return Sealer::new(setting);
        }
        match std::fs::read_to_string(data.join("secret.key")) {
            Ok(text) => Sealer::new(Some(&text)).context("reading secret.key of the data folder"),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Sealer::new(None),
            Err(error) => Err(error).context("reading secret.key of the data folder"),
        }
    }

    pub fn seal(&self, row: Uuid, secret: &str) -> Result<Vec<u8>, Error> {
        let Some((id, cipher)) = self.keys.first() else {
            return Err(missing().into());
        };
        let nonce = token::random_bytes::<NONCE>();
        let payload = Payload { msg: secret.as_bytes(), aad: &associated(row) };
        let text = cipher
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| Error::Internal(anyhow::anyhow!("sealing a secret")))?;
        Ok([id.as_slice(), &nonce, &text].concat())
    }

    /// Tells one text from another, and to who has the database alone nothing of
    /// either. The same on every replica, if there is a key.
    pub fn fingerprint(&self, text: &str) -> String {
        let code = authenticated(&self.fingerprints, text);
        code.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// How what is sealed now begins.
    pub fn first_key_id(&self) -> Result<Vec<u8>, Error> {
        let (id, _) = self.keys.first().ok_or_else(missing)?;
        Ok(id.to_vec())
    }

    /// How everything begins that can be opened.
    pub fn key_ids(&self) -> Vec<Vec<u8>> {
        self.keys.iter().map(|(id, _)| id.to_vec()).collect()
    }

    pub fn open(&self, row: Uuid, sealed: &[u8]) -> Result<String> {
        let (id, rest) =
            sealed.split_at_checked(KEY_ID).context("the sealed secret is cut short")?;
        let (nonce, text) =
            rest.split_at_checked(NONCE).context("the sealed secret is cut short")?;
        let Some((_, cipher)) = self.keys.iter().find(|(key, _)| key == id) else {
            bail!(UNKNOWN_KEY);
        };
        let nonce = Nonce::try_from(nonce).context("a nonce has 12 bytes")?;
        let clear = cipher
            .decrypt(&nonce, Payload { msg: text, aad: &associated(row) })
            .ok()
            .context("the sealed secret was changed")?;
        Ok(String::from_utf8(clear)?)
    }
}

/// The key of the embedded case: made once, readable by its owner only.
pub fn keep_key(data: &Path) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let path = data.join("secret.key");
    if path.exists() {
        return Ok(());
    }
    // Whole or not at all: a crash must not leave an empty key behind.
    let draft = data.join(".secret.key.new");
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    writeln!(file, "{}", new_key())?;
    file.sync_all()?;
    std::fs::rename(&draft, &path).with_context(|| format!("making {}", path.display()))
}

fn new_key() -> String {
    STANDARD.encode(token::random_bytes::<32>())
}

fn authenticated(key: &[u8; 32], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

fn associated(row: Uuid) -> Vec<u8> {
    format!("app.webhook_secret:sealed:{row}").into_bytes()
}

fn missing() -> Problem {
    Problem::new(
        http::StatusCode::CONFLICT,
        "secret_key_missing",
        "no key to seal secrets with: set `TASK_INBOX_SECRET_KEY` to 32 bytes in base64 (openssl rand -base64 32)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_in_its_row_and_with_its_key() {
        let (old, new) = (new_key(), new_key());
        let row = Uuid::now_v7();
        let sealed = Sealer::new(Some(&old)).unwrap().seal(row, "whsec_x").unwrap();

        let both = Sealer::new(Some(&format!("{new},{old}"))).unwrap();
        assert_eq!(both.open(row, &sealed).unwrap(), "whsec_x");
        assert!(both.open(Uuid::now_v7(), &sealed).is_err());
        assert!(Sealer::new(Some(&new)).unwrap().open(row, &sealed).is_err());
        assert!(both.open(row, &sealed[..9]).is_err());
        assert!(Sealer::new(None).unwrap().seal(row, "x").is_err());
        assert!(Sealer::new(Some("c2hvcnQ=")).is_err());
    }

    #[test]
    fn a_fingerprint_is_the_keys_own() {
        let (old, new) = (new_key(), new_key());
        let by = |list: Option<&str>, text: &str| Sealer::new(list).unwrap().fingerprint(text);
        assert_eq!(by(Some(&old), "ana"), by(Some(&format!("{old},{new}")), "ana"));
        assert_ne!(by(Some(&old), "ana"), by(Some(&old), "anna"));
        assert_ne!(by(Some(&old), "ana"), by(Some(&new), "ana"));
        assert_ne!(by(None, "ana"), by(None, "ana"));
    }
}
