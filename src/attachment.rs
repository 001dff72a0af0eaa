//! Files: what they are by their first bytes, and how they leave the server so that
//! no browser takes them for a page of ours.

mod kind;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;
use uuid::Uuid;

use crate::app::App;
use crate::error::{Problem, Result};

pub use kind::media_type;

/// Nothing is loaded, nothing runs, and it has no origin.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
/// Kept by the browser of who may see it, and asked about each time.
const KEPT: &str = "private, no-cache";

/// The file for who may see its task, or 304 for who has it already.
pub async fn read(app: &App, id: &str, actor: &Value, headers: &HeaderMap) -> Result<Response> {
    let id = Uuid::try_parse(id).map_err(|_| {
        let detail = format!("there is no attachment \"{id}\"");
        Problem::new(StatusCode::NOT_FOUND, "attachment_exists", detail)
    })?;
    let sql =
        "select name, media_type, sha256, data from inbox_internal.read_attachment($1, $2, $3)";
    let row = app.db.row(sql, &[&id, actor, &known(headers)]).await?;
    let (name, media_type, sha256) = (row.get(0), row.get(1), row.get::<_, &str>(2));
    let about = [
        (header::ETAG, format!("\"{sha256}\"")),
        (header::CACHE_CONTROL, KEPT.to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
    ];
    Ok(match row.get::<_, Option<Vec<u8>>>(3) {
        None => (StatusCode::NOT_MODIFIED, about).into_response(),
        Some(data) => {
            let what = [
                (header::CONTENT_TYPE, kind::content_type(media_type)),
                (header::CONTENT_DISPOSITION, disposition(name, media_type)),
            ];
            (about, what, data).into_response()
        }
    })
}

/// The hashes of which the asker has the file (RFC 9110), `*` for whatever it is.
fn known(headers: &HeaderMap) -> Vec<&str> {
    let given = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    let tags = given.flat_map(|tags| tags.split(','));
    tags.map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"')).collect()
}

/// RFC 6266: the name in ASCII for old programs, and as it is. Only pictures, which
/// hold nothing that runs, are shown where they are.
fn disposition(name: &str, media_type: &str) -> String {
    let shown = if media_type.starts_with("image/") { "inline" } else { "attachment" };
    let is_plain =
        |letter: char| letter.is_ascii_alphanumeric() || " !#$&+-.^_`|~()@".contains(letter);
    let plain: String =
        name.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
    let whole: String = name
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect();
    format!("{shown}; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_within_its_header() {
        for (name, expected) in [
            ("a b.png", "filename=\"a b.png\"; filename*=UTF-8''a%20b.png"),
            (
                "Straße €.pdf",
                "filename=\"Stra_e _.pdf\"; filename*=UTF-8''Stra%C3%9Fe%20%E2%82%AC.pdf",
            ),
            (
                "a\"; x=\"b\\%41'",
                "filename=\"a__ x__b__41_\"; filename*=UTF-8''a%22%3B%20x%3D%22b%5C%2541%27",
            ),
        ] {
            assert_eq!(
                disposition(name, "text/plain"),
                format!("attachment; {expected}"),
                "{name}"
            );
        }
        assert!(disposition("a", "image/png").starts_with("inline; "));
    }

    #[test]
    fn tags_are_read_in_all_their_forms() {
        for (text, expected) in
            [("\"a\"", vec!["a"]), ("W/\"a\" , \"b\"", vec!["a", "b"]), ("*", vec!["*"])]
        {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, text.parse().unwrap())]);
            assert_eq!(known(&headers), expected);
        }
    }
}
