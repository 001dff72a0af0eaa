//! What came of one try: the answer judged, or the fault named.

use std::error::Error;
use std::io::ErrorKind;

use http::StatusCode;
use jiff::Timestamp;
use reqwest::Response;
use serde::Serialize;
use tokio::time::Instant;

use super::guard::{Blocked, NotFound};
use super::webhook::Webhook;

const MAX_ANSWER: usize = 4096;
/// Of a Location, and of an error with all its causes.
const MAX_TEXT: usize = 2_000;
const LEASE: std::time::Duration = std::time::Duration::from_secs(60);

/// As SQL takes it.
#[derive(Serialize)]
pub struct Attempt {
    pub id: i64,
    claim_no: i32,
    pub started_at: Timestamp,
    pub milliseconds: i64,
    pub status: Option<u16>,
    /// None: it arrived.
    pub error_class: Option<&'static str>,
    pub error: Option<String>,
    remote_address: Option<String>,
    pub response: Option<String>,
    /// Seconds, from `Retry-After`.
    retry_after: Option<f64>,
    #[serde(skip)]
    began: Instant,
}

impl Attempt {
    pub fn begin(webhook: &Webhook) -> Attempt {
        Attempt {
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
            began: Instant::now(),
        }
    }

    /// Whether the claim can still be ours.
    pub fn is_fresh(&self) -> bool {
        self.began.elapsed() < LEASE
    }

    pub fn claim(&self) -> (i64, i32) {
        (self.id, self.claim_no)
    }

    pub fn why(&self) -> &str {
        self.error.as_deref().unwrap_or_default()
    }

    /// The status line decides; a body that breaks afterwards is only noted.
    pub async fn judge(mut self, response: Response) -> Attempt {
        let status = response.status();
        self.status = Some(status.as_u16());
        self.remote_address = response.remote_addr().map(|address| address.to_string());
        let header = |name| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        self.retry_after =
            header("retry-after").and_then(|text| retry_after(&text, self.started_at));
        self.error_class = class_of_status(status);
        self.error = self.error_class.map(|class| match class {
            "http_3xx" => format!("answered {status}; redirects are not followed"),
            _ => format!("answered {status}"),
        });
        let location = header("location");

        let (text, is_whole) = read(response).await;
        // With the body, which is for admins only: it may lead to an address inside.
        self.response = Some(match location {
            Some(location) => format!("location: {}\n\n{text}", bounded(&location)),
            None => text,
        });
        if !is_whole {
            self.error.get_or_insert_with(|| "the answer's body was cut short".to_owned());
        }
        self.end()
    }

    pub fn fail(mut self, error: &reqwest::Error) -> Attempt {
        self.error_class = Some(class(error));
        self.error = Some(bounded(&text(error)));
        self.end()
    }

    /// Many a receiver's error page shows the headers it got, and what it answers is
    /// kept: the hook key must not be in it. A very short one would be in any text.
    pub fn without(mut self, webhook: &Webhook) -> Attempt {
        if let Some((_, key)) = webhook.extra.as_ref().filter(|(_, key)| key.len() >= 8) {
            for text in [&mut self.error, &mut self.response].into_iter().flatten() {
                *text = text.replace(key, "***");
            }
        }
        self
    }

    fn end(mut self) -> Attempt {
        self.milliseconds = self.began.elapsed().as_millis().try_into().unwrap_or(i64::MAX);
        self
    }
}

/// Our own refusal, which is no attempt.
pub fn blocked(error: &reqwest::Error) -> Option<&Blocked> {
    causes(error).into_iter().find_map(<dyn Error>::downcast_ref::<Blocked>)
}

fn class_of_status(status: StatusCode) -> Option<&'static str> {
    match status {
        status if status.is_success() => None,
        StatusCode::GONE => Some("http_410"),
        StatusCode::TOO_MANY_REQUESTS => Some("http_429"),
        status if status.is_redirection() => Some("http_3xx"),
        status if status.is_client_error() => Some("http_4xx"),
        status if status.is_server_error() => Some("http_5xx"),
        _ => Some("bad_http"),
    }
}

/// As much as is kept, as text without control characters, and whether the
/// body was whole so far; the rest is never read.
async fn read(mut response: Response) -> (String, bool) {
    let mut answer = Vec::new();
    let is_whole = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = MAX_ANSWER - answer.len();
                answer.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if answer.len() == MAX_ANSWER {
                    break true;
                }
            }
            Ok(None) => break true,
            Err(_) => break false,
        }
    };
    (printable(&answer), is_whole)
}

fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect()
}

/// It goes into a log too: one line.
fn bounded(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect()
}

fn class(error: &reqwest::Error) -> &'static str {
    let causes = causes(error);
    if let Some(class) = causes.iter().find_map(|cause| class_of_cause(*cause)) {
        return class;
    }
    match (error.is_timeout(), error.is_connect()) {
        (true, true) => "connect_timeout",
        (true, false) => "timeout",
        // A route, an interface or a tunnel that is not there.
        (false, true) => "connect_refused",
        (false, false) => "bad_http",
    }
}

fn class_of_cause(cause: &(dyn Error + 'static)) -> Option<&'static str> {
    if cause.is::<rustls::Error>() {
        return Some("tls");
    }
    if cause.is::<NotFound>() {
        return Some("dns");
    }
    if let Some(http) = cause.downcast_ref::<hyper::Error>() {
        // Neither HTTP/1 nor a head of a bearable size.
        return match (http.is_parse(), http.is_incomplete_message()) {
            (true, _) => Some("bad_http"),
            (_, true) => Some("reset"),
            _ => None,
        };
    }
    match cause.downcast_ref::<std::io::Error>()?.kind() {
        ErrorKind::ConnectionRefused => Some("connect_refused"),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => Some("reset"),
        _ => None,
    }
}

/// The error and all that is below it. An `io::Error` passes over what it wraps
/// when it is asked for its source.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let (mut causes, mut next) = (Vec::new(), Some(error));
    while let Some(cause) = next {
        causes.push(cause);
        let wrapped = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = wrapped.map(|wrapped| wrapped as &(dyn Error + 'static)).or(cause.source());
    }
    causes
}

/// What went wrong, without the client's own words around it.
fn text(error: &reqwest::Error) -> String {
    let mut told: Vec<String> = Vec::new();
    for cause in causes(error).into_iter().filter(|cause| !cause.is::<reqwest::Error>()) {
        let text = cause.to_string();
        // What wraps another often has its words already.
        if !text.starts_with("client error (")
            && told.last().is_none_or(|last| !last.contains(&text))
        {
            told.push(text);
        }
    }
    match told.is_empty() {
        true => error.to_string(),
        false => told.join(": "),
    }
}

/// Seconds or an HTTP date (RFC 9110, 10.2.3). What makes no sense is ignored;
/// SQL bounds what does.
pub fn retry_after(text: &str, now: Timestamp) -> Option<f64> {
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
