//! A name that somebody lets lead to us is not ours (DNS rebinding).

use reqwest::Response;

use super::raw;
use crate::server::{Server, client};

async fn get(server: &Server, path: &str, host: &str) -> Response {
    let address = format!("http://{}{path}", server.listens);
    client().get(address).header("host", host).send().await.unwrap()
}

#[tokio::test]
async fn a_page_is_shown_only_under_the_public_name() {
    let server = Server::start_with(|config| {
        config.public_url = Some("https://inbox.example:8443".parse().unwrap());
    })
    .await;
    for (host, status) in [
        ("inbox.example:8443", 200),
        ("inbox.example", 200),
        ("evil.example", 421),
        ("127.0.0.1", 421),
        ("localhost", 421),
    ] {
        let shown = get(&server, "/login", host).await;
        assert_eq!(shown.status(), status, "{host}");
        let page = shown.text().await.unwrap();
        assert_eq!(page.contains("This is not the address of the inbox"), status == 421, "{page}");
    }
    // Probes come by any name; so do applications, whose key no browser sends by itself.
    assert_eq!(get(&server, "/healthz", "10.0.0.7:8080").await.status(), 200);
    assert_eq!(get(&server, "/api/v1/tasks", "task-inbox.shop.svc").await.status(), 401);
}

#[tokio::test]
async fn without_a_public_name_only_numbers_and_localhost_lead_here() {
    let server = Server::start().await;
    for (host, status) in [
        ("127.0.0.1:8080", 200),
        ("192.168.1.20", 200),
        ("[::1]", 200),
        ("localhost:1234", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
    ] {
        assert_eq!(get(&server, "/login", host).await.status(), status, "{host}");
    }
    for (head, status) in [
        ("GET /login HTTP/1.1\r\n", 421),
        ("GET /login HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n", 421),
        ("GET /login HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\n", 421),
        ("GET http://evil.example/login HTTP/1.1\r\nhost: localhost\r\n", 421),
        ("GET http://localhost/login HTTP/1.1\r\nhost: localhost\r\n", 200),
        ("GET /login HTTP/1.0\r\n", 421),
    ] {
        let answer = raw(&server, format!("{head}connection: close\r\n\r\n").as_bytes()).await;
        assert_eq!(answer.split(' ').nth(1), Some(status.to_string().as_str()), "{head}: {answer}");
    }
}
