//! What one request may take of time, memory and the store, and what all may take together.
//!
//! A server that is asked for more than it can do refuses the rest, at once, and says when to come
//! back; what it has taken on, it does. So nothing here waits for long, and nothing grows: `head`
//! looks at a request before anything is read for it, and asks `peers` whether its client has sent
//! too many; `body` reads bodies, `answer` keeps answers until they are taken, `desk` lets reads at the store, and the group commit bounds what
//! waits to be written.

mod answer;
mod body;
mod described;
mod desk;
mod head;
mod peers;
mod rate;

use std::time::Duration;

pub use self::rate::{InvalidRateLimit, RateLimit};
pub(crate) use self::{
    answer::{Answers, held},
    body::Bodies,
    described::describe,
    desk::Desk,
    head::{Admitted, cut},
    peers::Peers,
};

/// What a request may take; see the fields. The time-outs and limits of connections are not among
/// them, and neither is the longest body, which the operator sets.
#[derive(Debug, Clone)]
pub struct RequestLimits {
    /// How many requests one client may send, if that is limited; the next one is answered 429.
    /// Probes do not count.
    pub per_peer: Option<RateLimit>,
    /// The longest target of a request, in bytes; a longer one is answered 414. The longest id that
    /// a message can have, percent-encoded, takes 3 KiB; the rest is for a long text to look for.
    pub max_uri_bytes: usize,
    /// How long a body may take to arrive, from the request's head on; then 408, and the connection
    /// is closed.
    pub body_timeout: Duration,
    /// How many bytes of bodies are kept for all requests together, beyond the first 4 KiB of each,
    /// which the number of connections bounds; then 503. It holds at least one whole body, whatever
    /// is said here, and at most 4 GiB.
    pub body_memory: usize,
    /// How many bytes of answers are kept for all clients together until they have taken them,
    /// beside those of at most 16 KiB, which the number of connections bounds; then 503. At most
    /// 4 GiB.
    pub answer_memory: usize,
    /// How long a webhook may wait to be stored, from when it was verified; then 503. Senders give
    /// up after three seconds at the earliest, and what they have not heard they must send again.
    pub write_deadline: Duration,
    /// How long a read may take, all in all; then 503. A long poll may take as much beyond what it
    /// was asked to wait; a stream, to begin.
    pub read_deadline: Duration,
    /// How many reads may be at the store at once. More would not be quicker, because the databases
    /// have fewer connections than that, and each may hold a page of long texts.
    pub max_reads: usize,
    /// How long a read may wait to be among them; then 503.
    pub read_patience: Duration,
    /// How many long polls may wait at once; the next one is answered 503.
    pub max_polls: usize,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            per_peer: None,
            max_uri_bytes: 8 * 1024,
            body_timeout: Duration::from_secs(10),
            body_memory: 32 * 1024 * 1024,
            answer_memory: 64 * 1024 * 1024,
            write_deadline: Duration::from_millis(2500),
            read_deadline: Duration::from_secs(10),
            max_reads: 64,
            read_patience: Duration::from_secs(1),
            max_polls: 1000,
        }
    }
}
