//! What the page of a task tells of its life.

use serde_json::json;

use super::{Desk, has, lacks};

#[tokio::test]
async fn merged_reports_are_one_task_with_what_differs() {
    let desk = Desk::open().await;
    let lead = desk.post("report", json!({"meta": {"post": "77", "by": "cleo"}})).await;
    let member = desk
        .post("report", json!({"meta": {"post": "77", "by": "<i>dan</i>"}, "external_id": "r-2"}))
        .await;
    let page = desk.see(&lead, &desk.ana).await;
    has(&page, &["2 reports", "&lt;i&gt;dan", "r-2", "posted the same once more"]);
    assert_eq!(page.matches(">77<").count(), 1, "what is the same is not said twice: {page}");

    desk.server.page(&member, &desk.ana, 303).await;
    let block = [("version", "1"), ("state", "block")];
    desk.submit(&format!("{lead}/state"), &desk.ana, &block, 303).await;
    assert_eq!(desk.task(&member).await["state"], "block");
    has(&desk.see("/done", &desk.ana).await, &["2 reports"]);
}

#[tokio::test]
async fn the_address_of_a_withdrawn_lead_leads_to_who_took_its_place() {
    let desk = Desk::open().await;
    let meta = json!({"meta": {"post": "77"}});
    let (lead, member) = (desk.post("report", meta.clone()).await, desk.post("report", meta).await);
    desk.submit(&format!("{lead}/withdraw"), &desk.root, &[("version", "1")], 303).await;
    let moved = crate::server::client()
        .get(format!("{}{lead}", desk.server.url))
        .header("cookie", &desk.ana)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (moved.status().as_u16(), &moved.headers()["location"]),
        (303, &member.parse().unwrap())
    );
    has(&desk.see(&member, &desk.ana).await, &["It took the place of one that"]);
}

#[tokio::test]
async fn a_deadline_is_told_before_and_after_it_passed() {
    let desk = Desk::open().await;
    let lapse = "name: lapse\nsemver: '1'\ntasktypes:\n- {name: t, respond_within: 90m, on_expire: lapsed, resolved_states: [done, {name: lapsed, label: Lapsed}]}\n";
    desk.server.load(lapse).await;
    let posted = desk.server.post(json!({"schema_name": "lapse", "task": "t"}), 201).await;
    let task = format!("/tasks/{}", posted["id"].as_str().unwrap());
    has(&desk.see(&task, &desk.ana).await, &["Answer by", "in 1 h"]);

    let late = "update app.task set respond_by = now() - interval '1 minute'";
    desk.server.db.run(late, &[]).await.unwrap();
    has(&desk.see(&task, &desk.ana).await, &["Late", "An answer was wanted by"]);
    desk.server.db.run("select inbox_internal.expire_tasks()", &[]).await.unwrap();
    let page = desk.see(&task, &desk.ana).await;
    has(&page, &["Nobody answered in time: <strong>Lapsed", "so it went to <strong>Lapsed"]);
    has(&desk.see("/done", &desk.ana).await, &["nobody answered in time"]);
    let late = [("version", "1"), ("state", "done")];
    let page = desk.submit(&format!("{task}/state"), &desk.ana, &late, 409).await;
    has(&page, &["The time to answer is over"]);
}

#[tokio::test]
async fn attachments_are_links_and_nothing_is_fetched_or_run() {
    let desk = Desk::open().await;
    let evil = "\"><script>alert(1)</script>";
    let files = json!([{"url": "https://img.example/a.jpg", "name": evil}, {"url": "https://img.example/b.pdf"}]);
    let task = desk.post("refund", json!({"attachments": files})).await;
    let page = desk.see(&task, &desk.ana).await;
    has(
        &page,
        &[
            "href=\"https://img.example/a.jpg\" target=\"_blank\" rel=\"noreferrer noopener\"",
            "b.pdf",
        ],
    );
    lacks(&page, &["<script>alert", "<img"]);
}

/// Every text of a schema that a page shows, as markup.
fn evil_schema() -> String {
    let label = "{name: x, label: '<script>alert(3)</script>', kind: text, help: '<script>alert(4)</script>', from: /x}";
    format!(
        "name: evil\nsemver: '1'\ntasktypes:\n- name: t\n  title: '{{x}}'\n  reopen: anyone\n  pending_states: [p]\n  resolved_states:\n  - {{name: a, args: [{label}, {{name: s, kind: select, options: [{{value: '\"><script>alert(5)</script>', label: '<script>alert(6)</script>'}}]}}], \
         reasons: [{{name: r, label: '<script>alert(7)</script>', text: '<script>alert(8)</script>'}}]}}\n  - b\n  \
         actions: [{{name: i, label: '<script>alert(9)</script>', present: checklist, manual: true}}]\n"
    )
}

#[tokio::test]
async fn s35_what_people_and_schemas_say_is_only_text() {
    let desk = Desk::open().await;
    let evil = "</textarea></title><script>alert(1)</script>\" onfocus=\"alert(2)";
    desk.server.load(&evil_schema()).await;
    let posted = desk
        .server
        .post(json!({"schema_name": "evil", "task": "t", "meta": {"x": evil}}), 201)
        .await;
    let task = format!("/tasks/{}", posted["id"].as_str().unwrap());
    let a = |version: &'static str| {
        [
            ("version", version),
            ("state", "a"),
            ("filled", "yes"),
            ("comment", evil),
            ("args.x", evil),
            ("args.s", evil),
            ("word", evil),
        ]
    };
    let mut pages = vec![
        desk.submit(
            &format!("{task}/confirm"),
            &desk.ana,
            &[("version", "1"), ("state", "a")],
            200,
        )
        .await,
        desk.submit(&format!("{task}/state"), &desk.ana, &a("1"), 422).await,
        desk.submit(&format!("{task}/assign"), &desk.ana, &[("to", evil)], 422).await,
        desk.submit(&format!("{task}/snooze"), &desk.ana, &[("until", evil)], 422).await,
        desk.submit(
            &format!("{task}/withdraw"),
            &desk.root,
            &[("version", "9"), ("reason", evil)],
            412,
        )
        .await,
    ];
    for (verb, form) in [("comments", [("body", evil)]), ("actions/i", [("done", "true")])] {
        desk.submit(&format!("{task}/{verb}"), &desk.ana, &form, 303).await;
    }
    let good = [
        ("version", "1"),
        ("state", "a"),
        ("filled", "yes"),
        ("comment", evil),
        ("args.x", evil),
        ("args.reason", "\"r\""),
    ];
    desk.submit(&format!("{task}/state"), &desk.ana, &good, 303).await;
    pages.push(desk.submit(&format!("{task}/state"), &desk.bob, &a("1"), 409).await);
    pages.push(
        desk.submit(
            &format!("{task}/reopen"),
            &desk.ana,
            &[("version", "1"), ("comment", evil)],
            412,
        )
        .await,
    );
    pages.push(desk.see(&task, &desk.ana).await);
    pages.push(desk.see("/done", &desk.ana).await);
    for page in pages {
        lacks(&page, &["<script>alert", "\" onfocus=\"", "</textarea></title>"]);
        has(&page, &["script&gt;"]);
    }
}

#[tokio::test]
async fn what_was_changed_is_named_in_the_history() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    let change = json!({"meta": {"order": "105", "amount": null}, "tags": ["vip"], "respond_by": "2099-01-01T00:00:00Z"});
    desk.server.call(http::Method::PATCH, &task, Some(change), 200).await;
    let page = desk.see(&task, &desk.ana).await;
    has(&page, &["changed <bdi>", "order", "amount", "tags", "the deadline"]);
}
