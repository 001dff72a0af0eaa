//! Makes the cluster, its role and its database, all at once or not at all.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::folder::{self, Folder};
use super::server::Server;

const UNFINISHED: &str = "cluster.new-";

/// The superuser has no password, so it gets in by no way but the files.
const HOST_BASED_AUTHENTICATION: &str = "\
# task-inbox: the socket is the only way in, and a password is always asked for
local all all scram-sha-256
";

pub fn new_password() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Works in a sibling that is renamed at the end: killed in the middle, the next
/// start begins anew, in another one, as the first `initdb` may still be at work.
pub async fn create(server: &Server, password: &str) -> Result<()> {
    let Server { folder, account, programs, .. } = server;
    tracing::info!("creating a PostgreSQL {} cluster", programs.major);
    remove_unfinished(folder)?;
    let unfinished = folder.root.join(format!("{UNFINISHED}{:08x}", rand::random::<u32>()));
    folder::make_private(&unfinished, account)?;
    let provider: &[&str] = match programs.major {
        17.. => &["--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
        _ => &["--locale-provider=icu", "--icu-locale=und"],
    };
    let mut command = Command::from(account.command(&programs.program("initdb")));
    command.args(["--username=postgres", "--auth=reject", "--encoding=UTF8", "--locale=C"]);
    command.args(provider).arg("--data-checksums").arg("--pgdata").arg(&unfinished);
    let output = command.kill_on_drop(true).output().await.context("running `initdb`")?;
    if !output.status.success() {
        bail!("initdb: {}", last_words(&output.stderr));
    }

    let authentication = unfinished.join("pg_hba.conf");
    folder.put(&authentication, HOST_BASED_AUTHENTICATION, Some(account))?;
    let sql = format!(
        "create role task_inbox login createdb createrole password '{password}';\n\n\
         create database task_inbox owner task_inbox;\n\n"
    );
    run_alone(server, &unfinished, &sql).await?;
    folder.save_password(password)?;
    fs::rename(&unfinished, &folder.cluster).context("finishing the cluster")?;
    File::open(&folder.root)?.sync_all().context("finishing the cluster")
}

/// For when its file is lost. The server must be down.
pub async fn replace_password(server: &Server, password: &str) -> Result<()> {
    tracing::warn!("the file with the database password is lost: setting another password");
    let sql = format!("alter role task_inbox password '{password}';\n\n");
    run_alone(server, &server.folder.cluster, &sql).await?;
    server.folder.save_password(password)
}

fn remove_unfinished(folder: &Folder) -> Result<()> {
    for entry in fs::read_dir(&folder.root)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED)
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            tracing::warn!("removing `{}`: {error}", entry.path().display());
        }
    }
    Ok(())
}

/// PostgreSQL without a server: needs no superuser password and lets nobody else in.
/// A statement ends with a semicolon and an empty line.
async fn run_alone(server: &Server, cluster: &Path, sql: &str) -> Result<()> {
    let postgres = server.programs.program("postgres");
    let mut command = Command::from(server.account.command(&postgres));
    command.args(["--single", "-j", "-c", "exit_on_error=on", "-D"]).arg(cluster).arg("postgres");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn().context("running `postgres --single`")?;
    let mut stdin = child.stdin.take().context("running `postgres --single`")?;
    // One that ended early says why below.
    let _closed = stdin.write_all(sql.as_bytes()).await;
    drop(stdin);
    let output = child.wait_with_output().await?;
    if !output.status.success() {
        bail!("setting up the database: {}", last_words(&output.stderr));
    }
    Ok(())
}

/// The end of a message, without statements: they hold the password.
fn last_words(output: &[u8]) -> String {
    let output = String::from_utf8_lossy(output);
    let lines: Vec<_> = output.lines().filter(|line| !line.contains("STATEMENT:")).collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}
