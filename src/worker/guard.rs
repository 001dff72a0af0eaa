//! Stands between a webhook and the network: what may not be dialled is refused,
//! by the very address that would be dialled, so that no second look-up of a
//! name leads elsewhere (DNS rebinding).

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::timeout;
use url::{Host, Url};

use super::client::Lookup;
use crate::address::{Allow, check_form, literal};

/// Under which addresses we ourselves are reached: nobody waits for a webhook there.
pub struct Own {
    pub listen: Option<SocketAddr>,
    pub public_url: Option<Url>,
}

/// Looks at a URL before each attempt: an address that stands in it as a number
/// never reaches the resolver.
pub struct Guard {
    pub allow: Arc<Allow>,
    pub own: Own,
    /// Then names are the proxy's to look up.
    pub proxied: bool,
}

impl Guard {
    pub fn check(&self, url: &str) -> Result<Url, String> {
        let url = Url::parse(url).map_err(|error| format!("\"{url}\": {error}"))?;
        check_form(&url).map_err(|expected| format!("it must be {expected}"))?;
        let host = url.host_str().unwrap_or_default();
        if self.is_own(&url) {
            return Err(format!("\"{host}\" with this port is task-inbox itself"));
        }
        let plain = url.scheme() == "http";
        match (url.host(), literal(&url)) {
            (Some(Host::Ipv4(_) | Host::Ipv6(_)), Some(address)) => {
                self.allow.refuse(host, address, plain)?;
            }
            _ if self.proxied && plain && !self.allow.lists_host(host) => {
                return Err(format!(
                    "\"{host}\" needs https, unless `TASK_INBOX_ALLOW_HOSTS` lists it"
                ));
            }
            _ => {}
        }
        Ok(url)
    }

    fn is_own(&self, url: &Url) -> bool {
        let port = url.port_or_known_default();
        let listens = |own: &SocketAddr| {
            let near = |address: IpAddr| address.is_loopback() || address.is_unspecified();
            let at = literal(url).map(|address| address.to_canonical());
            port == Some(own.port())
                && at.is_some_and(|at| at == own.ip() || near(at) && near(own.ip()))
        };
        let is_public =
            |own: &Url| own.host_str() == url.host_str() && own.port_or_known_default() == port;
        // Behind one reverse proxy both may have one name; then the list says so.
        let listed = url.host_str().is_some_and(|host| self.allow.lists_host(host));
        self.own.listen.as_ref().is_some_and(listens)
            || !listed && self.own.public_url.as_ref().is_some_and(is_public)
    }
}

/// Looks names up and refuses a name if any of its addresses is refused: of a
/// mixed answer the next try might dial the other one.
pub struct GuardedResolver {
    pub allow: Arc<Allow>,
    pub lookup: Lookup,
    /// Without encryption only what is listed may be reached.
    pub plain: bool,
    pub limit: Duration,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (allow, plain, host) = (self.allow.clone(), self.plain, name.as_str().to_owned());
        let addresses = look_up(self.lookup.clone(), host.clone(), self.limit);
        Box::pin(async move {
            let addresses = addresses.await?;
            for address in &addresses {
                allow.refuse(&host, *address, plain).map_err(Blocked)?;
            }
            Ok(to_dial(addresses))
        })
    }
}

/// For the proxy's own name: whoever sets a proxy has said where it is.
pub struct PlainResolver {
    pub lookup: Lookup,
    pub limit: Duration,
}

impl Resolve for PlainResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = look_up(self.lookup.clone(), name.as_str().to_owned(), self.limit);
        Box::pin(async move { Ok(to_dial(addresses.await?)) })
    }
}

async fn look_up(lookup: Lookup, host: String, limit: Duration) -> Result<Vec<IpAddr>, NotFound> {
    let why = match timeout(limit, lookup(host.clone())).await {
        Ok(Ok(addresses)) if !addresses.is_empty() => return Ok(addresses),
        Ok(Ok(_)) => "it has no address".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {limit:?}"),
    };
    Err(NotFound(format!("looking up \"{host}\": {why}")))
}

/// Port 0 becomes that of the URL.
fn to_dial(addresses: Vec<IpAddr>) -> Addrs {
    Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)))
}

/// Refused by the guard; found again in what the client says went wrong.
#[derive(Debug)]
pub struct Blocked(pub String);

/// The name could not be looked up.
#[derive(Debug)]
pub struct NotFound(pub String);

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Blocked {}
impl std::error::Error for NotFound {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_do_not_send_webhooks_to_ourselves() {
        let refused = |listen: &str, public: &str, allow: &str, url: &str| {
            let guard = Guard {
                allow: Arc::new(Allow::parse("127.0.0.0/8,::1,0.0.0.0,10.0.0.0/8", allow).unwrap()),
                own: Own { listen: listen.parse().ok(), public_url: Url::parse(public).ok() },
                proxied: false,
            };
            guard.check(url).is_err_and(|why| why.contains("task-inbox itself"))
        };
        for (listen, public, url, own) in [
            ("127.0.0.1:8080", "", "http://127.0.0.1:8080/", true),
            ("127.0.0.1:8080", "", "http://localhost:8080/", true),
            ("0.0.0.0:8080", "", "http://[::1]:8080/", true),
            ("0.0.0.0:80", "", "http://2130706433/", true),
            ("[::]:8080", "", "http://0:8080/", true),
            ("10.0.0.7:8080", "", "http://10.0.0.7:8080/", true),
            ("10.0.0.7:8080", "", "http://10.0.0.8:8080/", false),
            ("10.0.0.7:8080", "", "http://127.0.0.1:8080/", false),
            ("127.0.0.1:8080", "", "http://127.0.0.1:8081/", false),
            ("", "https://inbox.example", "https://INBOX.example/hook", true),
            ("", "https://inbox.example", "https://inbox.example:8443/hook", false),
            ("", "https://inbox.example", "https://app.inbox.example/hook", false),
            ("", "", "https://inbox.example/hook", false),
        ] {
            assert_eq!(refused(listen, public, "", url), own, "{listen} {public} {url}");
        }
        let shared = "inbox.example,localhost";
        assert!(!refused("", "https://inbox.example", shared, "https://inbox.example/app/hook"));
        assert!(refused("127.0.0.1:80", "", shared, "http://localhost/app/hook"));
    }
}
