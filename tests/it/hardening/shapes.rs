//! Requests that two programs could read in two ways (request smuggling), and
//! methods and addresses that nobody means.

use super::raw;
use crate::server::Server;

const HEAD: &str = "POST /api/v1/tasks HTTP/1.1\r\nhost: localhost\r\n";
/// What would be let in behind the back of a proxy.
const HIDDEN: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// The status of every answer until the connection ends.
async fn statuses(server: &Server, request: &str) -> Vec<u16> {
    let answer = raw(server, request.as_bytes()).await;
    let starts = answer.match_indices("HTTP/1.1 ");
    starts.map(|(start, words)| answer[start + words.len()..][..3].parse().unwrap()).collect()
}

#[tokio::test]
async fn no_second_request_hides_in_the_first() {
    let server = Server::start().await;
    let key = format!("authorization: Bearer {}\r\n", server.key);
    for lengths in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: 5, 5\r\n",
        "content-length: +5\r\n",
        "content-length: -1\r\n",
        "content-length: 0x5\r\n",
        "content-length: 99999999999999999999\r\n",
        "transfer-encoding: xchunked\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: identity\r\ncontent-length: 5\r\n",
        "transfer-encoding: \u{b}chunked\r\n",
        "transfer-encoding : chunked\r\n",
        "transfer-encoding:\r\n chunked\r\n",
    ] {
        let request = format!("{HEAD}{key}{lengths}\r\n0\r\n\r\n{HIDDEN}");
        assert_eq!(statuses(&server, &request).await, [400], "{lengths}");
    }
    let chunks = format!("{HEAD}{key}transfer-encoding: chunked\r\n\r\n");
    for body in [
        "2\n{}\r\n0\r\n\r\n".to_owned(),
        "FFFFFFFFFFFFFFFFF\r\n{}".to_owned(),
        format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(64 * 1024)),
        format!("2\r\n{{}}\r\n0\r\n{}\r\n", "x: y\r\n".repeat(2_000)),
    ] {
        let shown = &body[..body.len().min(30)];
        let found = statuses(&server, &format!("{chunks}{body}{HIDDEN}")).await;
        assert_eq!(found, [413], "{shown}");
    }
}

#[tokio::test]
async fn odd_methods_and_addresses_are_refused_and_nothing_more() {
    let server = Server::start().await;
    let host = "host: localhost\r\nconnection: close\r\n";
    for (line, status) in [
        ("GET http://localhost/login", 200),
        ("GET http://evil.example/login", 421),
        ("CONNECT evil.example:443", 421),
        ("OPTIONS *", 404),
        ("GET /a\0b", 400),
        ("GET /%ff", 404),
        ("GET /assets/..%2f..%2fetc/passwd", 404),
        ("GET /assets/../../etc/passwd", 404),
        ("GET //evil.example/", 404),
        ("HEAD /login", 200),
        ("OPTIONS /login", 405),
        ("TRACE /login", 405),
        ("TRACE /api/v1/tasks", 405),
        ("NONSENSE /login", 405),
        ("get /healthz", 405),
    ] {
        let found = statuses(&server, &format!("{line} HTTP/1.1\r\n{host}\r\n")).await;
        assert_eq!(found, [status], "{line}");
    }
    for cookie in ["x".repeat(60_000), "ti=1; ".repeat(9_000)] {
        let request = format!("GET / HTTP/1.1\r\n{host}cookie: ti={cookie}\r\n\r\n");
        assert_eq!(statuses(&server, &request).await, [303]);
    }
    // Who asks whether to go on, and has no key, is told at once.
    let asks = format!("{HEAD}expect: 100-continue\r\ncontent-length: 9\r\n\r\n");
    assert_eq!(statuses(&server, &asks).await, [401]);
}
