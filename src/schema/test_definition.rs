//! What a file compiles to: the whole of it, and each kind of input.

use serde_json::{Value, json};

use super::tests::{definition, task_type};

/// Uses every key that is acted on.
pub const WHOLE: &str = include_str!("test_whole.yml");

#[test]
fn every_key_that_is_acted_on_reaches_the_definition() {
    let field = |name: &str, label: Value, kind: Value, more: Value| {
        let mut field = json!({"name": name, "label": label, "kind": kind, "currency": null,
            "currency_from": null, "required": false, "preview": null, "blur": null});
        field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        field
    };
    let state = |name: &str, resolved: bool, more: Value| {
        let mut state = json!({"name": name, "resolved": resolved, "label": null, "outcome": "neutral",
            "style": "plain", "confirm": "no", "comment": "optional", "only_from": null, "form": null,
            "reason_texts": {}});
        state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        state
    };
    let approve = json!({"type": "object", "additionalProperties": false, "required": ["amount"],
        "x-order": ["amount"], "properties": {"amount": {"title": "amount", "type": "integer", "minimum": 1,
            "x-kind": "money", "x-currency": "EUR", "x-from": "/amount"}}});
    let deny = json!({"type": "object", "additionalProperties": false, "required": ["reason"],
        "x-order": ["reason", "note"], "x-reasons": true, "properties": {
            "reason": {"title": "Reason", "enum": ["damaged", "late", "other"],
                "x-kind": "select", "x-labels": ["damaged", "Too late", "Other"]},
            "note": {"title": "Note", "description": "For the customer", "type": ["string", "null"],
                "maxLength": 4000, "x-kind": "long_text"}}});
    let meta_schema = json!({"type": "object", "required": ["order"],
        "properties": {"order": {"type": ["string", "null"], "maxLength": 40}}});
    let whole = json!({"name": "refund", "label": "Refund 🎁",
        "description": {"he": "בדוק קודם את הסריקה"}, "title": "Refund {/amount} for {/order/id}",
        "fields": [
            field("amount", json!("Amount"), json!("money"), json!({"currency": "EUR", "required": true})),
            field("fee", json!(null), json!("money"), json!({"currency_from": "/currency"})),
            field("photo__preview", json!(null), json!(null), json!({"preview": true, "blur": false}))],
        "meta_schema": meta_schema, "initial_state": "triage", "paused_states": ["waiting"],
        "hook_url": "http://[::1]:9/refund", "webhooks": ["task.created", "task.resolved"], "urgency": "high",
        "urgency_rules": [{"when": "$.meta.plan == \"pro\"", "set": "high"}, {"when": "$.respond_in_s < 3600", "set": "critical"}],
        "respond_within": 14_400, "on_expire": "lapsed", "undo_seconds": 30, "reopen": "admin", "claim_for": 0,
        "assign": {"to": "ana"}, "candidates": ["ana", "bob@example.org"], "merge_key": "/order",
        "checklist": [
            {"name": "seen-parcel", "label": {"en": "I saw the parcel"}, "required": true},
            {"name": "called", "label": null, "required": false}],
        "states": [
            state("triage", false, json!({})),
            state("waiting", false, json!({"label": {"en": "Waits"}})),
            state("approve", true, json!({"outcome": "positive", "style": "primary", "confirm": "type",
                "comment": "none", "form": approve})),
            state("deny", true, json!({"outcome": "negative", "style": "danger", "confirm": "yes",
                "comment": "required", "only_from": [null, "triage"], "form": deny,
                "reason_texts": {"late": "Sorry, the 30 days are over."}})),
            state("lapsed", true, json!({}))]});
    assert_eq!(
        definition(WHOLE),
        json!({"name": "shop:desk", "semver": "1.10", "label": {"en": "Shop desk", "pt": "Balcão"},
            "hook_url": "https://app.example/hook", "hook_auth": {"kind": "standard"}, "task_types": [whole]})
    );
    let turns = "- {name: t, resolved_states: [x], assign: {round_robin: [ana, bob]}}";
    assert_eq!(task_type(turns)["assign"], json!({"round_robin": ["ana", "bob"]}));
}

#[test]
fn every_kind_of_input_has_its_json_schema() {
    for (input, required, optional) in kinds() {
        for (mut expected, is_required) in [(required, true), (optional, false)] {
            let kind = input.split([' ', ',']).nth(1).unwrap();
            expected["title"] = json!("In");
            expected["x-kind"] = json!(kind);
            let lines = format!(
                "- {{name: t, resolved_states: [{{name: x, args: [{{name: a, label: In, required: {is_required}, {input}}}]}}]}}"
            );
            let form = json!({"type": "object", "additionalProperties": false, "x-order": ["a"],
                "required": if is_required { json!(["a"]) } else { json!([]) }, "properties": {"a": expected}});
            assert_eq!(task_type(&lines)["states"][0]["form"], form, "{lines}");
        }
    }
}

/// An input, and its property when it is required and when it is not.
fn kinds() -> Vec<(&'static str, Value, Value)> {
    vec![
        (
            "kind: text",
            json!({"type": "string", "maxLength": 4000}),
            json!({"type": ["string", "null"], "maxLength": 4000}),
        ),
        (
            "kind: long_text, min: 2, max: 9, default: four",
            json!({"type": "string", "minLength": 2, "maxLength": 9, "default": "four"}),
            json!({"type": ["string", "null"], "minLength": 2, "maxLength": 9, "default": "four"}),
        ),
        (
            "kind: number, min: -0.50",
            json!({"type": "number", "minimum": -0.5}),
            json!({"type": ["number", "null"], "minimum": -0.5}),
        ),
        (
            "kind: integer, min: 1, max: 3, default: 2",
            json!({"type": "integer", "minimum": 1, "maximum": 3, "default": 2}),
            json!({"type": ["integer", "null"], "minimum": 1, "maximum": 3, "default": 2}),
        ),
        (
            "kind: money, currency_from: currency",
            json!({"type": "integer", "x-currency-from": "/currency"}),
            json!({"type": ["integer", "null"], "x-currency-from": "/currency"}),
        ),
        (
            "kind: select, options: [a, 1, true], default: 1",
            json!({"enum": ["a", 1, true], "default": 1}),
            json!({"enum": ["a", 1, true, null], "default": 1}),
        ),
        (
            "kind: select, options: [a, {value: 2, label: {pt: Dois, en: Two}}]",
            json!({"enum": ["a", 2], "x-labels": ["a", "Two"]}),
            json!({"enum": ["a", 2, null], "x-labels": ["a", "Two"]}),
        ),
        (
            "kind: checkbox, default: true",
            json!({"const": true, "default": true}),
            json!({"type": ["boolean", "null"], "default": true}),
        ),
        (
            "kind: date, default: 2026-12-31",
            json!({"type": "string", "format": "date", "default": "2026-12-31"}),
            json!({"type": ["string", "null"], "format": "date", "default": "2026-12-31"}),
        ),
        (
            "kind: datetime, default: 2026-12-31T18:00:00+01:00",
            json!({"type": "string", "format": "date-time", "default": "2026-12-31T18:00:00+01:00"}),
            json!({"type": ["string", "null"], "format": "date-time", "default": "2026-12-31T18:00:00+01:00"}),
        ),
        (
            "kind: url, default: 'https://a.example/?b'",
            json!({"type": "string", "format": "uri", "default": "https://a.example/?b"}),
            json!({"type": ["string", "null"], "format": "uri", "default": "https://a.example/?b"}),
        ),
        (
            "kind: email, from: /customer/email",
            json!({"type": "string", "format": "email", "x-from": "/customer/email"}),
            json!({"type": ["string", "null"], "format": "email", "x-from": "/customer/email"}),
        ),
        (
            "kind: json, default: {a: [1, null]}",
            json!({"type": ["object", "array"], "default": {"a": [1, null]}}),
            json!({"type": ["object", "array", "null"], "default": {"a": [1, null]}}),
        ),
    ]
}

#[test]
fn numbers_keep_every_digit() {
    let lines = "- {name: t, resolved_states: [{name: x, args: [{name: a, kind: number, default: 1.10, max: 12345678901234567890.5}]}], meta_schema: {properties: {n: {maximum: 98765432109876543210}}}}";
    let schema = super::parse(&format!("{}{lines}", super::tests::HEAD)).unwrap();
    let definition = schema.definition().get().to_owned();
    for number in
        ["\"default\":1.10,", "\"maximum\":12345678901234567890.5", "98765432109876543210}"]
    {
        assert!(definition.contains(number), "{number}: {definition}");
    }
}

#[test]
fn a_reason_called_other_may_have_a_label_of_its_own() {
    let reasons =
        "- {name: t, resolved_states: [{name: x, reasons: [{name: other, label: Outro}, spam]}]}";
    let form = &task_type(reasons)["states"][0]["form"]["properties"]["reason"];
    assert_eq!(
        (&form["enum"], &form["x-labels"]),
        (&json!(["other", "spam"]), &json!(["Outro", "spam"]))
    );
}
