//! Message repositories.

mod adoption;
mod contract;
mod group_commit;
mod model;
mod sqlite;

use std::sync::Arc;

use countersign_core::MessageRepository;
use countersign_group_commit::{GroupCommit, Limits};
use countersign_memory::MemoryRepository;
use countersign_sea_orm::SqlRepository;
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

/// As `countersign serve` does it: group commit over SQLite in a file.
pub async fn grouped_sqlite() -> Store {
    let store = sqlite().await;
    let (repository, _drained) = GroupCommit::start(store.repository, Limits::default());
    Store {
        repository: Arc::new(repository),
        ..store
    }
}
