//! What is refused in the life of a task: deadlines, people, merging, urgency, the checklist.

use super::test_refusals::{check, in_type};

#[test]
fn a_deadline_needs_nobody_to_fill_in_a_form() {
    check(
        in_type,
        &[
            (
                "paused_states: [x], on_expire: y",
                &[
                    "line 5, column 19: \"paused_states\" has \"x\", expected a pending state: \"p\"",
                    "line 5, column 34: \"on_expire\" is \"y\", expected a state: \"p\", \"x\", \"form\", \"why\", \"note\" or \"fine\"",
                ],
            ),
            (
                "respond_within: 0, claim_for: never, reopen: admins",
                &[
                    "line 5, column 19: \"respond_within\" is 0, expected at least one second",
                    "line 5, column 33: \"claim_for\" is \"never\", expected seconds or a duration like \"90s\", \"15m\", \"4h\" or \"7d\", at most ten years",
                    "line 5, column 48: \"reopen\" is \"admins\", expected \"never\", \"admin\" or \"anyone\"",
                ],
            ),
            (
                "on_expire: form",
                &[
                    "line 5, column 14: \"on_expire\" is \"form\", whose input \"b\" is required and has no default",
                ],
            ),
            (
                "on_expire: why",
                &[
                    "line 5, column 14: \"on_expire\" is \"why\", whose input \"reason\" is required and has no default",
                ],
            ),
            (
                "on_expire: note",
                &["line 5, column 14: \"on_expire\" is \"note\", which requires a comment"],
            ),
            ("on_expire: fine", &[]),
        ],
    );
}

#[test]
fn people_are_named_as_people_are() {
    check(
        in_type,
        &[
            (
                "candidates: [], assign: {}",
                &[
                    "line 5, column 3: \"candidates\" has 0 entries, expected 1 to 100",
                    "line 5, column 27: \"assign\" has 0 of its keys, expected one: \"to\", \"round_robin\" or \"rota\"",
                ],
            ),
            (
                "candidates: [Ana, 'b ob', ana, ana], assign: {to: bob, rota: office}",
                &[
                    "line 5, column 16: \"candidates\" has \"Ana\", expected the name of a person such as \"ana\"",
                    "line 5, column 21: \"candidates\" has \"b ob\", expected the name of a person such as \"ana\"",
                    "line 5, column 34: \"candidates\" has \"ana\" twice",
                    "line 5, column 48: \"assign\" has 2 of its keys, expected one: \"to\", \"round_robin\" or \"rota\"",
                    "line 5, column 53: \"to\" is \"bob\", expected one of \"candidates\"",
                    "line 5, column 58: \"rota\" is not supported by this version yet",
                ],
            ),
            (
                "candidates: [ana], assign: {round_robin: [ana, bob, ana]}",
                &[
                    "line 5, column 50: \"round_robin\" has \"bob\", expected one of \"candidates\"",
                    "line 5, column 55: \"round_robin\" has \"ana\" twice",
                ],
            ),
            (
                "assign: {round_robin: [ana, ana]}",
                &["line 5, column 31: \"round_robin\" has \"ana\" twice"],
            ),
        ],
    );
}

#[test]
fn merging_urgency_and_actions_are_checked() {
    check(
        in_type,
        &[
            (
                "assign: ana, merge: /order",
                &[
                    "line 5, column 11: \"assign\" is \"ana\", expected a mapping",
                    "line 5, column 23: \"merge\" is \"/order\", expected a mapping with \"key\"",
                ],
            ),
            (
                "merge: {key: a/b}",
                &[
                    "line 5, column 16: \"key\" is \"a/b\", expected a JSON Pointer into \"meta\" such as \"/order/id\", or one key",
                ],
            ),
            (
                "merge: {kye: a}",
                &[
                    "line 5, column 10: missing key \"key\" of \"merge\"",
                    "line 5, column 11: unknown key \"kye\", expected \"key\"",
                ],
            ),
            (
                "urgency: {default: urgent, rules: [{when: '', set: high}, {when: \"a\\nb\", set: high}, {when: $.a, set: higher}, {when: $.a}, $.a]}",
                &[
                    "line 5, column 22: \"default\" is \"urgent\", expected \"low\", \"normal\", \"high\" or \"critical\"",
                    "line 5, column 45: \"when\" is \"\", expected one line of 1 to 500 characters",
                    "line 5, column 68: \"when\" is \"a\\nb\", expected one line of 1 to 500 characters",
                    "line 5, column 105: \"set\" is \"higher\", expected \"low\", \"normal\", \"high\" or \"critical\"",
                    "line 5, column 114: missing key \"set\" of a rule",
                    "line 5, column 127: a rule is \"$.a\", expected a mapping with \"when\" and \"set\"",
                ],
            ),
            (
                "actions: [{name: a}, {name: b, manual: true}, {name: c, present: checklist}, {name: d, present: checklist, manual: true, url: 'http://a.example/', args: [], once: true}, {name: d, present: checklist, manual: true}, {name: e, required: true, present: side}]",
                &[
                    "line 5, column 20: action \"a\" is not supported by this version yet, only those with \"present: checklist\" and \"manual: true\" are",
                    "line 5, column 31: action \"b\" is not supported by this version yet, only those with \"present: checklist\" and \"manual: true\" are",
                    "line 5, column 56: action \"c\" is not supported by this version yet, only those with \"present: checklist\" and \"manual: true\" are",
                    "line 5, column 124: \"url\" on a manual action, which calls nothing",
                    "line 5, column 150: \"args\" on a manual action, which calls nothing",
                    "line 5, column 160: \"once\" on a manual action, which calls nothing",
                    "line 5, column 180: action \"d\" is named twice, first on line 5",
                    "line 5, column 225: action \"e\" is not supported by this version yet, only those with \"present: checklist\" and \"manual: true\" are",
                    "line 5, column 228: \"required\" in the menu, expected with \"present: checklist\"",
                    "line 5, column 253: \"present\" is \"side\", expected \"menu\" or \"checklist\"",
                ],
            ),
        ],
    );
}
