//! SECURITY.md says which promise has which test; this reads both.

use std::collections::BTreeSet;

use crate::source::{ROOT, complain, tests};

/// The rows that a test's name carries, as in `s05_…` and `f66_s27_s60_…`.
fn rows_of(name: &str) -> Vec<String> {
    let parts = name
        .split('_')
        .take_while(|part| part.len() == 3 && part[1..].bytes().all(|byte| byte.is_ascii_digit()));
    parts.filter(|part| part.starts_with('s')).map(str::to_uppercase).collect()
}

#[test]
fn every_promise_names_tests_that_are_there_and_every_numbered_test_is_named() {
    let document = std::fs::read_to_string(format!("{ROOT}/SECURITY.md")).unwrap();
    let rows: Vec<Vec<&str>> = document
        .lines()
        .filter(|line| line.starts_with("| S"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let numbers: Vec<String> = rows.iter().map(|row| row[0].to_owned()).collect();
    let expected: Vec<String> = (1..=90).map(|number| format!("S{number:02}")).collect();
    assert_eq!(numbers, expected);

    let tests: BTreeSet<String> = tests().into_iter().map(|(_, name)| name).collect();
    let mut faults = Vec::new();
    for row in &rows {
        assert!(row.len() == 3 && !row[2].is_empty(), "{row:?}");
        for name in row[2].split('`').skip(1).step_by(2) {
            if !tests.contains(name) {
                faults.push(format!("{}: there is no test {name}", row[0]));
            }
        }
    }
    for name in &tests {
        for number in rows_of(name) {
            let row = rows.iter().find(|row| row[0] == number);
            if !row.is_some_and(|row| row[2].contains(&format!("`{name}`"))) {
                faults.push(format!("{number}: SECURITY.md does not name {name}"));
            }
        }
    }
    complain(&faults);
}
