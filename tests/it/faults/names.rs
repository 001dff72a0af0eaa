//! Host names that lead nowhere, too slowly, or to where nobody should be led.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use task_inbox::address::Allow;
use task_inbox::config::Config;
use tokio::sync::oneshot;

use crate::faults::receiver::Receiver;
use crate::faults::{attempt, decide, impatient, outbound, refused};
use crate::server::{Server, within};

/// A name server: what it says the first time, the second, and from then on.
fn names(config: &mut Config, answers: &'static [&'static [&'static str]]) -> Arc<AtomicUsize> {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    config.dial.lookup = Arc::new(move |host| {
        assert_eq!(host, "app.example");
        let turn = count.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1);
        let addresses: Vec<IpAddr> =
            answers[turn].iter().map(|address| address.parse().unwrap()).collect();
        Box::pin(async move { Ok(addresses) })
    });
    asked
}

#[tokio::test]
async fn f23_dns_nxdomain_is_tried_again() {
    // The system's own resolver; the name is promised to be nobody's.
    let server = Server::start().await;
    let id = decide(&server, "https://no-such-name.invalid/hook").await;
    for claim_no in [1, 2] {
        let tried = attempt(&server, id, claim_no).await;
        assert_eq!(tried.class.as_deref(), Some("dns"), "{tried:?}");
        assert!(tried.error.contains("looking up \"no-such-name.invalid\""), "{tried:?}");
    }
}

#[tokio::test]
async fn f23_a_name_without_an_address_is_dns_too() {
    let server = Server::start_with(|config| drop(names(config, &[&[]]))).await;
    let id = decide(&server, "https://app.example/hook").await;
    let tried = attempt(&server, id, 1).await;
    assert_eq!(tried.class.as_deref(), Some("dns"), "{tried:?}");
}

#[tokio::test]
async fn f24_dns_slow_counts_in_the_time_of_the_attempt_and_is_called_off() {
    let (called_off, was_called_off) = oneshot::channel::<()>();
    let called_off = Mutex::new(Some(called_off));
    let server = Server::start_with(|config| {
        impatient(config);
        outbound(config).schedule = vec![1000.0];
        config.dial.lookup = Arc::new(move |_| {
            let held = called_off.lock().unwrap().take();
            Box::pin(async move {
                std::future::pending::<()>().await;
                drop(held);
                Ok(Vec::new())
            })
        });
    })
    .await;
    let id = decide(&server, "https://app.example/hook").await;
    let tried = attempt(&server, id, 1).await;
    assert_eq!(tried.class.as_deref(), Some("dns"), "{tried:?}");
    assert!(tried.error.contains("no answer within"), "{tried:?}");
    within("the end of the look-up", was_called_off).await.unwrap_err();
}

#[tokio::test]
async fn f24_dns_that_never_answers_does_not_hold_up_the_end() {
    let (asked, was_asked) = std::sync::mpsc::channel();
    let server = Server::start_with(|config| {
        config.dial.lookup = Arc::new(move |_| {
            asked.send(()).unwrap();
            Box::pin(std::future::pending())
        });
        config.dial.timeouts.connect = Duration::from_secs(1);
    })
    .await;
    decide(&server, "https://app.example/hook").await;
    within("the look-up", async {
        while was_asked.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    server.stop().await;
}

#[tokio::test]
async fn f25_dns_private_is_refused_before_a_packet_leaves() {
    let mut asked = None;
    let server = Server::start_with(|config| asked = Some(names(config, &[&["10.0.0.5"]]))).await;
    let id = decide(&server, "https://app.example/hook").await;
    let reason = refused(&server, id).await;
    assert_eq!(
        reason,
        "address: \"app.example\" is \"10.0.0.5\", which is a private or reserved address; \
         `TASK_INBOX_ALLOW_CIDRS` or `TASK_INBOX_ALLOW_HOSTS` allows it"
    );
    assert_eq!(asked.unwrap().load(Ordering::Relaxed), 1, "nothing mends it by itself");
}

#[tokio::test]
async fn f26_dns_rebind_is_refused_at_the_second_look() {
    let receiver =
        Receiver::answering("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .await;
    let answers: &[&[&str]] = &[&["127.0.0.1"], &["169.254.169.254"]];
    let server = Server::start_with(|config| drop(names(config, answers))).await;
    let id = decide(&server, &format!("http://app.example:{}/hook", receiver.address.port())).await;

    let delivery = server.delivery(id, 2, "blocked").await;
    assert_eq!(
        delivery["reason"],
        "address: \"app.example\" is \"169.254.169.254\", which is a link-local or cloud metadata address; \
         no setting allows it"
    );
    assert_eq!((&delivery["attempts"], receiver.connections()), (&json!(1), 1));
}

#[tokio::test]
async fn f27_dns_mixed_answer_is_refused_whole() {
    for answer in
        [&[&["8.8.8.8", "10.0.0.1"] as &[&str]] as &[&[&str]], &[&["10.0.0.1", "8.8.8.8"]]]
    {
        let server = Server::start_with(|config| drop(names(config, answer))).await;
        let id = decide(&server, "https://app.example/hook").await;
        assert!(refused(&server, id).await.contains("\"10.0.0.1\""));
    }
}

#[tokio::test]
async fn a_listed_name_reaches_its_private_address_and_never_metadata() {
    for (address, listed) in [("127.0.0.1", true), ("127.0.0.1", false), ("169.254.169.254", true)]
    {
        let receiver = Receiver::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let server = Server::start_with(|config| {
            config.dial.lookup =
                Arc::new(move |_| Box::pin(async move { Ok(vec![address.parse().unwrap()]) }));
            let hosts = if listed { "*.example" } else { "other.example" };
            outbound(config).allow = Allow::parse("", hosts).unwrap();
        })
        .await;
        let id = decide(&server, &format!("http://app.example:{}/", receiver.address.port())).await;
        if listed && address == "127.0.0.1" {
            server.delivery(id, 2, "delivered").await;
        } else {
            refused(&server, id).await;
            assert_eq!(receiver.connections(), 0);
        }
    }
}

#[tokio::test]
async fn plain_http_to_the_public_internet_is_refused() {
    let server = Server::start_with(|config| drop(names(config, &[&["8.8.8.8"]]))).await;
    let id = decide(&server, "http://app.example/hook").await;
    assert_eq!(
        refused(&server, id).await,
        "address: \"app.example\" is \"8.8.8.8\", which needs https, \
         unless `TASK_INBOX_ALLOW_CIDRS` or `TASK_INBOX_ALLOW_HOSTS` lists it"
    );
}
