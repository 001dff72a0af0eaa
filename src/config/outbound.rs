//! What says how webhooks leave. A wrong value here stops webhooks, never the
//! server: people go on deciding, and the page says why nothing goes out.

use std::path::Path;

use anyhow::{Context, Result, bail};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use url::Url;

use super::{read, value};
use crate::address::Allow;

pub const LOOPBACK: &str = "127.0.0.0/8,::1";

#[derive(Clone)]
pub struct Outbound {
    /// Seconds before each retry.
    pub schedule: Vec<f64>,
    pub allow: Allow,
    /// May hold a password.
    pub proxy: Option<Url>,
    /// Trusted besides the roots of the system.
    pub ca: Vec<CertificateDer<'static>>,
}

impl Outbound {
    pub(super) fn load() -> Result<Outbound> {
        let ranges = allowed_ranges()?;
        Ok(Outbound {
            schedule: retry_schedule(&value("TASK_INBOX_RETRY_SCHEDULE")?)?,
            allow: Allow::parse(&ranges, &value("TASK_INBOX_ALLOW_HOSTS")?)?,
            proxy: read("TASK_INBOX_PROXY_URL")?.map(|text| proxy(&text)).transpose()?,
            ca: match read("TASK_INBOX_CA_FILE")? {
                Some(path) => certificates(Path::new(&path))?,
                None => Vec::new(),
            },
        })
    }
}

/// What will keep webhooks from these URLs, as far as they tell by themselves.
pub fn warnings(outbound: &Result<Outbound, String>, urls: &[String]) -> Vec<String> {
    match outbound {
        Ok(outbound) => outbound.allow.warnings(urls),
        Err(fault) => vec![format!("webhooks wait: {fault}")],
    }
}

/// Who keeps the private cluster has application and inbox on one machine.
pub(super) fn allowed_ranges() -> Result<String> {
    Ok(match read("TASK_INBOX_ALLOW_CIDRS")? {
        Some(ranges) => ranges,
        None if read("DATABASE_URL")?.is_none() => LOOPBACK.to_owned(),
        None => String::new(),
    })
}

fn retry_schedule(text: &str) -> Result<Vec<f64>> {
    let steps: Option<Vec<f64>> = text
        .split(',')
        .map(|step| {
            step.trim().parse().ok().filter(|seconds: &f64| (0.0..=2_592_000.0).contains(seconds))
        })
        .collect();
    steps.with_context(|| {
        format!("`TASK_INBOX_RETRY_SCHEDULE` must be seconds with commas between, none over 30 days, not \"{text}\"")
    })
}

/// Its value is never shown: it may hold a password.
fn proxy(text: &str) -> Result<Url> {
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.port() != Some(0)
    });
    url.context("`TASK_INBOX_PROXY_URL` must be as in http://proxy.example:3128")
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let reading = || format!("reading `TASK_INBOX_CA_FILE` \"{}\"", path.display());
    let mut found = Vec::new();
    for certificate in CertificateDer::pem_file_iter(path).with_context(reading)? {
        let certificate = certificate.with_context(reading)?;
        RootCertStore::empty().add(certificate.clone()).with_context(reading)?;
        found.push(certificate);
    }
    if found.is_empty() {
        bail!("`TASK_INBOX_CA_FILE` \"{}\" has no certificate", path.display());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_schedule_is_seconds_with_commas() {
        for (text, expected) in [
            ("5", Some(vec![5.0])),
            ("0.2, 0.2,3", Some(vec![0.2, 0.2, 3.0])),
            ("", None),
            ("5,,6", None),
            ("-1", None),
            ("NaN", None),
            ("inf", None),
            ("99999999", None),
        ] {
            assert_eq!(retry_schedule(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn a_wrong_proxy_is_named_without_its_password() {
        for (text, good) in [
            ("http://proxy.example:3128", true),
            ("https://u:hunter2@proxy.example", true),
            ("socks5://u:hunter2@proxy.example", false),
            ("u:hunter2@proxy.example", false),
            ("http://u:hunter2@proxy.example:0", false),
        ] {
            let found = proxy(text);
            assert_eq!(found.is_ok(), good, "{text}");
            let shown = found.err().map(|error| format!("{error:#}")).unwrap_or_default();
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn a_file_of_authorities_has_some() {
        let file = std::env::temp_dir().join(format!("task-inbox-ca-{}", std::process::id()));
        for (content, why) in [
            ("", "has no certificate"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "reading"),
        ] {
            std::fs::write(&file, content).unwrap();
            let error = format!("{:#}", certificates(&file).unwrap_err());
            assert!(error.contains("TASK_INBOX_CA_FILE") && error.contains(why), "{error}");
        }
        std::fs::remove_file(&file).unwrap();
        assert!(format!("{:#}", certificates(&file).unwrap_err()).contains("TASK_INBOX_CA_FILE"));
    }
}
