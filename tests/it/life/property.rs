//! Whatever people, applications, rules and the clock do to tasks, all at once: what
//! is promised of every task holds. `LIFE_STEPS=20000` walks longer, by another road
//! each time; the seed is printed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use rand::prelude::*;
use serde_json::{Value, json};
use tokio_postgres::Client;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::invariants;
use super::{Desk, named, new_task};
use crate::postgres;

const WALKERS: u64 = 12;

/// What each verb is called by who asks whether it is allowed, and what it writes.
const VERBS: &[(&str, &str, &[&str])] = &[
    ("set_task_state", "resolve", &["moved", "resolved"]),
    ("set_task_state", "resolve", &["moved", "resolved"]),
    ("set_task_state", "resolve", &["moved", "resolved"]),
    ("change_task", "change", &["changed"]),
    ("add_comment", "comment", &["commented"]),
    ("claim_task", "claim", &["claimed"]),
    ("release_task", "release", &["released"]),
    ("assign_task", "assign", &["assigned"]),
    ("snooze_task", "snooze", &["snoozed", "woken"]),
    ("tick_item", "tick", &["ticked"]),
    ("withdraw_task", "withdraw", &["withdrawn"]),
    ("reopen_task", "reopen", &["reopened"]),
    ("undo_task", "undo", &["undone"]),
    ("undo_task", "undo", &["undone"]),
];

#[derive(Default)]
struct Shared {
    tasks: Mutex<Vec<Uuid>>,
    /// By task, actor and verb: how often it was said to have changed something.
    acknowledged: Mutex<HashMap<(Uuid, String, &'static str), i64>>,
    is_done: AtomicBool,
}

struct Walker {
    client: Client,
    luck: StdRng,
    actors: Vec<(Value, &'static str)>,
    shared: Arc<Shared>,
}

#[tokio::test]
async fn whatever_happens_all_at_once_what_is_promised_of_every_task_holds() {
    let given = std::env::var_os("LIFE_STEPS").map(|text| text.to_str().unwrap().parse().unwrap());
    let seed: u64 = if given.is_some() { rand::random() } else { 20_261_127 };
    eprintln!("seed {seed}");
    let steps: u64 = given.unwrap_or(3_600);
    let desk = Desk::open().await;
    let actors = actors(&desk).await;
    let shared = Arc::new(Shared::default());

    let watcher = tokio::spawn(invariants::watch(
        postgres::client(&desk.server.database_url).await,
        actors[0].0.clone(),
        shared.clone().into_watched(),
    ));
    let began = Instant::now();
    let mut walks = Vec::new();
    for place in 0..WALKERS {
        let client = postgres::client(&desk.server.database_url).await;
        client
            .batch_execute("set task_inbox.defer_notify = on; set lock_timeout = '10s'")
            .await
            .unwrap();
        let luck = StdRng::seed_from_u64(seed + place);
        let walker = Walker { client, luck, actors: actors.clone(), shared: shared.clone() };
        walks.push(tokio::spawn(walker.walk(steps / WALKERS)));
    }
    for walk in walks {
        walk.await.unwrap();
    }
    let took = began.elapsed();
    shared.is_done.store(true, Ordering::Relaxed);
    let fed = watcher.await.unwrap();

    let transitions = desk.number("select count(*) from reporting.events").await;
    eprintln!(
        "{transitions} transitions in {took:?}, {:.0} a second",
        transitions as f64 / took.as_secs_f64()
    );
    // The server looks at the clock as well: nothing more is to happen by itself.
    desk.arrange(
        "update app.task set respond_by = null, respond_left = null where resolved_at is null",
    )
    .await;
    invariants::hold(&desk).await;
    let acknowledged = shared.acknowledged.lock().unwrap().clone();
    invariants::are_acknowledged(&desk, &acknowledged).await;
    invariants::were_told(&desk, fed).await;
}

impl Shared {
    fn into_watched(self: Arc<Shared>) -> impl Fn(&mut StdRng) -> Option<Option<Uuid>> + Send {
        move |luck| {
            let tasks = self.tasks.lock().unwrap();
            (!self.is_done.load(Ordering::Relaxed)).then(|| tasks.choose(luck).copied())
        }
    }
}

/// The key first.
async fn actors(desk: &Desk) -> Vec<(Value, &'static str)> {
    let id = desk.number("select max(id)::bigint from app.api_key").await;
    let key = json!({"kind": "key", "id": id.to_string(), "name": "test"});
    let shell = json!({"kind": "sql", "id": "shell", "name": "shell"});
    let mut actors = vec![(key.clone(), "api"), (key, "api"), (shell, "cli")];
    for name in ["ana", "ana", "bob", "bob", "cyd", "vic", "root"] {
        actors.push((desk.actor(name).await, "web"));
    }
    actors
}

impl Walker {
    async fn walk(mut self, steps: u64) {
        for _ in 0..steps {
            let id = self.shared.tasks.lock().unwrap().choose(&mut self.luck).copied();
            match self.luck.random_range(0..100) {
                0..18 => self.post().await,
                18..30 => self.let_time_pass(id).await,
                _ => match id {
                    Some(id) => self.act(id).await,
                    None => self.post().await,
                },
            }
        }
    }

    async fn post(&mut self) {
        let ttype = *["refund", "refund", "refund", "careful", "patient", "note"]
            .choose(&mut self.luck)
            .unwrap();
        let mut more = json!({"meta": {
            "order": format!("o-{}", self.luck.random_range(0..6)),
            "plan": one_of(&mut self.luck, &["pro", "free"]),
            "at": one_of(&mut self.luck, &["2020-01-01", "2022-02-02T00:00:00+00:00", "x"]),
        }});
        if self.luck.random_bool(0.3) {
            more["respond_within"] = json!(one_of(&mut self.luck, &["3s", "1h"]));
        }
        if self.luck.random_bool(0.3) {
            more["merge_key"] = json!(format!("k-{}", self.luck.random_range(0..3)));
        }
        if self.luck.random_bool(0.1) {
            more["start_at"] =
                json!((jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1)).to_string());
        }
        let sql =
            "select (result ->> 'id')::uuid from inbox.post_tasks($1, actor => $2, via => 'api')";
        let (key, _) = self.actors[0].clone();
        let row =
            self.client.query_one(sql, &[&Json([new_task(ttype, more)]), &key]).await.unwrap();
        self.shared.tasks.lock().unwrap().push(row.get(0));
    }

    /// As the clock would, but at once.
    async fn let_time_pass(&mut self, id: Option<Uuid>) {
        let lock = "select from app.task where id = $1 for update";
        let statements: &[&str] = match self.luck.random_range(0..6) {
            0 => &[
                lock,
                "update app.task set held_until = now() where id = $1 and held_until > now()",
                "update app.event set held_until = now() where task_id = $1 and held_until > now()",
                "update app.outbox set due_at = now() where task_id = $1",
            ],
            1 => {
                &["update app.task set respond_by = now() where id = $1 and respond_by is not null"]
            }
            2 => &[
                "update app.task set claimed_until = now() where id = $1 and claimed_by is not null",
            ],
            3 => &[
                "update app.task set snoozed_until = now() where id = $1 and snoozed_until is not null",
            ],
            4 => &["update app.task set start_at = now() where id = $1 and start_at > now()"],
            _ => &[
                "delete from app.setting where name = 'urgency_swept_at' and $1::uuid is not null",
            ],
        };
        if let Some(id) = id {
            self.client.batch_execute("begin").await.unwrap();
            for statement in statements {
                self.client.execute(*statement, &[&id]).await.unwrap();
            }
            self.client.batch_execute("commit").await.unwrap();
        }
        self.client.batch_execute("select inbox_internal.look_at_clock()").await.unwrap();
    }

    /// One verb, foretold by what the task allows while nobody else can move it.
    async fn act(&mut self, id: Uuid) {
        let (verb, right, kinds) = *VERBS.choose(&mut self.luck).unwrap();
        let (actor, via) = self.actors.choose(&mut self.luck).unwrap().clone();
        self.client.batch_execute("begin").await.unwrap();
        let mut given = self.given(verb);
        // Undoing and taking over are not foretold.
        let is_foretold =
            self.luck.random_bool(0.5) && verb != "undo_task" && given["take"] != true;
        let foretold = match is_foretold {
            true => self.foretell(id, &actor, right, &mut given).await,
            false => None,
        };

        let sql = format!(
            "select id, changed from inbox.{verb}(task_id => $1, {}actor => $3, via => $4)
             cross join (select $2::jsonb) given (given)",
            named(&given)
        );
        let outcome = self.client.query_one(&sql, &[&id, &Json(&given), &actor, &via]).await;
        let end = if outcome.is_ok() { "commit" } else { "rollback" };
        self.client.batch_execute(end).await.unwrap();
        let told = format!("{verb} {given} of {id} by {actor}");
        match outcome {
            Ok(row) => {
                assert_ne!(foretold, Some(false), "was not allowed: {told}");
                if row.get(1) {
                    let name = actor["name"].as_str().unwrap().to_owned();
                    let mut acknowledged = self.shared.acknowledged.lock().unwrap();
                    *acknowledged.entry((row.get(0), name, kinds[0])).or_default() += 1;
                }
            }
            Err(error) => {
                let error = error.as_db_error().unwrap();
                let rule = error.constraint().unwrap_or_default();
                let is_of_its_own =
                    matches!(rule, "checklist_open" | "action_declared" | "task_exists");
                let (code, detail) = (error.code().code(), error.detail().unwrap_or_default());
                assert!(code.starts_with("PT4"), "{error} {detail}: {told}");
                assert!(
                    foretold != Some(true) || is_of_its_own,
                    "was allowed, but {error}: {told}"
                );
            }
        }
    }

    /// Whether it is allowed; nobody comes between. Of the moves one that is offered.
    async fn foretell(
        &mut self,
        id: Uuid,
        actor: &Value,
        right: &str,
        given: &mut Value,
    ) -> Option<bool> {
        let lock = "select id from app.task where id = (
            select coalesce(merged_into, id) from app.task where id = $1) for update";
        let locked: Uuid = self.client.query_one(lock, &[&id]).await.unwrap().get(0);
        let row = self.client.query_one(lock_held(), &[&id, &locked]).await.unwrap();
        // Its lead changed while it was waited for, or its application sees less.
        if !row.get::<_, bool>(0) || row.get::<_, bool>(1) && actor["kind"] != "person" {
            return None;
        }
        let verbs = "select array(select unnest(inbox.allowed_verbs($1, $2))),
            array(select move.name from inbox.allowed_moves($1, $2) move)";
        self.client.batch_execute("savepoint look").await.unwrap();
        let Ok(row) = self.client.query_one(verbs, &[&id, actor]).await else {
            // It has not begun, for people.
            self.client.batch_execute("rollback to look").await.unwrap();
            return None;
        };
        let (verbs, moves): (Vec<String>, Vec<String>) = (row.get(0), row.get(1));
        let is_allowed = verbs.iter().any(|verb| verb == right);
        if right == "resolve" {
            assert_eq!(is_allowed, !moves.is_empty(), "{verbs:?} {moves:?}");
            let state = moves.choose(&mut self.luck).cloned();
            *given = move_to(state.as_deref().unwrap_or("triage"));
        }
        Some(is_allowed)
    }

    fn given(&mut self, verb: &str) -> Value {
        let luck = &mut self.luck;
        let mut given = match verb {
            "set_task_state" => {
                let states =
                    ["triage", "waiting", "escalated", "approve", "deny", "lapsed", "done", "boss"];
                move_to(states.choose(luck).unwrap())
            }
            "change_task" => {
                let urgency = *["low", "high"].choose(luck).unwrap();
                json!({"change": {"meta": {"n": luck.random_range(0..9)}, "urgency": urgency}})
            }
            "add_comment" => json!({"body": "look", "internal": luck.random_bool(0.5)}),
            "claim_task" => json!({"take": luck.random_bool(0.2)}),
            "assign_task" => json!({"to_person": one_of(luck, &["ana", "bob", "root"])}),
            "snooze_task" => {
                let until = jiff::Timestamp::now()
                    + jiff::SignedDuration::from_hours(luck.random_range(1..9));
                json!({"until": luck.random_bool(0.7).then(|| until.to_string())})
            }
            "tick_item" => json!({"item": "scan", "done": luck.random_bool(0.8)}),
            _ => json!({}),
        };
        if luck.random_bool(0.05) {
            given["idempotency_key"] = json!(format!("i-{}", luck.random_range(0..1_000_000)));
        }
        given
    }
}

fn one_of<'a>(luck: &mut StdRng, values: &[&'a str]) -> &'a str {
    values[luck.random_range(0..values.len())]
}

fn move_to(state: &str) -> Value {
    match state {
        "approve" => json!({"state": state, "args": {"amount": 100}}),
        _ => json!({"state": state}),
    }
}

/// Whether its lead is locked, and whether something is held.
fn lock_held() -> &'static str {
    "select lead.id = $2 and (lead.merged_into is null or lead.resolution = 'withdrawn'),
       coalesce(lead.held_until > now(), false) or coalesce(task.held_until > now(), false)
     from app.task task
     left join app.task lead on lead.id = coalesce(task.merged_into, task.id)
     where task.id = $1"
}
