//! countersign's message repository in an SQL database: the only crate that knows SQL.
//!
//! `connection` opens the database, `migration` brings its schema up to date (and adopts the
//! original service's), `rows` says what a row is, `repository` answers the port, `writer` is the
//! one thread that writes.

mod connection;
mod error;
mod migration;
mod repository;
mod rows;
mod writer;

pub use connection::{Durability, OpenError, SqliteOptions};
pub use repository::SqlRepository;
