//! Changing what is known of a task while somebody looks at it.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Desk, new_task, refused};

#[tokio::test]
async fn facts_are_patched_as_rfc_7396_says_in_its_appendix() {
    let desk = Desk::open().await;
    for (target, patch, expected) in [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
        (json!({"a": "b"}), json!({"a": null}), json!({})),
        (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
        (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
        (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
        (json!({"e": null}), json!({"a": 1}), json!({"a": 1, "e": null})),
        (json!({"a": "foo"}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
    ] {
        let id = desk.post("note", json!({"meta": target})).await;
        let changed = desk.change(id, json!({"meta": patch}), 200).await;
        assert_eq!(changed["task"]["meta"], expected, "{target} and {patch}");
    }
    // Those whose outcome is no object: facts are one.
    let id = desk.post("note", json!({"meta": {"a": "foo"}})).await;
    for patch in [json!(["c"]), json!(null), json!("bar"), json!(1)] {
        let refused = desk.change(id, json!({"meta": patch}), 422).await;
        assert_eq!(refused["code"], "meta_object", "{patch}");
    }
}

#[tokio::test]
async fn as_many_members_as_a_body_holds_are_changed_at_once() {
    let desk = Desk::open().await;
    let members = |from: &str| -> Map<String, Value> {
        (0..16_000).map(|place| (format!("{from}{place}"), json!(1))).collect()
    };
    let id = desk.post("note", json!({"meta": members("a")})).await;
    let began = Instant::now();
    desk.change(id, json!({"meta": members("b")}), 200).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn who_decides_is_told_to_have_seen_what_was_there() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({"meta": {"amount": 100}})).await;
    let before = desk.task(id).await;
    let same = desk.change(id, json!({"meta": {"amount": 100}}), 200).await;
    assert_eq!((&same["task"]["version"], &same["task"]["digest"]), (&json!(1), &before["digest"]));
    let changed = desk.change(id, json!({"meta": {"amount": 200}}), 200).await["task"].clone();
    assert_eq!((&changed["version"], &changed["title"]), (&json!(2), &json!("Refund 2.00 EUR")));
    assert_ne!(changed["digest"], before["digest"]);

    // On the old facts nobody decides any more.
    let stale = json!({"state": "deny", "expected_version": 1});
    let outcome = desk.person("ana", "set_task_state", id, stale).await;
    assert_eq!(refused(outcome), "412 version_stale");
    let seen = json!({"state": "deny", "expected_version": 2});
    desk.person("ana", "set_task_state", id, seen).await.unwrap();
    desk.tell().await;
    let told = desk.hook.received(3).await[2].json();
    assert_eq!(told["data"]["seen"], json!({"version": 2, "digest": changed["digest"]}));
}

#[tokio::test]
async fn a_settled_task_is_said_to_be_settled_before_anything_else_is_said() {
    let desk = Desk::open().await;
    let id = desk.post("note", json!({})).await;
    desk.server.set_state(id, "done", 200).await;
    let key = &desk.server.key;
    for (path, body) in [
        ("/state", json!({"state": "nowhere"})),
        ("", json!({"meta": {"a": 1}})),
        ("", json!({"nothing": 1})),
    ] {
        let path = format!("/tasks/{id}{path}");
        let headers = [("if-match", "\"1\"")];
        let status = if body.get("nothing").is_some() { 422 } else { 409 };
        let body = Some(body.to_string());
        let answer = desk.server.call_with(key, Method::PATCH, &path, &headers, body, status).await;
        if status == 409 {
            assert_eq!(answer["code"], "task_open");
            assert_eq!((&answer["via"], &answer["actor"]["name"]), (&json!("api"), &json!("test")));
        }
    }
}

#[tokio::test]
async fn a_task_that_begins_later_has_its_whole_time_from_then() {
    let desk = Desk::open().await;
    let in_hours =
        |hours| (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours)).to_string();
    let minutes_left = async |id: Uuid| {
        desk.number(&format!(
            "select round(extract(epoch from respond_by - greatest(start_at, now())) / 60)::bigint
             from reporting.tasks where id = '{id}'"
        ))
        .await
    };
    let id = desk.post("note", json!({"start_at": in_hours(2)})).await;
    assert_eq!(minutes_left(id).await, 60);
    for start in [json!(in_hours(48)), json!(in_hours(1)), json!(null)] {
        desk.change(id, json!({"start_at": start}), 200).await;
        assert_eq!(minutes_left(id).await, 60, "{start}");
    }
    // A time that was named is meant.
    let by = in_hours(3);
    let named = desk.post("note", json!({"respond_by": by})).await;
    desk.change(named, json!({"start_at": in_hours(1)}), 200).await;
    assert_eq!(minutes_left(named).await, 120);
}

#[tokio::test]
async fn what_was_posted_before_with_its_upload_is_found_again() {
    let desk = Desk::open().await;
    let url = format!("{}/api/v1/attachments?schema=shop:desk&name=a.txt", desk.server.url);
    let upload = desk.server.http.post(url).bearer_auth(&desk.server.key).body("x");
    let file: Value = upload.send().await.unwrap().json().await.unwrap();
    let file = &file["id"];
    let new = super::new_task(
        "patient",
        json!({"external_id": "e-1", "attachments": [{"id": file}], "merge_key": "k"}),
    );
    let first = desk.server.post(new.clone(), 201).await;
    let again = desk.server.post(new, 200).await;
    assert_eq!(first["id"], again["id"]);
    // And took nobody's turn.
    let names = [first["task"]["assignee"].clone(), desk.next_assignee().await];
    assert_eq!(names, ["ana", "bob"]);
}

impl Desk {
    async fn next_assignee(&self) -> Value {
        let id = self.post("patient", json!({})).await;
        self.task(id).await["assignee"].clone()
    }
}

#[tokio::test]
async fn an_instant_may_be_written_with_any_offset_there_is() {
    let desk = Desk::open().await;
    let times = ["2999-01-02T11:59:00+23:59", "2998-12-31T12:01:00-23:59", "2999-01-01t12:00:00z"];
    for start in times {
        let new = new_task("note", json!({"start_at": start}));
        let posted = desk.server.post(new.clone(), 201).await;
        let id = posted["id"].as_str().unwrap().parse().unwrap();
        desk.change(id, json!({"start_at": null}), 200).await;
        let changed = desk.change(id, json!({"start_at": start}), 200).await;
        let batch = json!({"tasks": [new]});
        let batch = desk.server.call(Method::POST, "/tasks/batch", Some(batch), 200).await;
        for task in [&posted["task"], &changed["task"], &batch["results"][0]["task"]] {
            assert_eq!(task["start_at"], "2999-01-01T12:00:00+00:00", "{start}: {task}");
        }
    }
}
