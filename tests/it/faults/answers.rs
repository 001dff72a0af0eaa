//! Answers that are no plain yes: what is made of each.

use std::time::Duration;

use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::json;

use crate::faults::receiver::Receiver;
use crate::faults::{SHORT, attempt, decide, outbound, try_once};
use crate::hook::Hook;
use crate::server::{Server, within};

#[tokio::test]
async fn f03_http_500_then_ok_has_one_id_and_body_and_new_signatures() {
    let hook = Hook::start().await;
    // Over a second even when shortened by a fifth: the header counts whole seconds.
    let server = Server::start_with(|config| outbound(config).schedule = vec![1.3; 3]).await;
    let secret = server.with_hook(&hook).await;
    hook.answer(500);
    hook.answer(500);
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;

    let received = hook.received(3).await;
    for request in &received {
        request.verify(&secret);
        assert_eq!((&request.id, &request.body), (&received[0].id, &received[0].body));
    }
    for header in ["webhook-timestamp", "webhook-signature"] {
        let [a, b, c] = [0, 1, 2].map(|n| &received[n].headers[header]);
        assert!(a != b && b != c, "{header}: {a:?} {b:?} {c:?}");
    }
    let delivery = server.delivery(id, 2, "delivered").await;
    assert_eq!((&delivery["attempts"], &delivery["status"]), (&json!(3), &json!(200)));
    assert_eq!(attempt(&server, id, 1).await.class.as_deref(), Some("http_5xx"));
}

#[tokio::test]
async fn f03_the_delay_is_within_a_fifth_of_the_step() {
    let (server, hook) = (
        Server::start_with(|config| outbound(config).schedule = vec![1000.0]).await,
        Hook::start().await,
    );
    server.with_hook(&hook).await;
    let mut delays = Vec::new();
    for _ in 0..4 {
        hook.answer(500);
        let id = server.post_flag().await;
        server.set_state(id, "allow", 200).await;
        attempt(&server, id, 1).await;
        let sql = "select extract(epoch from delivery.due_at - attempt.started_at)::float8
            from reporting.deliveries delivery
            join app.attempt attempt on attempt.delivery_id = delivery.id
            where delivery.task_id = $1";
        delays.push(server.db.row(sql, &[&id]).await.unwrap().get::<_, f64>(0));
    }
    // A busy machine adds some seconds.
    assert!(delays.iter().all(|delay| (800.0..1220.0).contains(delay)), "{delays:?}");
    assert!(delays.iter().any(|delay| *delay != delays[0]), "no jitter: {delays:?}");
}

#[tokio::test]
async fn f05_http_404_retry_is_that_of_a_500() {
    for (status, class) in [(404, "http_4xx"), (401, "http_4xx"), (400, "http_4xx")] {
        let (server, hook) = (Server::start().await, Hook::start().await);
        hook.answer(status);
        let id = decide(&server, &hook.url).await;
        assert_eq!(server.delivery(id, 2, "delivered").await["attempts"], 2);
        let tried = attempt(&server, id, 1).await;
        assert_eq!((tried.class.as_deref(), tried.status), (Some(class), Some(status.into())));
    }
}

#[tokio::test]
async fn f10_redirect_metadata_is_not_followed_and_its_target_kept() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let target = "http://169.254.169.254/latest/meta-data/";
    hook.answer_with(move || (StatusCode::FOUND, [("location", target)]).into_response());
    let id = decide(&server, &hook.url).await;
    server.delivery(id, 2, "delivered").await;
    let tried = attempt(&server, id, 1).await;
    assert_eq!((tried.class.as_deref(), tried.status), (Some("http_3xx"), Some(302)), "{tried:?}");
    // With the body, which is for admins only.
    assert!(tried.response.contains(target) && !tried.error.contains(target), "{tried:?}");

    // Nor to where one could go, and the target is not kept without end.
    let elsewhere = Hook::start().await;
    let long = format!("{}?{}", elsewhere.url, "x".repeat(9000));
    let hook = Hook::start().await;
    hook.answer_with(move || {
        (StatusCode::PERMANENT_REDIRECT, [("location", long)]).into_response()
    });
    let tried = try_once(&hook.url).await;
    assert_eq!(tried.class.as_deref(), Some("http_3xx"), "{tried:?}");
    assert!(tried.response.contains(&elsewhere.url) && tried.response.len() < 2200, "{tried:?}");
    assert!(elsewhere.so_far().is_empty());
}

#[tokio::test]
async fn f11_redirect_loop_307_is_one_request_an_attempt() {
    let receiver = Receiver::start(|mut caller| async move {
        let itself = format!("http://{}/hook", caller.stream.local_addr().unwrap());
        caller.request().await;
        let answer = format!(
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: {itself}\r\ncontent-length: 0\r\n\r\n"
        );
        caller.say(answer.as_bytes()).await;
    })
    .await;
    let server = Server::start_with(|config| outbound(config).schedule = vec![1000.0]).await;
    let id = decide(&server, &receiver.url()).await;
    assert_eq!(attempt(&server, id, 1).await.class.as_deref(), Some("http_3xx"));
    assert_eq!((receiver.requests().len(), receiver.connections()), (1, 1));
}

#[tokio::test]
async fn f15_drip_body_200_is_delivered_and_hung_up_on() {
    let (gone, has_gone) = std::sync::mpsc::channel();
    let receiver = Receiver::start(move |mut caller| {
        let gone = gone.clone();
        async move {
            caller.request().await;
            caller.say(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await;
            while caller.say(b"x").await {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            gone.send(()).unwrap();
        }
    })
    .await;
    let tried = try_once(&receiver.url()).await;
    assert_eq!((tried.class.as_deref(), tried.status), (None, Some(200)), "{tried:?}");
    assert!(tried.response.starts_with("xx") && tried.response.len() < 1000, "{tried:?}");
    assert!(i128::from(tried.milliseconds) < 3 * SHORT.total.as_millis() as i128, "{tried:?}");
    within("the end of the connection", async {
        while has_gone.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn f16_huge_body_is_left_after_4_kib() {
    let (sent, was_sent) = std::sync::mpsc::channel();
    let receiver = Receiver::start(move |mut caller| {
        let sent = sent.clone();
        async move {
            caller.request().await;
            caller.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            let mut bytes = 0;
            while caller.say(chunk.as_bytes()).await {
                bytes += chunk.len();
            }
            sent.send(bytes).unwrap();
        }
    })
    .await;
    // Patient: what ends it is the limit, not the time.
    let server = Server::start().await;
    let id = decide(&server, &receiver.url()).await;
    let tried = attempt(&server, id, 1).await;
    assert_eq!((tried.class, tried.response.len()), (None, 4096));
    let bytes = within("the end of the connection", async {
        loop {
            if let Ok(bytes) = was_sent.try_recv() {
                return bytes;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    // The rest is in the buffers of two sockets, not in ours.
    assert!(bytes < 16 << 20, "{bytes} bytes were taken");
}

#[tokio::test]
async fn f17_gzip_bomb_is_neither_asked_for_nor_inflated() {
    let mut answer =
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 20\r\n\r\n".to_vec();
    answer.extend(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03raw-bytes!");
    let receiver = Receiver::answering(answer).await;
    let tried = try_once(&receiver.url()).await;
    assert!(tried.class.is_none() && tried.response.ends_with("raw-bytes!"), "{tried:?}");
    let request = receiver.requested(1).await.remove(0).to_lowercase();
    assert!(!request.contains("accept-encoding"), "{request}");
}

#[tokio::test]
async fn f20_reset_mid_body_is_delivered_and_noted() {
    let receiver = Receiver::start(|mut caller| async move {
        caller.request().await;
        caller.say(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\npartial").await;
        caller.reset();
    })
    .await;
    let server = Server::start().await;
    let id = decide(&server, &receiver.url()).await;
    server.delivery(id, 2, "delivered").await;
    let tried = attempt(&server, id, 1).await;
    assert_eq!((tried.class, tried.status), (None, Some(200)));
    assert_eq!(
        (tried.response.as_str(), tried.error.as_str()),
        ("partial", "the answer's body was cut short")
    );
}

#[tokio::test]
async fn f22_nul_and_binary_body_is_kept_as_harmless_text() {
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 23\r\n\r\n".to_vec();
    answer.extend(b"\0\xff<script>\x1b[31m\x07</b>\0\xc3(");
    let receiver = Receiver::answering(answer).await;
    let tried = try_once(&receiver.url()).await;
    assert_eq!(tried.class, None);
    assert_eq!(tried.response, "\u{fffd}<script>[31m</b>\u{fffd}(");
}
