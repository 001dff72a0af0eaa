//! Posts at an even rate, batches, and readers who wait for an answer.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{Barrier, Mutex};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use uuid::Uuid;

use crate::Plan;
use crate::decisions::{Tasks, decide_evenly, post};
use crate::inbox::{Inbox, META, SCHEMA, TYPE};
use crate::pgbench;
use crate::posts::over_http;
use crate::process;
use crate::receiver::Receiver;
use crate::wire::Wire;

/// As many tasks as one batch has.
pub const BATCH: usize = 500;
pub const WAITERS: usize = 1000;

#[derive(Default)]
pub struct Batches {
    /// Tasks a second of one client that posts batches, and of one that does not.
    pub batched: Vec<f64>,
    pub single: Vec<f64>,
    /// Of 32 clients that post one by one.
    pub crowd: Vec<f64>,
}

impl Batches {
    pub fn ratios(&self, others: &[f64]) -> Vec<f64> {
        self.batched.iter().zip(others).map(|(batched, single)| batched / single).collect()
    }
}

/// In turn.
pub async fn batches(plan: &Plan, inbox: &Inbox) -> Result<Batches> {
    let mut found = Batches::default();
    for _ in 0..plan.rounds {
        found.single.push(over_http(inbox, 1, plan.seconds).await?);
        found.batched.push(batched(inbox, plan.seconds).await?);
        found.crowd.push(over_http(inbox, 32, plan.seconds).await?);
    }
    Ok(found)
}

async fn batched(inbox: &Inbox, seconds: u64) -> Result<f64> {
    let task = format!(r#"{{"schema_name":"{SCHEMA}","task":"{TYPE}","meta":{META}}}"#);
    let body = format!(r#"{{"tasks":[{}]}}"#, vec![task; BATCH].join(","));
    let request = inbox.request("POST", "/tasks/batch", &body);
    let mut wire = Wire::connect(inbox.address).await?;
    ensure!(wire.status_of(&request).await? == 200, "a batch was refused");

    let (began, mut batches) = (Instant::now(), 0);
    while began.elapsed() < Duration::from_secs(seconds) {
        ensure!(wire.status_of(&request).await? == 200, "a batch was refused");
        batches += 1;
    }
    Ok((batches * BATCH) as f64 / began.elapsed().as_secs_f64())
}

/// Steps of tasks a second: each is posted, commented, sent on and settled.
#[derive(Default)]
pub struct Steps {
    pub sql: Vec<f64>,
    pub http: Vec<f64>,
}

const CLIENTS: usize = 8;
const STEPS: f64 = 4.0;

/// The same in two ways, in turn.
pub async fn steps(plan: &Plan, inbox: &Inbox) -> Result<Steps> {
    let mut found = Steps::default();
    for _ in 0..plan.rounds {
        found.sql.push(steps_over_sql(inbox, plan.seconds).await?);
        found.http.push(steps_over_http(inbox, plan.seconds).await?);
    }
    all_told(inbox).await?;
    Ok(found)
}

/// What is measured next does not share its time with these webhooks.
async fn all_told(inbox: &Inbox) -> Result<()> {
    let sql = "select exists (select from app.outbox)";
    let told = async {
        while inbox.db.row(sql, &[]).await?.get(0) {
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    };
    timeout(Duration::from_secs(180), told)
        .await
        .context("waiting for the webhooks of all steps")?
}

async fn steps_over_sql(inbox: &Inbox, seconds: u64) -> Result<f64> {
    let actor = json!({"kind": "key", "id": "1", "name": "first"}).to_string();
    let script = "select id as task from inbox.post_task(:schema, :type, meta => :meta, actor => :actor, via => 'api') \\gset
                  select owed from inbox.add_comment(:task, 'Looks odd.', actor => :actor, via => 'api');
                  select owed from inbox.set_task_state(:task, 'level1', actor => :actor, via => 'api');
                  select owed from inbox.set_task_state(:task, 'allow', actor => :actor, via => 'api');\n";
    let variables = [("schema", SCHEMA), ("type", TYPE), ("meta", META), ("actor", &actor)];
    Ok(pgbench::per_second(inbox, CLIENTS, seconds, script, &variables).await? * STEPS)
}

async fn steps_over_http(inbox: &Inbox, seconds: u64) -> Result<f64> {
    let post = format!(r#"{{"schema_name":"{SCHEMA}","task":"{TYPE}","meta":{META}}}"#);
    let post = inbox.request("POST", "/tasks", &post);
    let until = Instant::now() + Duration::from_secs(seconds);
    let client = async || -> Result<usize> {
        let (mut wire, mut steps) = (Wire::connect(inbox.address).await?, 0);
        while Instant::now() < until {
            wire.write(&post).await?;
            let answer = wire.message().await?.context("the server closed the connection")?;
            let posted: Posted = serde_json::from_slice(answer.body)?;
            for (method, path, body) in [
                ("POST", "comments", r#"{"body":"Looks odd."}"#),
                ("PATCH", "state", r#"{"state":"level1"}"#),
                ("PATCH", "state", r#"{"state":"allow"}"#),
            ] {
                let request = inbox.request(method, &format!("/tasks/{}/{path}", posted.id), body);
                ensure!(wire.status_of(&request).await? == 200, "{path} was refused");
            }
            steps += STEPS as usize;
        }
        Ok(steps)
    };
    let steps: usize = try_join_all((0..CLIENTS).map(|_| client())).await?.iter().sum();
    Ok(steps as f64 / seconds as f64)
}

#[derive(Deserialize)]
struct Posted {
    id: Uuid,
}

/// How long a post takes at that many a second; sorted.
pub async fn posts_evenly(inbox: &Inbox, per_second: usize, seconds: u64) -> Result<Vec<Duration>> {
    let body = format!(r#"{{"schema_name":"{SCHEMA}","task":"{TYPE}","meta":{META}}}"#);
    let request = inbox.request("POST", "/tasks", &body);
    let idle = Mutex::new(Vec::new());
    let began = Instant::now() + Duration::from_millis(100);
    let posting = async |number: usize| -> Result<Duration> {
        sleep_until(began + Duration::from_secs(1) * number as u32 / per_second as u32).await;
        let kept = idle.lock().await.pop();
        let mut wire = match kept {
            Some(wire) => wire,
            None => Wire::connect(inbox.address).await?,
        };
        let asked = Instant::now();
        ensure!(wire.status_of(&request).await? == 201, "a post was refused");
        let took = asked.elapsed();
        idle.lock().await.push(wire);
        Ok(took)
    };
    let count = per_second * seconds as usize;
    let mut took = try_join_all((0..count).map(posting)).await?;
    took.sort();
    Ok(took)
}

/// Each waits for a task of its own; sorted, from the decider's answer to theirs.
pub async fn waiters(inbox: &Inbox, receiver: &Receiver) -> Result<Vec<Duration>> {
    let tasks: Tasks = post(inbox, receiver, WAITERS).await?;
    // Nobody decides before all of them have asked and are let wait.
    let asked = Barrier::new(WAITERS + 1);
    let waiting = async |id: &Uuid| -> Result<Instant> {
        let mut wire = Wire::connect(inbox.address).await?;
        let request = inbox.request("GET", &format!("/tasks/{id}?wait=60"), "");
        wire.write(&request).await?;
        asked.wait().await;
        ensure!(wire.status().await? == 200, "a reader was refused");
        Ok(Instant::now())
    };
    let deciding = async {
        asked.wait().await;
        process::rest(inbox.pid).await;
        decide_evenly(inbox, &tasks, 200).await
    };
    let (answered, decided) =
        tokio::try_join!(try_join_all(tasks.ids.iter().map(waiting)), deciding)?;
    let mut late: Vec<Duration> = answered
        .iter()
        .zip(&decided)
        .map(|(answered, decided)| answered.saturating_duration_since(decided.answered))
        .collect();
    late.sort();
    Ok(late)
}
