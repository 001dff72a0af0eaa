//! The pool, and the one way to call a SQL function.

pub mod migrate;
pub mod session;
mod tls;

use std::time::Duration;

use anyhow::Context;
use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime,
};
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use crate::error::Result;

pub use tls::{Target, TlsStream, connect};

/// Sessions that serve people and applications: the hint to workers is sent
/// after commit by another connection, see inbox_internal.wake. A transaction
/// that somebody left open at psql must not take one connection after another.
const SERVING: &str = "set task_inbox.defer_notify = on; set timezone = 'UTC'; \
    set lock_timeout = '2s'; set statement_timeout = '15s'; set idle_in_transaction_session_timeout = '30s'";

/// Sessions of workers: what they write may be lost in a crash, since a lost
/// claim or result only means another delivery. They never wait for a person.
const WORKING: &str = "set task_inbox.defer_notify = on; set timezone = 'UTC'; \
    set synchronous_commit = off; set lock_timeout = '2s'; set statement_timeout = '8s'";

/// Sessions of commands: SQL itself gives the hint, so a running server
/// delivers at once what a command decided.
const COMMANDING: &str = "set timezone = 'UTC'; set statement_timeout = '30s'";

#[derive(Clone)]
pub struct Db {
    pool: Pool,
    /// Longer than any statement may take. Silence beyond it is a connection that
    /// is half open: nobody tells us that the other end has gone.
    silence: Duration,
}

type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Db {
    pub fn serving(target: &Target) -> anyhow::Result<Db> {
        Db::new(target, 16, 20, SERVING)
    }

    pub fn working(target: &Target) -> anyhow::Result<Db> {
        Db::new(target, 4, 10, WORKING)
    }

    pub fn command(target: &Target) -> anyhow::Result<Db> {
        Db::new(target, 1, 35, COMMANDING)
    }

    fn new(
        target: &Target,
        size: usize,
        silence: u64,
        settings: &'static str,
    ) -> anyhow::Result<Db> {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(target.config().clone(), target.tls(), recycling);
        let pool = Pool::builder(manager)
            .max_size(size)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(Duration::from_secs(10)))
            .create_timeout(Some(Duration::from_secs(10)))
            .post_create(Hook::async_fn(move |client, _| {
                Box::pin(
                    async move { client.batch_execute(settings).await.map_err(HookError::Backend) },
                )
            }))
            .build()
            .context("making the database pool")?;
        Ok(Db { pool, silence: Duration::from_secs(silence) })
    }

    pub async fn rows(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        let client = self.pool.get().await?;
        match timeout(self.silence, Db::rows_on(&client, sql, params)).await {
            Ok(rows) => rows,
            Err(_) => {
                // Not back into the pool, where the next request would wait too.
                drop(Object::take(client));
                Err(crate::error::unavailable("a connection has gone silent"))
            }
        }
    }

    async fn rows_on(client: &Object, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        match query(client, sql, params).await {
            // Another program renewed the functions: plan anew, nothing was executed.
            Err(error) if error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED) => {
                client.statement_cache.clear();
                Ok(query(client, sql, params).await?)
            }
            // Two transactions in each other's way, and ours was ended: once more.
            Err(error) if error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED) => {
                Ok(query(client, sql, params).await?)
            }
            rows => Ok(rows?),
        }
    }

    pub async fn row(&self, sql: &str, params: Params<'_>) -> Result<Row> {
        let row = self.maybe_row(sql, params).await?;
        Ok(row.with_context(|| format!("`{sql}` gave no row"))?)
    }

    pub async fn maybe_row(&self, sql: &str, params: Params<'_>) -> Result<Option<Row>> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    pub async fn run(&self, sql: &str, params: Params<'_>) -> Result<()> {
        self.rows(sql, params).await.map(drop)
    }

    /// Gives back the idle connections; the next statement makes a new one.
    pub fn rest(&self) {
        self.pool.retain(|_, _| false);
    }

    /// Ends the idle connections; those in use end when they come back.
    pub fn close(&self) {
        self.pool.close();
    }
}

async fn query(
    client: &Object,
    sql: &str,
    params: Params<'_>,
) -> std::result::Result<Vec<Row>, tokio_postgres::Error> {
    let statement = client.prepare_cached(sql).await?;
    client.query(&statement, params).await
}
