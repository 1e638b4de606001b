//! The fold, from outside: what is derived from the log of messages, in the background.
//!
//! A webhook waits for one thing: that its message is appended to the log. Everything that makes
//! reading quick (messages by sender, counts, the search) is derived from the log afterwards, in
//! large sorted parts, each in one transaction together with the *watermark*, the sequence of the
//! last message that is accounted for. A read answers from what is derived up to the watermark, and
//! from the messages of the log behind it: exact at every moment, however far the fold lags.

mod pace;
mod progress;

use std::time::Duration;

use sea_orm::sqlx;

use crate::error;

pub use self::{
    pace::{Pace, STEP_BYTES},
    progress::Progress,
};

/// Whether the fold goes on by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Folding {
    /// It does, in the background.
    #[default]
    InBackground,
    /// Only when it is told to ([`crate::SqlRepository::fold`]).
    OnDemand,
}

/// What one step of the fold did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folded {
    /// How many messages it folded.
    pub messages: u64,
    /// How many there still are to fold.
    pub behind: u64,
}

/// Why nothing was folded.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// SQLite could not do it.
    #[error("the index could not be brought up to date")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL could not do it.
    #[error("the index could not be brought up to date")]
    Postgres(#[from] sqlx::Error),
    /// The index accounts for messages that are not in the log.
    #[error("the index is of another database; it is made anew at the next start")]
    Foreign,
    /// What is left of the disk is left to messages.
    #[error("the disk is nearly full")]
    NoRoom,
    /// An earlier failure has ended it.
    #[error("the fold has ended; the log says why")]
    Ended,
}

impl FoldError {
    /// Whether the index cannot be used any more, and is to be made anew.
    pub(crate) fn is_lost(&self) -> bool {
        match self {
            Self::Sqlite(error) => error::sqlite_code(error).is_some_and(error::is_damage),
            Self::Foreign | Self::Ended => true,
            Self::NoRoom | Self::Postgres(_) => false,
        }
    }
}

/// How far the fold is behind the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FoldLag {
    /// How many messages are not folded yet.
    pub messages: u64,
    /// For how long at the most the oldest of them has been waiting.
    pub age: Duration,
}
