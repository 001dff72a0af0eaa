//! What was found, as text.

use std::time::Duration;

use crate::aims;
use crate::deliveries::Throughput;
use crate::drain::Drain;
use crate::facts::Facts;
use crate::huge::{DELIVERIES, Huge};
use crate::latency::{Latency, Neighbours};
use crate::life::{BATCH, Batches, Steps, WAITERS};
use crate::lists::Looks;
use crate::posts::Posts;
use crate::process::Idle;
use crate::table::{kilobytes, megabytes, milliseconds, percentile, spread, table};

pub struct Report {
    pub facts: Facts,
    pub idle: Idle,
    pub posts: Vec<Posts>,
    pub batches: Batches,
    pub steps: Steps,
    /// How long a post takes at 200 a second.
    pub even: Vec<Duration>,
    pub looks: Looks,
    pub throughput: Throughput,
    /// At 200 decisions a second.
    pub busy: Latency,
    /// At 50.
    pub neighbours: Neighbours,
    pub drain: Drain,
    pub huge: Huge,
    pub memory_peak: Option<u64>,
    pub memory_after: Option<u64>,
}

impl Report {
    pub fn text(&self) -> String {
        let sections = [
            format!("# Benchmark of {}\n\n{}", self.facts.date, self.machine()),
            "## Posts a second\n".to_owned(),
            "SQL is pgbench calling `inbox.post_task`, with NOTIFY deferred as the server has it; HTTP is \
             `POST /api/v1/tasks`.\nBoth post the same task to the same database, in turn; the ratio is that of \
             neighbours.\nMedian (least to most).\n"
                .to_owned(),
            self.posted(),
            self.batched(),
            "## Pages and readers\n".to_owned(),
            self.looked_at(),
            "## Deliveries a second\n".to_owned(),
            "A backlog was decided while its endpoints were paused; it counts from its first arrival to its \
             last.\nFor scale: pgbench inserting one row a transaction, 8 clients, in turn with the ten.\n"
                .to_owned(),
            self.delivered(),
            "## From a decision to its receiver\n".to_owned(),
            "Decided over HTTP at an even rate; from the decider's request, and from its answer.\n\
             The receiver that hangs accepts 16 connections at a time, is owed 1,000 deliveries and never answers.\n"
                .to_owned(),
            self.arrived(),
            "## A large backlog, and huge answers\n".to_owned(),
            self.drained(),
            "## The server's process\n".to_owned(),
            self.process(),
            "## Aims\n".to_owned(),
            aims::text(self),
        ];
        sections.join("\n")
    }

    fn machine(&self) -> String {
        let rows: Vec<_> =
            self.facts.rows.iter().map(|(name, value)| (*name, value.clone())).collect();
        pairs(["machine", ""], &rows)
    }

    fn posted(&self) -> String {
        let row = |posts: &Posts| {
            vec![
                posts.clients.to_string(),
                spread(&posts.sql, 0),
                spread(&posts.http, 0),
                spread(&posts.ratios(), 2),
            ]
        };
        table(
            &["clients", "SQL", "HTTP", "HTTP / SQL"],
            &self.posts.iter().map(row).collect::<Vec<_>>(),
        )
    }

    fn batched(&self) -> String {
        let Batches { batched, single, crowd } = &self.batches;
        let rows = [
            ("one client, one by one", spread(single, 0)),
            ("32 clients, one by one", spread(crowd, 0)),
            (&*format!("one client, {BATCH} in a batch"), spread(batched, 0)),
            ("batches / one client", spread(&self.batches.ratios(single), 1)),
            ("batches / 32 clients", spread(&self.batches.ratios(crowd), 1)),
        ];
        let Steps { sql, http } = &self.steps;
        let others = [
            ("steps a second, 8 clients: posted, commented, moved, settled", spread(http, 0)),
            ("the same by pgbench in SQL", spread(sql, 0)),
            ("a post at 200 a second", percentiles(&self.even)),
        ];
        pairs(["over HTTP", "tasks a second"], &[rows.as_slice(), &others].concat())
    }

    fn looked_at(&self) -> String {
        let Looks { open, settled, waiters, memory, pages } = &self.looks;
        let mut rows: Vec<(&str, String)> =
            pages.iter().map(|(path, took)| (*path, percentiles(took))).collect();
        let readers =
            format!("{WAITERS} readers with `wait`, from the decision's answer to theirs");
        rows.push((&readers, percentiles(waiters)));
        rows.push(("resident memory while they wait", megabytes(*memory)));
        pairs([&format!("beside {open} open and {settled} settled tasks"), ""], &rows)
    }

    fn delivered(&self) -> String {
        let found = &self.throughput;
        let rows = [
            ("backlog of one endpoint, answered at once", spread(&found.backlog, 0)),
            ("while 32 clients decide over HTTP", spread(&found.along, 0)),
            ("decisions a second meanwhile", spread(&found.decisions, 0)),
            ("backlog of ten endpoints, answered after 5 ms", spread(&found.ten, 0)),
            ("for scale: commits of one row", spread(&found.commits, 0)),
            ("ten endpoints / commits", spread(&found.ratios(), 2)),
        ];
        pairs(["deliveries", "a second"], &rows)
    }

    fn arrived(&self) -> String {
        let Neighbours { alone, beside, ratios } = &self.neighbours;
        let rows = [
            ("50 decisions a second", alone),
            ("50, while another receiver hangs", beside),
            ("200 decisions a second", &self.busy),
        ];
        let rows = rows.map(|(name, latency)| {
            vec![
                name.to_owned(),
                percentiles(&latency.from_request),
                percentiles(&latency.from_answer),
            ]
        });
        format!(
            "{}\np99 from the request while another receiver hangs / alone, of neighbours: {}\n",
            table(&["", "from request", "from answer"], &rows),
            spread(ratios, 2)
        )
    }

    fn drained(&self) -> String {
        let Drain { rows, per_second, reads_before, reads_meanwhile } = &self.drain;
        let name = format!("{rows} deliveries of an endpoint that is enabled again");
        let read = "`GET /api/v1/tasks?limit=20`";
        let rows = [
            (&*name, format!("{per_second:.0} a second")),
            (&*format!("{read} before"), percentiles(reads_before)),
            (&*format!("{read} meanwhile"), percentiles(reads_meanwhile)),
            (
                &*format!("memory for {DELIVERIES} answers of 500 MB, at most"),
                format!("{} more", kilobytes(self.huge.grown)),
            ),
            ("written by the receiver of each 500 MB, at most", kilobytes(self.huge.most_bytes)),
        ];
        pairs(["", ""], &rows)
    }

    fn process(&self) -> String {
        let processor = self
            .idle
            .processor_percent
            .map_or_else(|| "unknown".to_owned(), |used| format!("{used:.2} %"));
        let rows = [
            ("resident memory, idle after the start", megabytes(self.idle.memory)),
            ("resident memory, most under load", megabytes(self.memory_peak)),
            ("resident memory, 5 s after the load", megabytes(self.memory_after)),
            ("processor, idle", processor),
            ("statements a minute, idle", format!("{:.0}", self.idle.statements_per_minute)),
        ];
        pairs(["server", ""], &rows)
    }
}

fn pairs(head: [&str; 2], rows: &[(&str, String)]) -> String {
    let rows: Vec<_> =
        rows.iter().map(|(name, value)| vec![(*name).to_owned(), value.clone()]).collect();
    table(&head, &rows)
}

fn percentiles(sorted: &[Duration]) -> String {
    [50, 95, 99]
        .map(|percent| format!("p{percent} {}", milliseconds(percentile(sorted, percent))))
        .join(", ")
}
