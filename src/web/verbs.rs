//! What people do to a task besides deciding it: each form calls the one SQL
//! function of its verb, and leads back to the task.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::WebError;
use super::ask::{self, Asked};
use super::decide::{load, refusal, task_id, why};
use super::decision::Decision;
use super::input::{Form, Path};
use super::task::{self, Answer};
use crate::app::App;
use crate::auth::{Admin, Person, Resolver};

/// What a form asked for, and what was typed into it.
struct Verb<'a> {
    name: &'a str,
    typed: &'a str,
}

impl Verb<'_> {
    /// Calls the function; back to the task, or to the page that says why not.
    async fn call(
        self,
        app: &App,
        person: &Person,
        id: Uuid,
        call: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Response, WebError> {
        match app.db.row(&format!("select owed from inbox.{call}"), params).await {
            Ok(row) => {
                app.wake.after_event(row.get(0));
                Ok(Redirect::to(&format!("/tasks/{id}")).into_response())
            }
            Err(error) => {
                refusal(app, person, id, error, |frame, task, problem| {
                    let words = why(problem);
                    let answer = Answer::Verb(self.name, &words);
                    task::page(frame, task, answer, self.typed, Timestamp::now())
                })
                .await
            }
        }
    }
}

/// Whoever had begun to decide goes on with what they had typed.
async fn go_on(
    app: &App,
    person: &Person,
    id: Uuid,
    decision: &Decision,
    done: Response,
) -> Result<Response, WebError> {
    let begun = !decision.state.is_empty() || !decision.comment.is_empty();
    if !begun || !done.status().is_redirection() {
        return Ok(done);
    }
    let (frame, task) = load(app, person, id).await?;
    let now = Timestamp::now();
    Ok(match task.choice(&decision.state).filter(|chosen| chosen.asks()) {
        Some(chosen) => {
            ask::page(&frame, &task, chosen, &Asked::first(decision), now).into_response()
        }
        None => task::page(&frame, &task, Answer::None, &decision.comment, now).into_response(),
    })
}

#[derive(Deserialize)]
pub struct Comment {
    body: String,
    /// The application too.
    tell: Option<String>,
}

pub async fn comment(
    State(app): State<App>,
    person: Resolver,
    Path(id): Path<String>,
    Form(Comment { body, tell }): Form<Comment>,
) -> Result<Response, WebError> {
    let id = task_id(&id)?;
    let body = body.trim().replace("\r\n", "\n");
    let call = "add_comment($1, $2, $3, actor => $4, via => 'web')";
    let verb = Verb { name: "comments", typed: &body };
    verb.call(&app, &person, id, call, &[&id, &body, &tell.is_none(), &person.actor()]).await
}

pub async fn claim(
    State(app): State<App>,
    person: Resolver,
    Path(id): Path<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let id = task_id(&id)?;
    let take = sent.iter().any(|(name, value)| name == "take" && value == "true");
    let decision = Decision::of(sent);
    let call = "claim_task($1, $2, actor => $3, via => 'web')";
    let verb = Verb { name: "claim", typed: &decision.comment };
    let done = verb.call(&app, &person, id, call, &[&id, &take, &person.actor()]).await?;
    go_on(&app, &person, id, &decision, done).await
}

pub async fn release(
    State(app): State<App>,
    person: Resolver,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = task_id(&id)?;
    let verb = Verb { name: "release", typed: "" };
    let call = "release_task($1, actor => $2, via => 'web')";
    verb.call(&app, &person, id, call, &[&id, &person.actor()]).await
}

#[derive(Deserialize)]
pub struct Assignee {
    to: String,
}

pub async fn assign(
    State(app): State<App>,
    person: Resolver,
    Path(id): Path<String>,
    Form(Assignee { to }): Form<Assignee>,
) -> Result<Response, WebError> {
    let id = task_id(&id)?;
    let verb = Verb { name: "assign", typed: &to };
    let to = Some(&to).filter(|name| !name.is_empty());
    let call = "assign_task($1, $2, actor => $3, via => 'web')";
    verb.call(&app, &person, id, call, &[&id, &to, &person.actor()]).await
}

#[derive(Deserialize)]
pub struct Pause {
    /// One of those to choose from.
    r#for: Option<String>,
    #[serde(default)]
    until: String,
}

impl Pause {
    /// None: no time that can be read.
    fn end(&self, now: Timestamp) -> Option<Timestamp> {
        let later = |hours| now.checked_add(SignedDuration::from_hours(hours)).ok();
        match self.r#for.as_deref() {
            Some("hour") => later(1),
            Some("hours") => later(4),
            Some("week") => later(7 * 24),
            Some("tomorrow") => {
                let day = now.to_zoned(TimeZone::UTC).date().tomorrow().ok()?;
                Some(day.at(9, 0, 0, 0).to_zoned(TimeZone::UTC).ok()?.timestamp())
            }
            _ => {
                let typed: DateTime = self.until.trim().parse().ok()?;
                Some(typed.to_zoned(TimeZone::UTC).ok()?.timestamp())
            }
        }
    }
}

pub async fn snooze(
    State(app): State<App>,
    person: Resolver,
    Path(id): Path<String>,
    Form(pause): Form<Pause>,
) -> Result<Response, WebError> {
    let id = task_id(&id)?;
    let now = Timestamp::now();
    let until = match pause.r#for.as_deref() {
        Some("nothing") => None,
        // What is no time is refused as one that is over.
        _ => Some(pause.end(now).unwrap_or(Timestamp::UNIX_EPOCH)),
    };
    let call = "snooze_task($1, $2, actor => $3, via => 'web')";
    let verb = Verb { name: "snooze", typed: &pause.until };
    verb.call(&app, &person, id, call, &[&id, &until, &person.actor()]).await
}

pub async fn tick(
    State(app): State<App>,
    person: Resolver,
    Path((id, item)): Path<(String, String)>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let id = task_id(&id)?;
    let done = sent.iter().any(|(name, value)| name == "done" && value == "true");
    let decision = Decision::of(sent);
    let call = "tick_item($1, $2, $3, actor => $4, via => 'web')";
    let verb = Verb { name: "tick", typed: &decision.comment };
    let ticked = verb.call(&app, &person, id, call, &[&id, &item, &done, &person.actor()]).await?;
    go_on(&app, &person, id, &decision, ticked).await
}

#[derive(Deserialize)]
pub struct Reason {
    version: i32,
    #[serde(default)]
    reason: String,
}

pub async fn withdraw(
    State(app): State<App>,
    person: Admin,
    Path(id): Path<String>,
    Form(Reason { version, reason }): Form<Reason>,
) -> Result<Response, WebError> {
    let id = task_id(&id)?;
    let reason = reason.trim().replace("\r\n", "\n");
    let call = "withdraw_task($1, $2, $3, actor => $4, via => 'web')";
    let verb = Verb { name: "withdraw", typed: &reason };
    verb.call(&app, &person, id, call, &[&id, &reason, &version, &person.actor()]).await
}

#[derive(Deserialize)]
pub struct Remark {
    version: i32,
    #[serde(default)]
    comment: String,
}

pub async fn reopen(
    State(app): State<App>,
    person: Resolver,
    Path(id): Path<String>,
    Form(Remark { version, comment }): Form<Remark>,
) -> Result<Response, WebError> {
    let id = task_id(&id)?;
    let comment = comment.trim().replace("\r\n", "\n");
    let call = "reopen_task($1, $2, $3, actor => $4, via => 'web')";
    let verb = Verb { name: "reopen", typed: &comment };
    verb.call(&app, &person, id, call, &[&id, &comment, &version, &person.actor()]).await
}
