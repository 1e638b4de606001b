//! The table `conflicts`.

use countersign_core::{Conflict, RepositoryError};
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conflicts")]
pub struct Model {
    /// In the order in which conflicts were recorded.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// See [`super::key`].
    pub message_id: String,
    /// NULL for the default one.
    pub source: Option<String>,
    pub from_msisdn: String,
    pub to_msisdn: String,
    /// Microseconds since 1970.
    pub ts: i64,
    pub text: Option<String>,
    /// Microseconds since 1970.
    pub first_seen_at: i64,
    /// Microseconds since 1970.
    pub last_seen_at: i64,
    pub times: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Conflict {
    type Error = RepositoryError;

    fn try_from(row: Model) -> Result<Self, RepositoryError> {
        Ok(Self {
            first_seen_at: super::instant("first_seen_at", row.first_seen_at)?,
            last_seen_at: super::instant("last_seen_at", row.last_seen_at)?,
            times: super::count("times", row.times)?,
            content: super::content(
                row.message_id,
                row.source,
                row.from_msisdn,
                row.to_msisdn,
                row.ts,
                row.text,
            )?,
        })
    }
}
