//! The first start on an empty database: a way in, shown once.

use anyhow::Result;
use serde_json::json;

use crate::api::load_schema;
use crate::app::App;
use crate::secret::create_webhook_secret;
use crate::token::{self, NewKey};

pub const SAMPLE: &str = include_str!("../../schemas/sample.yml");
const SAMPLE_NAME: &str = "ti:sample";

pub struct FirstStart {
    pub login_url: String,
    pub api_key: String,
    pub signing_secret: Option<String>,
}

/// Nothing when there are people already. Of replicas that start at once, one
/// gets the way in.
pub async fn prepare(app: &App, embedded: bool) -> Result<Option<FirstStart>> {
    let login = token::random_token();
    let key = NewKey::make();
    let made: bool = app
        .db
        .row(
            "select inbox_internal.first_start($1, $2, $3)",
            &[&token::hash(&login), &key.prefix, &key.hash],
        )
        .await?
        .get(0);
    if !made {
        return Ok(None);
    }

    let mut signing_secret = None;
    if embedded {
        let actor = json!({"kind": "rule", "id": "first-start", "name": "first start"});
        load_schema(&app.db, SAMPLE, &actor).await?;
        let secret = create_webhook_secret(&app.db, &app.sealer, &actor, SAMPLE_NAME, None).await?;
        signing_secret = Some(secret.signing);
    }
    Ok(Some(FirstStart {
        login_url: format!("{}/login/{login}", app.site.public_url),
        api_key: key.key,
        signing_secret,
    }))
}

impl FirstStart {
    pub fn welcome(&self, url: &str) -> String {
        let mut text = format!(
            "\ntask-inbox serves {url}\n\n\
             This is shown once.\n  \
             sign in (once, within 24 hours):  {}\n  \
             API key:                          {}\n",
            self.login_url, self.api_key
        );
        if let Some(secret) = &self.signing_secret {
            text.push_str(&format!(
                "  signing secret of {SAMPLE_NAME}:      {secret}\n\n\
                 Post a task:\n\
                 curl {url}/api/v1/tasks -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' \
                 -d '{{\"schema_name\": \"{SAMPLE_NAME}\", \"task\": \"flag-content\", \
                 \"meta\": {{\"post\": \"Buy cheap watches!\", \"author\": \"bob\"}}}}'\n",
                self.api_key
            ));
        }
        text
    }
}
