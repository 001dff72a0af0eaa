//! Which passwords may be chosen. No rules of composition: they make passwords
//! worse (NIST SP 800-63B).

use http::StatusCode;

use super::normal;
use crate::error::{Problem, Result};

/// In characters, of the normal form.
pub(super) const LONGEST: usize = 256;
const SHORTEST: usize = 10;

/// What is tried first by who guesses: the long ones of the usual lists.
const COMMON: &str = include_str!("common.txt");

/// Refuses a new password that is too short, too long or the first guess.
pub fn check(password: &str, name: &str) -> Result<()> {
    let password = &normal(password);
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    if !(SHORTEST..=LONGEST).contains(&password.chars().count()) {
        let detail = format!("a password has {SHORTEST} to {LONGEST} characters");
        return Err(Problem::new(unprocessable, "password_length", detail).into());
    }
    if is_guessed_first(&password.to_lowercase(), &name.to_lowercase()) {
        let detail = "this password is among the first that are guessed; choose another";
        return Err(Problem::new(unprocessable, "password_common", detail).into());
    }
    Ok(())
}

fn is_guessed_first(password: &str, name: &str) -> bool {
    let one_character = password.chars().all(|character| password.starts_with(character));
    // The names of the person and of this program, with a few characters around them.
    let names = ["task-inbox", "taskinbox", "task inbox", name];
    let rest = names
        .into_iter()
        .filter(|word| !word.is_empty())
        .fold(password.to_owned(), |rest, word| rest.replace(word, ""));
    one_character || rest.chars().count() < 4 || COMMON.lines().any(|common| common == password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_refused() {
        for (password, good) in [
            ("ten chars!", true),
            ("nine char", false),
            ("ééééöööönn", true),
            // Five characters, however they are typed.
            ("e\u{301}e\u{300}o\u{308}a\u{308}u\u{308}", false),
            (&"e\u{301}a\u{300}".repeat(128), true),
            (&"e\u{301}a\u{300}".repeat(129), false),
            (&"long ".repeat(51), true),
            (&"long ".repeat(52), false),
            ("1234567890", false),
            ("Qwertyuiop", false),
            ("PASSWORD123", false),
            ("aaaaaaaaaaaa", false),
            ("ana.miller@example.org", false),
            ("Ana.Miller@Example.org1!", false),
            ("ana.miller@example.org likes tea", true),
            ("task-inbox", false),
            ("Task-Inbox26", false),
            ("taskinbox-task-inbox", false),
            ("task-inbox at our house", true),
        ] {
            assert_eq!(check(password, "ana.miller@example.org").is_ok(), good, "{password}");
        }
    }

    #[test]
    fn the_list_holds_what_the_rule_compares() {
        assert!(COMMON.lines().count() <= 200);
        for common in COMMON.lines() {
            assert!(
                common.chars().count() >= SHORTEST && common == common.to_lowercase(),
                "{common}"
            );
        }
    }
}
