//! Webhooks through the operator's forward proxy.

use task_inbox::address::Allow;
use url::Url;

use crate::faults::receiver::Receiver;
use crate::faults::{attempt, decide, impatient, outbound, refused};
use crate::hook::Hook;
use crate::server::Server;

async fn behind(proxy: &str, hosts: &str) -> Server {
    Server::start_with(|config| {
        impatient(config);
        outbound(config).schedule = vec![1000.0];
        outbound(config).proxy = Some(Url::parse(proxy).unwrap());
        // The proxy's own address needs no leave.
        outbound(config).allow = Allow::parse("none", hosts).unwrap();
    })
    .await
}

#[tokio::test]
async fn the_proxy_looks_names_up_and_gets_its_password() {
    let proxy = Receiver::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let server = behind(&format!("http://u:hunter2@{}", proxy.address), "app.internal").await;
    let id = decide(&server, "http://app.internal:5000/hook").await;
    server.delivery(id, 2, "delivered").await;
    let request = proxy.requested(1).await.remove(0).to_lowercase();
    assert!(request.starts_with("post http://app.internal:5000/hook http/1.1\r\n"), "{request}");
    assert!(request.contains("proxy-authorization: basic dtpodw50zxiy"), "{request}");
}

#[tokio::test]
async fn https_goes_through_by_connect_and_a_refusing_proxy_is_named() {
    let proxy = Receiver::answering("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
    let server = behind(&format!("http://u:hunter2@{}", proxy.address), "").await;
    let id = decide(&server, "https://app.example/hook").await;
    let tried = attempt(&server, id, 1).await;
    assert_eq!(tried.class.as_deref(), Some("connect_refused"), "{tried:?}");
    assert!(tried.error.contains("tunnel") && !tried.error.contains("hunter2"), "{tried:?}");
    let request = proxy.requested(1).await.remove(0);
    assert!(request.starts_with("CONNECT app.example:443 HTTP/1.1\r\n"), "{request}");
    // The receiver's signature and key are not the proxy's to read.
    assert!(!request.contains("webhook-signature") && !request.contains("ti-key"), "{request}");
}

#[tokio::test]
async fn a_proxy_is_no_way_around_the_addresses_that_stand_in_a_url() {
    let proxy = Receiver::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    for url in ["https://127.0.0.1:1/", "https://10.0.0.5/", "http://app.example/"] {
        let server = behind(&format!("http://{}", proxy.address), "").await;
        let id = decide(&server, url).await;
        refused(&server, id).await;
    }
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
async fn an_unreachable_proxy_is_an_attempt_that_failed() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let server = behind(&format!("http://{address}"), "").await;
    let id = decide(&server, "https://app.example/hook").await;
    let tried = attempt(&server, id, 1).await;
    assert_eq!(tried.class.as_deref(), Some("connect_refused"), "{tried:?}");
    assert_eq!(server.delivery(id, 2, "owed").await["attempts"], 1);
}

#[tokio::test]
async fn without_a_proxy_the_same_receiver_is_reached_directly() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let id = decide(&server, &hook.url).await;
    server.delivery(id, 2, "delivered").await;
}
