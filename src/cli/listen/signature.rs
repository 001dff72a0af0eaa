//! Whether a webhook is by who says so (Standard Webhooks 1.0).

use anyhow::{Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

/// How far the sender's clock may be from ours; an older webhook may be a replay.
const TOLERANCE: i64 = 5 * 60;

pub fn key_of(secret: &str) -> Result<Vec<u8>> {
    let text = secret.strip_prefix("whsec_").unwrap_or(secret);
    match STANDARD.decode(text) {
        // As many bytes as Standard Webhooks asks for.
        Ok(key) if (24..=64).contains(&key.len()) => Ok(key),
        _ => bail!("the signing secret must be as in whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    }
}

/// One good signature of those sent is enough: while a secret is changed, the
/// old and the new one sign.
pub fn check(key: &[u8], headers: &HeaderMap, body: &[u8], now: i64) -> Result<(), &'static str> {
    let id = header(headers, "webhook-id").ok_or("no `webhook-id`")?;
    let timestamp = header(headers, "webhook-timestamp").ok_or("no `webhook-timestamp`")?;
    let signatures = header(headers, "webhook-signature").ok_or("no `webhook-signature`")?;
    let sent: i64 = timestamp.parse().map_err(|_| "`webhook-timestamp` is not in seconds")?;
    if now.abs_diff(sent) > TOLERANCE.unsigned_abs() {
        return Err("sent more than 5 minutes ago, or the clocks differ");
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    let good = |signature: &str| {
        let bytes = signature.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
        bytes.is_some_and(|bytes| mac.clone().verify_slice(&bytes).is_ok())
    };
    if signatures.split(' ').any(good) {
        Ok(())
    } else {
        Err("no signature of this body is by this secret")
    }
}

pub fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_fresh_signature_by_the_secret_is_good() {
        // The example of the Standard Webhooks specification.
        let key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (body, sent) = (r#"{"test": 2432232314}"#, 1_614_265_330);
        let good = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        for (signature, body, now, expected) in [
            (good, body, sent, true),
            (good, body, sent + 300, true),
            (good, body, sent - 300, true),
            (good, body, sent + 301, false),
            (good, body, sent - 301, false),
            (good, r#"{"test": 2432232315}"#, sent, false),
            (&format!("v1,AAAA v1a,xyz {good}"), body, sent, true),
            (&good.replace("v1,", "v2,"), body, sent, false),
            ("v1,", body, sent, false),
            ("", body, sent, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek".parse().unwrap());
            headers.insert("webhook-timestamp", sent.to_string().parse().unwrap());
            headers.insert("webhook-signature", signature.parse().unwrap());
            assert_eq!(
                check(&key, &headers, body.as_bytes(), now).is_ok(),
                expected,
                "{signature} {body} {now}"
            );
        }
        assert!(check(&key, &HeaderMap::new(), b"", sent).is_err());
        for wrong in ["whsec_", "whsec_%", "nope"] {
            assert!(key_of(wrong).is_err(), "{wrong}");
        }
    }
}
