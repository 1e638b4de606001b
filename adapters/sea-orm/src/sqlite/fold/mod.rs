//! The fold on SQLite: a thread of its own, that writes a file of its own.

mod derive;
mod folder;
pub mod index;
mod purge;

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

use rusqlite::InterruptHandle;
use tokio::sync::{oneshot, watch};

use self::folder::{Folder, last_seq};
use crate::{
    fold::{FoldError, FoldLag, Folded, Folding, Progress},
    open::OpenError,
    sqlite::damage::Damage,
};

enum Job {
    /// There is something to do.
    Wake,
    Step(NonZeroUsize, oneshot::Sender<Result<Folded, FoldError>>),
    Purge(oneshot::Sender<Result<i64, FoldError>>),
    Forget(oneshot::Sender<bool>),
    End,
}

/// The thread, from outside.
pub struct Fold {
    log: PathBuf,
    jobs: mpsc::Sender<Job>,
    progress: Arc<Progress>,
    /// Without an index, there is none.
    running: Option<(JoinHandle<()>, InterruptHandle)>,
}

/// Tells the thread that there are new messages.
#[derive(Clone)]
pub struct Appended {
    jobs: mpsc::Sender<Job>,
    progress: Arc<Progress>,
}

impl Appended {
    /// The log's last message has this sequence now.
    pub fn up_to(&self, seq: i64) {
        if self.progress.appended(seq) {
            // It can only have ended by itself, and has logged why.
            let _ = self.jobs.send(Job::Wake);
        }
    }
}

impl Fold {
    /// Opens the index, or makes it, and starts the thread. The log must have its schema.
    ///
    /// Where there is no room for an index, it goes without: what is wrong with the index must not
    /// keep messages from being stored.
    pub async fn start(log: &Path, folding: Folding, damage: Damage) -> Result<Self, OpenError> {
        let log = log.to_owned();
        tokio::task::spawn_blocking(move || match Folder::open(&log) {
            Ok(folder) => Self::run(log, folder, folding, damage),
            Err(error) if error.passes() => Self::go_without(log, &error),
            Err(error) => Err(error),
        })
        .await
        .map_err(|error| OpenError::Thread(std::io::Error::other(error)))?
    }

    fn run(
        log: PathBuf,
        folder: Folder,
        folding: Folding,
        damage: Damage,
    ) -> Result<Self, OpenError> {
        let progress = Arc::clone(&folder.progress);
        let interrupt = folder.index.get_interrupt_handle();
        let (jobs, queue) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("sqlite-fold".to_owned())
            .spawn(move || folder.run(&queue, folding, &damage))
            .map_err(OpenError::Thread)?;
        Ok(Self {
            log,
            jobs,
            progress,
            running: Some((thread, interrupt)),
        })
    }

    fn go_without(log: PathBuf, why: &OpenError) -> Result<Self, OpenError> {
        tracing::warn!(
            cause = %countersign_core::CauseChain(why),
            "there is no index until a restart; reads are exact, but slower"
        );
        let last = index::read_log(&log).and_then(|log| last_seq(&log));
        let (jobs, _) = mpsc::channel();
        Ok(Self {
            log,
            jobs,
            progress: Arc::new(Progress::new(0, last.map_err(OpenError::Index)?)),
            running: None,
        })
    }

    /// Whether there is an index.
    pub const fn has_index(&self) -> bool {
        self.running.is_some()
    }

    /// For the writer.
    pub fn appended(&self) -> Appended {
        Appended {
            jobs: self.jobs.clone(),
            progress: Arc::clone(&self.progress),
        }
    }

    /// The sequence of the log's last message, as often as this process appends one.
    pub fn arrived(&self) -> watch::Receiver<i64> {
        self.progress.arrived()
    }

    /// How far behind the log it is.
    pub fn lag(&self) -> FoldLag {
        self.progress.lag()
    }

    /// Folds so many messages at the most, now.
    pub async fn step(&self, at_most: NonZeroUsize) -> Result<Folded, FoldError> {
        let (answer, answered) = oneshot::channel();
        self.jobs
            .send(Job::Step(at_most, answer))
            .map_err(|_| FoldError::Ended)?;
        answered.await.unwrap_or(Err(FoldError::Ended))
    }

    /// Takes out of the index what is marked as purged in the log; says up to which purge. `None` if
    /// there is no index that could have anything of it, or only one that is to be made anew.
    pub async fn purge(&self) -> Result<Option<i64>, FoldError> {
        let (answer, answered) = oneshot::channel();
        let purged = match self.jobs.send(Job::Purge(answer)) {
            Ok(()) => answered.await.unwrap_or(Err(FoldError::Ended)),
            Err(_) => Err(FoldError::Ended),
        };
        match purged {
            Ok(purged) => Ok(Some(purged)),
            // This process has none, or one that cannot be used; others may have a good one, of which
            // nothing may be left behind.
            Err(error) if error.is_lost() => {
                let log = self.log.clone();
                let purging = tokio::task::spawn_blocking(move || Folder::purge_beside(&log));
                purging.await.unwrap_or(Err(FoldError::Ended))
            }
            Err(error) => Err(error),
        }
    }

    /// Cuts the index's write-ahead log off, so that it has nothing that was purged; says whether it is
    /// done.
    pub async fn forget_purged(&self) -> bool {
        let (answer, answered) = oneshot::channel();
        // A thread that has ended has seen to it, as far as it could.
        self.jobs.send(Job::Forget(answer)).is_err() || answered.await.unwrap_or(true)
    }

    /// Gives up the step that is being done, and closes the index. Nothing is lost by that: what a
    /// step does, the next one does again.
    pub async fn close(self) {
        // It may have ended by itself.
        let _ = self.jobs.send(Job::End);
        let Some((thread, interrupt)) = self.running else {
            return;
        };
        if self.progress.is_in_step() {
            interrupt.interrupt();
        }
        // It can only fail by having panicked, and then there is nothing left to close.
        let _ = tokio::task::spawn_blocking(move || thread.join()).await;
    }
}
