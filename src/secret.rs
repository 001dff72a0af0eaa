//! Signing secrets and hook keys of a schema: made here, shown once, kept sealed.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Db;
use crate::error::Result;
use crate::seal::Sealer;
use crate::token;

pub struct WebhookSecret {
    pub signing: String,
    pub hook_key: String,
}

/// With the hook key the application already has, or a new one.
pub async fn create_webhook_secret(
    db: &Db,
    sealer: &Sealer,
    actor: &Value,
    schema_name: &str,
    hook_key: Option<String>,
) -> Result<WebhookSecret> {
    let secret = WebhookSecret {
        signing: token::new_signing_secret(),
        hook_key: hook_key.unwrap_or_else(token::new_hook_key),
    };
    let (signing_id, hook_key_id) = (Uuid::now_v7(), Uuid::now_v7());
    db.run(
        "select inbox_internal.create_webhook_secret($1, $2, $3, $4, $5, $6)",
        &[
            &schema_name,
            &signing_id,
            &sealer.seal(signing_id, &secret.signing)?,
            &hook_key_id,
            &sealer.seal(hook_key_id, &secret.hook_key)?,
            actor,
        ],
    )
    .await?;
    Ok(secret)
}

pub struct Rotated {
    pub signing: String,
    /// The old secret signs as well until then; none: it is gone.
    pub old_until: Option<Timestamp>,
}

/// A new signing secret, beside the old one for a grace; and a new hook key, at
/// once, when one is given.
pub async fn rotate_webhook_secret(
    db: &Db,
    sealer: &Sealer,
    actor: &Value,
    schema_name: &str,
    grace_seconds: i32,
    hook_key: Option<String>,
) -> Result<Rotated> {
    let signing = token::new_signing_secret();
    let (signing_id, hook_key_id) = (Uuid::now_v7(), Uuid::now_v7());
    let hook_key = hook_key.map(|key| sealer.seal(hook_key_id, &key)).transpose()?;
    let row = db
        .row(
            "select inbox_internal.rotate_webhook_secret($1, $2, $3, $4, $5, $6, $7)",
            &[
                actor,
                &schema_name,
                &grace_seconds,
                &signing_id,
                &sealer.seal(signing_id, &signing)?,
                &hook_key_id,
                &hook_key,
            ],
        )
        .await?;
    Ok(Rotated { signing, old_until: row.get(0) })
}

/// Seals with the first key what another key had sealed. Each secret is a step of
/// its own, so that it may be broken off and begun again. Gives how many.
pub async fn reseal_secrets(db: &Db, sealer: &Sealer) -> Result<usize> {
    let key_id = sealer.first_key_id()?;
    let rows =
        db.rows("select id, sealed from inbox_internal.secrets_to_reseal($1)", &[&key_id]).await?;
    for row in &rows {
        let (id, old): (Uuid, Vec<u8>) = (row.get(0), row.get(1));
        let new = sealer.seal(id, &sealer.open(id, &old)?)?;
        db.run("select inbox_internal.reseal_secret($1, $2, $3)", &[&id, &old, &new]).await?;
    }
    Ok(rows.len())
}
