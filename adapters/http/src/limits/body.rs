//! Reading bodies: all of them are read here, within a length, a time, and a memory for all.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, combinators::BoxBody};
use poem::{
    RequestBody,
    http::{HeaderMap, header},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{self, Instant},
};

use super::RequestLimits;
use crate::problem::{Kind, Problem};

/// How much of each body is not taken from the common memory: nearly every webhook is shorter.
const FREE: usize = 4 * 1024;

/// Reads bodies, for all requests.
#[derive(Clone)]
pub struct Bodies {
    /// Its permits are bytes.
    memory: Arc<Semaphore>,
    timeout: Duration,
}

impl Bodies {
    /// `longest` is the longest body that anybody may send.
    pub fn new(limits: &RequestLimits, longest: usize) -> Self {
        // What is asked for at once is a `u32`.
        let most = u32::MAX as usize;
        let memory = limits.body_memory.max(longest).min(most);
        Self {
            memory: Arc::new(Semaphore::new(memory)),
            timeout: limits.body_timeout,
        }
    }

    /// The whole body, of at most `limit` bytes. The memory that it takes is given back when the
    /// last of its bytes is dropped.
    ///
    /// # Errors
    /// Every one closes the connection, because the rest of the body is not read: 413, 408, 503 if
    /// there is no memory for it, and 400 if it has no end.
    pub async fn read(
        &self,
        headers: &HeaderMap,
        body: &mut RequestBody,
        limit: usize,
    ) -> Result<Bytes, Problem> {
        let until = Instant::now() + self.timeout;
        let declared = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        // A length that is declared needs no reading; one that isn't (chunked) is counted.
        if declared.is_some_and(|length| length > limit as u64) {
            return Err(too_large(limit).closing());
        }
        let body = body
            .take()
            .map_err(|error| Problem::internal(error.to_string()))?;
        let expected = declared.and_then(|length| usize::try_from(length).ok());
        let kept = Kept::new(Arc::clone(&self.memory), expected.unwrap_or_default());
        match time::timeout_at(until, gather(body.into(), kept, limit)).await {
            Ok(read) => read.map(Bytes::from_owner),
            Err(_) => Err(self.too_slow()),
        }
        .map_err(Problem::closing)
    }

    fn too_slow(&self) -> Problem {
        Problem::new(
            Kind::BodyTimeout,
            format!(
                "the body did not arrive within {} seconds",
                self.timeout.as_secs_f64()
            ),
        )
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::new(
        Kind::PayloadTooLarge,
        format!("the body must be at most {limit} bytes long"),
    )
}

async fn gather(
    mut body: BoxBody<Bytes, io::Error>,
    mut kept: Kept,
    limit: usize,
) -> Result<Kept, Problem> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Problem {
            cause: Some(error.to_string()),
            ..Problem::new(Kind::BadRequest, "the body could not be read to its end")
        })?;
        let piece = frame.data_ref().map_or(&[][..], |piece| piece);
        if piece.len() > limit - kept.bytes.len() {
            return Err(too_large(limit));
        }
        kept.add(piece, limit)?;
    }
    Ok(kept)
}

/// The bytes of a body that have arrived, and the common memory that they take.
struct Kept {
    bytes: Vec<u8>,
    memory: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
}

impl Kept {
    fn new(memory: Arc<Semaphore>, expected: usize) -> Self {
        Self {
            // What is declared costs nothing yet, so that it gets nothing yet.
            bytes: Vec::with_capacity(expected.min(FREE)),
            memory,
            taken: None,
        }
    }

    /// Copied out of the connection's buffer: kept as they came, the pieces of a body that trickles
    /// in would each hold on to a whole one.
    fn add(&mut self, piece: &[u8], limit: usize) -> Result<(), Problem> {
        let (had, needed) = (self.bytes.capacity(), self.bytes.len() + piece.len());
        if needed > had {
            // Twice as much each time, so that bytes are seldom moved; at most the double of what
            // has arrived is taken.
            let capacity = needed.max(had * 2).min(limit);
            self.take(capacity.saturating_sub(had.max(FREE)))?;
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    fn take(&mut self, bytes: usize) -> Result<(), Problem> {
        if bytes == 0 {
            return Ok(());
        }
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let taken = Arc::clone(&self.memory).try_acquire_many_owned(bytes);
        let taken = taken.map_err(|_| no_memory())?;
        match &mut self.taken {
            Some(before) => before.merge(taken),
            none => *none = Some(taken),
        }
        Ok(())
    }
}

fn no_memory() -> Problem {
    Problem::overloaded(
        "more is being sent to this server than it can hold; trying again later is safe",
        "the memory for bodies is used up".to_owned(),
    )
}

impl AsRef<[u8]> for Kept {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use poem::Body;

    use super::*;

    const LIMIT: usize = 64 * 1024;

    fn bodies(body_memory: usize) -> Bodies {
        let limits = RequestLimits {
            body_memory,
            ..RequestLimits::default()
        };
        Bodies::new(&limits, LIMIT)
    }

    /// A body that comes in pieces of so many bytes.
    fn pieces(count: usize, size: usize) -> RequestBody {
        let pieces = (0..count).map(move |_| Ok::<_, io::Error>(Bytes::from(vec![b'x'; size])));
        RequestBody::new(Body::from_bytes_stream(stream::iter(pieces)))
    }

    async fn read(bodies: &Bodies, mut body: RequestBody) -> Result<Bytes, Kind> {
        let read = bodies.read(&HeaderMap::new(), &mut body, LIMIT).await;
        read.map_err(|problem| problem.kind)
    }

    #[tokio::test]
    async fn short_bodies_are_free_and_long_ones_give_back_what_they_took() {
        let bodies = bodies(LIMIT);
        let all = bodies.memory.available_permits();
        let free = read(&bodies, pieces(FREE, 1)).await;
        assert_eq!(free.as_ref().map(Bytes::len), Ok(FREE));
        assert_eq!(bodies.memory.available_permits(), all);

        let long = read(&bodies, pieces(60, 1000)).await;
        assert_eq!(long.as_ref().map(Bytes::len), Ok(60_000));
        let taken = all - bodies.memory.available_permits();
        assert!((60_000 - FREE..=LIMIT - FREE).contains(&taken), "{taken}");

        // There is no room for another one, and what it got as far as that is given back.
        let left = bodies.memory.available_permits();
        assert_eq!(read(&bodies, pieces(60, 1000)).await, Err(Kind::Overload));
        assert_eq!(bodies.memory.available_permits(), left);
        assert_eq!(
            read(&bodies, pieces(4, 1000)).await.map(|b| b.len()),
            Ok(4000)
        );

        let part = long.map(|bytes| bytes.slice(..1));
        assert_eq!(
            bodies.memory.available_permits(),
            left,
            "a part of it is left"
        );
        drop(part);
        assert_eq!(bodies.memory.available_permits(), all);
    }

    #[tokio::test]
    async fn what_is_declared_takes_nothing_until_it_arrives() {
        let bodies = bodies(LIMIT);
        let all = bodies.memory.available_permits();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, 60_000.into());
        let never = stream::pending::<Result<Bytes, io::Error>>();
        let mut body = RequestBody::new(Body::from_bytes_stream(never));
        let reading = bodies.read(&headers, &mut body, LIMIT);
        assert!(
            time::timeout(Duration::from_millis(10), reading)
                .await
                .is_err()
        );
        assert_eq!(bodies.memory.available_permits(), all);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_in_has_its_time_as_a_whole() {
        let bodies = bodies(LIMIT);
        let trickle = stream::unfold((), |()| async {
            time::sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, io::Error>(Bytes::from_static(b"x")), ()))
        });
        let body = RequestBody::new(Body::from_bytes_stream(trickle));
        let begun = Instant::now();
        assert_eq!(read(&bodies, body).await, Err(Kind::BodyTimeout));
        assert_eq!(begun.elapsed(), Duration::from_secs(10));
    }

    #[tokio::test]
    async fn a_body_without_end_is_too_large() {
        let bodies = bodies(32 * LIMIT);
        let all = bodies.memory.available_permits();
        let endless = read(&bodies, pieces(usize::MAX, 1000)).await;
        assert_eq!(endless, Err(Kind::PayloadTooLarge));
        assert_eq!(bodies.memory.available_permits(), all);
        assert_eq!(
            read(&bodies, pieces(64, 1024)).await.map(|b| b.len()),
            Ok(LIMIT)
        );
    }
}
