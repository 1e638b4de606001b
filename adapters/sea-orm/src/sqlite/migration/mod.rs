//! The schema, and how it came to be. Forwards only.

mod adopt;
mod m0001_messages;
mod m0002_log;
mod m0003_probe;
mod m0004_sources;
mod m0005_repeats;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, QuerySelect, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{MigrationTrait, MigratorTrait, seaql_migrations};

use crate::open::OpenError;

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_messages::Migration),
            Box::new(m0002_log::Migration),
            Box::new(m0003_probe::Migration),
            Box::new(m0004_sources::Migration),
            Box::new(m0005_repeats::Migration),
        ]
    }
}

/// Applies what is not applied yet, in one transaction: an interrupted migration leaves the
/// database as it was, and who starts meanwhile waits.
///
/// # Errors
/// Also if the database has a migration that this program doesn't know: it was written by a newer
/// one.
pub async fn run(db: &DatabaseConnection) -> Result<(), DbErr> {
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let transaction = db.begin_with_options(immediate).await?;
    Migrator::up(&transaction, None).await?;
    transaction.commit().await
}

/// The names of all migrations.
pub fn names() -> Vec<String> {
    let migrations = Migrator::migrations();
    let names = migrations
        .iter()
        .map(|migration| migration.name().to_owned());
    names.collect()
}

/// The names of the migrations that are not applied. It only reads.
pub async fn missing(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let applied: Vec<String> = seaql_migrations::Entity::find()
        .select_only()
        .column(seaql_migrations::Column::Version)
        .into_tuple()
        .all(db)
        .await?;
    Ok(not_among(&applied))
}

fn not_among(applied: &[String]) -> Vec<String> {
    let names = names().into_iter();
    names.filter(|name| !applied.contains(name)).collect()
}

/// Whether there is a table of the migrations that are applied.
pub const HAS_APPLIED: &str = "SELECT 1 FROM sqlite_master WHERE name = 'seaql_migrations'";

/// Those that are applied.
pub const APPLIED: &str = "SELECT version FROM seaql_migrations";

/// The names of those that are not among the applied ones; it refuses a schema that is newer than
/// this program.
pub fn pending_of(applied: &[String]) -> Result<Vec<String>, OpenError> {
    let names = names();
    match applied.iter().find(|name| !names.contains(name)) {
        Some(unknown) => Err(OpenError::Newer(unknown.clone())),
        None => Ok(not_among(applied)),
    }
}

/// As [`missing`], of a database that may have no schema at all; it refuses a schema that is newer
/// than this program.
pub async fn pending(db: &impl ConnectionTrait) -> Result<Vec<String>, OpenError> {
    let applied = async {
        let backend = db.get_database_backend();
        let known = Statement::from_string(backend, HAS_APPLIED);
        if db.query_one_raw(known).await?.is_none() {
            return Ok(Vec::new());
        }
        let applied = Statement::from_string(backend, APPLIED);
        let applied = db.query_all_raw(applied).await?;
        applied.iter().map(|row| row.try_get_by_index(0)).collect()
    };
    let applied: Result<Vec<String>, DbErr> = applied.await;
    pending_of(&applied.map_err(OpenError::Migrate)?)
}
