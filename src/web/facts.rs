//! The page that changes what is known of a task: an input for each fact, for its
//! urgency, its deadline and its tags.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use tokio_postgres::types::Json as Jsonb;
use uuid::Uuid;

use super::change::{Inputs, Line, Sent, WAS};
use super::decide::{overtaken, refused_by, task_id, why};
use super::field;
use super::input::{Form, Path};
use super::page::{self, Frame, Tab};
use super::typed::Fault;
use super::{WebError, data, signs, task};
use crate::app::App;
use crate::auth::{Person, Resolver};
use crate::error::Problem;
use crate::task::{Shell, TaskPage};

#[derive(Deserialize)]
struct Data {
    #[serde(flatten)]
    shell: Shell,
    task: TaskPage,
    #[serde(flatten)]
    inputs: Inputs,
}

struct Facts {
    frame: Frame,
    task: TaskPage,
    inputs: Inputs,
}

async fn load(app: &App, person: &Person, id: Uuid) -> Result<Facts, WebError> {
    let row =
        app.db.row("select inbox_internal.facts_page($1, $2)", &[&id, &person.actor()]).await?;
    let Data { shell, task, inputs } = data(&row)?;
    Ok(Facts { frame: Frame::new(person, shell, Tab::Other), task, inputs })
}

pub async fn show(
    State(app): State<App>,
    person: Resolver,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let facts = load(&app, &person, task_id(&id)?).await?;
    let row = &facts.task.row;
    if facts.task.merged_into.is_some() || !facts.task.may("change") {
        // That page says why not, or leads on to the one people see.
        return Ok(Redirect::to(&format!("/tasks/{}", row.id)).into_response());
    }
    Ok(facts.page(&Sent::default(), &[], None).into_response())
}

pub async fn change(
    State(app): State<App>,
    person: Resolver,
    Path(id): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let id = task_id(&id)?;
    let sent = Sent::of(fields)?;
    let facts = load(&app, &person, id).await?;
    if let Some(words) = sent.lost(&facts.inputs) {
        let faults = sent.faults(&facts.inputs, Vec::new(), None);
        let page = facts.page(&sent, &faults, Some(&words));
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    let change = match sent.change(&facts.inputs) {
        Ok(change) => change,
        Err(faults) => return Ok(facts.refused(&sent, faults, None)),
    };
    let changed = app
        .db
        .maybe_row(
            "select result.owed
             from inbox_internal.facts_change($1, $2) change
             cross join lateral inbox.change_task(
               $1, change, expected_version => $3, actor => $4, via => 'web') result
             where change is not null",
            &[&id, &Jsonb(&*change), &sent.version, &person.actor()],
        )
        .await;
    match changed {
        Ok(row) => {
            // Without a row, all of it was there already.
            if let Some(row) = row {
                app.wake.after_event(row.get("owed"));
            }
            Ok(Redirect::to(&format!("/tasks/{id}")).into_response())
        }
        Err(error) => {
            let problem = refused_by(error)?;
            // Read again: somebody was faster, and what they changed is shown.
            Ok(load(&app, &person, id).await?.refused(&sent, Vec::new(), Some(&problem)))
        }
    }
}

impl Facts {
    /// The form again with all that was typed, and why it did not do.
    fn refused(&self, sent: &Sent, ours: Vec<Fault>, problem: Option<&Problem>) -> Response {
        let faults = sent.faults(&self.inputs, ours, problem);
        let (status, words) = match problem {
            None if !self.task.may("change") => {
                (StatusCode::CONFLICT, "This task cannot be changed any more.".to_owned())
            }
            Some(problem) if problem.code == "version_stale" => {
                let words = format!("{} Your words are still here.", overtaken(problem));
                (problem.status, words)
            }
            Some(problem) if problem.status != StatusCode::UNPROCESSABLE_ENTITY => {
                (problem.status, why(problem))
            }
            _ => {
                let words = self.to_mend(&faults).or_else(|| problem.map(why));
                (StatusCode::UNPROCESSABLE_ENTITY, words.unwrap_or_default())
            }
        };
        (status, self.page(sent, &faults, Some(&words))).into_response()
    }

    fn to_mend(&self, faults: &[Fault]) -> Option<String> {
        let lines = self.inputs.lines();
        let labels: Vec<&str> = (lines.iter())
            .filter(|line| faults.iter().any(|fault| fault.field == line.name))
            .map(|line| line.input.label.as_str())
            .collect();
        (!labels.is_empty()).then(|| format!("Not saved. Please look at: {}.", labels.join(", ")))
    }

    fn page(&self, sent: &Sent, faults: &[Fault], refused: Option<&str>) -> Markup {
        let now = Timestamp::now();
        page::page(
            "Change the facts",
            &self.frame,
            html! {
                div.beside {
                    (task::others())
                    article {
                        (task::back())
                        (task::head(&self.task, now))
                        (signs::whole(&self.task.row, &self.frame.person, now))
                        (self.form(sent, faults, refused))
                    }
                }
            },
        )
    }

    fn form(&self, sent: &Sent, faults: &[Fault], refused: Option<&str>) -> Markup {
        let id = self.task.row.id;
        html! {
            h2.asked { "Change the facts" }
            p.hint { "Only what you touch is changed. What you empty is taken away." }
            (page::form(
                &format!("/tasks/{id}/facts"),
                html! {
                    (task::version(&self.task.row))
                    input type="hidden" name="filled" value="yes";
                    @for (place, line) in self.inputs.lines().iter().enumerate() {
                        (field(line, place, sent, faults))
                    }
                    @if !self.inputs.left_out.is_empty() {
                        p.hint { "Too large for this page; the app can change it: " bdi { (self.inputs.left_out.join(", ")) } "." }
                    }
                    div.moves {
                        (page::answer(refused))
                        a.button href={ "/tasks/" (id) } { "Cancel" }
                        @if self.task.may("change") { button.primary { "Save" } }
                    }
                },
            ))
        }
    }
}

/// By its place: a fact may be called anything, and what an id may be is less.
fn field(line: &Line<'_>, place: usize, sent: &Sent, faults: &[Fault]) -> Markup {
    let id = format!("field-{place}");
    let fault = faults.iter().find(|fault| fault.field == line.name);
    let value = sent.touched(line).unwrap_or(line.value());
    let input = field::field(line.input, &line.name, &id, value, fault);
    html! {
        input type="hidden" name={ (WAS) (line.name) } value=(line.mark(line.value()));
        @if line.blur {
            details.field open[fault.is_some()] { summary { "Show " bdi { (line.input.label) } } (input) }
        } @else {
            (input)
        }
    }
}
