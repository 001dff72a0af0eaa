//! A PostgreSQL of the case's own, which it may stop and start as it likes.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use task_inbox::db::Target;
use task_inbox::db::migrate::migrate;
use task_inbox::embedded::Cluster;
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::embedded::options;
use crate::postgres::sweep_after_us;

pub struct Postgresql {
    pub database_url: String,
    data: TempDir,
    pg_ctl: PathBuf,
}

/// One that was made, migrated and stopped, to be copied: half of what making takes.
struct Prepared {
    data: PathBuf,
    database_url: String,
    pg_ctl: PathBuf,
}

static PREPARED: OnceCell<Prepared> = OnceCell::const_new();

impl Postgresql {
    /// Run without the program's keeper, which would start it again whenever it ends.
    pub async fn start() -> Postgresql {
        Postgresql::start_with("", "").await
    }

    /// With more in its configuration, and more who get in.
    pub async fn start_with(configuration: &str, authentication: &str) -> Postgresql {
        let prepared = PREPARED.get_or_init(prepare).await;
        let data = TempDir::new().unwrap();
        let mut copy = Command::new("cp");
        copy.arg("-a").arg(prepared.data.join(".")).arg(data.path());
        assert!(copy.status().unwrap().success());
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        let (from, to) = (name(&prepared.data), name(data.path()));
        // `pg_ctl restart` reads there how it was started.
        let options = data.path().join("cluster/postmaster.opts");
        let moved = fs::read_to_string(&options).unwrap().replace(&from, &to);
        fs::write(&options, moved).unwrap();

        let add = |file: &str, before: &str, after: &str| {
            let file = data.path().join("cluster").join(file);
            let text = fs::read_to_string(&file).unwrap();
            fs::write(file, format!("{before}\n{text}\n{after}\n")).unwrap();
        };
        add("postgresql.conf", "", configuration);
        add("pg_hba.conf", authentication, "");

        sweep_after_us(data.path());
        let database_url = prepared.database_url.replace(&from, &to);
        let postgresql = Postgresql { database_url, data, pg_ctl: prepared.pg_ctl.clone() };
        postgresql.restart().await;
        postgresql
    }

    /// As in a crash; also starts one that is stopped, as it was started before.
    pub async fn restart(&self) {
        self.control("restart").await;
    }

    pub async fn stop(&self) {
        self.control("stop").await;
    }

    /// What it has said.
    pub fn log(&self) -> String {
        fs::read_to_string(self.data.path().join("postgresql.log")).unwrap()
    }

    async fn control(&self, action: &'static str) {
        let mut command = self.command(action);
        let status = tokio::task::spawn_blocking(move || command.status()).await.unwrap();
        assert!(status.unwrap().success(), "pg_ctl {action}");
    }

    fn command(&self, action: &str) -> Command {
        let cluster = self.data.path().join("cluster");
        let mut command = Command::new(&self.pg_ctl);
        command.args([action, "--wait", "--mode=immediate", "--pgdata"]).arg(&cluster);
        let owner = fs::metadata(&cluster).unwrap();
        if fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.uid(owner.uid()).gid(owner.gid());
        }
        // A file, not a pipe of ours: the server keeps it.
        let log = File::options().append(true).open(self.data.path().join("postgresql.log"));
        let log = log.unwrap();
        command.env_clear().env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        command
    }
}

impl Drop for Postgresql {
    fn drop(&mut self) {
        let stopped = self.command("stop").status();
        if !stopped.is_ok_and(|status| status.success()) {
            eprintln!("a PostgreSQL of {} may have been left", self.data.path().display());
        }
    }
}

async fn prepare() -> Prepared {
    let data = TempDir::new().unwrap();
    let cluster = Cluster::start(&options(&data)).await.unwrap();
    migrate(&Target::parse(cluster.database_url()).unwrap()).await.unwrap();
    let process = fs::read_to_string(data.path().join("cluster/postmaster.pid")).unwrap();
    let process = process.lines().next().unwrap();
    let postgres = fs::read_link(format!("/proc/{process}/exe")).unwrap();
    let database_url = cluster.database_url().to_owned();
    cluster.stop().await.unwrap();

    sweep_after_us(data.path());
    Prepared { data: data.keep(), database_url, pg_ctl: postgres.with_file_name("pg_ctl") }
}
