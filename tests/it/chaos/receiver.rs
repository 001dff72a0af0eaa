//! A receiver that outlives the server: down to the bytes, so that it can also
//! misbehave, in a runtime of its own, so that ending that ends every connection.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::HeaderMap;
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::timeout;
use uuid::Uuid;

use super::{PATIENCE, until};

#[derive(Clone, Debug)]
pub struct Arrival {
    /// The `webhook-id`.
    pub id: String,
    pub task: Uuid,
    pub sequence: i64,
    pub state: String,
    /// Of the body: a retry carries the same.
    pub body: u64,
    pub at: Instant,
    /// When it was answered with 2xx.
    pub accepted: Option<Instant>,
}

/// What the receiver does with a request.
#[derive(Clone)]
pub enum Answer {
    Status(u16),
    After(Duration, u16),
    /// Not before `Receiver::release`.
    Held(u16),
    /// Never.
    Hang,
    Reset,
    Garbage,
    /// Shows the headers it got, as the error pages of many frameworks do.
    Echo(u16),
    /// 200, then a byte now and then until the other side has had enough.
    Drip,
    /// Whatever the receiver at this address answers.
    Forward(String),
}

type Mood = Arc<dyn Fn(&Arrival) -> Answer + Send + Sync>;

pub struct Shared {
    arrivals: Mutex<Vec<Arrival>>,
    secrets: Mutex<HashMap<String, Webhook>>,
    refused: Mutex<Vec<String>>,
    mood: Mutex<Mood>,
    pub released: watch::Sender<bool>,
    pub http: reqwest::Client,
}

pub struct Receiver {
    pub url: String,
    address: SocketAddr,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
    /// Keeps the port while nobody listens; a connection to itself would pass for one to us.
    kept: Option<TcpSocket>,
    full: Option<(TcpListener, Vec<TcpStream>)>,
}

impl Receiver {
    pub async fn start() -> Receiver {
        task_inbox::install_tls_provider();
        let kept = TcpSocket::new_v4().unwrap();
        kept.set_reuseaddr(true).unwrap();
        kept.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = kept.local_addr().unwrap();
        let shared = Arc::new(Shared {
            arrivals: Mutex::default(),
            secrets: Mutex::default(),
            refused: Mutex::default(),
            mood: Mutex::new(Arc::new(|_| Answer::Status(200))),
            released: watch::Sender::new(false),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        });
        let url = format!("http://{address}/hook");
        let mut receiver =
            Receiver { url, address, shared, runtime: None, kept: Some(kept), full: None };
        receiver.up();
        receiver
    }

    pub fn expect_secret(&self, schema: &str, secret: &str) {
        let webhook = Webhook::new(secret).unwrap();
        self.shared.secrets.lock().unwrap().insert(schema.to_owned(), webhook);
    }

    pub fn answer(&self, mood: impl Fn(&Arrival) -> Answer + Send + Sync + 'static) {
        *self.shared.mood.lock().unwrap() = Arc::new(mood);
    }

    /// All that are held are answered, and those to come at once.
    pub fn release(&self) {
        self.shared.released.send_replace(true);
    }

    pub fn up(&mut self) {
        let listener = match (self.full.take(), self.kept.take()) {
            (Some((listener, _)), _) => listener,
            (None, Some(kept)) => kept.listen(1024).unwrap(),
            (None, None) => panic!("it is up"),
        };
        let listener = listener.into_std().unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let shared = self.shared.clone();
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(super::wire::serve(shared.clone(), stream));
            }
        });
        self.runtime = Some(runtime);
    }

    /// Connections are refused, and those there are end at once.
    pub async fn down(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
        until("the receiver's port to be free", PATIENCE, async || {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_reuseaddr(true).unwrap();
            let free = socket.bind(self.address).is_ok();
            self.kept = free.then_some(socket);
            free
        })
        .await;
    }

    /// From down: whoever connects waits, as before a machine that does not answer.
    pub async fn crowd(&mut self) {
        let listener = self.kept.take().unwrap().listen(0).unwrap();
        let mut crowd = Vec::new();
        let patience = Duration::from_millis(300);
        while let Ok(connected) = timeout(patience, TcpStream::connect(self.address)).await {
            crowd.push(connected.unwrap());
        }
        self.full = Some((listener, crowd));
    }

    pub fn arrivals(&self) -> Vec<Arrival> {
        self.shared.arrivals.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.shared.arrivals.lock().unwrap().len()
    }

    /// Distinct webhooks that were accepted.
    pub fn accepted(&self) -> usize {
        let arrivals = self.shared.arrivals.lock().unwrap();
        let accepted = arrivals.iter().filter(|arrival| arrival.accepted.is_some());
        accepted.map(|arrival| &arrival.id).collect::<HashSet<_>>().len()
    }

    /// Why requests were not taken for ours, which none should be.
    pub fn refused(&self) -> Vec<String> {
        self.shared.refused.lock().unwrap().clone()
    }

    pub async fn arrived(&self, count: usize) {
        until(&format!("{count} requests"), PATIENCE, async || self.count() >= count).await;
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    /// Gives its place among the arrivals and what to do with it.
    pub fn receive(&self, headers: &HeaderMap, body: &[u8]) -> Result<(usize, Answer), String> {
        let received = self.read(headers, body);
        if let Err(why) = &received {
            self.refused.lock().unwrap().push(why.clone());
        }
        let arrival = received?;
        let mood = self.mood.lock().unwrap().clone();
        let mut arrivals = self.arrivals.lock().unwrap();
        arrivals.push(arrival);
        let place = arrivals.len() - 1;
        Ok((place, mood(&arrivals[place])))
    }

    pub fn accept(&self, place: usize) {
        self.arrivals.lock().unwrap()[place].accepted = Some(Instant::now());
    }

    /// Checked by the published package, not by our own code.
    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Arrival, String> {
        let text: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let data = &text["data"];
        let schema = data["schema"].as_str().unwrap_or_default();
        let secrets = self.secrets.lock().unwrap();
        let webhook = secrets.get(schema).ok_or_else(|| format!("schema \"{schema}\""))?;
        webhook.verify(body, headers).map_err(|error| error.to_string())?;

        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        let member = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(Arrival {
            id: headers["webhook-id"].to_str().unwrap().to_owned(),
            task: member(&data["task"]["id"]).parse().map_err(|_| "no task")?,
            sequence: data["sequence"].as_i64().ok_or("no sequence")?,
            state: member(&data["state"]),
            body: hasher.finish(),
            at: Instant::now(),
            accepted: None,
        })
    }
}
