//! The HTTP listener: takes as many connections as there is room for, and gives
//! up those that keep their place and say nothing.

mod pace;
mod places;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustix::net::sockopt::set_socket_send_buffer_size;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::{debug, warn};

use crate::address::Range;
use pace::{Paced, Taken};
use places::Places;

/// The request line and the headers, of which hyper takes at most 100.
const MAX_HEAD: usize = 64 * 1024;
/// What the system keeps of an answer that is not taken; on Linux it is twice that. It
/// takes up to 4 MiB else, and lets us write again when a third has gone: from a
/// slow phone we would not hear for minutes.
const SENDING: usize = 64 * 1024;
/// How many wait in the system's queue, as far as it lets them (`net.core.somaxconn`).
/// Of those beyond it does not hear, and they try again after a second, and after two.
const QUEUE: i32 = 4_096;
/// How many may be open at once, as far as the system lets us.
const FILES: u64 = 8_192;
/// For the database, for webhooks and for what a process has open anyway.
const OTHER_FILES: u64 = 256;

/// Not settings: tests make them small.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Open at once; more wait in the system's queue. One client gets half of them,
    /// and what it opens beyond is closed. More than may wait for an answer, so that
    /// who waits keeps nobody out.
    pub connections: usize,
    /// From the first byte of a request, or the opening, to the end of its headers.
    pub head: Duration,
    /// Between two requests, and for a peer that takes nothing of its answer. Longer
    /// than proxies keep a connection (nginx 60 s), so that they never use a dead one.
    pub idle: Duration,
    /// Bytes of an answer that a peer has to take in the time `idle`, or it is given
    /// up: 219 a second. The slowest phones take ten times that.
    pub taken: u32,
    /// Requests with `wait` that are not answered yet.
    pub waiters: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 4_096,
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            taken: 16 * 1024,
            waiters: 2_000,
        }
    }
}

/// Serves until `stop`, then until every request under way is answered. Of the
/// proxies that are trusted each may hold every place.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    trusted: &[Range],
    stop: CancellationToken,
) {
    prepare(&listener);
    let mut places = Places::new(limits.connections.min(room()), trusted.to_vec());
    let connections = TaskTracker::new();
    loop {
        let accept = async {
            // First the place, then the connection: nobody is taken in and left standing.
            let free = places.free().await;
            (free, listener.accept().await)
        };
        let Some((free, accepted)) = stop.run_until_cancelled(accept).await else { break };
        match accepted {
            Ok((stream, peer)) => {
                let Some(place) = places.take(free, peer.ip()) else { continue };
                let connection = talk(stream, peer, router.clone(), limits, stop.clone());
                connections.spawn(async {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) if is_of_the_peer(&error) => {}
            Err(error) => {
                warn!("no connection can be taken: {error}");
                stop.run_until_cancelled(sleep(Duration::from_secs(1))).await;
            }
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// What the system does by itself for a listener and its connections.
fn prepare(listener: &TcpListener) {
    let prepared = set_socket_send_buffer_size(listener, SENDING)
        // Again, since there is no other way to say how many wait.
        .and_then(|()| rustix::net::listen(listener, QUEUE));
    if let Err(error) = prepared {
        warn!("the system keeps its own limits for connections: {error}");
    }
}

async fn talk(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    stop: CancellationToken,
) {
    // Answers are written whole; there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    let (stream, requests) = Paced::new(stream, limits);
    let service = service_fn(move |request: Request<Incoming>| {
        let taken = requests.take();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.clone().oneshot(request);
        async move { answer.await.map(|response| response.map(|body| Taken::answered(taken, body))) }
    });
    let mut builder = http1::Builder::new();
    // The pace is kept below, where waiting for a request and reading one are two things.
    builder.header_read_timeout(None).max_header_size(MAX_HEAD);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = match stop.run_until_cancelled(connection.as_mut()).await {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!("a connection broke: {}", crate::error::chain(&error));
    }
}

/// Every connection is an open file, and without one to spare no webhook goes
/// out: so as many as the system allows, less what else is needed.
fn room() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let (current, most) =
        (limit.current.unwrap_or(u64::MAX), limit.maximum.unwrap_or(u64::MAX).min(FILES));
    // Commonly 1,024 where far more is given to who asks.
    let raised = Rlimit { current: Some(most), ..limit };
    let allowed = match most > current && setrlimit(Resource::Nofile, raised).is_ok() {
        true => most,
        false => current,
    };
    usize::try_from(allowed.saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX).max(64)
}

fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
