//! What is said reaches whoever asked, whole, once, and as it was said.

use http::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::faults::receiver::Receiver;
use crate::hook::Hook;
use crate::life::{Desk, new_task};
use crate::server::{Server, make_person, within};

#[tokio::test]
async fn what_is_said_with_a_decision_is_kept_and_told_with_it_or_not_at_all() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({})).await;
    desk.until_told().await;
    let path = format!("/tasks/{id}/state");
    let body = json!({"state": "approve", "args": {"amount": 1250}, "comment": "by phone"});
    // The webhook cannot be written down: neither is what it would tell.
    desk.arrange(
        "create function app.refuse() returns trigger language plpgsql
         as $$ begin raise exception 'the disk is full'; end $$",
    )
    .await;
    desk.arrange(
        "create trigger refuse before insert on app.outbox for each row execute function app.refuse()",
    )
    .await;
    desk.server.call(Method::PATCH, &path, Some(body.clone()), 500).await;
    let task = desk.task(id).await;
    assert_eq!((&task["state"], &task["version"]), (&json!(null), &json!(1)));
    assert_eq!(desk.steps(id).await, ["posted"]);

    desk.arrange("drop trigger refuse on app.outbox").await;
    desk.server.call(Method::PATCH, &path, Some(body), 200).await;
    let told = desk.hook.received(2).await[1].json()["data"].clone();
    let history = desk.server.get(&format!("/tasks/{id}/history")).await;
    for said in [&told, &history["history"][1]] {
        assert_eq!(
            (&said["comment"], &said["args"]),
            (&json!("by phone"), &json!({"amount": 1250}))
        );
    }
}

const TYPED: &str = "name: typed
semver: '1'
default_hook_url: HOOK
hook_auth: {kind: standard}
tasktypes:
- name: t
  resolved_states:
  - name: ok
    args:
    - {name: count, kind: integer}
    - {name: rate, kind: number}
    - {name: sum, kind: money, currency: EUR}
    - {name: sure, kind: checkbox}
    - {name: size, kind: select, options: ['3', {value: 3, label: Three}, true]}
    - {name: raw, kind: json}
    - {name: text, kind: text}
";

#[tokio::test]
async fn what_is_filled_in_reaches_the_application_as_the_json_it_was() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.load(&TYPED.replace("HOOK", &hook.url)).await;
    server.make_secret("typed").await;
    make_person(&server.db, "ana", "resolver", "correct horse battery").await;
    let ana = server.sign_in("ana").await;
    let posted = server.post(json!({"schema_name": "typed", "task": "t"}), 201).await;
    let path = format!("/tasks/{}", posted["id"].as_str().unwrap());
    let form = "version=1&state=ok&filled=yes&args.count=7&args.rate=0.10&args.sum=12.5&args.sure=true\
        &args.size=3&args.raw=%7B%22a%22%3A+%5B1%2C+null%5D%7D&args.text=7";
    server.submit(&format!("{path}/state"), &ana, form, 303).await;
    let expected = json!({"count": 7, "rate": 0.10, "sum": 1250, "sure": true, "size": 3,
        "raw": {"a": [1, null]}, "text": "7"});
    let told = hook.received(1).await.remove(0);
    assert_eq!(told.json()["data"]["args"], expected);
    assert!(told.body.contains("0.10"), "{}", told.body);
    assert_eq!(server.get(&format!("{path}/history")).await["history"][1]["args"], expected);
    assert_eq!(server.get("/events").await["events"][0]["data"]["args"], expected);
}

#[tokio::test]
async fn a_post_whose_answer_was_lost_is_one_task_when_it_is_sent_again() {
    let desk = Desk::open().await;
    let body = new_task("refund", json!({"meta": {"amount": 100}})).to_string();
    for round in 0..10 {
        let name = format!("lost-{round}");
        let mut stream = TcpStream::connect(desk.server.listens).await.unwrap();
        let request = format!(
            "POST /api/v1/tasks HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\nidempotency-key: {name}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            desk.server.listens,
            desk.server.key,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        // Sometimes it was there, sometimes only on its way.
        if round % 2 == 0 {
            within("an answer", stream.readable()).await.unwrap();
        }
        drop(stream);
        let send = async || {
            let url = format!("{}/api/v1/tasks", desk.server.url);
            let request = desk.server.http.post(url).bearer_auth(&desk.server.key);
            let request = request.header("idempotency-key", &name).body(body.clone());
            request.send().await.unwrap().json::<Value>().await.unwrap()["id"].clone()
        };
        assert_eq!(send().await, send().await);
        let made = format!(
            "select count(*) from app.task where id in (
            select task_id from app.idempotency_key where key = '{name}')"
        );
        assert_eq!(desk.number(&made).await, 1);
    }
    assert_eq!(desk.number("select count(*) from app.task").await, 10);
}

#[tokio::test]
async fn a_receiver_that_hangs_delays_no_post_and_no_decision() {
    let receiver = Receiver::start(|mut caller| async move {
        caller.request().await;
        caller.wait_for_end().await;
    })
    .await;
    let server = Server::start().await;
    server.with_hook_at(&receiver.url()).await;
    make_person(&server.db, "ana", "resolver", "correct horse battery").await;
    let ana = server.sign_in("ana").await;
    let hanging = server.post_flag().await;
    server.set_state(hanging, "level1", 200).await;
    receiver.requested(1).await;
    // Its webhook is under way and its slot taken: nobody waits for it, for 15 s or at all.
    let began = std::time::Instant::now();
    server.set_state(hanging, "level2", 200).await;
    server.submit(&format!("/tasks/{hanging}/state"), &ana, "version=3&state=allow", 303).await;
    let other = server.post_flag().await;
    server.submit(&format!("/tasks/{other}/state"), &ana, "version=1&state=block", 303).await;
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    let answered = server.get(&format!("/tasks/{hanging}")).await;
    assert_eq!(answered["task"]["state"], "allow");
}
