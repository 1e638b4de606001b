//! Message repositories.

mod adoption;
// Behind it, `on_every_store!` can be used.
#[macro_use]
mod contract;
mod damage;
mod fold;
mod group_commit;
mod model;
mod postgres;
mod purge;
mod purge_files;
mod purge_instances;
mod repeats;
pub mod server;
mod sources;
pub mod sqlite;
mod timeline;
mod toxic;
mod upgrade;

use std::{path::Path, sync::Arc, time::Duration};

use countersign_core::{Check, MessageRepository, Readiness};
use countersign_group_commit::{GroupCommit, Limits};
use countersign_memory::MemoryRepository;
use countersign_sea_orm::{Folding, PostgresOptions, SqlRepository, SqliteOptions};
use tempfile::TempDir;

/// Everything that was looked at is well.
pub fn assert_ready(readiness: &Readiness) {
    assert!(readiness.is_ready(), "{readiness:?}");
}

/// The checks that failed, and by what.
pub fn failed(readiness: &Readiness) -> Vec<(Check, &'static str)> {
    let failures = readiness.failures();
    failures
        .map(|(check, failure)| (check, failure.what))
        .collect()
}

/// An empty repository, and what must live as long as it does.
pub struct Store {
    pub repository: Arc<dyn MessageRepository>,
    _folder: Option<TempDir>,
    _database: Option<server::Database>,
}

impl Store {
    fn over(repository: impl MessageRepository + 'static) -> Self {
        Self {
            repository: Arc::new(repository),
            _folder: None,
            _database: None,
        }
    }

    fn grouped(self) -> Self {
        let (repository, _drained) = GroupCommit::start(self.repository, Limits::default());
        Self {
            repository: Arc::new(repository),
            ..self
        }
    }
}

pub async fn memory() -> Option<Store> {
    Some(Store::over(MemoryRepository::new()))
}

/// SQLite in a file, as it is in service.
pub async fn sqlite() -> Option<Store> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let repository = SqlRepository::open_sqlite(&folder.path().join("app.db"))
        .await
        .expect("a new database");
    Some(Store {
        _folder: Some(folder),
        ..Store::over(repository)
    })
}

/// SQLite whose index never gets to know anything: every answer comes from the log alone.
pub async fn unfolded_sqlite() -> Option<Store> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let repository = open_unfolded(&folder.path().join("app.db")).await;
    Some(Store {
        _folder: Some(folder),
        ..Store::over(repository)
    })
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
pub async fn grouped_sqlite() -> Option<Store> {
    sqlite().await.map(Store::grouped)
}

/// PostgreSQL, as it is in service.
pub async fn postgres() -> Option<Store> {
    let database = server::Database::new().await?;
    let repository = open_postgres(&database.url, Folding::InBackground).await;
    Some(Store {
        _database: Some(database),
        ..Store::over(repository)
    })
}

/// PostgreSQL where nothing is derived: every answer comes from the log alone.
pub async fn unfolded_postgres() -> Option<Store> {
    let database = server::Database::new().await?;
    let repository = open_postgres(&database.url, Folding::OnDemand).await;
    Some(Store {
        _database: Some(database),
        ..Store::over(repository)
    })
}

/// As `countersign serve` does it: group commit over PostgreSQL.
pub async fn grouped_postgres() -> Option<Store> {
    postgres().await.map(Store::grouped)
}

/// A database on a server that answers.
pub async fn open_postgres(url: &str, folding: Folding) -> SqlRepository {
    let options = PostgresOptions {
        folding,
        patience: Duration::from_secs(2),
        ..PostgresOptions::default()
    };
    SqlRepository::open_postgres_with(&url.parse().expect("a URL"), options)
        .await
        .expect("a database")
}
