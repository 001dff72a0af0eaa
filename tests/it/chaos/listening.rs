//! Connections that are half open: nobody says that the other end has gone.

use std::time::{Duration, Instant};

use super::inbox::Inbox;
use super::ledger::note;
use super::load::Load;
use super::proxy::{Proxy, Silent};
use super::{PATIENCE, is_long, until};
use crate::postgres::fresh_database;

/// What is promised, for a heartbeat of 5 s that may miss one.
const NOTICED: Duration = Duration::from_secs(35);

#[tokio::test]
async fn f45_a_listening_connection_that_fell_silent_is_made_anew() {
    let database_url = fresh_database().await;
    let proxy = Proxy::before(&database_url);
    let mut inbox = Inbox::on(&database_url).await;
    inbox.set("DATABASE_URL", &proxy.database_url);
    let server = inbox.serve().await;
    let load = Load::on(&server.url, &inbox.key);
    load.walk(&["allow"]).await;
    inbox.receiver.arrived(1).await;
    let pending = load.post().await.unwrap();

    proxy.silence(Silent::Listening);
    // Its own decisions it need not be told of.
    load.walk(&["allow"]).await;
    inbox.receiver.arrived(2).await;
    let mut decisions = load.acknowledged();
    let client = inbox.client().await;
    let allow = "select from inbox.set_task_state($1, 'allow')";
    client.query(allow, &[&pending]).await.unwrap();
    decisions.push((pending, "allow".to_owned()));
    let began = Instant::now();
    until("the lost hint", NOTICED, async || inbox.receiver.count() == 3).await;
    let noticed = began.elapsed();

    if is_long() {
        decisions.extend(all_fall_silent(&inbox, &proxy, &server.url).await);
    }
    inbox.drained(Duration::from_secs(90)).await;
    let ledger = inbox.balance("f45_listen_half_open", &decisions, &[]).await;
    assert_eq!(ledger.accepted, decisions.len());
    note("seconds until it was noticed", format!("{:.1}", noticed.as_secs_f64()));
}

/// Every connection of the pools as well, also those that answers wait for.
async fn all_fall_silent(inbox: &Inbox, proxy: &Proxy, url: &str) -> Vec<(uuid::Uuid, String)> {
    proxy.silence(Silent::All);
    let load = Load::on(url, &inbox.key);
    // Each that tries one of them learns that it is dead; then there are new ones.
    let tries = (0..20).map(|_| load.walk(&["allow"]));
    tokio::time::timeout(Duration::from_secs(120), futures_util::future::join_all(tries))
        .await
        .expect("posting goes on");
    until("an answer", PATIENCE, async || !load.acknowledged().is_empty()).await;
    load.acknowledged().into_iter().chain(load.unanswered()).collect()
}
