//! One webhook: signed (Standard Webhooks 1.0) and sent.

use std::sync::Arc;

use anyhow::{Error, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use sha2::Sha256;
use tokio_postgres::Row;
use url::Url;
use uuid::Uuid;

use super::answer::{Attempt, blocked};
use super::client::{Clients, Dial};
use super::guard::{Guard, Own};
use crate::config::{Config, Outbound};

pub struct Webhook {
    pub delivery_id: i64,
    pub claim_no: i32,
    pub endpoint_id: i32,
    pub webhook_id: String,
    pub url: String,
    pub body: String,
    /// The current secret first; an old one within its grace signs too.
    pub signing: Vec<String>,
    /// The first task-inbox's header with the hook key.
    pub extra: Option<(String, String)>,
}

impl Webhook {
    /// From a row that was claimed, its secrets opened.
    pub fn of(
        row: &Row,
        open: impl Fn(Uuid, &[u8]) -> anyhow::Result<String>,
    ) -> anyhow::Result<Webhook> {
        let ids: Vec<Uuid> = row.get("secret_ids");
        let kinds: Vec<String> = row.get("secret_kinds");
        let sealed: Vec<Vec<u8>> = row.get("secrets");
        let (mut signing, mut hook_key) = (Vec::new(), None);
        for ((id, kind), sealed) in ids.into_iter().zip(kinds).zip(sealed) {
            let secret = open(id, &sealed)?;
            match kind.as_str() {
                "signing" => signing.push(secret),
                _ => hook_key = hook_key.or(Some(secret)),
            }
        }
        let hook_header: Option<String> = row.get("hook_header");
        Ok(Webhook {
            delivery_id: row.get("id"),
            claim_no: row.get("claim_no"),
            endpoint_id: row.get("endpoint_id"),
            webhook_id: row.get("webhook_id"),
            url: row.get("url"),
            body: row.get("body"),
            signing,
            extra: hook_header.zip(hook_key),
        })
    }
}

/// What came of one webhook.
pub enum Sent {
    Attempt(Attempt),
    /// The address may not be dialled: that is no attempt, and no retry mends it.
    Refused(String),
}

pub struct Sender {
    guard: Guard,
    clients: Clients,
}

impl Sender {
    /// Or which setting is in the way, and why.
    pub fn of(config: &Config, own: Own) -> std::result::Result<Arc<Sender>, String> {
        let outbound = config.outbound.as_ref().map_err(String::clone)?;
        let sender = Sender::new(outbound, own, &config.dial);
        sender.map(Arc::new).map_err(|error| format!("{error:#}"))
    }

    fn new(outbound: &Outbound, own: Own, dial: &Dial) -> Result<Sender> {
        let allow = Arc::new(outbound.allow.clone());
        let clients = Clients::build(outbound, &allow, dial)?;
        Ok(Sender { guard: Guard { allow, own, proxied: outbound.proxy.is_some() }, clients })
    }

    pub async fn send(&self, webhook: &Webhook) -> Sent {
        let url = match self.guard.check(&webhook.url) {
            Ok(url) => url,
            Err(why) => return Sent::Refused(format!("address: {why}")),
        };
        let client = self.client(&url);
        let attempt = Attempt::begin(webhook);
        match request(client, url, webhook, attempt.started_at.as_second()).send().await {
            Ok(response) => Sent::Attempt(attempt.judge(response).await.without(webhook)),
            Err(error) => match blocked(&error) {
                Some(why) => Sent::Refused(format!("address: {why}")),
                None => Sent::Attempt(attempt.fail(&error)),
            },
        }
    }
}

impl Sender {
    /// To an operator's own address, unsigned; an error is any answer but 2xx.
    pub async fn post_notice(&self, url: &Url, notice: &Value) -> Result<()> {
        let url = self.guard.check(url.as_str()).map_err(Error::msg)?;
        let request = self.client(&url).post(url).header("content-type", "application/json");
        // The address of a chat's hook is its secret, and the error goes into the log.
        let sent = request.body(notice.to_string()).send().await;
        let response = sent.map_err(reqwest::Error::without_url)?;
        let status = response.status();
        ensure!(status.is_success(), "answered {status}");
        Ok(())
    }

    fn client(&self, url: &Url) -> &Client {
        match url.scheme() {
            "https" => &self.clients.https,
            _ => &self.clients.http,
        }
    }
}

fn request(client: &Client, url: Url, webhook: &Webhook, timestamp: i64) -> RequestBuilder {
    let mut request = client
        .post(url)
        .header("content-type", "application/json")
        .header("webhook-id", &webhook.webhook_id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signatures(webhook, timestamp));
    if let Some((name, key)) = &webhook.extra {
        request = request.header(name, key);
    }
    request.body(webhook.body.clone())
}

/// One signature a secret, with one space between.
fn signatures(webhook: &Webhook, timestamp: i64) -> String {
    let signed = format!("{}.{timestamp}.{}", webhook.webhook_id, webhook.body);
    webhook.signing.iter().map(|secret| signature(secret, &signed)).collect::<Vec<_>>().join(" ")
}

fn signature(secret: &str, signed: &str) -> String {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap_or_default();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes a key of any length");
    mac.update(signed.as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_standard_webhooks() {
        const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        // The published vector.
        let signed = r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        assert_eq!(signature(SECRET, signed), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

        // The published library, on bodies of ours.
        let library = standardwebhooks::Webhook::new(SECRET).unwrap();
        for body in ["", "{}", "{\"a\": \"🦊 \u{2028}\"}"] {
            let expected = library.sign("evt_1", 1_700_000_000, body.as_bytes()).unwrap();
            assert_eq!(signature(SECRET, &format!("evt_1.1700000000.{body}")), expected);
        }
    }
}
