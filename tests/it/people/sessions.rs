//! Sessions: where somebody is signed in, and how that ends.

use task_inbox::token;

use super::{PASSWORD, browser_at, cookie_of, later, mark_of};
use crate::postgres;
use crate::server::{Server, client, make_person};

async fn server_with_ana() -> Server {
    let server = Server::start().await;
    make_person(&server.db, "ana", "resolver", PASSWORD).await;
    server
}

#[tokio::test]
async fn s08_a_cookie_that_was_planted_is_never_adopted() {
    let server = server_with_ana().await;
    make_person(&server.db, "mallory", "viewer", PASSWORD).await;
    // One of the attacker's own, and one that nobody has.
    let own = server.sign_in("mallory").await;
    for planted in [own.as_str(), "ti=planted"] {
        let form = [("name", "ana"), ("password", PASSWORD)];
        let response = server.post_form(&client(), "/login", planted, &form).await;
        let cookie = cookie_of(&response);
        assert_ne!(cookie, planted);
        assert!(server.page("/", &cookie, 200).await.contains("ana"));
        server.page("/", planted, 303).await;
    }
}

#[tokio::test]
async fn a_new_sign_in_of_a_browser_ends_its_old_one() {
    let server = server_with_ana().await;
    let old = server.sign_in("ana").await;
    let form = [("name", "ana"), ("password", PASSWORD)];
    let new = cookie_of(&server.post_form(&client(), "/login", &old, &form).await);
    server.page("/", &old, 303).await;
    assert_eq!(server.page("/account", &new, 200).await.matches("id=\"session-").count(), 1);
}

/// Every row of every table.
async fn dump(server: &Server) -> String {
    let owner = postgres::client(&server.database_url).await;
    let tables = "select schemaname || '.' || quote_ident(tablename) from pg_tables where schemaname = 'app'";
    let mut text = String::new();
    for table in owner.query(tables, &[]).await.unwrap() {
        let table: String = table.get(0);
        let sql = format!("select coalesce(string_agg(t::text, ' '), '') from {table} t");
        text.push_str(owner.query_one(&sql, &[]).await.unwrap().get(0));
    }
    text
}

#[tokio::test]
async fn s09_a_dump_holds_no_token() {
    let server = server_with_ana().await;
    let signed_in = server.try_password(&client(), "ana", PASSWORD).await;
    let cookies = [cookie_of(&signed_in), mark_of(&signed_in)];
    // What is counted for a browser does not hold it either.
    let form = [("name", "ana"), ("password", "wrong")];
    server.post_form(&client(), "/login", &cookies[1], &form).await;
    let dump = dump(&server).await;
    assert!(!dump.contains(PASSWORD));
    for cookie in &cookies {
        let token = cookie.split_once('=').unwrap().1;
        let bytes: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(token.len() == 43 && !dump.contains(token) && !dump.contains(&bytes), "{cookie}");
        let hash: String = token::hash(token).iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(dump.contains(&hash), "{cookie}");
    }
}

#[tokio::test]
async fn s09_a_dump_does_not_tell_what_was_typed_as_a_name() {
    let server = server_with_ana().await;
    let mut dumps = Vec::new();
    for name in [PASSWORD, "ana", "something else"] {
        server.arrange("delete from app.sign_in_tries").await;
        assert_eq!(server.tried(&client(), name, "wrong").await, 401);
        dumps.push(dump(&server).await);
    }
    // What anybody can make of the right guess is not there, neither whole nor its beginning.
    let sql = "select encode(sha256(convert_to($1, 'UTF8')), 'hex'), md5($1)";
    let row = server.db.row(sql, &[&PASSWORD]).await.unwrap();
    for guess in [PASSWORD, &row.get::<_, String>(0)[..16], &row.get::<_, String>(1)[..16]] {
        assert!(dumps.iter().all(|dump| !dump.contains(guess)), "{guess}");
    }
    let targets =
        "select distinct target from app.audit where action = 'sign_in_failed' order by 1";
    let targets = server.db.rows(targets, &[]).await.unwrap();
    let targets: Vec<&str> = targets.iter().map(|row| row.get(0)).collect();
    assert_eq!(targets, ["ana", "unknown name"]);
}

#[tokio::test]
async fn s10_a_session_ends_after_14_idle_days_and_90_in_all() {
    let server = server_with_ana().await;
    for change in
        ["seen_at = now() - interval '15 days'", "created_at = now() - interval '91 days'"]
    {
        let cookie = server.sign_in("ana").await;
        server.page("/", &cookie, 200).await;
        server.arrange(&format!("update app.session set {change}")).await;
        server.page("/", &cookie, 303).await;
    }
}

#[tokio::test]
async fn s10_giving_the_password_again_does_not_prolong_the_90_days() {
    let server = server_with_ana().await;
    let cookie = server.sign_in("ana").await;
    server.arrange("update app.session set created_at = now() - interval '89 days'").await;
    let proof = [("password", PASSWORD), ("next", "/account")];
    let cookie = cookie_of(&server.post_form(&client(), "/elevate", &cookie, &proof).await);
    server.page("/", &cookie, 200).await;
    server.arrange("update app.session set created_at = created_at - interval '2 days'").await;
    server.page("/", &cookie, 303).await;
}

#[tokio::test]
async fn s11_a_new_password_ends_all_other_sessions() {
    let server = server_with_ana().await;
    let (phone, laptop) = (server.sign_in("ana").await, server.sign_in("ana").await);
    let new = "battery staple horse";
    let form = [("password", new), ("again", new)];
    let changed = server.post_form(&client(), "/account/password", &laptop, &form).await;
    assert_eq!(changed.status(), 303);
    let cookie = cookie_of(&changed);
    server.page("/", &phone, 303).await;
    server.page("/", &laptop, 303).await;
    server.page("/", &cookie, 200).await;
    assert_eq!(server.tried(&client(), "ana", PASSWORD).await, 401);
    later(&server, 1.0).await;
    assert_eq!(server.tried(&client(), "ana", new).await, 303);
}

#[tokio::test]
async fn s11_who_is_shut_out_while_a_new_password_is_hashed_stays_out() {
    let server = server_with_ana().await;
    let new = "battery staple horse";
    let form = [("password", new), ("again", new)];
    for shut_out in [
        "delete from app.session",
        "select inbox_internal.change_person('ana', null, true)",
        "update app.session set authenticated_at = now() - interval '16 minutes'",
        "update app.session set created_at = now() - interval '91 days'",
    ] {
        server.arrange("update app.person set disabled_at = null").await;
        let cookie = server.sign_in("ana").await;
        let mut owner = postgres::client(&server.database_url).await;
        let change = owner.transaction().await.unwrap();
        change.batch_execute(shut_out).await.unwrap();
        let (browser, meanwhile) = (client(), async {
            server.waits_for_a_lock().await;
            change.commit().await.unwrap();
        });
        let asked = server.post_form(&browser, "/account/password", &cookie, &form);
        let (answered, ()) = tokio::join!(asked, meanwhile);
        assert_eq!(answered.headers()["location"], "/account/password", "{shut_out}");
        assert!(answered.headers().get("set-cookie").is_none(), "{shut_out}");
    }
    assert!(!server.audited().await.contains(&"ana password_set ana".to_owned()));
    server.arrange("update app.person set disabled_at = null").await;
    assert_eq!(server.tried(&client(), "ana", PASSWORD).await, 303);
}

#[tokio::test]
async fn a_password_is_the_same_on_every_keyboard() {
    let server = server_with_ana().await;
    let (composed, decomposed) = ("\u{e9}cole f\u{fc}r alle", "e\u{301}cole fu\u{308}r alle");
    let mut cookie = server.sign_in("ana").await;
    for (set, typed) in [(composed, decomposed), (decomposed, composed)] {
        let form = [("password", set), ("again", typed)];
        let changed = server.post_form(&client(), "/account/password", &cookie, &form).await;
        assert_eq!(changed.headers()["location"], "/account");
        cookie = cookie_of(&changed);
        for password in [set, typed] {
            assert_eq!(server.tried(&client(), "ana", password).await, 303);
            let proof = [("password", password)];
            cookie = cookie_of(&server.post_form(&client(), "/elevate", &cookie, &proof).await);
        }
        assert_eq!(server.tried(&client(), "ana", "ecole fur alle").await, 401);
        later(&server, 1.0).await;
    }
}

#[tokio::test]
async fn a_password_that_is_guessed_first_or_mistyped_is_not_set() {
    let server = server_with_ana().await;
    let cookie = server.sign_in("ana").await;
    for (password, again, words) in [
        ("qwertyuiop", "qwertyuiop", "among the first that are guessed"),
        ("too short", "too short", "10 to 256 characters"),
        ("battery staple horse", "battery staple house", "not the same"),
    ] {
        let form = format!("password={password}&again={again}").replace(' ', "+");
        let page = server.submit("/account/password", &cookie, &form, 422).await;
        assert!(page.contains(words), "{page}");
    }
    assert_eq!(server.tried(&client(), "ana", PASSWORD).await, 303);
}

#[tokio::test]
async fn s12_who_is_disabled_is_out_at_once() {
    let server = server_with_ana().await;
    let cookie = server.sign_in("ana").await;
    let link = crate::server::make_login_link(&server, "ana").await;
    server.db.run("select inbox_internal.change_person('ana', null, true)", &[]).await.unwrap();
    server.page("/", &cookie, 303).await;
    assert_eq!(server.tried(&client(), "ana", PASSWORD).await, 401);
    let path = link.strip_prefix(&server.url).unwrap();
    assert_eq!(server.post_form(&client(), path, "", &[]).await.status(), 404);
    // Enabled again, nothing of before is alive.
    server.db.run("select inbox_internal.change_person('ana', null, false)", &[]).await.unwrap();
    server.page("/", &cookie, 303).await;
}

#[tokio::test]
async fn s13_the_cookies_are_for_this_host_over_https_and_no_script() {
    let server = Server::start_with(|config| {
        config.public_url = Some("https://inbox.example".parse().unwrap());
    })
    .await;
    make_person(&server.db, "ana", "resolver", PASSWORD).await;
    let response = client()
        .post(format!("http://{}/login", server.listens))
        .header("host", "inbox.example")
        .header("origin", "https://inbox.example")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("name=ana&password={}", PASSWORD.replace(' ', "+")))
        .send()
        .await
        .unwrap();
    let set = response.headers().get_all("set-cookie").iter().map(|set| set.to_str().unwrap());
    let set: Vec<&str> = set.collect();
    assert_eq!(set.len(), 2, "{set:?}");
    for (set, name, age) in [
        (set[0], "__Host-ti=", "Max-Age=7776000"),
        (set[1], "__Host-ti-known=", "Max-Age=31536000"),
    ] {
        assert!(set.starts_with(name), "{set}");
        let mut parts: Vec<&str> = set.split("; ").skip(1).collect();
        parts.sort_unstable();
        assert_eq!(parts, ["HttpOnly", age, "Path=/", "SameSite=Lax", "Secure"]);
    }
}

#[tokio::test]
async fn a_person_sees_their_devices_and_signs_them_out() {
    let server = server_with_ana().await;
    make_person(&server.db, "bob", "resolver", PASSWORD).await;
    let here = server.sign_in("ana").await;
    let phone = browser_at("127.0.0.2")
        .post(format!("{}/login", server.url))
        .header("sec-fetch-site", "same-origin")
        .header(
            "user-agent",
            "Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
        )
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("name=ana&password={}", PASSWORD.replace(' ', "+")))
        .send()
        .await
        .unwrap();
    let (phone, third, bobs) =
        (cookie_of(&phone), server.sign_in("ana").await, server.sign_in("bob").await);

    let page = server.page("/account", &here, 200).await;
    assert_eq!(page.matches("this device").count(), 1);
    assert!(page.contains("Firefox on Android") && page.contains("127.0.0.2"), "{page}");
    let (_, rest) = page.split_once("Firefox on Android").unwrap();
    let path = rest.split("action=\"").nth(1).unwrap().split('"').next().unwrap();
    // Somebody else's session is not there.
    server.submit(path, &bobs, "", 404).await;
    server.page("/", &phone, 200).await;
    server.submit(path, &here, "", 303).await;
    server.page("/", &phone, 303).await;

    server.submit("/account/sessions/end", &here, "", 303).await;
    server.page("/", &third, 303).await;
    server.page("/", &here, 200).await;
    server.page("/", &bobs, 200).await;
    server.submit("/account/sessions/nonsense/end", &here, "", 404).await;
}
