//! What is said of keys that this version does not act on, and of what is in them.

use super::test_refusals::check;
use super::tests::{HEAD, problems};

#[test]
fn of_the_whole_grammar_only_what_nothing_acts_on_is_refused() {
    let told = problems(include_str!("test_grammar.yml"));
    let refused: Vec<_> = told.iter().filter_map(|problem| problem.split('"').nth(1)).collect();
    assert!(
        told.iter().all(|told| told.contains("not supported by this version yet")),
        "{told:#?}"
    );
    assert_eq!(
        refused,
        [
            "retention",
            "calendars",
            "rotas",
            "events",
            "fraud-check",
            "mail-customer",
            "questions",
            "cc",
            "notify",
            "public",
            "eta",
            "slo"
        ]
    );
}

fn at_top(lines: &str) -> String {
    format!("{lines}\n{HEAD}- {{name: t, resolved_states: [x]}}")
}

fn in_plain_type(lines: &str) -> String {
    format!("{HEAD}- {{name: t, pending_states: [p], resolved_states: [x],\n  {lines}}}")
}

#[test]
fn what_is_for_the_whole_file_is_checked_although_nothing_acts_on_it() {
    check(
        at_top,
        &[
            (
                "calendars: {office: {tz: Europe/Amsterdam, hours: {mon-fri: ['09:00-17:00']}, holidays: ['2026-12-25', {day: 2026-12-31, hours: ['09:00-12:00']}]}}\nrotas: {support: {ical: secret:support, overrides: https://a.example/x.ics}}\nretention: {meta: 90d}",
                &[
                    "line 1, column 1: \"calendars\" is not supported by this version yet",
                    "line 2, column 1: \"rotas\" is not supported by this version yet",
                    "line 3, column 1: \"retention\" is not supported by this version yet",
                ],
            ),
            (
                "calendars: {o o: {hours: {monday: ['9-17'], tue: x}, holidays: [christmas, {day: 1}]}, b: {}}",
                &[
                    "line 1, column 1: \"calendars\" is not supported by this version yet",
                    "line 1, column 13: \"calendars\" has the key \"o o\", expected 1 to 63 letters, digits, \"_\", \"-\" or \".\", a letter or digit first",
                    "line 1, column 18: missing key \"tz\" of a calendar",
                    "line 1, column 27: \"hours\" has the key \"monday\", expected \"mon\" or \"mon-fri\"",
                    "line 1, column 36: \"hours\" has \"9-17\", expected a list of times such as \"09:00-17:00\"",
                    "line 1, column 50: \"hours\" has \"x\", expected a list of times such as \"09:00-17:00\"",
                    "line 1, column 65: \"holidays\" has \"christmas\", expected a date such as 2026-12-25",
                    "line 1, column 82: \"day\" is 1, expected a date such as 2026-12-25",
                    "line 1, column 91: missing key \"hours\" of a calendar",
                    "line 1, column 91: missing key \"tz\" of a calendar",
                ],
            ),
            (
                "rotas: {a: {ical: file:///etc/passwd}, b: {icall: x}, c: 1}\nretention: []",
                &[
                    "line 1, column 1: \"rotas\" is not supported by this version yet",
                    "line 1, column 19: \"ical\" is \"file:///etc/passwd\", expected \"secret:NAME\" or a URL that starts with \"http://\" or \"https://\"",
                    "line 1, column 44: unknown key \"icall\", did you mean \"ical\"?",
                    "line 1, column 58: a rota is 1, expected a mapping with \"ical\"",
                    "line 2, column 1: \"retention\" is not supported by this version yet",
                    "line 2, column 12: \"retention\" is a list, expected a mapping",
                ],
            ),
        ],
    );
}

#[test]
fn events_and_questions_are_checked_and_refused_by_name() {
    check(
        in_plain_type,
        &[
            (
                "events: {cancel: {by: poster, state: x}, evidence: {by: third_party, merge_meta: true, label: E, data: [{name: url, kind: url, required: true}]}}",
                &["line 5, column 3: \"events\" is not supported by this version yet"],
            ),
            (
                "events: {a b: {by: me, state: z, merge_meta: 1, data: [{name: a}], labl: x}}",
                &[
                    "line 5, column 3: \"events\" is not supported by this version yet",
                    "line 5, column 12: \"events\" has the key \"a b\", expected 1 to 63 letters, digits, \"_\", \"-\" or \".\", a letter or digit first",
                    "line 5, column 22: \"by\" is \"me\", expected \"poster\", \"third_party\" or \"any\"",
                    "line 5, column 33: \"state\" is \"z\", expected a state: \"p\" or \"x\"",
                    "line 5, column 48: \"merge_meta\" is 1, expected true or false",
                    "line 5, column 58: missing key \"kind\" of an input",
                    "line 5, column 70: unknown key \"labl\", did you mean \"label\"?",
                ],
            ),
            (
                "questions: {why: {title: Why?, form: [{name: text, kind: long_text}], while_waiting: p, on_submit: p, expires: 7d}}",
                &["line 5, column 3: \"questions\" is not supported by this version yet"],
            ),
            (
                "questions: {why: {form: 1, while_waiting: x, expires: soon}, b: x}",
                &[
                    "line 5, column 3: \"questions\" is not supported by this version yet",
                    "line 5, column 20: missing key \"title\" of a question",
                    "line 5, column 27: \"form\" is 1, expected a list",
                    "line 5, column 45: \"while_waiting\" is \"x\", expected a pending state: \"p\"",
                    "line 5, column 57: \"expires\" is \"soon\", expected seconds or a duration like \"90s\", \"15m\", \"4h\" or \"7d\", at most ten years",
                    "line 5, column 67: a question is \"x\", expected a mapping with \"title\" and \"form\"",
                ],
            ),
        ],
    );
}

#[test]
fn copies_and_what_the_public_sees_are_checked_and_refused_by_name() {
    check(
        in_plain_type,
        &[
            (
                "cc: [{url: 'https://l.example/h', webhooks: [task.resolved], include_meta: false}, {email: a@b.c}]",
                &["line 5, column 3: \"cc\" is not supported by this version yet"],
            ),
            (
                "cc: [{}, {url: x, email: y}, {url: 'https://l.example/', webhooks: [task.gone], include_meta: 1}]",
                &[
                    "line 5, column 3: \"cc\" is not supported by this version yet",
                    "line 5, column 8: a copy goes to \"url\" or to \"email\", expected one of the two",
                    "line 5, column 12: a copy goes to \"url\" or to \"email\", expected one of the two",
                    "line 5, column 18: \"url\" is \"x\", expected a URL that starts with \"http://\" or \"https://\"",
                    "line 5, column 71: \"webhooks\" has \"task.gone\", expected \"task.updated\", \"task.resolved\", \"task.reopened\", \"task.expired\", \"task.withdrawn\", \"task.commented\", \"question.asked\", \"task.created\", \"task.changed\" or \"action.finished\"",
                    "line 5, column 97: \"include_meta\" is 1, expected true or false",
                ],
            ),
            (
                "notify: {actions: [x], lock_screen: title}, public: {status: true, stats: true, title: T, states: {x: Done}, fields: [order], due: false}, eta: {features: ['$.a > 2']}, slo: {resolve_within: 4h, target: 0.95, window: 28d}",
                &[
                    "line 5, column 3: \"notify\" is not supported by this version yet",
                    "line 5, column 47: \"public\" is not supported by this version yet",
                    "line 5, column 142: \"eta\" is not supported by this version yet",
                    "line 5, column 172: \"slo\" is not supported by this version yet",
                ],
            ),
            (
                "notify: {actions: [z], lock: 1}, public: {status: 1, states: {z: Done, x: []}, fields: [[]]}, eta: {features: ['']}, slo: {resolve_within: 4x, target: 1.5, calendar: c}",
                &[
                    "line 5, column 3: \"notify\" is not supported by this version yet",
                    "line 5, column 22: \"actions\" has \"z\", expected a state: \"p\" or \"x\"",
                    "line 5, column 26: unknown key \"lock\", expected \"actions\" or \"lock_screen\"",
                    "line 5, column 36: \"public\" is not supported by this version yet",
                    "line 5, column 53: \"status\" is 1, expected true or false",
                    "line 5, column 65: \"states\" has the key \"z\", expected a state: \"p\" or \"x\"",
                    "line 5, column 77: \"x\" is a list, expected one line of 1 to 200 characters, or one per language",
                    "line 5, column 91: \"fields\" has a list, expected one line of 1 to 200 characters",
                    "line 5, column 97: \"eta\" is not supported by this version yet",
                    "line 5, column 114: \"features\" has \"\", expected one line of 1 to 500 characters",
                    "line 5, column 120: \"slo\" is not supported by this version yet",
                    "line 5, column 142: \"resolve_within\" is \"4x\", expected seconds or a duration like \"90s\", \"15m\", \"4h\" or \"7d\", at most ten years",
                    "line 5, column 154: \"target\" is 1.5, expected a number from 0 to 1",
                    "line 5, column 169: \"calendar\" is \"c\", expected one of \"calendars\": nothing",
                ],
            ),
        ],
    );
}
