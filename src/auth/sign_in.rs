//! The ways in: a password, no faster than the ladder lets, whoever asks, or a link.

use anyhow::Context;
use http::StatusCode;
use tokio::sync::Semaphore;
use tokio_postgres::Row;

use super::password::{self, Verdict};
use super::{Browser, Person, SignedIn};
use crate::app::App;
use crate::error::{Problem, Result};
use crate::token;

/// One at a time, from counting the try to forgiving it: who signs in beside others
/// of the same address or name does not find theirs counted as wrong. There is one
/// thread for the hashes anyway.
static TURN: Semaphore = Semaphore::const_new(1);
static PLACES: Semaphore = Semaphore::const_new(password::QUEUE);

/// What a password is typed for.
#[derive(Clone, Copy)]
pub enum Means {
    Password,
    /// Somebody who is signed in proves again who they are.
    Elevation,
}

impl Means {
    fn word(self) -> &'static str {
        match self {
            Means::Password => "password",
            Means::Elevation => "elevation",
        }
    }
}

/// None when name and password do not match. What is
/// asked of the database, and how long it takes, is the same for every name.
pub async fn sign_in(
    app: &App,
    name: &str,
    password: String,
    browser: Browser,
    means: Means,
) -> Result<Option<SignedIn>> {
    let place = PLACES.try_acquire().map_err(|_| password::busy())?;
    let attempt = Attempt { app: app.clone(), name: name.to_owned(), browser, means };
    // Goes on when the client does not: a try that was counted is also written
    // down, or forgiven.
    let ended = tokio::spawn(async move {
        let _place = place;
        attempt.make(password).await
    });
    ended.await.context("signing in")?
}

struct Attempt {
    app: App,
    name: String,
    browser: Browser,
    means: Means,
}

impl Attempt {
    async fn make(self, password: String) -> Result<Option<SignedIn>> {
        let _turn = TURN.acquire().await.context("waiting for a turn")?;
        let Attempt { app, name, browser, means } = &self;
        let (address, group) = (browser.address.0.to_string(), browser.address.group());
        let sql = "select wait_seconds, counted, password_hash, person_id
                   from inbox_internal.begin_sign_in($1, $2, $3, $4, $5, $6)";
        let (name_hash, mark_hash) = (app.sealer.fingerprint(name), browser.mark_hash());
        let begun = app
            .db
            .row(sql, &[name, &name_hash, &mark_hash, &address, &group, &means.word()])
            .await?;
        if let Some(seconds) = begun.get(0) {
            return Err(wait(seconds).into());
        }

        let signed_in = match password::verify(password, begun.get(2)).await {
            Ok(Verdict::Wrong) => None,
            Ok(Verdict::Right) => self.finish(&begun, None).await?,
            Ok(Verdict::Outdated(hash)) => self.finish(&begun, Some(hash)).await?,
            Err(error) => {
                let counted: Vec<String> = begun.get(1);
                app.db.run("select inbox_internal.forgive_sign_in($1, false)", &[&counted]).await?;
                return Err(error);
            }
        };
        if signed_in.is_none() {
            let sql = "select inbox_internal.fail_sign_in($1, $2, $3)";
            app.db.run(sql, &[name, &means.word(), &address]).await?;
        }
        Ok(signed_in)
    }

    /// None: the password that was right is the person's no more.
    async fn finish(&self, begun: &Row, upgraded: Option<String>) -> Result<Option<SignedIn>> {
        let Attempt { app, browser, means, .. } = self;
        let offer = SignedIn::offer();
        let row = app
            .db
            .row(
                "select inbox_internal.finish_sign_in($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                &[
                    &begun.get::<_, Option<i32>>(3),
                    &begun.get::<_, Option<String>>(2),
                    &upgraded,
                    &begun.get::<_, Vec<String>>(1),
                    &offer.session_hash(),
                    &browser.user_agent,
                    &browser.address.0.to_string(),
                    &means.word(),
                    &browser.old_session,
                    &browser.mark_hash(),
                    &offer.mark_hash(),
                ],
            )
            .await?;
        Ok(offer.taken(browser, row.get(0)))
    }
}

fn wait(seconds: i32) -> Problem {
    let span = match seconds {
        1 => "1 second".to_owned(),
        2..120 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 59) / 60),
    };
    let detail = format!("Too many wrong passwords. Wait {span}, then try again.");
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "sign_in_limit", detail)
        .with("retry_after", &seconds.into())
}

/// A link that was used.
pub struct ByLink {
    pub signed_in: SignedIn,
    /// Who was invited chooses a password next.
    pub invited: bool,
}

/// None: the link is unknown, used or expired.
pub async fn use_link(app: &App, link: &str, browser: &Browser) -> Result<Option<ByLink>> {
    let offer = SignedIn::offer();
    let row = app
        .db
        .maybe_row(
            "select mark_stays, invited from inbox_internal.use_login_link($1, $2, $3, $4, $5, $6, $7)",
            &[
                &token::hash(link),
                &offer.session_hash(),
                &browser.user_agent,
                &browser.address.0.to_string(),
                &browser.old_session,
                &browser.mark_hash(),
                &offer.mark_hash(),
            ],
        )
        .await?;
    let used = row.and_then(|row| Some((offer.taken(browser, row.get(0))?, row.get(1))));
    Ok(used.map(|(signed_in, invited)| ByLink { signed_in, invited }))
}

/// Whom a trusted proxy has signed in; none when nobody here has that name.
pub async fn sign_in_named(app: &App, name: &str, browser: &Browser) -> Result<Option<SignedIn>> {
    let offer = SignedIn::offer();
    let row = app
        .db
        .row(
            "select inbox_internal.sign_in_named($1, $2, $3, $4, $5, $6, $7)",
            &[
                &name,
                &offer.session_hash(),
                &browser.user_agent,
                &browser.address.0.to_string(),
                &browser.old_session,
                &browser.mark_hash(),
                &offer.mark_hash(),
            ],
        )
        .await?;
    Ok(offer.taken(browser, row.get(0)))
}

/// The one session that is left, and a new mark. None: the session it was asked from
/// has ended meanwhile, or it is too long ago that its person said who they are.
pub async fn change_password(
    app: &App,
    person: &Person,
    password: String,
    browser: &Browser,
) -> Result<Option<SignedIn>> {
    password::check(&password, &person.name)?;
    let hash = password::hash(password).await?;
    let offer = SignedIn::offer();
    let row = app
        .db
        .row(
            "select inbox_internal.change_password($1, $2, $3, $4, $5, $6)",
            &[
                &browser.old_session,
                &hash,
                &offer.session_hash(),
                &browser.user_agent,
                &browser.address.0.to_string(),
                &offer.mark_hash(),
            ],
        )
        .await?;
    let is_changed: bool = row.get(0);
    Ok(offer.taken(browser, is_changed.then_some(false)))
}
