//! The connections that read, and what becomes of them when the index is damaged.
//!
//! They read from the index and from the log in one statement, so an error does not say which of the
//! two files is damaged. The index can be done without: so it is, from the first such error on, and
//! what failed is read again from the log alone. If that fails too, it is the log that is damaged.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use countersign_core::{CauseChain, RepositoryError};
use sea_orm::DatabaseConnection;

use super::{connection, damage::Damage, fold::index};
use crate::{error, open::OpenError};

pub struct Readers {
    log: PathBuf,
    damage: Damage,
    current: Mutex<Current>,
    /// Held by the one who makes connections without an index.
    changing: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Current {
    connections: DatabaseConnection,
    has_index: bool,
}

impl Readers {
    pub async fn open(log: &Path, has_index: bool, damage: Damage) -> Result<Self, OpenError> {
        let connections = connection::reading(log, has_index).await?;
        Ok(Self {
            log: log.to_owned(),
            damage,
            current: Mutex::new(Current {
                connections,
                has_index,
            }),
            changing: tokio::sync::Mutex::default(),
        })
    }

    fn current(&self) -> Current {
        // Nothing panics while it is locked.
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }

    /// What `work` reads, of a database that has not failed.
    pub async fn reading<T, F>(
        &self,
        work: impl Fn(DatabaseConnection) -> F + Send + Sync,
    ) -> Result<T, RepositoryError>
    where
        F: Future<Output = Result<T, RepositoryError>> + Send,
    {
        if let Some(damaged) = self.damage.reported() {
            return Err(RepositoryError::Unavailable(damaged.into()));
        }
        let current = self.current();
        let error = match work(current.connections).await {
            Err(error) if error::is_damage_when_reading(&error) => error,
            answer => return answer,
        };
        if !current.has_index {
            return Err(self.failed(error));
        }
        let without = self.do_without_index(&error).await;
        let without = without.map_err(|error| RepositoryError::Unavailable(error.into()))?;
        match work(without).await {
            Err(error) if error::is_damage_when_reading(&error) => Err(self.failed(error)),
            answer => answer,
        }
    }

    fn failed(&self, error: RepositoryError) -> RepositoryError {
        self.damage.report("it was read", CauseChain(&error));
        // What was asked may be answered after the restart.
        match error {
            RepositoryError::Failed(source) => RepositoryError::Unavailable(source),
            error => error,
        }
    }

    /// Connections that read from the log alone, for everybody from now on. The index's file goes, so
    /// that the next start makes another.
    async fn do_without_index(
        &self,
        why: &RepositoryError,
    ) -> Result<DatabaseConnection, OpenError> {
        let _changing = self.changing.lock().await;
        let current = self.current();
        if !current.has_index {
            return Ok(current.connections);
        }
        let connections = connection::reading(&self.log, false).await?;
        let without = Current {
            connections: connections.clone(),
            has_index: false,
        };
        let with = {
            let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *current, without)
        };
        // It waits for those who still read.
        tokio::spawn(with.connections.close());
        let path = index::path_of(&self.log);
        let removed = index::remove(&path);
        tracing::error!(
            cause = %CauseChain(why),
            path = %path.display(),
            removed = removed.is_ok(),
            "the index or the database is damaged; reads go on without the index, exact, but slower, \
             until a restart makes it anew"
        );
        Ok(connections)
    }

    pub async fn close(self) -> Result<(), sea_orm::DbErr> {
        let current = self.current.into_inner();
        let current = current.unwrap_or_else(PoisonError::into_inner);
        current.connections.close().await
    }
}
