//! What stands between the network and the handlers. Names carry the number of
//! the promise in the table of SECURITY.md.

mod csrf;
mod headers;
mod hosts;
mod limits;
mod listener;
mod pages;
mod proxies;
mod remote_user;
mod shapes;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::server::{Server, within};

pub const PASSWORD: &str = "correct horse battery";

pub async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.url.strip_prefix("http://").unwrap()).await.unwrap()
}

/// From another address of this machine, keeping little of what it does not read.
pub async fn connect_from(address: &str, server: &Server) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.bind((address.parse::<std::net::IpAddr>().unwrap(), 0).into()).unwrap();
    socket.connect(server.listens).await.unwrap()
}

/// Sends just these bytes, and gives all that comes back until the end.
pub async fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = connect(server).await;
    // Who is refused early may find the connection closed while still sending.
    drop(stream.write_all(request).await);
    let mut answer = Vec::new();
    drop(within("an answer", stream.read_to_end(&mut answer)).await);
    String::from_utf8_lossy(&answer).into_owned()
}
