//! The rules between keys, the addresses, and files meant to do harm.

use super::tests::{HEAD, problems};
use super::{MAX_BYTES, parse};

fn check(type_lines: &str, expected: &[&str]) {
    assert_eq!(problems(&format!("{HEAD}{type_lines}")), expected, "in\n{type_lines}");
}

#[test]
fn all_rule_problems_are_told_at_once_in_the_order_of_the_file() {
    let source = "name: a\nname: b\nlabell: x\nretention: {meta: 1y}\nhook_auth: {kind: head}\ntasktypes:\n- just\n- {}\n";
    assert_eq!(
        problems(source),
        [
            "line 1, column 1: missing key \"semver\" of the schema",
            "line 2, column 1: duplicate key \"name\", first on line 1",
            "line 3, column 1: unknown key \"labell\", did you mean \"label\"?",
            "line 4, column 1: \"retention\" is not supported by this version yet",
            "line 4, column 19: \"meta\" is \"1y\", expected seconds or a duration like \"90s\", \"15m\", \"4h\" or \"7d\", at most ten years",
            "line 5, column 12: missing key \"val\" of \"hook_auth\", expected a header name for kind \"head\"",
            "line 7, column 3: a task type is \"just\", expected a mapping with \"name\" and \"resolved_states\"",
            "line 8, column 3: missing key \"name\" of a task type",
            "line 8, column 3: missing key \"resolved_states\" of a task type",
        ]
    );
    let empty = "line 1, column 1: the file is empty, expected a mapping with \"name\", \"semver\" and \"tasktypes\"";
    assert_eq!(problems(""), [empty]);
    assert_eq!(problems("# only a comment\n"), [empty]);
    let list = "line 1, column 1: the file is a list, expected a mapping with \"name\", \"semver\" and \"tasktypes\"";
    assert_eq!(problems("- a\n"), [list]);
    let many = problems(&format!("{HEAD}{}", "- {name: t, resolved_states: [~, ~]}\n".repeat(100)));
    assert_eq!((many.len(), many[100].as_str()), (101, "line 37, column 31: more problems follow"));
}

#[test]
fn unknown_keys_come_with_what_was_meant() {
    check(
        "- {name: t, resolvd_states: [x]}",
        &["line 4, column 13: unknown key \"resolvd_states\", did you mean \"resolved_states\"?"],
    );
    check(
        "- {name: t, label: '😀', resolved_states: [{name: x, colour: red, Outcome: positive}]}",
        &[
            "line 4, column 53: unknown key \"colour\", expected \"name\", \"label\", \"outcome\", \"style\", \"confirm\", \"args\", \"reasons\", \"comment\" or \"only_from\"",
            "line 4, column 66: unknown key \"Outcome\", did you mean \"outcome\"?",
        ],
    );
    check(
        "- &t\n  name: t\n  resolved_states: [x]\n  paused_state: 1\n- {<<: *t, name: u}",
        &["line 7, column 3: unknown key \"paused_state\", did you mean \"paused_states\"?"],
    );
}

#[test]
fn states_are_named_once_and_referred_to_rightly() {
    check(
        "- {name: t, resolved_states: []}",
        &["line 4, column 13: \"resolved_states\" has 0 entries, expected 1 to 100"],
    );
    check(
        "- {name: t, resolved_states: x}",
        &["line 4, column 30: \"resolved_states\" is \"x\", expected a list"],
    );
    check(
        "- {name: t, resolved_states: [[x]]}",
        &["line 4, column 31: a state is a list, expected a name, or a mapping with \"name\""],
    );
    check(
        "- name: t\n  pending_states: [a]\n  resolved_states:\n  - b\n  - b\n  - a\n",
        &[
            "line 8, column 5: state \"b\" is named twice, first on line 7",
            "line 9, column 5: state \"a\" is both pending and resolved, first on line 5",
        ],
    );
    check(
        "- {name: t, resolved_states: [x], initial_state: x}",
        &[
            "line 4, column 50: \"initial_state\" is \"x\", expected a pending state, of which this type has none",
        ],
    );
    check(
        "- {name: t, resolved_states: [x], initial_state: null, urgency: ~}",
        &[
            "line 4, column 65: \"urgency\" is empty, expected \"low\", \"normal\", \"high\" or \"critical\"",
        ],
    );
    check(
        "- {name: t, pending_states: [p, q], resolved_states: [{name: x, only_from: [q, q, x, P]}, {name: y, only_from: ~}], on_expire: z, paused_states: [x]}",
        &[
            "line 4, column 80: \"only_from\" has \"q\" twice",
            "line 4, column 83: \"only_from\" has \"x\", expected null or a pending state: \"p\" or \"q\"",
            "line 4, column 86: \"only_from\" has \"P\", expected null or a pending state: \"p\" or \"q\"",
            "line 4, column 112: \"only_from\" is empty, expected a list",
            "line 4, column 128: \"on_expire\" is \"z\", expected a state: \"p\", \"q\", \"x\" or \"y\"",
            "line 4, column 147: \"paused_states\" has \"x\", expected a pending state: \"p\" or \"q\"",
        ],
    );
    check(
        "- {name: t, pending_states: [{name: p, outcome: positive, only_from: [p]}], resolved_states: [{name: x, confirm: 'yes', style: red}]}",
        &[
            "line 4, column 40: \"outcome\" on a pending state, expected on resolved ones only",
            "line 4, column 71: \"only_from\" has the state \"p\" itself",
            "line 4, column 114: \"confirm\" is \"yes\", expected true, false or \"type\"",
            "line 4, column 128: \"style\" is \"red\", expected \"primary\", \"plain\" or \"danger\"",
        ],
    );
}

#[test]
fn names_within_a_list_are_given_once() {
    check(
        "- &t {name: t, resolved_states: [x]}\n- *t\n- {<<: *t}",
        &[
            "line 5, column 3: task type \"t\" is named twice, first on line 4",
            "line 6, column 8: task type \"t\" is named twice, first on line 4",
        ],
    );
    check(
        "- {name: t, resolved_states: [x], webhooks: [task.created, task.created, action.invoked], fields: [{name: f}, {name: f, currency: EUR}]}",
        &[
            "line 4, column 60: \"webhooks\" has \"task.created\" twice",
            "line 4, column 74: \"webhooks\" has \"action.invoked\", expected \"task.updated\", \"task.resolved\", \"task.reopened\", \"task.expired\", \"task.withdrawn\", \"task.commented\", \"question.asked\", \"task.created\", \"task.changed\" or \"action.finished\"",
            "line 4, column 118: field \"f\" is named twice, first on line 4",
            "line 4, column 121: \"currency\" on a field that is no money, expected with kind \"money\" only",
        ],
    );
}

#[test]
fn hook_urls_that_cannot_or_must_not_be_called_are_refused() {
    const START: &str = "a URL that starts with \"http://\" or \"https://\"";
    const SHAPE: &str = "a URL of at most 2000 bytes without spaces and backslashes";
    const NEVER: &str = "an address outside the link-local and cloud metadata ranges";
    for (url, expected) in [
        ("ftp://host/", START),
        ("javascript:alert(1)", START),
        ("http:/host", START),
        ("/hook", START),
        ("''", START),
        ("[]", START),
        ("'http://a b/'", SHAPE),
        ("\"http://a/\\tb\"", SHAPE),
        ("'http:\\\\host'", START),
        ("'http://host\\x'", SHAPE),
        ("http://", "a URL (empty host)"),
        ("http://host:99999/", "a URL (invalid port number)"),
        ("http://1.2.3.4.5/", "a URL (invalid IPv4 address)"),
        ("http://host:0/", "a URL with another port than 0"),
        ("http://user@host/", "a URL without user name and password"),
        ("http://:secret@host/", "a URL without user name and password"),
        ("http://169.254.169.254/", NEVER),
        ("http://169.254.169.254./", NEVER),
        ("http://2852039166/", NEVER),
        ("http://0xa9fea9fe/", NEVER),
        ("http://0xa9.254.43518/", NEVER),
        ("http://0251.0376.0251.0376/", NEVER),
        ("http://１６９。２５４．１６９．２５４/", NEVER),
        ("http://%31%36%39.254.169.254/", NEVER),
        ("http://100.100.100.200/", NEVER),
        ("'http://[fe80::1]/'", NEVER),
        ("'http://[febf::1]/'", NEVER),
        ("'http://[fd00:ec2::254]/'", NEVER),
        ("'http://[::ffff:a9fe:a9fe]/'", NEVER),
        ("'http://[::ffff:169.254.1.1]/'", NEVER),
        ("'http://[::a9fe:a9fe]/'", NEVER),
        ("'http://[64:ff9b::a9fe:a9fe]/'", NEVER),
        ("'http://[64:ff9b::100.100.100.200]/'", NEVER),
        ("'http://[2002:a9fe:a9fe::1]/'", NEVER),
    ] {
        for (source, place) in [
            (
                format!("default_hook_url: {url}\n{HEAD}- {{name: t, resolved_states: [x]}}"),
                "line 1, column 19: \"default_hook_url\"",
            ),
            (
                format!("{HEAD}- name: t\n  resolved_states: [x]\n  hook_url: {url}"),
                "line 6, column 13: \"hook_url\"",
            ),
        ] {
            let told = problems(&source);
            assert!(
                told.len() == 1
                    && told[0].starts_with(place)
                    && told[0].ends_with(&format!(", expected {expected}")),
                "{url}: {told:?}"
            );
            assert!(!told[0].contains("secret"), "{told:?}");
        }
    }
}

#[test]
fn private_hook_urls_are_for_the_operator_to_decide() {
    for url in [
        "http://localhost:5001/x",
        "http://127.1/",
        "http://2130706433/",
        "http://10.0.0.1/",
        "http://0/",
        "'http://[::1]/'",
        "'http://[::ffff:7f00:1]/'",
        "https://höst.example/ü?a=b#c",
        "http://host:65535",
    ] {
        let source = format!("default_hook_url: {url}\n{HEAD}- {{name: t, resolved_states: [x]}}");
        assert_eq!(problems(&source), [""; 0], "{url}");
    }
}

#[test]
fn s56_the_hook_key_gets_a_header_of_its_own_and_no_line_break() {
    for header in ["ti-key", "X-Hook-Key", "Authorization", "x_key", "1"] {
        let source = format!(
            "hook_auth: {{kind: head, val: {header}}}\n{HEAD}- {{name: t, resolved_states: [x]}}"
        );
        assert_eq!(problems(&source), [""; 0], "{header}");
    }
    for header in [
        "Host",
        "content-length",
        "Content-Type",
        "TRANSFER-ENCODING",
        "connection",
        "webhook-id",
        "Webhook-Anything",
        "'a b'",
        "'a:b'",
        "ü",
        "''",
        "~",
        "[a]",
        "\"X\\r\\nEvil: 1\"",
        "\"a\\nb\"",
        "\"a\\0\"",
    ] {
        let source = format!(
            "hook_auth: {{kind: head, val: {header}}}\n{HEAD}- {{name: t, resolved_states: [x]}}"
        );
        let told = problems(&source);
        assert!(
            told.iter().any(|problem| problem.starts_with("line 1, column 30: \"val\" is ")),
            "{header}: {told:?}"
        );
    }
    let rest = format!("{HEAD}- {{name: t, resolved_states: [x]}}");
    for (auth, expected) in [
        ("head", "line 1, column 12: \"hook_auth\" is \"head\", expected a mapping with \"kind\""),
        ("{}", "line 1, column 12: missing key \"kind\" of \"hook_auth\""),
        (
            "{kind: body}",
            "line 1, column 19: \"kind\" is \"body\", expected \"head\" or \"standard\"",
        ),
        (
            "{kind: standard, val: x}",
            "line 1, column 29: \"val\" with kind \"standard\", expected with \"head\" only",
        ),
    ] {
        assert_eq!(problems(&format!("hook_auth: {auth}\n{rest}")), [expected]);
    }
}

#[test]
fn a_hundred_types_and_a_hundred_states_are_enough() {
    let types = |count: usize| {
        let lines: String =
            (0..count).map(|i| format!("- {{name: t{i}, resolved_states: [x]}}\n")).collect();
        problems(&format!("{HEAD}{lines}"))
    };
    let states = |pending: usize, resolved: usize| {
        let names = |letter: &str, count: usize| {
            (0..count).map(|i| format!("{letter}{i}, ")).collect::<String>()
        };
        let (pending, resolved) = (names("p", pending), names("r", resolved));
        problems(&format!(
            "{HEAD}- {{name: t, pending_states: [{pending}], resolved_states: [{resolved}]}}"
        ))
    };
    assert_eq!(types(100), [""; 0]);
    assert_eq!(types(101), ["line 3, column 1: \"tasktypes\" has 101 entries, expected 1 to 100"]);
    assert_eq!(types(0), ["line 3, column 10: \"tasktypes\" is empty, expected a list"]);
    assert_eq!(states(50, 50), [""; 0]);
    assert_eq!(
        states(0, 10_000),
        ["line 4, column 33: \"resolved_states\" has 10000 entries, expected 1 to 100"]
    );
    let sum = states(51, 50);
    assert!(
        sum.len() == 1 && sum[0].ends_with("a task type with 101 states, expected at most 100"),
        "{sum:?}"
    );
}

#[test]
fn files_meant_to_keep_the_server_busy_are_refused_in_words() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        laughs += &format!("a{level}: &a{level} [{below}]\n");
    }
    let anchors: String = (0..51).map(|i| format!("a{i}: &a{i} x\n")).collect();
    for source in [
        laughs,
        "[".repeat(100_000),
        "{".repeat(100_000),
        "- ".repeat(50_000),
        "? ".repeat(50_000),
        format!("a: [{}]", "a,".repeat(100_000)),
        anchors,
    ] {
        let told = problems(&source);
        assert!(
            told.len() == 1 && told[0].contains(": too much YAML, expected at most"),
            "{told:?}"
        );
    }
    let long = format!("# {}", "x".repeat(5_000_000));
    assert_eq!(
        problems(&long),
        ["line 1, column 1: the file has 5000002 bytes, expected at most 262144"]
    );

    let sample = super::tests::SAMPLE;
    let padded = format!("{sample}#{}\n", "x".repeat(MAX_BYTES - sample.len() - 2));
    assert!(padded.len() == MAX_BYTES && parse(&padded).is_ok());
}
