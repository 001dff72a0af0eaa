//! `task-inbox api-key` and `task-inbox webhook-secret`: made, shown once, listed, rotated, revoked.

use anyhow::{Result, bail};
use clap::Subcommand;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::actor;
use super::console::{Console, Opened};
use super::input::{read_line, span};
use super::output::{pairs, printable};
use crate::db::Db;
use crate::secret::{create_webhook_secret, reseal_secrets, rotate_webhook_secret};
use crate::token::NewKey;

const SCOPES: [&str; 5] = ["read", "post", "resolve", "event", "admin"];

#[derive(Subcommand)]
pub enum ApiKeys {
    /// Make a key; it is printed this once
    Create {
        /// What it is for
        #[arg(long, default_value = "unnamed")]
        name: String,
        /// The one schema it works with; all without
        #[arg(long)]
        schema: Option<String>,
        /// What it may do
        #[arg(long, value_delimiter = ',', value_parser = SCOPES, default_value = "read,post,resolve")]
        scope: Vec<String>,
        /// When it ends: 12h, 30d, or a time as 2027-01-31T12:00:00Z; never without
        #[arg(long, value_parser = expiry)]
        expires: Option<Timestamp>,
    },
    /// Make the successor of a key; the old one works as well for a while. It is printed this once
    Rotate {
        id_or_prefix: String,
        /// How long the old one works too: 0s to 30d
        #[arg(long, default_value = "7d", value_parser = overlap)]
        overlap: i32,
    },
    /// Every key by what is public of it
    List,
    /// End a key at once
    Revoke { id_or_prefix: String },
}

impl ApiKeys {
    pub async fn run(self, console: &Console) -> Result<()> {
        let opened = console.open().await?;
        match self {
            ApiKeys::Create { name, schema, scope, expires } => {
                let new = NewKey::make();
                let row = opened
                    .db
                    .row(
                        "select inbox_internal.create_api_key($1, $2, $3, $4, $5, $6)",
                        &[&name, &new.prefix, &new.hash, &scope, &schema, &expires],
                    )
                    .await?;
                let id: i32 = row.get(0);
                eprintln!(
                    "API key {id} \"{name}\" may {}; it is shown this once",
                    scope.join(", ")
                );
                let key = json!({"id": id, "name": name, "prefix": new.prefix, "key": new.key, "scopes": scope});
                console.output.one(&key, &new.key)
            }
            ApiKeys::Rotate { id_or_prefix, overlap } => {
                rotate_key(console, &opened.db, &id_or_prefix, overlap).await
            }
            ApiKeys::List => list_keys(console, opened).await,
            ApiKeys::Revoke { id_or_prefix } => {
                opened.db.run("select inbox_internal.revoke_api_key($1)", &[&id_or_prefix]).await?;
                eprintln!("API key {id_or_prefix} is revoked");
                Ok(())
            }
        }
    }
}

async fn rotate_key(console: &Console, db: &Db, old: &str, overlap: i32) -> Result<()> {
    let new = NewKey::make();
    let row = db
        .row(
            "select id, name, scopes, expires_at, old_prefix, old_until
             from inbox_internal.rotate_api_key($1, $2, $3, $4)",
            &[&old, &overlap, &new.prefix, &new.hash],
        )
        .await?;
    let (id, name): (i32, String) = (row.get(0), row.get(1));
    let (scopes, expires): (Vec<String>, Option<Timestamp>) = (row.get(2), row.get(3));
    let (old_prefix, old_until): (String, Timestamp) = (row.get(4), row.get(5));
    eprintln!("API key {id} \"{name}\" takes the place of {old_prefix}; it is shown this once");
    eprintln!("{old_prefix} works until {old_until}");
    let key = json!({
        "id": id, "name": name, "prefix": new.prefix, "key": new.key, "scopes": scopes,
        "expires_at": expires, "old_prefix": old_prefix, "old_until": old_until,
    });
    console.output.one(&key, &new.key)
}

async fn list_keys(console: &Console, opened: &Opened) -> Result<()> {
    let keys = opened.objects("select key_object from inbox_internal.list_api_keys()", &[]).await?;
    for key in &keys {
        let key: Value = serde_json::from_str(key.get())?;
        if key["ends_soon"] == true {
            let (id, name, end) = (&key["id"], &key["name"], &key["expires_at"]);
            let words =
                format!("API key {id} {name} ends at {end}: task-inbox api-key rotate {id}");
            eprintln!("{}", printable(&words));
        }
    }
    let columns = [
        "id",
        "name",
        "prefix",
        "scopes",
        "schema",
        "created_at",
        "expires_at",
        "revoked_at",
        "last_used_at",
        "replaced_by",
    ];
    console.output.list("API keys", &columns, &keys)
}

#[derive(Subcommand)]
pub enum WebhookSecrets {
    /// Make the signing secret and the hook key of a schema; they are printed this once
    Create {
        schema: String,
        /// The hook key the application already has (- reads it from standard input), not a new one
        #[arg(long)]
        key: Option<String>,
    },
    /// Make a new signing secret; the old one signs as well for a while. It is printed this once
    Rotate {
        schema: String,
        /// How long the old one signs too: 0s to 7d
        #[arg(long, default_value = "24h", value_parser = grace)]
        grace: i32,
        /// A new hook key as well (- reads it from standard input); it counts at once
        #[arg(long)]
        key: Option<String>,
    },
    /// Which secrets there are, never what they are
    List { schema: Option<String> },
}

impl WebhookSecrets {
    pub async fn run(self, console: &Console) -> Result<()> {
        match self {
            WebhookSecrets::Create { schema, key } => create_secret(console, &schema, key).await,
            WebhookSecrets::Rotate { schema, grace, key } => {
                rotate_secret(console, &schema, grace, key).await
            }
            WebhookSecrets::List { schema } => {
                let sql = "select secret_object from inbox_internal.list_webhook_secrets($1)";
                let secrets = console.open().await?.objects(sql, &[&schema]).await?;
                console.output.list(
                    "webhook secrets",
                    &["id", "schema", "kind", "created_at", "expires_at"],
                    &secrets,
                )
            }
        }
    }
}

async fn create_secret(console: &Console, schema: &str, key: Option<String>) -> Result<()> {
    let key = hook_key(key)?;
    let opened = console.open().await?;
    let secret =
        create_webhook_secret(&opened.db, &opened.sealer()?, &actor(), schema, key).await?;

    eprintln!("secrets of schema \"{schema}\"; they are shown this once");
    let object =
        json!({"schema": schema, "signing_secret": secret.signing, "hook_key": secret.hook_key});
    let text =
        pairs(&[("signing secret", &object["signing_secret"]), ("hook key", &object["hook_key"])]);
    console.output.one(&object, &text)
}

async fn rotate_secret(
    console: &Console,
    schema: &str,
    grace: i32,
    key: Option<String>,
) -> Result<()> {
    let key = hook_key(key)?;
    let opened = console.open().await?;
    let sealer = opened.sealer()?;
    let rotated = rotate_webhook_secret(&opened.db, &sealer, &actor(), schema, grace, key).await?;

    match rotated.old_until {
        Some(until) => {
            eprintln!("the old signing secret of \"{schema}\" signs as well until {until}");
        }
        None => eprintln!("the old signing secret of \"{schema}\" is gone"),
    }
    let object = json!({
        "schema": schema, "signing_secret": rotated.signing, "old_secret_until": rotated.old_until,
    });
    console.output.one(&object, &pairs(&[("signing secret", &object["signing_secret"])]))
}

#[derive(Subcommand)]
pub enum Secrets {
    /// Seal every secret with the first of `TASK_INBOX_SECRET_KEY`, so that the others can go
    Rotate,
}

impl Secrets {
    pub async fn run(self, console: &Console) -> Result<()> {
        let Secrets::Rotate = self;
        let opened = console.open().await?;
        let resealed = reseal_secrets(&opened.db, &opened.sealer()?).await?;
        console.output.done(
            &json!({"resealed": resealed}),
            &format!("{resealed} secrets were sealed anew; all are sealed with the first key"),
        )
    }
}

fn hook_key(key: Option<String>) -> Result<Option<String>> {
    let key = match key.as_deref() {
        Some("-") => Some(read_line("hook key")?),
        _ => key,
    };
    if key.as_deref().is_some_and(|key| !sendable(key)) {
        bail!("a hook key has 1 to 255 printable ASCII characters");
    }
    Ok(key)
}

/// As the value of a header.
fn sendable(key: &str) -> bool {
    (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

fn expiry(text: &str) -> Result<Timestamp, String> {
    let now = Timestamp::now();
    let at = match text.parse() {
        Ok(at) => at,
        Err(_) => span(text)
            .and_then(|span| now.checked_add(span).ok())
            .ok_or("give a span as 12h or 30d, or a time as 2027-01-31T12:00:00Z")?,
    };
    if at > now { Ok(at) } else { Err("that is over already".to_owned()) }
}

fn grace(text: &str) -> Result<i32, String> {
    seconds_to(text, 7).ok_or_else(|| "give 0s to 7d, as in 24h".to_owned())
}

fn overlap(text: &str) -> Result<i32, String> {
    seconds_to(text, 30).ok_or_else(|| "give 0s to 30d, as in 7d".to_owned())
}

fn seconds_to(text: &str, days: i64) -> Option<i32> {
    let seconds = if text == "0" { 0 } else { span(text)?.as_secs() };
    i32::try_from(seconds).ok().filter(|_| (0..=days * 24 * 3600).contains(&seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_after_a_span_or_at_a_time_to_come() {
        for (text, good) in [
            ("30d", true),
            ("12h", true),
            ("2999-01-31T12:00:00Z", true),
            ("2999-01-31T12:00:00+02:00", true),
            ("2020-01-31T12:00:00Z", false),
            ("0d", false),
            ("-1d", false),
            ("30", false),
            ("d", false),
            ("", false),
            ("é", false),
            ("9999999999999999d", false),
            ("tomorrow", false),
        ] {
            assert_eq!(expiry(text).is_ok(), good, "{text}");
        }
    }
}
