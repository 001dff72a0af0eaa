//! A reverse proxy that was forgotten in the settings makes everybody one client.

use task_inbox::address::ranges;

use crate::log::Log;
use crate::people::browser_at;
use crate::server::Server;

async fn ask_as(server: &Server, address: &str, headers: &[&str]) {
    for header in headers {
        let request = browser_at(address).get(format!("{}/healthz", server.url));
        request.header(*header, "for=192.0.2.1").send().await.unwrap();
    }
}

#[tokio::test]
async fn an_unlisted_proxy_is_named_once_and_never_fills_the_log() {
    let log = Log::hear();
    let server = Server::start_with(|config| {
        config.proxies.trusted = ranges("127.0.0.9").unwrap();
    })
    .await;
    ask_as(&server, "127.0.0.9", &["x-forwarded-for", "forwarded"]).await;
    ask_as(&server, "127.0.0.2", &["x-real-ip"]).await;
    assert_eq!(log.lines("TASK_INBOX_TRUSTED_PROXIES").len(), 0);

    ask_as(&server, "127.0.0.2", &["x-forwarded-for", "forwarded", "x-forwarded-for"]).await;
    ask_as(&server, "127.0.0.3", &["forwarded"]).await;
    let told = log.lines("TASK_INBOX_TRUSTED_PROXIES");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("127.0.0.2 sends x-forwarded-for"), "{told:?}");
    assert!(told[1].contains("127.0.0.3 sends forwarded"), "{told:?}");
    assert!(!told.concat().contains("192.0.2.1"), "{told:?}");

    for number in 10..60 {
        ask_as(&server, &format!("127.0.1.{number}"), &["x-forwarded-for"]).await;
    }
    assert_eq!(log.lines("TASK_INBOX_TRUSTED_PROXIES").len(), 16);
}
