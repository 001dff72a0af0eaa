//! Receivers that say nothing, too little, too slowly, or no HTTP at all.

use std::time::Duration;

use crate::faults::receiver::{Receiver, deaf};
use crate::faults::{SHORT, attempt, decide, impatient, try_once};
use crate::hook::Hook;
use crate::server::Server;

#[tokio::test]
async fn f12_hang_no_answer_is_given_up_and_frees_its_slot() {
    let receiver = Receiver::start(|mut caller| async move {
        caller.request().await;
        caller.wait_for_end().await;
    })
    .await;
    // With one slot, a healthy receiver is reached only once the other is given up.
    let server = Server::start_with(|config| {
        impatient(config);
        config.workers = 1;
    })
    .await;
    let id = decide(&server, &receiver.url()).await;
    receiver.requested(1).await;
    let tried = attempt(&server, id, 1).await;
    assert_eq!(tried.class.as_deref(), Some("timeout"), "{tried:?}");
    assert!(i128::from(tried.milliseconds) >= SHORT.total.as_millis() as i128, "{tried:?}");

    let healthy = Hook::start().await;
    server.load(&crate::server::sample_to(&healthy.url).replace("'1'", "'2'")).await;
    healthy.received(1).await;
    server.delivery(id, 2, "delivered").await;
}

#[tokio::test]
async fn f13_syn_blackhole_is_given_up_when_connecting_takes_too_long() {
    let (address, _full) = deaf().await;
    let tried = try_once(&format!("http://{address}/hook")).await;
    assert_eq!(tried.class.as_deref(), Some("connect_timeout"), "{tried:?}");
    assert!(i128::from(tried.milliseconds) < SHORT.total.as_millis() as i128, "{tried:?}");
}

#[tokio::test]
async fn f14_drip_headers_do_not_stretch_the_time() {
    let receiver = Receiver::start(|mut caller| async move {
        caller.request().await;
        caller.say(b"HTTP/1.1 200 OK\r\n").await;
        while caller.say(b"x-drip: 1\r\n").await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let tried = try_once(&receiver.url()).await;
    assert_eq!((tried.class.as_deref(), tried.status), (Some("timeout"), None), "{tried:?}");
    assert!(i128::from(tried.milliseconds) < 3 * SHORT.total.as_millis() as i128, "{tried:?}");
}

#[tokio::test]
async fn f18_header_flood_is_bad_http() {
    let many = "x-flood: 1\r\n".repeat(5000);
    let large = format!("x-flood: {}\r\n", "x".repeat(1 << 20));
    for flood in [many, large] {
        let receiver = Receiver::answering(format!("HTTP/1.1 200 OK\r\n{flood}\r\n")).await;
        let tried = try_once(&receiver.url()).await;
        assert_eq!(tried.class.as_deref(), Some("bad_http"), "{tried:?}");
        assert!(tried.error.contains("too large") && tried.response.is_empty(), "{tried:?}");
    }
}

#[tokio::test]
async fn f19_reset_before_answer_is_tried_again() {
    let receiver = Receiver::start(|mut caller| async move {
        caller.request().await;
        caller.reset();
    })
    .await;
    let server = Server::start().await;
    let id = decide(&server, &receiver.url()).await;
    assert_eq!(attempt(&server, id, 1).await.class.as_deref(), Some("reset"));
    receiver.requested(2).await;

    // The orderly end without an answer is no better.
    let closing = Receiver::start(|mut caller| async move { caller.request().await }).await;
    assert_eq!(try_once(&closing.url()).await.class.as_deref(), Some("reset"));
}

#[tokio::test]
async fn f21_garbage_protocol_is_bad_http() {
    for garbage in ["SSH-2.0-OpenSSH_9.2\r\n", "<html>", "HTTP/1.1 banana\r\n\r\n", "\0\0\0\0\n\n"]
    {
        let receiver = Receiver::answering(garbage.repeat(20)).await;
        let tried = try_once(&receiver.url()).await;
        assert_eq!(tried.class.as_deref(), Some("bad_http"), "{garbage:?}: {tried:?}");
        assert!(!tried.error.is_empty(), "{tried:?}");
    }
}

#[tokio::test]
async fn nobody_listening_is_a_refused_connection() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let tried = try_once(&format!("http://{address}/hook")).await;
    assert_eq!(tried.class.as_deref(), Some("connect_refused"), "{tried:?}");
}
