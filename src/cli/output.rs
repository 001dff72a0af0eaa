//! What commands print: data to stdout, words to stderr.

use std::borrow::Cow;
use std::io::{self, Write};

use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Clone, Copy)]
pub struct Output {
    pub json: bool,
}

impl Output {
    pub fn new(json: bool) -> Output {
        Output { json }
    }

    /// A list as aligned columns, or all of it as one JSON array.
    pub fn list(&self, of_what: &str, columns: &[&str], objects: &[Box<RawValue>]) -> Result<()> {
        if self.json {
            return print_json(objects);
        }
        if objects.is_empty() {
            eprintln!("no {of_what}");
            return Ok(());
        }
        let heads = columns.iter().map(|column| column.replace('_', " ").to_uppercase()).collect();
        let mut rows = vec![heads];
        for object in objects {
            let object: Value = serde_json::from_str(object.get())?;
            rows.push(columns.iter().map(|column| cell(&object[column])).collect());
        }
        print_text(&aligned(&rows))
    }

    /// One thing: as JSON, or as a person reads it.
    pub fn one(&self, object: &(impl Serialize + ?Sized), text: &str) -> Result<()> {
        if self.json { print_json(object) } else { print_text(&format!("{text}\n")) }
    }

    /// What was done: words, or for programs the thing itself.
    pub fn done(&self, object: &impl Serialize, words: &str) -> Result<()> {
        eprintln!("{}", printable(words));
        if self.json { print_json(object) } else { Ok(()) }
    }
}

/// `name  value` lines.
pub fn pairs(pairs: &[(&str, &Value)]) -> String {
    let rows: Vec<Vec<String>> =
        pairs.iter().map(|(name, value)| vec![(*name).to_owned(), cell(value)]).collect();
    aligned(&rows).trim_end().to_owned()
}

/// Shown to a person, so no control characters: a title must not steer the terminal.
pub fn printable(text: &str) -> Cow<'_, str> {
    let steers = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    if text.contains(steers) { text.replace(steers, "\u{fffd}").into() } else { text.into() }
}

fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => moment(text).unwrap_or_else(|| text.clone()),
        Value::Array(parts) if parts.is_empty() => "-".to_owned(),
        Value::Array(parts) => parts.iter().map(cell).collect::<Vec<_>>().join(","),
        // Who it was, in lists that say who.
        Value::Object(members) if members.contains_key("kind") => {
            cell(value.get("name").unwrap_or(&Value::Null))
        }
        other => other.to_string(),
    };
    printable(&text).replace(['\n', '\t'], " ")
}

/// As SQL writes a point in time, to the second.
fn moment(text: &str) -> Option<String> {
    let looks_so = text.len() >= 20 && text.as_bytes()[10] == b'T';
    let at: Timestamp = looks_so.then(|| text.parse().ok())??;
    Some(at.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
}

fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in rows {
        let line: String =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}  ")).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn print_json<T: Serialize + ?Sized>(value: &T) -> Result<()> {
    print_text(&format!("{}\n", serde_json::to_string(value)?))
}

/// Not `println!`, which panics when the reader has gone, as in `… | head`.
fn print_text(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

pub fn reader_has_gone(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

pub fn complain(error: &anyhow::Error) {
    let code = match error.downcast_ref() {
        Some(crate::error::Error::Client(problem)) => format!(" ({})", problem.code),
        _ => String::new(),
    };
    eprintln!("error: {}{code}", printable(&format!("{error:#}")));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cell_is_one_harmless_line() {
        for (value, expected) in [
            (json!(null), "-"),
            (json!(true), "yes"),
            (json!(7), "7"),
            (json!([]), "-"),
            (json!(["read", "post"]), "read,post"),
            (json!({"kind": "person", "id": "1", "name": "ana"}), "ana"),
            (json!({"kind": "person"}), "-"),
            (json!({"semver": "1"}), r#"{"semver":"1"}"#),
            (json!("2026-11-22T10:00:00.123456+00:00"), "2026-11-22 10:00:00Z"),
            (json!("2026-11-22Twice upon a time"), "2026-11-22Twice upon a time"),
            (json!("two\nlines"), "two lines"),
            (json!("\u{1b}[2Jgone"), "\u{fffd}[2Jgone"),
        ] {
            assert_eq!(cell(&value), expected, "{value}");
        }
    }

    #[test]
    fn columns_are_aligned_and_end_without_blanks() {
        let rows =
            [vec!["ID".to_owned(), "NAME".to_owned()], vec!["100".to_owned(), "é".to_owned()]];
        assert_eq!(aligned(&rows), "ID   NAME\n100  é\n");
    }
}
