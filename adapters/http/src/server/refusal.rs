//! What a connection is told that there is no room for.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
    time::{self, Instant},
};

use crate::problem::PROBLEM_JSON;

/// How many are told so at the same time, at most. Each takes a file descriptor.
const AT_ONCE: usize = 16;

/// How many connections there must be for each that is told so: where there are few descriptors,
/// these need theirs.
const SHARE: usize = 4;

/// How long one may take to read it.
const LINGER: Duration = Duration::from_secs(1);

/// How long where half of the places are taken: those behind it wait for them.
const BRIEF_LINGER: Duration = Duration::from_millis(100);

/// After how many seconds to try again, at most.
const MAX_RETRY: u32 = 5;

pub struct Refusals {
    places: Arc<Semaphore>,
    at_once: usize,
    start: Instant,
    /// One for each time after which to try again.
    answers: Arc<[Vec<u8>]>,
}

impl Refusals {
    pub fn new(max_connections: usize) -> Self {
        let at_once = (max_connections / SHARE).clamp(1, AT_ONCE);
        Self {
            at_once,
            start: Instant::now(),
            places: Arc::new(Semaphore::new(at_once)),
            answers: (1..=MAX_RETRY).map(answer).collect(),
        }
    }

    /// Answers a connection 503 before it has asked, and closes it; gives it back if too many are
    /// being told so.
    pub fn refuse(&self, mut stream: TcpStream) -> Result<(), TcpStream> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return Err(stream);
        };
        let linger = if self.places.available_permits() < self.at_once / 2 {
            BRIEF_LINGER
        } else {
            LINGER
        };
        let answers = Arc::clone(&self.answers);
        // Not all shall come again at the same time, which needs no better chance than this.
        let chance = self.start.elapsed().subsec_nanos() as usize;
        tokio::spawn(async move {
            let told = async {
                if let Some(answer) = answers.get(chance % answers.len()) {
                    stream.write_all(answer).await?;
                }
                stream.shutdown().await?;
                // To close with a request unread would take the answer away again.
                let mut space = [0; 4096];
                while stream.read(&mut space).await? > 0 {}
                std::io::Result::Ok(())
            };
            // Whoever has left does not need to know.
            let _ = time::timeout(linger, told).await;
            drop(place);
        });
        Ok(())
    }
}

/// By hand: there is no request that anything could answer.
fn answer(retry_after: u32) -> Vec<u8> {
    let problem = json!({
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "this server has as many connections as it can have; trying again later is safe",
    })
    .to_string();
    format!(
        "HTTP/1.1 503 Service Unavailable\r\n\
         Content-Type: {PROBLEM_JSON}\r\n\
         Content-Length: {}\r\n\
         Cache-Control: no-store\r\n\
         Retry-After: {retry_after}\r\n\
         Connection: close\r\n\
         \r\n\
         {problem}",
        problem.len()
    )
    .into_bytes()
}
