//! Keys whose use is refused today, checked all the same: who writes them in hope
//! learns of a slip now.

use jiff::civil::{Date, Time};

use super::form::form;
use super::grammar::{
    boolean, duration, label, meta_key, name, name_form, plain_line, scalar, word,
};
use super::keys::{
    CALENDAR, CC, ETA, EVENT, HOLIDAY, Level, NOTIFY, PUBLIC, QUESTION, RETENTION, ROTA, SLO,
};
use super::read::{Fields, found, one_of};
use super::states::{Declared, MAX_STATES};
use super::task_type::webhooks;
use super::yaml::{Entry, Node, Value};
use super::{Problem, hook};

const DAYS: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

pub fn check_top(top: &Fields<'_>, problems: &mut Vec<Problem>) {
    if let Some(fields) = below(top, "retention", &RETENTION, problems) {
        for key in RETENTION.keys {
            fields.read(key, problems, duration);
        }
    }
    for fields in each_named(top, "calendars", &CALENDAR, problems) {
        fields.read("tz", problems, plain_line);
        for Entry { key, at, node } in fields.entries("hours", problems) {
            if !is_days(key) {
                let message =
                    format!("\"hours\" has the key {key:?}, expected \"mon\" or \"mon-fri\"");
                problems.push(at.problem(message));
            }
            check_hours(node, problems);
        }
        for node in fields.list("holidays", 0..=1_000, problems) {
            check_holiday(node, problems);
        }
    }
    for fields in each_named(top, "rotas", &ROTA, problems) {
        for key in ROTA.keys {
            fields.read(key, problems, source);
        }
    }
}

pub fn check_type(
    top: &Fields<'_>,
    fields: &Fields<'_>,
    declared: &Declared<'_>,
    problems: &mut Vec<Problem>,
) {
    let any = |node: &Node| declared.any(node);
    let pending = |node: &Node| declared.pending(node);
    for event in each_named(fields, "events", &EVENT, problems) {
        event.read("by", problems, word(&["poster", "third_party", "any"]));
        form(&event, "data", None, problems);
        event.read("merge_meta", problems, boolean);
        event.read("state", problems, any);
        event.text("label", problems, label);
    }
    for question in each_named(fields, "questions", &QUESTION, problems) {
        question.text("title", problems, label);
        form(&question, "form", None, problems);
        question.read("while_waiting", problems, pending);
        question.read("on_submit", problems, pending);
        question.read("expires", problems, duration);
    }
    for node in fields.list("cc", 0..=20, problems) {
        check_cc(node, problems);
    }
    if let Some(notify) = below(fields, "notify", &NOTIFY, problems) {
        notify.each("actions", 0..=MAX_STATES, problems, any);
        notify.read("lock_screen", problems, name);
    }
    if let Some(public) = below(fields, "public", &PUBLIC, problems) {
        for key in ["status", "stats", "due"] {
            public.read(key, problems, boolean);
        }
        public.text("title", problems, label);
        for Entry { key, at, .. } in public.entries("states", problems) {
            if let Err(expected) = declared.named(key) {
                let message = format!("\"states\" has the key {key:?}, expected {expected}");
                problems.push(at.problem(message));
            }
            if let Some(states) = public.inside("states") {
                states.text(key, problems, label);
            }
        }
        public.each("fields", 0..=100, problems, meta_key);
    }
    if let Some(eta) = below(fields, "eta", &ETA, problems) {
        eta.each("features", 0..=20, problems, plain_line);
    }
    if let Some(slo) = below(fields, "slo", &SLO, problems) {
        slo.read("resolve_within", problems, duration);
        slo.read("window", problems, duration);
        slo.read("target", problems, share);
        slo.read("calendar", problems, |node| named_in(top, "calendars", node));
    }
}

fn below<'a>(
    fields: &Fields<'a>,
    key: &str,
    level: &Level,
    problems: &mut Vec<Problem>,
) -> Option<Fields<'a>> {
    Fields::of(&format!("{key:?}"), fields.node(key)?, level, problems)
}

/// The mappings of a mapping whose keys are names of the file's own.
fn each_named<'a>(
    fields: &Fields<'a>,
    key: &str,
    level: &Level,
    problems: &mut Vec<Problem>,
) -> Vec<Fields<'a>> {
    let mut all = Vec::new();
    for Entry { key: given, at, node } in fields.entries(key, problems) {
        if let Err(expected) = name_form(given) {
            problems
                .push(at.problem(format!("{key:?} has the key {given:?}, expected {expected}")));
        }
        all.extend(Fields::of(level.noun, node, level, problems));
    }
    all
}

fn check_cc(node: &Node, problems: &mut Vec<Problem>) {
    let Some(fields) = Fields::of(CC.noun, node, &CC, problems) else { return };
    if fields.get("url").is_some() == fields.get("email").is_some() {
        let message = "a copy goes to \"url\" or to \"email\", expected one of the two";
        problems.push(node.at.problem(message));
    }
    fields.read("url", problems, hook::url);
    fields.read("email", problems, plain_line);
    fields.read("include_meta", problems, boolean);
    webhooks(&fields, problems);
}

fn check_hours(node: &Node, problems: &mut Vec<Problem>) {
    let wrong = match &node.value {
        Value::List(items) => items.iter().find(|item| !scalar(item).is_some_and(is_span)),
        _ => Some(node),
    };
    if let Some(node) = wrong {
        let message = format!(
            "\"hours\" has {}, expected a list of times such as \"09:00-17:00\"",
            found(node)
        );
        problems.push(node.at.problem(message));
    }
}

fn check_holiday(node: &Node, problems: &mut Vec<Problem>) {
    let day = |node: &Node| match scalar(node).map(str::parse::<Date>) {
        Some(Ok(_)) => Ok(()),
        _ => Err("a date such as 2026-12-25".to_owned()),
    };
    if !matches!(node.value, Value::Map(_)) {
        if let Err(expected) = day(node) {
            let message = format!("\"holidays\" has {}, expected {expected}", found(node));
            problems.push(node.at.problem(message));
        }
        return;
    }
    let Some(fields) = Fields::of(HOLIDAY.noun, node, &HOLIDAY, problems) else { return };
    fields.read("day", problems, day);
    if let Some(hours) = fields.node("hours") {
        check_hours(hours, problems);
    }
}

fn is_days(key: &str) -> bool {
    let (first, last) = key.split_once('-').unwrap_or((key, key));
    DAYS.contains(&first) && DAYS.contains(&last)
}

fn is_span(text: &str) -> bool {
    // Midnight at the end of a day is 24:00.
    let is_time = |text: &str| text.len() == 5 && (text == "24:00" || text.parse::<Time>().is_ok());
    text.split_once('-').is_some_and(|(from, to)| is_time(from) && is_time(to))
}

/// Of a rota: an address, or a secret that holds one.
fn source(node: &Node) -> Result<String, String> {
    match scalar(node).and_then(|text| text.strip_prefix("secret:")) {
        Some(name) => name_form(name),
        None => hook::url(node).map_err(|expected| format!("\"secret:NAME\" or {expected}")),
    }
}

fn share(node: &Node) -> Result<f64, String> {
    let share = scalar(node).and_then(|text| text.parse().ok());
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "a number from 0 to 1".to_owned())
}

fn named_in(top: &Fields<'_>, key: &str, node: &Node) -> Result<String, String> {
    let names: Vec<&str> = match top.node(key).map(|node| &node.value) {
        Some(Value::Map(entries)) => entries.iter().map(|entry| entry.key.as_str()).collect(),
        _ => Vec::new(),
    };
    let written = scalar(node).unwrap_or_default();
    match names.contains(&written) {
        true => Ok(written.to_owned()),
        false => Err(format!("one of {key:?}: {}", one_of(&names, "or"))),
    }
}
