//! Bodies of the API: read whole, checked for what PostgreSQL cannot hold, then
//! taken field by field, so that every refusal says where.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::de::{DeserializeOwned, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use tokio::time::timeout;

use crate::error::{Error, Problem};

/// 256 KiB: the largest task there is.
pub const MAX_BODY: usize = 256 * 1024;
/// A body that comes more slowly than this keeps its connection for nothing.
const PATIENCE: Duration = Duration::from_secs(15);
const MAX_DEPTH: usize = 64;
const MAX_DIGITS: usize = 38;

pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Json<T>, Error> {
        let text = read(request.into_body(), MAX_BODY).await?;
        Ok(Json(parse(&text)?))
    }
}

/// A body that may be left out.
pub struct Maybe<T>(pub T);

impl<T: Default + DeserializeOwned, S: Send + Sync> FromRequest<S> for Maybe<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Maybe<T>, Error> {
        let text = read(request.into_body(), MAX_BODY).await?;
        if text.trim().is_empty() { Ok(Maybe(T::default())) } else { Ok(Maybe(parse(&text)?)) }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => {
                ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body)
                    .into_response()
            }
            Err(error) => Error::Internal(error.into()).into_response(),
        }
    }
}

/// A whole number, however it is written: `60.0` and `6e1` are 60 to JSON Schema.
pub struct Whole<T>(pub T);

impl<'de, T: TryFrom<i64>> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Whole<T>, D::Error> {
        deserializer.deserialize_any(WholeVisitor(PhantomData))
    }
}

struct WholeVisitor<T>(PhantomData<T>);

impl<T: TryFrom<i64>> Visitor<'_> for WholeVisitor<T> {
    type Value = Whole<T>;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("a whole number that is not too large")
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Whole<T>, E> {
        let whole = T::try_from(number).map(Whole);
        whole.map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Whole<T>, E> {
        match i64::try_from(number) {
            Ok(number) => self.visit_i64(number),
            Err(_) => Err(E::invalid_value(Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Whole<T>, E> {
        // From 2^53 on it may have been another number that was written.
        if number.fract() != 0.0 || number.abs() >= 9_007_199_254_740_992.0 {
            return Err(E::invalid_value(Unexpected::Float(number), &self));
        }
        self.visit_i64(number as i64)
    }
}

/// The whole body as text.
pub async fn read(body: Body, most: usize) -> Result<String, Error> {
    let bytes = read_bytes(body, most).await?;
    String::from_utf8(bytes.into()).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        Problem::new(
            StatusCode::BAD_REQUEST,
            "body_utf8",
            format!("the body is not UTF-8 at byte {place}"),
        )
        .into()
    })
}

/// The whole body.
pub async fn read_bytes(body: Body, most: usize) -> Result<Bytes, Error> {
    let bytes = timeout(PATIENCE, axum::body::to_bytes(body, most)).await.map_err(|_| {
        let detail = format!("the body did not arrive within {} s", PATIENCE.as_secs());
        Problem::new(StatusCode::REQUEST_TIMEOUT, "body_time", detail)
    })?;
    bytes.map_err(|_| {
        let detail = format!("the body is larger than {} KiB, or was cut short", most / 1024);
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_size", detail).into()
    })
}

pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    check_object(text)?;
    if let Err((pointer, detail)) = storable(text) {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "value_storable", detail)
            .at(&pointer)
            .into());
    }
    fields(text)
}

/// What holds many values that are judged one by one later.
pub fn outline<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    check_object(text)?;
    fields(text)
}

fn check_object(text: &str) -> Result<(), Problem> {
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        let detail = format!("the body is not JSON: {error}");
        return Err(Problem::new(StatusCode::BAD_REQUEST, "body_json", detail));
    }
    // serde would take an array for the fields in their order.
    if !text.trim_start().starts_with('{') {
        let detail = "the body must be a JSON object";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "body_shape", detail).at(""));
    }
    Ok(())
}

fn fields<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let mut fields = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut fields).map_err(|error| {
        let detail = error.inner().to_string();
        // Where in the file serde was is of no use once the place is named.
        let detail = detail.split(" at line ").next().unwrap_or_default().to_owned();
        let pointer = pointer_to(error.path(), &detail);
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "body_shape", detail).at(&pointer).into()
    })
}

/// `unknown field` names its field; for the rest serde's own path is right.
fn pointer_to(path: &serde_path_to_error::Path, detail: &str) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Map { key } => pointer.push_str(&format!("/{}", escaped(key))),
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    if pointer.is_empty()
        && let Some(name) =
            detail.strip_prefix("missing field `").and_then(|rest| rest.split('`').next())
    {
        pointer = format!("/{}", escaped(name));
    }
    pointer
}

pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Finds what PostgreSQL would refuse or blow up: NUL, half a surrogate pair,
/// numbers over 38 digits written out (`1e131071` is 131 kB), nesting without
/// end. Takes text that is known to be JSON.
fn storable(text: &str) -> Result<(), (String, String)> {
    let bytes = text.as_bytes();
    // The key or index of each open object or array.
    let mut path: Vec<String> = Vec::new();
    let mut expects_key = Vec::new();
    let mut at = 0;
    let fail = |path: &[String], detail: &str| {
        let pointer: String = path.iter().map(|step| format!("/{}", escaped(step))).collect();
        Err((pointer, detail.to_owned()))
    };
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => {
                let object = bytes[at] == b'{';
                expects_key.push(object);
                path.push(if object { String::new() } else { "0".to_owned() });
                if path.len() > MAX_DEPTH {
                    return fail(&path[..8], &format!("nested deeper than {MAX_DEPTH} levels"));
                }
            }
            b'}' | b']' => {
                path.pop();
                expects_key.pop();
            }
            b',' => {
                let next = path
                    .last()
                    .and_then(|index| index.parse::<usize>().ok())
                    .map(|index| index + 1);
                if let (Some(false), Some(next), Some(last)) =
                    (expects_key.last(), next, path.last_mut())
                {
                    *last = next.to_string();
                }
            }
            b'"' => {
                let end = string_end(bytes, at);
                let raw = &text[at..=end];
                let Ok(value) = serde_json::from_str::<String>(raw) else {
                    return fail(&path, "half a surrogate pair, which is no character");
                };
                if is_key(bytes, end)
                    && let Some(last) = path.last_mut()
                {
                    last.clone_from(&value);
                }
                if value.contains('\0') {
                    return fail(&path, "the character U+0000 cannot be stored");
                }
                at = end;
            }
            b'-' | b'0'..=b'9' => {
                let end = bytes[at..]
                    .iter()
                    .position(|byte| {
                        !matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')
                    })
                    .map_or(bytes.len(), |length| at + length);
                if digits(&text[at..end]) > MAX_DIGITS {
                    return fail(&path, &format!("a number of more than {MAX_DIGITS} digits"));
                }
                at = end - 1;
            }
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len() - 1)
}

fn is_key(bytes: &[u8], end: usize) -> bool {
    bytes[end + 1..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

/// How many digits the number has when it is written out without an exponent.
fn digits(number: &str) -> usize {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let written = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let exponent =
        exponent.parse::<i64>().map_or(usize::MAX, |exponent| exponent.unsigned_abs() as usize);
    written.saturating_add(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_stored_is_named_with_its_place() {
        let deep = format!("{{\"meta\":{}{}}}", "[".repeat(70), "]".repeat(70));
        for (text, expected) in [
            (r#"{"meta":{"a":"ok","n":12345678901234567890123456789012345678}}"#, None),
            (r#"{"meta":{"a":"x\u0000"}}"#, Some("/meta/a")),
            (r#"{"meta":{"x\u0000":1}}"#, Some("/meta/x\0")),
            (r#"{"meta":{"a":[1,"\ud800"]}}"#, Some("/meta/a/1")),
            (r#"{"meta":{"a":[1,2,1e131071]}}"#, Some("/meta/a/2")),
            (r#"{"meta":{"a/b":123456789012345678901234567890123456789}}"#, Some("/meta/a~1b")),
            (r#"{"a":{"b":1},"c":-1e-9999}"#, Some("/c")),
            (r#"{"a":"\"{[","c":1e99999999999999999999}"#, Some("/c")),
            ("3", None),
            (deep.as_str(), Some("/meta/0/0/0/0/0/0/0")),
        ] {
            assert_eq!(
                storable(text).err().map(|(pointer, _)| pointer).as_deref(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_whole_number_is_whole_however_it_is_written() {
        for (text, expected) in [
            ("60", Some(60)),
            ("60.0", Some(60)),
            ("6e1", Some(60)),
            ("-0.0", Some(0)),
            ("-60.00", Some(-60)),
            ("60.5", None),
            ("2147483648", None),
            ("2147483648.0", None),
            ("18446744073709551615", None),
            ("1e300", None),
            ("\"60\"", None),
            ("null", None),
        ] {
            let whole = serde_json::from_str::<Whole<i32>>(text);
            assert_eq!(whole.ok().map(|Whole(number)| number), expected, "{text}");
        }
    }

    #[test]
    fn a_wrong_body_is_refused_with_the_field() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "only the refusals matter")]
        struct Body {
            name: String,
            tags: Vec<String>,
            meta: Option<Box<serde_json::value::RawValue>>,
        }
        for (text, code, pointer) in [
            ("", "body_json", None),
            ("{", "body_json", None),
            ("{} x", "body_json", None),
            ("[]", "body_shape", Some("")),
            (r#"{"name":1,"tags":[]}"#, "body_shape", Some("/name")),
            (r#"{"name":"a","tags":["x",2]}"#, "body_shape", Some("/tags/1")),
            (r#"{"name":"a"}"#, "body_shape", Some("/tags")),
            (r#"{"name":"a","tags":[],"nmae":"b"}"#, "body_shape", Some("/nmae")),
        ] {
            let Error::Client(problem) = parse::<Body>(text).unwrap_err() else { panic!("{text}") };
            assert_eq!(problem.code, code, "{text}");
            let errors = problem.members.get("errors").map(|errors| errors.get().to_owned());
            let expected = pointer.map(|pointer| format!("\"pointer\":\"{pointer}\""));
            assert_eq!(errors.is_some(), expected.is_some(), "{text}: {}", problem.detail);
            assert!(
                errors.unwrap_or_default().contains(&expected.unwrap_or_default()),
                "{text}: {}",
                problem.detail
            );
        }
        assert!(parse::<Body>(r#"{"name":"a","tags":[],"meta":{"a":1.10}}"#).is_ok());
    }
}
