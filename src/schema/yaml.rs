//! YAML text → a tree that knows where each part stands. The one file that
//! knows the YAML library.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::options::DuplicateKeyPolicy;
use serde_yaml::{Error, Location, NonFiniteFloatPolicy, Options, Spanned};

use super::read::quoted;
use super::{MAX_BYTES, Problem};

/// Far more than a schema needs, and little enough to refuse what nested
/// anchors unfold to before it costs a tenth of a second.
const MAX_NODES: usize = 50_000;
const MAX_DEPTH: usize = 32;
const MAX_UNFOLDED: usize = 10_000;
const TOO_MUCH: &str = "too much YAML, expected at most 50000 values, 32 levels, and 10000 values by 200 aliases of 50 anchors";

const START: Place = Place { line: 1, column: 1 };

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    pub line: u64,
    pub column: u64,
}

impl Place {
    pub fn problem(self, message: impl Into<String>) -> Problem {
        Problem { line: self.line, column: self.column, message: message.into() }
    }
}

#[derive(Debug)]
pub struct Node {
    pub value: Value,
    /// Where it is written, even if an alias or `<<` brings it here.
    pub at: Place,
    /// Where the alias or `<<` stands; else the same.
    pub used: Place,
}

/// Numbers and booleans keep their spelling: `semver: 1.10` means "1.10".
#[derive(Debug)]
pub enum Value {
    Null,
    Boolean(bool, String),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug)]
pub struct Entry {
    pub key: String,
    pub at: Place,
    pub node: Node,
}

/// The tree, with the duplicate keys and control characters found in it; or
/// the syntax error.
pub fn read(source: &str) -> Result<(Node, Vec<Problem>), Problem> {
    check_source(source)?;
    let raw = serde_yaml::from_str_with_options(source, options())
        .map_err(|error| in_words(&error, source))?;
    let mut problems = Vec::new();
    let mut root = placed(raw, source, &mut problems);
    if matches!(root.value, Value::Null) {
        // Behind all comments otherwise.
        root.at = START;
    }
    Ok((root, problems))
}

fn options() -> Options {
    serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_nodes: MAX_NODES,
            max_depth: MAX_DEPTH,
            max_anchors: 50,
            max_aliases: 200,
            max_merge_keys: 200,
        },
        alias_limits: serde_yaml::alias_limits! { max_total_replayed_events: MAX_UNFOLDED },
        // Ours to report: with the line of the first, and together with all else.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

fn check_source(source: &str) -> Result<(), Problem> {
    if source.len() > MAX_BYTES {
        return Err(START.problem(format!(
            "the file has {} bytes, expected at most {MAX_BYTES}",
            source.len()
        )));
    }
    let Some((offset, control)) =
        source.char_indices().find(|(_, letter)| forbidden(*letter) && *letter != '\r')
    else {
        return Ok(());
    };
    let before = &source[..offset];
    let line = before.matches('\n').count() as u64 + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
    Err(Place { line, column }.problem(control_character(control)))
}

fn forbidden(letter: char) -> bool {
    letter.is_control() && letter != '\n' && letter != '\t'
}

fn control_character(letter: char) -> String {
    format!("control character U+{:04X}, expected none but line breaks and tabs", u32::from(letter))
}

fn in_words(error: &Error, source: &str) -> Problem {
    let at = error.location().map_or(START, place);
    let mut cause = error.without_snippet();
    while let Error::AliasError { error, .. } = cause {
        cause = error.without_snippet();
    }
    let message = match cause {
        Error::MultipleDocuments { .. } => "a second YAML document, expected one a file".to_owned(),
        Error::NullIntoString { .. } => "a key without a name, expected text".to_owned(),
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            "an alias inside its own anchor".to_owned()
        }
        Error::Budget { .. } | Error::AliasReplayLimitExceeded { .. } => TOO_MUCH.to_owned(),
        other => {
            // The library ends its sentence with the place, which we tell apart.
            let sentence = other.to_string();
            match sentence
                .split_once(" at line ")
                .map_or(sentence.as_str(), |(sentence, _)| sentence)
            {
                "recursion limit exceeded" => TOO_MUCH.to_owned(),
                tab if is_about_tabs(tab) => {
                    return indenting_tab(source, at.line).unwrap_or_else(|| at.problem(tab));
                }
                sentence => sentence.to_owned(),
            }
        }
    };
    at.problem(message)
}

fn is_about_tabs(sentence: &str) -> bool {
    sentence
        .split(|letter: char| !letter.is_alphabetic())
        .any(|word| word == "tab" || word == "tabs")
}

/// The library points at the value before the tab when that could go on.
fn indenting_tab(source: &str, from_line: u64) -> Option<Problem> {
    (1..).zip(source.lines()).skip_while(|(line, _)| *line < from_line).find_map(|(line, text)| {
        let column = 1 + text.bytes().take_while(|byte| *byte == b' ').count();
        let found = text[column - 1..].starts_with('\t');
        found.then(|| {
            Place { line, column: column as u64 }.problem("a tab as indentation, expected spaces")
        })
    })
}

fn place(location: Location) -> Place {
    Place { line: location.line().max(1), column: location.column().max(1) }
}

/// What the library hands over; numbers have lost their spelling here.
enum Raw {
    Null,
    Boolean(bool),
    Number,
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

fn placed(raw: Spanned<Raw>, source: &str, problems: &mut Vec<Problem>) -> Node {
    let at = place(raw.defined);
    let spelling = || spelling(raw.defined, source).to_owned();
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Boolean(value) => Value::Boolean(value, spelling()),
        Raw::Number => Value::Number(spelling()),
        Raw::Text(text) => {
            check_text(&text, at, problems);
            Value::Text(text)
        }
        Raw::List(items) => {
            Value::List(items.into_iter().map(|item| placed(item, source, problems)).collect())
        }
        Raw::Map(entries) => Value::Map(placed_entries(entries, source, problems)),
    };
    Node { value, at, used: place(raw.referenced) }
}

fn placed_entries(
    entries: Vec<(Spanned<String>, Spanned<Raw>)>,
    source: &str,
    problems: &mut Vec<Problem>,
) -> Vec<Entry> {
    let mut lines = HashMap::new();
    let mut kept = Vec::with_capacity(entries.len());
    for (key, raw) in entries {
        let at = place(key.defined);
        let node = placed(raw, source, problems);
        if let Some(line) = lines.get(&key.value) {
            problems.push(
                at.problem(format!("duplicate key {}, first on line {line}", quoted(&key.value))),
            );
            continue;
        }
        check_text(&key.value, at, problems);
        lines.insert(key.value.clone(), at.line);
        kept.push(Entry { key: key.value, at, node });
    }
    kept
}

/// Escapes like `"\0"` bring in what the source itself may not hold.
fn check_text(text: &str, at: Place, problems: &mut Vec<Problem>) {
    if let Some(letter) = text.chars().find(|letter| forbidden(*letter)) {
        problems.push(at.problem(control_character(letter)));
    }
}

fn spelling(location: Location, source: &str) -> &str {
    let span = location.span();
    let (Some(start), Some(length)) = (span.byte_offset(), span.byte_len()) else {
        return "";
    };
    source.get(start as usize..(start + length) as usize).unwrap_or_default()
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Boolean(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}
