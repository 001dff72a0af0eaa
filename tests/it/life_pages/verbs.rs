//! Every verb by its form: who may, when not, and what is on the page for whom.

use serde_json::{Value, json};

use super::{Desk, has, lacks};

#[tokio::test]
async fn a_comment_is_for_colleagues_unless_the_app_is_to_hear_it() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    let path = format!("{task}/comments");
    desk.submit(&path, &desk.ana, &[("body", "look at\r\nthis")], 303).await;
    // Applications are not shown what is between people.
    assert_eq!(desk.last(&task).await["kind"], "posted");
    has(&desk.see(&task, &desk.bob).await, &["look at\nthis", "commented, for colleagues only"]);
    desk.submit(&path, &desk.ana, &[("body", "hello app"), ("tell", "yes")], 303).await;
    let step = desk.last(&task).await;
    assert_eq!((&step["comment"], &step["via"]), (&json!("hello app"), &json!("web")));

    let page = desk.submit(&path, &desk.ana, &[("body", " ")], 422).await;
    has(&page, &["A comment has 1 to 10,000 characters."]);
    let long = "ä".repeat(10_001);
    let page = desk.submit(&path, &desk.ana, &[("body", &long)], 422).await;
    has(&page, &["has at most 10,000 characters", &long]);
}

#[tokio::test]
async fn a_claim_is_made_freed_and_taken_over() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    let holder = async || desk.task(&task).await["claimed_by"].take();
    has(&desk.see(&task, &desk.ana).await, &["I am at it"]);
    desk.submit(&format!("{task}/claim"), &desk.ana, &[], 303).await;
    assert_eq!(holder().await, "ana");
    has(
        &desk.see(&task, &desk.ana).await,
        &["You are at it until", "I am no longer at it", "Approve"],
    );

    let page = desk.submit(&format!("{task}/claim"), &desk.bob, &[], 409).await;
    has(&page, &["ana has claimed the task until"]);
    let page = desk.submit(&format!("{task}/release"), &desk.bob, &[], 409).await;
    has(&page, &["ana has claimed the task until"]);
    has(&desk.see(&task, &desk.root).await, &["Free it for everybody"]);
    lacks(&desk.see(&task, &desk.bob).await, &["Free it for everybody"]);
    desk.submit(&format!("{task}/claim"), &desk.bob, &[("take", "true")], 303).await;
    assert_eq!(holder().await, "bob");
    desk.submit(&format!("{task}/release"), &desk.bob, &[], 303).await;
    assert_eq!(holder().await, Value::Null);
    has(&desk.see(&task, &desk.eve).await, &["is no longer at it"]);
}

#[tokio::test]
async fn a_task_is_given_to_somebody_and_to_nobody() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    let path = format!("{task}/assign");
    let page = desk.see(&task, &desk.ana).await;
    has(&page, &["<option value=\"bob\">bob</option>", "<option value=\"root\">root</option>"]);
    lacks(&page, &["<option value=\"eve\">"]);
    desk.submit(&path, &desk.ana, &[("to", "bob")], 303).await;
    has(&desk.see(&task, &desk.bob).await, &["Assigned to you.", "gave it to <bdi>bob</bdi>"]);
    has(&desk.see(&task, &desk.ana).await, &["Assigned to <bdi>bob</bdi>."]);
    let page = desk.submit(&path, &desk.ana, &[("to", "eve")], 422).await;
    has(&page, &["There is nobody &quot;eve&quot; who may decide this task."]);
    desk.submit(&path, &desk.ana, &[("to", "")], 303).await;
    assert_eq!(desk.task(&task).await["assignee"], Value::Null);
}

#[tokio::test]
async fn a_task_is_snoozed_and_woken() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    let path = format!("{task}/snooze");
    for choice in ["hour", "hours", "tomorrow", "week"] {
        desk.submit(&path, &desk.ana, &[("for", choice)], 303).await;
        let until = desk.task(&task).await["snoozed_until"].take();
        assert!(choice != "tomorrow" || until.as_str().unwrap().contains("T09:00:00"), "{until}");
    }
    lacks(&desk.see("/", &desk.ana).await, &[&task]);
    has(&desk.see("/?snoozed=yes", &desk.ana).await, &[&task, "snoozed until"]);
    has(&desk.see(&task, &desk.ana).await, &["Snoozed until", "Wake it now"]);
    desk.submit(&path, &desk.ana, &[("for", "nothing")], 303).await;
    has(&desk.see("/", &desk.ana).await, &[&task]);
    has(&desk.see(&task, &desk.eve).await, &["ana</bdi> woke it", "ana</bdi> snoozed it until"]);

    for until in ["2020-01-01T00:00", "2099-01-01T00:00", "soon", ""] {
        let page = desk.submit(&path, &desk.ana, &[("until", until)], 422).await;
        has(&page, &["A task is snoozed until a time within the next 30 days.", until]);
    }
}

#[tokio::test]
async fn an_item_is_ticked_and_unticked() {
    let desk = Desk::open().await;
    let task = desk.post("check", json!({})).await;
    has(&desk.see(&task, &desk.ana).await, &["I saw the parcel", "(not done)", " needed"]);
    let path = format!("{task}/actions/parcel");
    desk.submit(&path, &desk.ana, &[("done", "true")], 303).await;
    has(&desk.see(&task, &desk.bob).await, &["(done)", "Not done", "ticked <bdi>I saw the parcel"]);
    desk.submit(&path, &desk.bob, &[("done", "false")], 303).await;
    lacks(&desk.see(&task, &desk.ana).await, &["(done)"]);
    desk.submit(&format!("{task}/actions/nothing"), &desk.ana, &[("done", "true")], 404).await;
}

#[tokio::test]
async fn an_admin_withdraws_and_nobody_else() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    let path = format!("{task}/withdraw");
    lacks(&desk.see(&task, &desk.ana).await, &["Withdraw"]);
    desk.submit(&path, &desk.ana, &[("version", "1")], 403).await;
    let page =
        desk.submit(&path, &desk.root, &[("version", "7"), ("reason", "my words")], 412).await;
    has(&page, &["changed this task while you looked", "my words"]);
    desk.submit(&path, &desk.root, &[("version", "1"), ("reason", "paid twice")], 303).await;
    let page = desk.see(&task, &desk.eve).await;
    has(&page, &["Withdrawn by <bdi>root</bdi>", "withdrew it", "paid twice"]);
    has(&desk.see("/done", &desk.ana).await, &["<strong>Withdrawn</strong>"]);
    assert_eq!(desk.task(&task).await["resolution"], "withdrawn");
}

#[tokio::test]
async fn a_settled_task_is_reopened_where_its_type_allows_it() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    let path = format!("{task}/reopen");
    lacks(&desk.see(&task, &desk.ana).await, &["Reopen"]);
    let page =
        desk.submit(&path, &desk.ana, &[("version", "1"), ("comment", "my words")], 409).await;
    has(&page, &["The task is open."]);
    let close = [("version", "1"), ("state", "close"), ("comment", "done")];
    desk.submit(&format!("{task}/state"), &desk.bob, &close, 303).await;
    has(&desk.see(&task, &desk.ana).await, &["Reopen…"]);
    desk.submit(&path, &desk.ana, &[("version", "2"), ("comment", "new facts")], 303).await;
    has(&desk.see(&task, &desk.eve).await, &["reopened it", "new facts"]);
    assert_eq!(desk.task(&task).await["resolved"], false);

    let stays = desk.post("report", json!({"meta": {"post": "1"}})).await;
    let block = [("version", "1"), ("state", "block")];
    desk.submit(&format!("{stays}/state"), &desk.ana, &block, 303).await;
    lacks(&desk.see(&stays, &desk.root).await, &["Reopen"]);
    let page = desk.submit(&format!("{stays}/reopen"), &desk.root, &[("version", "2")], 409).await;
    has(&page, &["Tasks of this type stay settled."]);
}

const EVERY: [(&str, &[(&str, &str)]); 9] = [
    ("comments", &[("body", "words")]),
    ("claim", &[]),
    ("release", &[]),
    ("assign", &[("to", "bob")]),
    ("snooze", &[("for", "hour")]),
    ("actions/parcel", &[("done", "true")]),
    ("withdraw", &[("version", "1")]),
    ("reopen", &[("version", "1")]),
    ("state", &[("version", "1"), ("state", "fine")]),
];

#[tokio::test]
async fn s20_a_viewer_does_none_of_it_and_sees_no_form_for_it() {
    let desk = Desk::open().await;
    let task = desk.post("check", json!({})).await;
    let page = desk.see(&task, &desk.eve).await;
    assert_eq!(page.matches("<form").count(), 1, "signing out: {page}");
    for (verb, form) in EVERY {
        desk.submit(&format!("{task}/{verb}"), &desk.eve, form, 403).await;
    }
    assert_eq!(desk.task(&task).await["sequence"], 1);
}

#[tokio::test]
async fn a_settled_task_takes_only_comments_and_says_so() {
    let desk = Desk::open().await;
    let task = desk.post("check", json!({})).await;
    desk.submit(&format!("{task}/actions/parcel"), &desk.ana, &[("done", "true")], 303).await;
    desk.submit(&format!("{task}/state"), &desk.ana, &[("version", "1"), ("state", "fine")], 303)
        .await;
    let page = desk.see(&task, &desk.root).await;
    has(&page, &["Add the comment"]);
    lacks(&page, &["/claim\"", "/snooze\"", "/assign\"", "/withdraw\"", "/actions/", "/reopen\""]);
    for (verb, form) in EVERY {
        let status = if verb == "comments" { 303 } else { 409 };
        let page = desk.submit(&format!("{task}/{verb}"), &desk.root, form, status).await;
        assert!(status == 303 || page.contains("ettled"), "{verb}: {page}");
    }
}
