//! Requests, ready when a connection wants one.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use tokio::sync::{Mutex as AsyncMutex, mpsc};

use super::messages::{Chunk, Maker};

/// So many chunks are made ahead, once those that were made before the start run out.
const AHEAD: usize = 16;

/// Hands out all messages in order, to many connections.
pub struct Source {
    ready: Mutex<Ready>,
    /// What is made while it runs.
    later: AsyncMutex<mpsc::Receiver<Chunk>>,
}

struct Ready {
    current: Arc<Chunk>,
    /// The next of the current chunk.
    index: usize,
    /// Made before the start.
    prepared: VecDeque<Chunk>,
    /// Goes on when those run out, in a thread of its own: while there are prepared messages, it
    /// would only take time from the server.
    producer: Option<(Maker, mpsc::Sender<Chunk>)>,
}

/// One request.
pub struct Request {
    chunk: Arc<Chunk>,
    index: usize,
}

impl Request {
    pub fn bytes(&self) -> &[u8] {
        self.chunk.request(self.index)
    }

    pub fn id(&self) -> &[u8] {
        self.chunk.id(self.index)
    }

    pub fn number(&self) -> u64 {
        self.chunk.number(self.index)
    }
}

impl Source {
    /// Makes the first `prepare` messages; `None` if there is none to be made.
    pub fn new(mut maker: Maker, prepare: u64) -> Option<Self> {
        let current = maker.chunk()?;
        let mut prepared = VecDeque::new();
        let mut made = current.len() as u64;
        while made < prepare {
            let Some(chunk) = maker.chunk() else { break };
            made += chunk.len() as u64;
            prepared.push_back(chunk);
        }
        let (sender, later) = mpsc::channel(AHEAD);
        Some(Self {
            ready: Mutex::new(Ready {
                current: Arc::new(current),
                index: 0,
                prepared,
                producer: Some((maker, sender)),
            }),
            later: AsyncMutex::new(later),
        })
    }

    /// The next one, until all are taken.
    pub async fn next(&self) -> Option<Request> {
        if let Some(request) = self.ready().next() {
            return Some(request);
        }
        let mut later = self.later.lock().await;
        // Another one may have waited before, and brought a whole chunk.
        if let Some(request) = self.ready().next() {
            return Some(request);
        }
        let chunk = later.recv().await?;
        let mut ready = self.ready();
        ready.prepared.push_back(chunk);
        ready.next()
    }

    fn ready(&self) -> MutexGuard<'_, Ready> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ready {
    fn next(&mut self) -> Option<Request> {
        if self.index == self.current.len() {
            if self.prepared.len() <= AHEAD
                && let Some((mut maker, sender)) = self.producer.take()
            {
                thread::spawn(move || {
                    while let Some(chunk) = maker.chunk() {
                        if sender.blocking_send(chunk).is_err() {
                            break;
                        }
                    }
                });
            }
            self.current = Arc::new(self.prepared.pop_front()?);
            self.index = 0;
        }
        let index = self.index;
        self.index += 1;
        Some(Request {
            chunk: Arc::clone(&self.current),
            index,
        })
    }
}
