//! Finds the PostgreSQL server programs of this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::account::Account;
use super::folder::Folder;

const OLDEST: u32 = 15;
const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Parent, start of the name, and what follows below it: where packagers put them.
const PLACES: [(&str, &str, &str); 9] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/opt/local/lib", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ("/Library/PostgreSQL", "", "bin"),
];

#[derive(Clone, Debug)]
pub struct Programs {
    directory: PathBuf,
    pub major: u32,
}

impl Programs {
    /// The newest there are, or those of the cluster's major version.
    pub fn find(
        folder: &Folder,
        cluster_major: Option<u32>,
        wanted: Option<&Path>,
        account: &Account,
    ) -> Result<Programs> {
        let found: Vec<Programs> = match wanted {
            Some(directory) => vec![inspect(directory, account).with_context(|| {
                let directory = directory.display();
                format!("looking for PostgreSQL in `{directory}` (TASK_INBOX_PG_BIN)")
            })?],
            None => places().iter().flat_map(|place| inspect(place, account)).collect(),
        };
        let fitting = found.iter().filter(|programs| {
            programs.major >= OLDEST && cluster_major.is_none_or(|major| programs.major == major)
        });
        match fitting.max_by_key(|programs| programs.major) {
            Some(programs) => Ok(programs.clone()),
            None => bail!("{}", what_to_do(&found, cluster_major, folder)),
        }
    }

    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

fn what_to_do(found: &[Programs], cluster_major: Option<u32>, folder: &Folder) -> String {
    let describe = |programs: &Programs| {
        format!("PostgreSQL {} in `{}`", programs.major, programs.directory.display())
    };
    let found: Vec<String> = found.iter().map(describe).collect();
    let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
    let Some(major) = cluster_major else {
        return format!(
            "the server programs of PostgreSQL {OLDEST} or newer are needed (found: {found}): \
             install them (Debian, Ubuntu: `apt-get install postgresql`; macOS: `brew install \
             postgresql`), name their folder in TASK_INBOX_PG_BIN, or set DATABASE_URL"
        );
    };
    let data = folder.root.display();
    format!(
        "the database in `{data}` is of PostgreSQL {major} (found: {found}): install \
         PostgreSQL {major} (Debian, Ubuntu: `apt-get install postgresql-{major}`) or name its \
         folder in TASK_INBOX_PG_BIN. To move to another version, start task-inbox once more \
         with PostgreSQL {major}, save the data with `pg_dump --format=custom \
         --file=task-inbox.dump \"$database_url\"`, move `{data}/cluster` away, start task-inbox \
         with the other version and load it with `pg_restore --clean --if-exists \
         --dbname=\"$database_url\" task-inbox.dump` (`task-inbox serve --json-ready` prints the \
         database_url)"
    )
}

fn inspect(directory: &Path, account: &Account) -> Result<Programs> {
    let directory = fs::canonicalize(directory)?;
    for name in NEEDED {
        ensure!(directory.join(name).is_file(), "there is no `{name}`");
    }
    // As the user it will run as: our own folders may be closed to that one.
    let output = account.command(&directory.join("postgres")).arg("--version").output();
    let output = output.context("running `postgres --version`")?;
    let version = String::from_utf8_lossy(&output.stdout);
    let major = major_of(&version).with_context(|| {
        let words = String::from_utf8_lossy(&output.stderr);
        format!("`postgres --version` answered `{}`", words.trim())
    })?;
    Ok(Programs { directory, major })
}

/// `postgres (PostgreSQL) 15.18 (Debian …)`, `18beta1` before a release.
fn major_of(version: &str) -> Option<u32> {
    let number = version.split("(PostgreSQL) ").nth(1)?;
    let digits = number.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(number.len());
    number[..digits].parse().ok()
}

fn places() -> Vec<PathBuf> {
    let mut places = on_the_path();
    for (parent, start, below) in PLACES {
        let Ok(entries) = fs::read_dir(parent) else { continue };
        let named = entries
            .flatten()
            .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(start)));
        places.extend(named.flat_map(|entry| fs::canonicalize(entry.path().join(below))));
    }
    places.sort();
    places.dedup();
    places
}

/// Asks the shell, because only the configuration reads the environment.
fn on_the_path() -> Vec<PathBuf> {
    let script = "command -v initdb; pg_config --bindir";
    let Ok(output) = Command::new("sh").args(["-c", script]).output() else { return Vec::new() };
    let answers = String::from_utf8_lossy(&output.stdout);
    let existing = answers.lines().flat_map(fs::canonicalize);
    let directories = existing.filter_map(|path| match path.is_dir() {
        true => Some(path),
        false => path.parent().map(Path::to_owned),
    });
    directories.collect()
}

#[cfg(test)]
mod tests {
    use super::major_of;

    #[test]
    fn the_major_version_is_read_from_every_form() {
        for (version, major) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15)),
            ("postgres (PostgreSQL) 18.4\n", Some(18)),
            ("postgres (PostgreSQL) 19devel\n", Some(19)),
            ("postgres (PostgreSQL) 9.6.24\n", Some(9)),
            ("something else 15.1", None),
            ("", None),
        ] {
            assert_eq!(major_of(version), major, "{version}");
        }
    }
}
