//! `task-inbox schema diff`: what a file would change, before it is applied.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio_postgres::types::Json as Jsonb;

use super::{parsed, read_text};
use crate::cli::actor;
use crate::cli::console::Console;
use crate::schema::{self, Change, Schema};

/// Open tasks of one version in one state; null is "new".
#[derive(Deserialize, Serialize)]
struct Open {
    semver: String,
    ttype: String,
    state: Option<String>,
    tasks: i64,
}

impl Open {
    /// They stay at their version, which still has what the new one lacks.
    fn is_stranded_by(&self, new: &Schema) -> bool {
        let task_type = new.task_types.iter().find(|task_type| task_type.name == self.ttype);
        let pending = |name: &String| {
            let states = task_type.iter().flat_map(|task_type| &task_type.states);
            states.into_iter().any(|state| !state.resolved && state.name == *name)
        };
        task_type.is_none() || self.state.as_ref().is_some_and(|name| !pending(name))
    }

    fn in_words(&self) -> String {
        let Open { semver, ttype, state, tasks } = self;
        let (tasks, stay, they) = if *tasks == 1 {
            ("1 open task".to_owned(), "stays", "it")
        } else {
            (format!("{tasks} open tasks"), "stay", "they")
        };
        let state = state.as_ref().map_or("new".to_owned(), |state| format!("in state {state:?}"));
        format!(
            "! {tasks} of type {ttype:?}, {state}: {they} {stay} at version {semver:?} and can still be decided there"
        )
    }
}

pub async fn diff(console: &Console, file: &str, exit_code: bool) -> Result<()> {
    let source = read_text(file)?;
    let new = parsed(file, &source)?;
    let sql = "select * from inbox_internal.schema_in_use($1, $2, $3)";
    let opened = console.open().await?;
    let row = opened.db.row(sql, &[&new.name, &new.semver, &actor()]).await?;
    let (active, active_source): (Option<String>, Option<String>) = (row.get(0), row.get(1));
    let Jsonb(open): Jsonb<Vec<Open>> = row.get("open_tasks");

    // Its source, not its definition: that may be what an older program made of it.
    let old = active_source.as_deref().and_then(|source| schema::parse(source).ok());
    let changes = old.as_ref().map(|old| schema::changes(old, &new)).unwrap_or_default();
    let stranded: Vec<Open> = open.into_iter().filter(|open| open.is_stranded_by(&new)).collect();
    let is_same = old.as_ref().is_some_and(|old| old.does_the_same(&new));
    // The same content under a version that is known is no upload at all.
    let needs_semver = row.get("semver_known") && !is_same;

    let mut lines: Vec<String> = changes.iter().map(in_words).collect();
    if changes.is_empty() && old.is_some() && !is_same {
        lines.push("~ only the order of webhooks, or digits at the end of long numbers".to_owned());
    }
    lines.extend(stranded.iter().map(Open::in_words));
    if needs_semver {
        lines.push(format!(
            "! version {:?} exists with other content: give the file a new semver",
            new.semver
        ));
    }
    lines.insert(
        0,
        match (&active, &old) {
            (Some(active), Some(_)) if is_same => {
                format!("{:?} is as version {active:?}, which is active", new.name)
            }
            (Some(active), Some(_)) => format!(
                "{:?}: version {:?} against {active:?}, which is active",
                new.name, new.semver
            ),
            (Some(active), None) => format!(
                "version {active:?} of {:?} cannot be compared: this program refuses its file",
                new.name
            ),
            (None, _) => format!("there is no schema {:?} yet: all of it is new", new.name),
        },
    );
    let object = json!({
        "name": new.name, "active": active, "semver": new.semver, "same": is_same, "changes": changes,
        "stranded": stranded, "semver_used": needs_semver,
    });
    console.output.one(&object, &lines.join("\n"))?;
    ensure!(is_same || !exit_code, "the file differs from what is active");
    Ok(())
}

fn in_words(change: &Change) -> String {
    let Change { at, from, to } = change;
    match (from, to) {
        (Value::Null, Value::Object(_)) => format!("+ {at}"),
        (Value::Object(_), Value::Null) => format!("- {at}"),
        _ => format!("~ {at}: {} → {}", short(from), short(to)),
    }
}

fn short(value: &Value) -> String {
    const MOST: usize = 80;
    let text = if value.is_null() { "none".to_owned() } else { value.to_string() };
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
