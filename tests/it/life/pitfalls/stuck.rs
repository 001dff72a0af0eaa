//! No task is out of reach, and none stays that nobody can close.

use std::collections::BTreeSet;

use http::Method;
use serde_json::json;
use uuid::Uuid;

use crate::life::{Desk, new_task, refused};
use crate::server::make_person;

const TRAPS: &str = "name: traps
semver: 'VERSION'
tasktypes:
- {name: theirs, candidates: [dan], resolved_states: [done]}
- {name: nowhere, pending_states: [a, b], resolved_states: [{name: done, only_from: [a]}], initial_state: b}
- name: demanding
  resolved_states: [{name: done, comment: required, args: [{name: proof, kind: url, required: true}]}]
  actions: [{name: seen, present: checklist, required: true, manual: true}]
";

impl Desk {
    async fn trap(&self, ttype: &str) -> Uuid {
        let new = json!({"schema_name": "traps", "task": ttype, "external_id": Uuid::now_v7()});
        let posted = self.server.post(new, 201).await;
        posted["id"].as_str().unwrap().parse().unwrap()
    }
}

#[tokio::test]
async fn an_admin_closes_whatever_is_stuck_by_its_page_or_the_api() {
    let desk = Desk::open().await;
    make_person(&desk.server.db, "dan", "resolver", "correct horse battery").await;
    desk.server.load(&TRAPS.replace("VERSION", "1")).await;
    let root = desk.server.sign_in("root").await;
    for by_page in [true, false] {
        let mut stuck = Vec::new();
        for ttype in ["theirs", "nowhere", "demanding"] {
            stuck.push(desk.trap(ttype).await);
        }
        let [claimed, snoozed, lead, member] = [(); 4].map(|()| Uuid::nil());
        let mut held = [claimed, snoozed, lead, member];
        for (place, id) in held.iter_mut().enumerate() {
            let key = if place < 2 { format!("{place}") } else { "both".to_owned() };
            *id = desk.post("refund", json!({"merge_key": key})).await;
        }
        let until = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1)).to_string();
        desk.person("bob", "claim_task", held[0], json!({})).await.unwrap();
        desk.person("bob", "snooze_task", held[1], json!({"until": until})).await.unwrap();
        stuck.extend(held);
        // Who could decide has gone, and with the new version the types have.
        desk.arrange("select inbox_internal.change_person('dan', null, true)").await;
        let gone =
            "name: traps\nsemver: 'VERSION'\ntasktypes: [{name: new, resolved_states: [ok]}]\n";
        desk.server.load(&gone.replace("VERSION", if by_page { "2" } else { "4" })).await;

        for id in stuck {
            if by_page {
                let path = format!("/tasks/{id}/withdraw");
                let version = desk.version(id).await;
                desk.server.submit(&path, &root, &format!("version={version}"), 303).await;
            } else {
                desk.ask(id, "withdraw", json!({}), 200).await;
            }
            assert_eq!(desk.task(id).await["resolution"], "withdrawn");
        }
        desk.arrange("select inbox_internal.change_person('dan', null, false)").await;
        if by_page {
            desk.server.load(&TRAPS.replace("VERSION", "3")).await;
        }
    }
    assert_eq!(desk.number("select count(*) from app.task where resolved_at is null").await, 0);
}

#[tokio::test]
async fn a_task_whose_version_was_replaced_is_decided_as_it_was_asked() {
    let desk = Desk::open().await;
    desk.server.load(&TRAPS.replace("VERSION", "1")).await;
    make_person(&desk.server.db, "dan", "resolver", "correct horse battery").await;
    let (by_page, by_key) = (desk.trap("theirs").await, desk.trap("theirs").await);
    let gone = "name: traps\nsemver: '2'\ntasktypes: [{name: new, resolved_states: [ok]}]\n";
    desk.server.load(gone).await;
    let late = json!({"schema_name": "traps", "task": "theirs"});
    assert_eq!(desk.server.post(late, 404).await["code"], "task_type_exists");

    let dan = desk.server.sign_in("dan").await;
    let path = format!("/tasks/{by_page}");
    assert!(desk.server.page(&path, &dan, 200).await.contains("value=\"done\""));
    desk.server.submit(&format!("{path}/state"), &dan, "version=1&state=done", 303).await;
    desk.server.set_state(by_key, "done", 200).await;
    // An admin decides in the place of those who are gone.
    desk.server.load(&TRAPS.replace("VERSION", "3")).await;
    let left = desk.trap("theirs").await;
    desk.arrange("select inbox_internal.change_person('dan', null, true)").await;
    let ana = desk.person("ana", "set_task_state", left, json!({"state": "done"})).await;
    assert_eq!(refused(ana), "403 role_needed");
    desk.person("root", "set_task_state", left, json!({"state": "done"})).await.unwrap();
}

#[tokio::test]
async fn the_hundred_and_first_open_task_is_reached_by_page_and_by_api() {
    let desk = Desk::open().await;
    let new = |place: usize| new_task("note", json!({"external_id": format!("e-{place}")}));
    let tasks: Vec<_> = (0..130).map(new).collect();
    let posted = desk.server.call(Method::POST, "/tasks/batch", Some(json!({"tasks": tasks})), 200);
    let posted = posted.await["results"].as_array().unwrap().clone();
    let all: BTreeSet<String> =
        posted.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(all.len(), 130);

    let (mut listed, mut path) = (BTreeSet::new(), "/tasks?resolved=false".to_owned());
    loop {
        let page = desk.server.get(&path).await;
        let ids = page["tasks"].as_array().unwrap().iter().map(|task| task["id"].as_str().unwrap());
        listed.extend(ids.map(str::to_owned));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/tasks?resolved=false&cursor={next}");
    }
    assert_eq!(listed, all);

    let ana = desk.server.sign_in("ana").await;
    let (mut shown, mut path) = (BTreeSet::new(), "/".to_owned());
    loop {
        let page = desk.server.page(&path, &ana, 200).await;
        shown.extend(page.split("id=\"task-").skip(1).map(|rest| rest[..36].to_owned()));
        let Some((_, rest)) = page.split_once("id=\"show-more\"") else { break };
        path =
            rest.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    }
    assert_eq!(shown, all);
}
