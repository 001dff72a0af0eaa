//! People: links, passwords, sessions, and requests from elsewhere.

use reqwest::{Response, StatusCode};

use crate::server::{Server, client, make_login_link, make_person};

const PASSWORD: &str = "correct horse battery";

async fn post(server: &Server, path: &str, headers: &[(&str, &str)], form: &str) -> Response {
    let mut request =
        client().post(format!("{}{path}", server.url)).header("sec-fetch-site", "same-origin");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned())
        .send()
        .await
        .unwrap()
}

fn cookie(response: &Response) -> String {
    let set = response.headers()["set-cookie"].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

impl Server {
    pub async fn sign_in(&self, name: &str) -> String {
        let form = format!("name={name}&password={}", PASSWORD.replace(' ', "+"));
        let response = post(self, "/login", &[], &form).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        cookie(&response)
    }

    pub async fn page(&self, path: &str, cookie: &str, status: u16) -> String {
        let response = client()
            .get(format!("{}{path}", self.url))
            .header("cookie", cookie)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), status, "{path}");
        response.text().await.unwrap()
    }

    /// Posts a form as its page would, and gives the page that answers.
    pub async fn submit(&self, path: &str, cookie: &str, form: &str, status: u16) -> String {
        let response = post(self, path, &[("cookie", cookie)], form).await;
        let found = response.status().as_u16();
        let page = response.text().await.unwrap();
        assert_eq!(found, status, "{path} {form}: {page}");
        page
    }
}

#[tokio::test]
async fn the_first_starts_link_signs_in_once() {
    let server = Server::start().await;
    let link = server.login_url.clone().unwrap();
    let path = link.strip_prefix(&server.url).unwrap();

    // Opening it, as a mail scanner would, changes nothing.
    for _ in 0..2 {
        let shown = client().get(&link).send().await.unwrap();
        assert!(shown.headers().get("set-cookie").is_none());
        assert!(shown.text().await.unwrap().contains("Sign in as"));
    }
    let used = post(&server, path, &[], "").await;
    assert_eq!(used.status(), StatusCode::SEE_OTHER);
    let set = used.headers().get_all("set-cookie").iter().map(|set| set.to_str().unwrap());
    let set: Vec<&str> = set.collect();
    assert!(set[0].starts_with("ti=") && set[1].starts_with("ti-known="), "{set:?}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(set.len() == 2 && set.iter().all(|set| set.contains(part)), "{set:?}");
    }
    assert!(server.page("/", &cookie(&used), 200).await.contains("Signed in as"));

    assert_eq!(post(&server, path, &[], "").await.status(), StatusCode::NOT_FOUND);
    assert!(
        client().get(&link).send().await.unwrap().text().await.unwrap().contains("no longer works")
    );
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_gets_in() {
    let server = Server::start().await;
    let link = make_login_link(&server, "admin").await;
    let path = link.strip_prefix(&server.url).unwrap();
    let (one, two) = tokio::join!(post(&server, path, &[], ""), post(&server, path, &[], ""));
    let mut statuses = [one.status().as_u16(), two.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404]);
}

#[tokio::test]
async fn a_password_signs_in_and_a_wrong_one_does_not() {
    let server = Server::start().await;
    make_person(&server.db, "ana", "resolver", PASSWORD).await;
    for (name, password) in
        [("ana", "wrong"), ("nobody", PASSWORD), ("admin", ""), ("' or 1=1", PASSWORD), ("", "")]
    {
        let response =
            post(&server, "/login", &[], &format!("name={name}&password={password}")).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{name}");
        assert!(response.headers().get("set-cookie").is_none());
        assert!(response.text().await.unwrap().contains("Name and password do not match."));
    }
    server.arrange("update app.sign_in_tries set last_at = last_at - interval '1 second'").await;
    let cookie = server.sign_in("ana").await;
    assert!(server.page("/", &cookie, 200).await.contains("ana"));
}

#[tokio::test]
async fn signing_out_ends_the_session_and_disabling_ends_all() {
    let server = Server::start().await;
    make_person(&server.db, "ana", "resolver", PASSWORD).await;
    let (phone, laptop) = (server.sign_in("ana").await, server.sign_in("ana").await);
    post(&server, "/logout", &[("cookie", &phone)], "").await;
    server.page("/", &phone, 303).await;
    server.page("/", &laptop, 200).await;

    server.db.run("select inbox_internal.change_person('ana', null, true)", &[]).await.unwrap();
    server.page("/", &laptop, 303).await;
    let refused =
        post(&server, "/login", &[], &format!("name=ana&password={}", PASSWORD.replace(' ', "+")))
            .await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_is_not_signed_in_is_asked_to_and_comes_back() {
    let server = Server::start().await;
    make_person(&server.db, "ana", "resolver", PASSWORD).await;
    let response = client().get(format!("{}/?type=a%26b", server.url)).send().await.unwrap();
    assert_eq!(response.headers()["location"], "/login?next=%2F%3Ftype%3Da%2526b");
    for path in ["/", "/done", "/tasks/01a2044d-ecd4-7dd3-a032-3845b3539362"] {
        server.page(path, "ti=forged", 303).await;
    }
    let form = |next: &str| format!("name=ana&password={}&next={next}", PASSWORD.replace(' ', "+"));
    let back = post(&server, "/login", &[], &form("%2Fdone")).await;
    assert_eq!(back.headers()["location"], "/done");
    let away = post(&server, "/login", &[], &form("%2F%2Fevil.example")).await;
    assert_eq!(away.headers()["location"], "/");
}
