//! Task schemas: upload, list, read.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio_postgres::types::Json as Jsonb;

use super::{Name, Nothing, Query, raw};
use crate::app::App;
use crate::auth::{ApiKey, scope};
use crate::config::warnings;
use crate::db::Db;
use crate::error::{Problem, Result};
use crate::json::{Json, MAX_BODY, read};
use crate::schema;

pub async fn upload(
    State(app): State<App>,
    key: ApiKey<scope::Admin>,
    _: Query<Nothing>,
    request: Request,
) -> Result<Response> {
    let source = read(request.into_body(), MAX_BODY).await?;
    let loaded = load(&app.db, &source, &key.actor).await?;
    app.wake.deliveries.notify_one();
    let status = if loaded.created { StatusCode::CREATED } else { StatusCode::OK };
    let warnings = [loaded.warnings, warnings(&app.outbound, &loaded.hook_urls)].concat();
    let body = json!({
        "name": loaded.name, "semver": loaded.semver, "created": loaded.created,
        "warnings": warnings,
    });
    Ok((status, Json(body)).into_response())
}

pub struct Loaded {
    pub name: String,
    pub semver: String,
    pub created: bool,
    pub hook_urls: Vec<String>,
    /// Whom it names and nobody is.
    pub warnings: Vec<String>,
}

/// Checks the file here, then keeps it in the database.
pub async fn load(db: &Db, source: &str, actor: &Value) -> Result<Loaded> {
    let schema = schema::parse(source).map_err(|problems| refused(&problems))?;
    let row = db
        .row(
            "select schema_name, semver, created, warnings from inbox_internal.load_schema($1, $2, $3)",
            &[&Jsonb(schema.definition()), &source, actor],
        )
        .await?;
    Ok(Loaded {
        name: row.get(0),
        semver: row.get(1),
        created: row.get(2),
        hook_urls: schema.hook_urls(),
        warnings: row.get(3),
    })
}

fn refused(problems: &[schema::Problem]) -> Problem {
    let detail = problems.first().map(ToString::to_string).unwrap_or_default();
    let errors = problems
        .iter()
        .map(|problem| json!({"line": problem.line, "column": problem.column, "detail": problem.message}))
        .collect();
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "schema_valid", detail)
        .with("errors", &Value::Array(errors))
}

pub async fn list(
    State(app): State<App>,
    key: ApiKey<scope::Read>,
    _: Query<Nothing>,
) -> Result<Json<Value>> {
    let rows = app
        .db
        .rows("select schema_object from inbox_internal.list_schemas($1)", &[&key.actor])
        .await?;
    let schemas: Vec<Value> = rows.iter().map(|row| row.get(0)).collect();
    Ok(Json(json!({"schemas": schemas})))
}

/// As text: a number of a form may have more digits than a program holds.
pub async fn show(
    State(app): State<App>,
    key: ApiKey<scope::Read>,
    _: Query<Nothing>,
    Name(name): Name,
) -> Result<Json<Box<RawValue>>> {
    let row =
        app.db.row("select inbox_internal.get_schema($1, null, $2)", &[&name, &key.actor]).await?;
    Ok(Json(raw(&row, 0)))
}
