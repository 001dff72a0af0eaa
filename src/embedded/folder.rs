//! The data folder: what lies where in it, who may read it, the database's address.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::account::Account;

/// `sockaddr_un` holds 104 bytes on macOS and 108 on Linux; some room is left.
const LONGEST_SOCKET_PATH: usize = 90;
const SOCKET_FILE: &str = ".s.PGSQL.5432";

#[derive(Debug)]
pub struct Folder {
    pub root: PathBuf,
    pub cluster: PathBuf,
    pub log: PathBuf,
}

impl Folder {
    pub fn open(data: &Path) -> Result<Folder> {
        let shown = data.display();
        if !data.exists() {
            // Traversable, because the server's user has to pass when we are root.
            let made = DirBuilder::new().recursive(true).mode(0o755).create(data);
            made.with_context(|| format!("creating the data folder `{shown}`"))?;
            fs::set_permissions(data, Permissions::from_mode(0o711))?;
        }
        let root = fs::canonicalize(data).with_context(|| format!("opening `{shown}`"))?;
        let (cluster, log) = (root.join("cluster"), root.join("postgresql.log"));
        Ok(Folder { root, cluster, log })
    }

    /// A file that only we may read, opened for writing at its end.
    pub fn private_file(&self, path: &Path) -> Result<File> {
        let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
        opened.with_context(|| format!("opening `{}`", path.display()))
    }

    pub fn lock_file(&self, name: &str) -> Result<File> {
        self.private_file(&self.root.join(name))
    }

    /// Writes a file at once or not at all. By renaming, because were a link planted
    /// where the server's user may write, we would not follow it as root.
    pub fn put(&self, path: &Path, text: &str, owner: Option<&Account>) -> Result<()> {
        let unfinished = self.root.join(".unfinished");
        remove_if_there(&unfinished)?;
        let mut file = self.private_file(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        if let Some(owner) = owner {
            owner.give(&unfinished)?;
        }
        fs::rename(&unfinished, path).with_context(|| format!("writing `{}`", path.display()))
    }

    /// The major version of the cluster's files; none before there is a cluster.
    pub fn cluster_major(&self) -> Result<Option<u32>> {
        let file = self.cluster.join("PG_VERSION");
        let Some(version) = read_if_there(&file)? else {
            if self.cluster.exists() {
                bail!("`{}` is not a PostgreSQL cluster: move it away", self.cluster.display());
            }
            return Ok(None);
        };
        let major = version.trim().split('.').next().and_then(|major| major.parse().ok());
        Ok(Some(major.with_context(|| format!("reading a version from `{}`", file.display()))?))
    }

    fn password_file(&self) -> PathBuf {
        self.root.join("database.password")
    }

    pub fn password(&self) -> Result<Option<String>> {
        Ok(read_if_there(&self.password_file())?.filter(|password| !password.is_empty()))
    }

    pub fn save_password(&self, password: &str) -> Result<()> {
        self.put(&self.password_file(), password, None)
    }

    /// Where a running server is reached, if one has ever been started here.
    pub fn database_url(&self) -> Result<Option<String>> {
        let socket = self.root.join("socket");
        let socket = fs::read_link(&socket).unwrap_or(socket);
        Ok(self.password()?.map(|password| database_url(&password, &socket)))
    }

    /// The directory of the server's socket. If its path cannot serve, mostly as it is
    /// too long for the system, then `socket` is a link that remembers another.
    pub fn make_socket(&self, account: &Account) -> Result<PathBuf> {
        let socket = self.root.join("socket");
        if fits(&socket) {
            if socket.is_symlink() {
                fs::remove_file(&socket)?;
            }
            make_private(&socket, account)?;
            return Ok(socket);
        }
        if let Ok(target) = fs::read_link(&socket) {
            // Whoever may write to the temporary directory could have put one there.
            if is_private(&target, account) {
                return Ok(target);
            }
            fs::remove_file(&socket)?;
        } else if socket.exists() {
            fs::remove_dir_all(&socket)?;
        }
        let name = format!("task-inbox-{:08x}", rand::random::<u32>());
        let places = [std::env::temp_dir(), PathBuf::from("/tmp")];
        let mut targets = places.iter().map(|place| place.join(&name));
        let target = targets.find(|target| fits(target)).context(
            "the paths of the data folder and of the temporary directory are too long for a socket",
        )?;
        DirBuilder::new().mode(0o700).create(&target).context("making a socket directory")?;
        account.give(&target)?;
        symlink(&target, &socket)?;
        Ok(target)
    }

    /// Takes back what [`Folder::make_socket`] put outside the data folder.
    pub fn drop_socket(&self) -> Result<()> {
        let socket = self.root.join("socket");
        if let Ok(target) = fs::read_link(&socket) {
            fs::remove_file(&socket)?;
            fs::remove_dir(&target)?;
        }
        Ok(())
    }
}

pub fn database_url(password: &str, socket: &Path) -> String {
    let host = percent_encode(socket.as_os_str());
    format!("postgresql://task_inbox:{password}@/task_inbox?host={host}")
}

/// Removes the socket and its lock, which an unclean end leaves behind.
pub fn clear_socket(socket: &Path) -> Result<()> {
    remove_if_there(&socket.join(SOCKET_FILE))?;
    remove_if_there(&socket.join(format!("{SOCKET_FILE}.lock")))
}

/// Makes a directory, if it is not there, that only the server's user may enter.
pub fn make_private(directory: &Path, account: &Account) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.with_context(|| format!("making `{}`", directory.display()))?;
    fs::set_permissions(directory, Permissions::from_mode(0o700))?;
    account.give(directory)
}

pub fn read_if_there(file: &Path) -> Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading `{}`", file.display())),
    }
}

fn remove_if_there(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing `{}`", file.display()))
        }
        _ => Ok(()),
    }
}

fn is_private(directory: &Path, account: &Account) -> bool {
    fs::symlink_metadata(directory).is_ok_and(|found| {
        found.is_dir() && found.uid() == account.uid && found.mode() & 0o077 == 0
    })
}

/// `psql` takes a comma for the start of another host.
fn fits(socket: &Path) -> bool {
    let file = socket.join(SOCKET_FILE);
    file.to_str().is_some_and(|file| file.len() <= LONGEST_SOCKET_PATH && !file.contains(','))
}

fn percent_encode(path: &OsStr) -> String {
    let mut encoded = String::new();
    for &byte in path.as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                encoded.push(byte.into());
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
