//! What the files take, and what is left for them.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use countersign_core::Storage;
use tokio::sync::Mutex;

use super::{connection::Durability, disk, fold::index};

/// How long the file system may take to say so.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long one waits for another that asks: where that takes longer, the file system hangs, and
/// nobody else is to hold a place among the reads for it.
const TURN: Duration = Duration::from_millis(50);

/// What is asked.
pub struct Files {
    log: PathBuf,
    /// As it was found to be in effect before the first message was taken.
    durability: Durability,
    /// Held by the one that asks the file system, to its end. One that hangs is not asked by more and
    /// more threads.
    asking: Arc<Mutex<()>>,
}

/// What the file system says.
#[derive(Debug, Default)]
struct Sizes {
    database: Option<u64>,
    index: Option<u64>,
    wal: Option<u64>,
    free: Option<u64>,
}

impl Files {
    pub fn new(log: &Path, durability: Durability) -> Self {
        Self {
            log: log.to_owned(),
            durability,
            asking: Arc::default(),
        }
    }

    /// Neither the thread that writes nor a reader has anything to do with it.
    pub async fn look(&self) -> Storage {
        let asked = tokio::time::timeout(PATIENCE, self.ask()).await;
        let sizes = asked.ok().flatten().unwrap_or_default();
        let synchronous = match self.durability {
            Durability::Full => "FULL",
            Durability::Unsafe => "NORMAL",
        };
        Storage {
            engine: Some(format!("SQLite {}", rusqlite::version())),
            durability: Some(format!("WAL, synchronous={synchronous}")),
            durable: Some(self.durability == Durability::Full),
            database_bytes: sizes.database,
            index_bytes: sizes.index,
            wal_bytes: sizes.wal,
            free_bytes: sizes.free,
        }
    }

    async fn ask(&self) -> Option<Sizes> {
        let turn = Arc::clone(&self.asking).lock_owned();
        let asking = tokio::time::timeout(TURN, turn).await.ok()?;
        let log = self.log.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let sizes = Sizes::of(&log);
            drop(asking);
            sizes
        });
        asked.await.ok()
    }
}

impl Sizes {
    /// It may hang, if the file system does.
    fn of(log: &Path) -> Self {
        let index = index::path_of(log);
        let wals = [wal_of(log), wal_of(&index)].map(|wal| length_if_any(&wal));
        Self {
            database: length(log).ok(),
            index: length(&index).ok(),
            wal: wals
                .into_iter()
                .try_fold(0_u64, |sum, bytes| Some(sum.saturating_add(bytes?))),
            free: disk::free_bytes(log.parent().unwrap_or(log)),
        }
    }
}

/// SQLite's name for the write-ahead log of a database.
fn wal_of(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push("-wal");
    name.into()
}

fn length(path: &Path) -> io::Result<u64> {
    Ok(fs::metadata(path)?.len())
}

/// The write-ahead log is there only while there is something to bring home, or somebody to do it.
fn length_if_any(path: &Path) -> Option<u64> {
    match length(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(0),
        length => length.ok(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_file_system_that_hangs_is_asked_once_and_the_rest_is_said() {
        // No database: only free space is there to be found.
        let files = Files::new(&std::env::temp_dir().join("no.db"), Durability::Full);
        let free = |storage: &Storage| storage.free_bytes.is_some();
        assert!(free(&files.look().await));
        let hanging = Arc::clone(&files.asking).lock_owned().await;
        let began = Instant::now();
        let (first, second) = tokio::join!(files.look(), files.look());
        for storage in [first, second] {
            assert!(!free(&storage) && storage.durable == Some(true));
            assert_eq!(storage.wal_bytes, None);
        }
        // Nobody waits as long as the one that asks does. (The clock is paused.)
        assert!(began.elapsed() < 2 * TURN);
        drop(hanging);
        assert!(free(&files.look().await));
    }
}
