//! Lists the files of `sql/functions`, so that a new one is only put there, and
//! makes cargo see a changed SQL file without a changed Rust file.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

#[expect(clippy::disallowed_methods, reason = "a build has no configuration but cargo's")]
fn main() {
    println!("cargo:rerun-if-changed=sql");
    println!("cargo:rerun-if-changed=build.rs");

    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let mut list = String::from(
        "/// Path below sql/functions without its ending, and text.\nconst FUNCTIONS: &[(&str, &str)] = &[\n",
    );
    // Views first: functions lean on them, they lean on no function; and each
    // after the views it names.
    for schema in ["reporting", "inbox_internal", "inbox"] {
        let folder = Path::new(&root).join("sql/functions").join(schema);
        let mut files: Vec<_> = fs::read_dir(&folder)
            .expect("the folder of each schema exists")
            .map(|entry| entry.expect("readable").path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "sql"))
            .map(|path| (name_of(&path), fs::read_to_string(&path).expect("readable"), path))
            .collect();
        files.sort();
        let names: Vec<String> =
            files.iter().map(|(name, ..)| format!("reporting.{name}")).collect();
        if schema == "reporting" {
            files.sort_by_key(|(_, text, _)| {
                names.iter().filter(|name| text.contains(*name)).count()
            });
        }
        for (name, _, file) in files {
            writeln!(list, "    ({:?}, include_str!({:?})),", format!("{schema}/{name}"), file)
                .expect("into a string");
        }
    }
    list.push_str("];\n");

    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("functions.rs");
    fs::write(out, list).expect("the output folder is writable");
}

fn name_of(file: &Path) -> String {
    file.file_stem().expect("has a name").to_string_lossy().into_owned()
}
