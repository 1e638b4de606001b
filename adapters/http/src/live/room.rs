//! The memory of what streams send.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::chunk::FULL;
use crate::limits::held;

/// How many bytes a stream may send at once without room for more. A message that is longer is sent
/// by itself.
const FREE: usize = 16 * 1024;

/// A common memory, in bytes.
pub struct Memory(Arc<Semaphore>);

impl Memory {
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes.min(u32::MAX as usize))))
    }

    /// The same bytes, which take room as long as there are any of them; `None` if there is no room.
    pub fn hold(&self, bytes: Bytes) -> Option<Bytes> {
        if bytes.is_empty() {
            return Some(bytes);
        }
        Some(held(bytes.clone(), self.take(bytes.len())?))
    }

    /// Room for what one stream sends next: as much as a whole chunk, or little.
    pub fn room(&self) -> Room {
        Room(self.take(FULL))
    }

    fn take(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes).ok()?;
        Arc::clone(&self.0).try_acquire_many_owned(bytes).ok()
    }
}

/// See [`Memory::room`].
pub struct Room(Option<OwnedSemaphorePermit>);

impl Room {
    /// For how many bytes.
    pub const fn bytes(&self) -> usize {
        match self.0 {
            Some(_) => FULL,
            None => FREE,
        }
    }

    /// The bytes, which keep as much of the room as they take.
    pub fn hold(self, bytes: Bytes) -> Bytes {
        if bytes.len() <= FREE {
            return bytes;
        }
        match self.0.and_then(|mut all| all.split(bytes.len())) {
            Some(taken) => held(bytes, taken),
            None => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_gets_room_for_a_chunk_or_little_and_keeps_what_it_takes() {
        let memory = Memory::new(FULL + FREE);
        let left = || memory.0.available_permits();
        let bytes = |length: usize| Bytes::from(vec![b'x'; length]);
        let (first, second) = (memory.room(), memory.room());
        assert_eq!((first.bytes(), second.bytes()), (FULL, FREE));
        let (small, large) = (second.hold(bytes(FREE)), first.hold(bytes(2 * FREE)));
        assert_eq!(left(), FULL - FREE);
        let part = large.slice(1..2);
        drop(large);
        assert_eq!(left(), FULL - FREE, "a part of it is left");
        drop((part, small));
        assert_eq!(left(), FULL + FREE);
    }

    #[test]
    fn what_is_for_all_is_held_if_there_is_room_for_it() {
        let memory = Memory::new(10);
        let held = memory.hold(Bytes::from_static(b"12345678"));
        assert!(held.is_some() && memory.hold(Bytes::from_static(b"123")).is_none());
        drop(held);
        assert!(memory.hold(Bytes::from_static(b"123")).is_some());
    }
}
