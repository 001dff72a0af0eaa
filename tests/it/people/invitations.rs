//! How people come in for the first time.

use reqwest::StatusCode;
use serde_json::json;
use task_inbox::token;

use super::{PASSWORD, cookie_of};
use crate::postgres;
use crate::server::{Server, client};

async fn invite(server: &Server, name: &str) -> String {
    let link = token::random_token();
    let sql = "select inbox_internal.invite_person($1, 'resolver', null, $2)";
    server.db.row(sql, &[&name, &token::hash(&link)]).await.unwrap();
    format!("/login/{link}")
}

#[tokio::test]
async fn an_invitation_leads_in_and_to_a_password() {
    let server = Server::start().await;
    let path = invite(&server, "bob").await;
    let arrived = server.post_form(&client(), &path, "", &[]).await;
    assert_eq!(arrived.headers()["location"], "/account/password?welcome=1");
    let cookie = cookie_of(&arrived);
    let page = server.page("/account/password?welcome=1", &cookie, 200).await;
    assert!(page.contains("Welcome, ") && page.contains("Not now"), "{page}");
    // Nobody has to.
    server.page("/", &cookie, 200).await;

    let form = [("password", PASSWORD), ("again", PASSWORD), ("welcome", "true")];
    let chosen = server.post_form(&client(), "/account/password", &cookie, &form).await;
    assert_eq!(chosen.headers()["location"], "/");
    server.sign_in("bob").await;
}

#[tokio::test]
async fn s15_of_two_who_use_an_invitation_at_once_one_gets_in() {
    let server = Server::start().await;
    let path = invite(&server, "bob").await;
    let browser = client();
    let uses = (0..8).map(|_| server.post_form(&browser, &path, "", &[]));
    let used = futures_util::future::join_all(uses).await;
    let statuses: Vec<u16> = used.iter().map(|response| response.status().as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 7, "{statuses:?}");
}

#[tokio::test]
async fn s16_an_invitation_that_expired_or_was_forged_is_not_there() {
    let server = Server::start().await;
    let path = invite(&server, "bob").await;
    let row = server.db.row(
        "select extract(epoch from expires_at - now())::float8 from app.login_link where invitation", &[]).await.unwrap();
    assert!((f64::from(604_700)..604_801.0).contains(&row.get::<_, f64>(0)));

    let forged = format!("/login/{}", token::random_token());
    for path in [forged.as_str(), "/login/x", "/login/%00", "/login/'or'1"] {
        assert_eq!(server.post_form(&client(), path, "", &[]).await.status(), 404, "{path}");
        server.page(path, "", 404).await;
    }
    server.arrange("update app.login_link set expires_at = now()").await;
    server.page(&path, "", 404).await;
    let late = server.post_form(&client(), &path, "", &[]).await;
    assert_eq!(late.status(), StatusCode::NOT_FOUND);
    assert!(late.headers().get("set-cookie").is_none());
}

#[tokio::test]
async fn s17_an_inbox_without_people_lets_nobody_sign_up() {
    let server = Server::start().await;
    server
        .arrange(
            "delete from app.login_link; delete from app.known_browser; delete from app.person",
        )
        .await;
    server.page("/", "", 303).await;
    let page = server.page("/login", "", 200).await;
    for word in ["sign up", "register", "create"] {
        assert!(!page.to_lowercase().contains(word), "{word}");
    }
    for path in ["/signup", "/register", "/setup", "/install"] {
        server.page(path, "", 404).await;
        assert_eq!(server.post_form(&client(), path, "", &[("name", "eve")]).await.status(), 404);
    }
    assert_eq!(server.tried(&client(), "admin", "admin").await, 401);
}

#[tokio::test]
async fn the_last_admin_stays_admin_and_enabled() {
    let server = Server::start().await;
    for change in ["'admin', 'viewer', null", "'admin', null, true"] {
        let sql = format!("select inbox_internal.change_person({change})");
        let refused = server.db.run(&sql, &[]).await.unwrap_err();
        assert!(refused.to_string().contains("is the last admin"), "{refused}");
    }
    let people = server.db.row("select person_object from inbox_internal.list_people()", &[]).await;
    let admin: serde_json::Value = people.unwrap().get(0);
    assert_eq!((&admin["role"], &admin["disabled_at"]), (&json!("admin"), &json!(null)));
}

#[tokio::test]
async fn a_link_made_before_somebody_was_shut_out_works_no_more() {
    let server = Server::start().await;
    for shut_out in [
        "select inbox_internal.change_person('bob', null, true), inbox_internal.change_person('bob', null, false)",
        "select inbox_internal.set_password('bob', 'x')",
        "select inbox_internal.end_sessions_of('bob')",
    ] {
        server.arrange("delete from app.login_link; delete from app.session; delete from app.known_browser; delete from app.person where name = 'bob'").await;
        let path = invite(&server, "bob").await;
        server.arrange(shut_out).await;
        let refused = server.post_form(&client(), &path, "", &[]).await;
        assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{shut_out}");
    }
}

#[tokio::test]
async fn a_link_and_who_voids_it_at_the_same_time_are_both_answered() {
    let server = Server::start().await;
    for shut_out in [
        "select inbox_internal.set_password('bob', 'x')",
        "select inbox_internal.change_person('bob', null, true)",
    ] {
        let path = invite(&server, "bob").await;
        let mut owner = postgres::client(&server.database_url).await;
        let change = owner.transaction().await.unwrap();
        // As the function begins.
        let lock = "select from app.person where name = 'bob' for update";
        change.batch_execute(lock).await.unwrap();
        let (browser, meanwhile) = (client(), async {
            server.waits_for_a_lock().await;
            change.batch_execute(shut_out).await.unwrap();
            change.commit().await.unwrap();
        });
        let used = server.post_form(&browser, &path, "", &[]);
        let (answered, ()) = tokio::join!(used, meanwhile);
        assert_eq!(answered.status(), StatusCode::NOT_FOUND, "{shut_out}");
        server
            .arrange("delete from app.login_link; delete from app.person where name = 'bob'")
            .await;
    }
}
