//! What is old goes, what failed later, what is owed never.

use http::Method;

use crate::hook::Hook;
use crate::server::{Server, within};

#[tokio::test]
async fn old_deliveries_and_their_content_go_and_failed_ones_later() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let ids = server.decided(3).await;
    let mut deliveries = Vec::new();
    for id in &ids {
        deliveries.push(server.delivery(*id, 2, "delivered").await["id"].clone());
    }
    // The second failed, the third is still young.
    server
        .db
        .run(
            "update app.delivery set settled_at = now() - interval '31 days',
               outcome = case when task_id = $1 then 'failed' else outcome end
             where task_id <> $2",
            &[&ids[1], &ids[2]],
        )
        .await
        .unwrap();
    server.endpoint("owed nothing", |endpoint| endpoint["owed"] == 0).await;
    within("the old one to be gone", async {
        while server.get("/deliveries").await["deliveries"].as_array().unwrap().len() > 2 {}
    })
    .await;
    let path = |n: usize| format!("/deliveries/{}", deliveries[n]);
    server.call(Method::GET, &path(0), None, 404).await;
    assert!(server.get(&path(1)).await["delivery"]["body"].is_string());
    assert!(server.get(&path(2)).await["delivery"]["body"].is_string());
    // The task and its history stay, the feed says that something was.
    let history = server.get(&format!("/tasks/{}/history", ids[0])).await;
    assert_eq!(history["history"].as_array().unwrap().len(), 2);
    let events = server.get("/events").await;
    assert!(events["events"][0]["data"].is_null(), "{events}");

    server.sql("update app.delivery set settled_at = now() - interval '91 days'").await;
    within("the failed one to be gone", async {
        while !server.get("/deliveries").await["deliveries"].as_array().unwrap().is_empty() {}
    })
    .await;
}

#[tokio::test]
async fn what_has_lost_its_content_is_not_sent_again() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    let id = server.decided(1).await[0];
    let delivery = server.delivery(id, 2, "delivered").await;
    server.sql("update app.event set body = null").await;
    let path = format!("/deliveries/{}/retry", delivery["id"]);
    let gone = server.call(Method::POST, &path, None, 410).await;
    assert_eq!(gone["code"], "body_gone");
}
