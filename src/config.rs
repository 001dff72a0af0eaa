//! Every setting, its default and what it means. Nothing else reads the environment.

mod outbound;
mod proxies;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use url::Url;

use crate::listen::Limits;
use crate::worker::Dial;

pub use outbound::{LOOPBACK, Outbound, warnings};
pub use proxies::Proxies;

/// One row of `task-inbox config` and of operations.md.
pub struct Setting {
    pub name: &'static str,
    pub default: &'static str,
    pub secret: bool,
    pub help: &'static str,
}

const fn setting(name: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { name, default, secret: false, help }
}

const fn secret(name: &'static str, help: &'static str) -> Setting {
    Setting { name, default: "", secret: true, help }
}

pub const SETTINGS: &[Setting] = &[
    secret("DATABASE_URL", "PostgreSQL 15 or newer; empty: a private cluster in the data folder"),
    setting(
        "TASK_INBOX_DATA",
        "",
        "data folder; empty: ~/.local/share/task-inbox, as root /var/lib/task-inbox",
    ),
    setting("TASK_INBOX_PG_BIN", "", "folder with postgres, initdb and pg_ctl; empty: looked for"),
    setting(
        "TASK_INBOX_PG_USER",
        "",
        "who runs the private cluster when we are root; empty: postgres, else nobody",
    ),
    setting(
        "TASK_INBOX_LISTEN",
        "127.0.0.1:8080",
        "address of the inbox and the API; port 0 picks a free one",
    ),
    setting(
        "TASK_INBOX_OPS_LISTEN",
        "127.0.0.1:9090",
        "address of /livez, /readyz and /metrics for operators; port 0 picks a free one; off: none",
    ),
    setting(
        "TASK_INBOX_PUBLIC_URL",
        "",
        "address people and receivers use; empty: http:// and the listening address",
    ),
    setting(
        "TASK_INBOX_TRUSTED_PROXIES",
        "",
        "reverse proxies whose X-Forwarded-For counts, as in 10.0.0.0/8,192.168.1.20; empty: none",
    ),
    setting(
        "TASK_INBOX_REMOTE_USER_HEADER",
        "",
        "header in which a trusted proxy names the person it has signed in, as in Remote-User; empty: none",
    ),
    secret(
        "TASK_INBOX_SECRET_KEY",
        "32 bytes base64 that seal secrets; a comma list: the first seals, all open",
    ),
    setting("TASK_INBOX_LOG", "info", "log filter, as in info,task_inbox=debug"),
    setting("TASK_INBOX_LOG_FORMAT", "text", "text or json"),
    setting("TASK_INBOX_WORKERS", "64", "deliveries under way at once"),
    setting(
        "TASK_INBOX_UNDO_SECONDS",
        "8",
        "how long a decision made on a page can be undone before its application hears of it; 0: not at all",
    ),
    setting(
        "TASK_INBOX_KEEP_DELIVERED",
        "30",
        "days that delivered webhooks, their content and attempts are kept",
    ),
    setting("TASK_INBOX_KEEP_FAILED", "90", "the same for webhooks that failed for good"),
    secret(
        "TASK_INBOX_NOTICE_URL",
        "where operators are told of failed and stopped webhooks: JSON with text is posted there",
    ),
    setting(
        "TASK_INBOX_RETRY_SCHEDULE",
        "5,30,120,600,1800,7200,18000,36000,50400,72000,86400",
        "seconds before each retry of a webhook, each x0.8 to x1.2",
    ),
    setting(
        "TASK_INBOX_ALLOW_CIDRS",
        "",
        "private addresses webhooks may reach, as in 10.0.0.0/8,::1; empty: 127.0.0.0/8,::1 with the private cluster, else none; none: none",
    ),
    setting(
        "TASK_INBOX_ALLOW_HOSTS",
        "",
        "hosts webhooks may reach at private addresses and without https, as in app.internal,*.svc.cluster.local",
    ),
    secret(
        "TASK_INBOX_PROXY_URL",
        "forward proxy that webhooks go through, as in http://user:password@proxy.example:3128; empty: none",
    ),
    setting(
        "TASK_INBOX_CA_FILE",
        "",
        "PEM file of authorities that receivers' certificates may be of, besides the system's",
    ),
];

/// Longer, and a person has put the phone away.
const MAX_UNDO: u16 = 120;

pub struct Config {
    pub database_url: Option<String>,
    pub data: PathBuf,
    pub pg_bin: Option<PathBuf>,
    pub pg_user: Option<String>,
    pub listen: SocketAddr,
    pub ops: Ops,
    pub public_url: Option<Url>,
    pub proxies: Proxies,
    /// As given; opened by `seal::Sealer`.
    pub secret_key: Option<String>,
    /// Null: what suits the command.
    pub log: Option<String>,
    pub log_json: bool,
    pub workers: usize,
    pub undo_seconds: u16,
    pub keep_delivered: u16,
    pub keep_failed: u16,
    pub notice_url: Option<Url>,
    /// Or which of these settings is wrong, and how.
    pub outbound: Result<Outbound, String>,
    /// These two are no settings: tests make them short and look names up themselves.
    pub dial: Dial,
    pub limits: Limits,
}

/// The operators' listener.
pub struct Ops {
    /// None: off.
    pub listen: Option<SocketAddr>,
    /// Its own default gives way when the port is taken.
    pub is_given: bool,
}

impl Ops {
    fn load() -> Result<Ops> {
        let name = "TASK_INBOX_OPS_LISTEN";
        let is_given = read(name)?.is_some();
        let listen = match value(name)?.as_str() {
            "off" => None,
            _ => Some(parsed(name, "an address as in 127.0.0.1:9090, or off")?),
        };
        Ok(Ops { listen, is_given })
    }
}

impl Config {
    pub fn load() -> Result<Config> {
        let data = match read("TASK_INBOX_DATA")? {
            Some(folder) => PathBuf::from(folder),
            None => default_data()?,
        };

        Ok(Config {
            database_url: read("DATABASE_URL")?,
            data,
            pg_bin: read("TASK_INBOX_PG_BIN")?.map(PathBuf::from),
            pg_user: read("TASK_INBOX_PG_USER")?,
            listen: parsed("TASK_INBOX_LISTEN", "an address as in 127.0.0.1:8080")?,
            ops: Ops::load()?,
            public_url: read("TASK_INBOX_PUBLIC_URL")?.map(|text| public_url(&text)).transpose()?,
            proxies: Proxies::load()?,
            secret_key: read("TASK_INBOX_SECRET_KEY")?,
            log: read("TASK_INBOX_LOG")?,
            log_json: match value("TASK_INBOX_LOG_FORMAT")?.as_str() {
                "text" => false,
                "json" => true,
                other => bail!("`TASK_INBOX_LOG_FORMAT` must be text or json, not \"{other}\""),
            },
            workers: parsed::<std::num::NonZeroU16>(
                "TASK_INBOX_WORKERS",
                "a number from 1 to 65535",
            )?
            .get()
            .into(),
            undo_seconds: undo_seconds()?,
            keep_delivered: days("TASK_INBOX_KEEP_DELIVERED")?,
            keep_failed: days("TASK_INBOX_KEEP_FAILED")?,
            notice_url: read("TASK_INBOX_NOTICE_URL")?.map(|text| notice_url(&text)).transpose()?,
            outbound: Outbound::load().map_err(|error| format!("{error:#}")),
            dial: Dial::default(),
            limits: Limits::default(),
        })
    }
}

impl Config {
    /// For the private cluster of those who give no `DATABASE_URL`.
    pub fn cluster(&self) -> crate::embedded::Options {
        crate::embedded::Options {
            data: self.data.clone(),
            pg_bin: self.pg_bin.clone(),
            pg_user: self.pg_user.clone(),
        }
    }
}

/// What each setting is now, with secrets hidden.
pub fn current() -> Vec<(&'static Setting, String)> {
    let shown = |setting: &Setting| match read(setting.name) {
        Ok(Some(_)) if setting.secret => "***".to_owned(),
        Ok(Some(value)) => value,
        Ok(None) if setting.name == "TASK_INBOX_ALLOW_CIDRS" => {
            outbound::allowed_ranges().unwrap_or_default()
        }
        Ok(None) => setting.default.to_owned(),
        // Whoever loads the settings says why.
        Err(_) => "?".to_owned(),
    };
    SETTINGS.iter().map(|setting| (setting, shown(setting))).collect()
}

/// `NAME`, or the content of the file `NAME_FILE` names. Empty is unset.
fn read(name: &str) -> Result<Option<String>> {
    let file_name = format!("{name}_FILE");
    match (variable(name)?, variable(&file_name)?) {
        (Some(_), Some(_)) => bail!("both `{name}` and `{file_name}` are set; keep one"),
        (Some(value), None) => Ok(Some(value)),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("reading `{file_name}` \"{path}\""))?;
            Ok(Some(text.trim_end().to_owned()).filter(|text| !text.is_empty()))
        }
        (None, None) => Ok(None),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place")]
fn variable(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => bail!("`{name}` is not UTF-8"),
    }
}

fn value(name: &str) -> Result<String> {
    let setting =
        SETTINGS.iter().find(|setting| setting.name == name).expect("asked for by its name above");
    Ok(read(name)?.unwrap_or_else(|| setting.default.to_owned()))
}

fn parsed<T: std::str::FromStr>(name: &str, expected: &str) -> Result<T> {
    let text = value(name)?;
    text.parse().ok().with_context(|| format!("`{name}` must be {expected}, not \"{text}\""))
}

fn undo_seconds() -> Result<u16> {
    let seconds = parsed("TASK_INBOX_UNDO_SECONDS", "a number from 0 to 120")?;
    if seconds > MAX_UNDO {
        bail!("`TASK_INBOX_UNDO_SECONDS` must be a number from 0 to 120, not \"{seconds}\"");
    }
    Ok(seconds)
}

fn days(name: &str) -> Result<u16> {
    let days = parsed::<std::num::NonZeroU16>(name, "a number of days from 1 to 65535")?;
    Ok(days.get())
}

fn notice_url(text: &str) -> Result<Url> {
    let url = Url::parse(text).context("`TASK_INBOX_NOTICE_URL` is no URL")?;
    if !matches!(url.scheme(), "http" | "https") {
        bail!("`TASK_INBOX_NOTICE_URL` must begin with http:// or https://");
    }
    Ok(url)
}

fn public_url(text: &str) -> Result<Url> {
    let url = Url::parse(text).with_context(|| format!("`TASK_INBOX_PUBLIC_URL` \"{text}\""))?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let named = !url.username().is_empty() || url.password().is_some();
    if !matches!(url.scheme(), "http" | "https") || !bare || named {
        bail!(
            "`TASK_INBOX_PUBLIC_URL` must be as in https://inbox.example, without a path, not \"{text}\""
        );
    }
    Ok(url)
}

fn default_data() -> Result<PathBuf> {
    if we_are_root() {
        return Ok(PathBuf::from("/var/lib/task-inbox"));
    }
    if let Some(folder) = variable("XDG_DATA_HOME")? {
        return Ok(PathBuf::from(folder).join("task-inbox"));
    }
    let home = variable("HOME")?.context("neither `TASK_INBOX_DATA` nor `HOME` is set")?;
    Ok(PathBuf::from(home).join(".local/share/task-inbox"))
}

/// Where there is no /proc, as on macOS, the home folder of root serves too.
fn we_are_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_has_no_path() {
        for (text, good) in [
            ("https://inbox.example", true),
            ("http://127.0.0.1:8080/", true),
            ("https://inbox.example/sub", false),
            ("https://inbox.example/?a", false),
            ("https://inbox.example/#f", false),
            ("https://u:p@inbox.example", false),
            ("ftp://inbox.example", false),
            ("inbox.example", false),
        ] {
            assert_eq!(public_url(text).is_ok(), good, "{text}");
        }
    }
}
