//! One stream: first what it missed, from the store, and then what the hub says.

use std::{fmt::Write as _, num::NonZeroUsize, pin::Pin, sync::Arc, time::Instant};

use bytes::Bytes;
use countersign_core::{ArrivalQuery, MessageFilter, Sequence};
use futures_util::Stream;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{self, Sleep},
};

use super::{
    chunk::{Chunk, Selected},
    hub::{Hub, RETRY, RING, Slot, Trouble},
};
use crate::{problem::Problem, server::Connected};

/// How many messages a stream that is behind reads at once, at the most. What of them goes into one
/// piece waits for its client; the rest is read again.
const PAGE: NonZeroUsize = const { NonZeroUsize::new(256).unwrap() };

/// A stream of messages, for as long as its client follows.
pub struct Follower {
    hub: Arc<Hub>,
    slot: Slot,
    /// Of its client; in tests there may be none.
    connection: Option<Connected>,
    chunks: Receiver<Arc<Chunk>>,
    /// One that has more for this client than went into a piece.
    current: Option<Arc<Chunk>>,
    /// How many messages to read next where it is behind.
    page: NonZeroUsize,
    filter: MessageFilter,
    /// Everything up to here was sent, or does not match.
    at: Sequence,
    /// The last sequence that the client knows.
    told: Sequence,
    opened: bool,
    phase: Phase,
    trouble: Trouble,
    /// When something was last handed out.
    sent: Instant,
    /// Ends when it may be time for a ping.
    timer: Pin<Box<Sleep>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// There may be messages that the hub does not tell any more.
    Missing,
    /// The hub tells all that is to come.
    Joined,
}

enum Step {
    Send(Bytes),
    Nothing,
    End,
}

impl Follower {
    /// Begins behind `after` if that is given, and otherwise with what arrives from now on.
    pub async fn new(
        hub: &Arc<Hub>,
        connection: Option<Connected>,
        filter: MessageFilter,
        after: Option<Sequence>,
    ) -> Result<Self, Problem> {
        // Before the store says where its end is: what arrives behind it, the hub tells.
        let (slot, chunks) = hub.open()?;
        let end = hub.inbox.last_arrival().await?;
        let at = match after {
            Some(after) => hub.inbox.resume(after).await?,
            None => end,
        };
        Ok(Self {
            slot,
            connection,
            chunks,
            current: None,
            page: PAGE,
            filter,
            at,
            told: at,
            opened: false,
            phase: if at >= end {
                Phase::Joined
            } else {
                Phase::Missing
            },
            trouble: Trouble::default(),
            sent: Instant::now(),
            timer: Box::pin(time::sleep(hub.options.ping)),
            hub: Arc::clone(hub),
        })
    }

    /// What is sent, piece by piece. The next piece is made when the one before has been taken.
    pub fn into_stream(self) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
        futures_util::stream::unfold(self, |mut follower| async move {
            let bytes = follower.next().await?;
            Some((Ok(bytes), follower))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        let hub = Arc::clone(&self.hub);
        let bytes = tokio::select! {
            biased;
            () = hub.closed() => None,
            bytes = self.follow() => bytes,
        }?;
        self.sent = Instant::now();
        Some(bytes)
    }

    async fn follow(&mut self) -> Option<Bytes> {
        if !self.opened {
            self.opened = true;
            return Some(self.opening());
        }
        loop {
            let step = match self.phase {
                Phase::Missing => self.catch_up().await,
                Phase::Joined => self.listen().await,
            };
            match step {
                Step::Send(bytes) => return Some(bytes),
                Step::Nothing => {}
                Step::End => return None,
            }
        }
    }

    /// How soon to come back, and where the stream begins: who is disconnected before the first
    /// message resumes here.
    fn opening(&self) -> Bytes {
        let retry = self.hub.options.retry.as_millis();
        format!("retry: {retry}\nid: {}\n\n", self.at.get()).into()
    }

    async fn listen(&mut self) -> Step {
        if let Some(chunk) = self.current.take() {
            return self.send(chunk);
        }
        let heard = tokio::select! {
            biased;
            heard = self.chunks.recv() => heard,
            () = &mut self.timer => return self.ping(),
        };
        match heard {
            Ok(chunk) if chunk.after > self.at => {
                // The hub has begun, or begun again, further on.
                self.phase = Phase::Missing;
                Step::Nothing
            }
            Ok(chunk) => self.send(chunk),
            Err(RecvError::Lagged(_)) => {
                self.slot.too_slow();
                Step::End
            }
            Err(RecvError::Closed) => Step::End,
        }
    }

    async fn catch_up(&mut self) -> Step {
        let query = ArrivalQuery {
            after: self.at,
            filter: self.filter.clone(),
            limit: self.page,
        };
        // What arrives while the page is read is in the page, or the hub tells it, or both.
        self.chunks = self.hub.subscribe();
        let page = self.hub.read_behind(&query).await;
        let Some(page) = self.trouble.note(page) else {
            time::sleep(RETRY).await;
            return self.ping();
        };
        let (read, more) = (page.items.len(), page.more);
        let room = self.hub.own.room();
        let Some(chunk) = Chunk::first(self.at, page, room.bytes()) else {
            self.joins(more);
            return self.ping();
        };
        let cut = chunk.len() < read;
        self.joins(more || cut);
        // Not much more than can be sent, where messages are long or there is little room.
        let next = if cut { chunk.len() } else { self.page.get() };
        self.page = NonZeroUsize::new(next * 2).map_or(PAGE, |next| next.min(PAGE));
        self.at = self.at.max(chunk.up_to);
        // Only what matches was read.
        match chunk.select(&MessageFilter::default(), Sequence::START, room.bytes()) {
            Some(Selected { bytes, last, .. }) => {
                self.told = last;
                Step::Send(room.hold(bytes))
            }
            None => self.ping(),
        }
    }

    /// Listens from now on, if no more is missing, and the hub is not far ahead.
    fn joins(&mut self, more: bool) {
        if !more && self.chunks.len() < RING / 2 {
            self.phase = Phase::Joined;
        }
    }

    /// What of the chunk is for this client, or as much of it as there is room for.
    fn send(&mut self, chunk: Arc<Chunk>) -> Step {
        let room = self.hub.own.room();
        let Some(selected) = chunk.select(&self.filter, self.at, room.bytes()) else {
            self.at = self.at.max(chunk.up_to);
            return self.ping();
        };
        self.told = selected.last;
        if selected.all {
            self.at = self.at.max(chunk.up_to);
        } else {
            self.at = selected.last;
            self.current = Some(chunk);
        }
        // What everybody gets is counted once for all.
        Step::Send(if self.filter == MessageFilter::default() {
            selected.bytes
        } else {
            room.hold(selected.bytes)
        })
    }

    /// A sign of life if it is time for one. It tells the client how far the stream is, so that
    /// resuming costs little also where nothing matches for long.
    fn ping(&mut self) -> Step {
        let due = self.sent + self.hub.options.ping;
        if Instant::now() < due {
            if self.timer.is_elapsed() {
                self.timer.as_mut().reset(due.into());
            }
            return Step::Nothing;
        }
        let next = Instant::now() + self.hub.options.ping;
        self.timer.as_mut().reset(next.into());
        let mut ping = ":\n".to_owned();
        if self.told != self.at {
            // Writing into a String does not fail.
            let _ = writeln!(ping, "id: {}", self.at.get());
            self.told = self.at;
        }
        ping.push('\n');
        Step::Send(ping.into())
    }
}

impl Drop for Follower {
    /// A stream ends here without an end of its own if the connection is gone: because the client
    /// left, or because it was cut off for taking nothing.
    fn drop(&mut self) {
        let connection = self.connection.as_ref();
        if connection.is_some_and(Connected::was_stalled) {
            self.slot.too_slow();
        }
    }
}
