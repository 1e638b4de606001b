//! The one thread that writes to an SQLite database.
//!
//! SQLite has one writer at a time, so there is one connection for it, on a thread of its own, with
//! statements that stay prepared. It is rusqlite's and not sea-orm's for two reasons: sqlx sends
//! every statement to a thread and back, which costs more than the statement; and a failed commit
//! must leave the connection in a state that is *known* ([`session::Session`]), or what follows is
//! answered and never stored.

mod append;
mod checkpoint;
mod conflicts;
mod durability;
mod pace;
mod purge;
mod repeats;
mod session;

use std::{
    io,
    num::NonZeroUsize,
    path::Path,
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::Duration,
};

use countersign_core::{
    Appended, Conflict, ConflictFilter, Message, MessageKey, Repeat, RepositoryError, Timestamp,
    Tombstone,
};
use tokio::sync::oneshot;

use self::session::Session;
pub use self::{
    checkpoint::{cut_off, insist_to_cut_off},
    purge::Marked,
    session::switch_to_wal,
};
use super::{connection::SqliteOptions, damage::Damage, fold};
use crate::{error, open::OpenError};

/// After how long without work the write-ahead log is brought home.
const IDLE: Duration = Duration::from_secs(1);

type Answer<T> = oneshot::Sender<Result<T, WriteError>>;

enum Job {
    Append(Vec<Message>, Answer<Vec<Appended>>),
    KeepConflicts(Vec<Conflict>, Answer<()>),
    KeepTombstones(Vec<Tombstone>, Answer<Marked>),
    Purge(Vec<MessageKey>, Timestamp, Answer<Marked>),
    Blank(Option<i64>, Answer<()>),
    PurgeConflicts(ConflictFilter, NonZeroUsize, Answer<u64>),
    NoteRepeats(Vec<Repeat>, Answer<()>),
    KeepRepeats(Vec<Repeat>, Answer<()>),
    Forget(Answer<bool>),
    Probe(Answer<()>),
}

/// The thread, from outside.
pub struct Writer {
    jobs: mpsc::Sender<Job>,
    thread: JoinHandle<()>,
}

/// Why something was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("the database file was replaced or removed while it was open")]
    Replaced,
    #[error(
        "nothing is written any more since the database failed; restart after looking at the disk"
    )]
    Stopped,
    #[error("the last write has failed a moment ago: {cause}")]
    JustFailed {
        cause: String,
        /// Because the disk is full.
        full: bool,
    },
    #[error("SQLite would not wait for the disk any more")]
    NotDurable,
    #[error("the disk is slow, and whoever waits for it comes first")]
    Slow,
    #[error("the thread that writes has ended")]
    Ended,
}

impl WriteError {
    /// Whether there is no room.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Sqlite(error) => error::is_full(error),
            Self::JustFailed { full, .. } => *full,
            Self::Replaced | Self::Stopped | Self::NotDurable | Self::Slow | Self::Ended => false,
        }
    }

    /// What stands in the way, in words that anybody may read.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Sqlite(error) if error::is_locked(error) => "another process holds the lock",
            Self::Sqlite(error) if error::is_read_only(error) => "the database may only be read",
            Self::Sqlite(_) => "the database cannot be written to",
            Self::Replaced => "the database is not where it was",
            Self::Stopped | Self::NotDurable => "the database has failed, and the server ends",
            Self::Slow => "the disk is slow",
            Self::JustFailed { .. } => "the last write has failed",
            Self::Ended => "messages can no longer be written",
        }
    }
}

impl From<WriteError> for RepositoryError {
    fn from(error: WriteError) -> Self {
        match &error {
            WriteError::Sqlite(cause)
                if !error::sqlite_code(cause)
                    .is_some_and(|code| error::not_now(code) || error::is_damage(code)) =>
            {
                Self::Failed(error.into())
            }
            _ => Self::Unavailable(error.into()),
        }
    }
}

impl Writer {
    /// Opens the database, which must have its schema, and starts the thread.
    pub async fn start(
        path: &Path,
        options: SqliteOptions,
        news: fold::Appended,
        damage: Damage,
    ) -> Result<Self, OpenError> {
        let path = path.to_owned();
        // It may wait for others that open the same file, and must not hold them up by that.
        tokio::task::spawn_blocking(move || Self::start_blocking(&path, options, news, damage))
            .await
            .map_err(|error| OpenError::Thread(io::Error::other(error)))?
    }

    fn start_blocking(
        path: &Path,
        options: SqliteOptions,
        news: fold::Appended,
        damage: Damage,
    ) -> Result<Self, OpenError> {
        let session = Session::open(path, options, damage)?;
        let (jobs, queue) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || run(session, &queue, &news))
            .map_err(OpenError::Thread)?;
        Ok(Self { jobs, thread })
    }

    /// Stores messages in one durable transaction.
    pub async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        let batch = batch.to_vec();
        self.ask(|answer| Job::Append(batch, answer)).await
    }

    /// Takes over conflicts in one durable transaction.
    pub async fn keep_conflicts(&self, conflicts: &[Conflict]) -> Result<(), RepositoryError> {
        let conflicts = conflicts.to_vec();
        self.ask(|answer| Job::KeepConflicts(conflicts, answer))
            .await
    }

    /// Takes over tombstones in one durable transaction; see [`Self::purge`].
    pub async fn keep_tombstones(
        &self,
        tombstones: &[Tombstone],
    ) -> Result<Marked, RepositoryError> {
        let tombstones = tombstones.to_vec();
        self.ask(|answer| Job::KeepTombstones(tombstones, answer))
            .await
    }

    /// Marks messages as purged in one durable transaction. What they said is still there until it is
    /// blanked.
    pub async fn purge(
        &self,
        keys: &[MessageKey],
        at: Timestamp,
    ) -> Result<Marked, RepositoryError> {
        let keys = keys.to_vec();
        self.ask(|answer| Job::Purge(keys, at, answer)).await
    }

    /// Overwrites what was purged by the purges up to this one, or by all.
    pub async fn blank(&self, up_to: Option<i64>) -> Result<(), RepositoryError> {
        self.ask(|answer| Job::Blank(up_to, answer)).await
    }

    /// Takes away conflicts in one durable transaction.
    pub async fn purge_conflicts(
        &self,
        which: &ConflictFilter,
        at_most: NonZeroUsize,
    ) -> Result<u64, RepositoryError> {
        let which = which.clone();
        self.ask(|answer| Job::PurgeConflicts(which, at_most, answer))
            .await
    }

    /// Adds to how often messages came again, in one transaction, which a power cut may take away.
    pub async fn note_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        let repeats = repeats.to_vec();
        self.ask(|answer| Job::NoteRepeats(repeats, answer)).await
    }

    /// Takes over how often messages came again, in one transaction.
    pub async fn keep_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        let repeats = repeats.to_vec();
        self.ask(|answer| Job::KeepRepeats(repeats, answer)).await
    }

    /// Cuts the write-ahead log off, so that it has nothing that was purged; says whether it is done.
    pub async fn forget_purged(&self) -> Result<bool, RepositoryError> {
        self.ask(Job::Forget).await
    }

    /// Succeeds if something could be written.
    pub async fn probe(&self) -> Result<(), WriteError> {
        self.answer_of(Job::Probe).await
    }

    async fn ask<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, RepositoryError> {
        Ok(self.answer_of(job).await?)
    }

    async fn answer_of<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, WriteError> {
        let (answer, answered) = oneshot::channel();
        if self.jobs.send(job(answer)).is_err() {
            return Err(WriteError::Ended);
        }
        answered.await.unwrap_or(Err(WriteError::Ended))
    }

    /// Ends the thread. The last connection to close folds the write-ahead log into the file.
    pub async fn close(self) {
        drop(self.jobs);
        let thread = self.thread;
        // It can only fail by having panicked, and then there is nothing left to close.
        let _ = tokio::task::spawn_blocking(move || thread.join()).await;
    }
}

fn run(mut session: Session, queue: &mpsc::Receiver<Job>, news: &fold::Appended) {
    loop {
        let job = match queue.recv_timeout(IDLE) {
            Err(RecvTimeoutError::Timeout) => {
                session.rest();
                if session.is_restless() {
                    continue;
                }
                queue.recv().ok()
            }
            job => job.ok(),
        };
        // Whoever asked may have given up; what became of it is as it is.
        match job {
            Some(Job::Append(batch, answer)) => {
                let stored = session.append(&batch);
                let last = stored.as_ref().ok().and_then(|stored| stored.last_seq);
                let _ = answer.send(stored.map(|stored| stored.outcomes));
                if let Some(last) = last {
                    news.up_to(last);
                }
                session.keep_house();
            }
            Some(Job::KeepConflicts(conflicts, answer)) => {
                drop(answer.send(session.keep_conflicts(&conflicts)));
                session.keep_house();
            }
            Some(Job::KeepTombstones(tombstones, answer)) => {
                drop(answer.send(session.keep_tombstones(&tombstones)));
                session.keep_house();
            }
            Some(Job::Purge(keys, at, answer)) => {
                drop(answer.send(session.purge(&keys, at)));
                session.keep_house();
            }
            Some(Job::Blank(up_to, answer)) => {
                drop(answer.send(session.blank(up_to)));
                session.keep_house();
            }
            Some(Job::PurgeConflicts(which, at_most, answer)) => {
                drop(answer.send(session.purge_conflicts(&which, at_most)));
                session.keep_house();
            }
            Some(Job::NoteRepeats(repeats, answer)) => {
                // No house is kept: that would sync, and after the next append there is time for it.
                drop(answer.send(session.note_repeats(&repeats)));
            }
            Some(Job::KeepRepeats(repeats, answer)) => {
                drop(answer.send(session.keep_repeats(&repeats)));
                session.keep_house();
            }
            Some(Job::Forget(answer)) => drop(answer.send(Ok(session.forget_purged()))),
            // While the disk stood still, more may have asked than anybody waits for.
            Some(Job::Probe(answer)) if answer.is_closed() => {}
            Some(Job::Probe(answer)) => drop(answer.send(session.probe())),
            None => {
                // It may not be the last connection, whose end brings everything home.
                if session.is_restless() {
                    session.forget_purged();
                }
                session.end();
                return;
            }
        }
    }
}
