//! Something to write when one wants to know whether one can: as much as the largest message takes.
//! On a disk that is almost full, less would say nothing.

use sea_orm::{DbErr, DeriveIden};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_query::{ColumnDef, Table},
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_probe"
    }
}

#[derive(DeriveIden)]
enum Probe {
    Table,
    Id,
    Room,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Probe::Table)
                    .col(ColumnDef::new(Probe::Id).big_integer().primary_key())
                    .col(ColumnDef::new(Probe::Room).blob().not_null())
                    .to_owned(),
            )
            .await
    }
}
