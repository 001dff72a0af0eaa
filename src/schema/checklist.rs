//! `actions`: those that are ticked by hand are the checklist; those that call
//! somebody are checked and refused, since nothing calls yet.

use serde::Serialize;

use super::form::form;
use super::grammar::{boolean, label, name, word};
use super::keys::ACTION;
use super::read::{Fields, Seen};
use super::yaml::Entry;
use super::{Problem, Text, hook};

/// What only makes sense when something is called.
const OF_CALLS: &[&str] = &["url", "args", "confirm", "once", "after_settled"];

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    pub name: String,
    pub label: Option<Text>,
    /// Before a person may decide.
    pub required: bool,
}

pub fn checklist(task_type: &Fields<'_>, problems: &mut Vec<Problem>) -> Vec<Item> {
    let mut seen = Seen::default();
    let mut items = Vec::new();
    for node in task_type.list("actions", 0..=50, problems) {
        let Some(fields) = Fields::of("an action", node, &ACTION, problems) else { continue };
        let Some(item) = item(&fields, problems) else { continue };
        if let Some(name) = fields.node("name")
            && let Some(line) = seen.before(&item.name, name)
        {
            let message = format!("action {:?} is named twice, first on line {line}", item.name);
            problems.push(name.used.problem(message));
        }
        items.push(item);
    }
    items
}

fn item(fields: &Fields<'_>, problems: &mut Vec<Problem>) -> Option<Item> {
    let label = fields.text("label", problems, label);
    let present = fields.read("present", problems, word(&["menu", "checklist"]));
    let manual = fields.read("manual", problems, boolean).unwrap_or(false);
    let required = fields.read("required", problems, boolean).unwrap_or(false);
    fields.read("url", problems, hook::url);
    form(fields, "args", None, problems);
    for key in ["confirm", "once", "after_settled"] {
        fields.read(key, problems, boolean);
    }
    let in_list = present == Some("checklist");
    if let Some(Entry { at, .. }) = fields.get("required")
        && required
        && !in_list
    {
        problems.push(at.problem("\"required\" in the menu, expected with \"present: checklist\""));
    }
    for key in OF_CALLS {
        if let Some(Entry { at, .. }) = fields.get(key)
            && manual
        {
            problems.push(at.problem(format!("{key:?} on a manual action, which calls nothing")));
        }
    }
    let name = fields.read("name", problems, name)?;
    if !(manual && in_list) {
        let at = fields.node("name")?.used;
        problems.push(at.problem(format!(
            "action {name:?} is not supported by this version yet, only those with \"present: checklist\" and \"manual: true\" are"
        )));
    }
    Some(Item { name, label, required })
}
