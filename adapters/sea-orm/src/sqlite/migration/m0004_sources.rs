//! Where messages come from, which key vouched for them, and what is left of those that were purged.
//!
//! Columns that are NULL where they are not in a row are added without touching a row. The indices
//! have those rows only for which somebody can ask by them, none yet: to make them reads the table from
//! end to end, and writes nothing.
//!
//! - `purges` counts: `marked` are the purges that have begun, `blanked` those that have ended
//!   (`sqlite/write/purge.rs`).
//! - `purged` has the sequence of every message that was purged; while its content is still there,
//!   `purge` is the number of the purge that is to take it away.

use sea_orm::{ConnectionTrait as _, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_sources"
    }
}

const UP: [&str; 11] = [
    "ALTER TABLE messages ADD COLUMN source text",
    "ALTER TABLE messages ADD COLUMN verified_by text",
    "ALTER TABLE messages ADD COLUMN digest blob",
    "ALTER TABLE messages ADD COLUMN purged_at bigint",
    "ALTER TABLE conflicts ADD COLUMN source text",
    // With `purged_at`, so that those that are not purged are counted without looking at them.
    "CREATE INDEX messages_by_key ON messages (verified_by, purged_at)
     WHERE verified_by IS NOT NULL",
    "CREATE INDEX messages_by_source ON messages (source, purged_at) WHERE source IS NOT NULL",
    "CREATE TABLE purges (
        id integer PRIMARY KEY CHECK (id = 1),
        marked bigint NOT NULL,
        blanked bigint NOT NULL
     )",
    "INSERT INTO purges VALUES (1, 0, 0)",
    "CREATE TABLE purged (seq integer PRIMARY KEY, purge bigint)",
    "CREATE INDEX purged_not_blank ON purged (purge) WHERE purge IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in UP {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
