//! Searching and narrowing the lists.

use serde_json::json;

use super::{Desk, has, lacks};

/// The tasks on a page and those behind its "Show more".
async fn all(desk: &Desk, path: &str) -> Vec<String> {
    let (mut seen, mut path) = (Vec::new(), path.to_owned());
    loop {
        let page = desk.see(&path, &desk.ana).await;
        seen.extend(page.split("id=\"task-").skip(1).map(|rest| format!("/tasks/{}", &rest[..36])));
        let Some((_, rest)) = page.split_once("id=\"show-more\"") else { break };
        let href = rest.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
        path = href.replace("&amp;", "&");
    }
    seen.sort();
    seen
}

#[tokio::test]
async fn a_list_is_narrowed_and_every_page_of_it_stays_narrowed() {
    let desk = Desk::open().await;
    let (mut watches, mut mine) = (Vec::new(), Vec::new());
    for n in 0..46 {
        let item = if n % 2 == 0 { "watch" } else { "phone" };
        let urgency = ["low", "high"][n / 2 % 2];
        let task = desk.post("refund", json!({"meta": {"order": item}, "urgency": urgency})).await;
        if n % 3 == 0 {
            desk.submit(&format!("{task}/assign"), &desk.root, &[("to", "ana")], 303).await;
            mine.push(task.clone());
        }
        if n % 2 == 0 {
            watches.push(task);
        }
    }
    watches.sort();
    mine.sort();
    assert_eq!(all(&desk, "/?q=watch").await, watches);
    assert_eq!(all(&desk, "/?q=WATC&schema=desk&type=refund&assignee=&state=").await, watches);
    assert_eq!(all(&desk, "/?assignee=me").await, mine);
    assert_eq!(all(&desk, "/?assignee=ana").await, mine);
    let both: Vec<_> = watches.iter().filter(|task| mine.contains(task)).cloned().collect();
    assert_eq!(all(&desk, "/?assignee=me&q=watch").await, both);
    assert_eq!(all(&desk, "/?assignee=nobody").await.len(), 46 - mine.len());
    assert_eq!(all(&desk, "/?assignee=nobody&q=%26%7C%21%27%5C").await.len(), 0);

    let page = desk.see("/?q=watch&schema=desk&type=refund&assignee=me", &desk.ana).await;
    has(
        &page,
        &[
            "value=\"watch\"",
            "<input type=\"hidden\" name=\"type\" value=\"refund\">",
            "<option value=\"me\" selected>",
            "<option value=\"triage\">In triage</option>",
            "href=\"/?schema=desk&amp;type=refund\"",
        ],
    );
}

#[tokio::test]
async fn a_list_is_narrowed_to_a_state_and_to_what_is_late() {
    let desk = Desk::open().await;
    let (one, other) = (desk.refund().await, desk.refund().await);
    desk.submit(&format!("{one}/state"), &desk.ana, &[("version", "1"), ("state", "triage")], 303)
        .await;
    assert_eq!(
        all(&desk, "/?schema=desk&type=refund&state=triage").await,
        std::slice::from_ref(&one)
    );
    // A state is one of a type.
    assert_eq!(all(&desk, "/?state=triage").await.len(), 2);

    let id: uuid::Uuid = other.rsplit('/').next().unwrap().parse().unwrap();
    let late =
        "update app.task set respond_by = now() - interval '1 hour', late_at = now() where id = $1";
    desk.server.db.run(late, &[&id]).await.unwrap();
    assert_eq!(all(&desk, "/?late=yes").await, std::slice::from_ref(&other));
    has(&desk.see("/", &desk.ana).await, &["<strong class=\"sign late\">Late</strong>"]);

    let close = [("version", "1"), ("state", "close"), ("comment", "done")];
    desk.submit(&format!("{other}/state"), &desk.ana, &close, 303).await;
    assert_eq!(all(&desk, "/done?late=yes").await, std::slice::from_ref(&other));
    assert_eq!(all(&desk, "/done?q=104&schema=desk&type=refund&state=close").await, [other]);
    assert_eq!(all(&desk, "/done?q=104&schema=desk&type=check").await.len(), 0);
}

#[tokio::test]
async fn an_empty_list_says_why_it_is_empty() {
    let desk = Desk::open().await;
    has(&desk.see("/", &desk.ana).await, &["Nothing waits for you"]);
    lacks(&desk.see("/", &desk.ana).await, &["type=\"search\""]);
    let page = desk.see("/?q=nothing", &desk.ana).await;
    has(&page, &["Nothing like that waits", "Show everything", "value=\"nothing\""]);
    has(&desk.see("/done?q=nothing", &desk.ana).await, &["Nothing like that was settled"]);
    has(&desk.see("/done", &desk.ana).await, &["Nothing settled yet"]);
    has(&desk.see("/?schema=desk&type=refund", &desk.ana).await, &["No open task of this type."]);
}

#[tokio::test]
async fn what_is_searched_for_is_only_text() {
    let desk = Desk::open().await;
    let evil = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for path in ["/", "/done"] {
        let page = desk
            .see(&format!("{path}?q={evil}&assignee={evil}&schema={evil}&type={evil}"), &desk.ana)
            .await;
        lacks(&page, &["<script>alert"]);
        has(&page, &["&quot;&gt;&lt;script&gt;"]);
    }
}

#[tokio::test]
async fn a_row_says_how_its_task_stands() {
    let desk = Desk::open().await;
    let meta = json!({"post": "77"});
    for _ in 0..3 {
        desk.post("report", json!({"meta": meta, "respond_within": "150m"})).await;
    }
    let task = all(&desk, "/").await.pop().unwrap();
    desk.submit(&format!("{task}/claim"), &desk.bob, &[], 303).await;
    desk.submit(&format!("{task}/assign"), &desk.bob, &[("to", "bob")], 303).await;
    let page = desk.see("/", &desk.ana).await;
    has(&page, &["3 reports", "due in 2 h", "<bdi>bob</bdi> is at it", "for <bdi>bob</bdi>"]);
}
