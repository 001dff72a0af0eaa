//! What somebody typed into an input: the JSON that it stands for, and in the
//! words of a form what is wrong with it.

use serde::de::IgnoredAny;
use serde_json::value::{RawValue, to_raw_value};

use crate::error::Problem;
use crate::json;
use crate::task::Input;

/// A number of more digits is not one that somebody typed.
const MAX_DIGITS: usize = 38;

/// What is wrong, and in which field; that of the comment is called so.
#[derive(Debug, PartialEq)]
pub struct Fault {
    pub field: String,
    pub words: String,
}

/// One of the faults that a refusal lists.
#[derive(Debug, serde::Deserialize)]
pub struct Named {
    pub pointer: String,
    pub detail: String,
}

pub fn named(problem: &Problem) -> Vec<Named> {
    let errors = problem.members.get("errors");
    errors.and_then(|errors| serde_json::from_str(errors.get()).ok()).unwrap_or_default()
}

/// The JSON of what was typed; none: nothing was.
pub fn value(input: &Input, typed: &str) -> Result<Option<Box<RawValue>>, String> {
    let trimmed = typed.trim();
    if input.kind == "checkbox" {
        // One that is seen and not ticked says no.
        return Ok((!trimmed.is_empty() || !input.required).then(|| raw(!trimmed.is_empty())));
    }
    if trimmed.is_empty() {
        return match input.kind.as_str() {
            _ if !input.has_default => Ok(None),
            // Emptied is not left as it was.
            "text" | "long_text" => Ok(Some(text(""))),
            _ => Err("cannot be left empty".to_owned()),
        };
    }
    match input.kind.as_str() {
        "number" => number(trimmed).ok_or("must be a number such as 12.5").map(Some),
        "integer" => number(trimmed).ok_or("must be a whole number").map(Some),
        "money" => match minor_units(trimmed, input.decimals) {
            Some(amount) => Ok(number(&amount)),
            None => return Err(amount_expected(input.decimals)),
        },
        "json" => return nested(trimmed).map(Some),
        "select" => match input.choices.iter().find(|choice| choice.value == trimmed) {
            Some(choice) => Ok(RawValue::from_string(choice.value.clone()).ok()),
            None => Ok(Some(text(trimmed))),
        },
        "datetime" => Ok(Some(text(&instant(trimmed)))),
        "date" | "url" | "email" => Ok(Some(text(trimmed))),
        _ => Ok(Some(text(typed))),
    }
    .map_err(str::to_owned)
}

/// Digits as they are: a number of a task is never rounded.
fn number(text: &str) -> Option<Box<RawValue>> {
    let (whole, part) = parts(text.strip_prefix('-').unwrap_or(text), '.')?;
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let sign = if text.starts_with('-') { "-" } else { "" };
    let point = if part.is_empty() { "" } else { "." };
    RawValue::from_string(format!("{sign}{whole}{point}{part}")).ok()
}

/// "40.5" is 4050 of two decimals. Some keyboards have only a comma for the point;
/// with three digits after it, it may be meant for thousands.
fn minor_units(text: &str, decimals: u8) -> Option<String> {
    let bare = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = match parts(bare, '.') {
        Some(parts) => parts,
        None => parts(bare, ',').filter(|(_, part)| (1..=2).contains(&part.len()))?,
    };
    let decimals = usize::from(decimals);
    if part.len() > decimals {
        return None;
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    Some(format!("{sign}{whole}{part}{}", "0".repeat(decimals - part.len())))
}

/// What stands before and after the point, digits only.
fn parts(text: &str, point: char) -> Option<(&str, &str)> {
    let (whole, part) = text.split_once(point).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let some = !whole.is_empty() || !part.is_empty();
    (some && digits(whole) && digits(part) && whole.len() + part.len() <= MAX_DIGITS)
        .then_some((whole, part))
}

fn amount_expected(decimals: u8) -> String {
    let example = match decimals {
        0 => "40".to_owned(),
        decimals => format!("40.{}", "0".repeat(decimals.into())),
    };
    format!("must be an amount such as {example}")
}

fn nested(typed: &str) -> Result<Box<RawValue>, String> {
    let raw = RawValue::from_string(typed.to_owned()).map_err(|error| {
        format!("is not JSON, line {} column {}: {error}", error.line(), error.column())
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned()
    })?;
    // As for everything that comes over the API.
    json::parse::<IgnoredAny>(&format!("{{\"value\":{typed}}}"))
        .map_err(|error| error.to_string())?;
    Ok(raw)
}

/// A browser sends no offset; the form says that it is UTC.
pub fn instant(typed: &str) -> String {
    match typed.len() {
        16 => format!("{typed}:00Z"),
        19.. if typed.get(10..).is_some_and(|time| !time.contains(['Z', 'z', '+', '-'])) => {
            format!("{typed}Z")
        }
        _ => typed.to_owned(),
    }
}

pub fn text(text: &str) -> Box<RawValue> {
    raw(text)
}

fn raw(value: impl serde::Serialize) -> Box<RawValue> {
    to_raw_value(&value).expect("text and booleans are JSON")
}

/// SQL speaks of JSON, a person sees an input.
pub fn said(input: &Input, detail: &str) -> String {
    match input.kind.as_str() {
        "checkbox" => "must be ticked".to_owned(),
        _ if detail == "is required" => "is needed".to_owned(),
        "select" => "must be one of these".to_owned(),
        "money" => format!("must be an amount{}", range(input)),
        _ => detail.to_owned(),
    }
}

/// " from 0.01 to 40.00"
pub fn range(input: &Input) -> String {
    match (&input.min, &input.max) {
        (Some(min), Some(max)) => format!(" from {min} to {max}"),
        (Some(min), None) => format!(" of at least {min}"),
        (None, Some(max)) => format!(" of at most {max}"),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_never_read_as_another() {
        for (typed, decimals, minor) in [
            ("40.00", 2, Some("4000")),
            ("40", 2, Some("4000")),
            ("40.5", 2, Some("4050")),
            ("40,5", 2, Some("4050")),
            (".5", 2, Some("50")),
            ("-12.50", 2, Some("-1250")),
            ("40.", 2, Some("4000")),
            ("1000", 0, Some("1000")),
            ("4.000", 3, Some("4000")),
            ("40.001", 2, None),
            ("1,000", 2, None),
            ("1,000", 3, None),
            ("1,000", 0, None),
            ("1.000,00", 2, None),
            ("1,000.00", 2, None),
            ("1.5", 0, None),
            ("40 EUR", 2, None),
            ("4e3", 2, None),
            ("+4", 2, None),
            ("٤", 2, None),
            (".", 2, None),
            ("-", 2, None),
        ] {
            assert_eq!(minor_units(typed, decimals).as_deref(), minor, "{typed} {decimals}");
        }
    }

    #[test]
    fn a_number_keeps_its_digits_and_is_one() {
        for (typed, number) in [
            ("12.50", Some("12.50")),
            ("007", Some("7")),
            ("-0.10", Some("-0.10")),
            (".5", Some("0.5")),
            (
                "99999999999999999999999999999999999999",
                Some("99999999999999999999999999999999999999"),
            ),
            ("999999999999999999999999999999999999999", None),
            ("1e9", None),
            ("0x10", None),
            ("1 000", None),
            ("NaN", None),
        ] {
            assert_eq!(super::number(typed).as_deref().map(RawValue::get), number, "{typed}");
        }
    }

    #[test]
    fn a_time_without_an_offset_is_utc() {
        for (typed, sent) in [
            ("2026-11-22T09:30", "2026-11-22T09:30:00Z"),
            ("2026-11-22T09:30:05", "2026-11-22T09:30:05Z"),
            ("2026-11-22T09:30:05.5", "2026-11-22T09:30:05.5Z"),
            ("2026-11-22T09:30:05+01:00", "2026-11-22T09:30:05+01:00"),
            ("tomorrow", "tomorrow"),
        ] {
            assert_eq!(instant(typed), sent);
        }
    }
}
