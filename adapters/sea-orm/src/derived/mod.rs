//! What is derived from the log of messages, whatever database keeps it: what a part of the log means
//! for what makes reading quick. Nothing here reads or writes.

pub mod bits;
pub mod gather;
pub mod grams;
pub mod pieces;
pub mod purge;
pub mod spans;

/// The party that everybody is.
pub const EVERYBODY: i64 = 0;
/// The role of one that sends.
pub const SENDER: i64 = 1;
/// The role of one that receives.
pub const RECEIVER: i64 = 2;
