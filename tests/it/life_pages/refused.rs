//! Somebody was faster, or something comes first: it is said in words, and what
//! was typed is still there.

use serde_json::json;

use super::{Desk, has, lacks};

const NOTED: [(&str, &str); 4] =
    [("state", "noted"), ("filled", "yes"), ("args.note", "long words"), ("comment", "and more")];

#[tokio::test]
async fn a_form_sent_after_a_change_says_who_made_it_and_stays_filled_in() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    desk.submit(&format!("{task}/state"), &desk.bob, &[("version", "1"), ("state", "triage")], 303)
        .await;
    let form = [
        ("version", "1"),
        ("state", "approve"),
        ("confirmed", "yes"),
        ("filled", "yes"),
        ("args.amount", "7.77"),
        ("args.days", "3"),
        ("args.note", "long words"),
        ("comment", "and more"),
    ];
    let page = desk.submit(&format!("{task}/state"), &desk.ana, &form, 412).await;
    has(
        &page,
        &[
            "bob changed this task while you looked.",
            "value=\"7.77\"",
            "long words",
            "and more",
            "name=\"version\" value=\"2\"",
        ],
    );
}

#[tokio::test]
async fn a_comment_for_a_task_that_was_settled_meanwhile_can_still_be_said() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    let close = [("version", "1"), ("state", "close"), ("comment", "done")];
    desk.submit(&format!("{task}/state"), &desk.bob, &close, 303).await;
    let form = [("version", "1"), ("state", "close"), ("comment", "my long words")];
    let page = desk.submit(&format!("{task}/state"), &desk.ana, &form, 409).await;
    has(&page, &["Already settled by <bdi>bob</bdi>", "my long words", "Add the comment"]);
}

#[tokio::test]
async fn who_is_at_it_is_told_and_taking_over_goes_on_with_what_was_typed() {
    let desk = Desk::open().await;
    let task = desk.post("check", json!({})).await;
    desk.submit(&format!("{task}/actions/parcel"), &desk.bob, &[("done", "true")], 303).await;
    desk.submit(&format!("{task}/claim"), &desk.bob, &[], 303).await;

    let page = desk.see(&task, &desk.ana).await;
    has(&page, &["<bdi>bob</bdi> is at it until", "Take it over"]);
    lacks(&page, &["value=\"fine\""]);

    let form: Vec<_> = [("version", "1")].into_iter().chain(NOTED).collect();
    let page = desk.submit(&format!("{task}/state"), &desk.ana, &form, 409).await;
    has(
        &page,
        &[
            "bob has claimed the task until",
            "value=\"long words\"",
            "and more",
            "Take it over",
            &format!("formaction=\"{task}/claim\""),
        ],
    );
    let form: Vec<_> = form.into_iter().chain([("take", "true")]).collect();
    let page = desk.submit(&format!("{task}/claim"), &desk.ana, &form, 200).await;
    has(&page, &["value=\"long words\"", "and more"]);
    lacks(&page, &["Take it over"]);
    assert_eq!(desk.task(&task).await["claimed_by"], "ana");
    desk.submit(&format!("{task}/state"), &desk.ana, &form, 303).await;
    assert_eq!(desk.last(&task).await["args"]["note"], "long words");
}

#[tokio::test]
async fn a_plain_move_keeps_its_comment_through_a_take_over() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    desk.submit(&format!("{task}/claim"), &desk.bob, &[], 303).await;
    let form = [("version", "1"), ("state", "close"), ("comment", "my long words")];
    let page = desk.submit(&format!("{task}/state"), &desk.ana, &form, 409).await;
    has(&page, &["bob</bdi> is at it", "my long words"]);
    let form = [("take", "true"), ("comment", "my long words")];
    let page = desk.submit(&format!("{task}/claim"), &desk.ana, &form, 200).await;
    has(&page, &["my long words", "value=\"close\"", "You are at it"]);
}

#[tokio::test]
async fn what_is_to_be_seen_to_comes_first_and_a_tick_loses_no_comment() {
    let desk = Desk::open().await;
    let task = desk.post("check", json!({})).await;
    let form = [("version", "1"), ("state", "fine"), ("comment", "my long words")];
    let page = desk.submit(&format!("{task}/state"), &desk.ana, &form, 409).await;
    has(&page, &["Still to be ticked: I saw the parcel.", "my long words"]);
    let form: Vec<_> = [("version", "1")].into_iter().chain(NOTED).collect();
    let page = desk.submit(&format!("{task}/state"), &desk.ana, &form, 409).await;
    has(&page, &["Still to be ticked: I saw the parcel.", "value=\"long words\"", "and more"]);

    has(&page, &[&format!("formaction=\"{task}/actions/parcel\"")]);
    let form: Vec<_> = form.into_iter().chain([("done", "true")]).collect();
    let page = desk.submit(&format!("{task}/actions/parcel"), &desk.ana, &form, 200).await;
    has(&page, &["value=\"long words\"", "and more"]);
    lacks(&page, &["/actions/parcel"]);
    desk.submit(&format!("{task}/actions/parcel"), &desk.ana, &[("done", "false")], 303).await;

    // The whole form is sent with the tick.
    let form = [("version", "1"), ("done", "true"), ("comment", "my long words")];
    let page = desk.submit(&format!("{task}/actions/parcel"), &desk.ana, &form, 200).await;
    has(&page, &["my long words", "(done)", "value=\"fine\""]);
    let form = [("version", "1"), ("state", "fine"), ("comment", "my long words")];
    desk.submit(&format!("{task}/state"), &desk.ana, &form, 303).await;
}

#[tokio::test]
async fn a_move_that_is_no_longer_possible_is_told_in_words() {
    let desk = Desk::open().await;
    let only = "name: only\nsemver: '1'\ntasktypes:\n- name: t\n  pending_states: [a]\n  \
                resolved_states: [{name: done, only_from: [a]}, other]\n";
    desk.server.load(only).await;
    let posted = desk.server.post(json!({"schema_name": "only", "task": "t"}), 201).await;
    let task = format!("/tasks/{}", posted["id"].as_str().unwrap());
    let form = [("version", "1"), ("state", "done"), ("comment", "my long words")];
    let page = desk.submit(&format!("{task}/state"), &desk.ana, &form, 409).await;
    has(&page, &["From where the task is now it cannot go there.", "my long words"]);
}
