//! What the store takes, and what is left for it, asked now and then: whoever reads metrics only reads
//! what was found last, and asks neither a file system nor a database.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use countersign_core::{Inbox, Storage};
use opentelemetry::metrics::Meter;
use tokio::time;

use crate::database_url::Database;

/// How often files are looked at: a few calls of the file system.
const FILES: Duration = Duration::from_secs(15);

/// How often PostgreSQL is asked: it looks at each file of the database, of which a large one has
/// thousands.
const SERVER: Duration = Duration::from_mins(1);

/// What of a sample a gauge shows.
type Read = fn(&Storage) -> Option<u64>;

/// Makes the gauges; what the returned future finds, they show. It has no end.
pub fn storage(
    inbox: Inbox,
    database: &Database,
    meter: &Meter,
) -> impl Future<Output = ()> + Send + use<> {
    let found = Arc::new(Mutex::new(Storage::default()));
    // The exporter adds the unit, as `_bytes`, to the names. What is not known is not shown.
    let gauges: [(&'static str, Read); 3] = [
        ("db_storage", |storage| {
            let index = storage.index_bytes.unwrap_or_default();
            Some(storage.database_bytes?.saturating_add(index))
        }),
        ("db_wal", |storage| storage.wal_bytes),
        ("db_storage_free", |storage| storage.free_bytes),
    ];
    for (name, read) in gauges {
        let found = Arc::clone(&found);
        meter
            .u64_observable_gauge(name)
            .with_unit("By")
            .with_callback(move |gauge| {
                let found = found.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(bytes) = read(&found) {
                    gauge.observe(bytes, &[]);
                }
            })
            .build();
    }
    let every = match database {
        Database::Postgres(_) => SERVER,
        Database::SqliteFile(_) | Database::Memory => FILES,
    };
    async move {
        loop {
            let storage = inbox.storage().await;
            *found.lock().unwrap_or_else(PoisonError::into_inner) = storage;
            time::sleep(every).await;
        }
    }
}
