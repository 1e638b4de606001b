//! Messages in an SQLite database: one thread that appends to the log, one that derives from it, and
//! connections that read both.

pub mod connection;
pub mod damage;
mod disk;
mod fold;
pub mod inspect;
mod migration;
mod readers;
mod readiness;
mod storage;
mod write;

use std::{num::NonZeroUsize, path::Path, time::Duration};

use self::{
    connection::SqliteOptions,
    damage::Damage,
    fold::Fold,
    readers::Readers,
    readiness::Watch,
    storage::Files,
    write::{Marked, Writer},
};
use crate::{
    error::repository_error,
    fold::{FoldError, FoldLag, Folded},
    open::OpenError,
    read,
};
use countersign_core::{
    Appended, CauseChain, Conflict, ConflictFilter, Message, MessageKey, Readiness, Repeat,
    RepositoryError, Sequence, Storage, Timestamp, Tombstone,
};

/// How often it is looked whether another process has appended something.
const LOOK: Duration = Duration::from_millis(500);

pub struct Sqlite {
    pub readers: Readers,
    writer: Writer,
    fold: Fold,
    watch: Watch,
    files: Files,
    pub damage: Damage,
}

impl Sqlite {
    pub async fn open(path: &Path, options: SqliteOptions) -> Result<Self, OpenError> {
        connection::check_writable(path)?;
        let migrating = connection::migrating(path).await?;
        let migrated = match migration::pending(&migrating).await {
            Ok(_) => migration::run(&migrating).await.map_err(OpenError::Migrate),
            Err(error) => Err(error),
        };
        let closed = migrating.close().await;
        migrated?;
        closed.map_err(OpenError::Open)?;
        let damage = Damage::default();
        let fold = Fold::start(path, options.folding, damage.clone()).await?;
        let appended = fold.appended();
        let opened = Self {
            writer: Writer::start(path, options, appended, damage.clone()).await?,
            readers: Readers::open(path, fold.has_index(), damage.clone()).await?,
            watch: Watch::open(path).await?,
            // The writer has seen to it that this is how the database runs.
            files: Files::new(path, options.durability),
            fold,
            damage,
        };
        opened.finish_what_a_crash_has_left().await;
        Ok(opened)
    }

    pub fn fold_lag(&self) -> FoldLag {
        self.fold.lag()
    }

    pub async fn fold(&self, at_most: NonZeroUsize) -> Result<Folded, FoldError> {
        self.fold.step(at_most).await
    }

    pub async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        self.writer.append(batch).await
    }

    pub async fn keep_conflicts(&self, conflicts: &[Conflict]) -> Result<(), RepositoryError> {
        self.writer.keep_conflicts(conflicts).await
    }

    pub async fn keep_tombstones(&self, tombstones: &[Tombstone]) -> Result<(), RepositoryError> {
        let marked = self.writer.keep_tombstones(tombstones).await?;
        self.finish(marked).await?;
        Ok(())
    }

    pub async fn purge(&self, keys: &[MessageKey], at: Timestamp) -> Result<u64, RepositoryError> {
        let marked = self.writer.purge(keys, at).await?;
        self.finish(marked).await
    }

    /// Takes what is marked out of the index, and then out of the log. The thread that writes is not
    /// held up by the index meanwhile.
    async fn finish(&self, marked: Marked) -> Result<u64, RepositoryError> {
        if marked.unfinished {
            let purged = self.fold.purge().await;
            let purged = purged.map_err(|error| RepositoryError::Unavailable(error.into()))?;
            self.writer.blank(purged).await?;
        }
        Ok(marked.messages)
    }

    /// Sees to it that what was purged is not in the write-ahead logs either; says whether it could.
    pub async fn forget_purged(&self) -> Result<bool, RepositoryError> {
        let index = self.fold.forget_purged().await;
        Ok(self.writer.forget_purged().await? && index)
    }

    async fn finish_what_a_crash_has_left(&self) {
        let finished = async {
            let unfinished = self
                .readers
                .reading(|db| async move { read::has_unfinished_purges(&db).await });
            if unfinished.await? {
                // To mark nothing is to see what is marked.
                self.purge(&[], Timestamp::MIN).await?;
            }
            Ok::<_, RepositoryError>(())
        };
        if let Err(error) = finished.await {
            tracing::warn!(
                cause = %CauseChain(&error),
                "a purge that was interrupted could not be finished; the next one will do it"
            );
        }
    }

    pub async fn purge_conflicts(
        &self,
        which: &ConflictFilter,
        at_most: NonZeroUsize,
    ) -> Result<u64, RepositoryError> {
        self.writer.purge_conflicts(which, at_most).await
    }

    pub async fn note_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        self.writer.note_repeats(repeats).await
    }

    pub async fn keep_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        self.writer.keep_repeats(repeats).await
    }

    pub async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        let last = |db| async move { read::last_sequence(&db).await };
        self.readers.reading(last).await
    }

    pub async fn arrived_behind(&self, after: Sequence) {
        let mut arrived = self.fold.arrived();
        loop {
            // It says so at once if this process has appended; another may have, too.
            let told = arrived.wait_for(|last| *last > after.get());
            if let Ok(Ok(_)) = tokio::time::timeout(LOOK, told).await {
                return;
            }
            if self.last_arrival().await.is_ok_and(|last| last > after) {
                return;
            }
        }
    }

    pub async fn readiness(&self) -> Readiness {
        self.watch.look(&self.writer).await
    }

    pub async fn storage(&self) -> Storage {
        self.files.look().await
    }

    pub async fn close(self) -> Result<(), RepositoryError> {
        let closed = self.readers.close().await;
        self.watch.close().await;
        self.fold.close().await;
        // Last: one that only reads cannot tidy up.
        self.writer.close().await;
        closed.map_err(repository_error)
    }
}

/// The names of the migrations that are not applied.
pub async fn pending_migrations(path: &Path) -> Result<Vec<String>, OpenError> {
    if !path.exists() {
        return Ok(migration::names());
    }
    let reading = connection::looking(path).await?;
    let pending = migration::pending(&reading).await;
    let closed = reading.close().await;
    let pending = pending?;
    closed.map_err(OpenError::Open)?;
    Ok(pending)
}
