//! One file per command.

pub mod completions;
pub mod config;
pub mod copy;
pub mod doctor;
pub mod export;
pub mod gen_secret;
pub mod health;
pub mod import;
pub mod man;
pub mod migrate;
pub mod openapi;
pub mod purge;
pub mod reference;
pub mod send;
pub mod serve;
pub mod verify;
