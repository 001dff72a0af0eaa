//! Two at once: the first has not ended when the second begins. Whoever is first, the
//! second waits for it, sees what it did, and one outcome stands.

use serde_json::json;
use tokio_postgres::Client;
use uuid::Uuid;

use super::{Desk, invariants};
use crate::postgres;
use crate::server::within;

const ROUNDS: usize = 5;

/// What happens before, the two, what the second hears when the one was first and
/// when the other was, and what is true after either.
struct Race {
    name: &'static str,
    before: Vec<String>,
    one: String,
    other: String,
    heard: [&'static str; 2],
    after: &'static str,
}

struct Cast {
    ana: String,
    bob: String,
    key: String,
}

impl Cast {
    async fn of(desk: &Desk) -> Cast {
        let id = desk.number("select max(id)::bigint from app.api_key").await;
        Cast {
            ana: format!("actor => '{}', via => 'web'", desk.actor("ana").await),
            bob: format!("actor => '{}', via => 'web'", desk.actor("bob").await),
            key: format!(
                "actor => '{}', via => 'api'",
                json!({"kind": "key", "id": id.to_string(), "name": "test"})
            ),
        }
    }
}

fn says(who: &str, verb: &str, given: &str) -> String {
    format!("select id from inbox.{verb}(task_id => 'ID', {given}{who})")
}

/// On two connections, the first not committed until the second waits or has ended.
pub async fn meet(desk: &Desk, first: &str, second: &str) -> (String, String) {
    let one = postgres::client(&desk.server.database_url).await;
    let other = postgres::client(&desk.server.database_url).await;
    let pid: i32 = other.query_one("select pg_backend_pid()", &[]).await.unwrap().get(0);
    one.batch_execute("begin").await.unwrap();
    let earlier = outcome(&one, first).await;
    let second = second.to_owned();
    let waiting = tokio::spawn(async move { outcome(&other, &second).await });
    let looking = postgres::client(&desk.server.database_url).await;
    within("the second to wait or to end", async {
        let waits = "select exists (select from pg_locks where pid = $1 and not granted)";
        while !waiting.is_finished()
            && !looking.query_one(waits, &[&pid]).await.unwrap().get::<_, bool>(0)
        {
            tokio::task::yield_now().await;
        }
    })
    .await;
    one.batch_execute("commit").await.unwrap();
    (earlier, within("the second", waiting).await.unwrap())
}

async fn outcome(client: &Client, statement: &str) -> String {
    match client.query(statement, &[]).await {
        Ok(_) => "ok".to_owned(),
        Err(error) => {
            let error = error.as_db_error().unwrap();
            let rule = error.constraint().map(str::to_owned);
            rule.unwrap_or_else(|| format!("{} {}", error.code().code(), error.message()))
        }
    }
}

async fn run(desk: &Desk, races: Vec<Race>) {
    for race in races {
        for round in 0..ROUNDS * 2 {
            let task = if race.name.contains("item") { "careful" } else { "refund" };
            let id = desk.post(task, json!({"merge_key": Uuid::now_v7()})).await;
            let key = desk.task(id).await["merge_key"].as_str().unwrap().to_owned();
            let filled = |text: &str| text.replace("ID", &id.to_string()).replace("KEY", &key);
            for statement in &race.before {
                desk.arrange(&filled(statement)).await;
            }
            let (one, other) = (filled(&race.one), filled(&race.other));
            let (first, second) = match round % 2 {
                0 => meet(desk, &one, &other).await,
                _ => meet(desk, &other, &one).await,
            };
            let heard = if first == "ok" { second } else { format!("{first}, {second}") };
            assert_eq!(heard, race.heard[round % 2], "{}, round {round}", race.name);
            assert_eq!(desk.number(&filled(race.after)).await, 1, "{}, round {round}", race.name);
        }
    }
    invariants::hold(desk).await;
}

const SETTLED_ONCE: &str = "select count(*) from reporting.events
    where task_id = 'ID' and kind in ('resolved', 'expired', 'withdrawn')";

#[tokio::test]
async fn s68_of_two_that_settle_at_once_one_counts() {
    let desk = Desk::open().await;
    let Cast { ana, bob, key } = Cast::of(&desk).await;
    let race = |name, one: &str, other: &str, heard| Race {
        name,
        before: Vec::new(),
        one: one.to_owned(),
        other: other.to_owned(),
        heard,
        after: SETTLED_ONCE,
    };
    let deny = says(&ana, "set_task_state", "state => 'deny', ");
    let bobs = says(&bob, "set_task_state", "state => 'lapsed', ");
    let keys = says(&key, "set_task_state", "state => 'lapsed', ");
    let withdraw = says(&key, "withdraw_task", "");
    run(
        &desk,
        vec![
            race("decide and decide", &deny, &bobs, ["task_open"; 2]),
            race("decide and decide by key", &deny, &keys, ["task_open"; 2]),
            race("decide and withdraw", &deny, &withdraw, ["task_open"; 2]),
            race("withdraw and withdraw", &withdraw, &withdraw, ["task_open"; 2]),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_answer_and_a_deadline_never_both_count() {
    let desk = Desk::open().await;
    let Cast { ana, .. } = Cast::of(&desk).await;
    let deny = says(&ana, "set_task_state", "state => 'deny', ");
    let expire = "select inbox_internal.expire_tasks()";
    for round in 0..ROUNDS * 2 {
        let id = desk.post("refund", json!({})).await;
        let deny = deny.replace("ID", &id.to_string());
        desk.arrange(&format!("update app.task set respond_by = now() where id = '{id}'")).await;
        let heard = match round % 2 {
            0 => meet(&desk, &deny, expire).await,
            _ => meet(&desk, expire, &deny).await,
        };
        // The beat of the server itself may have been faster than either.
        let expected = match desk.steps(id).await[1].as_str() {
            "resolved" => "ok",
            _ => "task_open",
        };
        let answered = if round % 2 == 0 { &heard.0 } else { &heard.1 };
        assert_eq!(answered, expected, "{heard:?}");
        assert_eq!(desk.number(&SETTLED_ONCE.replace("ID", &id.to_string())).await, 1);
    }
    invariants::hold(&desk).await;
}

impl Race {
    fn new(
        name: &'static str,
        before: &[&String],
        one: &str,
        other: &str,
        heard: [&'static str; 2],
        after: &'static str,
    ) -> Race {
        let before = before.iter().map(|text| (*text).clone()).collect();
        Race { name, before, one: one.to_owned(), other: other.to_owned(), heard, after }
    }
}

#[tokio::test]
async fn whoever_comes_second_sees_what_the_first_did() {
    let desk = Desk::open().await;
    let Cast { ana, bob, key } = Cast::of(&desk).await;
    let deny = says(&ana, "set_task_state", "state => 'deny', ");
    let seen = says(&ana, "set_task_state", "state => 'deny', expected_version => 1, ");
    let settled = says(&key, "set_task_state", "state => 'deny', ");
    let change = says(&key, "change_task", "change => '{\"tags\": [\"x\"]}', ");
    let claims = [says(&ana, "claim_task", ""), says(&bob, "claim_task", "")];
    let triage = says(&bob, "set_task_state", "state => 'triage', ");
    let undo = says(&ana, "undo_task", "");
    let reopens = [says(&ana, "reopen_task", ""), says(&bob, "reopen_task", "")];
    let tick = says(&bob, "tick_item", "item => 'scan', ");
    let done = says(&ana, "set_task_state", "state => 'done', ");
    let assign = says(&key, "assign_task", "to_person => 'bob', ");
    let disable = "select inbox_internal.change_person('bob', null, true)";
    let enable = "select inbox_internal.change_person('bob', null, false)".to_owned();
    let moved = "select count(*) from app.task where id = 'ID' and sequence > 1";
    let claimed = "select count(*) from app.event where task_id = 'ID' and kind = 'claimed'";
    let reopened = "select count(*) from app.event where task_id = 'ID' and kind = 'reopened'";
    let ticked = "select count(*) from app.event where task_id = 'ID' and kind = 'ticked'";
    let (changed, item) = (["task_open", "version_stale"], ["ok", "checklist_open, ok"]);
    let (undone, once) = (["ok", "task_open, ok"], ["task_settled"; 2]);
    let races = vec![
        Race::new("decide and change", &[], &seen, &change, changed, moved),
        Race::new("undo and decide", &[&deny], &undo, &triage, undone, moved),
        Race::new("undo and undo", &[&deny], &undo, &undo, ["undo_over"; 2], moved),
        Race::new("claim and claim", &[], &claims[0], &claims[1], ["task_claimed"; 2], claimed),
        Race::new("claim and decide", &[], &claims[0], &triage, ["task_claimed", "ok"], moved),
        Race::new("reopen and reopen", &[&settled], &reopens[0], &reopens[1], once, reopened),
        Race::new("tick and decide with an item", &[], &tick, &done, item, ticked),
        Race::new("assign and disable", &[&enable], &assign, disable, ["ok"; 2], moved),
    ];
    run(&desk, races).await;
}

#[tokio::test]
async fn a_post_that_arrives_just_now_is_seen_and_is_one() {
    let desk = Desk::open().await;
    let Cast { key, .. } = Cast::of(&desk).await;
    let settled = says(&key, "set_task_state", "state => 'deny', ");
    let withdraw = says(&key, "withdraw_task", "");
    let posts = "select id from inbox.post_task('shop:desk', 'refund'";
    let joins = format!("{posts}, merge_key => 'KEY', {key})");
    let same = format!("{posts}, idempotency_key => 'KEY', {key})");
    let again = says(&key, "add_comment", "body => 'x', idempotency_key => 'KEY', ");
    let one_leads = "select count(*) from app.task
        where merge_key = 'KEY' and merged_into is null and resolved_at is null";
    let once = "select count(*) from app.idempotency_key where key = 'KEY'";
    let many = "withdraw one of many and join";
    let races = vec![
        Race::new("withdraw and join", &[], &withdraw, &joins, ["ok"; 2], one_leads),
        Race::new(many, &[&joins], &withdraw, &joins, ["ok"; 2], one_leads),
        Race::new("decide and join", &[], &settled, &joins, ["ok"; 2], "select 1::bigint"),
        Race::new("the same post twice", &[], &same, &same, ["ok"; 2], once),
        Race::new("the same comment twice", &[], &again, &again, ["ok"; 2], once),
    ];
    run(&desk, races).await;
}

#[tokio::test]
async fn who_withdraws_never_waits_for_one_that_was_withdrawn_before() {
    let desk = Desk::open().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(desk.post("refund", json!({"merge_key": "k"})).await);
    }
    desk.ask(ids[0], "withdraw", json!({}), 200).await;
    // As somebody who waited for the first, and now wants the one that leads.
    let waited = postgres::client(&desk.server.database_url).await;
    waited.batch_execute("begin").await.unwrap();
    let lock = "select from app.task where id = $1 for update";
    waited.query(lock, &[&ids[0]]).await.unwrap();
    desk.ask(ids[1], "withdraw", json!({}), 200).await;
    waited.query(lock, &[&ids[2]]).await.unwrap();
    waited.batch_execute("commit").await.unwrap();
    assert_eq!(desk.task(ids[0]).await["merged_into"], json!(ids[1]));
    assert_eq!(desk.task(ids[1]).await["merged_into"], json!(ids[2]));
    invariants::hold(&desk).await;
}
