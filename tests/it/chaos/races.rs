//! Two at once, and one who thinks better of it.

use std::collections::HashMap;

use super::inbox::{Inbox, count};
use super::length;
use super::load::Load;

#[tokio::test]
async fn f59_of_two_who_resolve_at_once_one_is_told_and_one_webhook_sent() {
    let inbox = Inbox::new().await;
    let servers = tokio::join!(inbox.serve(), inbox.serve());
    let one = Load::on(&servers.0.url, &inbox.key);
    let other = Load::on(&servers.1.url, &inbox.key);
    let races = length(30, 1_000);
    for _ in 0..races {
        let id = one.post().await.unwrap();
        let both = tokio::join!(one.decide(id, "allow"), other.decide(id, "block"));
        assert!(
            matches!(both, (Some(200), Some(409)) | (Some(409), Some(200))),
            "both were told {both:?}"
        );
    }
    inbox.drained(super::PATIENCE).await;
    let decisions: Vec<_> = one.acknowledged().into_iter().chain(other.acknowledged()).collect();
    let ledger = inbox.balance("f59_double_resolve_race", &decisions, &[]).await;
    let races = races as usize;
    assert_eq!((ledger.accepted, ledger.requests), (races, races));

    // What was sent is what the winner was told.
    let won: HashMap<_, _> = decisions.into_iter().collect();
    for arrival in inbox.receiver.arrivals() {
        assert_eq!(arrival.state, won[&arrival.task]);
    }
}

#[tokio::test]
async fn f60_what_is_rolled_back_owes_nothing_and_sends_nothing() {
    let inbox = Inbox::new().await;
    let server = inbox.serve().await;
    let load = Load::on(&server.url, &inbox.key);
    let known = load.post().await.unwrap();
    let mut client = inbox.client().await;

    let transaction = client.transaction().await.unwrap();
    let post = "select (inbox.post_task('ti:sample', 'flag-content')).id";
    let undone: uuid::Uuid = transaction.query_one(post, &[]).await.unwrap().get(0);
    let allow = "select from inbox.set_task_state($1, 'allow')";
    for id in [undone, known] {
        transaction.query(allow, &[&id]).await.unwrap();
    }
    transaction.rollback().await.unwrap();
    assert_eq!(count(&client, "true").await, 0);

    // Whatever would have been sent would have been sent before this.
    load.walk(&["level1", "allow"]).await;
    inbox.drained(super::PATIENCE).await;
    let ledger = inbox.balance("f60_rollback_no_hook", &load.acknowledged(), &[]).await;
    assert_eq!((ledger.accepted, ledger.requests), (2, 2));
    let task = "select state, sequence from reporting.tasks where id = $1";
    let row = client.query_one(task, &[&known]).await.unwrap();
    assert_eq!((row.get::<_, Option<&str>>(0), row.get::<_, i32>(1)), (None, 1));
}
