//! Where the next page of a list begins: opaque to callers, good only for the
//! list it came from.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Problem, Result};
use crate::token;

pub struct Cursor {
    pub at: Timestamp,
    pub id: Uuid,
}

impl Cursor {
    pub fn write(&self, list: &str) -> String {
        let mut bytes = self.at.as_microsecond().to_be_bytes().to_vec();
        bytes.extend_from_slice(self.id.as_bytes());
        bytes.extend_from_slice(&token::hash(list)[..4]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub fn read(text: &str, list: &str) -> Result<Cursor> {
        let cursor = || -> Option<Cursor> {
            let bytes: [u8; 28] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
            let (at, rest) = bytes.split_first_chunk::<8>()?;
            let (id, seal) = rest.split_first_chunk::<16>()?;
            let at = Timestamp::from_microsecond(i64::from_be_bytes(*at)).ok()?;
            // PostgreSQL's times do not go as far back as ours.
            let at = Some(at).filter(|at| *at >= Timestamp::UNIX_EPOCH)?;
            (*seal == token::hash(list)[..4]).then_some(Cursor { at, id: Uuid::from_bytes(*id) })
        };
        Ok(cursor().ok_or_else(|| {
            let detail = "\"cursor\" must be the \"next\" of a page with the same filters";
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "cursor_form", detail)
        })?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_list_only() {
        let cursor =
            Cursor { at: "2026-11-22T10:00:00.123456Z".parse().unwrap(), id: Uuid::now_v7() };
        let text = cursor.write("a");
        let back = Cursor::read(&text, "a").unwrap();
        assert_eq!((back.at, back.id), (cursor.at, cursor.id));
        for (text, list) in
            [(text.as_str(), "b"), ("", "a"), ("AAAA", "a"), ("é", "a"), (&text[1..], "a")]
        {
            assert!(Cursor::read(text, list).is_err(), "{text} {list}");
        }
    }
}
