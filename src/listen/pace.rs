//! A connection that ends by itself when its peer keeps it for nothing: headers
//! that come drop by drop (slowloris), silence, an answer that nobody takes.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use super::Limits;

/// How many requests a connection had, and how many of them are answered.
#[derive(Clone, Default)]
pub struct Requests(Arc<(AtomicUsize, AtomicUsize)>);

impl Requests {
    pub fn take(&self) -> Taken {
        self.0.0.fetch_add(1, Ordering::AcqRel);
        Taken(self.clone())
    }

    fn taken(&self) -> usize {
        self.0.0.load(Ordering::Acquire)
    }

    fn all_answered(&self) -> bool {
        self.0.1.load(Ordering::Acquire) == self.taken()
    }
}

/// A request under way, until its answer has been handed over.
pub struct Taken(Requests);

impl Taken {
    pub fn answered(self, body: Body) -> Answer {
        Answer { body, _taken: self }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.0.1.fetch_add(1, Ordering::AcqRel);
    }
}

pub struct Answer {
    body: Body,
    _taken: Taken,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// A request is expected, or has begun.
    Head,
    /// Ours to answer; how long its body may take is the handler's.
    Request,
    Idle,
}

pub struct Paced {
    stream: TcpStream,
    requests: Requests,
    /// As many as there were when last looked.
    seen: usize,
    phase: Phase,
    /// Since when the peer takes nothing of what we write.
    stalled: Option<Instant>,
    /// How much longer that may go on: less while we wait, more by each byte that is
    /// taken. Nothing is asked of a peer that is owed nothing, as while it waits.
    patience: Duration,
    deadline: Pin<Box<Sleep>>,
    limits: Limits,
}

impl Paced {
    pub fn new(stream: TcpStream, limits: Limits) -> (Paced, Requests) {
        let requests = Requests::default();
        let paced = Paced {
            stream,
            requests: requests.clone(),
            seen: 0,
            phase: Phase::Head,
            stalled: None,
            patience: limits.idle,
            deadline: Box::pin(sleep(limits.head)),
            limits,
        };
        (paced, requests)
    }

    fn expect_within(&mut self, limit: Duration) {
        self.deadline.as_mut().reset(Instant::now() + limit);
    }

    fn look(&mut self) {
        if self.requests.taken() != self.seen {
            self.seen = self.requests.taken();
            self.phase = Phase::Request;
        }
    }

    fn rest(&mut self) {
        if self.phase == Phase::Request {
            self.phase = Phase::Idle;
            // The last answer may not be taken yet; then that goes on.
            if self.stalled.is_none() {
                self.expect_within(self.limits.idle);
            }
        }
    }

    /// Nothing came, nothing went: whether that has lasted too long.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        self.deadline.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    fn heed_read(
        &mut self,
        context: &mut Context<'_>,
        read: Poll<io::Result<()>>,
        came: bool,
    ) -> Poll<io::Result<()>> {
        self.look();
        if !self.requests.all_answered() {
            return read;
        }
        if came && self.phase != Phase::Head {
            self.phase = Phase::Head;
            self.expect_within(self.limits.head);
        }
        if read.is_ready() {
            return read;
        }
        self.rest();
        self.wait(context)
    }

    fn heed_write(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let Poll::Ready(written) = written else {
            if self.stalled.is_none() {
                self.stalled = Some(Instant::now());
                if self.phase != Phase::Head {
                    self.expect_within(self.patience);
                }
            }
            return self.wait(context);
        };
        if let Some(since) = self.stalled.take() {
            self.patience = self.patience.saturating_sub(since.elapsed());
        }
        let Limits { idle, taken: least, .. } = self.limits;
        let taken = written.as_ref().map_or(0, |taken| u32::try_from(*taken).unwrap_or(least));
        self.patience = (self.patience + idle * taken.min(least) / least).min(idle);
        if self.phase != Phase::Head {
            self.expect_within(idle);
        }
        Poll::Ready(written)
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.heed_read(context, read, buffer.filled().len() > before)
    }
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.heed_write(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.heed_write(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.look();
        if flushed.is_ready() && self.phase == Phase::Request && self.requests.all_answered() {
            // hyper waits for the next request without reading again: it is to be woken.
            self.rest();
            let _ = self.wait::<()>(context);
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
