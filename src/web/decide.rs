//! The page of one task and what is posted from it.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use jiff::Timestamp;
use maud::Markup;
use serde::Deserialize;
use serde_json::Value;
use tokio_postgres::types::Json as Jsonb;
use uuid::Uuid;

use super::ask::{self, Asked};
use super::decision::{self, Decision};
use super::input::{Form, Path};
use super::page::{self, Frame, Tab};
use super::task::{self, Answer};
use super::typed::Fault;
use super::{WebError, data};
use crate::app::App;
use crate::auth::{Person, Resolver};
use crate::error::{Error, Problem};
use crate::task::{Move, Shell, TaskPage};
use crate::wake::seconds_from_now;

#[derive(Deserialize)]
struct Data {
    #[serde(flatten)]
    shell: Shell,
    task: TaskPage,
}

pub async fn load(app: &App, person: &Person, id: Uuid) -> Result<(Frame, TaskPage), WebError> {
    let row =
        app.db.row("select inbox_internal.task_page($1, $2)", &[&id, &person.actor()]).await?;
    let Data { shell, task } = data(&row)?;
    Ok((Frame::new(person, shell, Tab::Other), task))
}

pub fn task_id(text: &str) -> Result<Uuid, WebError> {
    Uuid::try_parse(text).map_err(|_| WebError::from(StatusCode::NOT_FOUND))
}

pub async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let (frame, task) = load(&app, &person, task_id(&id)?).await?;
    if let Some(lead) = task.merged_into {
        return Ok(Redirect::to(&format!("/tasks/{lead}")).into_response());
    }
    Ok(task::page(&frame, &task, Answer::None, "", Timestamp::now()).into_response())
}

pub async fn decide(
    State(app): State<App>,
    person: Resolver,
    Path(id): Path<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let id = task_id(&id)?;
    let decision = Decision::of(sent).seen()?;
    let (frame, task) = load(&app, &person, id).await?;
    let chosen = task.choice(&decision.state);
    if let Some(answer) = chosen.and_then(|chosen| ask_first(&frame, &task, chosen, &decision)) {
        return Ok(answer);
    }

    let comment = decision.comment_for(chosen);
    let (args, faults) = chosen.map(|chosen| decision.args(chosen)).unwrap_or_default();
    let decided = app
        .db
        .row(
            "select owed, extract(epoch from held_until - now())::float8 as held_for
             from inbox.set_task_state(
               $1, $2, $3, $4, expected_version => $5, actor => $6, via => 'web')",
            &[
                &id,
                &decision.state,
                &args.as_deref().map(Jsonb),
                &comment,
                &decision.version,
                &person.actor(),
            ],
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
        Err(error) => {
            refusal(&app, &person, id, error, |frame, task, problem| {
                refused(frame, task, &decision, problem, faults)
            })
            .await
        }
    }
}

/// Why a verb was refused, when that is for its form to say.
pub fn refused_by(error: Error) -> Result<Problem, WebError> {
    match error {
        Error::Client(problem) if matches!(problem.status.as_u16(), 409 | 412 | 422) => {
            Ok(*problem)
        }
        error => Err(error.into()),
    }
}

/// The page that says why a verb was refused. The task is read again: somebody was
/// faster, and the page says who.
pub async fn refusal(
    app: &App,
    person: &Person,
    id: Uuid,
    error: Error,
    page: impl FnOnce(&Frame, &TaskPage, &Problem) -> Markup,
) -> Result<Response, WebError> {
    let problem = refused_by(error)?;
    let (frame, task) = load(app, person, id).await?;
    Ok((problem.status, page(&frame, &task, &problem)).into_response())
}

/// The page that was sent from, with all that was typed and why it did not do.
fn refused(
    frame: &Frame,
    task: &TaskPage,
    decision: &Decision,
    problem: &Problem,
    ours: Vec<Fault>,
) -> Markup {
    let now = Timestamp::now();
    let words = why(problem);
    let Some(chosen) = task.choice(&decision.state) else {
        let answer = match problem.status {
            StatusCode::UNPROCESSABLE_ENTITY => Answer::Refused(&words),
            _ => Answer::Stale(&words),
        };
        return task::page(frame, task, answer, &decision.comment, now);
    };
    let faults = match problem.code.as_ref() {
        "arguments" => decision::faults(problem, &chosen.inputs, ours),
        _ => Vec::new(),
    };
    if chosen.asks() {
        let words = ask::to_mend(&faults, chosen).unwrap_or(words);
        let asked = Asked { decision, faults: &faults, refused: Some(&words) };
        return ask::page(frame, task, chosen, &asked, now);
    }
    let needed = format!("{} needs a comment.", chosen.label);
    let answer = match problem.status {
        StatusCode::UNPROCESSABLE_ENTITY if faults.iter().any(|one| one.field == "comment") => {
            Answer::Refused(&needed)
        }
        StatusCode::UNPROCESSABLE_ENTITY => Answer::Refused(&words),
        _ => Answer::Stale(&words),
    };
    task::page(frame, task, answer, &decision.comment, now)
}

/// A refusal of SQL in words for a person.
pub fn why(problem: &Problem) -> String {
    match problem.code.as_ref() {
        "version_stale" => format!("{} Read it again, then decide.", overtaken(problem)),
        // Begins with a name, which is written as it is.
        "task_claimed" if problem.members.contains_key("claimed_by") => {
            page::sentence_end(&problem.detail)
        }
        "state_from" => "From where the task is now it cannot go there.".to_owned(),
        _ => page::sentence(&problem.detail),
    }
}

/// Who was faster, if it is known.
pub fn overtaken(problem: &Problem) -> String {
    let actor: Option<Value> =
        problem.members.get("actor").and_then(|actor| serde_json::from_str(actor.get()).ok());
    match actor.as_ref().and_then(|actor| actor["name"].as_str()) {
        Some(name) => format!("{name} changed this task while you looked."),
        None => "This task changed while you looked.".to_owned(),
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
        Err(error) => {
            refusal(&app, &person, id, error, |frame, task, problem| {
                let words = match problem.code.as_ref() {
                    "undo_over" => "Too late: the app has been told.".to_owned(),
                    // Begins with a name, which is written as it is.
                    "undo_superseded" => page::sentence_end(&problem.detail),
                    _ => why(problem),
                };
                task::page(frame, task, Answer::TooLate(&words), "", Timestamp::now())
            })
            .await
        }
    }
}

/// For a move that asks twice and was not yet confirmed: the page that asks.
fn ask_first(
    frame: &Frame,
    task: &TaskPage,
    chosen: &Move,
    decision: &Decision,
) -> Option<Response> {
    let now = Timestamp::now();
    if chosen.confirm == "no" || decision.version != task.row.version {
        // SQL says who was faster.
        return None;
    }
    if !decision.confirmed {
        return Some(ask::page(frame, task, chosen, &Asked::first(decision), now).into_response());
    }
    let word = ask::confirm_word(&task.row.title);
    if chosen.confirm == "type" && !decision.word.trim().eq_ignore_ascii_case(word) {
        let faults =
            [Fault { field: "word".to_owned(), words: "That is not the word.".to_owned() }];
        let asked =
            Asked { decision, faults: &faults, refused: Some("Not sent: that is not the word.") };
        let page = ask::page(frame, task, chosen, &asked, now);
        return Some((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    None
}

/// The page of a move that asks for something, or twice. Nothing is changed yet.
pub async fn confirm(
    State(app): State<App>,
    person: Resolver,
    Path(id): Path<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let decision = Decision::of(sent).seen()?;
    let (frame, task) = load(&app, &person, task_id(&id)?).await?;
    let now = Timestamp::now();
    if task.row.version != decision.version {
        let words = "This task changed while you looked. Read it again, then decide.";
        let page = task::page(&frame, &task, Answer::Stale(words), &decision.comment, now);
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    match task.choice(&decision.state).filter(|chosen| chosen.asks()) {
        Some(chosen) if task::taken(&task, &frame).is_none() => {
            Ok(ask::page(&frame, &task, chosen, &Asked::first(&decision), now).into_response())
        }
        Some(_) => {
            let page = task::page(&frame, &task, Answer::Stale(""), &decision.comment, now);
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        None => Ok(Redirect::to(&format!("/tasks/{}", task.row.id)).into_response()),
    }
}

/// A reload of a page that answers a form has lost what was posted to it.
pub async fn back(_: Person, Path(id): Path<String>) -> Result<Redirect, WebError> {
    Ok(Redirect::to(&format!("/tasks/{}", task_id(&id)?)))
}

pub async fn back_from_item(
    _: Person,
    Path((id, _)): Path<(String, String)>,
) -> Result<Redirect, WebError> {
    Ok(Redirect::to(&format!("/tasks/{}", task_id(&id)?)))
}
