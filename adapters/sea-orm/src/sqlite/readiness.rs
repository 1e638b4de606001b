//! Whether messages can be taken in.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use countersign_core::{Finding, Readiness};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbErr, RuntimeErr, Statement};

use super::{connection, disk, migration, write::Writer};
use crate::{error::is_damage_of_sqlite, open::OpenError};

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// What looks.
pub struct Watch {
    /// A connection of its own, so that whoever reads much does not make the database look as if it
    /// did not answer.
    connection: DatabaseConnection,
    /// Where the database is.
    folder: PathBuf,
    /// The file system is being asked. One that hangs is not asked by more and more threads.
    asking: Arc<AtomicBool>,
}

impl Watch {
    pub async fn open(log: &Path) -> Result<Self, OpenError> {
        Ok(Self {
            connection: connection::watching(log).await?,
            folder: log.parent().unwrap_or(log).to_owned(),
            asking: Arc::default(),
        })
    }

    /// Looks at everything. What has failed to say something in time has failed.
    pub async fn look(&self, writer: &Writer) -> Readiness {
        let (database, disk) = tokio::join!(self.look_at_database(writer), self.look_at_disk());
        let full = database.disk.failure().is_some();
        Readiness {
            disk: if full { database.disk } else { disk },
            ..database
        }
    }

    async fn look_at_database(&self, writer: &Writer) -> Readiness {
        let mut found = Readiness::UNKNOWN;
        let looked = tokio::time::timeout(PATIENCE, self.find(writer, &mut found)).await;
        if looked.is_err() {
            let checks = [&mut found.database, &mut found.schema, &mut found.writer];
            let silent = checks
                .into_iter()
                .find(|check| matches!(check, Finding::Unknown));
            if let Some(silent) = silent {
                let cause = format!("nothing has come of it within {PATIENCE:?}");
                *silent = Finding::failed("it does not answer in time", cause);
            }
        }
        found
    }

    /// One check after the other, until one fails.
    async fn find(&self, writer: &Writer, found: &mut Readiness) {
        let backend = self.connection.get_database_backend();
        // Something that is in the file, and in nobody's memory, if somebody else has written to it.
        let ask = Statement::from_string(backend, "SELECT count(*) FROM sqlite_schema");
        if let Err(error) = self.connection.query_one_raw(ask).await {
            found.database = Finding::failed(
                if is_damage_of_sqlite(&error) {
                    "the database is damaged, or cannot be read"
                } else {
                    "the database does not answer"
                },
                error,
            );
            return;
        }
        found.database = Finding::Ok;
        found.schema = match migration::missing(&self.connection).await {
            Ok(missing) if missing.is_empty() => Finding::Ok,
            Ok(missing) => Finding::failed(
                "the database lacks its schema",
                format!("migrations are not applied: {}", missing.join(", ")),
            ),
            Err(error) if lacks_a_table(&error) => {
                Finding::failed("the database lacks its schema", error)
            }
            Err(error) => Finding::failed("the schema cannot be read", error),
        };
        if !matches!(found.schema, Finding::Ok) {
            return;
        }
        (found.writer, found.disk) = match writer.probe().await {
            Ok(()) => (Finding::Ok, Finding::Unknown),
            Err(error) => {
                let disk = if error.is_full() {
                    Finding::failed("the disk is full", error.to_string())
                } else {
                    Finding::Unknown
                };
                (Finding::failed(error.what(), error), disk)
            }
        };
    }

    async fn look_at_disk(&self) -> Finding {
        let hangs = || {
            let cause = "the file system does not say how much is free";
            Finding::failed("the disk does not answer", cause)
        };
        if self.asking.swap(true, Ordering::AcqRel) {
            return hangs();
        }
        let (folder, asking) = (self.folder.clone(), Arc::clone(&self.asking));
        let asked = tokio::task::spawn_blocking(move || {
            let found = disk::look(&folder);
            asking.store(false, Ordering::Release);
            found
        });
        match tokio::time::timeout(PATIENCE, asked).await {
            Err(_) => hangs(),
            Ok(Err(error)) => Finding::failed("the disk does not answer", error),
            Ok(Ok(found)) => found,
        }
    }

    pub async fn close(self) {
        // It has nothing to lose.
        let _ = self.connection.close().await;
    }
}

/// SQLite says by a code of its own only that the statement is wrong.
fn lacks_a_table(error: &DbErr) -> bool {
    let (DbErr::Query(RuntimeErr::SqlxError(error)) | DbErr::Exec(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    error
        .as_database_error()
        .is_some_and(|error| error.code().is_some_and(|code| code == "1"))
}
