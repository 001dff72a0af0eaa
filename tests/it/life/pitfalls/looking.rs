//! Who only looks decides nothing, and who decides has decided what they saw.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::life::Desk;

/// All addresses on a page, whatever leads there.
fn addresses(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for attribute in [" href=\"", " action=\"", " formaction=\"", " src=\"", " hx-get=\""] {
        for rest in page.split(attribute).skip(1) {
            let address = rest.split('"').next().unwrap().replace("&amp;", "&");
            found.extend(address.starts_with('/').then_some(address));
        }
    }
    found
}

/// As what looks at links before people do, signed in as they are.
async fn scan(desk: &Desk, id: Uuid, name: &str) {
    let cookie = desk.server.sign_in(name).await;
    let mut seen = addresses(&desk.server.page(&format!("/tasks/{id}"), &cookie, 200).await);
    assert!(seen.contains(&format!("/tasks/{id}/state")), "{seen:?}");
    seen.extend(
        ["", "/state", "/undo", "/withdraw", "/claim"]
            .map(|verb| format!("/api/v1/tasks/{id}{verb}")),
    );
    let headers =
        [("sec-purpose", "prefetch;prerender"), ("sec-fetch-site", "cross-site"), ("x-moz", "")];
    for address in seen {
        for query in ["", "?version=1&state=deny&confirmed=yes&approved=true"] {
            for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                for (header, value) in headers {
                    let url = format!("{}{address}{query}", desk.server.url);
                    let request = desk.server.http.request(method.clone(), url);
                    let request = request.header(header, value).header("cookie", &cookie);
                    let sent = request.bearer_auth(&desk.server.key).send().await.unwrap();
                    assert!(sent.status().as_u16() < 500, "{method} {address}{query}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_scanner_that_opens_every_link_decides_nothing_and_takes_nothing_back() {
    let desk = Desk::open().await;
    let (open, moved) =
        (desk.post("refund", json!({})).await, desk.post("refund", json!({})).await);
    desk.person("ana", "set_task_state", moved, json!({"state": "triage"})).await.unwrap();
    for (id, steps) in [(open, &["posted"][..]), (moved, &["posted", "moved"])] {
        scan(&desk, id, "ana").await;
        assert_eq!(desk.steps(id).await, steps);
    }
    // Nor does one that posts what it finds, since it is nobody.
    let url = format!("{}/tasks/{open}/state", desk.server.url);
    let sent = desk.server.http.post(url).body("version=1&state=deny").send().await.unwrap();
    assert_eq!(sent.headers()["location"].to_str().unwrap().split('?').next(), Some("/login"));
    assert_eq!(desk.steps(open).await, ["posted"]);
}

#[tokio::test]
async fn an_answer_is_not_turned_round_in_the_address() {
    let desk = Desk::open().await;
    let ana = desk.server.sign_in("ana").await;
    let id = desk.post("refund", json!({})).await;
    let path = format!("/tasks/{id}/state?state=lapsed&version=1&approved=true");
    desk.server.submit(&path, &ana, "version=1&state=deny", 303).await;
    let sql = format!(
        "select to_state, actor from reporting.events where task_id = '{id}' and sequence = 2"
    );
    let row = desk.server.db.row(&sql, &[]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, &str>(1)), ("deny", "ana"));

    let other = desk.post("refund", json!({})).await;
    let path = format!("/tasks/{other}/state?state=lapsed");
    let body = Some(json!({"state": "deny"}));
    let refused = desk.server.call(Method::PATCH, &path, body, 422).await;
    assert_eq!(refused["code"], "query_shape");
    assert_eq!(desk.steps(other).await, ["posted"]);
}

#[tokio::test]
async fn an_expired_task_has_no_buttons_and_is_in_no_list_of_open_tasks() {
    let desk = Desk::open().await;
    let ana = desk.server.sign_in("ana").await;
    let id = desk.post("refund", json!({"respond_within": "1h"})).await;
    let path = format!("/tasks/{id}");
    assert!(desk.server.page(&path, &ana, 200).await.contains("value=\"approve\""));
    desk.let_expire(id).await;

    let page = desk.server.page(&path, &ana, 200).await;
    for verb in ["state", "confirm", "claim", "snooze", "assign", "undo"] {
        assert!(!page.contains(&format!("{path}/{verb}\"")), "{verb}: {page}");
    }
    assert!(page.contains("Nobody answered in time"), "{page}");
    assert!(!desk.server.page("/", &ana, 200).await.contains(&id.to_string()));
    assert!(desk.server.page("/done", &ana, 200).await.contains(&id.to_string()));
    assert_eq!(desk.server.get(&path).await["allowed_states"], json!([]));
    assert_eq!(desk.server.get("/tasks?resolved=false").await["tasks"], json!([]));
    // A page from before has its buttons still, and they do nothing.
    let late =
        desk.server.submit(&format!("{path}/state"), &ana, "version=1&state=deny", 409).await;
    assert!(late.contains("The time to answer is over"), "{late}");
    assert_eq!(desk.steps(id).await, ["posted", "expired"]);
}

#[tokio::test]
async fn two_clicks_at_once_are_one_decision_and_one_webhook() {
    let desk = Desk::open().await;
    let ana = desk.server.sign_in("ana").await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        let id = desk.post("refund", json!({})).await;
        let path = format!("{}/tasks/{id}/state", desk.server.url);
        let click = || {
            let request = desk.server.http.post(&path).header("cookie", &ana);
            let kind = ("content-type", "application/x-www-form-urlencoded");
            let request = request.header("sec-fetch-site", "same-origin").header(kind.0, kind.1);
            request.body("version=1&state=deny").send()
        };
        let both = tokio::join!(click(), click());
        let mut statuses = [both.0, both.1].map(|sent| sent.unwrap().status().as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409]);
        ids.push(json!(id));
    }
    desk.tell().await;
    desk.until_told().await;
    let told = desk.hook.so_far().into_iter().map(|one| one.json());
    let mut settled: Vec<Value> = told
        .filter(|told| told["type"] == "task.resolved")
        .map(|told| told["data"]["task"]["id"].clone())
        .collect();
    settled.sort_by_key(Value::to_string);
    assert_eq!(settled, ids);
}

#[tokio::test]
async fn a_click_meant_for_one_task_never_answers_the_next() {
    let desk = Desk::open().await;
    let ana = desk.server.sign_in("ana").await;
    let click = async |id: Uuid, status| {
        let path = format!("/tasks/{id}/state");
        desk.server.submit(&path, &ana, "version=1&state=deny", status).await;
    };
    // What was asked is asked again, as another task.
    let first = desk.post("refund", json!({"merge_key": "k"})).await;
    desk.ask(first, "withdraw", json!({}), 200).await;
    let next = desk.post("refund", json!({"merge_key": "k"})).await;
    click(first, 409).await;
    assert_eq!(desk.steps(next).await, ["posted"]);

    // And as the same one.
    let again = desk.post("refund", json!({})).await;
    desk.server.set_state(again, "deny", 200).await;
    desk.ask(again, "reopen", json!({}), 200).await;
    click(again, 412).await;
    assert_eq!(desk.steps(again).await, ["posted", "resolved", "reopened"]);

    // A click that is sent twice does not do again what was taken back between.
    let undone = desk.post("refund", json!({})).await;
    click(undone, 303).await;
    desk.person("ana", "undo_task", undone, json!({})).await.unwrap();
    click(undone, 412).await;
    assert_eq!(desk.steps(undone).await, ["posted", "resolved", "undone"]);

    // One that comes before its task has begun is not kept for it.
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let early = desk.post("refund", json!({"start_at": later.to_string()})).await;
    click(early, 404).await;
    desk.arrange("update app.task set start_at = now() where start_at is not null").await;
    desk.arrange("select inbox_internal.look_at_clock()").await;
    assert_eq!(desk.steps(early).await, ["posted"]);
}

#[tokio::test]
async fn what_was_changed_after_the_look_refuses_the_decision() {
    let desk = Desk::open().await;
    let ana = desk.server.sign_in("ana").await;
    let url = format!("{}/api/v1/attachments?schema=shop:desk&name=a.txt", desk.server.url);
    let upload = desk.server.http.post(url).bearer_auth(&desk.server.key).body("x");
    let file: Value = upload.send().await.unwrap().json().await.unwrap();
    for change in [
        json!({"meta": {"amount": 900_000}}),
        json!({"attachments": [{"id": file["id"]}]}),
        json!({"attachments": [{"url": "https://files.example/b.pdf"}]}),
    ] {
        let id = desk.post("refund", json!({"meta": {"amount": 100}})).await;
        let seen = desk.task(id).await;
        let changed = desk.change(id, change.clone(), 200).await;
        assert_ne!(changed["task"]["digest"], seen["digest"], "{change}");

        let path = format!("/tasks/{id}/state");
        let form = "version=1&state=deny&comment=my+long+words";
        let page = desk.server.submit(&path, &ana, form, 412).await;
        assert!(page.contains("my long words") && page.contains("value=\"2\""), "{page}");
        let headers = [("if-match", "\"1\"")];
        let body = Some(json!({"state": "deny"}).to_string());
        let key = &desk.server.key;
        let stale = desk.server.call_with(key, Method::PATCH, &path, &headers, body, 412).await;
        assert_eq!(stale["code"], "version_stale");
        assert_eq!(desk.steps(id).await, ["posted", "changed"], "{change}");
    }
}
