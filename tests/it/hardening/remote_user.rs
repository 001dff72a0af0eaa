//! A reverse proxy that has signed people in names them to us.

use reqwest::Response;
use task_inbox::address::ranges;

use super::PASSWORD;
use crate::cli::shell::{program, run};
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

/// Follows to the page as a browser would, and gives the cookie it got.
async fn come_in(server: &Server, cookie: &str, name: &str) -> String {
    let asked = get(server, "/done", cookie, &[name]).await;
    assert_eq!(asked.headers()["location"], "/login?next=%2Fdone");
    let signed_in = get(server, "/login?next=%2Fdone", cookie, &[name]).await;
    assert_eq!(
        (signed_in.status().as_u16(), &signed_in.headers()["location"]),
        (303, &"/done".parse().unwrap())
    );
    let set = signed_in.headers()["set-cookie"].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn whom_a_trusted_proxy_names_is_signed_in_and_nobody_else() {
    let server = behind("127.0.0.0/8").await;
    let ana = come_in(&server, "", "Ana").await;
    let page = get(&server, "/done", &ana, &["ana"]).await.text().await.unwrap();
    assert!(page.contains("ana"), "{page}");

    // Another person at the same browser, by the proxy's word.
    let eve = come_in(&server, &ana, "eve").await;
    assert_eq!(get(&server, "/done", &eve, &["eve"]).await.status(), 200);
    server.page("/done", &ana, 303).await;

    server.db.run("select inbox_internal.change_person('eve', null, true)", &[]).await.unwrap();
    for names in [&["nobody"][..], &["eve"], &[""], &["ana", "ana"], &["<b>"]] {
        let refused = get(&server, "/login", "", names).await;
        assert_eq!(refused.status(), 403, "{names:?}");
        assert!(refused.headers().get("set-cookie").is_none());
        let page = refused.text().await.unwrap();
        assert!(page.contains("You are not known here") && !page.contains("<b>"), "{page}");
    }
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
