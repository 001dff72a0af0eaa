//! What a file is, found in its bytes and never believed from who sends it.

/// Bytes, and where they stand.
type Mark = (usize, &'static [u8]);

/// How a file of a kind begins.
const KINDS: &[(&str, &[Mark])] = &[
    ("image/png", &[(0, b"\x89PNG\r\n\x1a\n")]),
    ("image/jpeg", &[(0, b"\xff\xd8\xff")]),
    ("image/gif", &[(0, b"GIF87a")]),
    ("image/gif", &[(0, b"GIF89a")]),
    ("image/webp", &[(0, b"RIFF"), (8, b"WEBP")]),
    ("image/avif", &[(4, b"ftypavif")]),
    ("image/avif", &[(4, b"ftypavis")]),
    ("application/pdf", &[(0, b"%PDF-")]),
    ("application/zip", &[(0, b"PK\x03\x04")]),
    // One with nothing in it.
    ("application/zip", &[(0, b"PK\x05\x06")]),
];

/// SVG and HTML are text here: they would run where a picture is shown.
pub fn media_type(data: &[u8]) -> &'static str {
    let begins = |(at, mark): &Mark| data.get(*at..).is_some_and(|rest| rest.starts_with(mark));
    match KINDS.iter().find(|(_, marks)| marks.iter().all(begins)) {
        Some((kind, _)) => kind,
        None if is_text(data) => "text/plain",
        None => "application/octet-stream",
    }
}

fn is_text(data: &[u8]) -> bool {
    let is_shown = |byte: &u8| !byte.is_ascii_control() || b"\t\n\x0c\r".contains(byte);
    data.iter().all(is_shown) && std::str::from_utf8(data).is_ok()
}

/// As it is sent: a text says that it is UTF-8, or a browser guesses.
pub fn content_type(media_type: &str) -> String {
    match media_type {
        "text/plain" => "text/plain; charset=utf-8".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        for (data, expected) in [
            (&b"\x89PNG\r\n\x1a\n<script>"[..], "image/png"),
            (b"\x89PNG\r\n", "application/octet-stream"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"GIF87a;", "image/gif"),
            (b"GIF89a=1;alert(1)", "image/gif"),
            (b"GIF88a", "text/plain"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
            (b"RIFF\0\0\0\0WAVE", "application/octet-stream"),
            (b"\0\0\0\x1cftypavif", "image/avif"),
            (b"\0\0\0\x1cftypmp42", "application/octet-stream"),
            (b"%PDF-1.7", "application/pdf"),
            (b"x%PDF-1.7", "text/plain"),
            (b"PK\x03\x04", "application/zip"),
            (b"PK\x05\x06", "application/zip"),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "text/plain"),
            (b"<!doctype html><script>alert(1)</script>", "text/plain"),
            ("Grüße\r\n\tan alle".as_bytes(), "text/plain"),
            (b"Gr\xfc\xdfe", "application/octet-stream"),
            (b"a\0b", "application/octet-stream"),
        ] {
            assert_eq!(media_type(data), expected, "{data:?}");
        }
    }
}
