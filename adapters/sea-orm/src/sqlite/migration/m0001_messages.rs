//! Messages and conflicts; and what the original service left.

use sea_orm::{DbErr, DeriveIden};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_query::{ColumnDef, Index, IntoIden, Table},
};

use super::adopt;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_messages"
    }
}

#[derive(DeriveIden)]
enum Messages {
    Table,
    Seq,
    MessageId,
    FromMsisdn,
    ToMsisdn,
    Ts,
    Text,
    TextFolded,
    CreatedAt,
}

#[derive(DeriveIden)]
enum Conflicts {
    Table,
    Id,
    MessageId,
    FromMsisdn,
    ToMsisdn,
    Ts,
    Text,
    FirstSeenAt,
    LastSeenAt,
    Times,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let original = adopt::put_aside(manager).await?;

        manager
            .create_table(
                Table::create()
                    .table(Messages::Table)
                    // Never reused, so that a reader that knows a sequence can resume behind it.
                    .col(key(Messages::Seq))
                    .col(text(Messages::MessageId).not_null().unique_key())
                    .col(text(Messages::FromMsisdn).not_null())
                    .col(text(Messages::ToMsisdn).not_null())
                    .col(number(Messages::Ts).not_null())
                    .col(text(Messages::Text))
                    .col(text(Messages::TextFolded))
                    .col(number(Messages::CreatedAt).not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("messages_by_ts")
                    .table(Messages::Table)
                    .col(Messages::Ts)
                    .col(Messages::MessageId)
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("messages_by_sender")
                    .table(Messages::Table)
                    .col(Messages::FromMsisdn)
                    .col(Messages::Ts)
                    .col(Messages::MessageId)
                    .to_owned(),
            )
            .await?;

        manager
            .create_table(
                Table::create()
                    .table(Conflicts::Table)
                    .col(key(Conflicts::Id))
                    .col(text(Conflicts::MessageId).not_null())
                    .col(text(Conflicts::FromMsisdn).not_null())
                    .col(text(Conflicts::ToMsisdn).not_null())
                    .col(number(Conflicts::Ts).not_null())
                    .col(text(Conflicts::Text))
                    .col(number(Conflicts::FirstSeenAt).not_null())
                    .col(number(Conflicts::LastSeenAt).not_null())
                    .col(number(Conflicts::Times).not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("conflicts_by_message")
                    .table(Conflicts::Table)
                    .col(Conflicts::MessageId)
                    .col(Conflicts::LastSeenAt)
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("conflicts_by_time")
                    .table(Conflicts::Table)
                    .col(Conflicts::LastSeenAt)
                    .to_owned(),
            )
            .await?;

        match original {
            Some(original) => original.adopt(manager.get_connection()).await,
            None => Ok(()),
        }
    }
}

fn key(column: impl IntoIden) -> ColumnDef {
    number(column)
        .not_null()
        .auto_increment()
        .primary_key()
        .to_owned()
}

fn number(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).big_integer().to_owned()
}

fn text(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).text().to_owned()
}
