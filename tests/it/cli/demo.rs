//! The made-up shop of `task-inbox demo`.

use serde_json::{Value, json};

use super::shell::Shell;

#[tokio::test]
async fn the_demo_fills_the_inbox_and_adds_nothing_the_second_time() {
    let shell = Shell::new().await;
    let first = shell.json(&["demo"]).await;
    assert!(first["added"] == first["tasks"] && first["tasks"].as_i64() >= Some(25), "{first}");
    // Lateness comes by itself.
    let seen = async || {
        let tasks = shell.json(&["task", "list", "--all"]).await;
        let tasks = tasks.as_array().unwrap().iter();
        tasks.map(|task| format!("{} {}", task["id"], task["sequence"])).collect::<Vec<_>>()
    };
    let tasks = seen().await;
    assert_eq!(shell.json(&["demo"]).await["added"], 0);
    assert_eq!(seen().await, tasks);
    assert_ne!(shell.json(&["task", "list", "--resolved"]).await, json!([]));
}

#[tokio::test]
async fn the_demo_has_something_of_everything() {
    let shell = Shell::new().await;
    shell.run(&["user", "create", "ana"]).await.ok();
    shell.run(&["demo"]).await.ok();
    shell
        .sql(
            "update app.task set respond_by = now() where respond_by < now() + interval '1 minute'",
        )
        .await;
    let tasks = shell.json(&["task", "list", "--all"]).await;
    let count =
        |is: fn(&Value) -> bool| tasks.as_array().unwrap().iter().filter(|task| is(task)).count();
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(2);
    let due = tasks.as_array().unwrap().iter().filter(|task| {
        let at = task["respond_by"].as_str().map(|at| at.parse::<jiff::Timestamp>().unwrap());
        at.is_some_and(|at| at < soon) && task["late"] == false
    });
    assert!(due.count() >= 2, "nothing is due soon");
    for (what, found) in [
        ("late", count(|task| task["late"] == true)),
        ("claimed", count(|task| task["claimed_by"] == "Bob")),
        ("given to somebody", count(|task| task["assignee"] == "ana")),
        ("snoozed", count(|task| task["snoozed_until"].is_string())),
        ("merged", count(|task| task["merged_count"] == 2)),
        (
            "with a checklist half done",
            count(|task| {
                let done = |is: bool| {
                    task["checklist"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|item| item["done_at"].is_string() == is)
                };
                done(true) && done(false)
            }),
        ),
    ] {
        assert!(found > 0, "no task is {what}");
    }
    let refund =
        shell.json(&["task", "list", "--external-id", "demo-refund-117"]).await[0]["id"].clone();
    let found = shell.json(&["task", "show", refund.as_str().unwrap()]).await;
    assert!(found["allowed_states"][1]["form"]["properties"]["amount"].is_object(), "{found}");
    let history = shell.json(&["task", "history", refund.as_str().unwrap()]).await;
    assert!(history.to_string().contains("The photos are with the order now."), "{history}");
}
