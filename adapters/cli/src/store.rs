//! Where messages are kept: opened as the settings say, watched, and closed.

use std::{
    fmt,
    fs::File,
    io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
    time::Duration,
};

use countersign_core::{CauseChain, MessageRepository, RepositoryError};
use countersign_group_commit::{
    Drained, GroupCommit, Joined, Limits, Queue, Tally, Transaction, Watch,
};
use countersign_memory::MemoryRepository;
use countersign_sea_orm::{
    Damaged, FoldLag, Folding, OpenError, PostgresOptions, SqlRepository, SqliteOptions,
};
use opentelemetry::{
    Context, KeyValue,
    metrics::{Histogram, Meter},
    trace::TraceContextExt as _,
};
use tokio::time::{self, Instant};

use crate::{database_url::Database, memory::Budget, stop::Stop};

/// How long it may take to write what is in the queue, and to close the database, when the program
/// stops.
const CLOSE: Duration = Duration::from_secs(3);

/// How long after a look whether the database is still in use the next one comes.
const LOOK: Duration = Duration::from_millis(10);

/// Where messages are kept, and what must be done in the end.
pub struct Store {
    pub repository: Arc<dyn MessageRepository>,
    sql: Option<(Arc<SqlRepository>, Drained)>,
    /// Of appends that nobody waited for any more.
    tally: Arc<Tally>,
    /// What waits to be written; there is none in memory.
    queue: Option<Queue>,
}

impl Store {
    /// Opens what `DATABASE_URL` names; transactions are measured from the first on.
    pub async fn open(database: &Database, budget: &Budget, meter: &Meter) -> Result<Self, Stop> {
        if *database == Database::Memory {
            tracing::warn!(
                database = "memory",
                "messages are forgotten when the process ends"
            );
            return Ok(Self {
                repository: Arc::new(MemoryRepository::new()),
                sql: None,
                tally: Arc::default(),
                queue: None,
            });
        }
        let sql = open_sql(database, Folding::InBackground, budget.sqlite).await?;
        let sql = Arc::new(sql);
        let usual = Limits::default();
        let limits = Limits {
            queue_bytes: NonZeroUsize::new(budget.queue).unwrap_or(usual.queue_bytes),
            batch_bytes: NonZeroUsize::new(budget.batch).unwrap_or(usual.batch_bytes),
            ..usual
        };
        let (grouped, drained) =
            GroupCommit::start_watched(sql.clone(), limits, Measured::new(database, meter));
        Ok(Self {
            tally: grouped.tally(),
            queue: Some(grouped.queue()),
            repository: Arc::new(grouped),
            sql: Some((sql, drained)),
        })
    }

    /// Shows how the store is doing. The metrics are there whatever the store; in memory, nothing
    /// lags.
    pub fn observe(&self, meter: &Meter) {
        let sql = self.sql.as_ref().map(|(sql, _)| Arc::downgrade(sql));
        let lag = move || {
            let sql = sql.as_ref().and_then(Weak::upgrade);
            sql.map_or_else(FoldLag::default, |sql| sql.fold_lag())
        };
        let lag_too = lag.clone();
        meter
            .u64_observable_gauge("db_fold_lag_messages")
            .with_callback(move |gauge| gauge.observe(lag().messages, &[]))
            .build();
        // The exporter adds the unit to the name.
        meter
            .f64_observable_gauge("db_fold_lag")
            .with_unit("s")
            .with_callback(move |gauge| gauge.observe(lag_too().age.as_secs_f64(), &[]))
            .build();
        if let Some(queue) = &self.queue {
            observe_queue(queue, meter);
        }
        let (withdrawn, late) = (Arc::clone(&self.tally), Arc::clone(&self.tally));
        // And `_total` to these.
        meter
            .u64_observable_counter("db_appends_withdrawn")
            .with_callback(move |counter| counter.observe(withdrawn.withdrawn(), &[]))
            .build();
        meter
            .u64_observable_counter("db_appends_late")
            .with_callback(move |counter| counter.observe(late.late(), &[]))
            .build();
    }

    /// Completes when the database has failed for good, and nothing is acknowledged any more: then the
    /// program has to end.
    pub fn damaged(&self) -> impl Future<Output = Damaged> + Send + use<> {
        let damaged = self.sql.as_ref().map(|(sql, _)| sql.damaged());
        async move {
            match damaged {
                Some(damaged) => damaged.await,
                None => std::future::pending().await,
            }
        }
    }

    /// Commits what waits, and folds the write-ahead log into the database.
    pub async fn close(self) -> Result<(), Stop> {
        drop(self.repository);
        let Some((sql, drained)) = self.sql else {
            return Ok(());
        };
        let until = Instant::now() + CLOSE;
        if time::timeout_at(until, drained.wait()).await.is_err() {
            return Err(Stop::unavailable(
                "some messages could not be written in time; nobody was told that they are stored",
                "is the disk slow or full? Their senders will send them again",
            ));
        }
        let not_closed = |cause: &dyn fmt::Display| {
            Stop::unavailable(
                format!("the database was not closed: {cause}"),
                "everything that was answered is stored; the next start brings it in order",
            )
        };
        match time::timeout_at(until, close_unused(sql)).await {
            Ok(closed) => closed.map_err(|error| not_closed(&CauseChain(&error))),
            Err(_) => Err(not_closed(&"it took too long")),
        }
    }
}

/// What is measured of each transaction, and noted in the spans of those who wait for it.
struct Measured {
    system: &'static str,
    sizes: Histogram<u64>,
    durations: Histogram<f64>,
}

impl Measured {
    fn new(database: &Database, meter: &Meter) -> Self {
        Self {
            // As OpenTelemetry's semantic conventions call them.
            system: match database {
                Database::Postgres(_) => "postgresql",
                Database::SqliteFile(_) | Database::Memory => "sqlite",
            },
            sizes: meter.u64_histogram("db_append_batch_size").build(),
            durations: meter
                .f64_histogram("db_append_commit_duration")
                .with_unit("s")
                .build(),
        }
    }
}

impl Watch for Measured {
    fn ended(&self, transaction: &Transaction) {
        self.sizes.record(transaction.messages as u64, &[]);
        self.durations.record(transaction.took.as_secs_f64(), &[]);
    }

    fn joins(&self) -> Option<Joined> {
        let context = Context::map_current(|context| {
            let recorded = context.has_active_span() && context.span().is_recording();
            recorded.then(|| context.clone())
        })?;
        let system = self.system;
        Some(Box::new(move |transaction| {
            let size = i64::try_from(transaction.messages).unwrap_or(i64::MAX);
            context.span().set_attributes([
                KeyValue::new("db.system.name", system),
                KeyValue::new("db.operation.batch.size", size),
            ]);
        }))
    }
}

fn observe_queue(queue: &Queue, meter: &Meter) {
    type Read = fn(&Queue) -> usize;
    // The exporter adds the unit `By` to the names, as `_bytes`.
    let gauges: [(&'static str, &'static str, Read); 4] = [
        ("db_append_queue_messages", "{message}", Queue::waiting),
        (
            "db_append_queue_capacity_messages",
            "{message}",
            Queue::capacity,
        ),
        ("db_append_queue", "By", Queue::bytes),
        ("db_append_queue_capacity", "By", Queue::capacity_bytes),
    ];
    for (name, unit, read) in gauges {
        let queue = queue.clone();
        meter
            .u64_observable_gauge(name)
            .with_unit(unit)
            .with_callback(move |gauge| gauge.observe(read(&queue) as u64, &[]))
            .build();
    }
}

/// Closes it as soon as nobody uses it any more.
async fn close_unused(mut sql: Arc<SqlRepository>) -> Result<(), RepositoryError> {
    loop {
        match Arc::try_unwrap(sql) {
            Ok(unused) => return unused.close().await,
            // A read whose client has left a moment ago.
            Err(used) => sql = used,
        }
        time::sleep(LOOK).await;
    }
}

/// Opens a database that lasts; a file is made if it isn't there.
pub async fn open_sql(
    database: &Database,
    folding: Folding,
    memory: Option<NonZeroUsize>,
) -> Result<SqlRepository, Stop> {
    match database {
        Database::Memory => Err(forgetful()),
        Database::SqliteFile(path) => {
            let path = absolute(path)?;
            tracing::info!(database = "sqlite", path = %path.display(), "opening the database");
            let options = SqliteOptions {
                folding,
                memory,
                ..SqliteOptions::default()
            };
            let opened = SqlRepository::open_sqlite_with(&path, options).await;
            opened.map_err(|error| cannot_open(path.display(), &error))
        }
        Database::Postgres(url) => {
            tracing::info!(database = "postgresql", server = %url, "opening the database");
            let options = PostgresOptions {
                folding,
                ..PostgresOptions::default()
            };
            let opened = SqlRepository::open_postgres_with(url, options).await;
            opened.map_err(|error| cannot_open(url, &error))
        }
    }
}

/// What is done to a database in memory is gone when it is done.
pub fn forgetful() -> Stop {
    Stop::configuration(
        "DATABASE_URL names no database that lasts",
        "set DATABASE_URL or --database-url to the one that is meant",
    )
}

/// The path without regard to the working directory, its folder made.
pub fn absolute(path: &Path) -> Result<PathBuf, Stop> {
    let absolute = std::path::absolute(path).map_err(|error| {
        Stop::configuration(
            format!("DATABASE_URL names a file without an absolute path: {error}"),
            "name an absolute path",
        )
    })?;
    if let Some(folder) = absolute.parent() {
        make_durably(folder).map_err(|error| {
            Stop::configuration(
                format!(
                    "the database's folder {} cannot be made: {error}",
                    folder.display()
                ),
                "make the folder and let this user write to it, or set DATABASE_URL to a file \
                 elsewhere",
            )
        })?;
    }
    Ok(absolute)
}

/// Makes a folder, and those above it, so that a power cut does not take them away again with all
/// that is in them: SQLite syncs the folder of its files, but not those above.
fn make_durably(folder: &Path) -> io::Result<()> {
    let missing = folder
        .ancestors()
        .take_while(|folder| !folder.exists())
        .collect::<Vec<_>>();
    std::fs::create_dir_all(folder)?;
    for above in missing.into_iter().filter_map(Path::parent) {
        // One that may not be read cannot be synced either.
        if let Ok(above) = File::open(above) {
            above.sync_all()?;
        }
    }
    Ok(())
}

/// Why a database cannot be opened, and what to do about it.
pub fn cannot_open(name: impl fmt::Display, error: &OpenError) -> Stop {
    let message = format!("{name}: {}", CauseChain(error));
    if let OpenError::Connect(_) = error {
        return Stop::unavailable(
            message,
            "is the server up, does it accept connections from here, and are user, password and \
             database those of DATABASE_URL? The database must exist: CREATE DATABASE countersign",
        );
    }
    if error.is_damage() {
        let help = "look at the disk and at the kernel's messages first. If the file itself is \
            damaged: nothing was changed; keep a copy of it and of the files beside it (-wal, -shm), \
            and restore a backup, or save with `sqlite3 FILE .recover` what can be read. If it is no \
            SQLite database, set DATABASE_URL to another file";
        // A disk may come back; what is in a damaged file won't.
        return if error.passes() {
            Stop::unavailable(message, help)
        } else {
            Stop::configuration(message, help)
        };
    }
    if error.passes() {
        return Stop::unavailable(
            message,
            "another process may hold a lock on the database, or the disk may be full or \
             read-only: see to that, and start again",
        );
    }
    Stop::configuration(
        message,
        match error {
            OpenError::Open(_) | OpenError::OpenWriter(_) | OpenError::Log(_) => {
                "the file must be an SQLite database, or not be there, and this user must be able \
                 to write to it and to its folder; or set DATABASE_URL to a file elsewhere"
            }
            OpenError::Index(_) | OpenError::RemoveIndex(_) => {
                "the index is the file of the same name with -index at its end. It is derived from \
                 the database: while countersign does not run, it may be deleted, and is made anew"
            }
            OpenError::Pragma { .. } | OpenError::Thread(_) => {
                "countersign needs a local file system, on which SQLite can use its write-ahead \
                 log, and leave to start threads"
            }
            OpenError::Connect(_) | OpenError::Read(_) => "see to the server, and start again",
            OpenError::Unfit(_) => {
                "set DATABASE_URL to a database that is (docs/reference/postgresql.md)"
            }
            OpenError::Newer(_) => {
                "nothing was changed: run that version, or set DATABASE_URL to another database"
            }
            OpenError::Migrate(_) => {
                "the database was left as it was. If a newer version of countersign has used it, \
                 run that one; if it is another program's, set DATABASE_URL to a file elsewhere; \
                 otherwise the cause named here has to be mended first"
            }
        },
    )
}
