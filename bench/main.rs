//! `make bench`: what the server takes, beside what PostgreSQL alone takes of the
//! same calls in the same minute. Absolute numbers swing with the machine; the
//! ratio of neighbours holds.
#![expect(clippy::print_stdout, reason = "the numbers are what it is for")]

mod aims;
mod decisions;
mod deliveries;
mod drain;
mod facts;
mod huge;
mod inbox;
mod latency;
mod life;
mod lists;
mod pgbench;
mod posts;
mod process;
mod receiver;
mod report;
mod table;
mod wire;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use inbox::{Inbox, TYPE};
use lists::Looks;
use receiver::{Answer, Receiver};
use report::Report;

/// How long everything takes.
struct Plan {
    /// Of each cell; the neighbours that are compared run in turn.
    rounds: usize,
    /// Seconds of one cell that count; one more before them does not.
    seconds: u64,
    /// To one receiver, of one round.
    deliveries: usize,
    /// Seconds of decisions at an even rate.
    latency_seconds: u64,
    /// Deliveries that waited for their endpoint.
    backlog: usize,
    idle_seconds: u64,
    /// Tasks beside which lists are looked at.
    open: usize,
    settled: usize,
}

// 16 seconds: one more than a receiver that hangs is waited for.
const FULL: Plan = Plan {
    rounds: 3,
    seconds: 3,
    deliveries: 4000,
    latency_seconds: 16,
    backlog: 100_000,
    idle_seconds: 20,
    open: 10_000,
    settled: 1_000_000,
};
const QUICK: Plan = Plan {
    rounds: 1,
    seconds: 2,
    deliveries: 2000,
    latency_seconds: 6,
    backlog: 5000,
    idle_seconds: 5,
    open: 10_000,
    settled: 100_000,
};

struct Receivers {
    prompt: Receiver,
    /// Each answers after 5 ms.
    ten: Vec<Receiver>,
    hanging: Receiver,
    huge: Receiver,
}

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

    let receivers = Receivers::start().await?;
    // A database of its own has no more tasks than it is measured beside.
    let mut inbox = Inbox::start(&server, &[&receivers.prompt]).await?;
    let looks = lists::measure(&plan, &inbox, &receivers.prompt).await;
    inbox.stop().await?;
    let mut inbox = Inbox::start(&server, &receivers.all()).await?;
    let measured = measure(&plan, &inbox, &receivers, looks?).await;
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

impl Receivers {
    async fn start() -> Result<Receivers> {
        let mut ten = Vec::new();
        for number in 0..10 {
            let answer = Answer::After(Duration::from_millis(5));
            ten.push(Receiver::start(format!("slow-{number}"), answer).await?);
        }
        Ok(Receivers {
            prompt: Receiver::start(TYPE, Answer::AtOnce).await?,
            ten,
            hanging: Receiver::start("hanging", Answer::Never).await?,
            huge: Receiver::start("huge", Answer::Huge).await?,
        })
    }

    fn all(&self) -> Vec<&Receiver> {
        let others = self.ten.iter().chain([&self.hanging, &self.huge]);
        std::iter::once(&self.prompt).chain(others).collect()
    }
}

async fn measure(
    plan: &Plan,
    inbox: &Inbox,
    receivers: &Receivers,
    looks: Looks,
) -> Result<Report> {
    let Receivers { prompt, ten, hanging, huge } = receivers;
    let facts = facts::gather(&inbox.db).await?;

    say("the server at rest");
    let idle = process::watch_idle(inbox, plan.idle_seconds).await?;
    // Before there is memory that the load has left.
    say("huge answers");
    let huge = huge::measure(inbox, huge).await?;

    process::forget_peak(inbox.pid);
    let mut posts = Vec::new();
    for clients in [1, 8, 32] {
        say(&format!("posts by {clients} clients, SQL and HTTP in turn"));
        posts.push(posts::measure(plan, inbox, clients).await?);
    }
    say("batches and single posts, in turn; posts at an even rate");
    let batches = life::batches(plan, inbox).await?;
    let steps = life::steps(plan, inbox).await?;
    let even = life::posts_evenly(inbox, 200, plan.latency_seconds).await?;
    say("deliveries to one receiver and to ten, in turn with plain commits");
    let throughput = deliveries::throughput(plan, inbox, prompt, ten).await?;
    say("200 decisions a second");
    let busy = latency::measure(inbox, prompt, 200, plan.latency_seconds).await?;
    say("50 decisions a second, alone and beside a receiver that hangs, in turn");
    let neighbours = latency::neighbours(plan, inbox, prompt, hanging).await?;
    say("a large backlog");
    let drain = drain::measure(plan, inbox, prompt).await?;
    let memory_peak = process::peak(inbox.pid);

    say("the server at rest again");
    tokio::time::sleep(Duration::from_secs(5)).await;
    let memory_after = process::memory(inbox.pid);
    Ok(Report {
        facts,
        idle,
        posts,
        batches,
        steps,
        even,
        looks,
        throughput,
        busy,
        neighbours,
        drain,
        huge,
        memory_peak,
        memory_after,
    })
}

/// What happens now, for who waits.
fn say(what: &str) {
    eprintln!("{what} …");
}
