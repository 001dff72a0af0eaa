//! Applications that post and decide over HTTP, whatever happens to the server, and
//! remember what they were told.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

/// A task and the state somebody put it in.
pub type Decision = (Uuid, String);

pub struct Load {
    http: Client,
    key: String,
    /// Where the server is now; it moves when it is started again.
    address: Mutex<String>,
    acknowledged: Mutex<Vec<Decision>>,
    unanswered: Mutex<Vec<Decision>>,
    posting: Mutex<Vec<Duration>>,
    stopped: AtomicBool,
    pub asked: AtomicUsize,
}

impl Load {
    pub fn on(url: &str, key: &str) -> Load {
        Load {
            http: Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap(),
            key: key.to_owned(),
            address: Mutex::new(url.to_owned()),
            acknowledged: Mutex::default(),
            unanswered: Mutex::default(),
            posting: Mutex::default(),
            stopped: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
        }
    }

    pub fn go_to(&self, url: &str) {
        url.clone_into(&mut self.address.lock().unwrap());
    }

    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub fn acknowledged(&self) -> Vec<Decision> {
        self.acknowledged.lock().unwrap().clone()
    }

    pub fn unanswered(&self) -> Vec<Decision> {
        self.unanswered.lock().unwrap().clone()
    }

    /// As many applications at once, each with one task after the other until
    /// stopped; each task goes through these states.
    pub async fn run(&self, applications: usize, states: &[&str]) {
        let walks = (0..applications).map(async |_| {
            while !self.stopped.load(Ordering::Relaxed) {
                self.walk(states).await;
            }
        });
        futures_util::future::join_all(walks).await;
    }

    /// One task through all its states, or until nobody knows whether it is in one.
    pub async fn walk(&self, states: &[&str]) {
        let Some(id) = self.post().await else { return };
        for state in states {
            if self.decide(id, state).await != Some(200) {
                return;
            }
        }
    }

    /// Tries until the server takes it; none when stopped meanwhile.
    pub async fn post(&self) -> Option<Uuid> {
        self.post_to("ti:sample").await
    }

    pub async fn post_to(&self, schema: &str) -> Option<Uuid> {
        let task = json!({"schema_name": schema, "task": "flag-content"});
        loop {
            let began = Instant::now();
            if let Some((201, body)) = self.call(Method::POST, "/tasks", &task).await {
                self.posting.lock().unwrap().push(began.elapsed());
                return body["id"].as_str().unwrap().parse().ok();
            }
            if self.stopped.load(Ordering::Relaxed) {
                return None;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The answer's status; what has none, or one of ours to mend, may have happened or not.
    pub async fn decide(&self, id: Uuid, state: &str) -> Option<u16> {
        let path = format!("/tasks/{id}/state");
        let answer = self.call(Method::PATCH, &path, &json!({"state": state})).await;
        let status = answer.map(|(status, _)| status);
        let decision = (id, state.to_owned());
        match status {
            Some(200) => self.acknowledged.lock().unwrap().push(decision),
            Some(refused @ 400..500) => assert_eq!(refused, 409, "{decision:?}"),
            _ => self.unanswered.lock().unwrap().push(decision),
        }
        status
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Option<(u16, Value)> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let address = self.address.lock().unwrap().clone();
        let request = self.http.request(method, format!("{address}/api/v1{path}"));
        let response = request.bearer_auth(&self.key).body(body.to_string()).send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, serde_json::from_str(&response.text().await.ok()?).ok()?))
    }

    /// How long posts took: the middle one, and the one of a hundred that was slower.
    pub fn posting(&self) -> (Duration, Duration) {
        let mut took = self.posting.lock().unwrap().clone();
        took.sort();
        (took[took.len() / 2], took[took.len() * 99 / 100])
    }
}
