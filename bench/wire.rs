//! As much HTTP/1.1 as the load and the receiver need, so that they cost little.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// How much of the buffer belongs to the message before.
    read: usize,
}

pub struct Message<'a> {
    pub head: &'a [u8],
    pub body: &'a [u8],
}

impl Wire {
    pub fn new(stream: TcpStream) -> Result<Wire> {
        stream.set_nodelay(true)?;
        Ok(Wire { stream, buffer: Vec::with_capacity(8192), read: 0 })
    }

    pub async fn connect(address: SocketAddr) -> Result<Wire> {
        Wire::new(TcpStream::connect(address).await.context("connecting to the server")?)
    }

    /// Sends a request and gives the status of its answer.
    pub async fn status_of(&mut self, request: &[u8]) -> Result<u16> {
        self.write(request).await?;
        self.status().await
    }

    /// Of the next answer.
    pub async fn status(&mut self) -> Result<u16> {
        let answer = self.message().await?.context("the server closed the connection")?;
        let status = answer.head.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
        status.and_then(|digits| digits.parse().ok()).context("an answer without a status")
    }

    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(bytes).await?)
    }

    /// The next request or answer; none when the other side has closed.
    pub async fn message(&mut self) -> Result<Option<Message<'_>>> {
        self.buffer.drain(..self.read);
        self.read = 0;
        let head = loop {
            if let Some(place) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break place + 4;
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        };
        let end = head + content_length(&self.buffer[..head])?;
        while self.buffer.len() < end {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("a message was cut short");
            }
        }
        self.read = end;
        Ok(Some(Message { head: &self.buffer[..head], body: &self.buffer[head..end] }))
    }
}

fn content_length(head: &[u8]) -> Result<usize> {
    let head = std::str::from_utf8(head)?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse())
    });
    Ok(length.context("a message without a content-length")??)
}
