//! The core of countersign, the inbox for signed webhooks.
//!
//! A provider posts a message. [`Source::authenticate`] asks the [`SignatureVerifier`] whether the
//! raw bytes carry a valid signature; only then do they become [`Authentic`]. The driving adapter
//! parses authentic bytes into a [`NewMessage`], which is valid by construction, and
//! [`Inbox::accept`] stamps it with the [`Clock`]'s time and appends it to the
//! [`MessageRepository`], which answers once the message is durable: created, duplicate, or
//! conflict. People and programs read it back with [`Inbox::list`], [`Inbox::find`],
//! [`Inbox::conflicts`], [`Inbox::stats`] and [`Inbox::timeline`], and follow it as it arrives with
//! [`Inbox::arrivals`].
//!
//! Nothing here knows a socket, a file, the environment, the wall clock, JSON or SQL: those are
//! adapters, and they depend on this crate, never the other way round.

mod access;
mod arrival;
mod cause;
mod clock;
mod digest;
#[cfg(test)]
mod doubles;
mod inbox;
mod message;
mod msisdn;
mod purge;
mod query;
mod readiness;
mod repeats;
mod repository;
mod signature;
mod source;
mod storage;
mod timeline;
mod timestamp;

pub use access::ReadToken;
pub use arrival::{Arrival, ArrivalQuery, Arrivals, InvalidSequence, Sequence};
pub use cause::CauseChain;
pub use clock::Clock;
pub use digest::Digest;
pub use inbox::{Inbox, Source, Sources};
pub use message::{
    InvalidMessageId, InvalidText, Message, MessageId, MessageKey, NewMessage, Text,
};
pub use msisdn::{InvalidMsisdn, Msisdn};
pub use purge::{Purge, PurgeStep, PurgesEverything};
pub use query::{
    InvalidLimit, InvalidOffset, InvalidSearchTerm, Limit, MessageFilter, MessageQuery, Offset,
    Order, Page, Position, SearchTerm, SenderCount, Stats, fold_case,
};
pub use readiness::{Check, Failure, Finding, Readiness};
pub use repeats::{Repeat, RepeatLimits, Repeats, RepeatsWaiting};
pub use repository::{
    Appended, Conflict, ConflictFilter, MessageRepository, RepositoryError, SourceError, Tombstone,
};
pub use signature::{
    Authentic, HeaderLookup, Headers, KeyTerm, NearMiss, NearMissCause, Refusal, SignatureVerifier,
    Signing,
};
pub use source::{InvalidKeyLabel, InvalidSourceName, KeyLabel, SourceName};
pub use storage::Storage;
pub use timeline::{
    BucketWidth, Buckets, Correspondent, InvalidBucketWidth, InvalidBuckets, Timeline,
    TimelineQuery,
};
pub use timestamp::{InvalidTimestamp, Timestamp};
