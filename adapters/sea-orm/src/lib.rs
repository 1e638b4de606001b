//! countersign's message repository in an SQL database: the only crate that knows SQL.
//!
//! Messages are appended to a log; `fold` derives from the log, in the background, what makes
//! reading quick (`derived` says what that is); `read` answers from both. `rows` says what a row is,
//! and `repository` is the port over all of it. What differs between the databases is in `sqlite`
//! and `postgres`: how they are opened and migrated (`open` says what can go wrong), how a message
//! is appended durably, how one learns that something has arrived, and how what is derived is
//! written.

mod derived;
mod error;
mod fold;
pub mod inspect;
mod open;
mod postgres;
mod read;
mod repository;
mod rows;
mod sqlite;

pub use fold::{FoldError, FoldLag, Folded, Folding};
pub use open::OpenError;
pub use postgres::connection::{PostgresOptions, PostgresUrl, PostgresUrlError};
pub use repository::SqlRepository;
pub use sqlite::{
    connection::{Durability, SqliteOptions},
    damage::Damaged,
};
