//! What an admin sees of webhooks in the browser, and does about them.

use std::collections::BTreeSet;

use axum::response::IntoResponse;
use uuid::Uuid;

use crate::hook::Hook;
use crate::server::{Server, client, make_person};

/// More than the schedule of the tests has steps: this many answers fail for good.
const TRIES: usize = 5;

/// A server whose webhooks go to the hook, its signing secret and an admin's cookie.
async fn watched() -> (Server, Hook, String, String) {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let secret = server.with_hook(&hook).await;
    make_person(&server.db, "root", "admin", "correct horse battery").await;
    let cookie = server.sign_in("root").await;
    (server, hook, secret, cookie)
}

/// A decision whose webhook has failed for good: the task and the delivery.
async fn failed(server: &Server, hook: &Hook) -> (Uuid, i64) {
    for _ in 0..TRIES {
        hook.answer_with(|| {
            (http::StatusCode::BAD_GATEWAY, "<script>alert(1)</script> خطأ").into_response()
        });
    }
    let id = server.post_flag().await;
    server.set_state(id, "block", 200).await;
    let delivery = server.delivery(id, 2, "failed").await;
    (id, delivery["id"].as_i64().unwrap())
}

async fn endpoint(server: &Server) -> i32 {
    let only = "select id from reporting.endpoints where schema_name = 'ti:sample'";
    server.db.row(only, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn an_admin_finds_what_failed_and_what_was_answered() {
    let (server, hook, _, cookie) = watched().await;
    let (task, delivery) = failed(&server, &hook).await;
    let endpoint = endpoint(&server).await;
    assert!(server.page("/", &cookie, 200).await.contains("href=\"/deliveries\""));

    let link = format!("href=\"/deliveries/{delivery}\"");
    for (query, listed) in [
        ("".to_owned(), true),
        ("?state=failed".to_owned(), true),
        ("?state=delivered".to_owned(), false),
        ("?state=nonsense&endpoint=x&before=y".to_owned(), true),
        ("?schema=ti:sample".to_owned(), true),
        ("?schema=other".to_owned(), false),
        (format!("?endpoint={endpoint}&state=failed"), true),
        (format!("?endpoint={}", endpoint + 1), false),
        (format!("?before={delivery}"), false),
    ] {
        let page = server.page(&format!("/deliveries{query}"), &cookie, 200).await;
        assert_eq!(page.contains(&link), listed, "{query}: {page}");
    }
    let page = server.page("/deliveries", &cookie, 200).await;
    assert!(page.contains("failed after 5 tries, the app answered 502"), "{page}");
    assert!(page.contains(&hook.url), "{page}");

    let page = server.page(&format!("/deliveries/{delivery}"), &cookie, 200).await;
    for shown in [
        "&lt;script&gt;alert(1)&lt;/script&gt; خطأ",
        "Answered 502",
        "127.0.0.1:",
        "evt_",
        "Send again",
        &hook.url,
        &format!("/tasks/{task}"),
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(!page.contains("<script>"), "{page}");
    let page = server.page(&format!("/tasks/{task}"), &cookie, 200).await;
    assert!(page.contains(&link) && page.contains("Send it again"), "{page}");
}

#[tokio::test]
async fn an_admin_sends_one_again() {
    let (server, hook, secret, cookie) = watched().await;
    let (task, delivery) = failed(&server, &hook).await;
    let path = format!("/deliveries/{delivery}");
    server.submit(&format!("{path}/retry"), &cookie, "", 303).await;
    server.delivery(task, 2, "delivered").await;
    let received = hook.received(TRIES + 1).await;
    received[TRIES].verify(&secret);
    assert_eq!(received[0].id, received[TRIES].id);
    let page = server.page(&path, &cookie, 200).await;
    assert!(page.contains("sent by hand") && page.contains("Accepted, answered 200"), "{page}");
}

#[tokio::test]
async fn what_has_no_content_any_more_is_not_sent_again() {
    let (server, hook, _, cookie) = watched().await;
    let (task, delivery) = failed(&server, &hook).await;
    let erase = "update app.event set body = null where task_id = $1";
    server.db.run(erase, &[&task]).await.unwrap();
    let path = format!("/deliveries/{delivery}");
    assert!(server.page(&path, &cookie, 200).await.contains("its content was deleted"));
    let refused = server.submit(&format!("{path}/retry"), &cookie, "", 410).await;
    assert!(refused.contains("older than what is kept"), "{refused}");
}

#[tokio::test]
async fn an_admin_sends_all_that_failed_again() {
    let (server, hook, _, cookie) = watched().await;
    let tasks = [failed(&server, &hook).await.0, failed(&server, &hook).await.0];
    let form = "state=failed&schema=&endpoint=&since=2020-01-01T00%3A00&until=";
    server.submit("/deliveries/replay", &cookie, form, 303).await;
    for task in tasks {
        server.delivery(task, 2, "delivered").await;
    }
    let page = server.page("/deliveries", &cookie, 200).await;
    assert!(page.contains("asked by <bdi>root</bdi>"), "{page}");
}

#[tokio::test]
async fn what_was_delivered_is_sent_again_only_when_asked_twice() {
    let (server, hook, _, cookie) = watched().await;
    let id = server.post_flag().await;
    server.set_state(id, "block", 200).await;
    server.delivery(id, 2, "delivered").await;

    let form = "state=delivered&since=&until=";
    let asked = server.submit("/deliveries/replay", &cookie, form, 200).await;
    assert!(asked.contains("are you sure?") && asked.contains("name=\"confirmed\""), "{asked}");
    server.submit("/deliveries/replay", &cookie, &format!("{form}&confirmed=yes"), 303).await;
    let received = hook.received(2).await;
    assert_eq!(received[0].id, received[1].id);
}

#[tokio::test]
async fn a_time_or_an_endpoint_that_makes_no_sense_is_refused_and_kept() {
    let (server, _hook, _, cookie) = watched().await;
    let everything = "state=failed&endpoint=x&since=&until=";
    let page = server.submit("/deliveries/replay", &cookie, everything, 422).await;
    assert!(page.contains("There is no such endpoint"), "{page}");
    let form = "state=failed&since=2026-99-01&until=2026-11-22T10%3A00";
    let page = server.submit("/deliveries/replay", &cookie, form, 422).await;
    for shown in ["A time is written as", "value=\"2026-99-01\"", "value=\"2026-11-22T10:00\""] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
}

#[tokio::test]
async fn an_admin_pauses_an_endpoint_and_nothing_is_lost() {
    let (server, hook, _, cookie) = watched().await;
    let path = format!("/endpoints/{}/state", endpoint(&server).await);
    server.submit(&path, &cookie, "state=paused", 303).await;
    let id = server.post_flag().await;
    server.set_state(id, "block", 200).await;
    server.delivery(id, 2, "paused").await;
    let page = server.page("/deliveries", &cookie, 200).await;
    assert!(page.contains("paused by root") && page.contains("value=\"enabled\""), "{page}");

    server.submit(&path, &cookie, "state=enabled", 303).await;
    server.delivery(id, 2, "delivered").await;
    assert_eq!(hook.so_far().len(), 1);
    let page = server.submit(&path, &cookie, "state=nonsense", 422).await;
    assert!(page.contains("can be enabled or paused"), "{page}");
}

#[tokio::test]
async fn an_admin_sees_at_once_what_a_receiver_says_to_a_ping() {
    let (server, hook, secret, cookie) = watched().await;
    let path = format!("/endpoints/{}/ping", endpoint(&server).await);
    let page = server.submit(&path, &cookie, "", 200).await;
    assert!(page.contains("The ping was accepted in"), "{page}");
    let received = hook.received(1).await.remove(0);
    received.verify(&secret);
    assert_eq!(received.json()["type"], "webhook.ping");

    hook.answer_with(|| (http::StatusCode::NOT_FOUND, "<script>no</script>").into_response());
    let page = server.submit(&path, &cookie, "", 200).await;
    assert!(page.contains("The ping failed after") && page.contains("answered 404"), "{page}");
    assert!(page.contains("&lt;script&gt;no") && !page.contains("<script>no"), "{page}");
}

#[tokio::test]
async fn a_new_secret_is_shown_once_and_the_old_one_signs_a_while_longer() {
    let (server, hook, old, cookie) = watched().await;
    let path = format!("/endpoints/{}/secret", endpoint(&server).await);
    let asked = server.page(&path, &cookie, 200).await;
    assert!(asked.contains("are you sure?") && !asked.contains("whsec_"), "{asked}");
    let page = server.submit(&path, &cookie, "grace=3600", 200).await;
    let new = page.split("whsec_").nth(1).unwrap().split('<').next().unwrap();
    let id = server.post_flag().await;
    server.set_state(id, "block", 200).await;
    let received = hook.received(1).await.remove(0);
    received.verify(&old);
    received.verify(&format!("whsec_{new}"));

    for path in [path.as_str(), "/deliveries"] {
        let page = server.page(path, &cookie, 200).await;
        assert!(!page.contains(new) && page.contains("until <time"), "{page}");
    }
    // A second one would need two old ones.
    let refused = server.submit(&path, &cookie, "grace=604800", 409).await;
    assert!(refused.contains("value=\"604800\" selected"), "{refused}");
    server.submit(&path, &cookie, "grace=0", 200).await;
}

#[tokio::test]
async fn only_admins_see_webhooks() {
    let (server, hook, _, _) = watched().await;
    let (task, delivery) = failed(&server, &hook).await;
    make_person(&server.db, "ana", "resolver", "correct horse battery").await;
    let cookie = server.sign_in("ana").await;
    let endpoint = endpoint(&server).await;
    for page in ["/".to_owned(), format!("/tasks/{task}")] {
        assert!(!server.page(&page, &cookie, 200).await.contains("/deliveries"), "{page}");
    }
    let secret = format!("/endpoints/{endpoint}/secret");
    for path in ["/deliveries", &format!("/deliveries/{delivery}"), &secret] {
        server.page(path, &cookie, 403).await;
    }
    for (path, form) in [
        (format!("/deliveries/{delivery}/retry"), ""),
        ("/deliveries/replay".to_owned(), "state=failed"),
        (format!("/endpoints/{endpoint}/state"), "state=paused"),
        (format!("/endpoints/{endpoint}/ping"), ""),
        (secret, "grace=0"),
    ] {
        server.submit(&path, &cookie, form, 403).await;
    }
    assert_eq!(hook.so_far().len(), TRIES);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (server, _hook, _, cookie) = watched().await;
    for path in ["/deliveries/999", "/deliveries/x", "/endpoints/999/secret", "/endpoints/x/secret"]
    {
        server.page(path, &cookie, 404).await;
    }
    for (path, form) in [
        ("/deliveries/999/retry", ""),
        ("/endpoints/999/state", "state=paused"),
        ("/endpoints/999/ping", ""),
        ("/endpoints/999/secret", "grace=0"),
    ] {
        server.submit(path, &cookie, form, 404).await;
    }
    // A reload of what a form had answered.
    for path in ["/deliveries/replay", "/deliveries/1/retry", "/endpoints/1/ping"] {
        server.page(path, &cookie, 303).await;
    }
}

#[tokio::test]
async fn every_webhook_is_on_some_page() {
    let (server, _hook, _, cookie) = watched().await;
    for _ in 0..45 {
        let id = server.post_flag().await;
        server.set_state(id, "block", 200).await;
    }
    let (mut seen, mut path) = (BTreeSet::new(), "/deliveries?schema=ti:sample".to_owned());
    loop {
        let page = server.page(&path, &cookie, 200).await;
        for rest in page.split("id=\"delivery-").skip(1) {
            assert!(seen.insert(rest.split('"').next().unwrap().to_owned()), "twice");
        }
        let Some((_, rest)) = page.split_once("id=\"show-more\"") else { break };
        path =
            rest.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    }
    assert_eq!(seen.len(), 45);
}

#[tokio::test]
async fn the_pages_of_webhooks_have_nothing_inline() {
    let (server, hook, _, cookie) = watched().await;
    let (_, delivery) = failed(&server, &hook).await;
    let secret = format!("/endpoints/{}/secret", endpoint(&server).await);
    for path in ["/deliveries", &format!("/deliveries/{delivery}"), &secret] {
        let request = client().get(format!("{}{path}", server.url)).header("cookie", &cookie);
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert!(
            response.headers()["content-security-policy"]
                .to_str()
                .unwrap()
                .contains("script-src 'self'")
        );
        let page = response.text().await.unwrap();
        for inline in ["<style", " style=", " onclick=", "hx-on", "href=\"javascript"] {
            assert!(!page.contains(inline), "{path}: {inline}");
        }
    }
}
