//! What matters asks who one is when that was not said lately.

use http::Method;

use super::{PASSWORD, browser_at, cookie_of};
use crate::hook::Hook;
use crate::server::{Server, client, make_person};

const ASKED: &str = "Is it you?";

#[tokio::test]
async fn s21_a_sensitive_page_asks_for_the_password_and_leads_back() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    make_person(&server.db, "eve", "admin", PASSWORD).await;
    let cookie = server.sign_in("eve").await;
    let endpoints = server.call(Method::GET, "/endpoints", None, 200).await;
    let secret = format!("/endpoints/{}/secret", endpoints["endpoints"][0]["id"]);
    assert!(server.page(&secret, &cookie, 200).await.contains("New signing secret"));

    server.let_elevation_end().await;
    for path in [secret.as_str(), "/account/password"] {
        assert!(server.page(path, &cookie, 403).await.contains(ASKED));
    }
    for (path, form) in [
        (secret.as_str(), "grace=0"),
        ("/account/password", "password=battery+staple&again=battery+staple"),
        ("/account/sessions/end", ""),
    ] {
        let page = server.submit(path, &cookie, form, 403).await;
        assert!(page.contains(ASKED) && page.contains(&format!("value=\"{path}\"")), "{page}");
    }
    // What does not need it goes on.
    server.page("/deliveries", &cookie, 200).await;

    let wrong = [("password", "wrong"), ("next", secret.as_str())];
    assert_eq!(server.post_form(&client(), "/elevate", &cookie, &wrong).await.status(), 401);
    let right = [("password", PASSWORD), ("next", secret.as_str())];
    let proved = server.post_form(&client(), "/elevate", &cookie, &right).await;
    assert_eq!(proved.status(), 303);
    assert_eq!(proved.headers()["location"], secret.as_str());
    let new = cookie_of(&proved);
    assert_ne!(new, cookie);
    server.page(&secret, &cookie, 303).await;
    server.page(&secret, &new, 200).await;
}

#[tokio::test]
async fn s21_a_sign_in_link_is_proof_as_well_and_a_wrong_role_is_told_first() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    make_person(&server.db, "ana", "resolver", PASSWORD).await;
    let ana = server.sign_in("ana").await;
    server.let_elevation_end().await;
    let page = server.page("/endpoints/1/secret", &ana, 403).await;
    assert!(page.contains("It needs an admin") && !page.contains(ASKED), "{page}");

    let link = crate::server::make_login_link(&server, "ana").await;
    let used =
        server.post_form(&client(), link.strip_prefix(&server.url).unwrap(), &ana, &[]).await;
    let cookie = cookie_of(&used);
    server.page("/account/password", &cookie, 200).await;
    server.page("/", &ana, 303).await;
}

#[tokio::test]
async fn s21_who_has_no_password_is_told_how_to_prove_it() {
    let server = Server::start().await;
    make_person(&server.db, "ana", "resolver", PASSWORD).await;
    let cookie = server.sign_in("ana").await;
    server.let_elevation_end().await;
    server.arrange("update app.person set password_hash = null where name = 'ana'").await;
    for (path, status) in [("/account/password", 403), ("/elevate?next=%2Faccount%2Fpassword", 200)]
    {
        let page = server.page(path, &cookie, status).await;
        assert!(page.contains(ASKED) && !page.contains("type=\"password\""), "{page}");
        assert!(page.contains("task-inbox user login-link ana"), "{page}");
        assert!(page.contains("href=\"/account/password\""), "{page}");
    }
    assert!(
        server.page("/elevate?next=%2F%2Fevil.example", &cookie, 200).await.contains("href=\"/\"")
    );
    // By hand too, and it counts for nothing.
    server.submit("/elevate", &cookie, "password=x", 403).await;
    let tries = "select count(*) from app.sign_in_tries where who like 'elevation%'";
    assert_eq!(server.db.row(tries, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn s21_guessing_the_password_of_an_open_browser_is_slowed_too() {
    let server = Server::start().await;
    make_person(&server.db, "ana", "resolver", PASSWORD).await;
    let (cookie, other) = (server.sign_in("ana").await, server.sign_in("ana").await);
    for number in 0..20 {
        let cookie = if number % 2 == 0 { &cookie } else { &other };
        server.submit("/elevate", cookie, "password=wrong", 401).await;
    }
    // Wherever it is, and whatever is given.
    let right = [("password", PASSWORD)];
    for address in ["127.0.0.1", "127.0.0.2"] {
        let refused = server.post_form(&browser_at(address), "/elevate", &cookie, &right).await;
        assert_eq!(refused.status(), 429);
        let seconds: u32 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((3000..=3600).contains(&seconds), "{seconds}");
        let page = refused.text().await.unwrap();
        assert!(page.contains("then try again") && page.contains(ASKED), "{page}");
    }
    // It is nobody else's fault, and signing in anew is proof as well.
    assert_eq!(server.tried(&browser_at("127.0.0.2"), "ana", PASSWORD).await, 303);
    server
        .arrange("update app.sign_in_tries set since = since - interval '3601 seconds', last_at = last_at - interval '3601 seconds'")
        .await;
    assert_eq!(server.post_form(&client(), "/elevate", &cookie, &right).await.status(), 303);
}

#[tokio::test]
async fn s03_a_stranger_does_not_slow_who_is_signed_in() {
    let server = Server::start().await;
    make_person(&server.db, "ana", "resolver", PASSWORD).await;
    let cookie = server.sign_in("ana").await;
    // She has gone to where a stranger guesses at her name, and at others'.
    let there = browser_at("127.0.0.2");
    assert_eq!(server.tried(&there, "ana", "wrong").await, 401);
    for number in 0..19 {
        assert_eq!(server.tried(&there, &format!("name{number}"), "wrong").await, 401);
    }
    server.arrange("update app.sign_in_tries set last_at = now() + interval '1 minute'").await;
    assert_eq!(server.tried(&there, "ana", PASSWORD).await, 429);
    for (password, status) in [("wrong", 401), (PASSWORD, 303)] {
        let proof = [("password", password)];
        let answered = server.post_form(&there, "/elevate", &cookie, &proof).await;
        assert_eq!(answered.status(), status, "{password}");
    }
    let sql = "select detail ->> 'means', count(*) from app.audit where action = 'sign_in_failed' group by 1 order by 1";
    let failed = server.db.rows(sql, &[]).await.unwrap();
    let failed: Vec<(&str, i64)> = failed.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(failed, [("elevation", 1), ("password", 20)]);
}
