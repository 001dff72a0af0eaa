//! Single values: each function reads one node or says what it expected.

use super::read::one_of;
use super::yaml::{Node, Value};

pub const MAX_NAME: usize = 63;

/// Any scalar as it is spelled, so that `semver: 1` and a state named `no` work.
pub fn scalar(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) | Value::Number(text) | Value::Boolean(_, text) => Some(text),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// Of a task type or a state. Upper case and `.` are for files of the first
/// task-inbox.
pub fn name(node: &Node) -> Result<String, String> {
    name_form(scalar(node).unwrap_or_default())
}

/// As [`name`], for one that is a key of the file.
pub fn name_form(written: &str) -> Result<String, String> {
    named(written, "_.-", "letters, digits, \"_\", \"-\" or \".\"")
}

pub fn schema_name(node: &Node) -> Result<String, String> {
    let written = scalar(node).unwrap_or_default();
    named(written, "_.-:/", "letters, digits, \"_\", \"-\", \".\", \":\" or \"/\"")
}

fn named(written: &str, signs: &str, in_words: &str) -> Result<String, String> {
    Some(written)
        .filter(|name| name.len() <= MAX_NAME)
        .filter(|name| name.starts_with(|first: char| first.is_ascii_alphanumeric()))
        .filter(|name| {
            name.chars().all(|letter| letter.is_ascii_alphanumeric() || signs.contains(letter))
        })
        .map(str::to_owned)
        .ok_or_else(|| format!("1 to {MAX_NAME} {in_words}, a letter or digit first"))
}

/// As the constraint `person_name_form` has it.
pub fn person(node: &Node) -> Result<String, String> {
    scalar(node)
        .filter(|name| name.len() <= MAX_NAME)
        .filter(|name| {
            name.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        })
        .filter(|name| {
            name.chars().all(|letter| {
                letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_.@+-".contains(letter)
            })
        })
        .map(str::to_owned)
        .ok_or_else(|| "the name of a person such as \"ana\"".to_owned())
}

pub fn semver(node: &Node) -> Result<String, String> {
    scalar(node)
        .filter(|semver| (1..=64).contains(&semver.len()))
        .filter(|semver| {
            semver.chars().all(|letter| letter.is_ascii_alphanumeric() || ".+-_".contains(letter))
        })
        .map(str::to_owned)
        .ok_or_else(|| "1 to 64 letters, digits, \".\", \"+\", \"-\" or \"_\"".to_owned())
}

/// One line for people.
pub fn label(node: &Node) -> Result<String, String> {
    line(node, 200)
}

pub fn description(node: &Node) -> Result<String, String> {
    text(node, 4_000)
}

/// A key of `meta`.
pub fn meta_key(node: &Node) -> Result<String, String> {
    line(node, 200)
}

/// Of a program, such as a SQL/JSON path.
pub fn plain_line(node: &Node) -> Result<String, String> {
    line(node, 500)
}

fn line(node: &Node, most: usize) -> Result<String, String> {
    scalar(node)
        .filter(|text| is_line(text, most))
        .map(str::to_owned)
        .ok_or_else(|| format!("one line of 1 to {most} characters"))
}

pub fn is_line(text: &str, most: usize) -> bool {
    is_text(text, most) && !text.contains(['\n', '\t'])
}

fn is_text(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most
}

fn text(node: &Node, most: usize) -> Result<String, String> {
    scalar(node)
        .filter(|text| is_text(text, most))
        .map(str::to_owned)
        .ok_or_else(|| format!("text of 1 to {most} characters"))
}

/// A title with `{pointer}` places; each comes out as `{/pointer}`.
pub fn template(node: &Node) -> Result<String, String> {
    let template = line(node, 500)?;
    let mut compiled = String::new();
    let mut rest = template.as_str();
    while let Some((before, place)) = rest.split_once('{') {
        let (written, after) = place.split_once('}').ok_or("a \"}\" for each \"{\"")?;
        let pointer = pointer_from(written).ok_or(
            "a key of \"meta\" or a JSON Pointer in each {…}, such as {order} or {/order/id}",
        )?;
        compiled += &format!("{before}{{{pointer}}}");
        rest = after;
    }
    compiled += rest;
    // Places hold no braces, so each "}" too many shows in the count.
    if compiled.matches('}').count() != compiled.matches('{').count() {
        return Err("a \"{\" for each \"}\"".to_owned());
    }
    Ok(compiled)
}

pub fn pointer(node: &Node) -> Result<String, String> {
    scalar(node)
        .and_then(pointer_from)
        .ok_or_else(|| "a JSON Pointer into \"meta\" such as \"/order/id\", or one key".to_owned())
}

/// [RFC 6901](https://www.rfc-editor.org/rfc/rfc6901); a bare word is the key
/// of that name.
fn pointer_from(written: &str) -> Option<String> {
    let path = match written.strip_prefix('/') {
        Some(path) => path,
        None if written.contains('/') => return None,
        None => written,
    };
    let escapes_end_well = path.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    let fits = !written.trim().is_empty()
        && written.len() <= 500
        && !written.contains(['\n', '\t', '{', '}']);
    (fits && escapes_end_well).then(|| format!("/{path}"))
}

/// Seconds, or a number with a unit.
pub fn duration(node: &Node) -> Result<u64, String> {
    const TEN_YEARS: u64 = 3_653 * 86_400;
    scalar(node).and_then(seconds).filter(|seconds| *seconds <= TEN_YEARS).ok_or_else(|| {
        "seconds or a duration like \"90s\", \"15m\", \"4h\" or \"7d\", at most ten years"
            .to_owned()
    })
}

fn seconds(written: &str) -> Option<u64> {
    let digits = written.trim_end_matches(|last: char| last.is_ascii_alphabetic());
    let unit = match &written[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let number: u64 =
        digits.parse().ok().filter(|_| digits.starts_with(|first: char| first.is_ascii_digit()))?;
    number.checked_mul(unit)
}

pub fn currency(node: &Node) -> Result<String, String> {
    scalar(node)
        .filter(|code| code.len() == 3 && code.chars().all(|letter| letter.is_ascii_uppercase()))
        .map(str::to_owned)
        .ok_or_else(|| "the three capital letters of a currency, such as \"EUR\"".to_owned())
}

pub fn boolean(node: &Node) -> Result<bool, String> {
    match node.value {
        Value::Boolean(value, _) => Ok(value),
        _ => Err("true or false".to_owned()),
    }
}

/// One of a few words.
pub fn word(words: &'static [&'static str]) -> impl Fn(&Node) -> Result<&'static str, String> {
    move |node| {
        let written = scalar(node);
        words.iter().copied().find(|word| Some(*word) == written).ok_or_else(|| one_of(words, "or"))
    }
}

/// A language tag ([RFC 5646](https://www.rfc-editor.org/rfc/rfc5646)) by its form.
pub fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=8).contains(&first.len())
        && first.chars().all(|letter| letter.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len())
                && part.chars().all(|letter| letter.is_ascii_alphanumeric())
        })
}
