//! Requests that another site lets a browser send.

use crate::server::{Server, client, make_person};

use super::PASSWORD;

/// The statuses of a change with a cookie, and of signing in without one.
async fn tried(headers: &[(&str, &str)]) -> (u16, u16) {
    let server = Server::start().await;
    make_person(&server.db, "ana", "resolver", PASSWORD).await;
    let cookie = server.sign_in("ana").await;
    let own = server.url.clone();
    let send = async |path: &str, cookie: &str, form: &str| {
        let mut request = client()
            .post(format!("{}{path}", server.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned());
        if !cookie.is_empty() {
            request = request.header("cookie", cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, value.replace("OWN", &own));
        }
        request.send().await.unwrap().status().as_u16()
    };
    let form = format!("name=ana&password={}", PASSWORD.replace(' ', "+"));
    (send("/logout", &cookie, "").await, send("/login", "", &form).await)
}

#[tokio::test]
async fn s31_a_request_from_another_site_changes_nothing_and_signs_nobody_in() {
    for site in ["cross-site", "same-site", "nonsense"] {
        assert_eq!(tried(&[("sec-fetch-site", site)]).await, (403, 403), "{site}");
    }
    assert_eq!(tried(&[("origin", "https://evil.example")]).await, (403, 403));
    // What the browser says of the site outweighs what else it says.
    assert_eq!(tried(&[("sec-fetch-site", "cross-site"), ("origin", "null")]).await, (403, 403));
}

#[tokio::test]
async fn s32_a_change_with_a_cookie_must_say_where_it_comes_from() {
    // Without a cookie there is nothing to misuse: a script may sign in.
    assert_eq!(tried(&[]).await, (403, 303));
}

#[tokio::test]
async fn s33_an_origin_of_null_is_another_site() {
    assert_eq!(tried(&[("origin", "null")]).await, (403, 403));
}

#[tokio::test]
async fn our_own_pages_change_what_they_are_for() {
    assert_eq!(tried(&[("sec-fetch-site", "same-origin")]).await, (303, 303));
    assert_eq!(tried(&[("origin", "OWN")]).await, (303, 303));
}

#[tokio::test]
async fn s31_a_form_of_this_host_in_clear_is_from_elsewhere_where_there_is_https() {
    let server = Server::start_with(|config| {
        config.public_url = Some("https://inbox.example".parse().unwrap());
    })
    .await;
    make_person(&server.db, "ana", "resolver", PASSWORD).await;
    let send = async |origin: &str| {
        let form = format!("name=ana&password={}", PASSWORD.replace(' ', "+"));
        let request = client()
            .post(format!("http://{}/login", server.listens))
            .header("host", "inbox.example")
            .header("origin", origin)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(send("http://inbox.example").await, 403);
    assert_eq!(send("https://inbox.example").await, 303);
}
