//! The program: a command line, a log, and the library.

use clap::Parser;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    task_inbox::install_tls_provider();
    task_inbox::cli::run(task_inbox::cli::Cli::parse()).await
}
