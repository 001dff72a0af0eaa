//! The private addresses that the operator opened, and what is said to who needs one.

use std::net::IpAddr;

use anyhow::{Context, Result, bail};
use url::{Host, Url};

use super::{Range, is_private, literal, never_allowed};

/// `TASK_INBOX_ALLOW_CIDRS` and `TASK_INBOX_ALLOW_HOSTS`.
#[derive(Clone, Debug, Default)]
pub struct Allow {
    ranges: Vec<Range>,
    hosts: Vec<Pattern>,
}

#[derive(Clone, Debug)]
enum Pattern {
    Exact(String),
    /// With its dot, as in `.svc.cluster.local`.
    Below(String),
}

impl Allow {
    /// Both are lists with commas; `none` is an empty one.
    pub fn parse(ranges: &str, hosts: &str) -> Result<Allow> {
        let ranges = self::ranges(ranges).context(
            "`TASK_INBOX_ALLOW_CIDRS` must be as in 10.0.0.0/8,fd00::/8,192.168.1.20, or none",
        )?;
        let hosts = entries(hosts).map(Pattern::parse).collect::<Result<_>>().context(
            "`TASK_INBOX_ALLOW_HOSTS` must be as in app.internal,*.svc.cluster.local, or none",
        )?;
        Ok(Allow { ranges, hosts })
    }

    pub fn lists_host(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        self.hosts.iter().any(|pattern| match pattern {
            Pattern::Exact(name) => name == host,
            Pattern::Below(suffix) => host.ends_with(suffix.as_str()),
        })
    }

    /// `::ffff:10.0.0.5` is dialled as 10.0.0.5 and is listed when that is.
    fn lists_address(&self, address: IpAddr) -> bool {
        let dialled = address.to_canonical();
        self.ranges.iter().any(|range| range.has(address) || range.has(dialled))
    }

    /// Why this address may not be dialled for this host. Without encryption
    /// (`plain`) only what is listed may.
    pub fn refuse(&self, host: &str, address: IpAddr, plain: bool) -> Result<(), String> {
        let (shown, is_name) = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(_) => (format!("\"{address}\""), false),
            Err(_) => (format!("\"{host}\" is \"{address}\", which"), true),
        };
        if never_allowed(address) {
            return Err(format!(
                "{shown} is a link-local or cloud metadata address; no setting allows it"
            ));
        }
        if self.lists_address(address) || is_name && self.lists_host(host) {
            return Ok(());
        }
        let settings = match is_name {
            true => "`TASK_INBOX_ALLOW_CIDRS` or `TASK_INBOX_ALLOW_HOSTS`",
            false => "`TASK_INBOX_ALLOW_CIDRS`",
        };
        if is_private(address) {
            return Err(format!("{shown} is a private or reserved address; {settings} allows it"));
        }
        if plain {
            return Err(format!("{shown} needs https, unless {settings} lists it"));
        }
        Ok(())
    }

    /// What will keep webhooks from these URLs as far as they tell by themselves;
    /// what a name leads to is seen when it is dialled.
    pub fn warnings(&self, urls: &[String]) -> Vec<String> {
        urls.iter().filter_map(|url| self.warning(&Url::parse(url).ok()?)).collect()
    }

    fn warning(&self, url: &Url) -> Option<String> {
        let (host, plain) = (url.host_str()?, url.scheme() == "http");
        let why = match literal(url) {
            Some(address) => self.refuse(host, address, plain).err()?,
            // A short name is of the own network, which may be listed by its addresses.
            None if !plain || self.lists_host(host) => return None,
            None if !self.ranges.is_empty() && !host.contains('.') => return None,
            None => format!(
                "\"{host}\" needs https, unless `TASK_INBOX_ALLOW_CIDRS` or `TASK_INBOX_ALLOW_HOSTS` lists it"
            ),
        };
        Some(format!("webhooks to {url} will wait: {why}"))
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Pattern> {
        let (name, below) = match text.strip_prefix("*.") {
            Some(suffix) => (suffix, true),
            None => (text, false),
        };
        match Host::parse(name.trim_end_matches('.')) {
            Ok(Host::Domain(name)) if !name.contains('*') => Ok(match below {
                true => Pattern::Below(format!(".{name}")),
                false => Pattern::Exact(name),
            }),
            Ok(Host::Ipv4(_) | Host::Ipv6(_)) => {
                bail!("\"{text}\" is an address and belongs into `TASK_INBOX_ALLOW_CIDRS`")
            }
            _ => bail!("\"{text}\" is not a host name"),
        }
    }
}

/// A list with commas of ranges and single addresses.
pub fn ranges(list: &str) -> Result<Vec<Range>> {
    entries(list).map(Range::parse).collect()
}

fn entries(list: &str) -> impl Iterator<Item = &str> {
    let list = if list.trim() == "none" { "" } else { list };
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_opens_what_it_names_and_never_metadata() {
        let allow = Allow::parse(
            "10.0.0.0/8, ::1,192.168.1.20,::/0,0.0.0.0/0",
            "App.Internal,*.svc.local.",
        );
        let everything = allow.unwrap();
        for never in ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254"] {
            let why = everything.refuse("app.internal", never.parse().unwrap(), false).unwrap_err();
            assert!(why.contains(never) && why.contains("no setting allows it"), "{why}");
        }

        let allow =
            Allow::parse("10.0.0.0/8,::1,192.168.1.20", "App.Internal,*.svc.local.").unwrap();
        let refused = |host: &str, address: &str, plain| {
            allow.refuse(host, address.parse().unwrap(), plain).err().unwrap_or_default()
        };
        for (host, address) in [
            ("10.0.0.5", "10.0.0.5"),
            ("[::ffff:a00:5]", "::ffff:10.0.0.5"),
            ("[::1]", "::1"),
            ("x.example", "192.168.1.20"),
            ("app.internal", "172.16.0.9"),
            ("app.internal.", "172.16.0.9"),
            ("a.b.svc.local", "8.8.8.8"),
        ] {
            assert_eq!(refused(host, address, true), "", "{host}");
        }
        for (host, address, plain, why) in [
            (
                "192.168.1.21",
                "192.168.1.21",
                false,
                "\"192.168.1.21\" is a private or reserved address; `TASK_INBOX_ALLOW_CIDRS` allows it",
            ),
            (
                "svc.local",
                "11.0.0.1",
                true,
                "needs https, unless `TASK_INBOX_ALLOW_CIDRS` or `TASK_INBOX_ALLOW_HOSTS`",
            ),
            (
                "evilapp.internal",
                "172.16.0.9",
                false,
                "\"evilapp.internal\" is \"172.16.0.9\", which is a private",
            ),
            ("8.8.8.8", "8.8.8.8", true, "\"8.8.8.8\" needs https"),
            ("8.8.8.8", "8.8.8.8", false, ""),
        ] {
            let found = refused(host, address, plain);
            assert!(found.contains(why) && found.is_empty() == why.is_empty(), "{found}");
        }
    }

    #[test]
    fn a_wrong_list_is_named() {
        for (ranges, hosts, why) in [
            ("10.0.0.0/33", "", "TASK_INBOX_ALLOW_CIDRS"),
            ("::1/129", "", "TASK_INBOX_ALLOW_CIDRS"),
            ("app.internal", "", "\"app.internal\""),
            ("", "a*.internal", "TASK_INBOX_ALLOW_HOSTS"),
            ("", "*", "TASK_INBOX_ALLOW_HOSTS"),
            ("", "10.0.0.5", "belongs into `TASK_INBOX_ALLOW_CIDRS`"),
            ("", "http://app", "TASK_INBOX_ALLOW_HOSTS"),
        ] {
            let error = format!("{:#}", Allow::parse(ranges, hosts).unwrap_err());
            assert!(error.contains(why), "{error}");
        }
        Allow::parse("none", "none").unwrap();
        Allow::parse("", " , ").unwrap();
    }

    #[test]
    fn a_url_that_will_wait_is_warned_of() {
        let (closed, open) = (Allow::default(), Allow::parse("127.0.0.0/8", "app").unwrap());
        for (url, when_closed, when_open) in [
            ("https://shop.example/hook", false, false),
            ("http://shop.example/hook", true, true),
            ("http://app:5000/", true, false),
            ("http://other:5000/", true, false),
            ("http://localhost:5001/", true, false),
            ("https://127.1/", true, false),
            ("http://2130706433/", true, false),
            ("https://[fd00::5]/", true, true),
        ] {
            let url = [url.to_owned()];
            assert_eq!(closed.warnings(&url).len(), usize::from(when_closed), "{url:?}");
            assert_eq!(open.warnings(&url).len(), usize::from(when_open), "{url:?}");
        }
    }
}
