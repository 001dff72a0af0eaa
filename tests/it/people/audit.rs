//! The audit log: whole, for admins, and beyond change.

use std::collections::BTreeSet;

use reqwest::header;
use serde_json::Value;

use super::{PASSWORD, cookie_of};
use crate::postgres;
use crate::server::{Server, client, make_person, sample_to};
use crate::source::{complain, files};

async fn lines(server: &Server, path: &str) -> Vec<Value> {
    let url = format!("{}/api/v1{path}", server.url);
    let response = client().get(url).bearer_auth(&server.key).send().await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/x-ndjson");
    let text = response.text().await.unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn s55_nobody_changes_the_audit_log_not_even_its_owner() {
    let server = Server::start().await;
    let name = postgres::unique("reader");
    let owner = postgres::client(&server.database_url).await;
    for (number, group) in
        ["task_inbox_poster", "task_inbox_operator", "task_inbox_reporting"].iter().enumerate()
    {
        let sql = format!("create role {name}_{number} login password 'x' in role {group}");
        owner.batch_execute(&sql).await.unwrap();
    }
    let mut clients = vec![owner];
    for number in 0..3 {
        let url = postgres::as_role(&server.database_url, &format!("{name}_{number}"), "x");
        clients.push(postgres::client(&url).await);
    }
    for client in &clients {
        for sql in [
            "update app.audit set action = 'nothing'",
            "update app.audit set at = now() where false",
            "delete from app.audit",
            "truncate app.audit",
            "select 1 from app.audit for update",
            "delete from app.audit_number",
            "truncate app.audit_number",
            "update app.audit_number set audit_id = audit_id + 1000000",
        ] {
            let refused = client.batch_execute(sql).await.unwrap_err();
            assert_eq!(refused.code().unwrap().code(), "42501", "{sql}");
        }
    }
    let count = "select count(*) from app.audit";
    assert!(clients[0].query_one(count, &[]).await.unwrap().get::<_, i64>(0) > 0);
    for client in &clients[1..] {
        assert_eq!(client.query_one(count, &[]).await.unwrap_err().code().unwrap().code(), "42501");
        let forged = "select inbox_internal.note(null, 'signed_in', 'x')";
        assert!(client.query_one(forged, &[]).await.is_err());
    }
    for role in 0..3 {
        clients[0].batch_execute(&format!("drop role {name}_{role}")).await.unwrap();
    }
}

#[tokio::test]
async fn s55_no_number_of_the_log_is_chosen_taken_back_or_given_twice() {
    let server = Server::start().await;
    let owner = postgres::client(&server.database_url).await;
    let numbers =
        "select coalesce(array_agg(number order by audit_id), '{}') from app.audit_number";
    let seen = lines(&server, "/audit?limit=200").await;
    let last = seen.last().unwrap()["seq"].as_i64().unwrap();
    let before: Vec<i64> = owner.query_one(numbers, &[]).await.unwrap().get(0);
    for number in ["null", "0", "number + 1000"] {
        let sql = format!("update app.audit_number set number = {number}");
        let refused = owner.batch_execute(&sql).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501", "{sql}");
    }
    let after: Vec<i64> = owner.query_one(numbers, &[]).await.unwrap().get(0);
    assert_eq!(after, before);

    // One that is not read yet cannot be put behind who reads, nor made with a number.
    let note = "select inbox_internal.note(null, 'link_made', 'late')";
    owner.batch_execute(note).await.unwrap();
    owner
        .batch_execute("update app.audit_number set number = -1 where number is null")
        .await
        .unwrap();
    owner.batch_execute(note).await.unwrap();
    owner.batch_execute("insert into app.audit_number values (9000000000, 9)").await.unwrap();
    owner.batch_execute(note).await.unwrap();
    let rest = lines(&server, &format!("/audit?after={last}")).await;
    let late = rest.iter().filter(|line| line["target"] == "late");
    let found: Vec<i64> = late.map(|line| line["seq"].as_i64().unwrap()).collect();
    assert!(found.len() == 3 && found.is_sorted() && found[0] > last, "{found:?} after {last}");
}

#[tokio::test]
async fn what_people_do_is_written_down_once_with_who_and_from_where() {
    let server = Server::start().await;
    make_person(&server.db, "ana", "admin", PASSWORD).await;
    server.load(&sample_to("http://127.0.0.1:9/hook")).await;
    server.make_secret("ti:sample").await;
    assert_eq!(server.tried(&client(), "hunter2 oops", "wrong").await, 401);
    assert_eq!(server.tried(&client(), "ana", "wrong").await, 401);
    server.arrange("update app.sign_in_tries set last_at = last_at - interval '1 second'").await;
    let ana = server.sign_in("ana").await;
    let proof = [("password", PASSWORD)];
    let ana = cookie_of(&server.post_form(&client(), "/elevate", &ana, &proof).await);
    let row = server.db.row("select min(id) from app.endpoint", &[]).await.unwrap();
    let id: i32 = row.get(0);
    server.submit(&format!("/endpoints/{id}/state"), &ana, "state=paused", 303).await;
    server.submit(&format!("/endpoints/{id}/state"), &ana, "state=enabled", 303).await;
    server.submit(&format!("/endpoints/{id}/secret"), &ana, "grace=0", 200).await;
    server.submit("/deliveries/replay", &ana, "state=failed", 303).await;
    server.submit("/logout", &ana, "", 303).await;

    let log = server.audited().await;
    let expected = [
        "command line person_created ana".to_owned(),
        "test schema_applied ti:sample".to_owned(),
        "test secret_created ti:sample".to_owned(),
        "nobody sign_in_failed unknown name".to_owned(),
        "nobody sign_in_failed ana".to_owned(),
        "ana signed_in".to_owned(),
        "ana elevated".to_owned(),
        format!("ana endpoint_paused {id}"),
        format!("ana endpoint_enabled {id}"),
        "ana secret_rotated ti:sample".to_owned(),
        "ana deliveries_replayed".to_owned(),
        "ana signed_out".to_owned(),
    ];
    let log: Vec<String> = log.into_iter().filter(|line| !line.contains(" key_created ")).collect();
    assert_eq!(log, expected);
    let sql = "select count(*) from app.audit where action in ('signed_in', 'sign_in_failed', 'elevated', 'signed_out')
               and host(address) is distinct from '127.0.0.1'";
    assert_eq!(server.db.row(sql, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn what_fails_is_not_written_as_done() {
    let server = Server::start().await;
    let before = server.audited().await;
    for sql in [
        "select inbox_internal.change_person('admin', null, true)",
        "select inbox_internal.create_person('admin', 'admin', null, null)",
        "select inbox_internal.revoke_api_key('tik_nothing')",
    ] {
        server.db.run(sql, &[]).await.unwrap_err();
    }
    assert_eq!(server.audited().await, before);
}

#[tokio::test]
async fn a_refusal_to_try_is_written_once_an_hour() {
    let server = Server::start().await;
    make_person(&server.db, "ana", "resolver", PASSWORD).await;
    server.tried(&client(), "ana", "wrong").await;
    server.arrange("update app.sign_in_tries set last_at = now() + interval '1 minute'").await;
    for _ in 0..3 {
        assert_eq!(server.tried(&client(), "ana", PASSWORD).await, 429);
    }
    let log = server.audited().await;
    assert_eq!(log.iter().filter(|line| line.contains("sign_in_limited ana")).count(), 1);
}

#[tokio::test]
async fn a_reader_of_the_log_misses_nothing_that_commits_late() {
    let server = Server::start().await;
    let seen = lines(&server, "/audit?limit=200").await;
    let last = seen.last().unwrap()["seq"].as_i64().unwrap();

    let mut slow = postgres::client(&server.database_url).await;
    let late = slow.transaction().await.unwrap();
    late.batch_execute("select inbox_internal.note(null, 'link_made', 'late')").await.unwrap();
    server.arrange("select inbox_internal.note(null, 'link_made', 'early')").await;
    let early = lines(&server, &format!("/audit?after={last}")).await;
    assert_eq!(early.len(), 1);
    assert_eq!(early[0]["target"], "early");
    late.commit().await.unwrap();
    let after = early[0]["seq"].as_i64().unwrap();
    let rest = lines(&server, &format!("/audit?after={after}")).await;
    assert_eq!(rest.len(), 1);
    assert_eq!(
        (&rest[0]["target"], &rest[0]["actor"]["name"]),
        (&"late".into(), &"command line".into())
    );
}

#[tokio::test]
async fn the_log_is_for_those_who_see_all_schemas() {
    let server = Server::start().await;
    server.load(&sample_to("http://127.0.0.1:9/hook")).await;
    make_person(&server.db, "ana", "admin", PASSWORD).await;
    make_person(&server.db, "limited", "admin", PASSWORD).await;
    server
        .db
        .run("select inbox_internal.set_schemas('limited', array['ti:sample'])", &[])
        .await
        .unwrap();
    let limited = server.sign_in("limited").await;
    server.page("/audit", &limited, 403).await;
    let key = server.make_key(&["admin"], Some("ti:sample")).await;
    let refused = server.call_with(&key, http::Method::GET, "/audit", &[], None, 403).await;
    assert_eq!(refused["code"], "key_schema");

    let ana = server.sign_in("ana").await;
    let page = server.page("/audit", &ana, 200).await;
    assert!(page.contains("applied the schema") && page.contains("ti:sample"), "{page}");
    let page = server.page("/audit?action=signed_in", &ana, 200).await;
    assert!(page.contains("signed in") && !page.contains("applied the schema"));
    for _ in 0..51 {
        server.arrange("select inbox_internal.note(null, 'link_made', '<b>x</b>')").await;
    }
    let page = server.page("/audit?action=link_made", &ana, 200).await;
    assert!(page.contains("/audit?action=link_made&amp;before=") && !page.contains("<b>x"));
}

#[test]
fn every_action_is_documented_and_shown_in_words() {
    let operations =
        std::fs::read_to_string(format!("{}/operations.md", crate::source::ROOT)).unwrap();
    let chapter =
        operations.split("### The audit log").nth(1).unwrap().split("\n### ").next().unwrap();
    let rows = chapter
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split('|').nth(1).unwrap());
    let documented: BTreeSet<&str> =
        rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let shown: BTreeSet<&str> =
        task_inbox::web::ACTIONS.iter().map(|(action, _)| *action).collect();
    assert_eq!(documented, shown);

    let mut faults = Vec::new();
    for (path, text) in files("sql/functions", "sql") {
        for call in text.split("inbox_internal.note(").skip(1) {
            let call = call.split(';').next().unwrap();
            let words = call.split('\'').skip(1).step_by(2);
            if !words.clone().any(|word| shown.contains(word)) && !path.ends_with("note.sql") {
                faults.push(format!("{}: {call}", path.display()));
            }
        }
    }
    complain(&faults);
}

#[tokio::test]
async fn s81_no_name_makes_another_line_of_the_audit_log() {
    let server = Server::start().await;
    let last = lines(&server, "/audit?limit=200").await.pop().unwrap()["seq"].clone();
    let forged = "x\r\n{\"seq\": 1, \"action\": \"signed_in\"}\n\u{2028}\u{85}\" | = \\";
    let sql =
        "select inbox_internal.create_api_key($1, 'tik_forged00', '\\x00', '{read}', null, null)";
    server.db.run(sql, &[&forged]).await.unwrap();
    assert_eq!(server.tried(&client(), forged, "wrong password").await, 401);

    let seen = lines(&server, &format!("/audit?after={last}")).await;
    let actions: Vec<&str> = seen.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["key_created", "sign_in_failed"]);
    assert_eq!(seen[0]["detail"]["name"], forged);
    assert_eq!(seen[1]["target"], "unknown name");
}
