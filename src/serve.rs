//! `task-inbox serve`: database, migration, HTTP, workers, and an orderly end.

mod first_start;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::app::{App, Site};
use crate::auth::Unlisted;
use crate::config::Config;
use crate::db::{Db, Target, migrate};
use crate::embedded::Cluster;
use crate::listen;
use crate::ops;
use crate::seal::{self, Sealer};
use crate::wake::Wake;
use crate::worker::{Delivering, Own, Sender, Workers};

pub use first_start::{FirstStart, SAMPLE};

/// Longer than one attempt may take.
const DRAIN: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    All,
    NoWorker,
    WorkerOnly,
}

pub async fn serve(config: Config, part: Part, json_ready: bool) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();

    let options = config.cluster();
    let cluster = match &config.database_url {
        Some(_) => None,
        None => tokio::select! {
            cluster = Cluster::start(&options) => Some(cluster?),
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
        },
    };
    // Whatever happens from here on, the cluster is stopped at the end.
    let running = tokio::select! {
        result = serve_on(&config, cluster.as_ref(), part, stop.clone(), |ready| announce(&ready, json_ready)) => result,
        () = async {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            info!("stopping");
            stop.cancel();
            tokio::select! {
                () = tokio::time::sleep(DRAIN) => warn!("some work took too long; its leases run out"),
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        } => Ok(()),
    };
    if let Some(cluster) = cluster {
        cluster.stop().await?;
    }
    running
}

/// What a server says when people and applications may come.
pub struct Ready {
    pub url: String,
    pub database_url: String,
    pub first: Option<FirstStart>,
}

async fn serve_on(
    config: &Config,
    cluster: Option<&Cluster>,
    part: Part,
    stop: CancellationToken,
    ready: impl FnOnce(Ready),
) -> Result<()> {
    let database_url = match (cluster, &config.database_url) {
        (Some(cluster), _) => cluster.database_url(),
        (None, Some(url)) => url,
        (None, None) => anyhow::bail!("neither a database address nor a cluster"),
    };
    if cluster.is_some() && config.secret_key.is_none() {
        seal::keep_key(&config.data)?;
    }
    run(config, database_url, cluster.is_some(), part, stop, ready).await
}

/// Serves until `stop`, then until all that is under way has ended.
pub async fn run(
    config: &Config,
    database_url: &str,
    embedded: bool,
    part: Part,
    stop: CancellationToken,
    ready: impl FnOnce(Ready),
) -> Result<()> {
    let target = Target::parse(database_url)?;
    tokio::select! {
        migrated = migrate::migrate(&target) => migrated?,
        // Another may hold the lock for long.
        () = stop.cancelled() => return Ok(()),
    }

    let listener = match part {
        Part::WorkerOnly => None,
        _ => Some(bind(config).await?),
    };
    let operators = ops::bind(&config.ops).await?;
    let address =
        listener.as_ref().map(TcpListener::local_addr).transpose()?.unwrap_or(config.listen);
    let public_url = match &config.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://{address}"),
    };
    let own = Own {
        listen: listener.is_some().then_some(address),
        public_url: config.public_url.clone(),
    };
    let app = App {
        db: Db::serving(&target)?,
        wake: Arc::new(Wake::with_places(config.limits.waiters)),
        sealer: Arc::new(Sealer::load(config.secret_key.as_deref(), &config.data)?),
        site: Arc::new(Site {
            public_url: public_url.clone(),
            host: config.public_url.as_ref().and_then(|url| url.host_str()).map(host_name),
            proxies: config.proxies.clone(),
            unlisted: Unlisted::default(),
        }),
        outbound: Arc::new(config.outbound.clone()),
        sender: Arc::new(Sender::of(config, own)),
    };
    if config.public_url.is_some() || listener.is_some() {
        app.db.run("select inbox_internal.write_setting('public_url', $1)", &[&public_url]).await?;
    }
    write_settings(&app, config).await?;
    if !embedded {
        warn_of_powers(&app).await?;
    }
    app.db.run("select inbox_internal.unblock_endpoints()", &[]).await?;
    let first = first_start::prepare(&app, embedded).await?;

    let delivering = match part {
        Part::NoWorker => None,
        _ => delivering(config, &app).await?,
    };
    let workers = Workers { app: app.clone(), target, delivering };
    let http = async {
        let Some(listener) = listener else {
            stop.cancelled().await;
            return;
        };
        let (router, trusted) = (crate::router(app.clone()), &config.proxies.trusted);
        listen::serve(listener, router, config.limits, trusted, stop.clone()).await;
    };
    ready(Ready { url: public_url, database_url: database_url.to_owned(), first });
    let operating = ops::serve(operators, app.clone(), config.limits, stop.clone());
    let ((), operated, worked) = tokio::join!(http, operating, workers.run(stop.clone()));
    operated.and(worked)
}

fn host_name(host: &str) -> String {
    host.trim_end_matches('.').to_owned()
}

/// Whoever gets at the server's connections gets at all that its login may.
async fn warn_of_powers(app: &App) -> Result<()> {
    let row = app.db.row("select inbox_internal.needless_powers()", &[]).await?;
    if let Some(powers) = row.get::<_, Option<&str>>(0) {
        warn!("the server's database login has powers that it does not need: {powers}");
    }
    Ok(())
}

/// What the functions of the database go by.
async fn write_settings(app: &App, config: &Config) -> Result<()> {
    let mut settings = vec![
        ("undo_seconds", config.undo_seconds.to_string()),
        ("keep_delivered_days", config.keep_delivered.to_string()),
        ("keep_failed_days", config.keep_failed.to_string()),
    ];
    if let Ok(outbound) = &config.outbound {
        let longest = outbound.schedule.iter().fold(0.0, |most: f64, step| most.max(*step));
        settings.push(("longest_retry", longest.to_string()));
    }
    for (name, value) in settings {
        app.db.run("select inbox_internal.write_setting($1, $2)", &[&name, &value]).await?;
    }
    Ok(())
}

/// With a wrong setting nothing goes out and the pages say why, but the inbox is
/// there: people decide, and what they decided waits.
async fn delivering(config: &Config, app: &App) -> Result<Option<Delivering>> {
    let fault = app.sender.as_ref().as_ref().err().map(String::as_str).unwrap_or_default();
    if !fault.is_empty() {
        error!("webhooks wait: {fault}");
    }
    app.db.run("select inbox_internal.write_setting('delivery_fault', $1)", &[&fault]).await?;
    let unopened = "select inbox_internal.unopened_secrets($1)";
    match app.db.row(unopened, &[&app.sealer.key_ids()]).await?.get::<_, i64>(0) {
        0 => {}
        lost => error!(
            "webhooks wait for another server: {lost} secrets do not open here, {}",
            seal::UNKNOWN_KEY
        ),
    }
    Ok(config.outbound.as_ref().ok().map(|outbound| Delivering {
        slots: config.workers,
        schedule: outbound.schedule.clone(),
        notice_url: config.notice_url.clone(),
    }))
}

async fn bind(config: &Config) -> Result<TcpListener> {
    TcpListener::bind(config.listen).await.with_context(|| {
        format!("listening on {} (`TASK_INBOX_LISTEN` names another address)", config.listen)
    })
}

#[expect(clippy::print_stdout, reason = "this is what the program has to say")]
fn announce(ready: &Ready, as_json: bool) {
    let Ready { url, database_url, first } = ready;
    info!("task-inbox {} serves {url}", env!("CARGO_PKG_VERSION"));
    if as_json {
        let mut line = json!({"ready": true, "url": url, "database_url": database_url});
        if let Some(first) = first {
            line["login_url"] = first.login_url.as_str().into();
            line["api_key"] = first.api_key.as_str().into();
            line["signing_secret"] = first.signing_secret.as_deref().into();
        }
        println!("{line}");
    } else if let Some(first) = first {
        println!("{}", first.welcome(url));
    } else {
        println!("task-inbox serves {url}");
    }
}
