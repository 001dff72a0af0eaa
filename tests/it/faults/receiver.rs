//! A receiver on a bare socket: it says any bytes it likes, or none, and counts who came.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;

use crate::server::within;

pub struct Receiver {
    pub address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    connections: Mutex<usize>,
    requests: Mutex<Vec<String>>,
    arrived: Notify,
}

/// One connection, to behave on.
pub struct Caller {
    pub stream: TcpStream,
    seen: Arc<Seen>,
}

impl Receiver {
    /// Does this with every connection.
    pub async fn start<F, Done>(behave: F) -> Receiver
    where
        F: Fn(Caller) -> Done + Send + Sync + 'static,
        Done: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, seen) = (listener.local_addr().unwrap(), Arc::new(Seen::default()));
        let noted = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *noted.connections.lock().unwrap() += 1;
                tokio::spawn(behave(Caller { stream, seen: noted.clone() }));
            }
        });
        Receiver { address, seen }
    }

    /// Gives every request these bytes and closes.
    pub async fn answering(answer: impl Into<Vec<u8>>) -> Receiver {
        let answer: Arc<[u8]> = answer.into().into();
        Receiver::start(move |mut caller| {
            let answer = answer.clone();
            async move {
                caller.request().await;
                caller.say(&answer).await;
            }
        })
        .await
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub fn connections(&self) -> usize {
        *self.seen.connections.lock().unwrap()
    }

    pub fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// All requests, once there are this many.
    pub async fn requested(&self, count: usize) -> Vec<String> {
        within(&format!("{count} requests"), async {
            loop {
                let arrived = self.seen.arrived.notified();
                if self.requests().len() >= count {
                    return self.requests();
                }
                arrived.await;
            }
        })
        .await
    }
}

impl Caller {
    /// Reads one request and remembers it.
    pub async fn request(&mut self) {
        let request = read_request(&mut self.stream).await;
        self.seen.requests.lock().unwrap().push(request);
        self.seen.arrived.notify_waiters();
    }

    /// False when the caller has gone.
    pub async fn say(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// Ends with an RST instead of a FIN.
    pub fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    /// Returns when the caller hangs up.
    pub async fn wait_for_end(&mut self) {
        let mut rest = [0; 1024];
        while self.stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
    }
}

/// Head and body, as they came.
pub async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let (mut bytes, mut wanted) = (Vec::new(), usize::MAX);
    while bytes.len() < wanted && stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        wanted = head.len() + 4 + length.map_or(0, |length| length.parse::<usize>().unwrap());
    }
    String::from_utf8(bytes).unwrap()
}

/// An address that answers no SYN: the queue of connections is full and nobody
/// takes any. It lasts as long as what is returned with it.
pub async fn deaf() -> (SocketAddr, impl Sized) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    let a_moment = std::time::Duration::from_millis(300);
    while let Ok(connected) = tokio::time::timeout(a_moment, TcpStream::connect(address)).await {
        waiting.push(connected.unwrap());
        assert!(waiting.len() < 100, "the queue has no end");
    }
    (address, (listener, waiting))
}
