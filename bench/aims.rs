//! What was found, against what is aimed at.

use std::time::Duration;

use crate::huge::DELIVERIES;
use crate::report::Report;
use crate::table::{kilobytes, median, megabytes, milliseconds, percentile, table};

#[derive(Default)]
struct Aims {
    rows: Vec<Vec<String>>,
}

impl Aims {
    fn aim(&mut self, name: impl Into<String>, wanted: &str, found: String, met: bool) {
        let met = if met { "met" } else { "missed" };
        self.rows.push(vec![name.into(), wanted.to_owned(), found, met.to_owned()]);
    }
}

pub fn text(report: &Report) -> String {
    let mut aims = Aims::default();
    posts(&mut aims, report);
    life(&mut aims, report);
    deliveries(&mut aims, report);
    process(&mut aims, report);
    table(&["aim", "wanted", "found", ""], &aims.rows)
}

fn posts(aims: &mut Aims, report: &Report) {
    for posts in report.posts.iter().filter(|posts| posts.clients > 1) {
        let ratio = median(&posts.ratios());
        let name = format!("HTTP / SQL at {} clients", posts.clients);
        aims.aim(name.clone(), "at least 0.6", format!("{ratio:.2}"), ratio >= 0.6);
        aims.aim(name, "in the end 0.8", format!("{ratio:.2}"), ratio >= 0.8);
    }
}

fn life(aims: &mut Aims, report: &Report) {
    let found = median(&report.batches.ratios(&report.batches.single));
    aims.aim(
        "batches / single posts of one client",
        "at least 5",
        format!("{found:.1}"),
        found >= 5.0,
    );
    let found = percentile(&report.looks.waiters, 99);
    let met = found <= Duration::from_millis(100);
    aims.aim("p99 to 1,000 who wait", "within 100 ms", milliseconds(found), met);
    for (path, took) in &report.looks.pages {
        let found = percentile(took, 95);
        let met = found <= Duration::from_millis(50);
        aims.aim(format!("p95 of `{path}`"), "within 50 ms", milliseconds(found), met);
    }
}

fn deliveries(aims: &mut Aims, report: &Report) {
    let counts =
        [("one endpoint", &report.throughput.backlog), ("ten endpoints", &report.throughput.ten)];
    for (to, counts) in counts {
        let found = median(counts);
        let name = format!("deliveries a second, {to}");
        aims.aim(name, "at least 2000", format!("{found:.0}"), found >= 2000.0);
    }

    for (rate, latency) in [(50, &report.neighbours.alone), (200, &report.busy)] {
        let late = percentile(&latency.from_request, 95);
        let name = format!("p95 from decision to receiver at {rate}/s");
        aims.aim(name, "under 25 ms", milliseconds(late), late < Duration::from_millis(25));
    }
    let ratio = median(&report.neighbours.ratios);
    aims.aim(
        "p99 beside a receiver that hangs",
        "within 2 x",
        format!("{ratio:.2} x"),
        ratio <= 2.0,
    );
}

fn process(aims: &mut Aims, report: &Report) {
    let each = report.huge.grown.map(|bytes| bytes / DELIVERIES);
    let met = each.is_some_and(|bytes| bytes < 1_000_000);
    aims.aim("memory for an answer of 500 MB", "under 1,000 kB", kilobytes(each), met);

    let statements = report.idle.statements_per_minute;
    aims.aim(
        "statements a minute, idle",
        "at most 12",
        format!("{statements:.0}"),
        statements <= 12.0,
    );
    for (when, bytes) in
        [("after the start", report.idle.memory), ("after load", report.memory_after)]
    {
        let met = bytes.is_some_and(|bytes| bytes < 30_000_000);
        aims.aim(format!("memory, idle {when}"), "under 30 MB", megabytes(bytes), met);
    }
}
