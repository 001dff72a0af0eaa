//! As whom the server programs run: PostgreSQL refuses to run as root.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::folder::Folder;

#[derive(Debug)]
pub struct Account {
    pub uid: u32,
    /// None when we are this user already.
    gid: Option<u32>,
}

impl Account {
    /// The owner of the cluster if there is one; else ourselves, or as root the user
    /// asked for, `postgres` or `nobody`.
    pub fn choose(folder: &Folder, wanted: Option<&str>) -> Result<Account> {
        let own_uid = own_uid(folder)?;
        let owner = fs::metadata(&folder.cluster).ok();
        let cluster = folder.cluster.display();
        if own_uid != 0 {
            if let Some(owner) = owner
                && owner.uid() != own_uid
            {
                let uid = owner.uid();
                bail!("`{cluster}` belongs to user {uid}: run task-inbox as that user or as root");
            }
            check_has_a_name(own_uid)?;
            return Ok(Account { uid: own_uid, gid: None });
        }
        let wanted_account = wanted.map(named).transpose()?;
        let account = match (owner, wanted_account) {
            (None, Some(account)) => account,
            (None, None) => named("postgres")
                .or_else(|_| named("nobody"))
                .context("PostgreSQL does not run as root: set TASK_INBOX_PG_USER")?,
            (Some(owner), None) => Account { uid: owner.uid(), gid: Some(owner.gid()) },
            (Some(owner), Some(account)) if owner.uid() == account.uid => account,
            (Some(owner), Some(_)) => bail!(
                "`{cluster}` belongs to user {}, not to `{}`: leave TASK_INBOX_PG_USER away \
                 or give it to that user with `chown -R`",
                owner.uid(),
                wanted.unwrap_or_default()
            ),
        };
        if account.uid == 0 {
            bail!("PostgreSQL does not run as root: `{cluster}` must belong to another user");
        }
        account.check_reach(folder)?;
        Ok(account)
    }

    /// A server program. Of our environment, which may hold secrets and `PG…`
    /// variables, it gets nothing.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        if let Some(gid) = self.gid {
            command.uid(self.uid).gid(gid);
        }
        command
    }

    pub fn give(&self, path: &Path) -> Result<()> {
        if self.gid.is_some() {
            chown(path, Some(self.uid), self.gid)
                .with_context(|| format!("giving `{}` to user {}", path.display(), self.uid))?;
        }
        Ok(())
    }

    /// Opens the data folder itself for passing through; what lies above it is not ours.
    fn check_reach(&self, folder: &Folder) -> Result<()> {
        let mode = fs::metadata(&folder.root)?.permissions().mode();
        if mode & 0o011 != 0o011 {
            fs::set_permissions(&folder.root, PermissionsExt::from_mode(mode | 0o011))?;
        }
        if self.may_enter(&folder.root)? {
            return Ok(());
        }
        let mut closed = folder.root.as_path();
        for ancestor in folder.root.ancestors() {
            if !self.may_enter(ancestor)? {
                closed = ancestor;
            }
        }
        bail!(
            "`{}` is closed to user {}, as whom PostgreSQL runs: `chmod o+x` it, or set \
             TASK_INBOX_DATA to a folder elsewhere",
            closed.display(),
            self.uid
        )
    }

    fn may_enter(&self, directory: &Path) -> Result<bool> {
        let mut command = self.command(Path::new("/bin/sh"));
        command.args(["-c", "test -x \"$1\"", "sh"]).arg(directory);
        Ok(command.status().context("running `sh`")?.success())
    }
}

/// Without libc, the owner of a file we make tells who we are.
fn own_uid(folder: &Folder) -> Result<u32> {
    let file = folder.root.join(format!(".owner-{:08x}", rand::random::<u32>()));
    let made = folder.private_file(&file)?.metadata();
    fs::remove_file(&file)?;
    Ok(made?.uid())
}

fn named(name: &str) -> Result<Account> {
    let id = |flag| -> Result<u32> {
        let output =
            Command::new("id").args([flag, "--", name]).output().context("running `id`")?;
        let number = String::from_utf8_lossy(&output.stdout).trim().parse();
        number.ok().with_context(|| format!("there is no user `{name}` on this machine"))
    };
    Ok(Account { uid: id("-u")?, gid: Some(id("-g")?) })
}

/// `initdb` cannot work for a number alone, as `docker run --user 1234` gives it.
fn check_has_a_name(uid: u32) -> Result<()> {
    let output = Command::new("id").arg("-un").output();
    if output.is_ok_and(|output| !output.status.success()) {
        bail!(
            "user {uid} has no name on this machine, and PostgreSQL needs one: set \
             DATABASE_URL, or run as a user of /etc/passwd"
        );
    }
    Ok(())
}
