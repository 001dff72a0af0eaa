//! The invariants of ARCHITECTURE.md, read off the source.

use crate::source::{ROOT, complain, files};

#[test]
fn rust_changes_no_table_itself() {
    let mut faults = Vec::new();
    for (path, text) in files("src", "rs") {
        let text = text.split("#[cfg(test)]").next().unwrap().to_lowercase();
        for word in ["insert into ", "update app", "delete from ", "truncate "] {
            if text.contains(word) {
                faults.push(format!("{}: {word}", path.display()));
            }
        }
    }
    complain(&faults);
}

#[test]
fn only_config_reads_the_environment() {
    let mut faults = Vec::new();
    for (path, text) in files("src", "rs") {
        if text.contains("env::var")
            && !path.ends_with("src/config.rs")
            && !text.contains("env_remove")
        {
            faults.push(path.display().to_string());
        }
    }
    complain(&faults);
}

#[test]
fn only_workers_and_the_development_receiver_speak_to_the_outside() {
    let mut faults = Vec::new();
    for (path, text) in files("src", "rs") {
        if text.contains("reqwest")
            && !path.to_string_lossy().contains("src/worker/")
            && !path.ends_with("src/lib.rs")
        {
            faults.push(path.display().to_string());
        }
    }
    complain(&faults);
}

#[test]
fn the_api_and_the_pages_do_not_know_each_other() {
    let mut faults = Vec::new();
    for (path, text) in files("src", "rs") {
        let path = path.display().to_string();
        if path.contains("src/api") && text.contains("crate::web")
            || path.contains("src/web") && text.contains("crate::api")
        {
            faults.push(path);
        }
    }
    complain(&faults);
}

#[test]
fn every_sql_file_holds_the_one_object_it_is_named_for() {
    let mut faults = Vec::new();
    for (path, text) in files("sql/functions", "sql") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let schema = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        let kind = if schema == "reporting" { "view" } else { "function" };
        let shown = path.strip_prefix(ROOT).unwrap().display();
        if !text.starts_with("-- ") {
            faults.push(format!("{shown}: opens with no comment"));
        }
        if text.matches("create or replace ").count() != 1
            || !text.contains(&format!("create or replace {kind} {schema}.{name}"))
        {
            faults.push(format!("{shown}: is not `create or replace {kind} {schema}.{name}`"));
        }
        if kind == "function" && !text.contains("set search_path = pg_catalog, pg_temp") {
            faults.push(format!("{shown}: has no pinned search_path"));
        }
        if text.contains("security definer") != (schema == "inbox") {
            faults.push(format!("{shown}: only the public functions run as their owner"));
        }
        if text.to_lowercase().contains("execute format") {
            faults.push(format!("{shown}: builds SQL from text"));
        }
        if text.lines().count() > 100 {
            faults.push(format!("{shown}: longer than 100 lines"));
        }
    }
    complain(&faults);
}

#[test]
fn every_internal_sql_function_has_a_caller() {
    let functions = files("sql/functions", "sql");
    let texts: Vec<_> = functions.iter().cloned().chain(files("src", "rs")).collect();
    let mut faults = Vec::new();
    for (path, _) in &functions {
        let name = path.file_stem().unwrap().to_string_lossy();
        let call = format!("inbox_internal.{name}");
        let is_internal = path.parent().unwrap().ends_with("inbox_internal");
        let is_called = texts.iter().any(|(other, text)| {
            other != path
                && text.match_indices(&call).any(|(place, _)| {
                    let next = text[place + call.len()..].chars().next();
                    !next.is_some_and(|next| next.is_alphanumeric() || next == '_')
                })
        });
        if is_internal && !is_called {
            faults.push(path.display().to_string());
        }
    }
    complain(&faults);
}

#[test]
fn every_refusal_has_a_name() {
    let mut faults = Vec::new();
    for (path, text) in files("sql/functions", "sql") {
        if text.matches("raise sqlstate 'PT").count() != text.matches("constraint = '").count() {
            faults.push(path.display().to_string());
        }
        if text.contains("raise exception") {
            faults.push(format!("{}: raise exception", path.display()));
        }
    }
    complain(&faults);
}

#[test]
fn files_and_functions_fit_a_reader() {
    let mut faults = Vec::new();
    for folder in ["src", "tests"] {
        for (path, text) in files(folder, "rs") {
            let shown = path.strip_prefix(ROOT).unwrap().display().to_string();
            if text.lines().count() > 400 {
                faults.push(format!("{shown}: {} lines", text.lines().count()));
            }
            if !text.starts_with("//! ") {
                faults.push(format!("{shown}: opens with no `//!` sentence"));
            }
            let mut began = None;
            for (number, line) in text.lines().enumerate() {
                let indent = line.len() - line.trim_start().len();
                let code = line.trim_start();
                if began.is_none()
                    && (code.starts_with("fn ") || code.contains(" fn "))
                    && !code.starts_with("//")
                    && code.ends_with('{')
                {
                    began = Some((number, indent));
                }
                if let Some((first, _)) =
                    began.filter(|(_, at)| *at == indent && line.trim() == "}")
                {
                    if number - first > 70 {
                        faults.push(format!(
                            "{shown}:{}: a function of {} lines",
                            first + 1,
                            number - first
                        ));
                    }
                    began = None;
                }
            }
        }
    }
    complain(&faults);
}

#[test]
fn markup_has_no_inline_script_or_style() {
    let mut faults = Vec::new();
    for (path, text) in files("src/web", "rs") {
        let shown = path.strip_prefix(ROOT).unwrap().display().to_string();
        for word in [" style=", " onclick=", " onsubmit=", "hx-on", "javascript:"] {
            let code = text.split("#[cfg(test)]").next().unwrap();
            if code.contains(word) {
                faults.push(format!("{shown}: {word}"));
            }
        }
        if text.contains("PreEscaped") && !shown.ends_with("page.rs") {
            faults.push(format!("{shown}: PreEscaped"));
        }
    }
    complain(&faults);
}

#[test]
fn every_row_of_the_fault_matrix_has_its_test() {
    let mut text: String = files("tests", "rs").into_iter().map(|(_, text)| text).collect();
    text.extend(files("src", "rs").into_iter().map(|(_, text)| text));
    let missing = (1..=68).map(|row| format!("fn f{row:02}_"));
    complain(&missing.filter(|name| !text.contains(name.as_str())).collect::<Vec<_>>());
}
