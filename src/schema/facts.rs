//! The facts of `meta`: which there are, how they look, what must be there.

use super::grammar::{self, boolean, label, meta_key, word};
use super::keys::{FIELD, KINDS};
use super::read::{Fields, Seen, quoted};
use super::yaml::Entry;
use super::{Field, Problem};

pub fn facts(task_type: &Fields<'_>, problems: &mut Vec<Problem>) -> Vec<Field> {
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
    let (currency, currency_from) = currency("a field", fields, kind, problems);
    let preview = fields.read("preview", problems, boolean);
    let blur = fields.read("blur", problems, boolean);
    let required = fields.read("required", problems, boolean).unwrap_or(false);
    let name = fields.read("name", problems, meta_key)?;
    let at = fields.node("kind").or(fields.node("name"))?.used;
    Some(Field { name, label, kind, currency, currency_from, required, preview, blur, at })
}

/// Of a field or an input, where only money has one.
pub fn currency(
    of: &str,
    fields: &Fields<'_>,
    kind: Option<&str>,
    problems: &mut Vec<Problem>,
) -> (Option<String>, Option<String>) {
    let currency = fields.read("currency", problems, grammar::currency);
    let currency_from = fields.read("currency_from", problems, grammar::pointer);
    for key in ["currency", "currency_from"] {
        // A kind that is itself wrong is told once.
        let is_money = kind == Some("money") || (kind.is_none() && fields.get("kind").is_some());
        if let Some(Entry { at, .. }) = fields.get(key)
            && !is_money
        {
            problems.push(at.problem(format!(
                "{key:?} on {of} that is no money, expected with kind \"money\" only"
            )));
        }
    }
    if let (Some(_), Some(Entry { at, .. })) = (fields.get("currency"), fields.get("currency_from"))
    {
        problems
            .push(at.problem("\"currency_from\" next to \"currency\", expected one of the two"));
    }
    (currency, currency_from)
}
