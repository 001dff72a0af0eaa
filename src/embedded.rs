//! A private PostgreSQL cluster in the data folder, for those who give no `DATABASE_URL`.

mod account;
mod create;
mod folder;
mod programs;
mod server;

use std::fmt;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use account::Account;
use folder::Folder;
use programs::Programs;
use server::Server;

/// The name a running server shows tells a command whether it may lean on it: one
/// that `serve` keeps stays, one that another command started is about to go.
const KEPT_BY_SERVE: &str = "task-inbox";
const KEPT_BY_COMMAND: &str = "task-inbox command";

#[derive(Clone, Debug)]
pub struct Options {
    /// The data folder; it is made when it is not there.
    pub data: PathBuf,
    /// Where `postgres`, `initdb` and `pg_ctl` are; else they are looked for.
    pub pg_bin: Option<PathBuf>,
    /// As whom the server programs run when we are root.
    pub pg_user: Option<String>,
}

/// A cluster that is up. Call [`Cluster::stop`]; a dropped one is stopped too, but
/// blocks the thread meanwhile.
pub struct Cluster {
    database_url: String,
    running: Option<Running>,
}

struct Running {
    server: Arc<Server>,
    stop: CancellationToken,
    keeper: JoinHandle<Result<()>>,
    /// Closing them is what lets the next one in, so they go last.
    _locks: Vec<File>,
}

/// The address holds the password.
impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").finish_non_exhaustive()
    }
}

impl Cluster {
    /// For `serve`: takes the data folder for itself, creates the cluster if there is
    /// none, starts the server and keeps it running until [`Cluster::stop`].
    pub async fn start(options: &Options) -> Result<Cluster> {
        let folder = Folder::open(&options.data)?;
        let serve_lock = folder.lock_file("serve.lock")?;
        if !try_lock(&serve_lock)? {
            let data = folder.root.display();
            bail!("the data folder `{data}` is in use by another `task-inbox serve`");
        }
        let cluster_lock = folder.lock_file("cluster.lock")?;
        let mut patience = Patience::default();
        while !try_lock(&cluster_lock)? {
            patience.pause("waiting for a command that uses the database to finish").await;
        }
        Cluster::launch(folder, options, KEPT_BY_SERVE, vec![serve_lock, cluster_lock]).await
    }

    /// For the other commands: attaches to the cluster that a running `serve` has,
    /// else starts it for the time of the command.
    pub async fn for_command(options: &Options) -> Result<Cluster> {
        let folder = Folder::open(&options.data)?;
        let cluster_lock = folder.lock_file("cluster.lock")?;
        let mut patience = Patience::default();
        loop {
            if let Some(database_url) = folder.database_url()?
                && server::name_of(&database_url).await?.as_deref() == Some(KEPT_BY_SERVE)
            {
                return Ok(Cluster { database_url, running: None });
            }
            if try_lock(&cluster_lock)? {
                let locks = vec![cluster_lock];
                return Cluster::launch(folder, options, KEPT_BY_COMMAND, locks).await;
            }
            patience.pause("waiting for another task-inbox to start or to let go").await;
        }
    }

    /// `postgresql://task_inbox:PASSWORD@/task_inbox?host=…`, which `psql`, `pg_dump`
    /// and `pgbench` understand as well. The role owns the database and is no superuser.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// Shuts the server down without waiting for its clients. Does nothing when the
    /// cluster is somebody else's.
    pub async fn stop(mut self) -> Result<()> {
        let Some(mut running) = self.running.take() else { return Ok(()) };
        running.stop.cancel();
        (&mut running.keeper).await.context("stopping PostgreSQL")?
    }

    async fn launch(
        folder: Folder,
        options: &Options,
        name: &'static str,
        locks: Vec<File>,
    ) -> Result<Cluster> {
        let cluster_major = folder.cluster_major()?;
        let account = Account::choose(&folder, options.pg_user.as_deref())?;
        let programs = Programs::find(&folder, cluster_major, options.pg_bin.as_deref(), &account)?;
        let socket = folder.make_socket(&account)?;
        let saved_password = folder.password()?;
        let password = saved_password.clone().unwrap_or_else(create::new_password);
        let url = folder::database_url(&password, &socket);
        let server = Server { folder, account, programs, socket, name, url: url.clone() };
        if cluster_major.is_none() {
            create::create(&server, &password).await?;
        } else if saved_password.is_none() {
            server.clear_the_way().await?;
            create::replace_password(&server, &password).await?;
        }
        let server = Arc::new(server);
        let child = server.launch().await?;
        let stop = CancellationToken::new();
        let keeper = tokio::spawn(server::keep_running(server.clone(), child, stop.clone()));
        let running = Running { server, stop, keeper, _locks: locks };
        Ok(Cluster { database_url: url, running: Some(running) })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.keeper.abort();
            running.server.stop_blocking();
        }
    }
}

fn try_lock(file: &File) -> Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).context("locking the data folder"),
    }
}

/// Between two looks at a thing that will happen; says so when a person may wonder.
#[derive(Default)]
struct Patience {
    pauses: u32,
}

impl Patience {
    async fn pause(&mut self, why: &str) {
        self.pauses += 1;
        if self.pauses == 100 {
            tracing::info!("{why}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
