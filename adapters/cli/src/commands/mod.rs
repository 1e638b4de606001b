//! One file per command.

pub mod health;
pub mod migrate;
pub mod openapi;
pub mod send;
pub mod serve;
