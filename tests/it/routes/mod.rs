//! Every route, and what it answers to whom: nobody gets in where they do not
//! belong. A route that is in no table fails the test.

mod api;
mod description;
mod ops;
mod pages;
mod published;
mod unchanged;

use std::collections::BTreeSet;

use http::Method;
use reqwest::Response;
use serde_json::{Value, json};
use task_inbox::serve::Part;
use uuid::Uuid;

use crate::hook::Hook;
use crate::postgres;
use crate::server::{Server, client, make_person};
use crate::source::{complain, files};

const PASSWORD: &str = "correct horse battery";
const METHODS: [Method; 6] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
/// Whatever the method, there is nothing.
const NOTHING: [&str; 3] = ["/api", "/api/", "/api/{*rest}"];

const UPLOAD: &str = "/attachments?schema=ti:sample&name=a.txt";

/// One of everything a route may name. No worker changes it meanwhile.
struct World {
    server: Server,
    _hook: Hook,
    task: Uuid,
    delivery: i64,
    endpoint: i64,
    /// Of the task.
    attachment: String,
}

impl World {
    async fn start() -> World {
        let database = postgres::fresh_database().await;
        let server = Server::on_with(&database, Part::NoWorker, |_| {}).await;
        let hook = Hook::start().await;
        server.with_hook(&hook).await;
        let other = "name: other\nsemver: '1'\ntasktypes: [{name: t, resolved_states: [done]}]\n";
        server.load(other).await;
        let settled = server.post_flag().await;
        server.set_state(settled, "allow", 200).await;
        let first = |list: Value, name: &str| list[name][0]["id"].as_i64().unwrap();
        let upload = server.call(Method::POST, UPLOAD, Some("x".into()), 201).await;
        let given = json!([{"id": upload["id"]}]);
        let posted = server
            .post(
                json!({"schema_name": "ti:sample", "task": "flag-content", "attachments": given}),
                201,
            )
            .await;
        World {
            task: posted["id"].as_str().unwrap().parse().unwrap(),
            attachment: upload["id"].as_str().unwrap().to_owned(),
            delivery: first(server.get("/deliveries").await, "deliveries"),
            endpoint: first(server.get("/endpoints").await, "endpoints"),
            _hook: hook,
            server,
        }
    }

    /// The path with what stands in its place here.
    fn filled(&self, path: &str) -> String {
        if path == "/api/v1/attachments" {
            return format!("/api/v1{UPLOAD}");
        }
        path.replace("/tasks/{id}", &format!("/tasks/{}", self.task))
            .replace("/deliveries/{id}", &format!("/deliveries/{}", self.delivery))
            .replace("/endpoints/{id}", &format!("/endpoints/{}", self.endpoint))
            .replace("/attachments/{id}", &format!("/attachments/{}", self.attachment))
            .replace("{name}", "ti:sample")
            .replace("{token}", "nobodys")
            .replace("{file}", "nothing.css")
            .replace("{*rest}", "v1/nothing")
    }

    async fn ask(
        &self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        let address = format!("{}{}", self.server.url, self.filled(path));
        let mut request = client().request(method.clone(), address).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// Signed in, with all schemas or only this one.
    async fn cookie(&self, role: &str, schema: Option<&str>) -> String {
        let name = format!("{role}-of-{}", schema.unwrap_or("all"));
        make_person(&self.server.db, &name, role, PASSWORD).await;
        if let Some(schema) = schema {
            let limit = "update app.person set schemas = array[$1::text] where name = $2";
            self.server.db.run(limit, &[&schema, &name]).await.unwrap();
        }
        self.server.sign_in(&name).await
    }
}

/// Status and code; every refusal of the API is a problem.
async fn answered(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    if status < 400 {
        return (status, String::new());
    }
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status);
    (status, problem["code"].as_str().unwrap().to_owned())
}

/// The paths that are routed, read off the source.
fn routed(of_operators: bool) -> BTreeSet<String> {
    let of_us =
        |path: &str| !path.contains("/src/cli/") && path.ends_with("/src/ops.rs") == of_operators;
    let sources = files("src", "rs").into_iter().filter(|(path, _)| of_us(&path.to_string_lossy()));
    let mut paths = BTreeSet::new();
    for (_, text) in sources {
        for rest in text.split(".route(").skip(1) {
            let path = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
            paths.insert(path.expect("a route's path is written where it is added").to_owned());
        }
    }
    paths
}

/// Both ways: nothing without a row, no row without a route.
fn same(rows: impl Iterator<Item = &'static str>, routed: &BTreeSet<String>) {
    let rows: BTreeSet<String> = rows.map(str::to_owned).collect();
    let faults: Vec<String> =
        rows.symmetric_difference(routed).map(|path| format!("not in both: {path}")).collect();
    complain(&faults);
}

#[tokio::test]
async fn every_route_has_a_row_and_takes_no_other_method() {
    let rows: Vec<(&str, &str)> = (api::ROUTES.iter().map(|route| (route.method, route.path)))
        .chain(pages::ROUTES.iter().map(|route| (route.method, route.path)))
        .collect();
    same(rows.iter().map(|(_, path)| *path).chain(NOTHING), &routed(false));

    let world = World::start().await;
    let headers = [("sec-fetch-site", "same-origin")];
    for path in rows.iter().map(|(_, path)| *path).collect::<BTreeSet<_>>() {
        for method in METHODS {
            if rows.contains(&(method.as_str(), path)) {
                continue;
            }
            let response = world.ask(&method, path, &headers, "").await;
            assert_eq!(response.status(), 405, "{method} {path}");
            assert!(response.headers().contains_key("allow"), "{method} {path}");
            if path.starts_with("/api/") {
                assert_eq!(answered(response).await.1, "method_allowed", "{method} {path}");
            }
        }
    }
    for path in NOTHING.into_iter().chain(["/api/v1/", "/api/v2/tasks", "/api/v1/tasks/a/b/c"]) {
        for method in METHODS {
            let found = answered(world.ask(&method, path, &headers, "").await).await;
            assert_eq!(found, (404, "route_exists".to_owned()), "{method} {path}");
        }
    }
    for path in ["/nothing", "/tasks", "/tasks/", "/login/a/b", "/healthz/", "//", "/index.html"] {
        for method in METHODS {
            let response = world.ask(&method, path, &headers, "").await;
            assert_eq!(response.status(), 404, "{method} {path}");
            assert!(response.text().await.unwrap().contains("There is nothing here"), "{path}");
        }
    }
}

/// What a person does to a task by its page, a program does by the API.
#[test]
fn every_verb_of_a_page_is_one_of_the_api_too() {
    let verbs = |rows: &mut dyn Iterator<Item = (&str, &str)>, root: &str| -> BTreeSet<String> {
        let changes = rows.filter(|(method, _)| *method != "GET");
        changes.filter_map(|(_, path)| Some(path.strip_prefix(root)?.to_owned())).collect()
    };
    let mut of_pages =
        verbs(&mut pages::ROUTES.iter().map(|route| (route.method, route.path)), "/tasks/{id}/");
    // It asks whether somebody is sure, and does nothing.
    assert!(of_pages.remove("confirm"));
    let of_api = || api::ROUTES.iter().map(|route| (route.method, route.path));
    // There it has no name of its own.
    assert!(
        of_pages.remove("facts") && of_api().any(|call| call == ("PATCH", "/api/v1/tasks/{id}"))
    );
    let of_api = verbs(&mut of_api(), "/api/v1/tasks/{id}/");
    assert!(of_pages.len() > 8, "{of_pages:?}");
    let missing: Vec<String> = of_pages.difference(&of_api).cloned().collect();
    complain(&missing);
}
