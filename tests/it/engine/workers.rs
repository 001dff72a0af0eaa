//! Workers that die with what they hold.

use serde_json::{Value, json};
use task_inbox::seal::Sealer;
use task_inbox::serve::Part;
use tokio_postgres::Client;

use crate::hook::Hook;
use crate::postgres;
use crate::server::{SECRET_KEY, Server, within};

/// A worker without a program: what it claims, it holds until its connection ends.
struct Worker {
    client: Client,
    id: i32,
}

impl Worker {
    async fn start(server: &Server) -> Worker {
        let client = postgres::client(&server.database_url).await;
        let row = client.query_one("select inbox_internal.register_worker(null)", &[]).await;
        Worker { id: row.unwrap().get(0), client }
    }

    async fn claim(&self) -> Vec<(i64, i32)> {
        let keys = Sealer::new(Some(SECRET_KEY)).unwrap().key_ids();
        self.client
            .execute("select inbox_internal.tick($1, $2)", &[&self.id, &keys])
            .await
            .unwrap();
        let sql = "select id, claim_no from inbox_internal.claim_deliveries($1, 64, $2)";
        let rows = self.client.query(sql, &[&self.id, &keys]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    async fn complete(&self, (id, claim_no): (i64, i32)) {
        let result = json!([{"id": id, "claim_no": claim_no, "started_at": "2026-01-01T00:00:00Z",
                             "milliseconds": 1, "status": 200}]);
        let sql = "select settled from inbox_internal.complete_deliveries($1)";
        let row = self.client.query_one(sql, &[&result]).await.unwrap();
        assert!(row.get::<_, bool>(0));
    }

    /// As by `kill -9`; its lock is free once PostgreSQL has noticed.
    async fn die(self, server: &Server) {
        let pid: i32 = self.client.query_one("select pg_backend_pid()", &[]).await.unwrap().get(0);
        drop(self.client);
        let other = postgres::client(&server.database_url).await;
        within("the worker's session to end", async {
            let sql = "select count(*) from pg_stat_activity where pid = $1";
            while other.query_one(sql, &[&pid]).await.unwrap().get::<_, i64>(0) > 0 {}
        })
        .await;
    }
}

#[tokio::test]
async fn f39_kill9_loop_poison_is_found_out_and_the_others_arrive() {
    let server = Server::on(&postgres::fresh_database().await, Part::NoWorker).await;
    server.with_hook(&Hook::start().await).await;
    let ids = server.decided(4).await;
    let list = server.get("/deliveries").await;
    let of = |task: Value| {
        let all = list["deliveries"].as_array().unwrap();
        all.iter().find(|one| one["task_id"] == task).unwrap()["id"].as_i64().unwrap()
    };
    let poison = of(json!(ids[1]));

    let mut deaths = 0;
    loop {
        let worker = Worker::start(&server).await;
        let mut died = false;
        // Until there is nothing to do, or the poison is among what it does.
        loop {
            let claimed = worker.claim().await;
            if claimed.iter().any(|(id, _)| *id == poison) {
                // With two workers lost, nothing is at risk beside it.
                assert!(deaths < 2 || claimed.len() == 1, "{deaths}: {claimed:?}");
                died = true;
            }
            if died || claimed.is_empty() {
                break;
            }
            for claim in claimed {
                worker.complete(claim).await;
            }
        }
        if !died {
            break;
        }
        deaths += 1;
        worker.die(&server).await;
    }
    assert_eq!(deaths, 10);
    server.delivery(ids[1], 2, "failed").await;
    for id in [ids[0], ids[2], ids[3]] {
        server.delivery(id, 2, "delivered").await;
    }
    let endpoint = server.endpoint("with a failure", |endpoint| endpoint["failed"] == 1).await;
    assert_eq!(endpoint["notices"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_half_open_endpoint_gives_one_probe_to_however_many_workers() {
    let server = Server::on(&postgres::fresh_database().await, Part::NoWorker).await;
    server.with_hook(&Hook::start().await).await;
    server.decided(20).await;
    let mut workers = Vec::new();
    for _ in 0..6 {
        workers.push(Worker::start(&server).await);
    }
    for _ in 0..5 {
        server
            .sql(
                "update app.endpoint set state = 'open', opened = 1, opened_at = now() - interval '1 hour',
                   open_until = now(), failures = 5",
            )
            .await;
        let claims = futures_util::future::join_all(workers.iter().map(Worker::claim)).await;
        let claimed: Vec<_> = claims.into_iter().flatten().collect();
        assert_eq!(claimed.len(), 1, "{claimed:?}");
        server.sql("update app.outbox set worker_id = null, leased_until = null").await;
    }
}

#[tokio::test]
async fn a_suspect_that_cannot_go_keeps_nobody_else_from_going() {
    let server = Server::on(&postgres::fresh_database().await, Part::NoWorker).await;
    server.with_hook(&Hook::start().await).await;
    server.decided(3).await;
    let (busy, idle) = (Worker::start(&server).await, Worker::start(&server).await);
    // One died twice; its endpoint is full by another worker's doing.
    server.sql("update app.outbox set lost = 2 where id = (select min(id) from app.outbox)").await;
    server.sql("update app.endpoint set room = 1").await;
    assert_eq!(busy.claim().await.len(), 1);
    server.sql("update app.outbox set lost = 0 where worker_id is not null").await;
    server.sql("update app.outbox set lost = 2 where id = (select min(id) from app.outbox where worker_id is null)").await;
    assert_eq!(idle.claim().await, []);
    // There is room for the usual ones again.
    server.sql("update app.endpoint set room = 16").await;
    server.sql("update app.outbox set due_at = now() + interval '1 hour' where lost = 2").await;
    assert_eq!(idle.claim().await.len(), 1);
}
