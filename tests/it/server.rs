//! A whole server in this process, on a database of its own.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use http::Method;
use reqwest::Client;
use serde_json::{Value, json};
use task_inbox::address::Allow;
use task_inbox::api::load_schema;
use task_inbox::config::{Config, LOOPBACK, Ops, Outbound, Proxies};
use task_inbox::db::{Db, Target};
use task_inbox::listen::Limits;
use task_inbox::seal::Sealer;
use task_inbox::secret::create_webhook_secret;
use task_inbox::serve::{Part, run};
use task_inbox::token::{self, NewKey};
use task_inbox::worker::Dial;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::hook::Hook;
use crate::postgres;

/// Long enough for a busy machine, short enough to notice.
const PATIENCE: Duration = Duration::from_secs(20);

pub const SECRET_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Waits for a named condition, never for the clock.
pub async fn within<T>(what: &str, condition: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, condition).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} for {what}"),
    }
}

pub struct Server {
    pub url: String,
    /// Where that is, whatever the public URL says.
    pub listens: SocketAddr,
    pub database_url: String,
    pub login_url: Option<String>,
    pub key: String,
    pub http: Client,
    pub db: Db,
    stop: DropGuard,
    ended: oneshot::Receiver<anyhow::Result<()>>,
}

impl Server {
    pub async fn start() -> Server {
        Server::start_with(|_| {}).await
    }

    /// With other settings than `config` gives.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Server {
        Server::on_with(&postgres::fresh_database().await, Part::All, change).await
    }

    /// One more replica, or one with only a part, on a database that is there.
    pub async fn on(database_url: &str, part: Part) -> Server {
        Server::on_with(database_url, part, |_| {}).await
    }

    pub async fn on_with(
        database_url: &str,
        part: Part,
        change: impl FnOnce(&mut Config),
    ) -> Server {
        task_inbox::install_tls_provider();
        let mut config = config();
        change(&mut config);
        if config.public_url.is_some() {
            config.listen = free_port().await;
        }
        let listens = config.listen;
        let (ready, is_ready) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let stop = CancellationToken::new();
        let (token, address) = (stop.clone(), database_url.to_owned());
        tokio::spawn(async move {
            let ended =
                run(&config, &address, false, part, token, |server| drop(ready.send(server))).await;
            drop(end.send(ended));
        });
        let server = within("the server", is_ready).await.unwrap();

        let db = Db::serving(&Target::parse(database_url).unwrap()).unwrap();
        let key = make_key(&db, &["read", "post", "resolve", "admin"], None).await;
        Server {
            listens: match server.url.strip_prefix("http://").map(str::parse) {
                Some(Ok(address)) => address,
                _ => listens,
            },
            url: server.url,
            database_url: database_url.to_owned(),
            login_url: server.first.map(|first| first.login_url),
            key,
            http: client(),
            db,
            stop: stop.drop_guard(),
            ended,
        }
    }

    /// Stops as on SIGTERM; returns when all that was under way is finished.
    pub async fn stop(self) {
        drop(self.stop);
        within("the server's end", self.ended).await.unwrap().unwrap();
    }

    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// The sample schema with its webhooks going to `hook`; gives the signing secret.
    pub async fn with_hook(&self, hook: &Hook) -> String {
        self.with_hook_at(&hook.url).await
    }

    pub async fn with_hook_at(&self, url: &str) -> String {
        self.load(&sample_to(url)).await;
        self.make_secret("ti:sample").await
    }

    pub async fn load(&self, source: &str) {
        let actor = json!({"kind": "rule", "id": "test", "name": "test"});
        load_schema(&self.db, source, &actor).await.unwrap();
    }

    pub async fn make_secret(&self, schema: &str) -> String {
        let sealer = Sealer::new(Some(SECRET_KEY)).unwrap();
        let actor = json!({"kind": "rule", "id": "test", "name": "test"});
        create_webhook_secret(&self.db, &sealer, &actor, schema, None).await.unwrap().signing
    }

    pub async fn make_key(&self, scopes: &[&str], schema: Option<&str>) -> String {
        make_key(&self.db, scopes, schema).await
    }

    /// Asks the API and expects this status.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        status: u16,
    ) -> Value {
        self.call_with(&self.key, method, path, &[], body.map(|body| body.to_string()), status)
            .await
    }

    pub async fn call_with(
        &self,
        key: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
        status: u16,
    ) -> Value {
        let mut request =
            self.http.request(method, format!("{}/api/v1{path}", self.url)).bearer_auth(key);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(body.unwrap_or_default()).send().await.unwrap();
        let found = response.status().as_u16();
        let text = response.text().await.unwrap();
        assert_eq!(found, status, "{path}: {text}");
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path} gave no JSON: {text}"))
    }

    pub async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, None, 200).await
    }

    pub async fn post(&self, body: Value, status: u16) -> Value {
        self.call(Method::POST, "/tasks", Some(body), status).await
    }

    /// A new `flag-content` task of the sample schema.
    pub async fn post_flag(&self) -> Uuid {
        let posted =
            self.post(json!({"schema_name": "ti:sample", "task": "flag-content"}), 201).await;
        posted["id"].as_str().unwrap().parse().unwrap()
    }

    pub async fn set_state(&self, id: Uuid, state: &str, status: u16) -> Value {
        self.call(
            Method::PATCH,
            &format!("/tasks/{id}/state"),
            Some(json!({"state": state})),
            status,
        )
        .await
    }

    /// The delivery of an event, once it is in this state.
    pub async fn delivery(&self, id: Uuid, sequence: i64, state: &str) -> Value {
        within(&format!("delivery {sequence} of {id} to be {state}"), async {
            loop {
                let task = self.get(&format!("/tasks/{id}")).await;
                let deliveries = task["deliveries"].as_array().unwrap();
                let found = deliveries.iter().find(|delivery| delivery["sequence"] == sequence);
                if let Some(found) = found.filter(|delivery| delivery["state"] == state) {
                    return found.clone();
                }
                tokio::task::yield_now().await;
            }
        })
        .await
    }
}

/// One that was free just now.
pub async fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

async fn make_key(db: &Db, scopes: &[&str], schema: Option<&str>) -> String {
    let new = NewKey::make();
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    db.run(
        "select inbox_internal.create_api_key('test', $1, $2, $3, $4, null)",
        &[&new.prefix, &new.hash, &scopes, &schema],
    )
    .await
    .unwrap();
    new.key
}

/// A person with a password, for browsers without a link.
pub async fn make_person(db: &Db, name: &str, role: &str, password: &str) {
    let hash = task_inbox::auth::password::hash(password.to_owned()).await.unwrap();
    db.run("select inbox_internal.create_person($1, $2, null, $3)", &[&name, &role, &hash])
        .await
        .unwrap();
}

pub async fn make_login_link(server: &Server, name: &str) -> String {
    let token = token::random_token();
    server
        .db
        .run(
            "select inbox_internal.create_login_link($1, $2, interval '1 hour')",
            &[&name, &token::hash(&token)],
        )
        .await
        .unwrap();
    format!("{}/login/{token}", server.url)
}

pub fn sample() -> String {
    task_inbox::serve::SAMPLE.to_owned()
}

/// The sample schema with its webhooks going there.
pub fn sample_to(url: &str) -> String {
    sample().replace("http://localhost:5001/api/v1/tihook", url)
}

/// As a browser without JavaScript: no redirects, so that tests see them.
pub fn client() -> Client {
    Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

fn config() -> Config {
    Config {
        database_url: None,
        data: std::env::temp_dir(),
        pg_bin: None,
        pg_user: None,
        listen: "127.0.0.1:0".parse().unwrap(),
        ops: Ops { listen: None, is_given: false },
        public_url: None,
        proxies: Proxies::default(),
        secret_key: Some(SECRET_KEY.to_owned()),
        log: None,
        log_json: false,
        workers: 64,
        undo_seconds: 0,
        keep_delivered: 30,
        keep_failed: 90,
        notice_url: None,
        outbound: Ok(Outbound {
            schedule: vec![0.2; 4],
            allow: Allow::parse(LOOPBACK, "").unwrap(),
            proxy: None,
            ca: Vec::new(),
        }),
        dial: Dial::default(),
        limits: Limits::default(),
    }
}
