//! What people see and do, as a browser without JavaScript would.

use reqwest::Response;
use serde_json::json;
use uuid::Uuid;

use crate::hook::Hook;
use crate::server::{Server, client, make_person};

const DESK: &str = "name: desk
semver: '1'
tasktypes:
- name: refund
  label: Refund
  title: 'Refund {amount} for {/order/id}'
  fields: [{name: amount, label: Amount, kind: money, currency: EUR}]
  pending_states: [{name: triage, label: In triage}]
  resolved_states:
  - {name: approve, label: Approve, outcome: positive}
  - {name: deny, label: Deny, outcome: negative, comment: required}
  - {name: wipe, label: Wipe, style: danger, confirm: type, comment: none}
";

async fn desk() -> (Server, Uuid) {
    let server = Server::start().await;
    server.load(DESK).await;
    for (name, role) in [("ana", "resolver"), ("bob", "resolver"), ("eve", "viewer")] {
        make_person(&server.db, name, role, "correct horse battery").await;
    }
    let meta = json!({"amount": 4000, "order": {"id": "104"}, "note": "<script>alert(1)</script>",
                      "photo__preview": "https://img.example/a.jpg", "bad__preview": "javascript:alert(2)"});
    let posted =
        server.post(json!({"schema_name": "desk", "task": "refund", "meta": meta}), 201).await;
    let id = posted["id"].as_str().unwrap().parse().unwrap();
    (server, id)
}

pub async fn decide(server: &Server, cookie: &str, id: Uuid, form: &str) -> Response {
    client()
        .post(format!("{}/tasks/{id}/state", server.url))
        .header("cookie", cookie)
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned())
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn s35_s39_what_an_application_posts_is_only_text_on_a_page() {
    let server = Server::start().await;
    server.load(&DESK.replace("Refund {amount} for {/order/id}", "{title}")).await;
    make_person(&server.db, "ana", "resolver", "correct horse battery").await;
    let evil = [
        "</title><script>alert(1)</script>",
        "<div hx-get=\"/logout\" hx-trigger=\"load\">",
        "\" autofocus onfocus=\"alert(1)",
        "' onmouseover='alert(1)",
        "<!-- <img src=x onerror=alert(1)> --> ]]>",
    ];
    let mut meta = json!({"amount": 1, "title": evil.join(" ")});
    for text in evil {
        meta[text] = text.into();
        meta["deep"][text] = json!([text, {text: text}]);
        meta[format!("{text}__preview")] = format!("https://img.example/{text}").into();
    }
    let task = json!({"schema_name": "desk", "task": "refund", "meta": meta, "tags": evil});
    let posted = server.post(task, 201).await;
    let task = format!("/tasks/{}", posted["id"].as_str().unwrap());
    let cookie = server.sign_in("ana").await;
    for path in ["/", "/done", task.as_str()] {
        let page = server.page(path, &cookie, 200).await;
        assert!(path == "/done" || page.contains("&lt;script&gt;alert(1)"), "{page}");
        for markup in ["<script>alert", "<div hx-get=\"/logout", "<img src=x", "<!-- <img"] {
            assert!(!page.contains(markup), "{path}: {markup}");
        }
        // A quote as it is would end an attribute.
        assert!(!page.contains("\" autofocus onfocus=\""), "{path}");
    }
}

#[tokio::test]
async fn a_person_reads_a_task_and_settles_it() {
    let (server, id) = desk().await;
    let cookie = server.sign_in("ana").await;
    let list = server.page("/", &cookie, 200).await;
    assert!(
        list.contains("Refund 40.00 EUR for 104") && list.contains(&format!("/tasks/{id}")),
        "{list}"
    );

    let page = server.page(&format!("/tasks/{id}"), &cookie, 200).await;
    for shown in
        ["40.00 EUR", "&lt;script&gt;", "Approve", "Deny", "In triage", "https://img.example/a.jpg"]
    {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(!page.contains("<script>alert") && !page.contains("href=\"javascript"));

    let decided =
        decide(&server, &cookie, id, "version=1&state=approve&comment=fine%0D%0Aby+me").await;
    assert_eq!(decided.status(), 303);
    assert_eq!(decided.headers()["location"], format!("/tasks/{id}"));
    let history = &server.get(&format!("/tasks/{id}/history")).await["history"][1];
    assert_eq!((&history["via"], &history["comment"]), (&json!("web"), &json!("fine\nby me")));
    assert_eq!(
        (&history["actor"]["kind"], &history["actor"]["name"]),
        (&json!("person"), &json!("ana"))
    );

    assert!(!server.page("/", &cookie, 200).await.contains(&id.to_string()));
    assert!(server.page("/done", &cookie, 200).await.contains(&id.to_string()));
}

#[tokio::test]
async fn who_comes_late_sees_who_decided_what() {
    let (server, id) = desk().await;
    let (ana, bob) = (server.sign_in("ana").await, server.sign_in("bob").await);
    decide(&server, &ana, id, "version=1&state=approve").await;
    let late = decide(&server, &bob, id, "version=1&state=deny&comment=no").await;
    assert_eq!(late.status(), 409);
    let page = late.text().await.unwrap();
    assert!(
        page.contains("Already settled") && page.contains("ana") && page.contains("Approve"),
        "{page}"
    );
}

#[tokio::test]
async fn a_stale_page_keeps_what_was_typed_and_decides_nothing() {
    let (server, id) = desk().await;
    let (ana, bob) = (server.sign_in("ana").await, server.sign_in("bob").await);
    decide(&server, &ana, id, "version=1&state=triage").await;
    let stale = decide(&server, &bob, id, "version=1&state=deny&comment=my+long+words").await;
    assert_eq!(stale.status(), 412);
    let page = stale.text().await.unwrap();
    assert!(page.contains("my long words") && page.contains("value=\"2\""), "{page}");

    let refused = decide(&server, &bob, id, "version=2&state=deny").await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("needs a comment"));
}

#[tokio::test]
async fn a_move_that_asks_twice_is_not_made_by_one_tap() {
    let (server, id) = desk().await;
    let cookie = server.sign_in("ana").await;
    let asked = decide(&server, &cookie, id, "version=1&state=wipe&comment=left+over").await;
    assert!(asked.text().await.unwrap().contains("are you sure?"));
    let wrong = decide(&server, &cookie, id, "version=1&state=wipe&confirmed=yes&word=105").await;
    assert_eq!(wrong.status(), 422);
    assert_eq!(server.get(&format!("/tasks/{id}")).await["version"], 1);
    let right = decide(&server, &cookie, id, "version=1&state=wipe&confirmed=yes&word=104").await;
    assert_eq!(right.status(), 303);
    assert_eq!(server.get(&format!("/tasks/{id}")).await["task"]["state"], "wipe");
}

#[tokio::test]
async fn a_viewer_sees_and_does_not_decide() {
    let (server, id) = desk().await;
    let cookie = server.sign_in("eve").await;
    let page = server.page(&format!("/tasks/{id}"), &cookie, 200).await;
    assert!(!page.contains("Approve"));
    assert_eq!(decide(&server, &cookie, id, "version=1&state=approve").await.status(), 403);
}

#[tokio::test]
async fn a_person_limited_to_a_schema_sees_only_its_tasks() {
    let (server, id) = desk().await;
    let limit = "update app.person set schemas = array['other'] where name = 'ana'";
    server.db.run(limit, &[]).await.unwrap();
    let cookie = server.sign_in("ana").await;
    assert!(!server.page("/", &cookie, 200).await.contains(&id.to_string()));
    server.page(&format!("/tasks/{id}"), &cookie, 404).await;
    assert_eq!(decide(&server, &cookie, id, "version=1&state=approve").await.status(), 404);
    server.page("/tasks/nonsense", &cookie, 404).await;
}

#[tokio::test]
async fn urgent_tasks_come_first_and_every_task_is_on_some_page() {
    let (server, first) = desk().await;
    let cookie = server.sign_in("ana").await;
    let mut expected = vec![first.to_string()];
    for n in 0..44 {
        let urgency = ["low", "normal", "high", "critical"][n % 4];
        let posted = server
            .post(json!({"schema_name": "desk", "task": "refund", "urgency": urgency}), 201)
            .await;
        expected.push(posted["id"].as_str().unwrap().to_owned());
    }
    let (mut seen, mut path) = (Vec::new(), "/?schema=desk&type=refund".to_owned());
    loop {
        let page = server.page(&path, &cookie, 200).await;
        let ids = page.split("id=\"task-").skip(1).map(|rest| rest[..36].to_owned());
        seen.extend(ids);
        let Some((_, rest)) = page.split_once("id=\"show-more\"") else { break };
        let href = rest.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
        path = href.replace("&amp;", "&");
    }
    let urgencies: Vec<String> = {
        let rows =
            server.db.rows("select id::text, urgency from reporting.tasks", &[]).await.unwrap();
        let of: std::collections::HashMap<String, String> =
            rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        seen.iter().map(|id| of[id].clone()).collect()
    };
    let mut sorted = urgencies.clone();
    let rank = |word: &String| {
        ["critical", "high", "normal", "low"].iter().position(|known| known == word)
    };
    sorted.sort_by_key(rank);
    assert_eq!(urgencies, sorted);
    seen.sort();
    expected.sort();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_missing_secret_is_said_on_every_page_and_stops_no_decision() {
    let server = Server::start().await;
    let hook = Hook::start().await;
    server.load(&format!("default_hook_url: {}\n{DESK}", hook.url)).await;
    make_person(&server.db, "ana", "resolver", "correct horse battery").await;
    let cookie = server.sign_in("ana").await;
    let posted = server.post(json!({"schema_name": "desk", "task": "refund"}), 201).await;
    let id: Uuid = posted["id"].as_str().unwrap().parse().unwrap();
    assert!(server.page("/", &cookie, 200).await.contains("task-inbox webhook-secret create desk"));
    assert_eq!(decide(&server, &cookie, id, "version=1&state=approve").await.status(), 303);
    assert!(
        server.page(&format!("/tasks/{id}"), &cookie, 200).await.contains("no signing secret yet")
    );
    server.make_secret("desk").await;
    assert_eq!(hook.received(1).await[0].json()["data"]["via"], "web");
}

#[tokio::test]
async fn every_page_has_a_strict_policy_and_nothing_inline() {
    let (server, id) = desk().await;
    let cookie = server.sign_in("ana").await;
    for path in ["/", "/done", "/login", "/login/nonsense", "/nowhere", &format!("/tasks/{id}")] {
        let response = client()
            .get(format!("{}{path}", server.url))
            .header("cookie", &cookie)
            .send()
            .await
            .unwrap();
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"),
            "{path}: {policy}"
        );
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let page = response.text().await.unwrap();
        for inline in ["<style", " style=", " onclick=", "hx-on", "href=\"javascript"] {
            assert!(!page.contains(inline), "{path}: {inline}");
        }
        assert_eq!(
            page.matches("<script").count(),
            page.matches("<script src=\"/assets/").count(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn money_has_as_many_decimals_as_its_currency() {
    let server = Server::start().await;
    for (minor, currency, shown) in [
        ("4000", "EUR", "40.00 EUR"),
        ("5", "EUR", "0.05 EUR"),
        ("-1250", "usd", "-12.50 USD"),
        ("4000", "JPY", "4000 JPY"),
        ("4000", "KWD", "4.000 KWD"),
        ("12345", "CLF", "1.2345 CLF"),
        (
            "99999999999999999999999999999999999999",
            "EUR",
            "999999999999999999999999999999999999.99 EUR",
        ),
    ] {
        let query = format!("select inbox_internal.money_text({minor}, '{currency}')");
        assert_eq!(server.db.row(&query, &[]).await.unwrap().get::<_, String>(0), shown);
    }
}
