//! Wrong passwords: slowed for who guesses, never for who is known.

use std::time::{Duration, Instant};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use task_inbox::serve::Part;
use tokio::io::AsyncWriteExt;

use super::{PASSWORD, browser_at, later, mark_of};
use crate::hardening::connect;
use crate::postgres;
use crate::server::{Server, client, make_login_link, make_person, within};

async fn server_with(name: &str) -> Server {
    let server = Server::start().await;
    make_person(&server.db, name, "resolver", PASSWORD).await;
    server
}

#[tokio::test]
async fn s01_an_unknown_name_takes_as_long_as_a_wrong_password() {
    let server = server_with("ana").await;
    make_person(&server.db, "links", "viewer", PASSWORD).await;
    server.arrange("update app.person set password_hash = null where name = 'links'").await;
    let mut medians = Vec::new();
    let mut pages = Vec::new();
    for name in ["ana", "nobody", "links"] {
        let mut times: Vec<Duration> = Vec::new();
        for _ in 0..9 {
            server.arrange("delete from app.sign_in_tries").await;
            let began = Instant::now();
            let response = server.try_password(&client(), name, "wrong password").await;
            times.push(began.elapsed());
            assert_eq!(response.status(), 401);
            pages.push(response.text().await.unwrap().replace(name, "NAME"));
        }
        times.sort();
        medians.push(times[times.len() / 2].as_secs_f64());
    }
    // Without the hash it would be a tenth. The machine may be busy.
    for other in &medians[1..] {
        assert!((0.4..2.5).contains(&(other / medians[0])), "{medians:?}");
    }
    assert!(pages.iter().all(|page| *page == pages[0]));
}

#[tokio::test]
async fn s02_an_address_has_20_wrong_tries_an_hour_then_not_even_the_right_one() {
    let server = server_with("ana").await;
    let (there, elsewhere) = (browser_at("127.0.0.2"), browser_at("127.0.0.3"));
    for number in 0..20 {
        assert_eq!(server.tried(&there, &format!("name{number}"), "wrong").await, 401);
    }
    let refused = server.try_password(&there, "ana", PASSWORD).await;
    assert_eq!(refused.status(), 429);
    let seconds: u32 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((3000..=3600).contains(&seconds), "{seconds}");
    let page = refused.text().await.unwrap();
    assert!(page.contains("minutes, then try again") && page.contains(r#"value="ana""#), "{page}");

    assert_eq!(server.tried(&elsewhere, "ana", PASSWORD).await, 303);
    later(&server, 3601.0).await;
    assert_eq!(server.tried(&there, "ana", PASSWORD).await, 303);
}

#[tokio::test]
async fn right_passwords_from_one_address_are_never_too_many() {
    let server = server_with("ana").await;
    for _ in 0..25 {
        assert_eq!(server.tried(&client(), "ana", PASSWORD).await, 303);
    }
}

#[tokio::test]
async fn s03_each_wrong_try_for_a_name_waits_longer_and_never_over_10_seconds() {
    let server = server_with("ana").await;
    for name in ["ana", "nobody"] {
        for (failures, wait) in
            [(1, 1.0), (2, 1.0), (3, 3.0), (8, 3.0), (9, 5.0), (24, 5.0), (25, 10.0), (99, 10.0)]
        {
            server.arrange("delete from app.sign_in_tries where who like 'address%'").await;
            let before = format!("update app.sign_in_tries set failures = {}", failures - 1);
            server.arrange(&before).await;
            assert_eq!(server.tried(&client(), name, "wrong").await, 401, "{failures}");
            // Stands still meanwhile, however slow this machine is.
            server.arrange("update app.sign_in_tries set last_at = now()").await;
            let refused = server.try_password(&client(), name, PASSWORD).await;
            assert_eq!(refused.status(), 429, "{failures}");
            let seconds: f64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((wait - 2.0..=wait).contains(&seconds), "{failures}: {seconds}");
            assert!(refused.text().await.unwrap().contains("Too many wrong passwords"));
            later(&server, wait).await;
        }
    }
}

#[tokio::test]
async fn s03_the_right_password_and_a_day_end_the_wait() {
    let server = server_with("ana").await;
    for seconds in [0.0, 1.0, 1.0] {
        later(&server, seconds).await;
        server.tried(&browser_at("127.0.0.2"), "ana", "wrong").await;
    }
    later(&server, 3.0).await;
    assert_eq!(server.tried(&client(), "ana", PASSWORD).await, 303);
    // The first wrong try again, and not the fourth.
    let stranger = browser_at("127.0.0.4");
    assert_eq!(server.tried(&stranger, "ana", "wrong").await, 401);
    later(&server, 1.0).await;
    assert_eq!(server.tried(&stranger, "ana", "wrong").await, 401);

    server.arrange("update app.sign_in_tries set failures = 40").await;
    later(&server, 86_401.0).await;
    assert_eq!(server.tried(&stranger, "ana", "wrong").await, 401);
    later(&server, 1.0).await;
    assert_eq!(server.tried(&stranger, "ana", PASSWORD).await, 303);
}

#[tokio::test]
async fn s03_strangers_cannot_keep_somebody_out() {
    let server = server_with("ana").await;
    let (home, stranger) = (browser_at("127.0.0.2"), browser_at("127.0.0.3"));
    let mark = mark_of(&server.try_password(&home, "ana", PASSWORD).await);
    assert_eq!(server.tried(&stranger, "ana", "wrong").await, 401);
    let waiting = "update app.sign_in_tries set failures = 40, last_at = now() + interval '1 minute' where who like 'name%'";
    server.arrange(waiting).await;
    assert_eq!(server.tried(&stranger, "ana", PASSWORD).await, 429);
    let form = [("name", "ana"), ("password", PASSWORD)];
    assert_eq!(server.post_form(&home, "/login", &mark, &form).await.status(), 303);

    // A new browser is a stranger's; but a link is never slowed, and then it is known.
    assert_eq!(server.tried(&home, "ana", PASSWORD).await, 429);
    let link = make_login_link(&server, "ana").await;
    let path = link.strip_prefix(&server.url).unwrap();
    let new = mark_of(&server.post_form(&home, path, "", &[]).await);
    assert_eq!(server.post_form(&home, "/login", &new, &form).await.status(), 303);
}

#[tokio::test]
async fn s03_a_name_counts_the_same_on_every_replica() {
    let server = server_with("ana").await;
    let replica = Server::on(&server.database_url, Part::NoWorker).await;
    for name in ["ana", "nobody"] {
        server.arrange("delete from app.sign_in_tries").await;
        assert_eq!(server.tried(&client(), name, "wrong").await, 401);
        let waiting = "update app.sign_in_tries set last_at = now() + interval '1 minute'";
        server.arrange(waiting).await;
        assert_eq!(replica.tried(&browser_at("127.0.0.2"), name, "wrong").await, 429, "{name}");
    }
}

/// A try whose client has gone before anything came of it.
async fn hang_up(server: &Server, name: &str, password: &str) {
    let mut owner = postgres::client(&server.database_url).await;
    let change = owner.transaction().await.unwrap();
    change.batch_execute("select from app.sign_in_tries for update").await.unwrap();
    let mut browser = connect(server).await;
    let form = format!("name={name}&password={}", password.replace(' ', "+"));
    let request = format!(
        "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n{form}",
        form.len()
    );
    browser.write_all(request.as_bytes()).await.unwrap();
    server.waits_for_a_lock().await;
    drop(browser);
    // Time for the server to see that.
    for _ in 0..20 {
        server.page("/login", "", 200).await;
    }
    change.commit().await.unwrap();
}

#[tokio::test]
async fn s02_who_hangs_up_is_written_down_or_forgiven() {
    let server = server_with("ana").await;
    let until = async |action: &str| {
        within(action, async {
            while !server.audited().await.iter().any(|line| line.ends_with(action)) {}
        })
        .await;
    };
    assert_eq!(server.tried(&client(), "nobody", "wrong").await, 401);
    hang_up(&server, "ana", "wrong").await;
    until("nobody sign_in_failed ana").await;

    later(&server, 1.0).await;
    hang_up(&server, "ana", PASSWORD).await;
    until("ana signed_in").await;
    let left = "select max(failures) from app.sign_in_tries";
    assert_eq!(server.db.row(left, &[]).await.unwrap().get::<_, i32>(0), 2, "nobody, and ana once");
    let of_ana = "select count(*) from app.sign_in_tries where failures = 0";
    assert_eq!(server.db.row(of_ana, &[]).await.unwrap().get::<_, i64>(0), 1, "her name");
}

#[tokio::test]
async fn many_wrong_tries_at_once_are_no_more_than_one_after_another() {
    let server = server_with("ana").await;
    let browser = browser_at("127.0.0.2");
    let names: Vec<String> = (0..40).map(|number| format!("name{number}")).collect();
    let tries = names.iter().map(|name| server.tried(&browser, name, "wrong"));
    let statuses = futures_util::future::join_all(tries).await;
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 20, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 20);

    let tries = (3..23).map(|number| {
        let server = &server;
        async move { server.tried(&browser_at(&format!("127.0.0.{number}")), "ana", "wrong").await }
    });
    let statuses = futures_util::future::join_all(tries).await;
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 1, "{statuses:?}");
}

/// Whether a try from there has to wait, before any password is looked at.
async fn waits(server: &Server, name: &str, address: &str) -> bool {
    let client = task_inbox::auth::ClientAddress(address.parse().unwrap());
    let sql = "select wait_seconds from inbox_internal.begin_sign_in($1, $1, sha256('mark'), $2, $3, 'password')";
    let row = server.db.row(sql, &[&name, &address, &client.group()]).await.unwrap();
    row.get::<_, Option<i32>>(0).is_some()
}

#[tokio::test]
async fn s05_an_ipv6_64_shares_its_tries() {
    let server = server_with("ana").await;
    for number in 0..22 {
        let (name, address) = (format!("name{number}"), format!("2001:db8:1:2::{number:x}"));
        assert_eq!(waits(&server, &name, &address).await, number >= 20, "{number}");
    }
    assert!(!waits(&server, "x", "2001:db8:1:3::1").await);
}

#[tokio::test]
async fn s05_an_ipv6_48_has_100_wrong_tries_an_hour() {
    let server = server_with("ana").await;
    server
        .arrange(
            "insert into app.known_browser (token_hash, person_id)
             select sha256('mark'), id from app.person where name = 'ana'",
        )
        .await;
    for number in 0..100 {
        let (name, address) = (format!("name{number}"), format!("2001:db8:1:{number:x}::1"));
        assert!(!waits(&server, &name, &address).await, "{number}");
    }
    let rows = "select count(*) from app.sign_in_tries";
    let before: i64 = server.db.row(rows, &[]).await.unwrap().get(0);
    for number in 100..110 {
        let (name, address) = (format!("name{number}"), format!("2001:db8:1:{number:x}::1"));
        assert!(waits(&server, &name, &address).await, "{number}");
    }
    assert_eq!(server.db.row(rows, &[]).await.unwrap().get::<_, i64>(0), before);
    // Neither its neighbours, nor who is known there, nor for ever.
    assert!(!waits(&server, "x", "2001:db8:2:1::1").await);
    assert!(!waits(&server, "ana", "2001:db8:1::1").await);
    later(&server, 3601.0).await;
    assert!(!waits(&server, "y", "2001:db8:1:100::1").await);
}

#[tokio::test]
async fn s18_a_huge_password_is_refused_before_it_is_hashed() {
    let server = server_with("ana").await;
    // A hash that is made of it would be asked for one by one; the first waits for none.
    let megabyte = "x".repeat(1024 * 1024);
    assert_eq!(server.tried(&client(), "ana", &megabyte).await, 413);
    let began = Instant::now();
    for number in 0..10 {
        let name = format!("name{number}");
        assert_eq!(server.tried(&client(), &name, &megabyte[..60_000]).await, 401);
    }
    let refusals = began.elapsed();
    let began = Instant::now();
    for number in 10..20 {
        assert_eq!(server.tried(&client(), &format!("name{number}"), "wrong").await, 401);
    }
    assert!(refusals < began.elapsed(), "{refusals:?}");
}

#[tokio::test]
async fn a_sign_in_renews_a_hash_that_was_made_with_less_work() {
    let server = server_with("ana").await;
    let params = Params::new(8, 1, 1, None).unwrap();
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let cheap: PasswordHash =
        hasher.hash_password_with_salt(PASSWORD.as_bytes(), b"sixteen bytes xx").unwrap();
    let sql = format!("update app.person set password_hash = '{cheap}' where name = 'ana'");
    server.arrange(&sql).await;
    assert_eq!(server.tried(&client(), "ana", "wrong").await, 401);
    later(&server, 1.0).await;
    assert_eq!(server.tried(&client(), "ana", PASSWORD).await, 303);
    let row = server.db.row("select password_hash from app.person where name = 'ana'", &[]).await;
    let hash: String = row.unwrap().get(0);
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert_eq!(server.tried(&client(), "ana", PASSWORD).await, 303);
}
