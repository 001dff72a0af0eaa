//! `task-inbox schema`: check, compare, apply, try, list, show.

mod diff;

use anyhow::{Result, bail, ensure};
use clap::Subcommand;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio_postgres::types::Json as Jsonb;

use super::actor;
use super::console::Console;
use super::endpoints::in_words;
use super::input::read_text;
use crate::api::load_schema;
use crate::schema::{self, Problem, Schema};
use crate::worker;

#[derive(Subcommand)]
pub enum Command {
    /// Say every mistake of a schema file, with line and column; needs no database
    Check {
        /// The YAML file, or - for standard input
        file: String,
    },
    /// Say what a schema file would change, and which open tasks it would leave behind
    Diff {
        /// The YAML file, or - for standard input
        file: String,
        /// Exit with 1 when it differs from the active version
        #[arg(long)]
        exit_code: bool,
    },
    /// Check a schema file and make it the active version
    Apply {
        /// The YAML file, or - for standard input
        file: String,
    },
    /// Send a webhook.ping with example data of this schema to its hook URL now
    TryHook {
        schema: String,
        /// The task type; without it the first
        ttype: Option<String>,
    },
    /// Every schema with its active version
    List,
    /// The file as it was applied
    Show { name: String },
}

impl Command {
    pub async fn run(self, console: &Console) -> Result<()> {
        match self {
            Command::Check { file } => check(console, &file),
            Command::Diff { file, exit_code } => diff::diff(console, &file, exit_code).await,
            Command::Apply { file } => apply(console, &file).await,
            Command::TryHook { schema, ttype } => {
                try_hook(console, &schema, ttype.as_deref()).await
            }
            Command::List => list(console).await,
            Command::Show { name } => show(console, &name).await,
        }
    }
}

fn check(console: &Console, file: &str) -> Result<()> {
    let problems = schema::parse(&read_text(file)?).err().unwrap_or_default();
    if console.output.json {
        let objects = problems.iter().map(|problem| {
            json!({"line": problem.line, "column": problem.column, "message": problem.message})
        });
        console.output.one(&objects.collect::<Vec<_>>(), "")?;
    }
    refuse(file, &problems)
}

fn parsed(file: &str, source: &str) -> Result<Schema> {
    match schema::parse(source) {
        Ok(schema) => Ok(schema),
        Err(problems) => Err(refuse(file, &problems).expect_err("there are mistakes")),
    }
}

fn refuse(file: &str, problems: &[Problem]) -> Result<()> {
    let file = if file == "-" { "<stdin>" } else { file };
    for Problem { line, column, message } in problems {
        eprintln!("{file}:{line}:{column}: {message}");
    }
    match problems.len() {
        0 => Ok(()),
        1 => bail!("{file} has a mistake"),
        many => bail!("{file} has {many} mistakes"),
    }
}

async fn apply(console: &Console, file: &str) -> Result<()> {
    let source = read_text(file)?;
    parsed(file, &source)?;
    let opened = console.open().await?;
    let loaded = load_schema(&opened.db, &source, &actor()).await?;

    let what = if loaded.created { "is active now" } else { "is there already, nothing changed" };
    let warnings = [loaded.warnings, opened.warnings(&loaded.hook_urls)].concat();
    console.output.done(
        &json!({"name": loaded.name, "semver": loaded.semver, "created": loaded.created, "warnings": warnings}),
        &format!("schema \"{}\" version \"{}\" {what}", loaded.name, loaded.semver),
    )?;
    for warning in warnings {
        eprintln!("{warning}");
    }
    let row = opened.db.row("select inbox_internal.banners(array[$1])", &[&loaded.name]).await?;
    let banners: Value = row.get(0);
    for banner in banners.as_array().into_iter().flatten().filter_map(Value::as_str) {
        eprintln!("{banner}");
    }
    Ok(())
}

async fn try_hook(console: &Console, schema: &str, ttype: Option<&str>) -> Result<()> {
    /// Of an answer.
    const SHOWN: usize = 500;
    let opened = console.open().await?;
    let (sealer, sender) = (opened.sealer()?, opened.sender());
    let ping = worker::try_hook(&opened.db, &sealer, &sender, &actor(), schema, ttype).await?;
    let answer: String = ping.response.iter().flat_map(|text| text.chars()).take(SHOWN).collect();
    let words = [in_words(&ping), answer].join("\n");
    console.output.done(&ping, words.trim_end())?;
    ensure!(ping.accepted, "the receiver of schema \"{schema}\" did not accept the example");
    Ok(())
}

async fn list(console: &Console) -> Result<()> {
    let opened = console.open().await?;
    let schemas = opened
        .objects("select schema_object from inbox_internal.list_schemas($1)", &[&actor()])
        .await?;
    let columns = ["name", "semver", "task_types", "hook_url", "signing_secret", "uploaded_at"];
    console.output.list("schemas", &columns, &schemas)
}

async fn show(console: &Console, name: &str) -> Result<()> {
    let opened = console.open().await?;
    let row =
        opened.db.row("select inbox_internal.get_schema($1, null, $2)", &[&name, &actor()]).await?;
    // Printed as SQL wrote it: parsing would round numbers.
    let Jsonb(whole): Jsonb<Box<RawValue>> = row.get(0);
    let schema: Value = serde_json::from_str(whole.get())?;
    let source = schema["source"].as_str().unwrap_or_default().trim_end();
    console.output.one(&whole, source)
}
