//! The delivery engine against the faults of receivers, of time and of workers.
//! A name that begins with `f` and a number is a row of the fault matrix.

mod breaker;
mod feed;
mod notices;
mod order;
mod replay;
mod retention;
mod rotation;
mod undo;
mod workers;

use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::hook::Hook;
use crate::server::{Server, within};

impl Server {
    /// Tasks that were posted and settled, in this order.
    async fn decided(&self, count: usize) -> Vec<Uuid> {
        let mut ids = Vec::new();
        for _ in 0..count {
            let id = self.post_flag().await;
            self.set_state(id, "allow", 200).await;
            ids.push(id);
        }
        ids
    }

    /// The endpoint of the sample schema, once it is so.
    async fn endpoint(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        within(&format!("an endpoint that is {what}"), async {
            loop {
                let found = self.get("/endpoints").await["endpoints"][0].clone();
                if is_so(&found) {
                    return found;
                }
            }
        })
        .await
    }

    async fn endpoint_in(&self, state: &str) -> Value {
        self.endpoint(state, |endpoint| endpoint["state"] == state).await
    }

    async fn set_endpoint(&self, id: &Value, state: &str) -> Value {
        self.call(Method::PATCH, &format!("/endpoints/{id}"), Some(json!({"state": state})), 200)
            .await
    }

    pub async fn sql(&self, statement: &str) {
        self.db.run(statement, &[]).await.unwrap();
    }
}

/// The number of each task's deciding event, in the order of arrival.
fn tasks_of(hook: &Hook) -> Vec<String> {
    hook.so_far()
        .iter()
        .map(|received| received.json()["data"]["task"]["id"].as_str().unwrap().to_owned())
        .collect()
}
