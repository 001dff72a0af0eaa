//! The cluster in the data folder, from its first start through every kind of bad end.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use task_inbox::embedded::{Cluster, Options};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};
use tokio_postgres::{Client, Error, NoTls};

#[tokio::test]
async fn what_was_stored_is_there_after_a_restart() {
    let data = TempDir::new().unwrap();
    let cluster = Cluster::start(&options(&data)).await.unwrap();
    store(cluster.database_url(), "kept").await;
    cluster.stop().await.unwrap();

    let cluster = Cluster::start(&options(&data)).await.unwrap();
    assert_eq!(stored(cluster.database_url()).await, "kept");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn nobody_gets_in_without_the_password_and_nobody_is_superuser() {
    let data = TempDir::new().unwrap();
    let cluster = Cluster::start(&options(&data)).await.unwrap();
    let (_, address) = cluster.database_url().split_once('@').unwrap();

    for someone in ["task_inbox:guess", "task_inbox", "postgres:guess", "postgres"] {
        let url = format!("postgresql://{someone}@{address}");
        assert!(ask(&url, "select 'in'").await.is_err(), "{someone}");
    }
    let rights = "select concat_ws(' ', current_user, rolsuper, rolcreaterole,
                    (select pg_get_userbyid(datdba) from pg_database
                     where datname = current_database()))
                  from pg_roles where rolname = current_user";
    let rights = ask(cluster.database_url(), rights).await.unwrap();
    assert_eq!(rights, "task_inbox f t task_inbox");
    assert_eq!(ask(cluster.database_url(), "show listen_addresses").await.unwrap(), "");
    for file in ["database.password", "postgresql.log", "serve.lock", "cluster.lock"] {
        assert_eq!(mode(&data.path().join(file)), 0o600, "{file}");
    }
    for directory in ["cluster", "socket"] {
        assert_eq!(mode(&data.path().join(directory)), 0o700, "{directory}");
    }
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_serve_on_the_same_folder_is_refused() {
    let data = TempDir::new().unwrap();
    let cluster = Cluster::start(&options(&data)).await.unwrap();

    let refused = Cluster::start(&options(&data)).await.unwrap_err().to_string();
    assert!(refused.contains("in use by another `task-inbox serve`"), "{refused}");
    store(cluster.database_url(), "undisturbed").await;
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_command_uses_the_database_of_a_running_serve_and_leaves_it_running() {
    let data = TempDir::new().unwrap();
    let cluster = Cluster::start(&options(&data)).await.unwrap();

    let command = Cluster::for_command(&options(&data)).await.unwrap();
    assert_eq!(command.database_url(), cluster.database_url());
    store(command.database_url(), "by command").await;
    command.stop().await.unwrap();

    assert_eq!(stored(cluster.database_url()).await, "by command");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn commands_at_the_same_time_and_a_serve_wait_for_each_other() {
    let data = TempDir::new().unwrap();
    let options = options(&data);
    let command = async |sql: &str| {
        let cluster = Cluster::for_command(&options).await.unwrap();
        let answer = ask(cluster.database_url(), sql).await.unwrap();
        cluster.stop().await.unwrap();
        answer
    };

    let answers = tokio::join!(command("select 'one'"), command("select 'other'"));
    assert_eq!(answers, ("one".to_owned(), "other".to_owned()));
    assert_eq!(server_process(&data), "", "the server was left running");

    let serve = async { Cluster::start(&options).await.unwrap() };
    let (answer, cluster) = tokio::join!(command("select 'not cut off' from pg_sleep(0.1)"), serve);
    assert_eq!(answer, "not cut off");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_database_server_that_is_killed_comes_back_by_itself() {
    let data = TempDir::new().unwrap();
    let cluster = Cluster::start(&options(&data)).await.unwrap();
    store(cluster.database_url(), "survives").await;

    for _ in 0..3 {
        let killed = server_process(&data);
        signal("-KILL", &killed);
        until("another server answers", async || {
            let answer = ask(cluster.database_url(), "select 'here'").await;
            server_process(&data) != killed && answer.is_ok()
        })
        .await;
    }
    assert_eq!(stored(cluster.database_url()).await, "survives");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_program_that_is_killed_starts_again_as_if_nothing_had_been() {
    let data = TempDir::new().unwrap();
    let (mut program, database_url) = serve(&data);
    store(&database_url, "survives").await;

    for with_its_server in [false, true] {
        if with_its_server {
            signal("-KILL", &server_process(&data));
        }
        program.kill().unwrap();
        program.wait().unwrap();
        let again;
        (program, again) = serve(&data);
        assert_eq!(stored(&again).await, "survives");
    }
    signal("-INT", &program.id().to_string());
    program.wait().unwrap();
    assert_eq!(server_process(&data), "", "the server was left running");
}

#[tokio::test]
async fn the_number_of_a_dead_server_given_to_another_process_does_no_harm() {
    let data = TempDir::new().unwrap();
    Cluster::start(&options(&data)).await.unwrap().stop().await.unwrap();
    let mut bystander = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let traces = format!("{}\n{}\n", bystander.id(), data.path().join("cluster").display());
    fs::write(data.path().join("cluster/postmaster.pid"), traces).unwrap();

    Cluster::start(&options(&data)).await.unwrap().stop().await.unwrap();
    assert!(bystander.try_wait().unwrap().is_none(), "an innocent process was ended");
    bystander.kill().unwrap();
    bystander.wait().unwrap();
}

#[tokio::test]
async fn a_cluster_of_another_major_version_is_refused_with_the_way_out() {
    let data = TempDir::new().unwrap();
    let cluster = data.path().join("cluster");
    fs::create_dir(&cluster).unwrap();
    // As root, a server's folder belongs to another user.
    if fs::metadata(&cluster).unwrap().uid() == 0 {
        chown(&cluster, Some(65534), None).unwrap();
    }
    fs::write(cluster.join("PG_VERSION"), "99\n").unwrap();

    let refused = Cluster::start(&options(&data)).await.unwrap_err().to_string();
    for words in ["is of PostgreSQL 99", "apt-get install postgresql-99", "pg_dump", "pg_restore"] {
        assert!(refused.contains(words), "{words}: {refused}");
    }
}

#[tokio::test]
async fn a_creation_cut_off_in_the_middle_is_begun_anew() {
    let data = TempDir::new().unwrap();
    let unfinished = data.path().join("cluster.new-12345678");
    fs::create_dir(&unfinished).unwrap();
    fs::write(unfinished.join("PG_VERSION"), "15").unwrap();

    let cluster = Cluster::start(&options(&data)).await.unwrap();
    store(cluster.database_url(), "anew").await;
    assert!(!unfinished.exists());
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_lost_password_file_is_replaced_and_the_data_kept() {
    let data = TempDir::new().unwrap();
    let cluster = Cluster::start(&options(&data)).await.unwrap();
    store(cluster.database_url(), "kept").await;
    let before = cluster.database_url().to_owned();
    cluster.stop().await.unwrap();
    fs::remove_file(data.path().join("database.password")).unwrap();

    let cluster = Cluster::start(&options(&data)).await.unwrap();
    assert_eq!(stored(cluster.database_url()).await, "kept");
    assert_ne!(cluster.database_url(), before);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_data_folder_may_have_any_name() {
    let long = "deep ".repeat(40);
    for name in ["with blanks and \"quotes\"", "with, comma", &long] {
        let data = tempfile::Builder::new().prefix(name).tempdir().unwrap();
        let cluster = Cluster::start(&options(&data)).await.unwrap();
        store(cluster.database_url(), "in").await;
        let socket = fs::canonicalize(data.path().join("socket")).unwrap();
        assert_eq!(mode(&socket), 0o700);
        cluster.stop().await.unwrap();
        assert!(!socket.exists() || socket.starts_with(data.path()), "left outside");
    }
}

pub fn options(data: &TempDir) -> Options {
    let pg_bin = std::env::var_os("TASK_INBOX_PG_BIN").filter(|folder| !folder.is_empty());
    Options { data: data.path().to_owned(), pg_bin: pg_bin.map(PathBuf::from), pg_user: None }
}

async fn connect(database_url: &str) -> Result<Client, Error> {
    let (client, connection) = tokio_postgres::connect(database_url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn ask(database_url: &str, sql: &str) -> Result<String, Error> {
    connect(database_url).await?.query_one(sql, &[]).await?.try_get(0)
}

async fn store(database_url: &str, thing: &str) {
    let sql = format!("create table thing as select '{thing}'::text as name");
    connect(database_url).await.unwrap().batch_execute(&sql).await.unwrap();
}

async fn stored(database_url: &str) -> String {
    ask(database_url, "select name from thing").await.unwrap()
}

/// The program itself, in a process that can be killed, and its database.
fn serve(data: &TempDir) -> (Child, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_task-inbox"))
        .args(["serve", "--json-ready"])
        .env_remove("DATABASE_URL")
        .env("TASK_INBOX_DATA", data.path())
        .env("TASK_INBOX_LISTEN", "127.0.0.1:0")
        .env("TASK_INBOX_OPS_LISTEN", "off")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    (program, ready["database_url"].as_str().unwrap().to_owned())
}

/// Its number, or nothing when none is running.
fn server_process(data: &TempDir) -> String {
    let file = fs::read_to_string(data.path().join("cluster/postmaster.pid")).unwrap_or_default();
    file.lines().next().unwrap_or_default().to_owned()
}

pub fn signal(signal: &str, process: &str) {
    assert!(Command::new("kill").args([signal, process]).status().unwrap().success());
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn until(condition: &str, holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(30), waiting)
        .await
        .unwrap_or_else(|_| panic!("never: {condition}"));
}
