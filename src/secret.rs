//! Signing secrets and hook keys of a schema: made here, shown once, kept sealed.

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
    schema_name: &str,
    hook_key: Option<String>,
) -> Result<WebhookSecret> {
    let secret = WebhookSecret {
        signing: token::new_signing_secret(),
        hook_key: hook_key.unwrap_or_else(token::new_hook_key),
    };
    let (signing_id, hook_key_id) = (Uuid::now_v7(), Uuid::now_v7());
    db.run(
        "select inbox_internal.create_webhook_secret($1, $2, $3, $4, $5)",
        &[
            &schema_name,
            &signing_id,
            &sealer.seal(signing_id, &secret.signing)?,
            &hook_key_id,
            &sealer.seal(hook_key_id, &secret.hook_key)?,
        ],
    )
    .await?;
    Ok(secret)
}
