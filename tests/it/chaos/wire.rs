//! HTTP/1.1 as the receiver speaks it, and as nobody should.

use std::io::{Error, Result};
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::receiver::{Answer, Shared};

pub async fn serve(shared: Arc<Shared>, stream: TcpStream) {
    // A client that goes away in the middle is a client's right.
    let _ended = converse(&shared, BufReader::new(stream)).await;
}

async fn converse(shared: &Shared, mut stream: BufReader<TcpStream>) -> Result<()> {
    while let Some((headers, body)) = read(&mut stream).await? {
        let (place, answer) = match shared.receive(&headers, &body) {
            Ok(received) => received,
            Err(_) => {
                answer(&mut stream, 400, "").await?;
                continue;
            }
        };
        let status = match answer_for(shared, &answer, &headers, body).await {
            Some(status) => status,
            None => return misbehave(&answer, shared, place, stream).await,
        };
        if (200..300).contains(&status) {
            shared.accept(place);
        }
        let body = match answer {
            Answer::Echo(_) => format!("{headers:#?}"),
            _ => String::new(),
        };
        self::answer(&mut stream, status, &body).await?;
    }
    Ok(())
}

async fn answer_for(
    shared: &Shared,
    answer: &Answer,
    headers: &HeaderMap,
    body: Vec<u8>,
) -> Option<u16> {
    match answer {
        Answer::Status(status) | Answer::Echo(status) => Some(*status),
        Answer::After(pause, status) => {
            sleep(*pause).await;
            Some(*status)
        }
        Answer::Held(status) => {
            let mut released = shared.released.subscribe();
            released.wait_for(|released| *released).await.ok()?;
            Some(*status)
        }
        Answer::Forward(url) => {
            let request = shared.http.post(url).headers(headers.clone()).body(body).send();
            Some(request.await.map_or(502, |response| response.status().as_u16()))
        }
        Answer::Hang | Answer::Reset | Answer::Garbage | Answer::Drip => None,
    }
}

async fn misbehave(
    answer: &Answer,
    shared: &Shared,
    place: usize,
    mut stream: BufReader<TcpStream>,
) -> Result<()> {
    match answer {
        Answer::Reset => stream.get_ref().set_zero_linger(),
        Answer::Garbage => stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await,
        Answer::Drip => {
            shared.accept(place);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await?;
            loop {
                stream.write_all(b".").await?;
                sleep(Duration::from_millis(500)).await;
            }
        }
        // Until the other side closes.
        _ => stream.read_to_end(&mut Vec::new()).await.map(drop),
    }
}

async fn answer(stream: &mut BufReader<TcpStream>, status: u16, body: &str) -> Result<()> {
    let answer = format!("HTTP/1.1 {status} -\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(answer.as_bytes()).await
}

/// One request, or nothing at the end.
async fn read(stream: &mut BufReader<TcpStream>) -> Result<Option<(HeaderMap, Vec<u8>)>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let mut headers = HeaderMap::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        let name: HeaderName = name.parse().map_err(Error::other)?;
        headers.insert(name, HeaderValue::from_str(value).map_err(Error::other)?);
    }
    let length =
        headers.get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    Ok(Some((headers, body)))
}
