//! The schema as a whole and its task types.

use super::facts::facts;
use super::grammar::{self, description, label, name, scalar, template, word};
use super::keys::{HOOK_AUTH, TASK_TYPE, TOP};
use super::life::life;
use super::meta_schema::meta_schema;
use super::read::{Fields, Seen, one_of};
use super::reserved::{check_top, check_type};
use super::states::{Declared, states};
use super::urgency::urgency;
use super::yaml::{Entry, Node};
use super::{HookAuth, Problem, Schema, TaskType, Text, hook};

/// What a type hears of when it does not choose.
const DEFAULT_WEBHOOKS: &[&str] = &[
    "task.updated",
    "task.resolved",
    "task.reopened",
    "task.expired",
    "task.withdrawn",
    "task.commented",
    "question.asked",
];
const OTHER_WEBHOOKS: &[&str] = &["task.created", "task.changed", "action.finished"];

pub fn schema(root: &Node, problems: &mut Vec<Problem>) -> Option<Schema> {
    let fields = Fields::of("the file", root, &TOP, problems)?;
    let semver = fields.read("semver", problems, grammar::semver);
    let label = fields.text("label", problems, label);
    let default_hook_url = fields.read("default_hook_url", problems, hook::url);
    let hook_auth = hook_auth(&fields, problems);
    check_top(&fields, problems);
    let task_types = task_types(&fields, problems);
    let name = fields.read("name", problems, grammar::schema_name)?;
    let label = label.unwrap_or_else(|| Text::Plain(name.clone()));
    Some(Schema {
        name,
        semver: semver?,
        label,
        default_hook_url,
        hook_auth: hook_auth?,
        task_types,
    })
}

fn hook_auth(top: &Fields<'_>, problems: &mut Vec<Problem>) -> Option<HookAuth> {
    let Some(node) = top.node("hook_auth") else {
        return Some(HookAuth::Standard);
    };
    let fields = Fields::of("\"hook_auth\"", node, &HOOK_AUTH, problems)?;
    let header = fields.read("val", problems, hook::header_name);
    match fields.read("kind", problems, word(&["head", "standard"]))? {
        "head" => {
            if fields.get("val").is_none() {
                problems.push(node.at.problem("missing key \"val\" of \"hook_auth\", expected a header name for kind \"head\""));
            }
            header.map(|val| HookAuth::Head { val })
        }
        _ => {
            if let Some(Entry { at, .. }) = fields.get("val") {
                problems.push(
                    at.problem("\"val\" with kind \"standard\", expected with \"head\" only"),
                );
            }
            Some(HookAuth::Standard)
        }
    }
}

fn task_types(top: &Fields<'_>, problems: &mut Vec<Problem>) -> Vec<TaskType> {
    let mut seen = Seen::default();
    let mut types = Vec::new();
    for node in top.list("tasktypes", 1..=100, problems) {
        let Some(fields) = Fields::of("a task type", node, &TASK_TYPE, problems) else { continue };
        let Some(task_type) = task_type(top, &fields, problems) else { continue };
        if let Some(name) = fields.node("name")
            && let Some(line) = seen.before(&task_type.name, name)
        {
            problems.push(name.used.problem(format!(
                "task type {:?} is named twice, first on line {line}",
                task_type.name
            )));
        }
        types.push(task_type);
    }
    types
}

fn task_type(
    top: &Fields<'_>,
    fields: &Fields<'_>,
    problems: &mut Vec<Problem>,
) -> Option<TaskType> {
    let declared = Declared::in_type(fields);
    let states = states(fields, &declared, problems);
    let label = fields.text("label", problems, label);
    let description = fields.text("description", problems, description);
    let title = fields.text("title", problems, template);
    let facts = facts(fields, problems);
    let meta_schema = meta_schema(fields, &facts, problems);
    let initial_state =
        fields.read_nullable("initial_state", problems, |node| declared.pending(node));
    let hook_url = fields.read("hook_url", problems, hook::url);
    let webhooks = webhooks(fields, problems);
    let (urgency, urgency_rules) = urgency(fields, problems);
    let undo_seconds = fields.read("undo_seconds", problems, undo_seconds);
    let life = life(fields, &declared, &states, problems);
    check_type(top, fields, &declared, problems);
    let name = fields.read("name", problems, name)?;
    Some(TaskType {
        name,
        label,
        description,
        title,
        fields: facts,
        meta_schema,
        initial_state,
        hook_url,
        webhooks,
        urgency,
        urgency_rules,
        undo_seconds,
        life,
        states,
    })
}

fn undo_seconds(node: &Node) -> Result<u8, String> {
    let seconds = scalar(node).and_then(|written| written.parse().ok());
    seconds.filter(|seconds| *seconds <= 120).ok_or_else(|| "0 to 120 seconds".to_owned())
}

/// Also of who gets a copy.
pub fn webhooks(fields: &Fields<'_>, problems: &mut Vec<Problem>) -> Vec<&'static str> {
    if fields.get("webhooks").is_none() {
        return DEFAULT_WEBHOOKS.to_vec();
    }
    let known = [DEFAULT_WEBHOOKS, OTHER_WEBHOOKS].concat();
    fields.each("webhooks", 0..=known.len(), problems, |node| {
        let event = known.iter().copied().find(|event| scalar(node) == Some(event));
        event.ok_or_else(|| one_of(&known, "or"))
    })
}
