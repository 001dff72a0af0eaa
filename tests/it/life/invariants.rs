//! What holds of every task at every moment, asked of the tables themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rand::prelude::*;
use serde_json::Value;
use tokio_postgres::Client;
use uuid::Uuid;

use super::Desk;

/// Each finds what is wrong, and nothing when nothing is.
const RULES: &[(&str, &str)] = &[
    (
        "the steps of a task are numbered without a gap",
        "select task.id::text from app.task task join app.event event on event.task_id = task.id
         group by task.id having count(*) <> max(event.sequence) or min(event.sequence) <> 1
           or max(event.sequence) <> task.sequence",
    ),
    (
        "a version is the newest step that changed what is decided",
        "select event.task_id || ' ' || event.sequence from (
           select *, max(sequence) filter (where kind in (
             'posted', 'changed', 'moved', 'resolved', 'undone', 'withdrawn', 'reopened', 'expired'))
             over (partition by task_id order by sequence) as decisive
           from app.event) event
         where event.version <> event.decisive",
    ),
    (
        "a task is as its last step left it",
        "select task.id::text from app.task task
         join app.event event on event.task_id = task.id and event.sequence = task.sequence
         where event.to_state is distinct from task.state or event.version <> task.version",
    ),
    (
        "a step begins where the one before it ended",
        "select event.task_id || ' ' || event.sequence from (
           select *, lag(to_state) over (partition by task_id order by sequence) as was from app.event) event
         where event.sequence > 1 and event.from_state is distinct from event.was",
    ),
    (
        "a task is settled once between two reopenings",
        "select task.id || ' ' || walk.sequence from (
           select event.task_id, event.sequence, sum(case
             when event.undone_at is not null then 0
             when event.kind in ('resolved', 'withdrawn') then 1
             when event.kind = 'expired' and state.resolved then 1
             when event.kind = 'reopened' then -1 else 0 end)
             over (partition by event.task_id order by event.sequence) as settled
           from app.event event
           join app.task task on task.id = event.task_id
           left join app.task_state state on state.task_type_id = task.task_type_id and state.name = event.to_state) walk
         join app.task task on task.id = walk.task_id
         where walk.settled not in (0, 1)
           or walk.sequence = task.sequence and (walk.settled = 1) <> (task.resolved_at is not null)",
    ),
    (
        "every step its type tells of is owed or settled once, and no other is",
        "select event.task_id || ' ' || event.sequence from app.event event
         join app.task task on task.id = event.task_id
         join app.task_type type on type.id = task.task_type_id
         cross join lateral (select case event.kind
           when 'posted' then 'task.created' when 'moved' then 'task.updated' when 'changed' then 'task.changed'
           when 'resolved' then 'task.resolved' when 'withdrawn' then 'task.withdrawn'
           when 'reopened' then 'task.reopened' when 'expired' then 'task.expired'
           when 'commented' then case when event.actor ->> 'kind' <> 'key' and event.args ->> 'internal' = 'false'
             then 'task.commented' end end) kind (type)
         cross join lateral (
           select (select count(*) from app.outbox owed where owed.event_id = event.id)
             + (select count(*) from app.delivery done where done.event_id = event.id)) owed (count)
         where owed.count <> case when kind.type = any (type.webhooks) then 1 else 0 end",
    ),
    (
        "what is undone is void, and nothing else is",
        "select delivery.task_id || ' ' || delivery.sequence from app.delivery delivery
         join app.event event on event.id = delivery.event_id
         where (delivery.outcome = 'void') <> (event.undone_at is not null)
           or event.undone_at is not null and event.feed_number is not null",
    ),
    (
        "a lead counts those behind it, is open with them and lies behind none",
        "select lead.id::text from app.task lead
         left join app.task member on member.merged_into = lead.id and member.resolution is distinct from 'withdrawn'
         group by lead.id
         having lead.merged_count <> count(member.id)
           or bool_or(member.id is not null and ((member.resolved_at is null) <> (lead.resolved_at is null)
             or lead.merged_into is not null))",
    ),
    (
        "nobody is at what is settled, and nobody waits for it",
        "select id::text from app.task
         where resolved_at is not null and (claimed_by is not null or snoozed_until is not null)",
    ),
    (
        "the reports say what the tables say",
        "select task.id::text from app.task task
         left join reporting.tasks report on report.id = task.id
           and report.state is not distinct from task.state and report.version = task.version
           and report.resolved = (task.resolved_at is not null)
         where report.id is null
           or (select count(*) from reporting.events step where step.task_id = task.id) <> task.sequence",
    ),
];

pub async fn hold(desk: &Desk) {
    let client = crate::postgres::client(&desk.server.database_url).await;
    for (promise, sql) in RULES {
        let rows = client.query(*sql, &[]).await.unwrap();
        let wrong: Vec<String> = rows.iter().take(5).map(|row| row.get(0)).collect();
        assert!(wrong.is_empty(), "not true that {promise}: {} such as {wrong:?}", rows.len());
    }
}

/// Whatever somebody was told to have changed is in the history, as theirs.
pub async fn are_acknowledged(
    desk: &Desk,
    acknowledged: &HashMap<(Uuid, String, &'static str), i64>,
) {
    let sql = "select task_id, actor, case kind when 'resolved' then 'moved' when 'woken' then 'snoozed' else kind end,
        count(*) from reporting.events group by 1, 2, 3";
    let rows = desk.server.db.rows(sql, &[]).await.unwrap();
    let found: HashMap<(Uuid, String, String), i64> =
        rows.iter().map(|row| ((row.get(0), row.get(1), row.get(2)), row.get(3))).collect();
    assert!(!acknowledged.is_empty());
    for ((task, actor, kind), count) in acknowledged {
        let key = (*task, actor.clone(), (*kind).to_owned());
        let kept = found.get(&key).copied().unwrap_or_default();
        assert!(kept >= *count, "{actor} was told {count} times to have {kind} {task}: {kept}");
    }
}

/// Reads as an application does while all this goes on: what is held has not
/// happened. Gives the ids of what the feed told, in its order.
pub async fn watch(
    client: Client,
    key: Value,
    next: impl Fn(&mut StdRng) -> Option<Option<Uuid>>,
) -> Vec<String> {
    let mut luck = StdRng::seed_from_u64(1);
    let (mut after, mut fed) = (0_i64, Vec::new());
    while let Some(id) = next(&mut luck) {
        let told = "select inbox.get_task($1, $2)::text from app.task task
             join app.event held on held.task_id = task.id and held.sequence = task.version
             where task.id = $1 and task.held_until > now() and (
               (inbox.get_task($1, $2) #>> '{task,state}') is distinct from held.from_state
               or (inbox.get_task($1, $2) #>> '{task,resolved}')::boolean
               or (inbox.get_task($1, $2) ->> 'version')::int >= held.version)";
        let leaked = client.query(told, &[&id, &key]).await.unwrap();
        assert!(leaked.is_empty(), "told while it is held: {:?}", leaked[0].get::<_, String>(0));
        let feed =
            "select number, event_object ->> 'id' from inbox_internal.read_events($1, $2, 200)
            where event_object is not null";
        for row in client.query(feed, &[&key, &after]).await.unwrap() {
            after = row.get(0);
            fed.push(row.get(1));
        }
    }
    fed
}

/// What the receiver and the feed got is what was to be told, each once, in the
/// order of its task.
pub async fn were_told(desk: &Desk, fed: Vec<String>) {
    desk.tell().await;
    desk.until_told().await;
    let sql = "select 'evt_' || replace(id::text, '-', ''), sequence::bigint, task_id::text
        from app.event where body is not null and undone_at is null";
    let rows = desk.server.db.rows(sql, &[]).await.unwrap();
    let told: HashMap<String, (i64, String)> =
        rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect();
    let received: Vec<String> = desk.hook.so_far().into_iter().map(|one| one.id).collect();
    let distinct: BTreeSet<&String> = received.iter().collect();
    assert_eq!(distinct, told.keys().collect::<BTreeSet<_>>(), "received and to be told");
    for list in [received, fed] {
        let mut last: BTreeMap<&str, i64> = BTreeMap::new();
        for id in &list {
            let (sequence, task) = &told[id];
            let before = last.insert(task, *sequence).unwrap_or_default();
            assert!(before < *sequence, "{task}: {sequence} came after {before}");
        }
    }
}
