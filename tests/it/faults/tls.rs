//! F32: receivers with wrong certificates, or of a time before TLS 1.2.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::faults::receiver::{Receiver, read_request};
use crate::faults::{Attempt, attempt, decide, outbound};
use crate::server::Server;

struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Authority { certificate, issuer: Issuer::new(params, key) }
    }

    /// A receiver at 127.0.0.1 with a certificate for this name; gives its port.
    async fn receiver(&self, name: &str, last_year: i32) -> u16 {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(last_year, 12, 31);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        serve(certificate, key).await
    }
}

async fn serve(certificate: CertificateDer<'static>, key: KeyPair) -> u16 {
    task_inbox::install_tls_provider();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key);
    let (acceptor, listener) = (
        TlsAcceptor::from(Arc::new(config.unwrap())),
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
    );
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                read_request(&mut stream).await;
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(answer).await.unwrap();
                stream.shutdown().await.unwrap();
            });
        }
    });
    port
}

async fn server(trusted: Vec<CertificateDer<'static>>) -> Server {
    Server::start_with(|config| outbound(config).ca = trusted).await
}

async fn tried_with(trusted: Vec<CertificateDer<'static>>, url: &str) -> Attempt {
    let server = server(trusted).await;
    let id = decide(&server, url).await;
    let tried = attempt(&server, id, 1).await;
    if tried.class.is_some() {
        // Tried again: it is mended at the receiver.
        attempt(&server, id, 2).await;
    }
    tried
}

fn is_tls(tried: &Attempt, words: &str) {
    assert_eq!((tried.class.as_deref(), tried.status), (Some("tls"), None), "{tried:?}");
    assert!(tried.error.to_lowercase().contains(words), "{tried:?}");
}

#[tokio::test]
async fn f32_tls_of_an_authority_of_ones_own_is_trusted_when_named() {
    let authority = Authority::new();
    let url = format!("https://localhost:{}/", authority.receiver("localhost", 2099).await);
    let tried = tried_with(vec![authority.certificate.clone()], &url).await;
    assert_eq!((tried.class.as_deref(), tried.status), (None, Some(200)), "{tried:?}");
    is_tls(&tried_with(Vec::new(), &url).await, "unknownissuer");
    is_tls(&tried_with(vec![Authority::new().certificate], &url).await, "certificate");
}

#[tokio::test]
async fn f32_tls_expired_is_told() {
    let authority = Authority::new();
    let url = format!("https://localhost:{}/", authority.receiver("localhost", 2021).await);
    is_tls(&tried_with(vec![authority.certificate], &url).await, "expired");
}

#[tokio::test]
async fn f32_tls_wrong_host_is_told() {
    let authority = Authority::new();
    let url = format!("https://localhost:{}/", authority.receiver("other.example", 2099).await);
    is_tls(
        &tried_with(vec![authority.certificate], &url).await,
        "not valid for name \"localhost\"",
    );
}

#[tokio::test]
async fn f32_tls_self_signed_is_told() {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap().der().clone();
    let url = format!("https://localhost:{}/", serve(certificate, key).await);
    is_tls(&tried_with(Vec::new(), &url).await, "certificate");
}

#[tokio::test]
async fn f32_tls1_1_is_told() {
    // What a server that knows nothing newer says to our hello: protocol_version.
    let receiver = Receiver::start(|mut caller| async move {
        let mut hello = [0; 5];
        drop(tokio::io::AsyncReadExt::read_exact(&mut caller.stream, &mut hello).await);
        let rest = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
        drop(tokio::io::AsyncReadExt::read_exact(&mut caller.stream, &mut vec![0; rest]).await);
        caller.say(&[21, 3, 2, 0, 2, 2, 70]).await;
    })
    .await;
    let url = format!("https://localhost:{}/", receiver.address.port());
    is_tls(&tried_with(Vec::new(), &url).await, "protocolversion");
}

#[tokio::test]
async fn f32_plain_http_where_tls_is_expected_is_told() {
    let receiver = Receiver::start(|mut caller| async move {
        caller.say(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        caller.wait_for_end().await;
    })
    .await;
    let url = format!("https://localhost:{}/", receiver.address.port());
    is_tls(&tried_with(Vec::new(), &url).await, "");
}
