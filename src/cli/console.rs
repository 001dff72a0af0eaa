//! What commands work with: the database, opened when the first one asks for it.

use std::io::IsTerminal;
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use serde_json::value::RawValue;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, OnceCell};
use tokio_postgres::types::{Json as Jsonb, ToSql};
use tracing::warn;
use tracing_subscriber::EnvFilter;

use super::output::Output;
use crate::config::Config;
use crate::db::{Db, Target, migrate};
use crate::embedded::Cluster;
use crate::seal::{self, Sealer};
use crate::worker::{Own, Sender};

pub struct Console {
    pub output: Output,
    opened: OnceCell<Opened>,
    opening: Notify,
    left: OnceLock<String>,
}

pub struct Opened {
    pub db: Db,
    pub target: Target,
    config: Config,
    cluster: Option<Cluster>,
}

impl Console {
    pub fn new(output: Output) -> Console {
        Console { output, opened: OnceCell::new(), opening: Notify::new(), left: OnceLock::new() }
    }

    /// The database, brought to this program's functions.
    pub async fn open(&self) -> Result<&Opened> {
        self.opened.get_or_try_init(|| self.open_database()).await
    }

    async fn open_database(&self) -> Result<Opened> {
        let config = Config::load()?;
        // What is normal while serving only disturbs whoever reads a list.
        start_logging(config.log.as_deref().unwrap_or("warn"), config.log_json)?;
        if let Err(fault) = &config.outbound {
            warn!("webhooks wait: {fault}");
        }

        self.opening.notify_one();
        let cluster = match config.database_url {
            Some(_) => None,
            None => Some(Cluster::for_command(&config.cluster()).await?),
        };
        match open_target(&config, cluster.as_ref()).await {
            Ok((db, target)) => Ok(Opened { db, target, config, cluster }),
            Err(error) => {
                stop(cluster).await?;
                Err(error)
            }
        }
    }

    /// From the moment a database is at stake: until then ^C simply ends the program.
    pub async fn interrupted(&self) {
        self.opening.notified().await;
        let terminated = async {
            match signal(SignalKind::terminate()) {
                Ok(mut signals) => drop(signals.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminated => {}
        }
    }

    /// What is said after ^C of what stays behind.
    pub fn leave(&self, words: String) {
        let _ = self.left.set(words);
    }

    pub fn left(&self) -> &str {
        self.left.get().map_or("", String::as_str)
    }

    pub async fn close(self) -> Result<()> {
        match self.opened.into_inner() {
            Some(opened) => {
                opened.db.close();
                stop(opened.cluster).await
            }
            None => Ok(()),
        }
    }
}

impl Opened {
    pub fn sealer(&self) -> Result<Sealer> {
        if self.cluster.is_some() && self.config.secret_key.is_none() {
            seal::keep_key(&self.config.data)?;
        }
        Sealer::load(self.config.secret_key.as_deref(), &self.config.data)
    }

    pub fn warnings(&self, urls: &[String]) -> Vec<String> {
        crate::config::warnings(&self.config.outbound, urls)
    }

    /// Or why nothing can be sent.
    pub fn sender(&self) -> std::result::Result<Arc<Sender>, String> {
        Sender::of(&self.config, Own { listen: None, public_url: self.config.public_url.clone() })
    }

    /// Under which people reach the inbox: as set, else as the server was last reached.
    pub async fn public_url(&self) -> Result<String> {
        if let Some(url) = &self.config.public_url {
            return Ok(url.as_str().trim_end_matches('/').to_owned());
        }
        let row = self.db.row("select inbox_internal.read_setting('public_url')", &[]).await?;
        row.get::<_, Option<String>>(0).context(
            "no address is known yet: set `TASK_INBOX_PUBLIC_URL`, or run `task-inbox serve` once",
        )
    }

    /// The one jsonb column of every row, as SQL wrote it: parsing would round numbers.
    pub async fn objects(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Box<RawValue>>> {
        let rows = self.db.rows(sql, params).await?;
        Ok(rows.iter().map(|row| row.get::<_, Jsonb<_>>(0).0).collect())
    }
}

async fn open_target(config: &Config, cluster: Option<&Cluster>) -> Result<(Db, Target)> {
    let url = cluster.map(Cluster::database_url).or(config.database_url.as_deref());
    let target = Target::parse(url.context("neither a database address nor a cluster")?)?;
    migrate::migrate(&target).await?;
    Ok((Db::command(&target)?, target))
}

async fn stop(cluster: Option<Cluster>) -> Result<()> {
    match cluster {
        Some(cluster) => cluster.stop().await,
        None => Ok(()),
    }
}

/// To stderr: stdout belongs to what was asked for.
pub fn start_logging(filter: &str, json: bool) -> Result<()> {
    // What was migrated we say ourselves; that nothing was is no news.
    let filter = EnvFilter::try_new(format!("refinery_core=warn,{filter}"))
        .with_context(|| format!("`TASK_INBOX_LOG` \"{filter}\""))?;
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if json {
        logs.json().init();
    } else {
        logs.init();
    }
    Ok(())
}
