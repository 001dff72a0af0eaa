//! Tells operators what they must hear of: a line in the log, and a message to
//! `TASK_INBOX_NOTICE_URL`. What could not be told is tried again.

use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};
use url::Url;

use super::webhook::Sender;
use crate::app::App;
use crate::db::Db;
use crate::error::Result;

pub async fn run(app: &App, db: &Db, sender: &Sender, url: Option<&Url>, stop: &CancellationToken) {
    loop {
        tokio::select! {
            () = app.wake.notices.notified() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = tell(db, sender, url).await {
            warn!("telling operators: {error}");
        }
    }
}

async fn tell(db: &Db, sender: &Sender, url: Option<&Url>) -> Result<()> {
    let sql = "select id, notice_object, tries from inbox_internal.notices_to_tell()";
    let notices = db.rows(sql, &[]).await?;
    for row in notices {
        let (id, notice): (i32, Value) = (row.get(0), row.get(1));
        let text = notice["text"].as_str().unwrap_or_default();
        if row.get::<_, i32>("tries") == 1 {
            error!(notice.id = id, "{text}");
        }
        if let Some(url) = url
            && let Err(fault) = sender.post_notice(url, &notice).await
        {
            warn!(notice.id = id, "`TASK_INBOX_NOTICE_URL` did not take the notice: {fault:#}");
            continue;
        }
        db.run("select inbox_internal.notice_told($1)", &[&id]).await?;
    }
    Ok(())
}
