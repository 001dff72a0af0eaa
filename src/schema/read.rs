//! Reads the keys of one mapping and notes what is wrong with them, where.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::keys::Level;
use super::yaml::{Entry, Node, Value};
use super::{MAX_PROBLEMS, Problem, Text, grammar};

/// A mapping whose keys are known to be allowed.
pub struct Fields<'a> {
    entries: &'a [Entry],
}

impl<'a> Fields<'a> {
    /// `what` names the mapping in the sentence about it being none.
    pub fn of(
        what: &str,
        node: &'a Node,
        level: &Level,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            let with = match level.required {
                [] => String::new(),
                keys => format!(" with {}", one_of(keys, "and")),
            };
            let message = format!("{what} is {}, expected a mapping{with}", found(node));
            problems.push(node.at.problem(message));
            return None;
        };
        let mut misspelt = Vec::new();
        for Entry { key, at, .. } in entries {
            if !level.keys.contains(&key.as_str()) {
                let nearest = level.nearest(key);
                misspelt.extend(nearest);
                problems.push(at.problem(unknown(key, nearest, level)));
                // Thousands of strange keys are one mistake: another kind of file.
                if problems.len() > MAX_PROBLEMS {
                    return None;
                }
            } else if !level.acts_on(key) {
                problems.push(at.problem(format!("{key:?} is not supported by this version yet")));
            }
        }
        for key in level.required {
            // A misspelt key is told once.
            if !misspelt.contains(key) && !entries.iter().any(|entry| entry.key == *key) {
                problems.push(node.at.problem(format!("missing key {key:?} of {}", level.noun)));
            }
        }
        Some(Self { entries })
    }

    pub fn get(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub fn node(&self, key: &str) -> Option<&'a Node> {
        self.get(key).map(|entry| &entry.node)
    }

    /// `read` answers what was expected instead.
    pub fn read<T>(
        &self,
        key: &str,
        problems: &mut Vec<Problem>,
        read: impl Fn(&Node) -> Result<T, String>,
    ) -> Option<T> {
        let node = self.node(key)?;
        read(node)
            .map_err(|expected| {
                problems.push(
                    node.at.problem(format!("{key:?} is {}, expected {expected}", found(node))),
                );
            })
            .ok()
    }

    /// As [`Fields::read`], for keys where `null` says the same as leaving them out.
    pub fn read_nullable<T>(
        &self,
        key: &str,
        problems: &mut Vec<Problem>,
        read: impl Fn(&Node) -> Result<T, String>,
    ) -> Option<T> {
        match self.node(key)?.value {
            Value::Null => None,
            _ => self.read(key, problems, read),
        }
    }

    /// `check` may rewrite each string.
    pub fn text(
        &self,
        key: &str,
        problems: &mut Vec<Problem>,
        check: impl Fn(&Node) -> Result<String, String>,
    ) -> Option<Text> {
        let node = self.node(key)?;
        let Value::Map(entries) = &node.value else {
            let or_languages = |expected| format!("{expected}, or one per language");
            return self
                .read(key, problems, |node| check(node).map_err(or_languages))
                .map(Text::Plain);
        };
        if entries.is_empty() {
            problems.push(
                node.at.problem(format!("{key:?} is {{}}, expected text in at least one language")),
            );
        }
        let mut languages = BTreeMap::new();
        for Entry { key: language, at, node } in entries {
            if !grammar::is_language(language) {
                let message = format!(
                    "{key:?} has the key {}, expected a language such as \"en\"",
                    quoted(language)
                );
                problems.push(at.problem(message));
            }
            match check(node) {
                Ok(text) => {
                    languages.insert(language.clone(), text);
                }
                Err(expected) => {
                    let message = format!(
                        "{:?} is {}, expected {expected}",
                        format!("{key}.{language}"),
                        found(node)
                    );
                    problems.push(node.at.problem(message));
                }
            }
        }
        Some(Text::Languages(languages))
    }

    /// The entries of a list, empty when the key is absent. Its size is told
    /// at the key: a block list has no place of its own.
    pub fn list(
        &self,
        key: &str,
        sizes: RangeInclusive<usize>,
        problems: &mut Vec<Problem>,
    ) -> &'a [Node] {
        let Some(Entry { at, node, .. }) = self.get(key) else {
            return &[];
        };
        let Value::List(items) = &node.value else {
            problems.push(node.at.problem(format!("{key:?} is {}, expected a list", found(node))));
            return &[];
        };
        if !sizes.contains(&items.len()) {
            let (least, most) = sizes.into_inner();
            let message =
                format!("{key:?} has {} entries, expected {least} to {most}", items.len());
            problems.push(at.problem(message));
            return &[];
        }
        items
    }
}

impl<'a> Fields<'a> {
    /// The entries of a list, each read by itself; one given twice is told.
    pub fn each<T: PartialEq>(
        &self,
        key: &str,
        sizes: RangeInclusive<usize>,
        problems: &mut Vec<Problem>,
        read: impl Fn(&Node) -> Result<T, String>,
    ) -> Vec<T> {
        let mut values = Vec::new();
        for node in self.list(key, sizes, problems) {
            match read(node) {
                Ok(value) if values.contains(&value) => {
                    problems.push(node.at.problem(format!("{key:?} has {} twice", found(node))));
                }
                Ok(value) => values.push(value),
                Err(expected) => problems.push(
                    node.at.problem(format!("{key:?} has {}, expected {expected}", found(node))),
                ),
            }
        }
        values
    }

    /// The entries of a mapping whose keys are names of the file's own.
    pub fn entries(&self, key: &str, problems: &mut Vec<Problem>) -> &'a [Entry] {
        const MOST: usize = 100;
        let Some(Entry { at, node, .. }) = self.get(key) else {
            return &[];
        };
        match &node.value {
            Value::Map(entries) if entries.len() <= MOST => entries,
            Value::Map(entries) => {
                let message =
                    format!("{key:?} has {} entries, expected at most {MOST}", entries.len());
                problems.push(at.problem(message));
                &[]
            }
            _ => {
                let message = format!("{key:?} is {}, expected a mapping", found(node));
                problems.push(node.at.problem(message));
                &[]
            }
        }
    }

    /// The same as fields, to read their values.
    pub fn inside(&self, key: &str) -> Option<Fields<'a>> {
        match &self.node(key)?.value {
            Value::Map(entries) => Some(Fields { entries }),
            _ => None,
        }
    }
}

/// The lines on which names of one list stand, to find those given twice.
#[derive(Default)]
pub struct Seen(BTreeMap<String, u64>);

impl Seen {
    /// The line on which the name already stands.
    pub fn before(&mut self, name: &str, node: &Node) -> Option<u64> {
        let line = self.0.get(name).copied();
        self.0.entry(name.to_owned()).or_insert(node.used.line);
        line
    }
}

fn unknown(key: &str, nearest: Option<&str>, level: &Level) -> String {
    let key_in_words = quoted(key);
    if key == "pattern" {
        return "unknown key \"pattern\": patterns are not taken anywhere, one can keep a server busy for ever".to_owned();
    }
    if let Some(nearest) = nearest {
        return format!("unknown key {key_in_words}, did you mean {nearest:?}?");
    }
    let known: Vec<_> = level.keys.iter().copied().filter(|key| level.acts_on(key)).collect();
    match known.is_empty() {
        true => format!("unknown key {key_in_words} of {}", level.noun),
        false => format!("unknown key {key_in_words}, expected {}", one_of(&known, "or")),
    }
}

/// What stands there, for the sentence `"key" is …, expected …`.
pub fn found(node: &Node) -> String {
    match &node.value {
        Value::Null => "empty".to_owned(),
        Value::Boolean(_, text) | Value::Number(text) => cut(text),
        Value::Text(text) => quoted(text),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a mapping".to_owned(),
    }
}

/// Never with the password of a URL: messages are logged.
pub fn quoted(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(start), Some(end)) if start < end => {
            format!("{:?}", cut(&format!("{}://…{}", &text[..start], &text[end..])))
        }
        _ => format!("{:?}", cut(text)),
    }
}

/// To what fits a sentence.
fn cut(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `"a", "b" or "c"`.
pub fn one_of(words: &[&str], last: &str) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("{word:?}")).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}
