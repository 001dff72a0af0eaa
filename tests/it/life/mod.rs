//! The whole life of a task: what each verb promises, whoever says it and by
//! whatever road. People act as the pages act for them; the rest is HTTP.

mod batch;
mod claims;
mod comments;
mod deadlines;
mod facts;
mod invariants;
mod last_second;
mod merging;
mod pitfalls;
mod property;
mod psql;
mod races;
mod reopening;
mod repeats;
mod urgency;

use http::Method;
use serde_json::{Value, json};
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::hook::Hook;
use crate::server::{Server, make_person, within};

/// Of all parameters the verbs take besides the task and who acts, the type.
const PARAMETERS: &[(&str, &str)] = &[
    ("args", "jsonb"),
    ("body", "text"),
    ("change", "jsonb"),
    ("comment", "text"),
    ("done", "boolean"),
    ("expected_version", "int"),
    ("idempotency_key", "text"),
    ("internal", "boolean"),
    ("item", "text"),
    ("reason", "text"),
    ("sequence", "int"),
    ("state", "text"),
    ("take", "boolean"),
    ("to_person", "text"),
    ("until", "timestamptz"),
];

/// A server with a schema of its own in which everything there is happens, and
/// people who may do this or that.
pub struct Desk {
    pub server: Server,
    pub hook: Hook,
}

/// The status and the code.
pub type Refusal = (u16, String);

impl Desk {
    pub async fn open() -> Desk {
        Desk::at(Server::start().await).await
    }

    pub async fn at(server: Server) -> Desk {
        let hook = Hook::start().await;
        for (name, role) in [
            ("ana", "resolver"),
            ("bob", "resolver"),
            ("cyd", "resolver"),
            ("vic", "viewer"),
            ("root", "admin"),
        ] {
            make_person(&server.db, name, role, "correct horse battery").await;
        }
        server.load(&include_str!("desk.yml").replace("HOOK", &hook.url)).await;
        server.make_secret("shop:desk").await;
        Desk { server, hook }
    }

    pub async fn post(&self, task: &str, more: Value) -> Uuid {
        let posted = self.server.post(new_task(task, more), 201).await;
        posted["id"].as_str().unwrap().parse().unwrap()
    }

    /// Asks for a verb over HTTP: `POST /tasks/{id}/{verb}`.
    pub async fn ask(&self, id: Uuid, verb: &str, body: Value, status: u16) -> Value {
        self.server.call(Method::POST, &format!("/tasks/{id}/{verb}"), Some(body), status).await
    }

    pub async fn change(&self, id: Uuid, body: Value, status: u16) -> Value {
        self.server.call(Method::PATCH, &format!("/tasks/{id}"), Some(body), status).await
    }

    /// The task as its application sees it.
    pub async fn task(&self, id: Uuid) -> Value {
        self.server.get(&format!("/tasks/{id}")).await["task"].clone()
    }

    /// What a person does, as their page does it for them.
    pub async fn person(
        &self,
        name: &str,
        verb: &str,
        id: Uuid,
        given: Value,
    ) -> Result<Value, Refusal> {
        let actor = self.actor(name).await;
        self.call(verb, id, &given, &actor, "web").await
    }

    pub async fn actor(&self, name: &str) -> Value {
        let sql = "select inbox_internal.person_actor((inbox_internal.person_named($1)).id)";
        self.server.db.row(sql, &[&name]).await.unwrap().get(0)
    }

    pub async fn call(
        &self,
        verb: &str,
        id: Uuid,
        given: &Value,
        actor: &Value,
        via: &str,
    ) -> Result<Value, Refusal> {
        let sql = format!(
            "select task_object from inbox.{verb}(task_id => $1, {}actor => $3, via => $4)
             cross join (select $2::jsonb) given (given)",
            named(given)
        );
        match self.server.db.row(&sql, &[&id, &Json(given), actor, &via]).await {
            Ok(row) => Ok(row.get(0)),
            Err(error) => {
                let problem = error.into_problem();
                Err((problem.status.as_u16(), problem.code.into_owned()))
            }
        }
    }

    /// Arranges what only time would bring about.
    pub async fn arrange(&self, sql: &str) {
        self.server.db.run(sql, &[]).await.unwrap();
    }

    pub async fn number(&self, sql: &str) -> i64 {
        self.server.db.row(sql, &[]).await.unwrap().get(0)
    }

    /// What people have before them while their application does not know yet.
    pub async fn version(&self, id: Uuid) -> i64 {
        self.number(&format!("select version::bigint from reporting.tasks where id = '{id}'")).await
    }

    /// All undo windows end.
    pub async fn tell(&self) {
        self.arrange("update app.task set held_until = now() where held_until > now()").await;
        self.arrange("update app.event set held_until = now() where held_until > now()").await;
        self.arrange("update app.outbox set due_at = now()").await;
        self.arrange("select inbox_internal.notify_all()").await;
    }

    /// All that is owed is delivered, or has failed.
    pub async fn until_told(&self) {
        within("all deliveries", async {
            while self.number("select count(*) from app.outbox").await > 0 {
                self.arrange("select inbox_internal.notify_all()").await;
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// Its deadline passes, and is seen to have.
    pub async fn let_expire(&self, id: Uuid) {
        self.arrange(&format!("update app.task set respond_by = now() where id = '{id}'")).await;
        self.arrange("select inbox_internal.expire_tasks()").await;
    }

    /// The kinds of all its steps.
    pub async fn steps(&self, id: Uuid) -> Vec<String> {
        let sql =
            "select array_agg(kind order by sequence) from reporting.events where task_id = $1";
        self.server.db.row(sql, &[&id]).await.unwrap().get(0)
    }
}

pub fn named(given: &Value) -> String {
    let members = given.as_object().unwrap().keys();
    members
        .map(|name| {
            let (_, kind) = PARAMETERS.iter().find(|(known, _)| known == name).unwrap();
            let arrow = if *kind == "jsonb" { "->" } else { "->>" };
            format!("{name} => ($2::jsonb {arrow} '{name}')::{kind}, ")
        })
        .collect()
}

pub fn new_task(task: &str, more: Value) -> Value {
    let mut new = json!({"schema_name": "shop:desk", "task": task});
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    new
}

pub fn refused(outcome: Result<Value, Refusal>) -> String {
    let (status, code) = outcome.unwrap_err();
    format!("{status} {code}")
}
