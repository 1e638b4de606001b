//! How often stored messages came again, and when they last did. A message that never did has no row.

use sea_orm::{ConnectionTrait as _, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_repeats"
    }
}

const UP: &str = "CREATE TABLE repeats (
    seq integer PRIMARY KEY,
    times bigint NOT NULL,
    last_seen_at bigint NOT NULL
)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await?;
        Ok(())
    }
}
