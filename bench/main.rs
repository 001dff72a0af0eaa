//! `make bench`: what the server takes, beside what PostgreSQL alone takes of the
//! same calls in the same minute. Absolute numbers swing with the machine; the
//! ratio of neighbours holds.
#![expect(clippy::print_stdout, reason = "the numbers are what it is for")]

mod deliveries;
mod facts;
mod inbox;
mod posts;
mod process;
mod receiver;
mod report;
mod table;
mod wire;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use inbox::Inbox;
use receiver::Receiver;
use report::Report;

/// How long everything takes.
struct Plan {
    /// Of each cell; the neighbours that are compared run in turn.
    rounds: usize,
    /// Seconds of one cell that count; one more before them does not.
    seconds: u64,
    /// Deliveries of one round.
    deliveries: usize,
    /// Seconds at 200 decisions a second.
    latency_seconds: u64,
    idle_seconds: u64,
}

const FULL: Plan =
    Plan { rounds: 4, seconds: 3, deliveries: 4000, latency_seconds: 20, idle_seconds: 20 };
const QUICK: Plan =
    Plan { rounds: 1, seconds: 2, deliveries: 2000, latency_seconds: 4, idle_seconds: 5 };

// One thread: the load shares the cores with what it measures.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    task_inbox::install_tls_provider();
    let (mut quick, mut server) = (false, PathBuf::from(env!("CARGO_BIN_EXE_task-inbox")));
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => quick = true,
            // Another build, to compare.
            "--server" => server = arguments.next().context("`--server` takes a path")?.into(),
            // Cargo says so to every benchmark.
            "--bench" => {}
            other => {
                bail!("unknown argument `{other}`; usage: bench/run [--quick] [--server PATH]")
            }
        }
    }
    let plan = if quick { QUICK } else { FULL };

    let receiver = Receiver::start().await?;
    let mut inbox = Inbox::start(&server, &receiver.url).await?;
    let measured = measure(&plan, &inbox, &receiver).await;
    inbox.stop().await?;

    let report = measured?;
    let text = report.text();
    println!("{text}");
    if quick {
        println!("A quick run; nothing is written to bench/results.");
        return Ok(());
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("bench/results")
        .join(format!("{}.md", report.facts.date));
    std::fs::write(&file, text).with_context(|| format!("writing {}", file.display()))
}

async fn measure(plan: &Plan, inbox: &Inbox, receiver: &Receiver) -> Result<Report> {
    let facts = facts::gather(&inbox.db).await?;

    say("the server at rest");
    let idle = process::watch_idle(inbox, plan.idle_seconds).await?;
    let memory = process::watch_memory(inbox.pid);

    let mut posts = Vec::new();
    for clients in [1, 8, 32] {
        say(&format!("posts by {clients} clients, SQL and HTTP in turn"));
        posts.push(posts::measure(plan, inbox, clients).await?);
    }
    say("deliveries of a backlog, and of decisions over HTTP");
    let throughput = deliveries::throughput(plan, inbox, receiver).await?;
    say("200 decisions a second");
    let latency = deliveries::latency(plan, inbox, receiver).await?;

    let memory_peak = memory.peak();
    say("the server at rest again");
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    let memory_after = process::memory(inbox.pid);
    Ok(Report { facts, idle, posts, throughput, latency, memory_peak, memory_after })
}

/// What happens now, for who waits.
fn say(what: &str) {
    eprintln!("{what} …");
}
