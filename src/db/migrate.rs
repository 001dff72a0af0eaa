//! Brings the database to this program's tables and functions. Any number of
//! replicas may start at once: one works, the others wait.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Transaction};
use tracing::{info, warn};

use super::{Target, connect};

/// The number for the calls this program makes. Raised when a function changes
/// so that an older program could no longer call it.
const API: i32 = 4;

/// Any number, the same in every program: 'ti migra'.
const MIGRATE_LOCK: i64 = 0x7469_206d_6967_7261;

const GRANTS: &str = include_str!("../../sql/grants.sql");

mod embedded {
    refinery::embed_migrations!("sql/migrations");
}

include!(concat!(env!("OUT_DIR"), "/functions.rs"));

pub async fn migrate(target: &Target) -> Result<()> {
    let (mut client, connection) = connect(target).await.context("connecting to the database")?;
    let driver = tokio::spawn(connection);

    wait_for_lock(&client).await?;
    client.batch_execute("set lock_timeout = '10s'; set client_min_messages = warning").await?;
    client.batch_execute("create schema if not exists app").await.context("creating schema app")?;
    client
        .batch_execute(include_str!("../../sql/roles.sql"))
        .await
        .context("creating the group roles")?;

    let mut runner = embedded::migrations::runner();
    runner.set_migration_table_name("app.migration");
    let report = runner.run_async(&mut client).await.context("running migrations")?;
    for migration in report.applied_migrations() {
        info!("migration {migration} applied");
    }

    renew_functions(&mut client).await?;
    grant_to_roles(&client).await?;
    drop(client);
    driver
        .await
        .context("closing the migration connection")?
        .context("closing the migration connection")
}

/// A role that was made after the functions has no grants yet; one that could not
/// be made is said.
async fn grant_to_roles(client: &Client) -> Result<()> {
    let row = client
        .query_one(
            "select coalesce(bool_or(role.oid is not null and not has_schema_privilege(role.oid, named.schema, 'usage')), false),
                    string_agg(named.role, ', ') filter (where role.oid is null)
             from (values ('task_inbox_poster', 'inbox'), ('task_inbox_operator', 'inbox'),
                          ('task_inbox_reporting', 'reporting')) as named (role, schema)
             left join pg_roles role on role.rolname = named.role",
            &[],
        )
        .await?;
    if row.get(0) {
        client.batch_execute(GRANTS).await.context("granting to the group roles")?;
    }
    if let Some(missing) = row.get::<_, Option<String>>(1) {
        warn!(
            "this login may not create roles and these are missing: {missing}; only the owner can use the SQL API"
        );
    }
    Ok(())
}

/// Tried again and again, not waited for: a session that waits for a lock keeps
/// a snapshot, and a concurrent index build waits for that.
async fn wait_for_lock(client: &Client) -> Result<()> {
    for attempt in 0.. {
        if client.query_one("select pg_try_advisory_lock($1)", &[&MIGRATE_LOCK]).await?.get(0) {
            return Ok(());
        }
        if attempt == 50 {
            info!("waiting for another task-inbox to migrate the database");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    unreachable!("the loop has no end")
}

/// Replaces the functions and views when the program brings others than the
/// database has, all in one transaction: other sessions see the old or the new.
async fn renew_functions(client: &mut Client) -> Result<()> {
    let ours = bundle_hash();
    let version = env!("CARGO_PKG_VERSION");
    let found =
        client.query_opt("select hash, api, program_version from app.function_bundle", &[]).await?;

    if let Some(row) = found {
        let (hash, api, theirs): (String, i32, String) = (row.get(0), row.get(1), row.get(2));
        if hash == ours {
            return Ok(());
        }
        if newer(&theirs, version) && api == API {
            warn!(
                "the database has the functions of task-inbox {theirs}, newer than this {version}; they are kept"
            );
            return Ok(());
        }
        if newer(&theirs, version) {
            bail!(
                "the database belongs to task-inbox {theirs}, which this older {version} cannot work with; \
                 start {theirs} or newer"
            );
        }
    }

    let tx = client.transaction().await?;
    tx.batch_execute("set local check_function_bodies = off").await?;
    drop_removed(&tx).await?;
    for (path, text) in FUNCTIONS {
        replace(&tx, path, text).await?;
    }
    tx.batch_execute(include_str!("../../sql/grants.sql"))
        .await
        .context("granting to the group roles")?;
    tx.execute("select inbox_internal.note_bundle($1, $2, $3)", &[&ours, &API, &version]).await?;
    tx.commit().await?;
    info!("{} functions and views renewed", FUNCTIONS.len());
    Ok(())
}

/// Functions whose file is gone. Not `cascade`: what leans on one is named and
/// the start refused. Views are a promise and stay.
async fn drop_removed(tx: &Transaction<'_>) -> Result<()> {
    let kept: Vec<String> = FUNCTIONS.iter().map(|(path, _)| path.replace('/', ".")).collect();
    let rows = tx
        .query(
            "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
             where n.nspname in ('inbox', 'inbox_internal') and n.nspname || '.' || p.proname <> all ($1)",
            &[&kept],
        )
        .await?;
    for row in rows {
        drop_function(tx, row.get(0)).await?;
    }
    Ok(())
}

/// Same signature: replaced in place, so that grants and people's own views
/// survive. Other result: dropped first. Other arguments: the old one goes.
async fn replace(tx: &Transaction<'_>, path: &str, text: &str) -> Result<()> {
    let before = signatures(tx, path).await?;

    tx.batch_execute("savepoint before_function").await?;
    match tx.batch_execute(text).await {
        Err(error) if error.code() == Some(&SqlState::INVALID_FUNCTION_DEFINITION) => {
            tx.batch_execute("rollback to before_function").await?;
            for signature in before.values() {
                drop_function(tx, signature).await?;
            }
            tx.batch_execute(text)
                .await
                .with_context(|| format!("creating sql/functions/{path}.sql"))?;
        }
        Err(error) => {
            return Err(error).with_context(|| format!("creating sql/functions/{path}.sql"));
        }
        Ok(()) if signatures(tx, path).await?.len() > before.len() => {
            for signature in before.values() {
                drop_function(tx, signature).await?;
            }
        }
        Ok(()) => {}
    }
    tx.batch_execute("release before_function").await?;
    Ok(())
}

async fn signatures(tx: &Transaction<'_>, path: &str) -> Result<BTreeMap<u32, String>> {
    let rows = tx
        .query(
            "select p.oid, p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
             where n.nspname || '/' || p.proname = $1",
            &[&path],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

async fn drop_function(tx: &Transaction<'_>, signature: &str) -> Result<()> {
    // The text comes from PostgreSQL's own regprocedure, quoted.
    tx.batch_execute(&format!("drop function {signature}"))
        .await
        .with_context(|| format!("dropping the old {signature}; something of yours leans on it"))
}

fn bundle_hash() -> String {
    let mut hasher = Sha256::new();
    for (path, text) in FUNCTIONS {
        hasher.update(path);
        hasher.update([0]);
        hasher.update(text);
        hasher.update([0]);
    }
    hasher.update(GRANTS);
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn newer(theirs: &str, ours: &str) -> bool {
    let numbers = |version: &str| {
        version.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>()
    };
    numbers(theirs) > numbers(ours)
}
