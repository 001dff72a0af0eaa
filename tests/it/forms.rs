//! Forms and facts: what is taken, what is refused, and in which words. One
//! judge, in SQL, says so for people, applications and `psql` alike.

mod library;
mod limits;

use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::postgres;

async fn database() -> Client {
    postgres::client(&postgres::fresh_database().await).await
}

/// What a function says of a schema, a form or a type, and of a value; numbers as they are written.
async fn judged(db: &Client, function: &str, rules: &str, value: &str) -> Vec<(String, String)> {
    let query = match function {
        "json_errors" => {
            "select inbox_internal.json_errors($1::text::jsonb, $2::text::jsonb, '')::text"
        }
        "meta_errors" => {
            "select inbox_internal.meta_errors($1::text::jsonb, $2::text::jsonb)::text"
        }
        _ => "select inbox.form_errors(form => $1::text::jsonb, value => $2::text::jsonb)::text",
    };
    let text: String = db
        .query_one(query, &[&rules, &value])
        .await
        .unwrap_or_else(|error| panic!("{rules} {value}: {error:?}"))
        .get(0);
    let errors: Vec<Value> = serde_json::from_str(&text).unwrap();
    let word = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
    errors.iter().map(|error| (word(error, "pointer"), word(error, "detail"))).collect()
}

/// Each row: a schema, values that are good, and values that are not with what is said of them.
type Row<'a> = (&'a str, &'a [&'a str], &'a [(&'a str, &'a str)]);

async fn keep_promises(function: &str, rows: &[Row<'_>]) {
    let db = database().await;
    for (rules, good, bad) in rows {
        for value in *good {
            assert_eq!(judged(&db, function, rules, value).await, [], "{rules} {value}");
        }
        for (value, expected) in *bad {
            let found = judged(&db, function, rules, value).await;
            let found: Vec<String> = found
                .into_iter()
                .map(|(pointer, detail)| format!("{pointer} {detail}").trim_start().to_owned())
                .collect();
            assert_eq!(found.join(", "), *expected, "{rules} {value}");
        }
    }
}

const KEYWORDS: &[Row<'_>] = &[
    (
        r#"{"type": "string"}"#,
        &[r#""""#],
        &[("1", "must be a text"), ("null", "must be a text"), ("[]", "must be a text")],
    ),
    (
        r#"{"type": "integer"}"#,
        &["1", "1.0", "-1e2", "9223372036854775808"],
        &[("1.5", "must be a whole number"), (r#""1""#, "must be a whole number")],
    ),
    (r#"{"type": "number"}"#, &["1.5", "0"], &[("true", "must be a number")]),
    (
        r#"{"type": ["boolean", "null"]}"#,
        &["false", "null"],
        &[("0", "must be true or false or null")],
    ),
    (
        r#"{"type": ["object", "array"]}"#,
        &["{}", "[]"],
        &[(r#""{}""#, "must be an object or a list")],
    ),
    (
        r#"{"enum": [1, "a", {"b": [2]}, null]}"#,
        &["1.0", r#""a""#, r#"{"b": [2.0]}"#, "null"],
        &[
            (r#""b""#, r#"must be one of 1, "a", {"b": [2]}, null"#),
            ("{}", r#"must be one of 1, "a", {"b": [2]}, null"#),
            ("true", r#"must be one of 1, "a", {"b": [2]}, null"#),
            ("[1]", r#"must be one of 1, "a", {"b": [2]}, null"#),
        ],
    ),
    (r#"{"enum": []}"#, &[], &[("1", "must be one of none")]),
    (
        r#"{"const": true}"#,
        &["true"],
        &[("false", "must be true"), ("1", "must be true"), (r#""true""#, "must be true")],
    ),
    (r#"{"const": null}"#, &["null"], &[("0", "must be null")]),
    (
        r#"{"minimum": 1, "maximum": 2.5}"#,
        &["1", "2.5", r#""0""#],
        &[("0.99", "must be at least 1"), ("2.51", "must be at most 2.5")],
    ),
    (
        r#"{"exclusiveMinimum": 1, "exclusiveMaximum": 2}"#,
        &["1.01", "[9]"],
        &[("1.0", "must be more than 1"), ("2e0", "must be less than 2")],
    ),
    (
        r#"{"minLength": 2, "maxLength": 3}"#,
        &[r#""🦊é""#, r#""abc""#, "7"],
        &[
            (r#""🦊""#, "must have 2 or more characters"),
            ("\"e\u{301}e\u{301}\"", "must have 3 or fewer characters"),
        ],
    ),
    (
        r#"{"minItems": 1, "maxItems": 2}"#,
        &["[1]", "{}"],
        &[("[]", "must have 1 or more items"), ("[1, 2, 3]", "must have 2 or fewer items")],
    ),
    (
        r#"{"minProperties": 1, "maxProperties": 2}"#,
        &[r#"{"a": 1}"#, "[]"],
        &[
            ("{}", "must have 1 or more members"),
            (r#"{"a": 1, "b": 2, "c": 3}"#, "must have 2 or fewer members"),
        ],
    ),
    (
        r#"{"required": ["a", "b/c~"]}"#,
        &[r#"{"a": null, "b/c~": 1}"#, r#"["a"]"#, r#""a""#],
        &[("{}", "/a is required, /b~1c~0 is required")],
    ),
    (
        r#"{"properties": {"a": {"type": "integer"}, "b": false}}"#,
        &["{}", r#"{"a": 1, "z": 1}"#, r#"["b"]"#],
        &[(r#"{"a": "x", "b": 1}"#, "/a must be a whole number, /b is not known here")],
    ),
    (
        r#"{"properties": {"a": {}}, "additionalProperties": false}"#,
        &[r#"{"a": 1}"#, "[1]"],
        &[(r#"{"a": 1, "~/": 2}"#, "/~0~1 is not known here")],
    ),
    (
        r#"{"properties": {"a": {}}, "additionalProperties": {"type": "string"}}"#,
        &[r#"{"a": 1, "b": "x"}"#],
        &[(r#"{"b": 1}"#, "/b must be a text")],
    ),
    (
        r#"{"items": {"properties": {"n": {"items": {"maximum": 1}}}}}"#,
        &[r#"[{"n": [1]}, 3]"#, r#"{"n": [5]}"#],
        &[(r#"[{}, {"n": [1, 2]}]"#, "/1/n/1 must be at most 1")],
    ),
    (r#"{"items": false}"#, &["[]"], &[("[1]", "/0 is not known here")]),
    (r#"{"title": "T", "format": "date", "pattern": "^a", "$comment": 1}"#, &[r#""b""#], &[]),
];

#[tokio::test]
async fn a_schema_is_kept_keyword_by_keyword() {
    keep_promises("json_errors", KEYWORDS).await;
}

const FORM: &str = r#"{
    "type": "object", "required": ["amount", "sure"], "additionalProperties": false, "x-order": ["amount", "sure"],
    "properties": {
        "amount": {"type": "integer", "minimum": 1, "x-currency": "EUR", "x-kind": "money"},
        "sure": {"const": true, "x-kind": "checkbox"},
        "reason": {"type": ["string", "null"], "maxLength": 5, "title": "Reason", "x-kind": "long_text"},
        "size": {"enum": ["small", 2, null], "default": "small", "x-kind": "select"},
        "day": {"type": ["string", "null"], "format": "date", "x-kind": "date"},
        "at": {"type": ["string", "null"], "format": "date-time", "x-kind": "datetime"},
        "url": {"type": ["string", "null"], "format": "uri", "x-kind": "url"},
        "mail": {"type": ["string", "null"], "format": "email", "x-kind": "email"},
        "more": {"type": ["object", "array", "null"], "x-kind": "json"}
    }
}"#;

#[tokio::test]
async fn a_form_takes_what_it_asks_for_and_nothing_else() {
    let long = format!(r#"{{"amount": 1, "sure": true, "more": ["{}"]}}"#, "é".repeat(8_191));
    keep_promises("form_errors", &[
        (FORM, &[
            r#"{"amount": 1, "sure": true}"#,
            r#"{"amount": 1.0, "sure": true, "reason": "🦊🦊🦊🦊🦊", "size": 2.0, "more": {"n": null}, "unknown": null}"#,
            r#"{"amount": 1, "sure": true, "size": null, "day": null}"#,
            r#"{"amount": 1, "sure": true, "day": "2024-02-29", "at": "2024-02-29t23:59:59.5z"}"#,
        ], &[
            ("null", "/amount is required, /sure is required"),
            (r#"{"amount": null, "sure": false}"#, "/amount is required, /sure must be true"),
            (r#"{"amount": 0, "sure": true, "size": "big"}"#, r#"/size must be one of "small", 2, null, /amount must be at least 1"#),
            (r#"{"amount": "1", "sure": true, "reason": "123456"}"#, "/amount must be a whole number, /reason must have 5 or fewer characters"),
            (r#"{"amount": 1, "sure": true, "more": "{}"}"#, "/more must be an object or a list or null"),
            (&long, "/more must have 16384 or fewer bytes"),
            (r#"{"amount": 1, "sure": true, "b~/": 1}"#, "/b~0~1 is not known here"),
            ("[]", "must be an object"),
            (r#""x""#, "must be an object"),
        ]),
        ("null", &["null", "{}", r#"{"a": null}"#], &[
            (r#"{"a/": 1}"#, "/a~1 this state takes no arguments"),
            ("[]", "must be an object"),
        ]),
    ])
    .await;
}

/// The input of the form, and what it takes and refuses.
const FORMATS: &[(&str, &str, &str)] = &[
    (
        "day",
        "2024-02-29 | 2000-02-29 | 0001-01-01 | 9999-12-31",
        " | 2023-02-29 | 1900-02-29 | 2024-04-31 | 2024-13-01 | 2024-00-10 | 2024-01-00 | 0000-01-01 | 2024-1-1 \
         | 20240101 | 2024-01-01\n | 2024-01-01\t | tomorrow | ２０２４-01-01 | 2024-01-01T00:00:00Z",
    ),
    (
        "at",
        "2024-02-29T23:59:59Z | 2024-01-01T00:00:00.123456789+23:59 | 2024-01-01t00:00:00-00:00",
        " | 2024-01-01 | 2024-01-01T00:00:00 | 2024-01-01 00:00:00Z | 2024-01-01T24:00:00Z | 2024-01-01T00:60:00Z \
         | 2024-01-01T00:00:60Z | 2024-02-30T00:00:00Z | 2024-01-01T00:00:00+24:00 | 2024-01-01T00:00:00+0100 \
         | 2024-01-01T00:00:00.Z | 2024-01-01T00:00Z | 2024-01-01T00:00:00Z\n | now",
    ),
    (
        "url",
        "https://a | HTTP://münchen.example:80/ü?q=[1]#x | https://[::1]/@user",
        " | https:// | https:///x | https://:80 | http:/a | ftp://a | javascript:alert(1) | https://a b | https://a\n \
         | \thttps://a | https://bank.example@evil.example | https://a\\b | https://a/<b> | https://]",
    ),
    (
        "mail",
        "a@b | a.b+c@d-e.example | o'neil@x.example",
        " | a | @b | a@ | a@@b | a@b. | a@.b | a@-b | a b@c | a@b, c@d | A <a@b> | a@b\n | a@b\nbcc: c@d",
    ),
];

#[tokio::test]
async fn a_date_an_instant_an_address_is_one() {
    let db = database().await;
    let filled =
        |name: &str, text: &str| json!({"amount": 1, "sure": true, name: text}).to_string();
    for (name, good, bad) in FORMATS {
        for text in good.split(" | ") {
            assert_eq!(judged(&db, "form_errors", FORM, &filled(name, text)).await, [], "{text:?}");
        }
        for text in bad.split(" | ") {
            let found = judged(&db, "form_errors", FORM, &filled(name, text)).await;
            assert!(found.len() == 1 && found[0].0 == format!("/{name}"), "{text:?}: {found:?}");
        }
    }
    for (length, faults) in [(2_000, 0), (2_001, 1)] {
        let url = format!("{:x<length$}", "https://a/");
        assert_eq!(judged(&db, "form_errors", FORM, &filled("url", &url)).await.len(), faults);
    }
}

#[tokio::test]
async fn what_is_kept_of_a_form_has_its_defaults_and_no_nulls() {
    let db = database().await;
    for (value, expected) in [
        ("null", r#"{"size": "small"}"#),
        (
            r#"{"size": null, "sure": false, "more": [null]}"#,
            r#"{"more": [null], "size": "small", "sure": false}"#,
        ),
        (r#"{"size": 2}"#, r#"{"size": 2}"#),
        ("[]", "[]"),
    ] {
        let filled = "select inbox_internal.form_filled($1::text::jsonb, $2::text::jsonb)::text";
        let found: String = db.query_one(filled, &[&FORM, &value]).await.unwrap().get(0);
        assert_eq!(found, expected, "{value}");
    }
    let nothing =
        "select inbox_internal.form_filled(null, null)::text || inbox.form_errors(null, null)";
    assert_eq!(db.query_one(nothing, &[]).await.unwrap().get::<_, String>(0), "{}[]");
}

/// By the kind of the field `a`.
const KINDS: &[Row<'_>] = &[
    (
        "text",
        &["{}", r#"{"a": null}"#, r#"{"a": ""}"#],
        &[(r#"{"a": 1}"#, "/meta/a must be a text")],
    ),
    ("integer", &[r#"{"a": 1.0}"#], &[(r#"{"a": 1.5}"#, "/meta/a must be a whole number")]),
    ("number", &[r#"{"a": 1.5}"#], &[(r#"{"a": "1"}"#, "/meta/a must be a number")]),
    ("money", &[r#"{"a": 4000}"#], &[(r#"{"a": 40.5}"#, "/meta/a must be a whole number")]),
    (
        "select",
        &[r#"{"a": 1}"#, r#"{"a": "x"}"#, r#"{"a": false}"#],
        &[(r#"{"a": []}"#, "/meta/a must be a text or a number or true or false")],
    ),
    ("checkbox", &[r#"{"a": true}"#], &[(r#"{"a": "true"}"#, "/meta/a must be true or false")]),
    (
        "date",
        &[r#"{"a": "2024-02-29"}"#],
        &[(r#"{"a": "2023-02-29"}"#, "/meta/a must be a date such as 2026-11-22")],
    ),
    (
        "datetime",
        &[r#"{"a": "2024-02-29T00:00:00Z"}"#],
        &[(
            r#"{"a": "2024-02-29"}"#,
            "/meta/a must be an instant with its offset, such as 2026-11-22T09:30:00+01:00",
        )],
    ),
    (
        "url",
        &[r#"{"a": "https://a"}"#],
        &[(r#"{"a": "a"}"#, "/meta/a must be an http or https address of at most 2000 characters")],
    ),
    ("email", &[r#"{"a": "a@b"}"#], &[(r#"{"a": "a"}"#, "/meta/a must be one mail address")]),
    (
        "json",
        &[r#"{"a": []}"#, r#"{"a": {}}"#],
        &[(r#"{"a": "[]"}"#, "/meta/a must be an object or a list")],
    ),
];

const FACTS: &[Row<'_>] = &[
    (
        r#"{"fields": [{"name": "a", "required": true}, {"name": "b", "required": false}]}"#,
        &[r#"{"a": 0}"#],
        &[(r#"{"a": null}"#, "/meta/a is required")],
    ),
    (
        r#"{"fields": [{"name": "o/~1/0", "kind": "integer", "required": true}]}"#,
        &[r#"{"o": {"/": [1]}}"#],
        &[
            (r#"{"o/~1/0": 1}"#, "/meta/o/~1/0 is required"),
            (r#"{"o": {"/": ["x"]}}"#, "/meta/o/~1/0 must be a whole number"),
        ],
    ),
    (
        r#"{"fields": [{"name": "a", "kind": "text"}], "meta_schema": {"required": ["b"], "properties": {"b": {"maximum": 1}}}}"#,
        &[r#"{"b": 1}"#],
        &[
            (r#"{"a": 1}"#, "/meta/a must be a text, /meta/b is required"),
            (r#"{"b": 2}"#, "/meta/b must be at most 1"),
        ],
    ),
    (r#"{"fields": [{"name": "a"}], "meta_schema": null}"#, &[r#"{"a": [1]}"#], &[]),
    ("{}", &["{}", r#"{"a": 1}"#], &[]),
];

#[tokio::test]
async fn facts_are_of_the_kind_their_field_says() {
    let type_of = |kind: &str| json!({"fields": [{"name": "a", "kind": kind}]}).to_string();
    let types: Vec<String> = KINDS.iter().map(|(kind, ..)| type_of(kind)).collect();
    let rows = types.iter().zip(KINDS).map(|(rules, (_, good, bad))| (rules.as_str(), *good, *bad));
    keep_promises("meta_errors", &rows.collect::<Vec<_>>()).await;
    keep_promises("meta_errors", FACTS).await;
}
