//! However large, deep or wide a value is, it is judged at once.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{FORM, database};

const SCHEMAS: &[&str] = &[
    FORM,
    r#"{"items": {"type": "integer", "minimum": 0}, "maxItems": 100000}"#,
    r#"{"items": {"type": "string"}, "minLength": 1, "enum": [1, "a"]}"#,
    r#"{"properties": {"a": {"properties": {"a": {"required": ["a"]}}}}, "additionalProperties": {"type": "null"}}"#,
    r#"{"required": ["z"], "minProperties": 1, "maxProperties": 3, "additionalProperties": false}"#,
    r#"{"type": ["string", "array", "object"], "const": {"a": [1]}}"#,
];

/// Of one value, at the best of some tries: the machine has other things to do.
const LIMIT_MS: f64 = 200.0;

fn hostile(luck: &mut StdRng) -> String {
    let many = luck.random_range(1..4_000);
    match luck.random_range(0..8) {
        0 => format!("{}1{}", r#"{"a":"#.repeat(many), "}".repeat(many)),
        1 => format!("{}{}", "[".repeat(many), "]".repeat(many)),
        2 => format!("\"{}\"", ["x", "🦊", "\\n", "e\u{301}"][many % 4].repeat(65_536)),
        3 => format!(
            r#"{{"mail": "{}@", "url": "https://{}"}}"#,
            "a.".repeat(60_000),
            "@".repeat(60_000)
        ),
        4 => format!(
            r#"{{"day": "{}", "at": "2024-02-29T{}"}}"#,
            "2".repeat(60_000),
            "0:".repeat(60_000)
        ),
        5 => {
            let members: Vec<String> =
                (0..many * 5).map(|place| format!("\"~/{place}\":{place}")).collect();
            format!("{{{}}}", members.join(","))
        }
        6 => format!("[{}1]", ["1,", "1.5,", "\"a\",", "null,"][many % 4].repeat(99_999)),
        _ => format!("[{}{{}}]", r#"{"a":[1]},"#.repeat(many)),
    }
}

#[tokio::test]
async fn no_value_takes_long_to_judge() {
    let db = database().await;
    let mut luck = StdRng::seed_from_u64(20_261_127);
    let judge = "select extract(epoch from clock_timestamp() - began)::float8 * 1000, length(errors::text), value is null
                 from (select $1::text::jsonb as schema, $2::text::jsonb as value offset 0) given
                 cross join lateral (select clock_timestamp() as began, value as held offset 0) clock
                 cross join lateral (select inbox_internal.json_errors(schema, held, '') as errors offset 0) judged";
    for round in 0..500 {
        let schema = SCHEMAS[luck.random_range(0..SCHEMAS.len())];
        let value = hostile(&mut luck);
        let mut best = f64::MAX;
        for _ in 0..5 {
            let row = db.query_one(judge, &[&schema, &value]).await.unwrap();
            best = best.min(row.get(0));
            let told: i32 = row.get(1);
            assert!(told < 20_000, "round {round}, {schema}: {told} characters of errors");
            if best < LIMIT_MS {
                break;
            }
        }
        let start: String = value.chars().take(60).collect();
        assert!(
            best < LIMIT_MS,
            "round {round}, {schema}, {} bytes of {start}: {best} ms",
            value.len()
        );
    }
}
