//! The HTTP client of webhooks: time limits, trusted roots, proxy, and the guard
//! at its resolver.

use std::future::Future;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::redirect::Policy;
use reqwest::{Client, Proxy};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::oneshot;
use url::Url;

use super::guard::{GuardedResolver, PlainResolver};
use crate::address::Allow;
use crate::config::Outbound;

/// What tests make short and look up themselves.
#[derive(Clone)]
pub struct Dial {
    pub timeouts: Timeouts,
    pub lookup: Lookup,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Name, TCP, TLS.
    pub connect: Duration,
    /// All of it, to the last byte of the answer that is read.
    pub total: Duration,
}

pub const TIMEOUTS: Timeouts =
    Timeouts { connect: Duration::from_secs(5), total: Duration::from_secs(15) };

pub type Lookup = Arc<dyn Fn(String) -> LookingUp + Send + Sync>;
pub type LookingUp = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

impl Default for Dial {
    fn default() -> Dial {
        Dial { timeouts: TIMEOUTS, lookup: Arc::new(|host| Box::pin(system_lookup(host))) }
    }
}

/// On a thread of its own: the system's resolver cannot be told to stop, and the
/// runtime would wait at its end for one in its pool.
async fn system_lookup(host: String) -> io::Result<Vec<IpAddr>> {
    let (answer, answered) = oneshot::channel();
    std::thread::Builder::new().name("lookup".to_owned()).spawn(move || {
        let found = (host.as_str(), 0).to_socket_addrs();
        // Nobody waits any more: then nobody hears it.
        let _ = answer.send(found.map(|found| found.map(|address| address.ip()).collect()));
    })?;
    answered.await.map_err(io::Error::other)?
}

/// One client for each scheme: they differ in what their resolver lets pass.
pub struct Clients {
    pub https: Client,
    pub http: Client,
}

impl Clients {
    pub fn build(outbound: &Outbound, allow: &Arc<Allow>, dial: &Dial) -> Result<Clients> {
        let tls = tls(outbound)?;
        let build = |plain: bool| -> Result<Client> {
            let builder = Client::builder()
                .connect_timeout(dial.timeouts.connect)
                .timeout(dial.timeouts.total)
                .redirect(Policy::none())
                // HTTP_PROXY of the environment would see every body and dial for us.
                .no_proxy()
                .referer(false)
                .http1_only()
                .pool_max_idle_per_host(16)
                .user_agent(concat!("task-inbox/", env!("CARGO_PKG_VERSION")))
                .tls_backend_preconfigured(tls.clone());
            // Shorter than connecting, so that a slow name server is told from a
            // slow receiver.
            let (lookup, limit) = (dial.lookup.clone(), dial.timeouts.connect * 9 / 10);
            let builder = match &outbound.proxy {
                Some(url) => {
                    builder.proxy(proxy(url)?).dns_resolver(PlainResolver { lookup, limit })
                }
                None => builder.dns_resolver(GuardedResolver {
                    allow: allow.clone(),
                    lookup,
                    plain,
                    limit,
                }),
            };
            builder.build().context("building the HTTP client")
        };
        Ok(Clients { https: build(false)?, http: build(true)? })
    }
}

/// An error of it must not show its password.
fn proxy(url: &Url) -> Result<Proxy> {
    let proxy = Proxy::all(url.as_str()).map_err(reqwest::Error::without_url);
    proxy.context("setting up `TASK_INBOX_PROXY_URL`")
}

/// The system's roots as well as the operator's own. With none at all every
/// receiver's certificate is refused, by name.
fn tls(outbound: &Outbound) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for certificate in &outbound.ca {
        roots.add(certificate.clone()).context("`TASK_INBOX_CA_FILE`")?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connecting_may_take_5_s_and_the_whole_attempt_15() {
        let seconds = (TIMEOUTS.connect.as_secs(), TIMEOUTS.total.as_secs());
        assert_eq!((seconds, Dial::default().timeouts), ((5, 15), TIMEOUTS));
    }
}
