//! How urgent a task is: its rules raise it, and no rule stops anything.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Desk;

#[tokio::test]
async fn a_rule_that_does_not_fit_the_facts_does_not_match() {
    let desk = Desk::open().await;
    for (at, urgency) in [
        (json!("2020-01-01"), "normal"),
        (json!("x"), "high"),
        (json!("2020-01-01T00:00:00+00:00"), "normal"),
        (json!(5), "high"),
        (json!({"a": [1]}), "high"),
        (json!(null), "high"),
    ] {
        let id = desk.post("refund", json!({"meta": {"at": at, "plan": "pro"}})).await;
        assert_eq!(desk.task(id).await["urgency"], urgency, "{at}");
    }
    // Nor does it stop the sweep, nor with it the beat of the server.
    desk.arrange("delete from app.setting where name = 'urgency_swept_at'").await;
    desk.arrange("select inbox_internal.look_at_clock()").await;
}

#[tokio::test]
async fn rules_only_raise_and_a_new_urgency_is_raised_again() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({"urgency": "critical", "meta": {"plan": "pro"}})).await;
    assert_eq!(desk.task(id).await["urgency"], "critical");
    let changed = desk.change(id, json!({"urgency": "low"}), 200).await;
    assert_eq!(changed["task"]["urgency"], "high");
    let changed = desk.change(id, json!({"urgency": "low", "meta": {"plan": null}}), 200).await;
    assert_eq!(changed["task"]["urgency"], "low");
    let changed = desk.change(id, json!({"urgency": null}), 200).await;
    assert_eq!(changed["task"]["urgency"], "normal");
}

#[tokio::test]
async fn what_becomes_urgent_with_time_is_raised_and_nobody_is_told() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({"respond_within": "1h"})).await;
    assert_eq!(desk.task(id).await["urgency"], "normal");
    desk.arrange("update app.task set respond_by = now() + interval '5 minutes'").await;
    desk.arrange("delete from app.setting where name = 'urgency_swept_at'").await;
    desk.arrange("select inbox_internal.sweep_urgency()").await;
    let task = desk.task(id).await;
    assert_eq!((&task["urgency"], &task["version"]), (&json!("critical"), &json!(1)));
    assert_eq!(desk.steps(id).await, ["posted", "raised"]);
    assert_eq!(desk.number("select count(*) from reporting.deliveries").await, 1);
    // Once a minute.
    desk.arrange("update app.task set urgency = 'low'").await;
    desk.arrange("select inbox_internal.sweep_urgency()").await;
    assert_eq!(desk.task(id).await["urgency"], "low");
}

#[tokio::test]
async fn s51_no_rule_runs_long_over_what_was_posted() {
    let desk = Desk::open().await;
    let rules = [
        r#"$.meta.text like_regex "^(a+)+$""#,
        r#"$.meta.text like_regex "(a*)(a*)*\\1\\2b""#,
        r#"$.meta.text like_regex "a*a*a*a*b""#,
        r#"$.** == 5"#,
    ];
    let text = format!("{}c", "a".repeat(200_000));
    for when in rules {
        let rule = json!([{"when": when, "set": "high"}]);
        let began = Instant::now();
        let sql = "update app.task_type set urgency_rules = $1 where name = 'note'";
        desk.server.db.run(sql, &[&tokio_postgres::types::Json(&rule)]).await.unwrap();
        desk.post("note", json!({"meta": {"text": text}})).await;
        assert!(began.elapsed() < Duration::from_secs(2), "{when}: {:?}", began.elapsed());
    }
}
