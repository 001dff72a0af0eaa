//! For operators only, on a listener of their own: is it alive, is it ready, and
//! numbers in the text format of Prometheus.

use std::fmt::Write;
use std::net::SocketAddr;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::header;
use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::app::App;
use crate::config::Ops;
use crate::error::Error;
use crate::listen::{self, Limits};

/// What each number of `inbox_internal.metrics` means.
const GAUGES: &[(&str, &str)] = &[
    ("deliveries_owed", "Webhooks that are not settled yet."),
    ("deliveries_failed", "Webhooks that failed for good and were not sent again."),
    ("delivery_oldest_seconds", "Age of the oldest webhook that is not settled yet."),
    ("endpoint_up", "1 while webhooks go out, 0 while something is in the way."),
    ("notices_standing", "What operators were told and have not mended yet."),
    ("tasks_open", "Tasks that wait for a person."),
];

/// Null when it is off, or when its usual port is taken by another program.
pub async fn bind(ops: &Ops) -> Result<Option<TcpListener>> {
    let Some(address) = ops.listen else { return Ok(None) };
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if !ops.is_given => {
            warn!(
                "{address} is taken ({error}): no metrics; `TASK_INBOX_OPS_LISTEN` names another address"
            );
            Ok(None)
        }
        Err(error) => {
            Err(error).with_context(|| format!("listening on {address} (`TASK_INBOX_OPS_LISTEN`)"))
        }
    }
}

pub async fn serve(
    listener: Option<TcpListener>,
    app: App,
    limits: Limits,
    stop: CancellationToken,
) -> Result<()> {
    let Some(listener) = listener else { return Ok(()) };
    info!("metrics on http://{}/metrics", address(&listener)?);
    let router = Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(crate::health))
        .route("/metrics", get(metrics))
        .with_state(app.clone());
    listen::serve(listener, router, limits, &app.site.proxies.trusted, stop).await;
    Ok(())
}

fn address(listener: &TcpListener) -> Result<SocketAddr> {
    Ok(listener.local_addr()?)
}

async fn metrics(
    State(app): State<App>,
) -> Result<([(header::HeaderName, &'static str); 1], String), Error> {
    let rows = app.db.rows("select name, labels, value from inbox_internal.metrics()", &[]).await?;
    let mut text = String::new();
    for (name, help) in GAUGES {
        let mut lines = String::new();
        for row in rows.iter().filter(|row| row.get::<_, &str>("name") == *name) {
            let (labels, value): (Value, f64) = (row.get("labels"), row.get("value"));
            let labels = labels.as_object().map(label_list).unwrap_or_default();
            let _ = writeln!(lines, "task_inbox_{name}{labels} {value}");
        }
        let _ = write!(
            text,
            "# HELP task_inbox_{name} {help}\n# TYPE task_inbox_{name} gauge\n{lines}"
        );
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}

fn label_list(labels: &Map<String, Value>) -> String {
    let labels: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value.as_str().unwrap_or_default())))
        .collect();
    if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
