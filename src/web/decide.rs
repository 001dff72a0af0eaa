//! The page of one task and what is posted from it.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::input::{Form, Path};
use super::page::{Frame, Tab};
use super::task::{self, Answer};
use super::{WebError, data};
use crate::app::App;
use crate::auth::{Person, Resolver};
use crate::error::Error;
use crate::task::{Shell, TaskPage};
use crate::wake::seconds_from_now;

#[derive(Deserialize)]
struct Data {
    #[serde(flatten)]
    shell: Shell,
    task: TaskPage,
}

async fn load(app: &App, person: &Person, id: Uuid) -> Result<(Frame, TaskPage), WebError> {
    let row =
        app.db.row("select inbox_internal.task_page($1, $2)", &[&id, &person.actor()]).await?;
    let Data { shell, task } = data(&row)?;
    Ok((Frame::new(person, shell, Tab::Other), task))
}

fn task_id(text: &str) -> Result<Uuid, WebError> {
    Uuid::try_parse(text).map_err(|_| WebError::from(StatusCode::NOT_FOUND))
}

pub async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let (frame, task) = load(&app, &person, task_id(&id)?).await?;
    Ok(task::page(&frame, &task, Answer::None, "", Timestamp::now()).into_response())
}

#[derive(Deserialize)]
pub struct Decision {
    version: i32,
    state: String,
    #[serde(default)]
    comment: String,
    /// From the page that asks twice.
    #[serde(default)]
    confirmed: String,
    #[serde(default)]
    word: String,
}

pub async fn decide(
    State(app): State<App>,
    person: Resolver,
    Path(id): Path<String>,
    Form(decision): Form<Decision>,
) -> Result<Response, WebError> {
    let id = task_id(&id)?;
    let (frame, task) = load(&app, &person, id).await?;
    if let Some(answer) = ask_first(&frame, &task, &decision) {
        return Ok(answer);
    }

    // One field serves all buttons; a move that takes no comment gets none.
    let takes_none =
        task.moves.iter().any(|one| one.name == decision.state && one.comment == "none");
    // Browsers send a line's end as CR LF.
    let comment = decision.comment.trim().replace("\r\n", "\n");
    let comment = Some(comment).filter(|comment| !comment.is_empty() && !takes_none);
    let decided = app
        .db
        .row(
            "select owed, extract(epoch from held_until - now())::float8 as held_for
             from inbox.set_task_state(
               $1, $2, comment => $3, expected_version => $4, actor => $5, via => 'web')",
            &[&id, &decision.state, &comment, &decision.version, &person.actor()],
        )
        .await;
    match decided {
        Ok(row) => {
            app.wake.after_event(row.get("owed"));
            if let Some(seconds) = row.get("held_for") {
                app.wake.after_hold(seconds_from_now(seconds));
            }
            Ok(Redirect::to(&format!("/tasks/{id}")).into_response())
        }
        Err(Error::Client(problem)) if matches!(problem.status.as_u16(), 409 | 412 | 422) => {
            let answer = match problem.status.as_u16() {
                422 => Answer::Refused(&problem.detail),
                _ => Answer::Stale,
            };
            // Read again: somebody was faster, and the page says who.
            let (frame, task) = load(&app, &person, id).await?;
            let page = task::page(&frame, &task, answer, &decision.comment, Timestamp::now());
            Ok((problem.status, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// What the person had before them.
#[derive(Deserialize)]
pub struct Seen {
    version: i32,
}

/// Takes the last decision back, as long as the application has not heard of it.
pub async fn undo(
    State(app): State<App>,
    person: Resolver,
    Path(id): Path<String>,
    Form(Seen { version }): Form<Seen>,
) -> Result<Response, WebError> {
    let id = task_id(&id)?;
    let undone = app
        .db
        .row(
            "select owed from inbox.undo_task($1, $2, actor => $3, via => 'web')",
            &[&id, &version, &person.actor()],
        )
        .await;
    match undone {
        Ok(row) => {
            app.wake.after_event(row.get(0));
            Ok(Redirect::to(&format!("/tasks/{id}")).into_response())
        }
        Err(Error::Client(problem)) if problem.status == StatusCode::CONFLICT => {
            let words = match problem.code.as_ref() {
                "undo_over" => "Too late: the app has been told.",
                _ => &problem.detail,
            };
            let (frame, task) = load(&app, &person, id).await?;
            let page = task::page(&frame, &task, Answer::TooLate(words), "", Timestamp::now());
            Ok((problem.status, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// For a move that asks twice and was not yet confirmed: the page that asks.
fn ask_first(frame: &Frame, task: &TaskPage, decision: &Decision) -> Option<Response> {
    let chosen = task.moves.iter().find(|one| one.name == decision.state && one.confirm != "no")?;
    let ask =
        |refused| task::confirm(frame, task, chosen, &decision.comment, refused, Timestamp::now());
    if decision.confirmed.is_empty() || task.row.version != decision.version {
        return Some(ask(None).into_response());
    }
    let word = task::confirm_word(&task.row.title);
    if chosen.confirm == "type" && !decision.word.trim().eq_ignore_ascii_case(word) {
        let page = ask(Some("That is not the word."));
        return Some((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    None
}

/// The page that asks twice.
pub async fn confirm(
    State(app): State<App>,
    person: Resolver,
    Path(id): Path<String>,
    Form(decision): Form<Decision>,
) -> Result<Response, WebError> {
    let (frame, task) = load(&app, &person, task_id(&id)?).await?;
    if task.row.version != decision.version {
        let page = task::page(&frame, &task, Answer::Stale, &decision.comment, Timestamp::now());
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    match ask_first(&frame, &task, &decision) {
        Some(page) => Ok(page),
        None => Ok(Redirect::to(&format!("/tasks/{id}")).into_response()),
    }
}

/// A reload of the page that asks twice has lost what was posted to it.
pub async fn back(_: Person, Path(id): Path<String>) -> Result<Redirect, WebError> {
    Ok(Redirect::to(&format!("/tasks/{}", task_id(&id)?)))
}
