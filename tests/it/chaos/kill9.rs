//! The server is killed: before it has sent, after it has sent, again and again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use super::inbox::{Inbox, count};
use super::load::Load;
use super::receiver::Answer;
use super::{PATIENCE, length, until};
use crate::faults::foreign::{self, PYTHON};

#[tokio::test]
async fn f37_kill9_before_send_loses_nothing_and_sends_once() {
    let mut inbox = Inbox::new().await;
    inbox.receiver.down().await;
    inbox.receiver.crowd().await;
    let mut server = inbox.serve().await;
    let load = Load::on(&server.url, &inbox.key);
    load.walk(&["allow"]).await;
    let client = inbox.client().await;
    until("a claim", PATIENCE, async || count(&client, "worker_id is not null").await == 1).await;
    server.kill9().await;
    inbox.receiver.up();

    let _server = inbox.serve().await;
    inbox.drained(PATIENCE).await;
    let ledger = inbox.balance("f37_kill9_before_send", &load.acknowledged(), &[]).await;
    assert_eq!((ledger.accepted, ledger.requests), (1, 1));
    let attempts = "select attempts from reporting.deliveries";
    assert_eq!(client.query_one(attempts, &[]).await.unwrap().get::<_, i32>(0), 2);
}

#[tokio::test]
async fn f38_kill9_after_send_sends_again_with_the_same_id() {
    let inbox = Inbox::new().await;
    inbox.receiver.answer(|_| Answer::Held(200));
    let mut server = inbox.serve().await;
    let load = Load::on(&server.url, &inbox.key);
    load.walk(&["allow"]).await;
    inbox.receiver.arrived(1).await;

    // The answer is heard, but cannot be written down.
    let mut client = inbox.client().await;
    let locked = client.transaction().await.unwrap();
    locked.query("select from app.outbox for update", &[]).await.unwrap();
    inbox.receiver.release();
    until("the answer", PATIENCE, async || inbox.receiver.accepted() == 1).await;
    server.kill9().await;
    locked.rollback().await.unwrap();

    let _server = inbox.serve().await;
    inbox.drained(PATIENCE).await;
    let ledger = inbox.balance("f38_kill9_after_send", &load.acknowledged(), &[]).await;
    assert_eq!((ledger.accepted, ledger.duplicates), (1, 1));
}

#[tokio::test]
async fn f38_kill9_in_a_loop_under_load_loses_nothing() {
    let inbox = Inbox::new().await;
    inbox.receiver.answer(|_| match rand::random::<u8>() {
        0..13 => Answer::Status(500),
        byte => Answer::After(Duration::from_millis(u64::from(byte) / 5), 200),
    });
    let load = kill_in_a_loop(&inbox, length(5, 200)).await;
    let (acknowledged, unanswered) = (load.acknowledged(), load.unanswered());
    let ledger = inbox.balance("f38_kill9_in_a_loop", &acknowledged, &unanswered).await;
    assert!(ledger.acknowledged > 0 && ledger.owed == 0 && ledger.failed == 0);
}

#[tokio::test]
#[ignore = "needs Python and Node with the standardwebhooks packages: `make test` brings them"]
async fn f38_kill9_in_a_loop_is_unseen_by_the_receivers_of_the_readme() {
    let inbox = Inbox::new().await;
    let python = foreign::Receiver::start(PYTHON, "receiver.py", &inbox.secrets[0]).await;
    let node = foreign::Receiver::start("node", "receiver.mjs", &inbox.secrets[0]).await;
    let urls = [python.url.clone(), node.url.clone()];
    inbox.receiver.answer(move |arrival| {
        Answer::Forward(urls[usize::from(arrival.task.as_bytes()[15] % 2)].clone())
    });
    let printed = Arc::new(Mutex::new(Vec::new()));
    let readers = [python, node].map(|mut receiver| {
        let printed = printed.clone();
        AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                let line = receiver.next_line().await;
                printed.lock().unwrap().push(line);
            }
        }))
    });
    let load = kill_in_a_loop(&inbox, length(3, 100)).await;
    let (acknowledged, unanswered) = (load.acknowledged(), load.unanswered());
    let name = "f38_kill9_in_a_loop, Python and Node";
    let ledger = inbox.balance(name, &acknowledged, &unanswered).await;

    // They know a webhook that comes again by its id.
    let all = async || printed.lock().unwrap().len() >= ledger.accepted;
    until("all to be printed", PATIENCE, all).await;
    drop(readers);
    let mut printed = printed.lock().unwrap().clone();
    let accepted =
        inbox.receiver.arrivals().into_iter().map(|arrival| (arrival.id.clone(), arrival));
    let accepted: HashMap<_, _> = accepted.collect();
    let mut expected: Vec<String> = accepted
        .into_values()
        .map(|arrival| format!("{} {} unnamed", arrival.task, arrival.state))
        .collect();
    printed.sort();
    expected.sort();
    assert_eq!(printed, expected);
}

/// Applications decide all the while; the last server is left to finish.
async fn kill_in_a_loop(inbox: &Inbox, kills: u32) -> Load {
    let load = Load::on("", &inbox.key);
    let killing = async {
        let mut server = inbox.serve().await;
        for kill in 0..kills {
            load.go_to(&server.url);
            // Not at the same moment of its life each time, but never before it has begun.
            let before = inbox.receiver.count();
            until("requests", PATIENCE, async || inbox.receiver.count() > before + 5).await;
            sleep(Duration::from_millis(u64::from(kill * 37 % 200))).await;
            server.kill9().await;
            server = inbox.serve().await;
        }
        load.go_to(&server.url);
        load.stop();
        server
    };
    let (_server, ()) = tokio::join!(killing, load.run(8, &["level1", "level2", "block"]));
    inbox.drained(PATIENCE).await;
    load
}
