//! The memory of answers that wait for their client.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use poem::{Body, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::RequestLimits;
use crate::problem::Problem;

/// How long an answer may be to take nothing of the common memory: nearly all are shorter, but for
/// lists.
const FREE: usize = 16 * 1024;

/// Keeps answers until their clients have taken them, within a memory for all.
pub struct Answers {
    /// Its permits are bytes.
    memory: Arc<Semaphore>,
}

impl Answers {
    pub fn new(limits: &RequestLimits) -> Self {
        // What is asked for at once is a `u32`.
        let memory = limits.answer_memory.min(u32::MAX as usize);
        Self {
            memory: Arc::new(Semaphore::new(memory)),
        }
    }

    /// Counts what the answer takes, if it has a length; it is given back when the last of its
    /// bytes is dropped, which is when the system has taken them. Streams count what they send
    /// themselves.
    ///
    /// # Errors
    /// 503 if there is no memory for it; the answer is without its body then.
    pub async fn hold(&self, response: &mut Response) -> Result<(), Problem> {
        let body: http_body_util::combinators::BoxBody<Bytes, std::io::Error> =
            response.take_body().into();
        let length = body.size_hint().exact();
        let Some(length) = length.filter(|length| *length > FREE as u64) else {
            response.set_body(Body::from(body));
            return Ok(());
        };
        let needed = u32::try_from(length).map_err(|_| no_memory())?;
        let taken = Arc::clone(&self.memory).try_acquire_many_owned(needed);
        let taken = taken.map_err(|_| no_memory())?;
        // All of it is there: it has a length. One piece is not copied.
        let bytes = body.collect().await;
        let bytes = bytes.map_err(|error| Problem::internal(error.to_string()))?;
        // Not the body holds on to the memory, but its bytes: whoever writes them drops the body
        // as soon as it has them.
        response.set_body(held(bytes.to_bytes(), taken));
        Ok(())
    }
}

/// The bytes, which give back what they take of a common memory when the last of them is dropped.
pub fn held(bytes: Bytes, taken: OwnedSemaphorePermit) -> Bytes {
    Bytes::from_owner(Held {
        bytes,
        _taken: taken,
    })
}

/// See [`held`].
struct Held {
    bytes: Bytes,
    _taken: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

fn no_memory() -> Problem {
    Problem::overloaded(
        "as many long answers wait for their clients as this server keeps; trying again later is \
         safe",
        "the memory for answers is used up".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;
    use crate::problem::Kind;

    const MEMORY: usize = 100_000;

    fn answers() -> Answers {
        Answers::new(&RequestLimits {
            answer_memory: MEMORY,
            ..RequestLimits::default()
        })
    }

    async fn hold(answers: &Answers, length: usize) -> Result<Bytes, Kind> {
        let mut response = Response::builder().body(vec![b'x'; length]);
        let held = answers.hold(&mut response).await;
        held.map_err(|problem| problem.kind)?;
        Ok(response.into_body().into_bytes().await.unwrap())
    }

    #[tokio::test]
    async fn short_answers_are_free_and_long_ones_give_back_what_they_took() {
        let answers = answers();
        let left = || answers.memory.available_permits();
        let short = hold(&answers, FREE).await.unwrap();
        assert_eq!((short.len(), left()), (FREE, MEMORY));

        let long = hold(&answers, 60_000).await.unwrap();
        assert_eq!((long.len(), left()), (60_000, MEMORY - 60_000));
        assert_eq!(hold(&answers, 60_000).await, Err(Kind::Overload));
        assert_eq!(left(), MEMORY - 60_000);
        assert_eq!(hold(&answers, FREE).await.map(|b| b.len()), Ok(FREE));
        let part = long.slice(..1);
        drop(long);
        assert_eq!(left(), MEMORY - 60_000, "a part of it is left");
        drop(part);
        assert_eq!(left(), MEMORY);
    }

    #[tokio::test]
    async fn what_has_no_length_is_not_waited_for() {
        let endless = stream::pending::<Result<Bytes, std::io::Error>>();
        let mut response = Response::builder().body(Body::from_bytes_stream(endless));
        assert!(answers().hold(&mut response).await.is_ok());
    }
}
