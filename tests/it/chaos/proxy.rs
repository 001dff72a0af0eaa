//! Stands between a server and PostgreSQL, and can fall silent without hanging up,
//! as a firewall does that has forgotten a connection.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use task_inbox::db::Target;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio_postgres::config::Host;

const SOCKET: &str = ".s.PGSQL.5432";

/// Which of the connections that are there fall silent; new ones are well.
#[derive(Clone, Copy, PartialEq)]
pub enum Silent {
    None,
    Listening,
    All,
}

pub struct Proxy {
    pub database_url: String,
    silent: watch::Sender<Silent>,
    _folder: TempDir,
}

impl Proxy {
    pub fn before(database_url: &str) -> Proxy {
        let target = Target::parse(database_url).unwrap();
        let Host::Unix(behind) = &target.config().get_hosts()[0] else { panic!("no socket") };
        let behind: Arc<Path> = behind.join(SOCKET).into();
        let folder = TempDir::new().unwrap();
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        let silent = watch::Sender::new(Silent::None);
        let (before, _) = database_url.split_once("host=").unwrap();
        let host = folder.path().to_str().unwrap().replace('/', "%2F");

        let silence = silent.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(forward(near, behind.to_path_buf(), silence.subscribe()));
            }
        });
        Proxy { database_url: format!("{before}host={host}"), silent, _folder: folder }
    }

    pub fn silence(&self, which: Silent) {
        self.silent.send_replace(which);
    }
}

async fn forward(mut near: UnixStream, behind: PathBuf, mut silent: watch::Receiver<Silent>) {
    let Ok(mut far) = UnixStream::connect(behind).await else { return };
    // What fell silent before this one came is not meant for it.
    silent.mark_unchanged();
    let (mut question, mut answer) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    let mut listening = false;
    loop {
        let copied = tokio::select! {
            length = near.read(&mut question) => {
                let Ok(length @ 1..) = length else { return };
                let text = &question[..length];
                listening |= text.windows(10).any(|word| word == b"listen tas");
                far.write_all(text).await
            }
            length = far.read(&mut answer) => {
                let Ok(length @ 1..) = length else { return };
                near.write_all(&answer[..length]).await
            }
            Ok(()) = silent.changed() => {
                let which = *silent.borrow_and_update();
                if which == Silent::All || which == Silent::Listening && listening {
                    // Both ends stay open, and nothing passes any more.
                    std::future::pending::<()>().await;
                }
                Ok(())
            }
        };
        if copied.is_err() {
            return;
        }
    }
}
