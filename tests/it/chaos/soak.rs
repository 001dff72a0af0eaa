//! Ten decisions a second for a long time, with a little of every fault.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use super::inbox::Inbox;
use super::ledger::note;
use super::load::Load;
use super::program::Program;
use super::receiver::Answer;
use super::{is_long, seconds};

const FAULTS_EVERY: Duration = Duration::from_secs(3);

#[tokio::test]
async fn f67_a_soak_with_every_fault_loses_nothing_and_stays_small() {
    let mut inbox = Inbox::new().await;
    // Those that take the sender's whole patience are for the long form.
    let patient = is_long();
    inbox.receiver.answer(move |_| match rand::random::<u32>() % 100 {
        0..5 => Answer::Status(500),
        5..10 => Answer::Status(404),
        10..15 => Answer::Status(302),
        15..20 => Answer::Reset,
        20..25 => Answer::Garbage,
        25..30 => Answer::After(Duration::from_millis(300), 200),
        // Each holds a place for 15 s, and there are 16: more would be a standstill.
        30..32 if patient => Answer::Hang,
        32..34 if patient => Answer::Drip,
        _ => Answer::Status(200),
    });
    let server = inbox.serve().await;
    let load = Arc::new(Load::on(&server.url, &inbox.key));
    let sizes = soak(&mut inbox, &server, &load, seconds(11, 3_600)).await;
    inbox.drained(Duration::from_secs(120)).await;

    let (acknowledged, unanswered) = (load.acknowledged(), load.unanswered());
    let ledger = inbox.balance("f67_soak", &acknowledged, &unanswered).await;
    assert_eq!((ledger.owed, ledger.failed), (0, 0));
    let third = sizes.len() / 3;
    let most = |sizes: &[(u64, usize)]| {
        let kilobytes = sizes.iter().map(|size| size.0).max().unwrap();
        (kilobytes, sizes.iter().map(|size| size.1).max().unwrap())
    };
    // The first third is for warming up.
    let (before, after) = (most(&sizes[third..2 * third]), most(&sizes[2 * third..]));
    for (what, value) in [
        ("megabytes in its middle third", before.0 as usize / 1024),
        ("megabytes in its last", after.0 as usize / 1024),
        ("open files in its middle third", before.1),
        ("open files in its last", after.1),
    ] {
        note(what, value);
    }
    // A twentieth and what a busy moment takes.
    assert!(after.0 <= before.0 + before.0 / 20 + 4 * 1024, "it grows: {before:?} {after:?}");
    assert!(after.1 <= before.1 + 32, "files stay open: {before:?} {after:?}");
    assert!(server.terminate().await.success());
}

/// Kilobytes and open files, once a second.
async fn soak(
    inbox: &mut Inbox,
    server: &Program,
    load: &Arc<Load>,
    length: Duration,
) -> Vec<(u64, usize)> {
    let (began, mut sizes, mut faults) = (Instant::now(), Vec::new(), 0);
    let mut decisions = JoinSet::new();
    let mut beat = interval(Duration::from_millis(100));
    while began.elapsed() < length {
        beat.tick().await;
        let load = load.clone();
        decisions.spawn(async move { load.walk(&["allow"]).await });
        while decisions.try_join_next().is_some() {}
        if began.elapsed() > Duration::from_secs(sizes.len() as u64) {
            sizes.push((server.resident_kilobytes(), server.open_files()));
        }
        if began.elapsed() > FAULTS_EVERY * (faults + 1) {
            disturb(inbox, faults).await;
            faults += 1;
        }
    }
    load.stop();
    decisions.join_all().await;
    sizes
}

/// One fault after the other, so that each has its turn.
async fn disturb(inbox: &mut Inbox, number: u32) {
    let sessions = match number % 3 {
        0 => "query like '%tick%' or query like 'listen%'",
        1 => "true",
        _ => {
            inbox.receiver.down().await;
            sleep(Duration::from_millis(500)).await;
            return inbox.receiver.up();
        }
    };
    let end = format!(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and ({sessions})"
    );
    inbox.client().await.query(&end, &[]).await.unwrap();
}
