//! The whole life of a task on its page, as a browser without JavaScript would.

mod facts;
mod facts_kept;
mod forms;
mod lists;
mod refused;
mod shown;
mod verbs;

use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::server::{Server, make_person};

const DESK: &str = "name: desk
semver: '1'
tasktypes:
- name: refund
  label: Refund
  title: 'Refund for {order}'
  reopen: anyone
  pending_states: [{name: triage, label: In triage}]
  resolved_states:
  - name: approve
    label: Approve
    confirm: true
    args:
    - {name: amount, label: Amount, kind: money, currency: EUR, from: amount, required: true, min: 1, max: 10000}
    - {name: fee, kind: money, currency_from: currency}
    - {name: days, label: Days, kind: integer, default: 14, max: 30}
    - {name: rate, kind: number}
    - {name: size, label: Size, kind: select, options: [small, {value: 3, label: Three}, true]}
    - {name: mail, label: Mail the customer, kind: checkbox, default: true}
    - {name: on, kind: date}
    - {name: at, label: At, kind: datetime, from: at}
    - {name: page, kind: url}
    - {name: to, kind: email}
    - {name: note, label: Note, kind: long_text, help: Two lines are enough, max: 500}
    - {name: payload, label: Payload, kind: json, from: payload}
  - name: deny
    label: Deny
    style: danger
    reasons: [damaged, {name: late, label: Too late, text: 'Sorry, the 30 days are over.'}]
  - {name: sure, label: Sure, args: [{name: seen, label: I have seen it, kind: checkbox, required: true}]}
  - {name: close, label: Close, comment: required}
- name: check
  label: Check
  resolved_states: [{name: fine, label: Fine}, {name: noted, label: Noted, args: [{name: note, label: Note, kind: text, required: true}]}]
  actions:
  - {name: parcel, label: I saw the parcel, present: checklist, manual: true, required: true}
  - {name: called, label: I called, present: checklist, manual: true}
- name: report
  label: Report
  title: 'Report on {post}'
  resolved_states: [{name: block, label: Block}]
  merge: {key: post}
";

struct Desk {
    server: Server,
    ana: String,
    bob: String,
    root: String,
    eve: String,
}

impl Desk {
    async fn open() -> Desk {
        let server = Server::start().await;
        server.load(DESK).await;
        for (name, role) in
            [("ana", "resolver"), ("bob", "resolver"), ("root", "admin"), ("eve", "viewer")]
        {
            make_person(&server.db, name, role, "correct horse battery").await;
        }
        Desk {
            ana: server.sign_in("ana").await,
            bob: server.sign_in("bob").await,
            root: server.sign_in("root").await,
            eve: server.sign_in("eve").await,
            server,
        }
    }

    /// The address of a new task, which is that of its page and in the API.
    async fn post(&self, ttype: &str, more: Value) -> String {
        let mut task = json!({"schema_name": "desk", "task": ttype});
        task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let posted = self.server.post(task, 201).await;
        format!("/tasks/{}", posted["id"].as_str().unwrap())
    }

    async fn refund(&self) -> String {
        let meta = json!({"order": "104", "amount": 4000, "currency": "JPY", "at": "2026-11-03T10:00:05+01:00",
                          "payload": {"to": ["ana", 2.50]}});
        self.post("refund", json!({"meta": meta})).await
    }

    async fn submit(&self, path: &str, who: &str, form: &[(&str, &str)], status: u16) -> String {
        let form = Serializer::new(String::new()).extend_pairs(form).finish();
        self.server.submit(path, who, &form, status).await
    }

    async fn see(&self, path: &str, who: &str) -> String {
        self.server.page(path, who, 200).await
    }

    async fn task(&self, path: &str) -> Value {
        self.server.get(path).await["task"].take()
    }

    /// The newest step of the history.
    async fn last(&self, path: &str) -> Value {
        let mut found = self.server.get(&format!("{path}/history")).await;
        found["history"].as_array_mut().unwrap().pop().unwrap()
    }
}

#[track_caller]
fn has(page: &str, all: &[&str]) {
    for one in all {
        assert!(page.contains(one), "{one} is not on {page}");
    }
}

#[track_caller]
fn lacks(page: &str, none: &[&str]) {
    for one in none {
        assert!(!page.contains(one), "{one} is on {page}");
    }
}
