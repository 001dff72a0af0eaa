//! Runs the cluster's server: starts it, starts it again when it dies, stops it.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};
use tokio_util::sync::CancellationToken;

use super::Patience;
use super::account::Account;
use super::folder::{self, Folder};
use super::programs::Programs;

/// Of a killed server's processes; a busy one looks up only now and then.
const LONGEST_AFTERLIFE: Duration = Duration::from_secs(20);
const LARGEST_LOG: u64 = 8 * 1024 * 1024;
const LOG_LOOKED_AT_EVERY: Duration = Duration::from_secs(30);

pub struct Server {
    pub folder: Folder,
    pub account: Account,
    pub programs: Programs,
    pub socket: PathBuf,
    pub name: &'static str,
    pub url: String,
}

impl Server {
    /// Returns when the server takes connections. Processes of one that was killed
    /// may hold its memory for a while, and are waited for.
    pub async fn launch(&self) -> Result<Child> {
        let give_up = Instant::now() + LONGEST_AFTERLIFE;
        loop {
            match self.try_launch().await {
                Err(error) if in_use(&error) && Instant::now() < give_up => {
                    sleep(Duration::from_millis(250)).await;
                }
                result => return result,
            }
        }
    }

    async fn try_launch(&self) -> Result<Child> {
        self.clear_the_way().await?;
        shorten_log(&self.folder)?;
        let log = self.folder.private_file(&self.folder.log)?;
        let log_start = log.metadata()?.len();
        let mut command = self.account.command(&self.programs.program("postgres"));
        command.arg("-D").arg(&self.folder.cluster);
        for (setting, value) in [
            ("cluster_name", self.name),
            ("listen_addresses", ""),
            ("port", "5432"),
            ("unix_socket_permissions", "0700"),
            ("logging_collector", "off"),
            ("log_destination", "stderr"),
            // Else it shows values of rows.
            ("log_error_verbosity", "terse"),
        ] {
            command.arg("-c").arg(format!("{setting}={value}"));
        }
        let socket = self.socket.to_str().context("the socket's path is not UTF-8")?;
        // The setting is a list of names that may be quoted.
        let socket = socket.replace('"', "\"\"");
        command.arg("-c").arg(format!("unix_socket_directories=\"{socket}\""));
        // A file, not a pipe of ours, so that it outlives us; a group of its own, so
        // that ^C at the terminal reaches only us.
        command.stdout(log.try_clone()?).stderr(log).process_group(0);
        let child = Command::from(command).spawn().context("starting `postgres`")?;
        let mut starting = Starting(Some(child));
        let mut patience = Patience::default();
        while !self.is_ready().await? {
            if starting.has_ended()? {
                bail!("PostgreSQL does not start: {}", log_since(&self.folder, log_start)?);
            }
            patience.pause("waiting for PostgreSQL to recover its files").await;
        }
        starting.0.take().context("starting `postgres`")
    }

    async fn is_ready(&self) -> Result<bool> {
        match name_of(&self.url).await {
            Ok(name) => Ok(name.is_some()),
            Err(error) => {
                self.stop().await?;
                Err(error)
            }
        }
    }

    /// Stops a server that an earlier, killed run left behind, so that we have our own
    /// child to watch. Of a dead one it mends the traces.
    pub async fn clear_the_way(&self) -> Result<()> {
        if self.is_alive()? {
            tracing::info!("stopping the PostgreSQL server that an earlier run left");
            return self.stop().await;
        }
        let pid_file = self.pid_file();
        if let Some(text) = folder::read_if_there(&pid_file)? {
            // PostgreSQL takes the file for a living server's if any process has that
            // number by now, but not if it is its parent's. The rest of the file stays:
            // by it PostgreSQL finds leftover processes that still use the memory.
            let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
            let mended = format!("{}\n{rest}", process::id());
            self.folder.put(&pid_file, &mended, Some(&self.account))?;
        }
        folder::clear_socket(&self.socket)
    }

    fn pid_file(&self) -> PathBuf {
        self.folder.cluster.join("postmaster.pid")
    }

    /// Numbers of processes are used again, so we look whether that process is a
    /// server of this cluster: `pg_ctl` would send its signal to any.
    fn is_alive(&self) -> Result<bool> {
        let Some(text) = folder::read_if_there(&self.pid_file())? else { return Ok(false) };
        let pid = text.lines().next().unwrap_or_default();
        let cluster = self.folder.cluster.to_string_lossy();
        let command_line = if cfg!(target_os = "linux") {
            fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()
        } else {
            process::Command::new("ps").args(["-o", "command=", "-p", pid]).output()?.stdout
        };
        let command_line = String::from_utf8_lossy(&command_line).replace('\0', " ");
        Ok(command_line.contains(&format!(" -D {cluster} ")))
    }

    /// Ends it, politely to its files, not to its clients.
    async fn stop(&self) -> Result<()> {
        for mode in ["fast", "immediate"] {
            if !self.is_alive()? {
                return Ok(());
            }
            let mut command = Command::from(self.stop_command(mode));
            command.output().await.context("running `pg_ctl stop`")?;
        }
        if self.is_alive()? {
            bail!("PostgreSQL does not stop, see `{}`", self.folder.log.display());
        }
        Ok(())
    }

    pub fn stop_blocking(&self) {
        let stopped = self.is_alive().and_then(|alive| match alive {
            true => Ok(self.stop_command("fast").output().map(drop)?),
            false => Ok(()),
        });
        if let Err(error) = stopped {
            tracing::warn!("stopping PostgreSQL: {error:#}");
        }
    }

    fn stop_command(&self, mode: &str) -> process::Command {
        let mut command = self.account.command(&self.programs.program("pg_ctl"));
        command.args(["stop", "--wait", "--timeout=60", "--mode", mode, "--pgdata"]);
        command.arg(&self.folder.cluster);
        command
    }
}

fn in_use(error: &anyhow::Error) -> bool {
    error.to_string().contains("is still in use")
}

/// A server that is not ready yet. If its start is given up, it must not stay behind.
struct Starting(Option<Child>);

impl Starting {
    fn has_ended(&mut self) -> Result<bool> {
        Ok(self.0.as_mut().map(Child::try_wait).transpose()?.flatten().is_some())
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0
            && let Err(error) = child.start_kill()
        {
            tracing::debug!("a server that did not start had ended: {error}");
        }
    }
}

/// Watches over the server until told to stop: whatever ends it, it is started again.
pub async fn keep_running(
    server: Arc<Server>,
    mut child: Child,
    stop: CancellationToken,
) -> Result<()> {
    loop {
        tokio::select! {
            () = stop.cancelled() => {
                server.stop().await?;
                child.wait().await?;
                return server.folder.drop_socket();
            }
            () = sleep(LOG_LOOKED_AT_EVERY) => {
                if let Err(error) = shorten_log(&server.folder) {
                    tracing::warn!("shortening the log of PostgreSQL: {error:#}");
                }
            }
            ended = child.wait() => {
                let status = ended?;
                tracing::error!("the PostgreSQL server ended ({status}) and is started again");
                match start_again(&server, &stop).await {
                    Some(started) => child = started,
                    None => return Ok(()),
                }
            }
        }
    }
}

async fn start_again(server: &Server, stop: &CancellationToken) -> Option<Child> {
    let mut pause = Duration::from_millis(100);
    loop {
        match server.launch().await {
            Ok(child) => {
                tracing::info!("the PostgreSQL server runs again");
                return Some(child);
            }
            Err(error) => tracing::error!("starting PostgreSQL again: {error:#}"),
        }
        stop.run_until_cancelled(sleep(pause)).await?;
        pause = Duration::from_secs(10).min(pause * 2);
    }
}

/// The name of the server that answers at this address; none if none takes
/// connections (yet).
pub async fn name_of(database_url: &str) -> Result<Option<String>> {
    let config: Config = database_url.parse().context("reading the database's address")?;
    let question = async {
        let (client, connection) = config.connect(NoTls).await?;
        let connection = tokio::spawn(connection);
        let answer = client.query_one("show cluster_name", &[]).await?.try_get(0);
        drop(client);
        // Gone from the server's side too, so that a probe never counts as a client.
        let _ended = connection.await;
        answer
    };
    match timeout(Duration::from_secs(5), question).await {
        Ok(Ok(name)) => Ok(Some(name)),
        Ok(Err(error)) => match error.code() {
            None | Some(&SqlState::CANNOT_CONNECT_NOW | &SqlState::ADMIN_SHUTDOWN) => Ok(None),
            Some(&SqlState::INVALID_PASSWORD) => Err(error).context(
                "the password in the data folder's `database.password` is not the database's: \
                 stop task-inbox, remove that file and start again, then a new one is set",
            ),
            Some(_) => Err(error).context("connecting to PostgreSQL"),
        },
        Err(_) => Ok(None),
    }
}

/// Keeps the log and one before it. The server goes on writing at the end, wherever
/// that is, because it has the file open for appending.
fn shorten_log(folder: &Folder) -> Result<()> {
    let log = folder.private_file(&folder.log)?;
    if log.metadata()?.len() > LARGEST_LOG {
        fs::copy(&folder.log, folder.log.with_extension("log.1"))?;
        log.set_len(0)?;
    }
    Ok(())
}

/// What the server said last; what it says first tells least.
fn log_since(folder: &Folder, start: u64) -> Result<String> {
    let mut log = File::open(&folder.log)?;
    let length = log.metadata()?.len();
    log.seek(SeekFrom::Start(start.max(length.saturating_sub(2000))))?;
    let mut bytes = Vec::new();
    log.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}
