//! countersign's message repository in an SQL database: the only crate that knows SQL.
//!
//! `connection` opens the database, `migration` brings its schema up to date (and adopts the
//! original service's), `rows` says what a row is. `write` is the one thread that appends messages
//! to the log; `fold` derives from the log, in the background, what makes reading quick; `read`
//! answers from both. `repository` is the port over all of them.

mod connection;
mod error;
mod fold;
mod migration;
mod pending;
mod read;
mod repository;
mod rows;
mod write;

pub use connection::{Durability, OpenError, SqliteOptions};
pub use fold::{FoldError, FoldLag, Folded, Folding};
pub use pending::pending_migrations;
pub use repository::SqlRepository;
