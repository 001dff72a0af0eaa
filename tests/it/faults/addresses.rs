//! Addresses in all spellings, at upload and at the attempt.

use http::Method;
use serde_json::Value;
use task_inbox::address::Allow;
use tokio::io::{AsyncBufReadExt, BufReader};
use url::Url;

use crate::cli::shell::Shell;
use crate::faults::receiver::Receiver;
use crate::faults::{allowing, decide, outbound, refused};
use crate::hook::Hook;
use crate::server::{Server, sample, sample_to, within};

async fn upload(server: &Server, url: &str, version: usize, status: u16) -> Value {
    // Quoted, so that YAML has nothing to say to it.
    let url = url.replace('\'', "''");
    let source =
        sample_to(&format!("'{url}'")).replace("semver: '1'", &format!("semver: '{version}'"));
    server.call_with(&server.key, Method::POST, "/schemas", &[], Some(source), status).await
}

#[tokio::test]
async fn f28_literal_zoo_is_refused_at_upload_or_warned_of_and_at_the_attempt() {
    let server = allowing("none", "").await;
    for never in [
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "１６９.254.169.254",
        "[::ffff:a9fe:a9fe]",
        "[::a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "[2001:0:1:2:3:4:5601:5601]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "100.100.100.200",
    ] {
        let refused = upload(&server, &format!("https://{never}/"), 1, 422).await;
        assert_eq!(refused["code"], "schema_valid", "{never}: {refused}");
        assert!(refused["detail"].as_str().unwrap().contains("cloud metadata"), "{refused}");
    }
    server.load(&sample()).await;
    server.make_secret("ti:sample").await;
    let private = [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "１２７.0.0.1",
        "0",
        "10.0.0.5",
        "192.168.1",
        "[::1]",
        "[::]",
        "[::ffff:7f00:1]",
        "[::7f00:1]",
        "[64:ff9b::a00:5]",
        "[fd00::1]",
    ];
    for (version, private) in private.iter().enumerate() {
        let uploaded = upload(&server, &format!("https://{private}/"), version + 2, 201).await;
        let warning = uploaded["warnings"][0].as_str().unwrap();
        assert!(warning.contains("private or reserved"), "{private}: {warning}");
        let id = server.post_flag().await;
        server.set_state(id, "allow", 200).await;
        let reason = refused(&server, id).await;
        assert!(reason.ends_with("`TASK_INBOX_ALLOW_CIDRS` allows it"), "{private}: {reason}");
    }
}

#[tokio::test]
async fn f28_what_came_by_an_older_version_is_refused_at_the_attempt_too() {
    let server = allowing("0.0.0.0/0,::/0", "").await;
    let id = decide(&server, "https://8.8.8.8/").await;
    for never in [
        "http://169.254.169.254/",
        "http://[::ffff:a9fe:a9fe]/",
        "ftp://127.0.0.1/",
        "http://u@127.0.0.1/",
    ] {
        let sql = "update app.endpoint set url = $1, blocked = null where url is not null";
        server.db.run(sql, &[&never]).await.unwrap();
        server.db.run("update app.outbox set due_at = now()", &[]).await.unwrap();
        server.db.run("select inbox_internal.wake('task_inbox_deliveries')", &[]).await.unwrap();
        let reason = server.delivery(id, 2, "blocked").await["reason"].to_string();
        assert!(reason.contains("address: "), "{never}: {reason}");
    }
}

#[tokio::test]
async fn f29_allowlist_private_opens_its_range_and_no_metadata() {
    let server = allowing("10.0.0.0/8,127.0.0.0/8", "").await;
    let hook = Hook::start().await;
    let id = decide(&server, &hook.url.replace("127.0.0.1", "[::ffff:127.0.0.1]")).await;
    server.delivery(id, 2, "delivered").await;

    upload(&server, "http://192.168.0.1:9/", 3, 201).await;
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    refused(&server, id).await;
    for never in ["http://169.254.169.254/", "http://[::ffff:a9fe:a9fe]/"] {
        upload(&server, never, 4, 422).await;
    }
}

#[tokio::test]
async fn f29_allowlist_private_lets_a_whole_range_pass() {
    // A proxy takes the place of a network that has such an address.
    let proxy = Receiver::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let server = Server::start_with(|config| {
        outbound(config).allow = Allow::parse("10.0.0.0/8", "").unwrap();
        outbound(config).proxy = Some(Url::parse(&format!("http://{}", proxy.address)).unwrap());
    })
    .await;
    let id = decide(&server, "http://10.1.2.3:5000/hook").await;
    server.delivery(id, 2, "delivered").await;
    assert!(proxy.requested(1).await[0].starts_with("POST http://10.1.2.3:5000/hook "));
}

#[tokio::test]
async fn f30_http_proxy_env_is_ignored() {
    let (hook, proxy) = (Hook::start().await, Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await);
    let shell = Shell::new().await;
    let mut serve = shell.command(&["serve", "--json-ready"]);
    serve.env("TASK_INBOX_LISTEN", "127.0.0.1:0").env("TASK_INBOX_ALLOW_CIDRS", "127.0.0.0/8");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    {
        serve.env(name, format!("http://{}", proxy.address));
    }
    let mut serve = serve.spawn().unwrap();
    let mut lines = BufReader::new(serve.stdout.take().unwrap()).lines();
    within("the server", lines.next_line()).await.unwrap().unwrap();

    shell.run_with(&["schema", "apply", "-"], &sample_to(&hook.url)).await.ok();
    shell.run(&["webhook-secret", "create", "ti:sample"]).await.ok();
    let id = shell.run(&["task", "post", "ti:sample", "flag-content"]).await.ok().stdout;
    shell.run(&["task", "resolve", id.trim(), "allow"]).await.ok();
    hook.received(1).await;
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
async fn f31_bad_scheme_userinfo_port_are_refused_in_words() {
    let server = Server::start().await;
    for (url, words) in [
        ("ftp://app.example/", "starts with \"http://\" or \"https://\""),
        ("file:///etc/passwd", "starts with \"http://\" or \"https://\""),
        ("https://u:p@app.example/", "without user name and password"),
        ("https://u@app.example/", "without user name and password"),
        ("https://app.example:0/", "another port than 0"),
        ("https://", "URL"),
    ] {
        let refused = upload(&server, url, 1, 422).await;
        assert!(refused["detail"].as_str().unwrap().contains(words), "{url}: {refused}");
    }
}

#[tokio::test]
async fn f31_our_own_listen_address_is_refused() {
    let server = allowing("127.0.0.0/8,::1", "localhost").await;
    for own in [server.url.clone(), server.url.replace("127.0.0.1", "localhost")] {
        let id = decide_again(&server, &format!("{own}/hook")).await;
        let reason = refused(&server, id).await;
        assert!(reason.ends_with("with this port is task-inbox itself"), "{reason}");
    }
}

/// With a new version of the schema, so that it may be done more than once.
async fn decide_again(server: &Server, url: &str) -> uuid::Uuid {
    let version = crate::postgres::unique("v");
    server.load(&sample_to(url).replace("semver: '1'", &format!("semver: '{version}'"))).await;
    let secrets = "select count(*) from app.webhook_secret";
    if server.db.row(secrets, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        server.make_secret("ti:sample").await;
    }
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    id
}

#[tokio::test]
async fn f65_header_injection_is_refused_at_upload() {
    let server = Server::start().await;
    for header in [
        "\"X\\r\\nEvil: 1\"",
        "\"X\\nEvil\"",
        "\"x y\"",
        "'X:'",
        "\"x\\0\"",
        "''",
        "Host",
        "Content-Length",
        "content-type",
        "webhook-id",
        "Webhook-Signature",
        "transfer-encoding",
        "connection",
        "proxy-authorization",
    ] {
        let source = sample().replace("val: ti-key", &format!("val: {header}"));
        let refused =
            server.call_with(&server.key, Method::POST, "/schemas", &[], Some(source), 422).await;
        assert_eq!(refused["code"], "schema_valid", "{header}: {refused}");
    }
}

#[tokio::test]
async fn a_schema_whose_webhooks_will_wait_is_applied_with_a_warning() {
    let server = Server::start().await;
    let uploaded = upload(&server, "http://shop.example/hook", 1, 201).await;
    let warning = "webhooks to http://shop.example/hook will wait: \"shop.example\" needs https, \
        unless `TASK_INBOX_ALLOW_CIDRS` or `TASK_INBOX_ALLOW_HOSTS` lists it";
    assert_eq!(uploaded["warnings"], serde_json::json!([warning]));

    let shell = Shell::new().await;
    let applied =
        shell.run_with(&["schema", "apply", "-"], &sample_to("https://10.0.0.5/")).await.ok();
    assert!(
        applied.stderr.contains("webhooks to https://10.0.0.5/ will wait"),
        "{}",
        applied.stderr
    );
}
