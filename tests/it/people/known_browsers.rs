//! A browser in which somebody has signed in is known by its mark: there no stranger
//! slows them, and everywhere else all names are alike.

use reqwest::{Client, Response};

use super::{PASSWORD, browser_at, cookie_of, later, mark_of};
use crate::server::{Server, client, make_login_link, make_person};

const NEW: &str = "battery staple horse";

async fn server_with(names: &[&str]) -> Server {
    let server = Server::start().await;
    for name in names {
        make_person(&server.db, name, "resolver", PASSWORD).await;
    }
    server
}

impl Server {
    /// A try in a browser with these cookies.
    async fn try_with(&self, at: &Client, cookies: &str, name: &str, password: &str) -> Response {
        self.post_form(at, "/login", cookies, &[("name", name), ("password", password)]).await
    }

    async fn tried_with(&self, at: &Client, cookies: &str, name: &str, password: &str) -> u16 {
        self.try_with(at, cookies, name, password).await.status().as_u16()
    }

    async fn known_browsers(&self, name: &str) -> i64 {
        let sql = "select count(*) from app.known_browser join app.person on id = person_id where name = $1";
        self.db.row(sql, &[&name]).await.unwrap().get(0)
    }

    /// Every name and address is guessed at, now and for the next minute.
    async fn guesses_go_on(&self) {
        self.arrange(
            "update app.sign_in_tries set failures = 40, last_at = now() + interval '1 minute'
             where who like 'name%' or who like 'address%'",
        )
        .await;
    }
}

#[tokio::test]
async fn s02_a_neighbour_keeps_nobody_out_of_a_browser_they_know_nor_slows_them() {
    let server = server_with(&["ana"]).await;
    // Or everybody behind a reverse proxy that is not listed.
    let office = browser_at("127.0.0.2");
    let mark = mark_of(&server.try_password(&office, "ana", PASSWORD).await);
    assert_eq!(server.tried(&office, "ana", "wrong").await, 401);
    for number in 0..19 {
        assert_eq!(server.tried(&office, &format!("name{number}"), "wrong").await, 401);
    }
    let rows = "select count(*) from app.sign_in_tries";
    let before: i64 = server.db.row(rows, &[]).await.unwrap().get(0);
    for number in 20..30 {
        assert_eq!(server.tried(&office, &format!("name{number}"), "wrong").await, 429);
    }
    // Nor does making up names fill a table.
    assert_eq!(server.db.row(rows, &[]).await.unwrap().get::<_, i64>(0), before);
    server.guesses_go_on().await;
    assert_eq!(server.tried(&office, "ana", PASSWORD).await, 429);
    for (password, status) in [("wrong", 401), ("wrong", 401), (PASSWORD, 303)] {
        assert_eq!(server.tried_with(&office, &mark, "ana", password).await, status);
    }
    // It is the browser that is known, wherever it is.
    assert_eq!(server.tried_with(&browser_at("127.0.0.3"), &mark, "ana", PASSWORD).await, 303);
}

/// The status and the wait of each try, and the page.
async fn answers(server: &Server, name: &str, cookies: &str) -> Vec<(u16, i64, String)> {
    let (office, mut answers) = (browser_at("127.0.0.2"), Vec::new());
    server.arrange("delete from app.sign_in_tries").await;
    for number in 0..42 {
        let answer = server.try_with(&office, cookies, name, "wrong").await;
        let wait = answer.headers().get("retry-after");
        let wait = wait.map_or(0, |wait| wait.to_str().unwrap().parse().unwrap());
        let status = answer.status().as_u16();
        let page = answer.text().await.unwrap();
        let page = page.replace(&format!("value=\"{name}\""), "value=\"NAME\"");
        // The seconds are compared for themselves: on a slow machine they differ by one.
        let page = page.split("Wait ").next().unwrap().to_owned();
        answers.push((status, wait, page));
        // Every second one is too early.
        let early = number % 2 == 0;
        let then =
            if early { "now() + interval '1 minute'" } else { "now() - interval '11 seconds'" };
        let sql = format!("update app.sign_in_tries set last_at = {then}, since = now()");
        server.arrange(&sql).await;
    }
    answers
}

#[tokio::test]
async fn s01_where_somebody_signed_in_all_names_are_answered_alike() {
    let server = server_with(&["ana", "off", "links"]).await;
    let office = browser_at("127.0.0.2");
    let mut mark = String::new();
    for name in ["ana", "off", "links"] {
        mark = mark_of(&server.try_with(&office, &mark, name, PASSWORD).await);
    }
    server.arrange("select inbox_internal.change_person('off', null, true)").await;
    server.arrange("update app.person set password_hash = null where name = 'links'").await;

    let nobody = answers(&server, "nobody", "").await;
    let counted = nobody.iter().filter(|(status, ..)| *status == 401).count();
    // Before the address has had its 20, only the name waits.
    let (last_of_name, of_address) = (nobody[37].1, nobody[41].1);
    assert_eq!((counted, nobody[37].0, nobody[41].0), (20, 429, 429));
    assert!(last_of_name < 80 && of_address > 3000, "{last_of_name} {of_address}");
    // A mark tells nothing of names that it is not for.
    for (name, cookies) in
        [("ana", ""), ("off", ""), ("links", ""), ("off", mark.as_str()), ("nobody", &mark)]
    {
        let found = answers(&server, name, cookies).await;
        for (found, expected) in found.iter().zip(&nobody) {
            assert_eq!((found.0, &found.2), (expected.0, &expected.2), "{name}");
            assert!((found.1 - expected.1).abs() < 2, "{name}: {} {}", found.1, expected.1);
        }
    }
}

#[tokio::test]
async fn s03_a_mark_is_worth_nothing_for_another_person_and_none_when_it_is_made_up() {
    let server = server_with(&["ana", "bob", "mallory"]).await;
    let mark = mark_of(&server.try_password(&client(), "ana", PASSWORD).await);
    let made_up = format!("ti-known={}", task_inbox::token::random_token());
    for name in ["ana", "bob"] {
        server.tried(&client(), name, "wrong").await;
    }
    server.guesses_go_on().await;
    for (name, cookies, status) in [
        ("ana", made_up.as_str(), 429),
        ("ana", "ti-known=", 429),
        ("bob", &mark, 429),
        ("nobody", &mark, 429),
        ("ana", &mark, 303),
    ] {
        let found = server.tried_with(&client(), cookies, name, PASSWORD).await;
        assert_eq!(found, status, "{name} {cookies}");
    }
    // Nor does a mark of one's own lead to others, nor a stolen one to more.
    let there = browser_at("127.0.0.2");
    let own = mark_of(&server.try_with(&there, "", "mallory", PASSWORD).await);
    assert_ne!(own, mark);
    let stolen = mark_of(&server.try_with(&there, &mark, "mallory", PASSWORD).await);
    assert_eq!(server.tried_with(&there, &own, "ana", PASSWORD).await, 429);
    assert_eq!(server.tried_with(&there, &stolen, "bob", PASSWORD).await, 429);
}

#[tokio::test]
async fn s02_a_known_browser_has_20_wrong_tries_an_hour_of_its_own() {
    let server = server_with(&["ana", "bob"]).await;
    let phone = mark_of(&server.try_password(&client(), "ana", PASSWORD).await);
    let shared = mark_of(&server.try_password(&client(), "bob", PASSWORD).await);
    assert_eq!(mark_of(&server.try_with(&client(), &shared, "ana", PASSWORD).await), shared);
    for _ in 0..20 {
        assert_eq!(server.tried_with(&client(), &shared, "ana", "wrong").await, 401);
    }
    for address in ["127.0.0.1", "127.0.0.2"] {
        let at = browser_at(address);
        let refused = server.try_with(&at, &shared, "ana", PASSWORD).await;
        assert_eq!(refused.status(), 429);
        let seconds: u32 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((3000..=3600).contains(&seconds), "{seconds}");
    }
    // It is that browser's and hers: her phone, who shares it and strangers count for themselves.
    assert_eq!(server.tried_with(&client(), &phone, "ana", PASSWORD).await, 303);
    assert_eq!(server.tried_with(&client(), &shared, "bob", PASSWORD).await, 303);
    assert_eq!(server.tried(&client(), "ana", "wrong").await, 401);
    later(&server, 1.0).await;
    assert_eq!(server.tried(&client(), "ana", PASSWORD).await, 303);
    assert_eq!(server.tried_with(&client(), &shared, "ana", PASSWORD).await, 429);
    later(&server, 3601.0).await;
    assert_eq!(server.tried_with(&client(), &shared, "ana", PASSWORD).await, 303);
    let by = "select detail ->> 'by' from app.audit where action = 'sign_in_limited'";
    assert_eq!(server.db.row(by, &[]).await.unwrap().get::<_, &str>(0), "browser");
}

#[tokio::test]
async fn a_browser_keeps_its_mark_and_each_way_in_gives_one() {
    let server = server_with(&["ana", "bob"]).await;
    let first = server.try_with(&client(), "ti-known=planted", "ana", PASSWORD).await;
    let mark = mark_of(&first);
    assert_ne!(mark, "ti-known=planted");
    let cookies = format!("{}; {mark}", cookie_of(&first));
    let out = server.post_form(&client(), "/logout", &cookies, &[]).await;
    assert_eq!(out.headers().get_all("set-cookie").iter().count(), 1);
    let again = server.try_with(&client(), &cookies, "ana", PASSWORD).await;
    assert_eq!((mark_of(&again), server.known_browsers("ana").await), (mark.clone(), 1));

    let cookies = format!("{}; {mark}", cookie_of(&again));
    let proof = [("password", PASSWORD)];
    let proved = server.post_form(&client(), "/elevate", &cookies, &proof).await;
    assert_eq!((mark_of(&proved), server.known_browsers("ana").await), (mark.clone(), 1));

    let link = make_login_link(&server, "bob").await;
    let path = link.strip_prefix(&server.url).unwrap();
    let used = server.post_form(&client(), path, &mark, &[]).await;
    assert_eq!((mark_of(&used), server.known_browsers("bob").await), (mark, 1));
}

#[tokio::test]
async fn s11_a_new_password_and_being_shut_out_leave_no_browser_known() {
    let server = server_with(&["ana", "bob"]).await;
    let enabled = "select inbox_internal.change_person('ana', null, true), inbox_internal.change_person('ana', null, false)";
    let set = "select inbox_internal.set_password('ana', (select password_hash from app.person where name = 'bob'))";
    let everywhere = "select inbox_internal.end_sessions_of('ana')";
    for shut_out in [enabled, set, everywhere] {
        let mark = mark_of(&server.try_password(&client(), "ana", PASSWORD).await);
        server.arrange(shut_out).await;
        assert_eq!(server.known_browsers("ana").await, 0, "{shut_out}");
        assert_ne!(mark_of(&server.try_with(&client(), &mark, "ana", PASSWORD).await), mark);
    }

    // Of one's own doing the browser one is in stays known, with a new password by a new
    // mark: also of a browser that others use, since who copied the old one is to lose it.
    let shared = mark_of(&server.try_password(&client(), "bob", PASSWORD).await);
    let here = server.try_with(&client(), &shared, "ana", PASSWORD).await;
    let cookies = format!("{}; {shared}", cookie_of(&here));
    server.submit("/account/sessions/end", &cookies, "", 303).await;
    assert_eq!(server.known_browsers("ana").await, 1);
    server.tried(&client(), "ana", "wrong").await;
    server.guesses_go_on().await;
    assert_eq!(server.tried_with(&client(), &shared, "ana", PASSWORD).await, 303);

    let form = [("password", NEW), ("again", NEW)];
    let changed = server.post_form(&client(), "/account/password", &cookies, &form).await;
    let new = mark_of(&changed);
    assert_eq!((new == shared, server.known_browsers("ana").await), (false, 1));
    assert_eq!(server.tried_with(&client(), &shared, "ana", NEW).await, 429);
    assert_eq!(server.tried_with(&client(), &new, "ana", NEW).await, 303);
}

#[tokio::test]
async fn a_person_has_50_known_browsers_and_none_that_was_unused_for_400_days() {
    let server = server_with(&["ana", "bob"]).await;
    server.sign_in("bob").await;
    let oldest = mark_of(&server.try_password(&client(), "ana", PASSWORD).await);
    server
        .arrange(
            "update app.known_browser set last_at = now() - interval '2 hours';
             insert into app.known_browser (token_hash, person_id, last_at)
             select sha256(number::text::bytea), id, now() - interval '1 hour'
             from app.person, generate_series(1, 49) number where name = 'ana'",
        )
        .await;
    // That is the fiftieth; the oldest makes room for one more, and only when it is hers.
    assert_eq!(mark_of(&server.try_with(&client(), &oldest, "bob", PASSWORD).await), oldest);
    assert_eq!(server.known_browsers("ana").await, 50);
    server.sign_in("ana").await;
    assert_eq!(server.known_browsers("ana").await, 50);
    assert_eq!(server.known_browsers("bob").await, 2);
    server.tried(&client(), "ana", "wrong").await;
    server.guesses_go_on().await;
    assert_eq!(server.tried_with(&client(), &oldest, "ana", PASSWORD).await, 429);
    assert_eq!(server.tried_with(&client(), &oldest, "bob", PASSWORD).await, 303);

    server.arrange("update app.known_browser set last_at = now() - interval '401 days'").await;
    server.db.run("select inbox_internal.forget_sign_ins()", &[]).await.unwrap();
    assert_eq!(server.known_browsers("ana").await + server.known_browsers("bob").await, 0);
}
