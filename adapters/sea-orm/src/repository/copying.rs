//! What a copy of one database into another needs beyond the port.

use std::num::NonZeroUsize;

use countersign_core::{
    Arrival, Conflict, Message, MessageKey, Repeat, RepositoryError, Sequence, Tombstone,
};

use super::{Engine, SqlRepository};
use crate::read;

impl SqlRepository {
    /// Those of the messages with these keys that are there, in any order.
    ///
    /// # Errors
    /// If the database cannot answer.
    pub async fn find_all(&self, keys: &[MessageKey]) -> Result<Vec<Message>, RepositoryError> {
        read!(self, |db| read::copying::find_all(db, keys))
    }

    /// What is left under those of these keys whose message was purged, in any order.
    ///
    /// # Errors
    /// If the database cannot answer.
    pub async fn find_tombstones(
        &self,
        keys: &[MessageKey],
    ) -> Result<Vec<Tombstone>, RepositoryError> {
        read!(self, |db| read::copying::find_tombstones(db, keys))
    }

    /// What is left of purged messages behind this place in the order of arrival, with their places,
    /// ascending.
    ///
    /// # Errors
    /// If the database cannot answer.
    pub async fn tombstones_behind(
        &self,
        after: Sequence,
        limit: NonZeroUsize,
    ) -> Result<Vec<(Sequence, Tombstone)>, RepositoryError> {
        read!(self, |db| read::copying::tombstones_behind(
            db, after, limit
        ))
    }

    /// Takes over tombstones of another database, in one durable transaction: a message that is here,
    /// and says what the purged one said, is purged here, too; a key that nothing is known of is taken
    /// from now on. Whatever else is under such a key stays as it is. It may be repeated.
    ///
    /// # Errors
    /// After an error, all of them are taken over or none.
    pub async fn keep_tombstones(&self, tombstones: &[Tombstone]) -> Result<(), RepositoryError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.keep_tombstones(tombstones).await,
            Engine::Postgres(postgres) => postgres.keep_tombstones(tombstones).await,
        }
    }

    /// Whether there is a message of a source that has a name, or that a key vouched for.
    ///
    /// # Errors
    /// If the database cannot answer.
    pub async fn has_sources_or_keys(&self) -> Result<bool, RepositoryError> {
        read!(self, |db| read::copying::has_sources_or_keys(db))
    }

    /// The place of a message in the order of arrival; `Ok(None)` if it is not there.
    ///
    /// # Errors
    /// If the database cannot answer.
    pub async fn sequence_of(&self, key: &MessageKey) -> Result<Option<Sequence>, RepositoryError> {
        read!(self, |db| read::copying::sequence_of(db, key))
    }

    /// The last message in the order of arrival; `Ok(None)` if there is none.
    ///
    /// # Errors
    /// If the database cannot answer.
    pub async fn last_message(&self) -> Result<Option<Arrival>, RepositoryError> {
        read!(self, |db| read::copying::last_message(db))
    }

    /// How many messages there are, counted one by one.
    ///
    /// # Errors
    /// If the database cannot answer.
    pub async fn count(&self) -> Result<u64, RepositoryError> {
        read!(self, |db| read::copying::count(db))
    }

    /// How many messages there are up to this place in the order of arrival, it included.
    ///
    /// # Errors
    /// If the database cannot answer.
    pub async fn count_up_to(&self, last: Sequence) -> Result<u64, RepositoryError> {
        read!(self, |db| read::copying::count_up_to(db, last))
    }

    /// The recorded conflicts whose row has a larger number than `after`, with that number,
    /// ascending. The first row's number is larger than 0.
    ///
    /// # Errors
    /// If the database cannot answer.
    pub async fn conflicts_behind(
        &self,
        after: i64,
        limit: NonZeroUsize,
    ) -> Result<Vec<(i64, Conflict)>, RepositoryError> {
        read!(self, |db| read::copying::conflicts_behind(db, after, limit))
    }

    /// Takes over conflicts that another database has recorded, in one durable transaction. Of one
    /// whose content is known here, the earlier first time, the later last time and the larger
    /// count hold, so that it may be repeated.
    ///
    /// # Errors
    /// After an error, all of them are taken over or none.
    pub async fn keep_conflicts(&self, conflicts: &[Conflict]) -> Result<(), RepositoryError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.keep_conflicts(conflicts).await,
            Engine::Postgres(postgres) => postgres.keep_conflicts(conflicts).await,
        }
    }

    /// How often messages behind this place in the order of arrival came again, with their places,
    /// ascending. Those that never did are not among them.
    ///
    /// # Errors
    /// If the database cannot answer.
    pub async fn repeats_behind(
        &self,
        after: Sequence,
        limit: NonZeroUsize,
    ) -> Result<Vec<(Sequence, Repeat)>, RepositoryError> {
        read!(self, |db| read::repeats_behind(db, after, limit))
    }

    /// How often those of these messages came again that did, in any order.
    ///
    /// # Errors
    /// If the database cannot answer.
    pub async fn find_repeats(&self, keys: &[MessageKey]) -> Result<Vec<Repeat>, RepositoryError> {
        read!(self, |db| read::find_repeats(db, keys))
    }

    /// Takes over how often messages came again in another database, in one durable transaction, each
    /// key once. The later last time and the larger count hold, so that it may be repeated; keys without
    /// a message are passed over.
    ///
    /// # Errors
    /// After an error, all of them are taken over or none.
    pub async fn keep_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.keep_repeats(repeats).await,
            Engine::Postgres(postgres) => postgres.keep_repeats(repeats).await,
        }
    }

    /// What tells this database from every other, if the database can say it: two with the same are
    /// one, whatever their URLs.
    pub async fn identity(&self) -> Option<String> {
        match &self.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(postgres) => postgres.identity().await,
        }
    }
}
