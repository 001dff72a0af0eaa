//! The files of this project, for tests that read them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Every file of ours with this ending, below a folder.
pub fn files(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(ROOT).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "node_modules" {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|found| found == ending) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no .{ending} files");
    found
}

/// All tests, each with the module it is in: what has the mark, with other marks
/// perhaps between the two.
pub fn tests() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (path, text) in files("src", "rs").into_iter().chain(files("tests", "rs")) {
        let module = module_of(&path);
        let mut marked = false;
        for line in text.lines().map(str::trim_start) {
            marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            let Some((_, rest)) = line.split_once("fn ").filter(|_| !line.starts_with(['#', '/']))
            else {
                continue;
            };
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            if marked {
                found.insert((module.clone(), rest[..end.unwrap_or(rest.len())].to_owned()));
            }
            marked = false;
        }
    }
    found
}

/// As `life::races` for `tests/it/life/races.rs`, and `config` for `src/config.rs`.
fn module_of(path: &Path) -> String {
    let path = path.strip_prefix(ROOT).unwrap().with_extension("");
    let below = ["tests/it", "src"].iter().find_map(|folder| path.strip_prefix(folder).ok());
    let parts = below.unwrap_or(&path).iter().map(|part| part.to_string_lossy());
    parts.filter(|part| part != "mod").collect::<Vec<_>>().join("::")
}

pub fn complain(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}
