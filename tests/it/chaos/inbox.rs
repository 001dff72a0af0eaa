//! What a case has: a database, a receiver, keys, and servers as it needs them.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio_postgres::Client;
use uuid::Uuid;

use super::program::{Program, Settings, run};
use super::receiver::Receiver;
use super::until;
use crate::postgres;
use crate::server::sample_to;

/// So that nothing is given up while a case lasts.
const RETRIES: usize = 400;

pub struct Inbox {
    pub database_url: String,
    pub receiver: Receiver,
    pub key: String,
    /// The signing secret and the hook key of each schema.
    pub secrets: Vec<String>,
    pub settings: Settings,
    pub folder: TempDir,
    servers: AtomicU32,
}

impl Inbox {
    /// The sample schema with its webhooks going to a receiver, and nobody serving yet.
    pub async fn new() -> Inbox {
        Inbox::on(&postgres::fresh_database().await).await
    }

    pub async fn on(database_url: &str) -> Inbox {
        let folder = TempDir::new().unwrap();
        let settings = vec![
            ("DATABASE_URL", database_url.to_owned()),
            ("TASK_INBOX_DATA", folder.path().to_str().unwrap().to_owned()),
            ("TASK_INBOX_LISTEN", "127.0.0.1:0".to_owned()),
            ("TASK_INBOX_OPS_LISTEN", "off".to_owned()),
            ("TASK_INBOX_SECRET_KEY", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=".to_owned()),
            ("TASK_INBOX_RETRY_SCHEDULE", ["0.2"; RETRIES].join(",")),
            ("TASK_INBOX_ALLOW_CIDRS", "127.0.0.0/8".to_owned()),
            ("TASK_INBOX_UNDO_SECONDS", "0".to_owned()),
        ];
        let mut inbox = Inbox {
            database_url: database_url.to_owned(),
            receiver: Receiver::start().await,
            key: String::new(),
            secrets: Vec::new(),
            settings,
            folder,
            servers: AtomicU32::new(0),
        };
        inbox.apply("ti:sample").await;
        let key = run(&inbox.settings, &["api-key", "create"]).await;
        inbox.key = key["key"].as_str().unwrap().to_owned();
        inbox
    }

    /// The sample schema under this name, with a secret.
    pub async fn apply(&mut self, schema: &str) {
        let source = sample_to(&self.receiver.url).replace("'ti:sample'", &format!("'{schema}'"));
        let file = self.folder.path().join("schema.yml");
        std::fs::write(&file, source).unwrap();
        run(&self.settings, &["schema", "apply", file.to_str().unwrap()]).await;
        let secret = run(&self.settings, &["webhook-secret", "create", schema]).await;
        for kind in ["signing_secret", "hook_key"] {
            self.secrets.push(secret[kind].as_str().unwrap().to_owned());
        }
        self.receiver.expect_secret(schema, secret["signing_secret"].as_str().unwrap());
    }

    pub fn set(&mut self, name: &'static str, value: &str) {
        self.settings.retain(|(known, _)| *known != name);
        self.settings.push((name, value.to_owned()));
    }

    pub async fn serve(&self) -> Program {
        self.serve_with(&[]).await
    }

    pub async fn serve_with(&self, arguments: &[&str]) -> Program {
        let number = self.servers.fetch_add(1, Ordering::Relaxed);
        let log = self.folder.path().join(format!("serve-{number}.log"));
        Program::serve(&self.settings, arguments, log).await
    }

    /// What all servers of this case have said so far.
    pub fn logs(&self) -> String {
        let logs = (0..self.servers.load(Ordering::Relaxed))
            .map(|number| self.folder.path().join(format!("serve-{number}.log")));
        logs.map(|log| std::fs::read_to_string(log).unwrap()).collect()
    }

    /// A connection as the database's owner, to arrange or to look.
    pub async fn client(&self) -> Client {
        postgres::client(&self.database_url).await
    }

    /// Tasks posted and allowed at psql, in one transaction; nobody serving need know.
    pub async fn settled_at_psql(&self, count: u32) -> Vec<(Uuid, String)> {
        let mut client = self.client().await;
        let transaction = client.transaction().await.unwrap();
        let post = "select (inbox.post_task('ti:sample', 'flag-content')).id
                    from generate_series(1, $1::int)";
        let posted = transaction.query(post, &[&(count as i32)]).await.unwrap();
        let ids: Vec<Uuid> = posted.iter().map(|row| row.get(0)).collect();
        let settle = "select decided.id from unnest($1::uuid[]) as task (id),
                        lateral inbox.set_task_state(task.id, 'allow') decided";
        transaction.query(settle, &[&ids]).await.unwrap();
        transaction.commit().await.unwrap();
        ids.into_iter().map(|id| (id, "allow".to_owned())).collect()
    }

    /// Nothing is owed any more.
    pub async fn drained(&self, limit: Duration) {
        let client = self.client().await;
        until("everything to be delivered", limit, async || count(&client, "true").await == 0)
            .await;
    }
}

/// Owed deliveries of which this is true.
pub async fn count(client: &Client, condition: &str) -> i64 {
    let sql = format!("select count(*) from app.outbox where {condition}");
    client.query_one(&sql, &[]).await.unwrap().get(0)
}
