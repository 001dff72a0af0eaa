//! What commands read: files, and secrets that must not stand in the list of processes.

use std::io::{BufRead, IsTerminal, Read, stdin};

use anyhow::{Context, Result, bail};

/// A file's text; `-` is standard input.
pub fn read_text(path: &str) -> Result<String> {
    if path != "-" {
        return std::fs::read_to_string(path).with_context(|| format!("reading \"{path}\""));
    }
    let mut text = String::new();
    stdin().read_to_string(&mut text).context("reading standard input")?;
    Ok(text)
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
