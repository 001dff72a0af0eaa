//! A reverse proxy that has signed people in names them to us.

use reqwest::Response;
use task_inbox::address::ranges;

use super::PASSWORD;
use crate::cli::shell::{program, run};
use crate::people::cookie_of;
use crate::server::{Server, client, make_person};

async fn behind(trusted: &str) -> Server {
    let server = Server::start_with(|config| {
        config.proxies.trusted = ranges(trusted).unwrap();
        config.proxies.remote_user = Some("remote-user".parse().unwrap());
    })
    .await;
    for name in ["ana", "eve"] {
        make_person(&server.db, name, "resolver", PASSWORD).await;
    }
    server
}

async fn get(server: &Server, path: &str, cookie: &str, names: &[&str]) -> Response {
    let mut request = client().get(format!("{}{path}", server.url)).header("cookie", cookie);
    for name in names {
        request = request.header("Remote-User", *name);
    }
    request.send().await.unwrap()
}

async fn post(server: &Server, path: &str, headers: &[(&str, &str)], form: &str) -> Response {
    let mut request = client().post(format!("{}{path}", server.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let content = "application/x-www-form-urlencoded";
    request.header("content-type", content).body(form.to_owned()).send().await.unwrap()
}

/// What a browser of this site sends with a form.
const OURS: (&str, &str) = ("sec-fetch-site", "same-origin");

/// Follows to the page as a browser would, presses its button, and gives the
/// cookie it got.
async fn come_in(server: &Server, cookie: &str, name: &str) -> String {
    let asked = get(server, "/done", cookie, &[name]).await;
    assert_eq!(asked.headers()["location"], "/login?next=%2Fdone");
    let shown = get(server, "/login?next=%2Fdone", cookie, &[name]).await;
    let page = shown.text().await.unwrap();
    assert!(page.contains(&format!("Continue as <bdi>{}</bdi>", name.to_lowercase())), "{page}");
    assert!(page.contains(r#"action="/continue""#) && !page.contains("type=\"password\""));
    let headers = [("cookie", cookie), ("remote-user", name), OURS];
    let signed_in = post(server, "/continue", &headers, "next=%2Fdone").await;
    assert_eq!(
        (signed_in.status().as_u16(), &signed_in.headers()["location"]),
        (303, &"/done".parse().unwrap())
    );
    cookie_of(&signed_in)
}

#[tokio::test]
async fn whom_a_trusted_proxy_names_is_signed_in_and_nobody_else() {
    let server = behind("127.0.0.0/8").await;
    let ana = come_in(&server, "", "Ana").await;
    let page = get(&server, "/done", &ana, &["ana"]).await.text().await.unwrap();
    assert!(page.contains("ana"), "{page}");

    // Another person at the same browser, by the proxy's word: ana's session does
    // not count, and ends when eve begins hers.
    for path in ["/account", "/elevate"] {
        let asked = get(&server, path, &ana, &["eve"]).await;
        assert!(asked.headers()["location"].to_str().unwrap().starts_with("/login?next="));
    }
    let headers = [("cookie", ana.as_str()), ("remote-user", "eve"), OURS];
    let asked = post(&server, "/account/sessions/end", &headers, "").await;
    assert_eq!(asked.headers()["location"], "/login?next=%2F");
    assert_eq!(get(&server, "/done", &ana, &["ana"]).await.status(), 200);
    let eve = come_in(&server, &ana, "eve").await;
    assert_eq!(get(&server, "/done", &eve, &["eve"]).await.status(), 200);
    server.page("/done", &ana, 303).await;

    server.db.run("select inbox_internal.change_person('eve', null, true)", &[]).await.unwrap();
    for names in [&["nobody"][..], &["eve"], &[""], &["ana", "ana"], &["<b>"]] {
        let refused = get(&server, "/login", "", names).await;
        assert_eq!(refused.status(), 403, "{names:?}");
        let page = refused.text().await.unwrap();
        assert!(page.contains("You are not known here") && !page.contains("<b>"), "{page}");
        let mut headers = vec![OURS];
        headers.extend(names.iter().map(|name| ("remote-user", *name)));
        let refused = post(&server, "/continue", &headers, "").await;
        assert_eq!(refused.status(), 403, "{names:?}");
        assert!(refused.headers().get("set-cookie").is_none());
    }
}

#[tokio::test]
async fn s34_looking_signs_nobody_in_and_who_signs_out_stays_out() {
    let server = behind("127.0.0.0/8").await;
    let ana = come_in(&server, "", "ana").await;
    let headers = [("cookie", ana.as_str()), ("remote-user", "ana"), OURS];
    let out = post(&server, "/logout", &headers, "").await;
    assert_eq!(out.headers()["location"], "/login");
    let sessions = "select count(*) from app.session";
    for path in ["/login", "/", "/login?next=%2F", "/continue", "/account"] {
        let shown = get(&server, path, &ana, &["ana"]).await;
        assert!(shown.headers().get("set-cookie").is_none(), "{path}");
        let leads = shown.headers().get("location");
        assert!(leads.is_none_or(|to| to.to_str().unwrap().starts_with("/login")), "{path}");
    }
    assert_eq!(server.db.row(sessions, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn s31_s32_a_proxys_word_is_as_a_cookie_to_forms_from_elsewhere() {
    let server = behind("127.0.0.0/8").await;
    let named = ("remote-user", "ana");
    for from in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        // Says nothing, as no browser of today.
        ("accept", "*/*"),
    ] {
        let refused = post(&server, "/continue", &[named, from], "").await;
        assert_eq!(refused.status(), 403, "{from:?}");
        assert!(refused.headers().get("set-cookie").is_none(), "{from:?}");
    }
    let away = post(&server, "/continue", &[named, OURS], "next=%2F%2Fevil.example").await;
    assert_eq!(away.headers()["location"], "/");
}

#[tokio::test]
async fn s22_a_proxys_header_from_anybody_else_is_ignored() {
    let server = behind("10.0.0.0/8").await;
    let asked = get(&server, "/done", "", &["ana"]).await;
    assert_eq!(asked.headers()["location"], "/login?next=%2Fdone");
    let shown = get(&server, "/login", "", &["ana"]).await;
    assert_eq!(shown.status(), 200);
    assert!(shown.headers().get("set-cookie").is_none());
    assert!(shown.text().await.unwrap().contains("name=\"password\""));
    let tried = post(&server, "/continue", &[("remote-user", "ana"), OURS], "").await;
    assert_eq!(tried.headers()["location"], "/login");
    assert!(tried.headers().get("set-cookie").is_none());
    // Nor does it put anybody out.
    let ana = server.sign_in("ana").await;
    assert_eq!(get(&server, "/done", &ana, &["eve"]).await.status(), 200);
}

#[tokio::test]
async fn a_header_that_anybody_could_send_ends_the_start_with_words() {
    for (proxies, header, words) in [
        ("", "Remote-User", "needs `TASK_INBOX_TRUSTED_PROXIES`"),
        ("10.0.0.0/8", "Remote User", "`TASK_INBOX_REMOTE_USER_HEADER` must be as in Remote-User"),
        ("proxy.internal", "", "`TASK_INBOX_TRUSTED_PROXIES` must be as in 10.0.0.0/8"),
    ] {
        let mut serve = program(&["serve"]);
        serve.env("TASK_INBOX_TRUSTED_PROXIES", proxies);
        serve.env("TASK_INBOX_REMOTE_USER_HEADER", header).env("TASK_INBOX_DATA", "/nowhere");
        run(serve, "").await.failed(words);
    }
}
