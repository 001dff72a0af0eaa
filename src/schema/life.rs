//! The life of a task between post and settlement: its deadline, whose it is, what
//! is ticked, and what it is merged with.

use serde::Serialize;

use super::checklist::{Item, checklist};
use super::grammar::{duration, person, pointer, word};
use super::keys::{ASSIGN, MERGE};
use super::read::{Fields, one_of, quoted};
use super::states::{Declared, MAX_STATES};
use super::yaml::{Entry, Node};
use super::{Problem, State};

const CLAIM_FOR: u64 = 900;
const MAX_PEOPLE: usize = 100;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Life {
    pub paused_states: Vec<String>,
    /// In seconds; None: there is no deadline but the poster's.
    pub respond_within: Option<u64>,
    pub on_expire: Option<String>,
    pub reopen: &'static str,
    /// In seconds; 0: nobody claims.
    pub claim_for: u64,
    pub assign: Option<Assign>,
    /// None: everybody who may decide.
    pub candidates: Option<Vec<String>>,
    pub merge_key: Option<String>,
    pub checklist: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Assign {
    To(String),
    RoundRobin(Vec<String>),
}

pub fn life(
    fields: &Fields<'_>,
    declared: &Declared<'_>,
    states: &[State],
    problems: &mut Vec<Problem>,
) -> Life {
    let pending = |node: &Node| declared.pending(node);
    let candidates = fields
        .get("candidates")
        .map(|_| fields.each("candidates", 1..=MAX_PEOPLE, problems, person));
    Life {
        paused_states: fields.each("paused_states", 0..=MAX_STATES, problems, pending),
        respond_within: fields.read("respond_within", problems, time_to_respond),
        on_expire: on_expire(fields, declared, states, problems),
        reopen: fields
            .read("reopen", problems, word(&["never", "admin", "anyone"]))
            .unwrap_or("never"),
        claim_for: fields.read("claim_for", problems, duration).unwrap_or(CLAIM_FOR),
        assign: assign(fields, candidates.as_deref(), problems),
        candidates,
        merge_key: merge_key(fields, problems),
        checklist: checklist(fields, problems),
    }
}

/// With none at all every task would be late at once, and settled by nobody.
fn time_to_respond(node: &Node) -> Result<u64, String> {
    match duration(node)? {
        0 => Err("at least one second".to_owned()),
        seconds => Ok(seconds),
    }
}

/// The clock fills in no form and writes no comment.
fn on_expire(
    fields: &Fields<'_>,
    declared: &Declared<'_>,
    states: &[State],
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let name = fields.read_nullable("on_expire", problems, |node| declared.any(node))?;
    let node = fields.node("on_expire")?;
    let state = states.iter().find(|state| state.name == name)?;
    let wanted = state.form.as_ref().and_then(|form| form.wants.first());
    if let Some(input) = wanted {
        problems.push(node.at.problem(format!(
            "\"on_expire\" is {name:?}, whose input {} is required and has no default",
            quoted(input)
        )));
    }
    if state.comment == "required" {
        problems
            .push(node.at.problem(format!("\"on_expire\" is {name:?}, which requires a comment")));
    }
    Some(name)
}

fn assign(
    task_type: &Fields<'_>,
    candidates: Option<&[String]>,
    problems: &mut Vec<Problem>,
) -> Option<Assign> {
    let node = task_type.node("assign")?;
    let fields = Fields::of("\"assign\"", node, &ASSIGN, problems)?;
    let given = ASSIGN.keys.iter().filter(|key| fields.get(key).is_some()).count();
    if given != 1 {
        let message = format!(
            "\"assign\" has {given} of its keys, expected one: {}",
            one_of(ASSIGN.keys, "or")
        );
        problems.push(node.at.problem(message));
    }
    // Who may not decide gets no task either.
    let allowed = |node: &Node| {
        let name = person(node)?;
        match candidates {
            Some(candidates) if !candidates.contains(&name) => {
                Err("one of \"candidates\"".to_owned())
            }
            _ => Ok(name),
        }
    };
    let to = fields.read("to", problems, allowed).map(Assign::To);
    let in_turn = fields.each("round_robin", 1..=MAX_PEOPLE, problems, allowed);
    to.or((!in_turn.is_empty()).then_some(Assign::RoundRobin(in_turn)))
}

fn merge_key(task_type: &Fields<'_>, problems: &mut Vec<Problem>) -> Option<String> {
    let Entry { node, .. } = task_type.get("merge")?;
    let fields = Fields::of("\"merge\"", node, &MERGE, problems)?;
    fields.read("key", problems, pointer)
}
