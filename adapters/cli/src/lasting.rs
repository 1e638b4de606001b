//! A database that lasts, as commands use it that read or fill one: `copy`, `export`, `import`.

use std::{fs, os::unix::fs::MetadataExt as _};

use countersign_core::{CauseChain, RepositoryError};
use countersign_sea_orm::{Folding, OpenError, SqlRepository};

use crate::{
    database_url::{self, Database},
    settings,
    stop::Stop,
    store,
};

/// Where it is, and which setting says so.
pub struct Lasting {
    database: Database,
    setting: &'static str,
}

impl Lasting {
    /// Reads `DATABASE_URL`.
    pub fn parse(url: &str) -> Result<Self, Stop> {
        let url = settings::or_default(url, settings::DEFAULT_DATABASE_URL);
        Self::named(url, "DATABASE_URL")
    }

    /// Reads what a setting says; what is wrong with it, is said of that setting.
    pub fn named(url: &str, setting: &'static str) -> Result<Self, Stop> {
        let database = database_url::parse(url).map_err(|stop| stop.of_setting(setting))?;
        if database == Database::Memory {
            return Err(Stop::configuration(
                format!("{setting} names no database that lasts"),
                "what is in memory ends with its process: name another database",
            ));
        }
        Ok(Self { database, setting })
    }

    /// Whether it is the same one, as far as one can see without opening it.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let file = |database: &Database| match database {
            Database::SqliteFile(path) => {
                fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
            }
            Database::Memory | Database::Postgres(_) => None,
        };
        self.database == other.database
            || file(&self.database).is_some_and(|here| Some(here) == file(&other.database))
    }

    /// Opens it to read what is in it. It must be there, and of this version: opening an older one
    /// would change it.
    pub async fn to_read(&self) -> Result<SqlRepository, Stop> {
        let pending = match &self.database {
            Database::SqliteFile(path) => {
                if !path.is_file() {
                    return Err(Stop::no_input(
                        format!("{} is not there, or is no file", path.display()),
                        format!("set {} to a database that is there", self.setting),
                    ));
                }
                SqlRepository::pending_migrations_of_sqlite(path).await
            }
            Database::Postgres(url) => SqlRepository::pending_migrations_of_postgres(url).await,
            Database::Memory => return Err(store::forgetful()),
        };
        let pending = pending.map_err(|error| self.cannot_open(&error))?;
        if let Some(first) = pending.first() {
            return Err(Stop::configuration(
                format!(
                    "{} has not the schema of this version ({first} is the first of {} steps \
                     that it lacks); to bring it up to date would change it",
                    self.name(),
                    pending.len()
                ),
                "run: countersign migrate --database-url <it>. If an older version still uses it, \
                 stop that one before; or do it to a backup, and copy from that",
            ));
        }
        self.to_write().await
    }

    /// Opens it to write into it; a file is made if it is not there. Its index is brought up to date
    /// by whoever serves it, or by `countersign migrate`.
    pub async fn to_write(&self) -> Result<SqlRepository, Stop> {
        store::open_sql(&self.database, Folding::OnDemand, None)
            .await
            .map_err(|stop| stop.of_setting(self.setting))
    }

    fn name(&self) -> String {
        match &self.database {
            Database::SqliteFile(path) => path.display().to_string(),
            Database::Postgres(url) => url.to_string(),
            Database::Memory => "memory".to_owned(),
        }
    }

    fn cannot_open(&self, error: &OpenError) -> Stop {
        let message = format!("{}: {}", self.name(), CauseChain(error));
        if error.passes() {
            return Stop::unavailable(
                message,
                "does the server answer, or does another process hold a lock on the database? See \
                 to that, and start again",
            );
        }
        Stop::configuration(
            message,
            format!("set {} to a database of countersign", self.setting),
        )
    }
}

/// Closes it.
pub async fn close(database: SqlRepository) -> Result<(), Stop> {
    database.close().await.map_err(|error| failed(&error))
}

/// What a command says when the database fails it.
pub fn failed(error: &RepositoryError) -> Stop {
    Stop::unavailable(
        CauseChain(error).to_string(),
        "is the disk full, or does another process hold a lock? What was stored so far stays \
         stored: mend it, and run the same again",
    )
}
