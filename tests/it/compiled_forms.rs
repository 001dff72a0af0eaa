//! Compiled forms, as a published validator of another language judges them.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::server::{Server, within};
use crate::source::{ROOT, files};

/// An input, what fits it, and what does not. Formats are notes to a validator.
fn kinds() -> Vec<(&'static str, Value, Value)> {
    vec![
        ("kind: text, min: 2, max: 3", json!(["ab", "🦊🦊🦊"]), json!(["a", "abcd", 1, true, {}])),
        ("kind: long_text", json!(["", "x".repeat(4_000)]), json!(["x".repeat(4_001), []])),
        ("kind: number, min: -0.5, max: 1", json!([-0.5, 0, 1]), json!([-0.6, 1.1, "1"])),
        ("kind: integer, min: 1", json!([1, 9007199254740991_i64]), json!([0, 1.5, "1"])),
        ("kind: money, currency: EUR", json!([0, -5, 4000]), json!([40.5, "4000"])),
        (
            "kind: select, options: [a, 1, {value: true, label: Yes}]",
            json!(["a", 1, true]),
            json!(["1", "true", "b", 0]),
        ),
        ("kind: date", json!(["2026-12-31"]), json!([20261231])),
        ("kind: datetime", json!(["2026-12-31T18:00:00Z"]), json!([0])),
        ("kind: url", json!(["https://a.example/"]), json!([{}])),
        ("kind: email", json!(["ana@example.org"]), json!([false])),
        ("kind: json", json!([{}, [], {"a": [null]}]), json!(["{}", 1, true])),
    ]
}

/// A form of one input `a`, and whether whole values fit it.
fn cases(fits: &Value, does_not: &Value, required: bool) -> Vec<Value> {
    let each = |values: &Value, fits: bool| {
        let values = values.as_array().unwrap();
        values.iter().map(|value| json!([{"a": value}, fits])).collect::<Vec<_>>()
    };
    let mut cases = [each(fits, true), each(does_not, false)].concat();
    // Absent and null are the same, and an unknown input is refused.
    cases.extend([json!([{}, !required]), json!([{"a": null}, !required])]);
    cases.extend([json!([{"a": fits[0], "b": 1}, false]), json!([[], false])]);
    cases
}

/// The forms of all states as the API shows them.
async fn forms(server: &Server, source: &str) -> Vec<Value> {
    let loaded = server.upload(source, 201).await;
    let shown = server.get(&format!("/schemas/{}", loaded["name"].as_str().unwrap())).await;
    let types = shown["definition"]["task_types"].as_array().unwrap().clone();
    let mut schemas: Vec<Value> = types.iter().map(|one| one["meta_schema"].clone()).collect();
    for state in types.iter().flat_map(|one| one["states"].as_array().unwrap()) {
        schemas.push(state["form"].clone());
    }
    schemas.retain(|schema| !schema.is_null());
    schemas
}

#[tokio::test]
#[ignore = "needs Node and the ajv package: `make test` brings them"]
async fn any_validator_judges_a_form_as_we_do() {
    let server = Server::start().await;
    let mut asked = Vec::new();
    let boxes = [("kind: checkbox", true), ("kind: checkbox", false)];
    let tables = kinds().into_iter().flat_map(|(input, fits, does_not)| {
        [(input, true), (input, false)]
            .map(|(input, required)| (input, required, fits.clone(), does_not.clone()))
    });
    let ticked = boxes.map(|(input, required)| {
        let (fits, does_not) = if required {
            (json!([true]), json!([false, 1]))
        } else {
            (json!([true, false]), json!([1]))
        };
        (input, required, fits, does_not)
    });
    for (number, (input, required, fits, does_not)) in tables.chain(ticked).enumerate() {
        let source = format!(
            "name: f{number}\nsemver: 1\ntasktypes: [{{name: t, resolved_states: [{{name: x, args: [{{name: a, required: {required}, {input}}}]}}]}}]"
        );
        let schema = forms(&server, &source).await.remove(0);
        asked.push(json!({"schema": schema, "cases": cases(&fits, &does_not, required)}));
    }
    let reasons = "name: reasons\nsemver: 1\ntasktypes: [{name: t, resolved_states: [{name: x, reasons: [late]}]}]";
    let schema = forms(&server, reasons).await.remove(0);
    let cases = json!([[{"reason": "late"}, true], [{"reason": "other"}, true], [{"reason": "no"}, false], [{}, false]]);
    asked.push(json!({"schema": schema, "cases": cases}));
    // And those of every file: that they are JSON Schema at all.
    let whole = std::fs::read_to_string(format!("{ROOT}/src/schema/test_whole.yml")).unwrap();
    let ready = files("schemas", "yml").into_iter().map(|(_, source)| source);
    for source in ready.chain([whole]) {
        for schema in forms(&server, &source).await {
            asked.push(json!({"schema": schema, "cases": []}));
        }
    }
    assert_eq!(validated(&asked).await, "read\n".repeat(asked.len()));
}

async fn validated(asked: &[Value]) -> String {
    let mut node = Command::new("node")
        .arg(format!("{ROOT}/tests/receivers/forms.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: String = asked.iter().map(|line| format!("{line}\n")).collect();
    node.stdin.take().unwrap().write_all(lines.as_bytes()).await.unwrap();
    let output = within("the validator", node.wait_with_output()).await.unwrap();
    String::from_utf8(output.stdout).unwrap()
}
