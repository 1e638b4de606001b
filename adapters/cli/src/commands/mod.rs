//! One file per command.

pub mod config;
pub mod copy;
pub mod export;
pub mod gen_secret;
pub mod health;
pub mod import;
pub mod migrate;
pub mod openapi;
pub mod purge;
pub mod reference;
pub mod send;
pub mod serve;
pub mod verify;
