//! What a receiver or the way to it can do wrong, by the numbers of the fault
//! list: each with a receiver that does just that.

mod accepted;
mod addresses;
mod answers;
pub mod foreign;
mod names;
mod proxy;
pub mod receiver;
mod settings;
mod silence;
mod tls;

use std::time::Duration;

use task_inbox::address::Allow;
use task_inbox::config::{Config, Outbound};
use task_inbox::worker::Timeouts;
use uuid::Uuid;

use crate::server::{Server, within};

/// What was written down of an attempt.
#[derive(Debug)]
pub struct Attempt {
    pub class: Option<String>,
    pub error: String,
    pub status: Option<i32>,
    pub response: String,
    pub milliseconds: i32,
}

/// Long enough for a busy machine to connect, short enough to wait for.
const SHORT: Timeouts =
    Timeouts { connect: Duration::from_millis(700), total: Duration::from_millis(1500) };

fn impatient(config: &mut Config) {
    config.dial.timeouts = SHORT;
}

fn outbound(config: &mut Config) -> &mut Outbound {
    config.outbound.as_mut().unwrap()
}

/// A server whose webhooks may go to these, besides the public internet.
async fn allowing(ranges: &str, hosts: &str) -> Server {
    let allow = Allow::parse(ranges, hosts).unwrap();
    Server::start_with(|config| {
        impatient(config);
        outbound(config).allow = allow;
    })
    .await
}

/// Decides a task whose webhook goes there; gives the task.
async fn decide(server: &Server, url: &str) -> Uuid {
    server.with_hook_at(url).await;
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    id
}

/// The first attempt there, of a server that soon loses its patience.
async fn try_once(url: &str) -> Attempt {
    let server = Server::start_with(impatient).await;
    let id = decide(&server, url).await;
    attempt(&server, id, 1).await
}

async fn attempt(server: &Server, id: Uuid, claim_no: i32) -> Attempt {
    let sql = "select attempt.error_class, coalesce(attempt.error, ''), attempt.status,
            coalesce(attempt.response, ''), attempt.milliseconds
        from app.attempt attempt
        join reporting.deliveries delivery on delivery.id = attempt.delivery_id
        where delivery.task_id = $1 and attempt.claim_no = $2";
    within(&format!("attempt {claim_no} of {id}"), async {
        loop {
            let rows = server.db.rows(sql, &[&id, &claim_no]).await.unwrap();
            if let Some(row) = rows.first() {
                return Attempt {
                    class: row.get(0),
                    error: row.get(1),
                    status: row.get(2),
                    response: row.get(3),
                    milliseconds: row.get(4),
                };
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// The reason of a delivery that was refused, and that nothing was counted.
async fn refused(server: &Server, id: Uuid) -> String {
    let delivery = server.delivery(id, 2, "blocked").await;
    assert_eq!(delivery["attempts"], 0, "{delivery}");
    let reason = delivery["reason"].as_str().unwrap().to_owned();
    assert!(reason.starts_with("address: "), "{reason}");
    reason
}
