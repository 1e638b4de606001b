//! Readers of live streams (`GET /messages/live`): one that understands what it reads, and many that
//! throw it away.

pub mod follow;
mod sse;
mod stream;

pub use self::{
    sse::{Chunks, Event, Events},
    stream::Stream,
};
