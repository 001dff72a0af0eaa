//! Uploading task schemas.

use http::Method;
use serde_json::{Value, json};

use crate::hook::Hook;
use crate::server::{Server, sample, within};

impl Server {
    pub async fn upload(&self, source: &str, status: u16) -> Value {
        self.call_with(&self.key, Method::POST, "/schemas", &[], Some(source.to_owned()), status)
            .await
    }
}

const ONE: &str =
    "name: desk\nsemver: '1'\ntasktypes:\n- {name: refund, resolved_states: [approve, deny]}\n";

#[tokio::test]
async fn the_first_task_inboxs_file_loads_unchanged() {
    let server = Server::start().await;
    let loaded = server.upload(&sample(), 201).await;
    assert_eq!(
        loaded,
        json!({"name": "ti:sample", "semver": "1", "created": true, "warnings": []})
    );

    let shown = server.get("/schemas/ti:sample").await;
    assert_eq!(shown["source"], sample());
    let listed = server.get("/schemas").await;
    assert_eq!(listed["schemas"][0]["name"], "ti:sample");
    assert_eq!(listed["schemas"][0]["task_types"], json!(["delete-acct", "flag-content"]));
}

#[tokio::test]
async fn a_used_version_never_changes() {
    let server = Server::start().await;
    server.upload(ONE, 201).await;
    assert_eq!(server.upload(&format!("# a remark\n{ONE}"), 200).await["created"], false);
    let refused = server.upload(&ONE.replace("deny", "refuse"), 409).await;
    assert_eq!(refused["code"], "semver_used");
}

#[tokio::test]
async fn tasks_keep_the_version_they_were_posted_with() {
    let server = Server::start().await;
    server.upload(ONE, 201).await;
    let old = server.post(json!({"schema_name": "desk", "task": "refund"}), 201).await;
    server.upload(&ONE.replace("'1'", "'2'").replace("deny", "refuse"), 201).await;
    let new = server.post(json!({"schema_name": "desk", "task": "refund"}), 201).await;
    assert_eq!(old["task"]["schema_version"], "1");
    assert_eq!(new["task"]["schema_version"], "2");

    let id = |task: &Value| task["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(server.set_state(id(&old), "refuse", 422).await["code"], "task_state_declared");
    server.set_state(id(&old), "deny", 200).await;
    assert_eq!(server.set_state(id(&new), "deny", 422).await["code"], "task_state_declared");
    server.set_state(id(&new), "refuse", 200).await;
}

#[tokio::test]
async fn a_wrong_file_is_refused_with_line_and_column() {
    let server = Server::start().await;
    let refused = server.upload(&ONE.replace("resolved_states", "resolvd_states"), 422).await;
    assert_eq!(refused["code"], "schema_valid");
    let error = &refused["errors"][0];
    assert_eq!(
        (error["line"].as_i64(), error["column"].as_i64()),
        (Some(4), Some(18)),
        "{refused}"
    );
    assert!(
        error["detail"].as_str().unwrap().contains("did you mean \"resolved_states\""),
        "{refused}"
    );
    assert_eq!(server.get("/schemas").await["schemas"], json!([]));
}

#[tokio::test]
async fn bombs_and_giants_are_refused_quickly() {
    let server = Server::start().await;
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (this, last) in ('b'..='m').zip('a'..='l') {
        let aliases = vec![format!("*{last}"); 9].join(",");
        bomb.push_str(&format!("{this}: &{this} [{aliases}]\n"));
    }
    within("the refusals", async {
        assert_eq!(server.upload(&bomb, 422).await["code"], "schema_valid");
        assert_eq!(server.upload(&"[".repeat(100_000), 422).await["code"], "schema_valid");
        assert_eq!(server.upload(&"#".repeat(5_000_000), 413).await["code"], "body_size");
    })
    .await;
}

#[tokio::test]
async fn what_waits_goes_to_the_address_of_the_newest_version() {
    let server = Server::start().await;
    let hook = Hook::start().await;
    // Nobody listens at the first address.
    let first = format!("default_hook_url: http://127.0.0.1:9/hook\n{ONE}");
    server.upload(&first, 201).await;
    let secret = server.make_secret("desk").await;
    let posted = server.post(json!({"schema_name": "desk", "task": "refund"}), 201).await;
    server.set_state(posted["id"].as_str().unwrap().parse().unwrap(), "deny", 200).await;

    let second = first.replace("http://127.0.0.1:9/hook", &hook.url).replace("'1'", "'2'");
    server.upload(&second, 201).await;
    hook.received(1).await[0].verify(&secret);
}

#[tokio::test]
async fn a_schema_is_shown_with_every_digit_of_its_numbers() {
    let server = Server::start().await;
    let limits = "meta_schema: {properties: {n: {maximum: 98765432109876543210, minimum: 0.10}}}";
    server.upload(&ONE.replace("{name: refund,", &format!("{{name: refund, {limits},")), 201).await;
    let request = server.http.get(format!("{}/api/v1/schemas/desk", server.url));
    let text = request.bearer_auth(&server.key).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("\"maximum\": 98765432109876543210"), "{text}");
    assert!(text.contains("\"minimum\": 0.10"), "{text}");
}
