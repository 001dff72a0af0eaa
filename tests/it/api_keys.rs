//! API keys: rotated with an overlap, ended everywhere at once, checked where nothing can be written.

use http::Method;
use serde_json::{Value, json};
use task_inbox::serve::Part;

use crate::cli::shell::Shell;
use crate::postgres;
use crate::server::{Server, sample, within};

async fn post(server: &Server, key: &str, status: u16) -> Value {
    let body = json!({"schema_name": "ti:sample", "task": "flag-content"}).to_string();
    let headers = [("idempotency-key", "order-117")];
    server.call_with(key, Method::POST, "/tasks", &headers, Some(body), status).await
}

async fn status_of_a_read(server: &Server, key: &str) -> u16 {
    let request = server.http.get(format!("{}/api/v1/tasks", server.url)).bearer_auth(key);
    request.send().await.unwrap().status().as_u16()
}

/// Two replicas on one database, and the command line.
async fn replicas() -> (Server, Server, Shell) {
    let first = Server::start().await;
    first.load(&sample()).await;
    let second = Server::on(&first.database_url, Part::All).await;
    let shell = Shell { database_url: first.database_url.clone() };
    (first, second, shell)
}

#[tokio::test]
async fn s29_a_rotated_key_overlaps_and_then_ends() {
    let (first, second, shell) = replicas().await;
    let made = "api-key create --name shop --schema ti:sample --scope read,post --expires 60d";
    let old = shell.json(&made.split(' ').collect::<Vec<_>>()).await;
    let old_key = old["key"].as_str().unwrap();
    let posted = post(&first, old_key, 201).await;

    let prefix = old["prefix"].as_str().unwrap();
    let new = shell.json(&["api-key", "rotate", prefix, "--overlap", "2d"]).await;
    let new_key = new["key"].as_str().unwrap();
    assert_eq!((&new["name"], &new["scopes"]), (&json!("shop"), &json!(["read", "post"])));
    for server in [&first, &second] {
        for key in [old_key, new_key] {
            assert_eq!(status_of_a_read(server, key).await, 200);
            // The retry of a post finds its task, whichever key comes with it.
            assert_eq!(post(server, key, 200).await["id"], posted["id"]);
        }
    }
    let keys = shell.json(&["api-key", "list"]).await;
    let row = |id: &Value| keys.as_array().unwrap().iter().find(|key| key["id"] == *id).unwrap();
    assert_eq!(row(&old["id"])["replaced_by"], new["id"]);
    assert_eq!(row(&new["id"])["schema"], "ti:sample");
    let lasts = "select round(extract(epoch from expires_at - created_at) / 86400)::int from app.api_key where prefix = $1";
    let days = async |prefix: &Value| -> i32 {
        first.db.row(lasts, &[&prefix.as_str().unwrap()]).await.unwrap().get(0)
    };
    assert_eq!((days(&old["prefix"]).await, days(&new["prefix"]).await), (2, 60));

    let over = "update app.api_key set expires_at = now() where prefix = $1";
    first.db.run(over, &[&prefix]).await.unwrap();
    for server in [&first, &second] {
        assert_eq!(status_of_a_read(server, old_key).await, 401);
        assert_eq!(status_of_a_read(server, new_key).await, 200);
    }
    // The line goes on.
    let third = shell.json(&["api-key", "rotate", &new["id"].to_string(), "--overlap", "0s"]).await;
    assert_eq!(status_of_a_read(&first, new_key).await, 401);
    assert_eq!(post(&second, third["key"].as_str().unwrap(), 200).await["id"], posted["id"]);
}

#[tokio::test]
async fn a_key_that_is_over_gets_no_successor_and_one_that_ends_soon_is_named() {
    let shell = Shell::with_sample().await;
    let revoked = shell.json(&["api-key", "create"]).await["id"].to_string();
    shell.run(&["api-key", "revoke", &revoked]).await.ok();
    shell.run(&["api-key", "rotate", &revoked]).await.failed("(api_key_live)");
    shell.run(&["api-key", "rotate", "tik_none"]).await.failed("(api_key_exists)");
    let code = shell.run(&["api-key", "rotate", &revoked, "--overlap", "31d"]).await.code;
    assert_eq!(code, Some(2));
    let endless = shell.json(&["api-key", "create"]).await["id"].to_string();
    let next = shell.json(&["api-key", "rotate", &endless]).await;
    assert_eq!(next["expires_at"], Value::Null);
    shell.run(&["api-key", "rotate", &endless]).await.failed("(api_key_replaced)");

    shell.run(&["api-key", "create", "--name", "later", "--expires", "31d"]).await.ok();
    shell.run(&["api-key", "create", "--name", "soon", "--expires", "29d"]).await.ok();
    let told = shell.run(&["api-key", "list"]).await.ok().stderr;
    // The one that was rotated ends too, but its successor is there.
    assert!(told.lines().count() == 1 && told.contains("\"soon\" ends at"), "{told}");
}

#[tokio::test]
async fn a_revoked_key_ends_at_once_on_every_replica_also_for_who_waits() {
    let (first, second, shell) = replicas().await;
    let id = first.post_flag().await;
    let made = shell.json(&["api-key", "create", "--scope", "read"]).await;
    let key = made["key"].as_str().unwrap().to_owned();
    assert_eq!(status_of_a_read(&second, &key).await, 200);

    let url = format!("{}/api/v1/tasks/{id}?wait=60", second.url);
    let waiting = tokio::spawn(second.http.get(url).bearer_auth(&key).send());
    shell.run(&["api-key", "revoke", made["prefix"].as_str().unwrap()]).await.ok();
    for server in [&first, &second] {
        assert_eq!(status_of_a_read(server, &key).await, 401);
    }
    first.set_state(id, "allow", 200).await;
    let answered = within("the one who waits", waiting).await.unwrap().unwrap();
    assert_eq!(answered.status(), 401);
    assert_eq!(answered.json::<Value>().await.unwrap()["code"], "key_known");
}

#[tokio::test]
async fn s30_a_key_still_reads_where_nothing_can_be_written() {
    let server = Server::start().await;
    server.load(&sample()).await;
    server.post_flag().await;
    // Never used, so its first use would be written down.
    let key = server.make_key(&["read", "post"], None).await;
    let owner = postgres::client(&server.database_url).await;
    owner
        .batch_execute(
            "do $$ begin
               execute format('alter database %I set default_transaction_read_only = on', current_database());
             end $$;
             select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .await
        .unwrap();
    within("a connection that is new", async {
        while status_of_a_read(&server, &key).await != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let used = "select last_used_at is null from app.api_key order by id desc limit 1";
    assert!(owner.query_one(used, &[]).await.unwrap().get::<_, bool>(0));
    // Writing is refused as an outage: it may be over soon.
    let body = json!({"schema_name": "ti:sample", "task": "flag-content"}).to_string();
    let refused = server.call_with(&key, Method::POST, "/tasks", &[], Some(body), 503).await;
    assert_eq!(refused["code"], "database_reachable");
    assert_eq!(status_of_a_read(&server, "tik_unknown").await, 401);
}
