//! One file per command.

pub mod completions;
pub mod config;
pub mod copy;
pub mod doctor;
pub mod export;
pub mod gen_secret;
pub mod get;
pub mod health;
pub mod import;
pub mod ls;
pub mod man;
pub mod migrate;
pub mod openapi;
pub mod purge;
pub mod reference;
pub mod replay;
pub mod send;
pub mod serve;
pub mod sign;
pub mod stats;
pub mod tail;
pub mod verify;
