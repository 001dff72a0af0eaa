//! Random tokens that people and programs carry, and what the database keeps of
//! them: a hash. 190 bits and more need no slow hash.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand::RngExt;
use sha2::{Digest, Sha256};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A new API key: `tik_`, eight public characters, 32 secret ones and six that
/// tell a typing error from an unknown key.
pub struct NewKey {
    pub key: String,
    pub prefix: String,
    pub hash: Vec<u8>,
}

impl NewKey {
    pub fn make() -> NewKey {
        let prefix = format!("tik_{}", random_base62(8));
        let body = format!("{prefix}_{}", random_base62(32));
        let key = format!("{body}{}", checksum(&body));
        NewKey { hash: hash(&key), key, prefix }
    }
}

/// Whether this can be an API key at all; what cannot never reaches the database.
pub fn is_api_key(text: &str) -> bool {
    let well_formed = text.len() == 51 && text.starts_with("tik_") && text.is_ascii();
    well_formed && checksum(&text[..45]) == text[45..]
}

/// 256 bits for a cookie or a link.
pub fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// A signing secret as Standard Webhooks writes it. 24 bytes need no padding,
/// so every .env parser and every library reads them alike.
pub fn new_signing_secret() -> String {
    format!("whsec_{}", STANDARD.encode(random_bytes::<24>()))
}

pub fn new_hook_key() -> String {
    format!("tih_{}", random_base62(40))
}

pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill(&mut bytes);
    bytes
}

fn random_base62(length: usize) -> String {
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(BASE62[rng.random_range(0..62)])).collect()
}

fn checksum(body: &str) -> String {
    Sha256::digest(body.as_bytes())[..6]
        .iter()
        .map(|byte| char::from(BASE62[usize::from(*byte) % 62]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_from_a_mistyped_one() {
        let new = NewKey::make();
        assert!(is_api_key(&new.key) && new.key.starts_with(&new.prefix));
        let swapped = new.key.replace("tik_", "tki_");
        let cut = &new.key[..50];
        let mut typo = new.key.clone();
        let last = if typo.pop() == Some('0') { '1' } else { '0' };
        typo.push(last);
        for wrong in ["", "tik_", "tik_é", cut, &typo, &swapped, &format!("{} ", new.key)] {
            assert!(!is_api_key(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_signing_secret_has_no_padding() {
        let secret = new_signing_secret();
        assert!(secret.starts_with("whsec_") && secret.len() == 6 + 32 && !secret.contains('='));
    }
}
