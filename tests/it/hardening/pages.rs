//! What a browser can send wrong is answered with a page, never with a parser's words.

use reqwest::Response;

use super::PASSWORD;
use crate::server::{Server, client, make_person};

const FORM: &str = "application/x-www-form-urlencoded";

async fn post(server: &Server, path: &str, cookie: &str, kind: &str, body: Vec<u8>) -> Response {
    let mut request = client()
        .post(format!("{}{path}", server.url))
        .header("cookie", cookie)
        .header("sec-fetch-site", "same-origin")
        .body(body);
    if !kind.is_empty() {
        request = request.header("content-type", kind);
    }
    request.send().await.unwrap()
}

async fn is_a_page(response: Response, status: u16, what: &str) {
    assert_eq!(response.status(), status, "{what}");
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8", "{what}");
    let page = response.text().await.unwrap();
    assert!(page.contains("<!DOCTYPE html>"), "{what}: {page}");
    assert!(page.contains(&format!("Error {status}")), "{what}: {page}");
}

#[tokio::test]
async fn a_wrong_form_is_refused_with_a_page() {
    let server = Server::start().await;
    make_person(&server.db, "ana", "admin", PASSWORD).await;
    let cookie = server.sign_in("ana").await;
    let secret = "/endpoints/1/secret";
    let long = [b"name=ana&password=".to_vec(), vec![b'x'; 1024 * 1024]].concat();
    for (path, kind, body, status) in [
        ("/login", FORM, b"name=ana".to_vec(), 422),
        ("/login", FORM, Vec::new(), 422),
        ("/login", FORM, b"name=ana&name=eve&password=x".to_vec(), 422),
        ("/login", FORM, b"name=\xff&password=x".to_vec(), 400),
        ("/login", "", b"name=ana&password=x".to_vec(), 415),
        ("/login", "application/json", b"{\"name\":\"ana\",\"password\":\"x\"}".to_vec(), 415),
        ("/login", "multipart/form-data; boundary=x", b"--x--".to_vec(), 415),
        ("/login", FORM, long, 413),
        (secret, FORM, b"grace=soon".to_vec(), 422),
    ] {
        let what =
            format!("{path} {kind} {}", String::from_utf8_lossy(&body[..body.len().min(40)]));
        is_a_page(post(&server, path, &cookie, kind, body).await, status, &what).await;
    }
}

#[tokio::test]
async fn a_wrong_address_is_refused_with_a_page() {
    let server = Server::start().await;
    make_person(&server.db, "ana", "admin", PASSWORD).await;
    let cookie = server.sign_in("ana").await;
    let long = format!("/?type={}", "x".repeat(8 * 1024));
    for (path, status) in [
        ("/nothing", 404),
        ("/tasks/%ff", 404),
        ("/tasks/%00", 404),
        ("/tasks/%zz", 404),
        ("/tasks/..%2f..%2f", 404),
        ("/deliveries/%ff", 404),
        ("/deliveries/99999999999999999999", 404),
        ("/endpoints/%ff/secret", 404),
        ("/assets/%ff", 404),
        ("/assets/..%2fapp.css", 404),
        ("/logout", 405),
        ("/login?next=a&next=b", 400),
        (long.as_str(), 414),
    ] {
        let request = client().get(format!("{}{path}", server.url)).header("cookie", &cookie);
        is_a_page(request.send().await.unwrap(), status, path).await;
    }
}

#[tokio::test]
async fn the_longest_comment_fits_into_its_form() {
    let server = Server::start().await;
    server.with_hook(&crate::hook::Hook::start().await).await;
    make_person(&server.db, "ana", "resolver", PASSWORD).await;
    let cookie = server.sign_in("ana").await;
    for (letters, status) in [(10_000, 303), (10_001, 422)] {
        let path = format!("/tasks/{}/state", server.post_flag().await);
        let form = format!("version=1&state=level1&comment={}", "%F0%9F%98%80".repeat(letters));
        let answer = post(&server, &path, &cookie, FORM, form.into_bytes()).await;
        assert_eq!(answer.status(), status);
    }
}

#[tokio::test]
async fn s14_signing_in_leads_nowhere_else() {
    let server = Server::start().await;
    make_person(&server.db, "ana", "resolver", PASSWORD).await;
    for (next, expected) in [
        ("/done?type=a", "/done?type=a"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https:evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\r\nset-cookie: ti=evil", "/"),
        (" //evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("evil.example", "/"),
        ("/\u{ff0f}evil.example", "/"),
    ] {
        let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let form = format!("name=ana&password={}&next={next}", PASSWORD.replace(' ', "+"));
        let answer = post(&server, "/login", "", FORM, form.into_bytes()).await;
        assert_eq!(answer.status(), 303);
        assert_eq!(answer.headers()["location"], expected, "{next}");
    }
}
