//! JSON text with line breaks for reading. It is not parsed, so that every digit
//! stays what was sent.

const INDENT: &str = "  ";

pub fn json(text: &str) -> String {
    let mut pretty = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let (mut in_string, mut escaped) = (false, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if in_string {
            pretty.push(letter);
            in_string = escaped || letter != '"';
            escaped = letter == '\\' && !escaped;
            continue;
        }
        match letter {
            ' ' | '\n' | '\r' | '\t' => {}
            '{' | '[' => {
                pretty.push(letter);
                while letters.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                match letters.next_if(|next| matches!(next, '}' | ']')) {
                    Some(end) => pretty.push(end),
                    None => {
                        depth += 1;
                        new_line(&mut pretty, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut pretty, depth);
                pretty.push(letter);
            }
            ',' => {
                pretty.push(letter);
                new_line(&mut pretty, depth);
            }
            ':' => pretty.push_str(": "),
            letter => {
                in_string = letter == '"';
                pretty.push(letter);
            }
        }
    }
    pretty
}

/// Deep nesting is not worth a line of nothing but blanks.
fn new_line(pretty: &mut String, depth: usize) {
    pretty.push('\n');
    (0..depth.min(20)).for_each(|_| pretty.push_str(INDENT));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_broken_into_lines_and_nothing_else_changes() {
        for (text, pretty) in [
            ("{}", "{}"),
            ("[ ]", "[]"),
            (
                r#"{"a":1.10,"b":[9223372036854775808,{}]}"#,
                "{\n  \"a\": 1.10,\n  \"b\": [\n    9223372036854775808,\n    {}\n  ]\n}",
            ),
            (r#"{"a": "x, y: {\"z\\"}"#, "{\n  \"a\": \"x, y: {\\\"z\\\\\"\n}"),
            ("}]not json", "\n}\n]notjson"),
            ("", ""),
        ] {
            assert_eq!(json(text), pretty, "{text}");
        }
        assert!(json(&"[".repeat(10_000)).len() < 500_000);
    }
}
