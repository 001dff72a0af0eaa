//! JSON as it stands in a file: numbers keep their spelling, members their order.

use std::cmp::Ordering;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::Problem;
use super::read::found;
use super::yaml::{Node, Value};

/// As many as a number of a task may have.
const MAX_DIGITS: usize = 38;

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Boolean(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    /// The value of a node; a number that JSON cannot hold is told where it stands.
    pub fn of(node: &Node, problems: &mut Vec<Problem>) -> Option<Json> {
        Some(match &node.value {
            Value::Null => Json::Null,
            Value::Boolean(value, _) => Json::Boolean(*value),
            Value::Text(text) => Json::Text(text.clone()),
            Value::Number(_) => {
                let number = number(node).map_err(|expected| {
                    let message = format!("a number {}, expected {expected}", found(node));
                    problems.push(node.at.problem(message));
                });
                Json::Number(number.ok()?)
            }
            Value::List(items) => {
                let values: Vec<_> = items.iter().map(|item| Json::of(item, problems)).collect();
                Json::List(values.into_iter().collect::<Option<_>>()?)
            }
            Value::Map(entries) => {
                let member = |name: &str, value| Some((name.to_owned(), value?));
                let members: Vec<_> = entries
                    .iter()
                    .map(|entry| member(&entry.key, Json::of(&entry.node, problems)))
                    .collect();
                Json::Map(members.into_iter().collect::<Option<_>>()?)
            }
        })
    }

    pub fn text(text: impl Into<String>) -> Json {
        Json::Text(text.into())
    }

    pub fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Json {
        Json::List(texts.into_iter().map(Json::text).collect())
    }

    pub fn member(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Map(members) => members.iter().find(|(key, _)| key == name).map(|(_, json)| json),
            _ => None,
        }
    }

    /// 1 and 1.0 are one value.
    pub fn same(&self, other: &Json) -> bool {
        match (self, other) {
            (Json::Number(one), Json::Number(two)) => compare(one, two).is_eq(),
            _ => self == other,
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Boolean(value) => serializer.serialize_bool(*value),
            Json::Number(spelled) => RawValue::from_string(spelled.clone())
                .expect("what `number` lets through is JSON")
                .serialize(serializer),
            Json::Text(text) => serializer.serialize_str(text),
            Json::List(values) => serializer.collect_seq(values),
            Json::Map(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// Of the spellings YAML has for a number, the one that JSON has too. Without an
/// exponent: `1e131071` written out would be 131 kB.
pub fn number(node: &Node) -> Result<String, String> {
    let Value::Number(spelled) = &node.value else {
        return Err("a number".to_owned());
    };
    let unsigned = spelled.strip_prefix('-').unwrap_or(spelled);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let plain =
        is_digits(whole) && is_digits(fraction) && (whole == "0" || !whole.starts_with('0'));
    if plain && unsigned.len() <= MAX_DIGITS {
        return Ok(spelled.clone());
    }
    Err(format!("digits as in 40 or -0.5, at most {MAX_DIGITS}"))
}

pub fn whole(node: &Node) -> Result<String, String> {
    match number(node) {
        Ok(number) if !number.contains('.') => Ok(number),
        Ok(_) => Err("a whole number".to_owned()),
        Err(expected) => Err(expected.replacen("number", "whole number", 1)),
    }
}

/// A length or a count.
pub fn count(node: &Node) -> Result<String, String> {
    const MOST: u32 = 1_000_000;
    whole(node)
        .ok()
        .filter(|number| number.parse().is_ok_and(|count: u32| count <= MOST))
        .ok_or_else(|| format!("a whole number from 0 to {MOST}"))
}

/// Exactly, however many digits there are.
pub fn compare(one: &str, two: &str) -> Ordering {
    let ((one_negative, one), (two_negative, two)) = (parts(one), parts(two));
    let by_size = one.0.len().cmp(&two.0.len()).then_with(|| one.cmp(&two));
    match (one_negative, two_negative) {
        (false, false) => by_size,
        (true, true) => by_size.reverse(),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

/// Sign, digits before and after the point, without zeros that say nothing.
fn parts(number: &str) -> (bool, (&str, &str)) {
    let unsigned = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    (number.starts_with('-') && digits != ("", ""), digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_to_the_last_digit() {
        use Ordering::{Equal, Greater, Less};
        for (one, two, expected) in [
            ("1", "1.0", Equal),
            ("-0", "0", Equal),
            ("0.5", "0.50", Equal),
            ("2", "10", Less),
            ("-2", "-10", Greater),
            ("-1", "1", Less),
            ("0.05", "0.5", Less),
            ("9007199254740993", "9007199254740992", Greater),
            ("1.00000000000000000001", "1", Greater),
        ] {
            assert_eq!(compare(one, two), expected, "{one} {two}");
            assert_eq!(compare(two, one), expected.reverse(), "{two} {one}");
        }
    }
}
