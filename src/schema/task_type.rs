//! The schema as a whole, its task types and their fields.

use super::grammar::{
    boolean, currency, description, duration, label, meta_key, name, pointer, scalar, template,
    word,
};
use super::keys::{FIELD, HOOK_AUTH, RETENTION, TASK_TYPE, TOP, URGENCY};
use super::read::{Fields, Seen, found, one_of, quoted};
use super::states::{Declared, MAX_STATES, states};
use super::yaml::{Entry, Node, Value};
use super::{Field, HookAuth, Problem, Schema, TaskType, Text, grammar, hook};

const URGENCIES: &[&str] = &["low", "normal", "high", "critical"];

const KINDS: &[&str] = &[
    "text",
    "long_text",
    "number",
    "integer",
    "money",
    "select",
    "checkbox",
    "date",
    "datetime",
    "url",
    "email",
    "json",
];

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
    retention(&fields, problems);
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

fn retention(top: &Fields<'_>, problems: &mut Vec<Problem>) {
    let Some(node) = top.node("retention") else { return };
    let Some(fields) = Fields::of("\"retention\"", node, &RETENTION, problems) else { return };
    for key in RETENTION.keys {
        fields.read(key, problems, duration);
    }
}

fn task_types(top: &Fields<'_>, problems: &mut Vec<Problem>) -> Vec<TaskType> {
    let mut seen = Seen::default();
    let mut types = Vec::new();
    for node in top.list("tasktypes", 1..=100, problems) {
        let Some(fields) = Fields::of("a task type", node, &TASK_TYPE, problems) else { continue };
        let Some(task_type) = task_type(&fields, problems) else { continue };
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

fn task_type(fields: &Fields<'_>, problems: &mut Vec<Problem>) -> Option<TaskType> {
    let declared = Declared::in_type(fields);
    let states = states(fields, &declared, problems);
    let label = fields.text("label", problems, label);
    let description = fields.text("description", problems, description);
    let title = fields.text("title", problems, template);
    let facts = facts(fields, problems);
    let initial_state =
        fields.read_nullable("initial_state", problems, |node| declared.pending(node));
    let hook_url = fields.read("hook_url", problems, hook::url);
    let webhooks = webhooks(fields, problems);
    let urgency = urgency(fields, problems);
    let undo_seconds = fields.read("undo_seconds", problems, undo_seconds);
    check_reserved(fields, &declared, problems);
    let name = fields.read("name", problems, name)?;
    Some(TaskType {
        name,
        label,
        description,
        title,
        fields: facts,
        initial_state,
        hook_url,
        webhooks,
        urgency,
        undo_seconds,
        states,
    })
}

fn undo_seconds(node: &Node) -> Result<u8, String> {
    let seconds = scalar(node).and_then(|written| written.parse().ok());
    seconds.filter(|seconds| *seconds <= 120).ok_or_else(|| "0 to 120 seconds".to_owned())
}

/// Keys whose use is refused today, checked all the same: who writes them in
/// hope learns of a slip now.
fn check_reserved(fields: &Fields<'_>, declared: &Declared<'_>, problems: &mut Vec<Problem>) {
    fields.read("respond_within", problems, duration);
    fields.read("claim_for", problems, duration);
    fields.read("reopen", problems, word(&["never", "admin", "anyone"]));
    fields.read_nullable("on_expire", problems, |node| declared.any(node));
    for node in fields.list("paused_states", 0..=MAX_STATES, problems) {
        if let Err(expected) = declared.pending(node) {
            problems.push(
                node.at
                    .problem(format!("\"paused_states\" has {}, expected {expected}", found(node))),
            );
        }
    }
}

fn facts(task_type: &Fields<'_>, problems: &mut Vec<Problem>) -> Vec<Field> {
    let mut seen = Seen::default();
    let mut facts = Vec::new();
    for node in task_type.list("fields", 0..=100, problems) {
        let Some(fields) = Fields::of("a field", node, &FIELD, problems) else { continue };
        let Some(fact) = fact(&fields, problems) else { continue };
        if let Some(name) = fields.node("name")
            && let Some(line) = seen.before(&fact.name, name)
        {
            problems.push(name.used.problem(format!(
                "field {} is named twice, first on line {line}",
                quoted(&fact.name)
            )));
        }
        facts.push(fact);
    }
    facts
}

fn fact(fields: &Fields<'_>, problems: &mut Vec<Problem>) -> Option<Field> {
    let label = fields.text("label", problems, label);
    let kind = fields.read("kind", problems, word(KINDS));
    let currency = fields.read("currency", problems, currency);
    let currency_from = fields.read("currency_from", problems, pointer);
    let preview = fields.read("preview", problems, boolean);
    let blur = fields.read("blur", problems, boolean);
    fields.read("required", problems, boolean);

    for key in ["currency", "currency_from"] {
        // A kind that is itself wrong is told once.
        let is_money = kind == Some("money") || (kind.is_none() && fields.get("kind").is_some());
        if let Some(Entry { at, .. }) = fields.get(key)
            && !is_money
        {
            problems.push(at.problem(format!(
                "{key:?} on a field that is no money, expected with kind \"money\" only"
            )));
        }
    }
    if let (Some(_), Some(Entry { at, .. })) = (fields.get("currency"), fields.get("currency_from"))
    {
        problems
            .push(at.problem("\"currency_from\" next to \"currency\", expected one of the two"));
    }
    let name = fields.read("name", problems, meta_key)?;
    Some(Field { name, label, kind, currency, currency_from, preview, blur })
}

fn webhooks(fields: &Fields<'_>, problems: &mut Vec<Problem>) -> Vec<&'static str> {
    if fields.get("webhooks").is_none() {
        return DEFAULT_WEBHOOKS.to_vec();
    }
    let known = [DEFAULT_WEBHOOKS, OTHER_WEBHOOKS].concat();
    let mut chosen = Vec::new();
    for node in fields.list("webhooks", 0..=known.len(), problems) {
        let Some(event) = known.iter().copied().find(|event| scalar(node) == Some(event)) else {
            let message =
                format!("\"webhooks\" has {}, expected {}", found(node), one_of(&known, "or"));
            problems.push(node.at.problem(message));
            continue;
        };
        if chosen.contains(&event) {
            problems.push(node.at.problem(format!("\"webhooks\" has {event:?} twice")));
        }
        chosen.push(event);
    }
    chosen
}

fn urgency(fields: &Fields<'_>, problems: &mut Vec<Problem>) -> &'static str {
    let level = match fields.node("urgency") {
        Some(node) if matches!(node.value, Value::Map(_)) => {
            let rules = Fields::of("\"urgency\"", node, &URGENCY, problems);
            rules.and_then(|rules| rules.read("default", problems, word(URGENCIES)))
        }
        _ => fields.read("urgency", problems, word(URGENCIES)),
    };
    level.unwrap_or("normal")
}
