//! Reading bodies: all of them are read here, within a length, a time, and a memory for all.

use std::{
    collections::BTreeMap,
    future::pending,
    io,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::{Either, select};
use http_body_util::{BodyExt as _, combinators::BoxBody};
use poem::{
    RequestBody,
    http::{HeaderMap, header},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::{self, Instant},
};

use super::RequestLimits;
use crate::problem::{Kind, Problem};

/// How much of each body is not taken from the common memory: nearly every webhook is shorter.
const FREE: usize = 4 * 1024;

/// How long a body must have been read to give way to another one.
const MIN_READ: Duration = Duration::from_secs(1);

/// How long those that give way may take to be gone.
const WAY: Duration = Duration::from_millis(500);

/// Reads bodies, for all requests.
#[derive(Clone)]
pub struct Bodies {
    memory: Arc<Memory>,
    timeout: Duration,
}

/// What all bodies share.
struct Memory {
    /// Its permits are bytes.
    free: Arc<Semaphore>,
    next: AtomicU64,
    /// Those that are being read and have taken some of it, by their numbers, which say who came
    /// first.
    reading: Mutex<BTreeMap<u64, Reading>>,
}

struct Reading {
    begun: Instant,
    taken: usize,
    /// It gives way when this is dropped.
    _goes_on: oneshot::Sender<()>,
}

impl Memory {
    fn reading(&self) -> MutexGuard<'_, BTreeMap<u64, Reading>> {
        // Nothing panics while it is locked.
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes so many bytes for a body. Where there are not so many, those that are being read for
    /// the longest give way: who sends slowly shall not keep out who sends at once.
    async fn take(&self, bytes: usize, number: u64) -> Option<OwnedSemaphorePermit> {
        let wanted = u32::try_from(bytes).ok()?;
        if let Ok(taken) = Arc::clone(&self.free).try_acquire_many_owned(wanted) {
            return Some(taken);
        }
        if !self.make_way(bytes, number) {
            return None;
        }
        let taken = Arc::clone(&self.free).acquire_many_owned(wanted);
        time::timeout(WAY, taken).await.ok()?.ok()
    }

    /// Tells as many as needed, and none if all of them would not be enough.
    fn make_way(&self, bytes: usize, number: u64) -> bool {
        let now = Instant::now();
        let mut reading = self.reading();
        let mut sum = 0;
        let longest: Vec<u64> = reading
            .iter()
            .filter(|(other, body)| **other != number && now >= body.begun + MIN_READ)
            .take_while(|(_, body)| {
                let needed = sum < bytes;
                sum += body.taken;
                needed
            })
            .map(|(number, _)| *number)
            .collect();
        if sum < bytes {
            return false;
        }
        for number in longest {
            reading.remove(&number);
        }
        true
    }
}

impl Bodies {
    /// `longest` is the longest body that anybody may send.
    pub fn new(limits: &RequestLimits, longest: usize) -> Self {
        // What is asked for at once is a `u32`.
        let most = u32::MAX as usize;
        let memory = limits.body_memory.max(longest).min(most);
        Self {
            memory: Arc::new(Memory {
                free: Arc::new(Semaphore::new(memory)),
                next: AtomicU64::new(0),
                reading: Mutex::default(),
            }),
            timeout: limits.body_timeout,
        }
    }

    /// The whole body, of at most `limit` bytes. The memory that it takes is given back when the
    /// last of its bytes is dropped.
    ///
    /// # Errors
    /// Every one closes the connection, because the rest of the body is not read: 413, 408, 503 if
    /// there is no memory for it, or if it has taken so long that others need its memory more, and
    /// 400 if it has no end.
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
        let kept = Kept::new(Arc::clone(&self.memory), expected);
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
    loop {
        let frame = match select(pin!(body.frame()), pin!(kept.must_give_way())).await {
            Either::Left((Some(frame), _)) => frame,
            Either::Left((None, _)) => break,
            Either::Right(_) => return Err(no_memory()),
        };
        let frame = frame.map_err(|error| Problem {
            cause: Some(error.to_string()),
            ..Problem::new(Kind::BadRequest, "the body could not be read to its end")
        })?;
        let piece = frame.data_ref().map_or(&[][..], |piece| piece);
        if piece.len() > limit - kept.bytes.len() {
            return Err(too_large(limit));
        }
        kept.add(piece, limit).await?;
    }
    kept.has_arrived();
    Ok(kept)
}

/// The bytes of a body that have arrived, and the common memory that they take.
struct Kept {
    bytes: Vec<u8>,
    /// The length that was declared.
    expected: Option<usize>,
    memory: Arc<Memory>,
    taken: Option<OwnedSemaphorePermit>,
    begun: Instant,
    number: u64,
    /// As long as it takes common memory and has not arrived.
    gives_way: Option<oneshot::Receiver<()>>,
}

impl Kept {
    fn new(memory: Arc<Memory>, expected: Option<usize>) -> Self {
        Self {
            // What is declared costs nothing yet, so that it gets nothing yet.
            bytes: Vec::with_capacity(expected.unwrap_or_default().min(FREE)),
            expected,
            taken: None,
            begun: Instant::now(),
            number: memory.next.fetch_add(1, Ordering::Relaxed),
            gives_way: None,
            memory,
        }
    }

    /// Waits until another one needs the memory more.
    async fn must_give_way(&mut self) {
        match &mut self.gives_way {
            // Nothing is ever sent: the sender is dropped.
            Some(gives_way) => drop(gives_way.await),
            None => pending().await,
        }
    }

    /// It is whole, and keeps its memory.
    fn has_arrived(&mut self) {
        if self.gives_way.take().is_some() {
            self.memory.reading().remove(&self.number);
        }
    }

    /// Copied out of the connection's buffer: kept as they came, the pieces of a body that trickles
    /// in would each hold on to a whole one.
    async fn add(&mut self, piece: &[u8], limit: usize) -> Result<(), Problem> {
        let (had, needed) = (self.bytes.capacity(), self.bytes.len() + piece.len());
        if needed > had {
            // Twice as much each time, so that bytes are seldom moved; at most the double of what
            // has arrived is taken, and no more than is to come.
            let most = self.expected.unwrap_or(limit).clamp(needed, limit);
            let capacity = needed.max(had * 2).min(most);
            self.take(capacity.saturating_sub(had.max(FREE))).await?;
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    async fn take(&mut self, bytes: usize) -> Result<(), Problem> {
        if bytes == 0 {
            return Ok(());
        }
        let taken = self.memory.take(bytes, self.number).await;
        let taken = taken.ok_or_else(no_memory)?;
        match &mut self.taken {
            Some(before) => before.merge(taken),
            none => *none = Some(taken),
        }
        let mut reading = self.memory.reading();
        if let Some(body) = reading.get_mut(&self.number) {
            body.taken += bytes;
        } else if self.gives_way.is_none() {
            let (goes_on, gives_way) = oneshot::channel();
            self.gives_way = Some(gives_way);
            let body = Reading {
                begun: self.begun,
                taken: bytes,
                _goes_on: goes_on,
            };
            reading.insert(self.number, body);
        }
        Ok(())
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.has_arrived();
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
        let all = bodies.memory.free.available_permits();
        let free = read(&bodies, pieces(FREE, 1)).await;
        assert_eq!(free.as_ref().map(Bytes::len), Ok(FREE));
        assert_eq!(bodies.memory.free.available_permits(), all);

        let long = read(&bodies, pieces(60, 1000)).await;
        assert_eq!(long.as_ref().map(Bytes::len), Ok(60_000));
        let taken = all - bodies.memory.free.available_permits();
        assert!((60_000 - FREE..=LIMIT - FREE).contains(&taken), "{taken}");

        // There is no room for another one, and what it got as far as that is given back.
        let left = bodies.memory.free.available_permits();
        assert_eq!(read(&bodies, pieces(60, 1000)).await, Err(Kind::Overload));
        assert_eq!(bodies.memory.free.available_permits(), left);
        assert_eq!(
            read(&bodies, pieces(4, 1000)).await.map(|b| b.len()),
            Ok(4000)
        );

        let part = long.map(|bytes| bytes.slice(..1));
        assert_eq!(
            bodies.memory.free.available_permits(),
            left,
            "a part of it is left"
        );
        drop(part);
        assert_eq!(bodies.memory.free.available_permits(), all);
    }

    #[tokio::test]
    async fn what_is_declared_takes_nothing_until_it_arrives() {
        let bodies = bodies(LIMIT);
        let all = bodies.memory.free.available_permits();
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
        assert_eq!(bodies.memory.free.available_permits(), all);
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
        let all = bodies.memory.free.available_permits();
        let endless = read(&bodies, pieces(usize::MAX, 1000)).await;
        assert_eq!(endless, Err(Kind::PayloadTooLarge));
        assert_eq!(bodies.memory.free.available_permits(), all);
        assert_eq!(
            read(&bodies, pieces(64, 1024)).await.map(|b| b.len()),
            Ok(LIMIT)
        );
    }

    /// A body of which so many bytes come at once, and no more.
    fn half(size: usize) -> RequestBody {
        let piece = stream::iter([Ok::<_, io::Error>(Bytes::from(vec![b'x'; size]))]);
        let never = stream::pending();
        RequestBody::new(Body::from_bytes_stream(stream::StreamExt::chain(
            piece, never,
        )))
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_longest_gives_way_where_the_memory_is_used_up() {
        let bodies = bodies(LIMIT);
        let all = bodies.memory.free.available_permits();
        let reading = |size: usize| {
            let bodies = bodies.clone();
            tokio::spawn(async move { read(&bodies, half(size)).await.map(|b| b.len()) })
        };
        let first = reading(30_000);
        time::sleep(Duration::from_millis(500)).await;
        let second = reading(30_000);
        time::sleep(Duration::from_millis(100)).await;
        // None has been read for long.
        assert_eq!(read(&bodies, pieces(1, 30_000)).await, Err(Kind::Overload));
        time::sleep(Duration::from_millis(500)).await;
        let quick = read(&bodies, pieces(1, 30_000)).await;
        assert_eq!(quick.map(|b| b.len()), Ok(30_000));
        assert_eq!(first.await.ok(), Some(Err(Kind::Overload)));
        assert!(!second.is_finished());
        // It cannot be enough, so that nobody is told.
        time::sleep(Duration::from_secs(2)).await;
        let kept = read(&bodies, pieces(1, 30_000)).await;
        assert!(kept.is_ok());
        assert_eq!(read(&bodies, pieces(1, 60_000)).await, Err(Kind::Overload));
        assert!(!second.is_finished());
        assert_eq!(second.await.ok(), Some(Err(Kind::BodyTimeout)));
        drop(kept);
        assert_eq!(bodies.memory.free.available_permits(), all);
        assert!(bodies.memory.reading().is_empty());
    }

    #[tokio::test]
    async fn no_more_is_taken_than_was_declared() {
        let bodies = bodies(LIMIT);
        let all = bodies.memory.free.available_permits();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, 9000.into());
        let whole = bodies.read(&headers, &mut pieces(9, 1000), LIMIT).await;
        assert!(whole.is_ok());
        assert_eq!(all - bodies.memory.free.available_permits(), 9000 - FREE);
    }
}
