//! The table of messages becomes a log: what orders and counts them is derived from it elsewhere
//! (`fold`), off the way of a webhook.

use sea_orm::DbErr;
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait, sea_query::Index,
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_log"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["messages_by_ts", "messages_by_sender"] {
            manager
                .drop_index(Index::drop().name(index).to_owned())
                .await?;
        }
        Ok(())
    }
}
