//! Who waits for an answer gets it, whenever it came and whoever else waits.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::cli::shell::Shell;
use crate::life::Desk;
use crate::server::within;

async fn wait(desk: &Desk, id: Uuid) -> Value {
    within("the answer", desk.server.get(&format!("/tasks/{id}?wait=60"))).await["task"].take()
}

#[tokio::test]
async fn an_answer_that_came_before_the_wait_is_not_lost() {
    let desk = Desk::open().await;
    let id = desk.post("refund", json!({"external_id": "order-7"})).await;
    desk.server.set_state(id, "deny", 200).await;
    assert_eq!(wait(&desk, id).await["state"], "deny");
    let known = [("if-none-match", "\"1\""), ("prefer", "wait=60")];
    let (key, path) = (&desk.server.key, format!("/tasks/{id}"));
    let get = desk.server.call_with(key, http::Method::GET, &path, &known, None, 200);
    assert_eq!(within("the answer", get).await["task"]["state"], "deny");
    let events = within("the feed", desk.server.get("/events?after=0&wait=60")).await;
    assert!(events.to_string().contains(&id.to_string()), "{events}");
    // Nor by a command that is begun only now.
    let shell = Shell { database_url: desk.server.database_url.clone() };
    let question = ["ask", "shop:desk", "refund", "--external-id", "order-7"];
    let ran = within("the command", shell.run(&question)).await;
    assert_eq!(ran.code, Some(10), "{} {}", ran.stdout, ran.stderr);
}

#[tokio::test]
async fn everybody_who_waits_for_a_task_is_answered_however_it_ends() {
    let desk = Desk::open().await;
    for way in ["deny", "withdrawn", "lapsed"] {
        let id = desk.post("refund", json!({"respond_within": "1h"})).await;
        let waits = futures_util::future::join_all((0..5).map(|_| wait(&desk, id)));
        let settled = async {
            match way {
                "deny" => drop(desk.server.set_state(id, "deny", 200).await),
                "withdrawn" => drop(desk.ask(id, "withdraw", json!({}), 200).await),
                _ => desk.let_expire(id).await,
            }
        };
        let (answers, ()) = tokio::join!(waits, settled);
        for task in answers {
            assert_eq!(task["resolved"], true, "{way}: {task}");
        }
    }
}

#[tokio::test]
async fn who_lost_a_race_is_told_at_once_who_won() {
    let desk = Desk::open().await;
    let id = desk.post("note", json!({})).await;
    let decide = async || {
        let url = format!("{}/api/v1/tasks/{id}/state", desk.server.url);
        let request = desk.server.http.patch(url).bearer_auth(&desk.server.key);
        let sent = request.body(json!({"state": "done"}).to_string()).send().await.unwrap();
        (sent.status().as_u16(), sent.json::<Value>().await.unwrap())
    };
    let (one, other) = within("both", async { tokio::join!(decide(), decide()) }).await;
    let (winner, loser) = if one.0 == 200 { (one, other) } else { (other, one) };
    assert_eq!((winner.0, loser.0), (200, 409));
    assert_eq!(
        (&loser.1["code"], &loser.1["task"]["state"]),
        (&json!("task_open"), &json!("done"))
    );
    assert_eq!(loser.1["actor"]["name"], "test");
}
