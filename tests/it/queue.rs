//! What was measured once and decided the design: kept true.

use std::future::poll_fn;

use serde_json::json;
use task_inbox::db::{Target, connect};
use task_inbox::seal::Sealer;
use task_inbox::serve::Part;
use tokio::sync::mpsc;
use tokio_postgres::{AsyncMessage, Client};

use crate::hook::Hook;
use crate::postgres;
use crate::server::{SECRET_KEY, Server, within};

#[tokio::test]
async fn a_claim_reads_the_index_and_not_the_table() {
    let server = Server::on(&postgres::fresh_database().await, Part::NoWorker).await;
    server.with_hook(&Hook::start().await).await;
    let client = postgres::client(&server.database_url).await;
    // Nobody else may read the table while we count.
    server.stop().await;
    client
        .batch_execute(
            "insert into app.outbox (event_id, endpoint_id, task_id, sequence, due_at)
             select gen_random_uuid(), (select id from app.endpoint), gen_random_uuid(), 2, now() - n * interval '1 ms'
             from generate_series(1, 200000) n",
        )
        .await
        .unwrap();
    client.batch_execute("vacuum analyze app.outbox").await.unwrap();
    let keys = Sealer::new(Some(SECRET_KEY)).unwrap().key_ids();
    let before = scans(&client).await;
    client
        .query("select * from inbox_internal.claim_deliveries(1, 64, $1)", &[&keys])
        .await
        .unwrap();
    let after = scans(&client).await;
    assert_eq!(after.0, before.0, "the outbox was read from end to end");
    assert!(after.1 > before.1, "the index on what is due was not used");

    let leased = "select count(*) from app.outbox where worker_id = 1";
    assert_eq!(
        client.query_one(leased, &[]).await.unwrap().get::<_, i64>(0),
        16,
        "the cap of one endpoint"
    );
}

/// Sequential scans of the outbox, and scans of the index the claim should take.
async fn scans(client: &Client) -> (i64, i64) {
    client.batch_execute("select pg_stat_force_next_flush()").await.unwrap();
    client.batch_execute("select pg_stat_clear_snapshot()").await.unwrap();
    let row = client
        .query_one(
            "select (select seq_scan from pg_stat_user_tables where relid = 'app.outbox'::regclass),
                    (select idx_scan from pg_stat_user_indexes where indexrelid = 'app.outbox_due'::regclass)",
            &[],
        )
        .await
        .unwrap();
    (row.get(0), row.get(1))
}

#[tokio::test]
async fn posting_never_waits_for_notify() {
    // NOTIFY locks the whole cluster until its transaction is on disk: 244 posts/s
    // with it in the post, 3,132 without, at 32 clients.
    let server = Server::on(&postgres::fresh_database().await, Part::NoWorker).await;
    server.with_hook(&Hook::start().await).await;
    let (listening, mut heard) = listen(&server.database_url).await;

    let posts = (0..20).map(|_| server.post_flag());
    futures_util::future::join_all(posts).await;
    let mut senders = vec![within("a hint", heard.recv()).await.unwrap()];
    while let Ok(sender) = heard.try_recv() {
        senders.push(sender);
    }
    senders.dedup();
    let beats = worker(&listening).await;
    assert_eq!(senders, [beats], "only the listening connection tells others");
}

#[tokio::test]
async fn a_person_at_psql_is_heard_at_the_commit() {
    let server = Server::on(&postgres::fresh_database().await, Part::NoWorker).await;
    server.with_hook(&Hook::start().await).await;
    let database_url = server.database_url.clone();
    server.stop().await;
    let (_listening, mut heard) = listen(&database_url).await;
    let client = postgres::client(&database_url).await;
    client.query("select * from inbox.post_task('ti:sample', 'flag-content')", &[]).await.unwrap();
    within("the hint", heard.recv()).await.unwrap();
}

#[tokio::test]
async fn f44_a_lost_listening_connection_comes_back() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let client = postgres::client(&server.database_url).await;
    let decide = "select * from inbox.set_task_state($1, 'allow')";
    for count in 1..=3 {
        let id = server.post_flag().await;
        client.query("select pg_terminate_backend($1)", &[&worker(&client).await]).await.unwrap();
        // Decided by somebody else: only NOTIFY or the next beat can tell.
        client.query(decide, &[&id]).await.unwrap();
        hook.received(count).await;
        server.delivery(id, 2, "delivered").await;
    }
}

/// The process of the listening connection, by the lock it holds.
pub async fn worker(client: &Client) -> i32 {
    let holder =
        "select lock.pid from pg_locks lock join pg_database base on base.oid = lock.database
                  where lock.locktype = 'advisory' and base.datname = current_database()
                    and lock.classid::bigint = inbox_internal.worker_lock()";
    within("the listening connection", async {
        loop {
            if let Some(row) = client.query_opt(holder, &[]).await.unwrap() {
                return row.get(0);
            }
        }
    })
    .await
}

/// Who sends hints, by their process.
async fn listen(database_url: &str) -> (Client, mpsc::UnboundedReceiver<i32>) {
    let (client, mut connection) = connect(&Target::parse(database_url).unwrap()).await.unwrap();
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(note) = message {
                let _ = sender.send(note.process_id());
            }
        }
    });
    client.batch_execute("listen task_inbox_tasks").await.unwrap();
    (client, receiver)
}

#[tokio::test]
async fn a_chain_is_never_stuck_when_posting_and_finishing_race() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(server.post_flag().await);
    }
    // Each task is moved back and forth while its earlier webhooks are on their way.
    let walks = ids.iter().map(|id| async {
        for n in 0..10 {
            server.set_state(*id, if n % 2 == 0 { "level1" } else { "level2" }, 200).await;
        }
        server.set_state(*id, "allow", 200).await;
    });
    futures_util::future::join_all(walks).await;

    let received = hook.received(20 * 11).await;
    for id in &ids {
        let sequences: Vec<i64> = received
            .iter()
            .map(|request| request.json())
            .filter(|body| body["data"]["task"]["id"] == json!(id))
            .map(|body| body["data"]["sequence"].as_i64().unwrap())
            .collect();
        assert_eq!(sequences, (2..=12).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_persons_open_transaction_keeps_no_result_from_being_written() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let (first, second) = (server.post_flag().await, server.post_flag().await);
    server.db.run("update app.endpoint set state = 'paused'", &[]).await.unwrap();
    server.set_state(first, "level1", 200).await;

    // Somebody at psql has moved the same task and gone for coffee.
    let client = postgres::client(&server.database_url).await;
    client.batch_execute("begin").await.unwrap();
    client.query("select * from inbox.set_task_state($1, 'level2')", &[&first]).await.unwrap();

    server.db.run("update app.endpoint set state = 'enabled'", &[]).await.unwrap();
    server.set_state(second, "allow", 200).await;
    server.delivery(first, 2, "delivered").await;
    server.delivery(second, 2, "delivered").await;
    client.batch_execute("commit").await.unwrap();
    server.delivery(first, 3, "delivered").await;
}

#[tokio::test]
async fn a_page_of_the_list_reads_an_index_and_not_the_table() {
    let server = Server::on(&postgres::fresh_database().await, Part::NoWorker).await;
    server.with_hook(&Hook::start().await).await;
    server.post_flag().await;
    let client = postgres::client(&server.database_url).await;
    server.stop().await;
    client
        .batch_execute(
            "insert into app.task (task_type_id, schema_name, schema_version, ttype, title, meta, digest, urgency,
                                   posted_at, posted_by, request_hash, external_id)
             select task_type_id, schema_name, schema_version, ttype, title, meta, digest, urgency,
                    now() - n * interval '1 second', posted_by, request_hash, 'e' || n
             from app.task, generate_series(1, 20000) n",
        )
        .await
        .unwrap();
    client.batch_execute("analyze app.task").await.unwrap();
    let scans = async || {
        client.batch_execute("select pg_stat_force_next_flush()").await.unwrap();
        client.batch_execute("select pg_stat_clear_snapshot()").await.unwrap();
        let query = "select seq_scan from pg_stat_user_tables where relid = 'app.task'::regclass";
        client.query_one(query, &[]).await.unwrap().get::<_, i64>(0)
    };
    let before = scans().await;
    for arguments in [
        "max_rows => 10",
        "resolved => false",
        "schema => 'ti:sample', ttype => 'flag-content', external_id => 'e77'",
        "since => now() - interval '1 hour', until => now() - interval '30 minutes'",
        "before_at => now() - interval '1 hour', before_id => gen_random_uuid()",
    ] {
        client.query(&format!("select * from inbox.list_tasks({arguments})"), &[]).await.unwrap();
        assert_eq!(scans().await, before, "{arguments} read the whole table");
    }
}

#[tokio::test]
async fn a_page_of_deliveries_reads_as_many_rows_as_it_shows() {
    let server = Server::on(&postgres::fresh_database().await, Part::NoWorker).await;
    server.with_hook(&Hook::start().await).await;
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    let client = postgres::client(&server.database_url).await;
    server.stop().await;
    client
        .batch_execute(
            "with events as (
               insert into app.event (id, task_id, sequence, version, kind, actor, via, to_state, type, body, endpoint_id)
               select gen_random_uuid(), task_id, sequence + n, version, kind, actor, via, to_state, type, body, endpoint_id
               from app.event, generate_series(1, 20000) n where type is not null
               returning *)
             insert into app.delivery (id, event_id, endpoint_id, task_id, sequence, created_at, outcome, failures, lost, claim_no)
             select nextval(pg_get_serial_sequence('app.outbox', 'id')), id, endpoint_id, task_id, sequence, at,
               case when sequence % 500 = 0 then 'failed' else 'delivered' end, 0, 0, 1
             from events",
        )
        .await
        .unwrap();
    client
        .batch_execute("analyze app.delivery; analyze app.event; analyze app.attempt")
        .await
        .unwrap();
    let read = async || {
        client.batch_execute("select pg_stat_force_next_flush()").await.unwrap();
        client.batch_execute("select pg_stat_clear_snapshot()").await.unwrap();
        let query =
            "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_user_tables
                     where relname in ('delivery', 'event')";
        client.query_one(query, &[]).await.unwrap().get::<_, i64>(0)
    };
    let middle: i64 =
        client.query_one("select max(id) - 10000 from app.delivery", &[]).await.unwrap().get(0);
    let actor = serde_json::json!({"kind": "sql", "id": "test", "name": "test"});
    for (state, before) in
        [(None, None), (Some("failed"), None), (Some("owed"), None), (None, Some(middle))]
    {
        let page = "select * from inbox_internal.list_deliveries($1, $2, null, null, null, null, null, $3, 20)";
        let start = read().await;
        let rows = client.query(page, &[&actor, &state, &before]).await.unwrap();
        let rows_read = read().await - start;
        assert!(
            rows_read < 1000,
            "{state:?} {before:?}: {rows_read} rows were read for {}",
            rows.len()
        );
    }
}
