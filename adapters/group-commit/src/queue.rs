//! How much waits, for whoever watches.

use std::sync::{Arc, Weak};

use tokio::sync::{Semaphore, mpsc};

use crate::writer::Waiting;

/// The queue, from outside. It does not keep anything going.
#[derive(Debug, Clone)]
pub struct Queue {
    waiting: mpsc::WeakSender<Waiting>,
    room: Weak<Semaphore>,
    capacity: usize,
    capacity_bytes: usize,
}

impl Queue {
    pub(crate) fn new(
        queue: &mpsc::Sender<Waiting>,
        room: &Arc<Semaphore>,
        capacity_bytes: u32,
    ) -> Self {
        Self {
            waiting: queue.downgrade(),
            room: Arc::downgrade(room),
            capacity: queue.max_capacity(),
            capacity_bytes: capacity_bytes as usize,
        }
    }

    /// How many appends wait for a transaction; a webhook is one, of one message.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let queue = self.waiting.upgrade();
        queue.map_or(0, |queue| self.capacity - queue.capacity())
    }

    /// How many may wait.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// What messages take in memory, in bytes, that wait or are being written.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let room = self.room.upgrade();
        room.map_or(0, |room| {
            self.capacity_bytes.saturating_sub(room.available_permits())
        })
    }

    /// How many bytes they may take.
    #[must_use]
    pub const fn capacity_bytes(&self) -> usize {
        self.capacity_bytes
    }
}
