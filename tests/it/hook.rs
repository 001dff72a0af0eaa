//! A receiver of webhooks that answers as it is told and remembers all it got.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::sync::Notify;

use crate::server::within;

#[derive(Clone)]
pub struct Received {
    pub id: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Checked by the published package, not by our own code.
    pub fn verify(&self, secret: &str) {
        Webhook::new(secret).unwrap().verify(self.body.as_bytes(), &self.headers).unwrap();
    }
}

type Answer = Box<dyn FnOnce() -> Response + Send>;

#[derive(Default)]
struct Inner {
    received: Mutex<Vec<Received>>,
    answers: Mutex<VecDeque<Answer>>,
    arrived: Notify,
}

#[derive(Clone)]
pub struct Hook {
    pub url: String,
    inner: Arc<Inner>,
}

impl Hook {
    pub async fn start() -> Hook {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let inner = Arc::new(Inner::default());
        let router = Router::new().fallback(receive).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Hook { url, inner }
    }

    /// The next requests are answered so, in turn; then 200 again.
    pub fn answer(&self, status: u16) {
        self.answer_with(move || StatusCode::from_u16(status).unwrap().into_response());
    }

    pub fn answer_with(&self, answer: impl FnOnce() -> Response + Send + 'static) {
        self.inner.answers.lock().unwrap().push_back(Box::new(answer));
    }

    /// All that came, once it is this many.
    pub async fn received(&self, count: usize) -> Vec<Received> {
        within(&format!("{count} webhooks"), async {
            loop {
                let arrived = self.inner.arrived.notified();
                let received = self.so_far();
                if received.len() >= count {
                    return received;
                }
                arrived.await;
            }
        })
        .await
    }

    pub fn so_far(&self) -> Vec<Received> {
        self.inner.received.lock().unwrap().clone()
    }
}

async fn receive(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    // A notice to operators has none.
    let id = headers.get("webhook-id").map(|id| id.to_str().unwrap().to_owned());
    let id = id.unwrap_or_default();
    let body = String::from_utf8(body.to_vec()).unwrap();
    inner.received.lock().unwrap().push(Received { id, headers, body });
    inner.arrived.notify_waiters();
    let answer = inner.answers.lock().unwrap().pop_front();
    answer.map_or_else(|| StatusCode::OK.into_response(), |answer| answer())
}
