//! How soon people should look, and the rules that raise it.

use serde::Serialize;

use super::Problem;
use super::grammar::{plain_line, word};
use super::keys::{LEVELS, RULE, URGENCY};
use super::read::Fields;
use super::yaml::Value;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// A SQL/JSON path. Only PostgreSQL knows its grammar, and looks when it loads it.
    pub when: String,
    pub set: &'static str,
}

pub fn urgency(task_type: &Fields<'_>, problems: &mut Vec<Problem>) -> (&'static str, Vec<Rule>) {
    let level = word(LEVELS);
    let (default, rules) = match task_type.node("urgency") {
        Some(node) if matches!(node.value, Value::Map(_)) => {
            match Fields::of("\"urgency\"", node, &URGENCY, problems) {
                Some(fields) => (fields.read("default", problems, level), rules(&fields, problems)),
                None => (None, Vec::new()),
            }
        }
        _ => (task_type.read("urgency", problems, level), Vec::new()),
    };
    (default.unwrap_or("normal"), rules)
}

fn rules(urgency: &Fields<'_>, problems: &mut Vec<Problem>) -> Vec<Rule> {
    let mut rules = Vec::new();
    for node in urgency.list("rules", 0..=20, problems) {
        let Some(fields) = Fields::of("a rule", node, &RULE, problems) else { continue };
        let when = fields.read("when", problems, plain_line);
        let set = fields.read("set", problems, word(LEVELS));
        rules.extend(when.zip(set).map(|(when, set)| Rule { when, set }));
    }
    rules
}
