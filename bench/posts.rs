//! The same post in two ways: pgbench calling `inbox.post_task`, and the HTTP API.

use std::time::Duration;

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use serde_json::json;
use tokio::time::Instant;

use crate::Plan;
use crate::inbox::{Inbox, META, SCHEMA, TYPE};
use crate::pgbench::{self, WARM_UP};
use crate::wire::Wire;

pub struct Posts {
    pub clients: usize,
    pub sql: Vec<f64>,
    pub http: Vec<f64>,
}

impl Posts {
    /// Of neighbours, each.
    pub fn ratios(&self) -> Vec<f64> {
        self.http.iter().zip(&self.sql).map(|(http, sql)| http / sql).collect()
    }
}

pub async fn measure(plan: &Plan, inbox: &Inbox, clients: usize) -> Result<Posts> {
    let mut posts = Posts { clients, sql: Vec::new(), http: Vec::new() };
    for _ in 0..plan.rounds {
        posts.sql.push(over_sql(inbox, clients, plan.seconds).await?);
        posts.http.push(over_http(inbox, clients, plan.seconds).await?);
    }
    Ok(posts)
}

async fn over_sql(inbox: &Inbox, clients: usize, seconds: u64) -> Result<f64> {
    // As the API calls it: the same key, checked by the same function.
    let actor = json!({"kind": "key", "id": "1", "name": "first"}).to_string();
    // Variables, because pgbench would take a colon within a text for one.
    let statement = "select id, created, owed, task_object from inbox.post_task(:schema, :type, meta => :meta, \
         actor => :actor, via => 'api');\n";
    let variables = [("schema", SCHEMA), ("type", TYPE), ("meta", META), ("actor", &actor)];
    pgbench::per_second(inbox, clients, seconds, statement, &variables).await
}

pub async fn over_http(inbox: &Inbox, clients: usize, seconds: u64) -> Result<f64> {
    let body = format!(r#"{{"schema_name":"{SCHEMA}","task":"{TYPE}","meta":{META}}}"#);
    let request = inbox.request("POST", "/tasks", &body);
    let from = Instant::now() + WARM_UP;
    let until = from + Duration::from_secs(seconds);

    let client = async || {
        let mut wire = Wire::connect(inbox.address).await?;
        let mut posted = 0;
        loop {
            let status = wire.status_of(&request).await?;
            ensure!(status == 201, "a post was answered with {status}");
            let now = Instant::now();
            if now >= until {
                return Ok(posted);
            }
            posted += usize::from(now >= from);
        }
    };
    let posted: usize = try_join_all((0..clients).map(|_| client())).await?.iter().sum();
    Ok(posted as f64 / seconds as f64)
}
