//! What a row of `messages` is when its message was purged: it keeps its place and its key, so that
//! the id stays taken, whoever appends at the same moment.

use countersign_core::{Digest, MessageKey, RepositoryError, SourceError, Tombstone};
use sea_orm::FromQueryResult;

use super::{instant, key};

/// The columns that are not blank.
#[derive(Debug, FromQueryResult)]
pub struct Row {
    pub seq: i64,
    pub message_id: String,
    pub source: Option<String>,
    pub digest: Option<Vec<u8>>,
    pub purged_at: Option<i64>,
}

impl TryFrom<Row> for Tombstone {
    type Error = RepositoryError;

    fn try_from(row: Row) -> Result<Self, RepositoryError> {
        let (id, source) = key::read(row.message_id, row.source)?;
        let digest = row.digest.as_deref().and_then(Digest::from_store);
        let digest = digest.ok_or_else(|| {
            RepositoryError::Failed(SourceError::from("a row's digest is no SHA-256"))
        })?;
        Ok(Self {
            key: MessageKey { id, source },
            digest,
            purged_at: instant("purged_at", row.purged_at.unwrap_or_default())?,
        })
    }
}
