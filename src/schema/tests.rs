//! What is accepted, what it compiles to, and what is told about the rest.

use serde_json::{Value, json};

use super::keys::*;
use super::parse;

pub const SAMPLE: &str = include_str!("../../schemas/sample.yml");
const JSON_SCHEMA: &str = include_str!("../../schemas/task-schema.json");

/// What goes before a task type; the type itself starts on line 4.
pub const HEAD: &str = "name: a\nsemver: 1\ntasktypes:\n";

pub fn definition(source: &str) -> Value {
    match parse(source) {
        Ok(schema) => serde_json::from_str(schema.definition().get()).unwrap(),
        Err(problems) => panic!("{source}\n{problems:#?}"),
    }
}

pub fn problems(source: &str) -> Vec<String> {
    parse(source).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

/// The one type of a schema that has just this one.
pub fn task_type(lines: &str) -> Value {
    definition(&format!("{HEAD}{lines}"))["task_types"][0].take()
}

pub fn check(cases: &[(&str, &[&str])]) {
    for (source, expected) in cases {
        let source = source.replace("HEAD\n", HEAD);
        assert_eq!(problems(&source), *expected, "in\n{source}");
    }
}

#[test]
fn the_first_task_inboxs_file_loads_unchanged() {
    let webhooks = json!([
        "task.updated",
        "task.resolved",
        "task.reopened",
        "task.expired",
        "task.withdrawn",
        "task.commented",
        "question.asked"
    ]);
    let state = |name: &str, resolved: bool| {
        json!({"name": name, "resolved": resolved, "label": null, "outcome": "neutral", "style": "plain",
            "confirm": "no", "comment": "optional", "only_from": null, "form": null, "reason_texts": {}})
    };
    let task_type = |name: &str, states: Value| {
        json!({"name": name, "label": null, "description": null, "title": null, "fields": [],
            "meta_schema": null, "initial_state": null, "paused_states": [], "hook_url": null, "webhooks": webhooks,
            "urgency": "normal", "urgency_rules": [], "respond_within": null, "on_expire": null, "undo_seconds": null,
            "reopen": "never", "claim_for": 900, "assign": null, "candidates": null, "merge_key": null,
            "checklist": [], "states": states})
    };
    assert_eq!(
        definition(SAMPLE),
        json!({"name": "ti:sample", "semver": "1", "label": "ti:sample",
        "hook_url": "http://localhost:5001/api/v1/tihook", "hook_auth": {"kind": "head", "val": "ti-key"},
        "task_types": [
            task_type("delete-acct", json!([state("deleted", true)])),
            task_type("flag-content", json!([
                state("level1", false), state("level2", false), state("block", true), state("allow", true)])),
        ]})
    );
}

#[test]
fn scalars_keep_their_spelling() {
    for (written, meant) in [
        ("1", "1"),
        ("1.10", "1.10"),
        ("'2'", "2"),
        ("no", "no"),
        ("012", "012"),
        ("True", "True"),
        ("1e999", "1e999"),
    ] {
        let source = format!(
            "name: a\nsemver: {written}\ntasktypes: [{{name: {written}, resolved_states: [x]}}]"
        );
        let definition = definition(&source);
        assert_eq!(
            (&definition["semver"], &definition["task_types"][0]["name"]),
            (&json!(meant), &json!(meant))
        );
    }
    let states = &task_type("- {name: t, resolved_states: [no, 1, true, null-ish]}")["states"];
    let names: Vec<_> =
        states.as_array().unwrap().iter().map(|state| state["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["no", "1", "true", "null-ish"]);
}

#[test]
fn anchors_merges_comments_and_windows_line_ends_are_fine() {
    let source = "\u{feff}# a\r\nname: a # b\r\nsemver: 1\r\ntasktypes:\r\n- &first\r\n  name: t\r\n  \
        description: |\r\n    one\r\n    two\r\n  resolved_states: [x]\r\n- {<<: *first, name: u}\r\n";
    let types = &definition(source)["task_types"];
    assert_eq!(types[0]["description"], json!("one\ntwo\n"));
    assert_eq!((&types[1]["name"], &types[1]["states"]), (&json!("u"), &types[0]["states"]));
}

#[test]
fn comments_and_spacing_do_not_change_the_definition() {
    let sparse =
        "# x\ntasktypes:\n  - name: t\n    resolved_states:\n      - x\n\nsemver: \"1\"\nname: a\n";
    let dense = "{name: a, semver: 1, tasktypes: [{name: t, resolved_states: [{name: x}]}]}";
    assert_eq!(definition(sparse).to_string(), definition(dense).to_string());
}

#[test]
fn syntax_errors_come_alone() {
    check(&[
        ("a:\n\tb: 1\n", &["line 2, column 1: a tab as indentation, expected spaces"]),
        (
            "HEAD\n- name: t\n\tlabel: x\n",
            &["line 5, column 1: a tab as indentation, expected spaces"],
        ),
        ("name: a\nsemver: [1, 2\n", &["line 2, column 9: unclosed bracket '['"]),
        ("name: {a: 1]\n", &["line 1, column 7: mismatched bracket '{' closed by ']'"]),
        ("name: 'a\n", &["line 1, column 7: unclosed quote"]),
        ("name: a: b\n", &["line 1, column 8: mapping values are not allowed in this context"]),
        ("name: *b\n", &["line 1, column 7: alias references unknown anchor"]),
        ("name: &a [*a]\n", &["line 1, column 11: an alias inside its own anchor"]),
        (
            "name: a\n---\nname: b\n",
            &["line 3, column 1: a second YAML document, expected one a file"],
        ),
        ("~: a\n", &["line 1, column 1: a key without a name, expected text"]),
        ("? [a]\n: b\n", &["line 1, column 3: expected string scalar"]),
        ("name: !secret a\n", &["line 1, column 15: unsupported tag `!secret`"]),
        (
            "a: b\n😀: \0",
            &["line 2, column 4: control character U+0000, expected none but line breaks and tabs"],
        ),
    ]);
}

#[test]
fn names_and_texts_are_checked() {
    const NAME: &str =
        "expected 1 to 63 letters, digits, \"_\", \"-\" or \".\", a letter or digit first";
    let named = |written: &str| format!("{HEAD}- {{name: {written}, resolved_states: [x]}}");
    for (written, found) in [
        ("~", "empty"),
        ("''", "\"\""),
        ("a/b", "\"a/b\""),
        ("-a", "\"-a\""),
        ("ünder", "\"ünder\""),
        ("\"a\\nb\"", "\"a\\nb\""),
        ("[a]", "a list"),
        ("{a: b}", "a mapping"),
    ] {
        let expected = format!("line 4, column 10: \"name\" is {found}, {NAME}");
        assert_eq!(problems(&named(written)), [expected], "{written}");
    }
    assert_eq!(problems(&named(&"x".repeat(63))), [""; 0]);
    assert!(problems(&named(&"x".repeat(64)))[0].contains("…\", expected 1 to 63"));
    let with_nul = problems(&named("\"a\\0\""));
    assert!(
        with_nul[1].ends_with("control character U+0000, expected none but line breaks and tabs"),
        "{with_nul:?}"
    );

    check(&[
        (
            "name: ':x'\nsemver: 1 2\ntasktypes: [{name: t, resolved_states: [x]}]",
            &[
                "line 1, column 7: \"name\" is \":x\", expected 1 to 63 letters, digits, \"_\", \"-\", \".\", \":\" or \"/\", a letter or digit first",
                "line 2, column 9: \"semver\" is \"1 2\", expected 1 to 64 letters, digits, \".\", \"+\", \"-\" or \"_\"",
            ],
        ),
        (
            "HEAD\n- {name: t, label: {}, title: [], resolved_states: [x]}",
            &[
                "line 4, column 20: \"label\" is {}, expected text in at least one language",
                "line 4, column 31: \"title\" is a list, expected one line of 1 to 500 characters, or one per language",
            ],
        ),
        (
            "HEAD\n- {name: t, label: {'e n': x, en: ~}, resolved_states: [x]}",
            &[
                "line 4, column 21: \"label\" has the key \"e n\", expected a language such as \"en\"",
                "line 4, column 35: \"label.en\" is empty, expected one line of 1 to 200 characters",
            ],
        ),
        (
            "HEAD\n- {name: t, title: '{', resolved_states: [x]}\n- {name: u, title: '}', resolved_states: [x]}",
            &[
                "line 4, column 20: \"title\" is \"{\", expected a \"}\" for each \"{\", or one per language",
                "line 5, column 20: \"title\" is \"}\", expected a \"{\" for each \"}\", or one per language",
            ],
        ),
        (
            "HEAD\n- {name: t, title: '{a/b}', resolved_states: [x]}",
            &[
                "line 4, column 20: \"title\" is \"{a/b}\", expected a key of \"meta\" or a JSON Pointer in each {…}, such as {order} or {/order/id}, or one per language",
            ],
        ),
    ]);
}

#[test]
fn durations_and_pointers_are_checked() {
    for (written, good) in [
        ("90s", true),
        ("15m", true),
        ("4h", true),
        ("7d", true),
        ("3600", true),
        ("0", false),
        ("4 h", false),
        ("1y", false),
        ("-1", false),
        ("+5", false),
        ("1.5h", false),
        ("h", false),
        ("99999d", false),
    ] {
        let told = problems(&format!(
            "{HEAD}- {{name: t, resolved_states: [x], respond_within: {written}}}"
        ));
        assert_eq!(told.is_empty(), good, "{written}: {told:?}");
    }
    for (written, good) in [
        ("order", true),
        ("/order/id", true),
        ("/a~1b", true),
        ("a b", true),
        ("a/b", false),
        ("/a~2b", false),
        ("a~", false),
        ("''", false),
        ("/a\n", true),
    ] {
        let field = format!("{{name: f, kind: money, currency_from: {written}}}");
        let told =
            problems(&format!("{HEAD}- {{name: t, resolved_states: [x], fields: [{field}]}}"));
        assert_eq!(told.is_empty(), good, "{written}: {told:?}");
    }
}

#[test]
fn the_json_schema_for_editors_has_the_same_keys() {
    let json: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    let levels: [(&Level, &str); 25] = [
        (&TOP, ""),
        (&HOOK_AUTH, "/$defs/hook_auth"),
        (&RETENTION, "/$defs/retention"),
        (&CALENDAR, "/$defs/calendar"),
        (&HOLIDAY, "/$defs/calendar/properties/holidays/items/oneOf/1"),
        (&ROTA, "/$defs/rota"),
        (&TASK_TYPE, "/$defs/task_type"),
        (&FIELD, "/$defs/field"),
        (&META_SCHEMA, "/$defs/meta_schema"),
        (&STATE, "/$defs/state"),
        (&REASON, "/$defs/reason"),
        (&INPUT, "/$defs/input"),
        (&OPTION, "/$defs/input/properties/options/items/oneOf/1"),
        (&URGENCY, "/$defs/urgency"),
        (&RULE, "/$defs/urgency/properties/rules/items"),
        (&ASSIGN, "/$defs/task_type/properties/assign"),
        (&MERGE, "/$defs/task_type/properties/merge"),
        (&EVENT, "/$defs/event"),
        (&ACTION, "/$defs/action"),
        (&QUESTION, "/$defs/question"),
        (&CC, "/$defs/cc"),
        (&NOTIFY, "/$defs/task_type/properties/notify"),
        (&PUBLIC, "/$defs/task_type/properties/public"),
        (&ETA, "/$defs/task_type/properties/eta"),
        (&SLO, "/$defs/task_type/properties/slo"),
    ];
    let mut not_yet = 0;
    for (level, pointer) in levels {
        let mapping = json.pointer(pointer).unwrap();
        let properties = mapping["properties"].as_object().unwrap();
        let sorted = |keys: &[&str]| {
            let mut keys: Vec<_> = keys.iter().map(|key| (*key).to_owned()).collect();
            keys.sort();
            keys
        };
        assert_eq!(
            properties.keys().cloned().collect::<Vec<_>>(),
            sorted(level.keys),
            "{}",
            level.noun
        );
        let required = mapping["required"].as_array().cloned().unwrap_or_default();
        assert_eq!(json!(level.required), Value::Array(required), "{}", level.noun);
        assert_eq!(mapping["additionalProperties"], json!(false), "{}", level.noun);
        for (key, property) in properties {
            let description = property["description"].as_str().unwrap_or_default();
            let marked = description.contains("not acted on by this version");
            assert_eq!(marked, !level.acts_on(key), "{key:?} of {}", level.noun);
            not_yet += usize::from(marked);
        }
    }
    assert_eq!(not_yet, NOT_YET.len(), "a path that names no key");
}
