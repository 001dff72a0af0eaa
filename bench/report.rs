//! What was found, against what is aimed at.

use crate::deliveries::{Latency, Throughput};
use crate::facts::Facts;
use crate::posts::Posts;
use crate::process::Idle;
use crate::table::{median, megabytes, milliseconds, percentile, spread, table};

pub struct Report {
    pub facts: Facts,
    pub idle: Idle,
    pub posts: Vec<Posts>,
    pub throughput: Throughput,
    pub latency: Latency,
    pub memory_peak: Option<u64>,
    pub memory_after: Option<u64>,
}

impl Report {
    pub fn text(&self) -> String {
        format!(
            "# Benchmark of {}\n\n{}\n## Posts a second\n\n\
             SQL is pgbench calling `inbox.post_task`, with NOTIFY deferred as the server has it; HTTP is \
             `POST /api/v1/tasks`.\nBoth post the same task to the same database, in turn; the ratio is that of \
             neighbours.\nMedian (least to most).\n\n{}\n## Deliveries\n\n{}\n## The server's process\n\n{}\n## Aims\n\n{}",
            self.facts.date,
            self.machine(),
            self.posted(),
            self.delivered(),
            self.process(),
            self.aims()
        )
    }

    fn machine(&self) -> String {
        let rows: Vec<_> = self
            .facts
            .rows
            .iter()
            .map(|(name, value)| vec![(*name).to_owned(), value.clone()])
            .collect();
        table(&["machine", ""], &rows)
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

    fn delivered(&self) -> String {
        let latencies = |sorted| {
            [50, 95, 99]
                .map(|percent| format!("p{percent} {}", milliseconds(percentile(sorted, percent))))
                .join(", ")
        };
        let rows = [
            ("of a backlog, first to last, a second", spread(&self.throughput.backlog, 0)),
            ("while 32 clients decide over HTTP, a second", spread(&self.throughput.along, 0)),
            ("decisions a second meanwhile", spread(&self.throughput.decisions, 0)),
            ("at 200 decisions a second: answer to receiver", latencies(&self.latency.from_answer)),
            (
                "at 200 decisions a second: request to receiver",
                latencies(&self.latency.from_request),
            ),
        ];
        table(
            &["deliveries to one endpoint", ""],
            &rows.map(|(name, value)| vec![name.to_owned(), value]),
        )
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
        table(&["server", ""], &rows.map(|(name, value)| vec![name.to_owned(), value]))
    }

    fn aims(&self) -> String {
        let mut rows = Vec::new();
        let mut aim = |name: String, aim: &str, found: String, met: bool| {
            rows.push(vec![
                name,
                aim.to_owned(),
                found,
                if met { "met" } else { "missed" }.to_owned(),
            ]);
        };
        for posts in self.posts.iter().filter(|posts| posts.clients > 1) {
            let ratio = median(&posts.ratios());
            let name = format!("HTTP / SQL at {} clients", posts.clients);
            aim(name.clone(), "at least 0.6", format!("{ratio:.2}"), ratio >= 0.6);
            aim(name, "in the end 0.8", format!("{ratio:.2}"), ratio >= 0.8);
        }
        let deliveries = median(&self.throughput.backlog);
        aim(
            "deliveries a second".to_owned(),
            "at least 2000",
            format!("{deliveries:.0}"),
            deliveries >= 2000.0,
        );
        let late = percentile(&self.latency.from_answer, 95);
        aim(
            "p95 from answer to receiver".to_owned(),
            "under 25 ms",
            milliseconds(late),
            late.as_millis() < 25,
        );
        for (when, bytes) in
            [("after the start", self.idle.memory), ("after load", self.memory_after)]
        {
            let met = bytes.is_some_and(|bytes| bytes < 30_000_000);
            aim(format!("memory, idle {when}"), "under 30 MB", megabytes(bytes), met);
        }
        table(&["aim", "wanted", "found", ""], &rows)
    }
}
