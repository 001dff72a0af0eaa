//! What is refused in forms and in `meta_schema`, with its place.

use super::tests::{HEAD, problems};

/// Those that the clock can settle a task with are `x` and `fine`.
const STATES: &str = "name: t, pending_states: [p], resolved_states: [x, {name: form, args: [{name: a, kind: text, required: true, default: a}, {name: b, kind: text, required: true}]}, {name: why, reasons: [a]}, {name: note, comment: required}, {name: fine, args: [{name: a, kind: checkbox, required: true, default: true}]}]";

pub fn check(wrap: fn(&str) -> String, cases: &[(&str, &[&str])]) {
    for (lines, expected) in cases {
        assert_eq!(problems(&wrap(lines)), *expected, "in\n{lines}");
    }
}

fn in_state(lines: &str) -> String {
    format!("{HEAD}- {{name: t, resolved_states: [{{name: x, {lines}}}]}}")
}

pub fn in_type(lines: &str) -> String {
    format!("{HEAD}- {{{STATES},\n  {lines}}}")
}

#[test]
fn inputs_without_a_name_or_with_unknown_keys_are_refused() {
    check(
        in_state,
        &[
            (
                "args: [{name: a}, {kind: text}, {name: a b, kind: txt}, {name: A.b, kind: text, lable: x}]",
                &[
                    "line 4, column 48: missing key \"kind\" of an input",
                    "line 4, column 59: missing key \"name\" of an input",
                    "line 4, column 80: \"name\" is \"a b\", expected 1 to 63 letters, digits, \"_\", \"-\" or \".\", a letter or digit first",
                    "line 4, column 91: \"kind\" is \"txt\", expected \"text\", \"long_text\", \"number\", \"integer\", \"money\", \"select\", \"checkbox\", \"date\", \"datetime\", \"url\", \"email\" or \"json\"",
                    "line 4, column 121: unknown key \"lable\", expected \"name\", \"kind\", \"label\", \"help\", \"required\", \"from\", \"default\", \"min\", \"max\", \"options\", \"currency\" or \"currency_from\"",
                ],
            ),
            (
                "args: [{name: a, kind: text, pattern: '.*'}, {name: b, kind: text}, {name: b, kind: text}]",
                &[
                    "line 4, column 70: unknown key \"pattern\": patterns are not taken anywhere, one can keep a server busy for ever",
                    "line 4, column 116: input \"b\" is named twice, first on line 4",
                ],
            ),
            ("args: {a: text}", &["line 4, column 47: \"args\" is a mapping, expected a list"]),
        ],
    );
}

#[test]
fn bounds_that_hold_nothing_are_refused() {
    check(
        in_state,
        &[
            (
                "args: [{name: a, kind: integer, min: 3, max: 2}, {name: b, kind: text, min: 5000}, {name: c, kind: number, min: 1.5, max: 1.50}]",
                &[
                    "line 4, column 78: \"min\" is 3, expected at most \"max\", here 2",
                    "line 4, column 117: \"min\" is 5000, expected at most \"max\", here 4000",
                ],
            ),
            (
                "args: [{name: a, kind: integer, min: 1.5}, {name: b, kind: text, max: -1}, {name: c, kind: number, min: 1e3, max: 0x10}, {name: d, kind: number, max: .inf}]",
                &[
                    "line 4, column 78: \"min\" is 1.5, expected a whole number",
                    "line 4, column 111: \"max\" is -1, expected a whole number from 0 to 1000000",
                    "line 4, column 145: \"min\" is 1e3, expected digits as in 40 or -0.5, at most 38",
                    "line 4, column 155: \"max\" is 0x10, expected digits as in 40 or -0.5, at most 38",
                    "line 4, column 191: \"max\" is .inf, expected digits as in 40 or -0.5, at most 38",
                ],
            ),
            (
                "args: [{name: a, kind: date, min: 1}, {name: b, kind: select, options: [x], max: 2}]",
                &[
                    "line 4, column 70: \"min\" with kind \"date\", expected with text and numbers only",
                    "line 4, column 117: \"max\" with kind \"select\", expected with text and numbers only",
                ],
            ),
        ],
    );
}

#[test]
fn a_default_fits_its_own_input() {
    check(
        in_state,
        &[
            (
                "args: [{name: a, kind: text, default: 5}, {name: b, kind: text, min: 2, max: 3, default: four}, {name: c, kind: integer, default: 1.0}, {name: d, kind: number, max: 9007199254740992, default: 9007199254740993}]",
                &[
                    "line 4, column 79: \"default\" is 5, expected text with a length of at most 4000",
                    "line 4, column 130: \"default\" is \"four\", expected text with a length from 2 to 3",
                    "line 4, column 171: \"default\" is 1.0, expected a whole number",
                    "line 4, column 233: \"default\" is 9007199254740993, expected a number of at most 9007199254740992",
                ],
            ),
            (
                "args: [{name: a, kind: money, default: '5'}, {name: b, kind: select, options: [x, 1], default: '1'}, {name: c, kind: checkbox, default: 1}, {name: d, kind: checkbox, required: true, default: false}, {name: e, kind: json, default: x}]",
                &[
                    "line 4, column 80: \"default\" is \"5\", expected a whole number",
                    "line 4, column 136: \"default\" is \"1\", expected one of \"options\"",
                    "line 4, column 177: \"default\" is 1, expected true or false",
                    "line 4, column 232: \"default\" is false, expected true, since it must be ticked",
                    "line 4, column 271: \"default\" is \"x\", expected a mapping or a list of at most 16384 bytes",
                ],
            ),
            (
                "args: [{name: a, kind: date, default: 2026-02-30}, {name: b, kind: datetime, default: '2026-12-31T18:00+01:00'}, {name: c, kind: url, default: 'ftp://x'}, {name: d, kind: email, default: a@b@c}, {name: e, kind: text, default: ~}]",
                &[
                    "line 4, column 79: \"default\" is \"2026-02-30\", expected a date such as 2026-12-31",
                    "line 4, column 127: \"default\" is \"2026-12-31T18:00+01:00\", expected a time such as 2026-12-31T18:00:00+01:00",
                    "line 4, column 184: \"default\" is \"ftp://x\", expected a URL that starts with \"http://\" or \"https://\"",
                    "line 4, column 228: \"default\" is \"a@b@c\", expected one mail address",
                    "line 4, column 267: \"default\" is empty, expected text with a length of at most 4000",
                ],
            ),
        ],
    );
}

#[test]
fn options_pointers_and_currencies_are_checked() {
    check(
        in_state,
        &[
            (
                "args: [{name: a, kind: select}, {name: b, kind: select, options: []}, {name: c, kind: select, options: [x, {value: x}, 1, 1.0]}, {name: d, kind: select, options: [[x], ~, '', {label: x}, {value: {a: b}}]}, {name: e, kind: text, options: [x]}]",
                &[
                    "line 4, column 64: missing key \"options\" of a select",
                    "line 4, column 97: \"options\" has 0 entries, expected 1 to 100",
                    "line 4, column 156: \"options\" has \"x\" twice",
                    "line 4, column 163: \"options\" has 1.0 twice",
                    "line 4, column 204: \"options\" has a list, expected one line of 1 to 200 characters, a number, true or false",
                    "line 4, column 209: \"options\" has empty, expected one line of 1 to 200 characters, a number, true or false",
                    "line 4, column 212: \"options\" has \"\", expected one line of 1 to 200 characters, a number, true or false",
                    "line 4, column 216: missing key \"value\" of an option",
                    "line 4, column 236: \"options\" has a mapping, expected one line of 1 to 200 characters, a number, true or false",
                    "line 4, column 269: \"options\" with kind \"text\", expected with \"select\" only",
                ],
            ),
            (
                "args: [{name: a, kind: text, from: a/b}, {name: b, kind: money, currency: eur}, {name: c, kind: text, currency: EUR}, {name: d, kind: money, currency: EUR, currency_from: /c}, {name: e, kind: money, currency_from: a/b}]",
                &[
                    "line 4, column 76: \"from\" is \"a/b\", expected a JSON Pointer into \"meta\" such as \"/order/id\", or one key",
                    "line 4, column 115: \"currency\" is \"eur\", expected the three capital letters of a currency, such as \"EUR\"",
                    "line 4, column 143: \"currency\" on an input that is no money, expected with kind \"money\" only",
                    "line 4, column 197: \"currency_from\" next to \"currency\", expected one of the two",
                    "line 4, column 255: \"currency_from\" is \"a/b\", expected a JSON Pointer into \"meta\" such as \"/order/id\", or one key",
                ],
            ),
        ],
    );
}

#[test]
fn reasons_are_named_once_and_can_be_explained() {
    check(
        in_state,
        &[
            (
                "args: [{name: reason, kind: text}], reasons: [a]",
                &[
                    "line 4, column 55: input \"reason\" next to \"reasons\", which makes an input of that name",
                ],
            ),
            (
                "reasons: [], comment: none",
                &[
                    "line 4, column 41: \"reasons\" has 0 entries, expected 1 to 50",
                    "line 4, column 41: \"reasons\" with comment \"none\", but the reason \"other\" wants a comment",
                ],
            ),
            (
                "reasons: [a, a, a b, [x], {label: x}, {name: b, txt: x}]",
                &[
                    "line 4, column 54: \"reasons\" has \"a\" twice",
                    "line 4, column 57: \"reasons\" has \"a b\", expected 1 to 63 letters, digits, \"_\", \"-\" or \".\", a letter or digit first",
                    "line 4, column 62: \"reasons\" has a list, expected 1 to 63 letters, digits, \"_\", \"-\" or \".\", a letter or digit first",
                    "line 4, column 67: missing key \"name\" of a reason",
                    "line 4, column 89: unknown key \"txt\", did you mean \"text\"?",
                ],
            ),
        ],
    );
}

#[test]
fn meta_schema_has_only_keywords_that_are_checked() {
    check(
        in_type,
        &[
            (
                "meta_schema: [], fields: [{name: a, required: 1}]",
                &[
                    "line 5, column 16: a schema within \"meta_schema\" is a list, expected a mapping",
                    "line 5, column 49: \"required\" is 1, expected true or false",
                ],
            ),
            (
                "meta_schema: {type: strng, pattern: x, patternProperties: {}, propertys: {}, $ref: x}",
                &[
                    "line 5, column 23: \"type\" is \"strng\", expected \"object\", \"array\", \"string\", \"number\", \"integer\", \"boolean\" or \"null\", or a list of these",
                    "line 5, column 30: unknown key \"pattern\": patterns are not taken anywhere, one can keep a server busy for ever",
                    "line 5, column 42: unknown key \"patternProperties\", expected \"type\", \"enum\", \"const\", \"required\", \"properties\", \"additionalProperties\", \"items\", \"minLength\", \"maxLength\", \"minimum\", \"maximum\", \"exclusiveMinimum\", \"exclusiveMaximum\", \"minItems\", \"maxItems\", \"minProperties\", \"maxProperties\", \"format\", \"title\", \"description\" or \"default\"",
                    "line 5, column 65: unknown key \"propertys\", did you mean \"properties\"?",
                    "line 5, column 80: unknown key \"$ref\", expected \"type\", \"enum\", \"const\", \"required\", \"properties\", \"additionalProperties\", \"items\", \"minLength\", \"maxLength\", \"minimum\", \"maximum\", \"exclusiveMinimum\", \"exclusiveMaximum\", \"minItems\", \"maxItems\", \"minProperties\", \"maxProperties\", \"format\", \"title\", \"description\" or \"default\"",
                ],
            ),
            (
                "meta_schema: {type: array}",
                &["line 5, column 3: \"meta_schema\" wants no object, but \"meta\" is always one"],
            ),
            (
                "meta_schema: {type: [object, object, null], properties: {a: {type: []}, b: {type: 'null', enum: []}, c: 1, d: {items: true}, e: {additionalProperties: 1}}}",
                &[
                    "line 5, column 32: \"type\" has \"object\" twice",
                    "line 5, column 40: \"type\" has empty, expected \"object\", \"array\", \"string\", \"number\", \"integer\", \"boolean\" or \"null\"",
                    "line 5, column 64: \"type\" has 0 entries, expected 1 to 7",
                    "line 5, column 93: \"enum\" has 0 entries, expected 1 to 1000",
                    "line 5, column 107: a schema within \"meta_schema\" is 1, expected a mapping",
                    "line 5, column 121: a schema within \"meta_schema\" is true, expected a mapping",
                    "line 5, column 154: a schema within \"meta_schema\" is 1, expected a mapping",
                ],
            ),
            (
                "meta_schema: {required: [a, a, 1], properties: {a: {minLength: -1, maxLength: x, minimum: '1', format: 1, title: []}}}",
                &[
                    "line 5, column 31: \"required\" has \"a\" twice",
                    "line 5, column 34: \"required\" has 1, expected text",
                    "line 5, column 66: \"minLength\" is -1, expected a whole number from 0 to 1000000",
                    "line 5, column 81: \"maxLength\" is \"x\", expected a whole number from 0 to 1000000",
                    "line 5, column 93: \"minimum\" is \"1\", expected a number",
                    "line 5, column 106: \"format\" is 1, expected text",
                    "line 5, column 116: \"title\" is a list, expected text",
                ],
            ),
        ],
    );
}

#[test]
fn meta_schema_holds_together_with_itself_and_the_fields() {
    check(
        in_type,
        &[
            (
                "meta_schema: {minProperties: 2, maxProperties: 1, properties: {a: {minLength: 2, maxLength: 1, minItems: 2, maxItems: 1, minimum: 2, maximum: 1}, b: {exclusiveMinimum: 1, exclusiveMaximum: 1}, c: {minimum: 1, exclusiveMaximum: 1}, d: {const: 1e5}}}",
                &[
                    "line 5, column 32: \"minProperties\" is 2, but \"maxProperties\" is 1",
                    "line 5, column 81: \"minLength\" is 2, but \"maxLength\" is 1",
                    "line 5, column 108: \"minItems\" is 2, but \"maxItems\" is 1",
                    "line 5, column 133: \"minimum\" is 2, but \"maximum\" is 1",
                    "line 5, column 171: \"exclusiveMinimum\" is 1, but \"exclusiveMaximum\" is 1",
                    "line 5, column 209: \"minimum\" is 1, but \"exclusiveMaximum\" is 1",
                    "line 5, column 245: a number 1e5, expected digits as in 40 or -0.5, at most 38",
                ],
            ),
            (
                "meta_schema: {properties: {a: {items: {items: {items: {items: {items: {items: {items: {type: string}}}}}}}}}}",
                &["line 5, column 89: \"meta_schema\" is nested deeper than 8 levels"],
            ),
            (
                "meta_schema: {properties: {a: {type: string}, b: {type: [integer, string]}, c: {type: object}}, additionalProperties: false}, fields: [{name: a, kind: money}, {name: b, kind: money}, {name: c, kind: checkbox}, {name: d, required: true}, {name: e}]",
                &[
                    "line 5, column 154: \"kind\" is \"money\", but \"meta_schema\" wants \"string\" for \"a\"",
                    "line 5, column 202: \"kind\" is \"checkbox\", but \"meta_schema\" wants \"object\" for \"c\"",
                    "line 5, column 220: field \"d\" is required, but \"meta_schema\" takes only its \"properties\"",
                ],
            ),
        ],
    );
}

#[test]
fn there_is_an_end_to_lists_and_keywords() {
    let many = |count: usize, one: &str| {
        (0..count).map(|i| one.replace('N', &i.to_string())).collect::<Vec<_>>().join(", ")
    };
    let told =
        |lines: String| problems(&format!("{HEAD}- {{name: t, resolved_states: [x], {lines}}}"));
    for (lines, most, what) in [
        (
            "pending_states: [{name: p, args: [LIST]}]",
            50,
            ("{name: aN, kind: text}", "\"args\" has 51 entries"),
        ),
        ("urgency: {rules: [LIST]}", 20, ("{when: $.a, set: high}", "\"rules\" has 21 entries")),
        ("candidates: [LIST]", 100, ("pN", "\"candidates\" has 101 entries")),
        // The type of the whole, its properties, and two for each of these.
        (
            "meta_schema: {type: object, properties: {LIST}}",
            99,
            ("pN: {type: string, title: tN}", "\"meta_schema\" has 202 keywords"),
        ),
        ("meta_schema: {properties: {LIST}}", 100, ("pN: {}", "\"properties\" has 101 entries")),
    ] {
        let (one, problem) = what;
        assert_eq!(told(lines.replace("LIST", &many(most, one))), [""; 0], "{lines}");
        let told = told(lines.replace("LIST", &many(most + 1, one)));
        assert!(told.iter().any(|told| told.contains(problem)), "{lines}: {told:?}");
    }
    let json = format!(
        "pending_states: [{{name: p, args: [{{name: a, kind: json, default: ['{}']}}]}}]",
        "x".repeat(16_380)
    );
    assert_eq!(told(json.clone()), [""; 0]);
    assert!(told(json.replace("'x", "'xx"))[0].contains("a list of at most 16384 bytes"));
}
