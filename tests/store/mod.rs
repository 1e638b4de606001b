//! Message repositories.

mod adoption;
mod contract;
mod fold;
mod group_commit;
mod model;
pub mod sqlite;

use std::{path::Path, sync::Arc};

use countersign_core::MessageRepository;
use countersign_group_commit::{GroupCommit, Limits};
use countersign_memory::MemoryRepository;
use countersign_sea_orm::{Folding, SqlRepository, SqliteOptions};
use tempfile::TempDir;

/// An empty repository, and what must live as long as it does.
pub struct Store {
    pub repository: Arc<dyn MessageRepository>,
    _folder: Option<TempDir>,
}

pub async fn memory() -> Store {
    Store {
        repository: Arc::new(MemoryRepository::new()),
        _folder: None,
    }
}

/// SQLite in a file, as it is in service.
pub async fn sqlite() -> Store {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let repository = SqlRepository::open_sqlite(&folder.path().join("app.db"))
        .await
        .expect("a new database");
    Store {
        repository: Arc::new(repository),
        _folder: Some(folder),
    }
}

/// SQLite whose index never gets to know anything: every answer comes from the log alone.
pub async fn unfolded_sqlite() -> Store {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let repository = open_unfolded(&folder.path().join("app.db")).await;
    Store {
        repository: Arc::new(repository),
        _folder: Some(folder),
    }
}

/// SQLite whose index is brought up to date only when it is asked to be.
pub async fn open_unfolded(path: &Path) -> SqlRepository {
    let options = SqliteOptions {
        folding: Folding::OnDemand,
        ..SqliteOptions::default()
    };
    SqlRepository::open_sqlite_with(path, options)
        .await
        .expect("a database")
}

/// As `countersign serve` does it: group commit over SQLite in a file.
pub async fn grouped_sqlite() -> Store {
    let store = sqlite().await;
    let (repository, _drained) = GroupCommit::start(store.repository, Limits::default());
    Store {
        repository: Arc::new(repository),
        ..store
    }
}
