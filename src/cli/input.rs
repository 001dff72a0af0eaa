//! What commands read: files, secrets that must not stand in the list of processes,
//! and the forms that arguments have.

use std::io::{BufRead, IsTerminal, Read, stdin};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::SignedDuration;

/// A file's text; `-` is standard input.
pub fn read_text(path: &str) -> Result<String> {
    if path != "-" {
        return std::fs::read_to_string(path).with_context(|| format!("reading \"{path}\""));
    }
    let mut text = String::new();
    stdin().read_to_string(&mut text).context("reading standard input")?;
    Ok(text)
}

/// What was given, or for `-` what standard input holds.
pub fn given(text: String) -> Result<String> {
    if text == "-" { read_text("-") } else { Ok(text) }
}

/// One line of standard input, without its end.
pub fn read_line(what: &str) -> Result<String> {
    if stdin().is_terminal() {
        eprint!("{what} (shown as you type): ");
    }
    let mut line = String::new();
    stdin().lock().read_line(&mut line).with_context(|| format!("reading the {what}"))?;
    let line = line
        .strip_suffix('\n')
        .map_or(line.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if line.is_empty() {
        bail!("standard input held no {what}");
    }
    Ok(line.to_owned())
}

/// `90s`, `15m`, `4h`, `7d`.
pub fn span(text: &str) -> Option<SignedDuration> {
    let (number, seconds) = match text.split_at_checked(text.len().checked_sub(1)?)? {
        (number, "s") => (number, 1),
        (number, "m") => (number, 60),
        (number, "h") => (number, 3600),
        (number, "d") => (number, 24 * 3600),
        _ => return None,
    };
    Some(SignedDuration::from_secs(number.parse::<i64>().ok()?.checked_mul(seconds)?))
}

/// Seconds, or a span.
pub fn patience(text: &str) -> Result<Duration, String> {
    let seconds = match text.parse() {
        Ok(seconds) => Some(seconds),
        Err(_) => span(text).and_then(|span| u64::try_from(span.as_secs()).ok()),
    };
    // Beyond ten years there is no clock to add it to.
    let seconds = seconds.filter(|seconds| *seconds <= 315_619_200);
    seconds.map(Duration::from_secs).ok_or_else(|| "give seconds, or 90s, 15m, 4h, 7d".to_owned())
}

pub fn json(text: &str) -> Result<String, serde_json::Error> {
    serde_json::from_str::<serde::de::IgnoredAny>(text)?;
    Ok(text.to_owned())
}

pub fn json_or_dash(text: &str) -> Result<String, serde_json::Error> {
    if text == "-" { Ok(text.to_owned()) } else { json(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_seconds_or_a_span() {
        for (text, seconds) in [
            ("0", Some(0)),
            ("600", Some(600)),
            ("90s", Some(90)),
            ("15m", Some(900)),
            ("4h", Some(14_400)),
            ("7d", Some(604_800)),
            ("-1", None),
            ("-1d", None),
            ("1.5h", None),
            ("4000d", None),
            ("99999999999999999999", None),
            ("h", None),
            ("", None),
        ] {
            assert_eq!(patience(text).ok(), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
