//! Changing the signing secret under traffic, and the key that seals it.

use http::Method;
use serde_json::json;
use task_inbox::seal::Sealer;
use task_inbox::secret::reseal_secrets;

use crate::hook::Hook;
use crate::server::{Server, within};

const ROTATE: &str = "/schemas/ti:sample/secret/rotate";

#[tokio::test]
async fn f52_rotation_overlap_rejects_no_request_of_a_receiver_with_either_secret() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let old = server.with_hook(&hook).await;
    server.decided(3).await;
    let rotated =
        server.call(Method::POST, ROTATE, Some(json!({"grace_seconds": 3600})), 200).await;
    let new = rotated["signing_secret"].as_str().unwrap().to_owned();
    assert!(rotated["old_secret_until"].is_string());
    server.decided(3).await;
    let received = hook.received(6).await;
    for one in &received {
        one.verify(&old);
    }
    for one in &received[3..] {
        one.verify(&new);
        // The current secret's signature is the first, and one space stands between.
        let signatures = one.headers["webhook-signature"].to_str().unwrap();
        assert_eq!(signatures.split(' ').count(), 2, "{signatures}");
    }

    // One old secret at most, unless it is to end now.
    let refused = server.call(Method::POST, ROTATE, Some(json!({})), 409).await;
    assert_eq!(refused["code"], "rotation_running");
    server
        .sql("update app.webhook_secret set expires_at = now() where expires_at is not null")
        .await;
    server.decided(1).await;
    let last = hook.received(7).await[6].clone();
    last.verify(&new);
    assert_eq!(last.headers["webhook-signature"].to_str().unwrap().split(' ').count(), 1);
}

#[tokio::test]
async fn f53_rotation_retry_is_signed_with_the_current_secret_only() {
    let server =
        Server::start_with(|config| config.outbound.as_mut().unwrap().schedule = vec![600.0]).await;
    let hook = Hook::start().await;
    let old = server.with_hook(&hook).await;
    hook.answer(500);
    let id = server.decided(1).await[0];
    hook.received(1).await[0].verify(&old);
    let body = Some(json!({"grace_seconds": 0}));
    let rotated = server.call(Method::POST, ROTATE, body, 200).await;
    assert_eq!(rotated["old_secret_until"], json!(null));
    let delivery = within("the failure to be written", async {
        loop {
            let delivery = server.delivery(id, 2, "owed").await;
            if delivery["attempts"] == 1 {
                return delivery;
            }
        }
    })
    .await;
    server.call(Method::POST, &format!("/deliveries/{}/retry", delivery["id"]), None, 200).await;
    let again = hook.received(2).await[1].clone();
    again.verify(rotated["signing_secret"].as_str().unwrap());
    assert_eq!(again.headers["webhook-signature"].to_str().unwrap().split(' ').count(), 1);
}

#[tokio::test]
async fn a_rotation_is_refused_where_it_makes_no_sense() {
    let server = Server::start().await;
    server.load(&crate::server::sample()).await;
    let refused = server.call(Method::POST, ROTATE, Some(json!({})), 404).await;
    assert_eq!(refused["code"], "secret_there");
    server.make_secret("ti:sample").await;
    for grace in [-1, 604_801] {
        let body = Some(json!({"grace_seconds": grace}));
        let refused = server.call(Method::POST, ROTATE, body, 422).await;
        assert_eq!(refused["code"], "grace_range");
    }
    server.call(Method::POST, ROTATE, Some(json!({"grace_seconds": 60.0})), 200).await;
    let path = "/schemas/nobody/secret/rotate";
    let refused = server.call(Method::POST, path, Some(json!({})), 404).await;
    assert_eq!(refused["code"], "schema_exists");
    let reader = server.make_key(&["read", "post"], None).await;
    let body = Some(json!({}).to_string());
    let refused = server.call_with(&reader, Method::POST, ROTATE, &[], body, 403).await;
    assert_eq!(refused["code"], "key_scope");
}

#[tokio::test]
async fn the_sealing_key_is_changed_and_the_old_one_can_go() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let secret = server.with_hook(&hook).await;
    let (old, new) = (crate::server::SECRET_KEY, "OTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTBmZWRjYmE=");
    let both = Sealer::new(Some(&format!("{new},{old}"))).unwrap();
    assert_eq!(reseal_secrets(&server.db, &both).await.unwrap(), 2);
    // Begun again, there is nothing left to do.
    assert_eq!(reseal_secrets(&server.db, &both).await.unwrap(), 0);

    let database_url = server.database_url.clone();
    server.stop().await;
    let server = Server::on_with(&database_url, task_inbox::serve::Part::All, |config| {
        config.secret_key = Some(new.to_owned());
    })
    .await;
    server.decided(1).await;
    hook.received(1).await[0].verify(&secret);
}
