//! The command line: every command is one call of the library and what it gave, printed.

mod ask;
mod audit;
mod console;
mod deliveries;
mod demo;
mod endpoints;
mod input;
mod keys;
mod listen;
mod output;
mod people;
mod schemas;
mod tasks;
mod wait;

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::{Args, Parser, Subcommand};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::config::{self, Config};
use crate::openapi;
use crate::serve::{Part, serve};
use console::Console;
use output::Output;

/// A shared inbox: an application posts a task, a person settles it, a signed
/// webhook tells the application.
#[derive(Parser)]
#[command(
    name = "task-inbox",
    version,
    after_help = "Settings come from the environment: `task-inbox config` shows them.\n\
                  Exit codes: 0 done, 1 failed, 2 wrong usage; `ask` has more."
)]
pub struct Cli {
    /// Print what there is to print as JSON; a list is one array
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the inbox and the API and deliver webhooks (done when no command is given)
    Serve(Serve),
    /// Bring the database to this program's tables and functions
    Migrate,
    /// Show every setting, its value and what it means
    Config,
    /// Check, apply and read task schemas
    #[command(subcommand)]
    Schema(schemas::Command),
    /// Keys with which applications call the API
    #[command(subcommand)]
    ApiKey(keys::ApiKeys),
    /// Secrets that prove to an application that a webhook is ours
    #[command(subcommand)]
    WebhookSecret(keys::WebhookSecrets),
    /// People who may sign in
    #[command(subcommand)]
    User(people::Command),
    /// Post, read and settle tasks
    #[command(subcommand)]
    Task(tasks::Command),
    /// Post a task and wait until somebody settles it; the exit code tells the answer
    #[command(after_help = ask::CODES)]
    Ask(ask::Ask),
    /// Webhooks that were sent or are still owed
    #[command(subcommand)]
    Delivery(deliveries::Command),
    /// Where webhooks go, and what keeps them from it
    #[command(subcommand)]
    Endpoint(endpoints::Command),
    /// Who did what that matters for security
    #[command(subcommand)]
    Audit(audit::Command),
    /// Secrets as they lie sealed in the database
    #[command(subcommand)]
    Secrets(keys::Secrets),
    /// Receive webhooks on this machine, check them and print them (for development)
    Listen(listen::Listen),
    /// Print the description of the API (OpenAPI 3.1)
    Openapi,
    /// Fill the inbox with believable tasks of a made-up shop
    Demo,
}

#[derive(Args, Default)]
struct Serve {
    /// Serve the inbox and the API, let others deliver
    #[arg(long, conflicts_with = "worker_only")]
    no_worker: bool,
    /// Deliver webhooks and nothing else
    #[arg(long)]
    worker_only: bool,
    /// Print one JSON line once ready; everything else goes to stderr
    #[arg(long)]
    json_ready: bool,
}

/// By whom a command acts, as SQL wants to know it.
fn actor() -> Value {
    json!({"kind": "sql", "id": "cli", "name": "command line"})
}

pub async fn run(cli: Cli) -> ExitCode {
    let output = Output::new(cli.json);
    let result = match cli.command.unwrap_or_else(|| Command::Serve(Serve::default())) {
        Command::Serve(options) => start_serving(options, cli.json).await.map(done),
        Command::Config => show_settings(&output).map(done),
        Command::Openapi => show_api(&output).map(done),
        Command::Listen(options) => options.run(output).await.map(done),
        command => run_at_console(command, output).await,
    };
    match result {
        Ok(code) => code,
        Err(error) if output::reader_has_gone(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn done((): ()) -> ExitCode {
    ExitCode::SUCCESS
}

async fn start_serving(options: Serve, json: bool) -> Result<()> {
    let config = Config::load()?;
    console::start_logging(config.log.as_deref().unwrap_or("info"), config.log_json)?;
    let part = match (options.no_worker, options.worker_only) {
        (true, _) => Part::NoWorker,
        (_, true) => Part::WorkerOnly,
        _ => Part::All,
    };
    serve(config, part, options.json_ready || json).await
}

/// What was opened on the way is closed again, also after an error or ^C.
async fn run_at_console(command: Command, output: Output) -> Result<ExitCode> {
    let console = Console::new(output);
    let result = tokio::select! {
        result = run_command(command, &console) => result,
        () = console.interrupted() => Err(anyhow!("interrupted{}", console.left())),
    };
    let closed = console.close().await;
    result.and_then(|code| closed.map(|()| code))
}

async fn run_command(command: Command, console: &Console) -> Result<ExitCode> {
    match command {
        Command::Ask(ask) => return ask.run(console).await,
        Command::Migrate => migrate(console).await,
        Command::Schema(command) => command.run(console).await,
        Command::ApiKey(command) => command.run(console).await,
        Command::WebhookSecret(command) => command.run(console).await,
        Command::User(command) => command.run(console).await,
        Command::Task(command) => command.run(console).await,
        Command::Delivery(command) => command.run(console).await,
        Command::Endpoint(command) => command.run(console).await,
        Command::Audit(command) => command.run(console).await,
        Command::Secrets(command) => command.run(console).await,
        Command::Demo => demo::fill(console).await,
        Command::Serve(_) | Command::Config | Command::Openapi | Command::Listen(_) => {
            unreachable!("these need no console and were taken before")
        }
    }
    .map(done)
}

/// Opening it is what migrates it.
async fn migrate(console: &Console) -> Result<()> {
    console.open().await?;
    eprintln!("the database has this program's tables and functions");
    Ok(())
}

fn show_api(output: &Output) -> Result<()> {
    let whole: &RawValue = serde_json::from_str(openapi::TEXT)?;
    output.one(whole, openapi::TEXT.trim_end())
}

/// Also with a wrong setting: then it is shown, and named after that.
fn show_settings(output: &Output) -> Result<()> {
    let settings = config::current().into_iter().map(|(setting, value)| {
        to_raw_value(&json!({
            "id": setting.name, "name": setting.name, "value": value, "default": setting.default,
            "secret": setting.secret, "help": setting.help,
        }))
    });
    let settings = settings.collect::<Result<Vec<_>, _>>()?;
    output.list("settings", &["name", "value", "help"], &settings)?;
    if let Err(fault) = Config::load()?.outbound {
        eprintln!("webhooks wait: {fault}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_whole() {
        <super::Cli as clap::CommandFactory>::command().debug_assert();
    }
}
