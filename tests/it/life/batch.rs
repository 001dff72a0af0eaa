//! Many posts in one request.

use http::Method;
use serde_json::{Value, json};

use super::{Desk, new_task};

async fn batch(desk: &Desk, tasks: Vec<Value>, status: u16) -> Value {
    desk.server.call(Method::POST, "/tasks/batch", Some(json!({"tasks": tasks})), status).await
}

#[tokio::test]
async fn s75_one_bad_item_harms_no_other_and_a_batch_has_an_end() {
    let desk = Desk::open().await;
    let good = || new_task("refund", json!({"merge_key": "k"}));
    let answer = batch(
        &desk,
        vec![
            good(),
            new_task("nothing", json!({})),
            json!(5),
            json!({"schema_name": "shop:desk"}),
            new_task("refund", json!({"meta": {"amount": "much"}})),
            new_task("refund", json!({"respond_by": "0000-01-01T00:00:00Z"})),
            new_task("refund", json!({"meta": {"text": "a\u{0}b"}})),
            new_task("refund", json!({"meta": {"text": "x".repeat(300_000)}})),
            new_task("refund", json!({"attachments": [5, "id", {"id": 7}]})),
            good(),
        ],
        200,
    )
    .await;
    let results: Vec<(u64, &str)> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["status"].as_u64().unwrap(), one["problem"]["code"].as_str().unwrap_or_default())
        })
        .collect();
    let statuses: Vec<u64> = results.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [201, 404, 422, 422, 422, 422, 422, 413, 422, 201], "{results:?}");
    assert!(results.iter().all(|(status, code)| *status == 201 || !code.is_empty()), "{results:?}");
    assert_eq!(desk.number("select count(*) from app.task").await, 2);

    for count in [0, 1_001] {
        assert_eq!(batch(&desk, vec![good(); count], 422).await["code"], "batch_size");
    }
    let huge = vec![new_task("refund", json!({"meta": {"text": "x".repeat(200_000)}})); 50];
    batch(&desk, huge, 413).await;
    assert_eq!(desk.number("select count(*) from app.task").await, 2);
}

#[tokio::test]
async fn two_batches_with_the_same_keys_in_another_order_both_arrive() {
    let desk = Desk::open().await;
    let (mut there, mut back) = (Vec::new(), Vec::new());
    for place in 0..30 {
        let one = |from| {
            new_task(
                "refund",
                json!({"merge_key": format!("k-{place}"), "external_id": format!("{from}-{place}")}),
            )
        };
        there.push(one("a"));
        back.push(one("b"));
    }
    back.reverse();
    let answers = tokio::join!(batch(&desk, there, 200), batch(&desk, back, 200));
    for answer in [answers.0, answers.1] {
        assert!(
            answer["results"].as_array().unwrap().iter().all(|one| one["status"] == 201),
            "{answer}"
        );
    }
    let leads = "select count(*) from app.task where merged_into is null";
    assert_eq!(desk.number(leads).await, 30);
    super::invariants::hold(&desk).await;
}

#[tokio::test]
async fn two_batches_of_the_same_posts_in_another_order_find_the_same_tasks() {
    let desk = Desk::open().await;
    let posts = |count: i32| {
        (0..count).map(|place| new_task("note", json!({"external_id": format!("e-{place}")})))
    };
    let there: Vec<Value> = posts(300).collect();
    let back: Vec<Value> = posts(300).rev().collect();
    let (there, back) = tokio::join!(batch(&desk, there, 200), batch(&desk, back, 200));
    for answer in [there, back] {
        let status = |one: &Value| one["status"].as_i64().unwrap();
        assert!(
            answer["results"].as_array().unwrap().iter().all(|one| status(one) <= 201),
            "{answer}"
        );
    }
    assert_eq!(desk.number("select count(*) from app.task").await, 300);
}

#[tokio::test]
async fn each_item_is_judged_by_its_own_type_whatever_stands_before_it() {
    let desk = Desk::open().await;
    let named = |schema: &str, ttype: &str| json!({"schema_name": schema, "task": ttype});
    let asked = [
        ("shop:desk", "note", 201),
        ("shop:none", "note", 404),
        ("shop:none", "note", 404),
        ("shop:desk", "nothing", 404),
        ("shop:desk", "nothing", 404),
        ("shop:desk", "refund", 201),
        ("shop:desk", "note", 201),
    ];
    let tasks = asked.iter().map(|(schema, ttype, _)| named(schema, ttype)).collect();
    let answer = batch(&desk, tasks, 200).await;
    for (one, (_, ttype, status)) in answer["results"].as_array().unwrap().iter().zip(asked) {
        assert_eq!(one["status"], status, "{one}");
        if status == 201 {
            assert_eq!([&one["ttype"], &one["task"]["ttype"]], [ttype, ttype], "{one}");
        }
    }
}
