//! One throwaway cluster a test run, one database a test.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use task_inbox::db::migrate::migrate;
use task_inbox::db::{Target, connect};
use task_inbox::embedded::{Cluster, Options};

const TEMPLATE: &str = "template_inbox";

/// A new database with everything migrated and nothing in it. The sequences of
/// each table are far apart, so that no id passes for another's by luck.
pub async fn fresh_database() -> String {
    let admin = tokio::task::spawn_blocking(admin_url).await.unwrap();
    let client = client(admin).await;
    let name = unique("test");
    client.batch_execute(&format!("create database {name} template {TEMPLATE}")).await.unwrap();
    database_url(admin, &name)
}

/// A new database without a single table.
pub async fn empty_database() -> String {
    let admin = tokio::task::spawn_blocking(admin_url).await.unwrap();
    let name = unique("empty");
    client(admin).await.batch_execute(&format!("create database {name}")).await.unwrap();
    database_url(admin, &name)
}

/// A connection as the database's owner, to arrange or to look.
pub async fn client(url: &str) -> tokio_postgres::Client {
    let (client, connection) = connect(&Target::parse(url).unwrap()).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The same server, another role.
pub fn as_role(url: &str, role: &str, password: &str) -> String {
    let (_, rest) = url.split_once('@').unwrap();
    format!("postgresql://{role}:{password}@{rest}")
}

pub fn unique(stem: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{stem}_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn database_url(admin: &str, name: &str) -> String {
    admin.replace("/task_inbox?", &format!("/{name}?"))
}

fn admin_url() -> &'static str {
    static ADMIN: OnceLock<String> = OnceLock::new();
    ADMIN.get_or_init(|| {
        let (sender, receiver) = std::sync::mpsc::channel();
        // A thread and a runtime of its own: it outlives the test that began it.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let data = tempfile::tempdir().unwrap().keep();
                let pg_bin =
                    std::env::var_os("TASK_INBOX_PG_BIN").filter(|folder| !folder.is_empty());
                let options =
                    Options { data: data.clone(), pg_bin: pg_bin.map(Into::into), pg_user: None };
                let cluster = Cluster::start(&options).await.unwrap();
                sweep_after_us(&data);
                prepare_template(cluster.database_url()).await;
                sender.send(cluster.database_url().to_owned()).unwrap();
                std::future::pending::<()>().await;
            });
        });
        receiver.recv().unwrap()
    })
}

/// A shell that sees our end, even by `kill -9`, in the end of its input; it ends
/// the cluster and removes the folder.
pub fn sweep_after_us(data: &std::path::Path) {
    let script = "cat >/dev/null; pid=$(find \"$0\" -name postmaster.pid -exec head -n 1 {} ';'); \
                  kill -QUIT $pid; while kill -0 $pid 2>/dev/null; do sleep 0.1; done; rm -rf \"$0\"";
    let child = Command::new("sh")
        .args(["-c", script])
        .arg(data)
        // ^C is meant for the tests, not for who cleans up after them.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Its input must stay open as long as this process.
    std::mem::forget(child);
}

async fn prepare_template(admin: &str) {
    let setup = client(admin).await;
    // A test's data need not survive a power cut.
    setup.batch_execute("alter role task_inbox set synchronous_commit = off").await.unwrap();
    setup.batch_execute(&format!("create database {TEMPLATE}")).await.unwrap();
    let url = database_url(admin, TEMPLATE);
    migrate(&Target::parse(&url).unwrap()).await.unwrap();

    let template = client(&url).await;
    let sequences = template
        .query("select sequence_schema || '.' || sequence_name from information_schema.sequences order by 1", &[])
        .await
        .unwrap();
    for (place, row) in sequences.iter().enumerate() {
        let name: String = row.get(0);
        template
            .batch_execute(&format!("alter sequence {name} restart with {}", (place + 1) * 10_000))
            .await
            .unwrap();
    }
    drop(template);
    // Cloning needs a template that nobody is connected to.
    let busy = "select count(*) from pg_stat_activity where datname = $1";
    while setup.query_one(busy, &[&TEMPLATE]).await.unwrap().get::<_, i64>(0) > 0 {
        tokio::task::yield_now().await;
    }
}
