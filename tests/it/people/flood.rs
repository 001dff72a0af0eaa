//! Many sign-ins at once, measured on the program itself.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{PASSWORD, browser_at};
use crate::chaos::inbox::Inbox;

#[tokio::test]
async fn s19_a_hundred_sign_ins_at_once_take_the_memory_of_few() {
    let inbox = Inbox::new().await;
    let program = inbox.serve().await;
    let before = program.resident_kilobytes();
    let ended = AtomicBool::new(false);
    let sign_ins = async {
        let tries = (1..=100).map(|number| {
            let (browser, url) = (browser_at(&format!("127.0.1.{number}")), &program.url);
            async move {
                let body = format!("name=name{number}&password={}", PASSWORD.replace(' ', "+"));
                let request = browser.post(format!("{url}/login")).body(body);
                let content = "application/x-www-form-urlencoded";
                request.header("content-type", content).send().await.unwrap().status().as_u16()
            }
        });
        let statuses = futures_util::future::join_all(tries).await;
        ended.store(true, Ordering::Relaxed);
        statuses
    };
    let watching = async {
        let mut most = 0;
        while !ended.load(Ordering::Relaxed) {
            most = most.max(program.resident_kilobytes());
            tokio::task::yield_now().await;
        }
        most
    };
    let (statuses, most) = tokio::join!(sign_ins, watching);

    let of = |status: u16| statuses.iter().filter(|found| **found == status).count();
    assert_eq!(of(401) + of(503), 100, "{statuses:?}");
    // 64 wait their turn; how many more come in depends on who is faster.
    assert!(of(401) >= 50 && of(503) > 0, "{statuses:?}");
    let grown = most.saturating_sub(before) / 1024;
    eprintln!("100 sign-ins at once: {grown} MiB more, {} told to come back", of(503));
    assert!(grown < 64, "{grown} MiB");
}
