//! Whether a database is one that this program may use as it is.

use std::path::Path;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};

use crate::{
    connection::{self, OpenError},
    migration,
};

/// The names of the migrations that opening the database file would apply. It only looks, so that
/// who wants to read can leave an older database as it is; where no program of ours has ever been,
/// it is all of them.
///
/// # Errors
/// If the file is not there, or is no database.
pub async fn pending_migrations(path: &Path) -> Result<Vec<String>, OpenError> {
    let looking = connection::looking(path).await?;
    let pending = pending(&looking).await;
    let closed = looking.close().await;
    let pending = pending.map_err(OpenError::Open)?;
    closed.map_err(OpenError::Open)?;
    Ok(pending)
}

async fn pending(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let kept = Statement::from_string(
        db.get_database_backend(),
        "SELECT 1 FROM sqlite_master WHERE name = 'seaql_migrations'",
    );
    if db.query_one_raw(kept).await?.is_none() {
        return Ok(migration::names());
    }
    migration::missing(db).await
}
