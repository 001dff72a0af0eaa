//! Schema files that were written to do harm.

use std::time::{Duration, Instant};

use task_inbox::schema;

use crate::server::{Server, sample};

const LIMIT: Duration = Duration::from_millis(500);

/// The best of three, because the machine has other things to do.
fn takes(source: &str) -> Duration {
    let once = || {
        let began = Instant::now();
        assert!(schema::parse(source).is_err());
        began.elapsed()
    };
    once().min(once()).min(once())
}

/// Each is refused by the API with its place, and in time.
async fn refused(server: &Server, files: Vec<(&str, String)>) {
    for (what, source) in files {
        let took = takes(&source);
        assert!(took < LIMIT, "{what} took {took:?}");
        let path = "/schemas";
        let answer =
            server.call_with(&server.key, http::Method::POST, path, &[], Some(source), 422).await;
        assert_eq!(answer["code"], "schema_valid", "{what}: {answer}");
        assert!(answer["errors"][0]["line"].is_number(), "{what}: {answer}");
    }
}

#[tokio::test]
async fn s49_a_file_that_explodes_is_refused_within_half_a_second() {
    let server = Server::start().await;
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        laughs += &format!("a{level}: &a{level} [{below}]\n");
    }
    let sample = sample();
    refused(
        &server,
        vec![
            ("laughs", laughs),
            ("brackets", "[".repeat(100_000)),
            ("braces", "{".repeat(100_000)),
            ("dashes", "- ".repeat(50_000)),
            ("questions", "? ".repeat(50_000)),
            ("an anchor within itself", "a: &a [*a]\n".to_owned()),
            ("a duplicate key", format!("{sample}\nname: again\n")),
            ("two documents", format!("{sample}\n---\n{sample}")),
            ("a tag", format!("!!python/object:os.system\n{sample}")),
        ],
    )
    .await;
    // Larger than a file may be: the parser never sees it.
    let large = format!("# {}\n{sample}", "x".repeat(1024 * 1024));
    assert!(takes(&large) < LIMIT);
    let path = "/schemas";
    let answer =
        server.call_with(&server.key, http::Method::POST, path, &[], Some(large), 413).await;
    assert_eq!(answer["code"], "body_size");
}

#[tokio::test]
async fn s50_a_file_with_names_and_lists_that_cannot_be_is_refused() {
    let server = Server::start().await;
    let file = |name: &str, ttype: &str, states: &str| {
        format!("name: {name}\nsemver: '1'\ntasktypes: [{{name: {ttype}, {states}}}]\n")
    };
    let state = |name: &str| file("a", "t", &format!("resolved_states: [{name}]"));
    let many: String = (0..10_000).map(|number| format!("s{number}, ")).collect();
    let mut files = vec![
        ("an unknown key", file("a", "t", "resolved_states: [x], resolvd: 1")),
        ("a state in both lists", file("a", "t", "pending_states: [x], resolved_states: [x]")),
        ("10,000 states", state(&many)),
        (
            "urgency rules",
            file("a", "t", "resolved_states: [x], urgency: {default: low, rules: ['$[']}"),
        ),
    ];
    let names =
        ["''", "' '", "\"a\\0b\"", "\"a\\nb\"", "\"a\\rb\"", "'a b'", "\"a\\u202eb\"", "../a"];
    for name in names {
        files.push(("a schema's name", file(name, "t", "resolved_states: [x]")));
    }
    // Only a schema's may have a slash.
    for name in names.iter().chain(&["a/b"]) {
        files.push(("a task type's name", file("a", name, "resolved_states: [x]")));
        files.push(("a state's name", state(name)));
    }
    refused(&server, files).await;
}
