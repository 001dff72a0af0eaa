//! One webhook: signed (Standard Webhooks 1.0), sent, its answer judged.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::StatusCode;
use jiff::Timestamp;
use reqwest::redirect::Policy;
use serde::Serialize;
use sha2::Sha256;
use tokio::time::Instant;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// From the first packet to the last byte of the answer that is read.
const TIMEOUT: Duration = Duration::from_secs(15);
const MAX_ANSWER: usize = 4096;
const LEASE: Duration = Duration::from_secs(60);

pub struct Webhook {
    pub delivery_id: i64,
    pub claim_no: i32,
    pub webhook_id: String,
    pub url: String,
    pub body: String,
    /// The current secret first; an old one within its grace signs too.
    pub signing: Vec<String>,
    /// The first task-inbox's header with the hook key.
    pub extra: Option<(String, String)>,
}

/// What came of one try, as SQL takes it.
#[derive(Serialize)]
pub struct Attempt {
    pub id: i64,
    claim_no: i32,
    started_at: Timestamp,
    milliseconds: i64,
    status: Option<u16>,
    /// None: it arrived.
    pub error_class: Option<&'static str>,
    error: Option<String>,
    remote_address: Option<String>,
    response: Option<String>,
    /// Seconds, from `Retry-After`.
    retry_after: Option<f64>,
    #[serde(skip)]
    began: Option<Instant>,
}

impl Attempt {
    /// Whether the claim can still be ours.
    pub fn is_fresh(&self) -> bool {
        self.began.is_none_or(|began| began.elapsed() < LEASE)
    }

    pub fn claim(&self) -> (i64, i32) {
        (self.id, self.claim_no)
    }

    pub fn why(&self) -> &str {
        self.error.as_deref().unwrap_or_default()
    }
}

pub struct Sender {
    client: reqwest::Client,
}

impl Sender {
    pub fn new() -> Sender {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            // HTTP_PROXY of the environment would see every body and dial for us.
            .no_proxy()
            .referer(false)
            .http1_only()
            .pool_max_idle_per_host(16)
            .user_agent(concat!("task-inbox/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("these settings fit together and the TLS provider is installed");
        Sender { client }
    }

    pub async fn send(&self, webhook: &Webhook) -> Attempt {
        let began = Instant::now();
        let mut attempt = Attempt {
            id: webhook.delivery_id,
            claim_no: webhook.claim_no,
            started_at: Timestamp::now(),
            milliseconds: 0,
            status: None,
            error_class: None,
            error: None,
            remote_address: None,
            response: None,
            retry_after: None,
            began: Some(began),
        };
        match self.request(webhook, attempt.started_at.as_second()).send().await {
            Ok(response) => judge(&mut attempt, response).await,
            Err(error) => {
                attempt.error_class = Some(class(&error));
                attempt.error = Some(crate::error::chain(&error.without_url()));
            }
        }
        attempt.milliseconds = began.elapsed().as_millis().try_into().unwrap_or(i64::MAX);
        attempt
    }

    fn request(&self, webhook: &Webhook, timestamp: i64) -> reqwest::RequestBuilder {
        let mut request = self
            .client
            .post(&webhook.url)
            .header("content-type", "application/json")
            .header("webhook-id", &webhook.webhook_id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures(webhook, timestamp));
        if let Some((name, key)) = &webhook.extra {
            request = request.header(name, key);
        }
        request.body(webhook.body.clone())
    }
}

/// The status line decides; a body that breaks afterwards is only noted.
async fn judge(attempt: &mut Attempt, response: reqwest::Response) {
    let status = response.status();
    attempt.status = Some(status.as_u16());
    attempt.remote_address = response.remote_addr().map(|address| address.to_string());
    let header = |name| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    attempt.retry_after =
        header("retry-after").and_then(|text| retry_after(&text, attempt.started_at));
    let location = header("location");

    attempt.error_class = match status {
        status if status.is_success() => None,
        StatusCode::GONE => Some("http_410"),
        StatusCode::TOO_MANY_REQUESTS => Some("http_429"),
        status if status.is_redirection() => Some("http_3xx"),
        status if status.is_client_error() => Some("http_4xx"),
        status if status.is_server_error() => Some("http_5xx"),
        _ => Some("bad_http"),
    };
    attempt.error = attempt.error_class.map(|_| match location {
        Some(location) => format!(
            "answered {status} to {}; redirects are not followed",
            printable(location.as_bytes())
        ),
        None => format!("answered {status}"),
    });
    attempt.response = Some(read_answer(response).await);
}

/// As much as is kept, as text without control characters; the rest is never read.
async fn read_answer(mut response: reqwest::Response) -> String {
    let mut answer = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = MAX_ANSWER - answer.len();
        answer.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if answer.len() == MAX_ANSWER {
            break;
        }
    }
    printable(&answer)
}

fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect()
}

fn class(error: &reqwest::Error) -> &'static str {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<rustls::Error>() {
            return "tls";
        }
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            match io.kind() {
                std::io::ErrorKind::ConnectionRefused => return "connect_refused",
                std::io::ErrorKind::ConnectionReset
                | std::io::ErrorKind::ConnectionAborted
                | std::io::ErrorKind::BrokenPipe
                | std::io::ErrorKind::UnexpectedEof => return "reset",
                // It may wrap the cause that tells.
                _ => cause = io.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static)),
            }
            if cause.is_some_and(|inner| inner.is::<rustls::Error>()) {
                return "tls";
            }
        }
        if error.to_string().starts_with("dns error") {
            return "dns";
        }
        if error.to_string().contains("connection closed before message completed") {
            return "reset";
        }
        cause = error.source();
    }
    match (error.is_timeout(), error.is_connect()) {
        (true, true) => "connect_timeout",
        (true, false) => "timeout",
        (false, true) => "reset",
        (false, false) => "bad_http",
    }
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

/// Seconds or an HTTP date (RFC 9110, 10.2.3). What makes no sense is ignored;
/// SQL bounds what does.
fn retry_after(text: &str, now: Timestamp) -> Option<f64> {
    if !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some((date.as_second() - now.as_second()).max(0) as f64)
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

    #[test]
    fn retry_after_is_seconds_or_a_date_and_nothing_else() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("7", Some(7.0)),
            ("0", Some(0.0)),
            ("999999999999", Some(999_999_999_999.0)),
            ("99999999999999999999", None),
            ("-1", None),
            ("1e9", None),
            ("NaN", None),
            ("", None),
            ("Sun, 22 Nov 2026 10:00:20 GMT", Some(20.0)),
            ("Sun, 22 Nov 2026 09:00:00 GMT", Some(0.0)),
            ("soon", None),
        ] {
            assert_eq!(retry_after(text, now), expected, "{text}");
        }
        assert_eq!(retry_after(&"9".repeat(5000), now), None);
    }

    #[test]
    fn an_answer_is_kept_as_harmless_text() {
        assert_eq!(printable(b"\0\xff<script>\x1b[0m\n"), "\u{fffd}<script>[0m\n");
    }
}
