//! The table `messages`.

use countersign_core::{Message, RepositoryError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    /// The arrival sequence.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// See [`super::key`].
    #[sea_orm(unique)]
    pub message_id: String,
    pub from_msisdn: String,
    pub to_msisdn: String,
    /// Microseconds since 1970.
    pub ts: i64,
    pub text: Option<String>,
    /// The text with case folded; NULL where that is `lower(text)`.
    pub text_folded: Option<String>,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// NULL for the default one.
    pub source: Option<String>,
    /// The label of the key that vouched for it.
    pub verified_by: Option<String>,
    /// Of a message that was purged, the digest of what it said; NULL while that is still here.
    pub digest: Option<Vec<u8>>,
    /// Of a message that was purged, when: microseconds since 1970.
    pub purged_at: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A message of the default source, for which no key vouches: the columns that are younger than the
/// first migration are left out, because that is where it is used.
impl From<&Message> for ActiveModel {
    fn from(message: &Message) -> Self {
        let content = &message.content;
        Self {
            message_id: Set(content.id.to_string()),
            from_msisdn: Set(content.from.to_string()),
            to_msisdn: Set(content.to.to_string()),
            ts: Set(content.ts.micros()),
            text: Set(content.text.as_ref().map(|text| text.as_str().to_owned())),
            text_folded: Set(super::folded(content.text.as_ref())),
            created_at: Set(message.created_at.micros()),
            ..Default::default()
        }
    }
}

impl TryFrom<Model> for Message {
    type Error = RepositoryError;

    fn try_from(row: Model) -> Result<Self, RepositoryError> {
        Ok(Self {
            verified_by: super::verified_by(row.verified_by.as_deref())?,
            created_at: super::instant("created_at", row.created_at)?,
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
