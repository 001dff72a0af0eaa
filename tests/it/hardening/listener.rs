//! Connections that are kept for nothing, and how many there may be.

use std::time::Duration;

use futures_util::future::join_all;
use task_inbox::address::ranges;
use task_inbox::web::assets;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval};

use super::{connect, connect_from, raw};
use crate::cli::shell::Shell;
use crate::log::Log;
use crate::server::{Server, within};

const HALF: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ";
const WHOLE: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Sends a whole request and reads the head of its answer, and `ok`.
async fn ask(stream: &mut TcpStream) {
    stream.write_all(WHOLE).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nok\n") {
        let read = within("an answer", stream.read_buf(&mut answer)).await.unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
    }
}

async fn ends(mut stream: TcpStream) {
    // Closed or reset, but not answered.
    let mut answer = Vec::new();
    let read = within("the connection's end", stream.read_to_end(&mut answer)).await;
    assert_eq!(read.unwrap_or(0), 0, "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn two_hundred_slow_clients_keep_nobody_out_and_are_given_up() {
    let server = Server::start_with(|config| config.limits.head = Duration::from_secs(2)).await;
    let began = Instant::now();
    let slow = join_all((0..200).map(|_| async {
        let mut stream = connect(&server).await;
        stream.write_all(HALF).await.unwrap();
        stream
    }))
    .await;
    let mut quick = connect(&server).await;
    for _ in 0..20 {
        ask(&mut quick).await;
    }
    eprintln!("20 answers beside 200 slow clients after {:?}", began.elapsed());

    // Going on, drop by drop, is as slow as saying nothing.
    let dripping = slow.into_iter().enumerate().map(|(number, mut stream)| async move {
        let mut drops = interval(Duration::from_millis(100));
        while number % 10 == 0 && stream.write_all(b"x").await.is_ok() {
            drops.tick().await;
        }
        ends(stream).await;
    });
    join_all(dripping).await;
    eprintln!("200 slow clients were given up after {:?}", began.elapsed());
}

#[tokio::test]
async fn headers_that_never_end_take_little_memory() {
    let shell = Shell::new().await;
    let mut serve = shell.command(&["serve", "--json-ready"]);
    serve.env("TASK_INBOX_LISTEN", "127.0.0.1:0").env("TASK_INBOX_OPS_LISTEN", "off");
    let mut serve = serve.spawn().unwrap();
    let mut lines = BufReader::new(serve.stdout.take().unwrap()).lines();
    let ready = within("the server", lines.next_line()).await.unwrap().unwrap();
    let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
    let address = ready["url"].as_str().unwrap().strip_prefix("http://").unwrap();

    let status = format!("/proc/{}/status", serve.id().unwrap());
    let Ok(before) = std::fs::read_to_string(&status) else { return };
    let kilobytes = |status: &str| -> u64 {
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    let half = [HALF.to_vec(), vec![b'x'; 60 * 1024]].concat();
    let slow = join_all((0..200).map(|_| async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&half).await.unwrap();
        stream
    }))
    .await;
    for _ in 0..20 {
        ask(&mut TcpStream::connect(address).await.unwrap()).await;
    }
    let after = std::fs::read_to_string(&status).unwrap();
    let (before, after) = (kilobytes(&before), kilobytes(&after));
    eprintln!(
        "{} connections took {} KiB more than {before} KiB",
        slow.len(),
        after.saturating_sub(before)
    );
    assert!(after < before + 64 * 1024, "{before} KiB, then {after} KiB");
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let server = Server::start().await;
    let host = "host: localhost\r\nconnection: close\r\n";
    let many: String = (0..101).map(|number| format!("x-{number}: 1\r\n")).collect();
    for (request, status) in [
        (format!("GET /login HTTP/1.1\r\n{host}x: {}\r\n\r\n", "x".repeat(32 * 1024)), 200),
        (format!("GET /login HTTP/1.1\r\n{host}x: {}\r\n\r\n", "x".repeat(64 * 1024)), 431),
        (format!("GET /login HTTP/1.1\r\n{host}x: {}", "x".repeat(80 * 1024)), 431),
        (format!("GET /login HTTP/1.1\r\n{host}{many}\r\n"), 431),
        (format!("GET /login?next={} HTTP/1.1\r\n{host}\r\n", "x".repeat(8_000)), 200),
        (format!("GET /login?next={} HTTP/1.1\r\n{host}\r\n", "x".repeat(8_192)), 414),
        (format!("GET /api/v1/tasks?x={} HTTP/1.1\r\n{host}\r\n", "x".repeat(8_192)), 414),
        ("GET /login HTTP/1.1\r\nhost\r\n\r\n".to_owned(), 400),
        ("nonsense\r\n\r\n".to_owned(), 400),
    ] {
        let answer = raw(&server, request.as_bytes()).await;
        let shown = &request[..request.len().min(60)];
        assert_eq!(
            answer.split(' ').nth(1),
            Some(status.to_string().as_str()),
            "{shown}: {answer}"
        );
        if request.contains("/api/") {
            assert!(answer.contains("\"code\":\"address_length\""), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_connection_is_kept_between_requests_and_then_given_up() {
    let server = Server::start_with(|config| {
        config.limits.head = Duration::from_secs(1);
        config.limits.idle = Duration::from_secs(3);
    })
    .await;
    let mut stream = connect(&server).await;
    let began = Instant::now();
    for _ in 0..3 {
        ask(&mut stream).await;
    }
    ends(stream).await;
    assert!(began.elapsed() >= Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test]
async fn one_more_than_there_is_room_for_waits_its_turn() {
    let server = Server::start_with(|config| config.limits.connections = 2).await;
    let mut first = connect_from("127.0.0.1", &server).await;
    let mut second = connect_from("127.0.0.2", &server).await;
    ask(&mut first).await;
    ask(&mut second).await;
    let mut third = connect_from("127.0.0.3", &server).await;
    third.write_all(WHOLE).await.unwrap();
    ask(&mut first).await;
    let mut nothing = [0; 1];
    assert!(third.try_read(&mut nothing).is_err(), "answered before its turn");
    drop(first);
    assert_eq!(within("its turn", third.read(&mut nothing)).await.unwrap(), 1);
    ask(&mut second).await;
}

#[tokio::test]
async fn nobody_holds_more_than_half_of_the_places_but_a_listed_proxy() {
    let log = Log::hear();
    let server = Server::start_with(|config| {
        config.limits.connections = 8;
        config.proxies.trusted = ranges("127.0.0.9").unwrap();
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut stream = connect_from("127.0.0.2", &server).await;
        ask(&mut stream).await;
        held.push(stream);
    }
    for _ in 0..20 {
        ends(connect_from("127.0.0.2", &server).await).await;
    }
    let said = log.lines("connections");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("127.0.0.2 holds 4"), "{said:?}");
    assert!(said[0].contains("TASK_INBOX_TRUSTED_PROXIES"), "{said:?}");

    // There is room for others, and for more of theirs when one has gone.
    for stream in &mut held {
        ask(stream).await;
    }
    ask(&mut connect_from("127.0.0.3", &server).await).await;
    drop(held.pop());
    within("a place", async {
        while !is_answered(connect_from("127.0.0.2", &server).await).await {}
    })
    .await;
    drop(held);

    let mut proxy = Vec::new();
    for _ in 0..8 {
        let mut stream = connect_from("127.0.0.9", &server).await;
        ask(&mut stream).await;
        proxy.push(stream);
    }
}

#[tokio::test]
async fn a_crowd_that_comes_at_once_waits_in_the_queue() {
    let server = Server::start_with(|config| config.limits.connections = 2).await;
    let mut held = Vec::new();
    for address in ["127.0.0.2", "127.0.0.3"] {
        let mut stream = connect_from(address, &server).await;
        ask(&mut stream).await;
        held.push(stream);
    }
    // Whoever is not let into the queue never connects, as nobody goes.
    let crowd = (0..500).map(|_| connect(&server));
    let crowd = within("the crowd to be in the queue", join_all(crowd)).await;
    drop((held, crowd));
    ask(&mut connect_from("127.0.0.4", &server).await).await;
}

async fn is_answered(mut stream: TcpStream) -> bool {
    stream.write_all(WHOLE).await.is_ok()
        && matches!(within("an answer", stream.read(&mut [0; 1])).await, Ok(1))
}

#[tokio::test]
async fn who_takes_no_answers_loses_the_place() {
    let server = Server::start_with(|config| {
        config.limits.connections = 1;
        config.limits.idle = Duration::from_secs(1);
    })
    .await;
    let mut greedy = connect(&server).await;
    greedy.write_all(&many_answers()).await.unwrap();
    ask(&mut connect(&server).await).await;
    drop(greedy);
}

/// Asks for more than the systems of both sides take in.
fn many_answers() -> Vec<u8> {
    let path = assets::url("htmx.min.js");
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").repeat(500).into_bytes()
}

/// Takes this much every now and then; gives what it has got of `most` before the end.
async fn sip(server: &Server, sip: usize, most: usize) -> usize {
    let mut stream = connect_from("127.0.0.1", server).await;
    stream.write_all(&many_answers()).await.unwrap();
    let mut sips = interval(Duration::from_millis(100));
    let (mut got, mut buffer) = (0, vec![0; sip]);
    while got < most {
        sips.tick().await;
        match stream.read_exact(&mut buffer).await {
            Ok(read) => got += read,
            Err(_) => break,
        }
    }
    got
}

#[tokio::test]
async fn an_answer_is_not_taken_for_ever_drop_by_drop() {
    // 30 KiB every 100 ms are 600 in the time in which so many have to be taken.
    let patient = |least: u32| {
        Server::start_with(move |config| {
            config.limits.idle = Duration::from_secs(2);
            config.limits.taken = least * 1024;
        })
    };
    let (slow, slower) = (patient(60).await, patient(6_000).await);
    let most = 1_500 * 1024;
    let (all, some) = tokio::join!(
        within("slow answers", sip(&slow, 30 * 1024, most)),
        within("the end of answers", sip(&slower, 30 * 1024, most)),
    );
    assert!(all >= most, "a slow peer was given up after {all} bytes");
    assert!(some < most, "a peer that takes next to nothing was kept");
}
