//! Connections that send, sign anew each time, and try again where that helps.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use countersign_core::Clock as _;
use countersign_hmac::Signer;
use indicatif::ProgressBar;
use reqwest::{Client, Response, StatusCode, Url, header::CONTENT_TYPE};
use tokio::{
    sync::{Mutex as AsyncMutex, mpsc},
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use super::{ReplayArgs, messages::Outgoing};
use crate::{
    api::{Problem, Webhook, client, retry_after, unreachable},
    clock::SystemClock,
    stop::Stop,
    terminal::{Halt, one_line},
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a message is tried, while the answer is that it may pass.
const ATTEMPTS: u32 = 10;

/// Before the second attempt, where the answer does not say; then twice as long each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);

const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What is kept of an answer that refuses.
const LONGEST_ANSWER: usize = 16 * 1024;

/// What all connections share.
#[derive(Clone)]
pub struct Sending(Arc<Shared>);

impl std::ops::Deref for Sending {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

pub struct Shared {
    client: Client,
    to: Url,
    signer: Signer,
    connections: u16,
    keep_going: bool,
    /// Between two messages of all connections together, and when the next may go.
    interval: Option<Duration>,
    next: AsyncMutex<Instant>,
    bar: ProgressBar,
    pub accepted: AtomicU64,
    pub retries: AtomicU64,
    by_status: Mutex<BTreeMap<u16, u64>>,
}

/// What became of an attempt.
enum Attempt {
    Accepted,
    /// It may be taken later.
    Later {
        what: String,
        help: &'static str,
        after: Option<Duration>,
        unreachable: bool,
    },
    Refused {
        what: String,
        help: &'static str,
    },
}

impl Sending {
    /// # Errors
    /// If there is no TLS to be had.
    pub fn new(
        args: &ReplayArgs,
        Webhook(to): &Webhook,
        signer: Signer,
        bar: ProgressBar,
    ) -> Result<Self, Stop> {
        Ok(Self(Arc::new(Shared {
            client: client(to)?,
            to: to.clone(),
            signer,
            connections: args.connections,
            keep_going: args.keep_going,
            interval: args.rate.map(|rate| Duration::from_secs(1) / rate),
            next: AsyncMutex::new(Instant::now()),
            bar,
            accepted: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            by_status: Mutex::default(),
        })))
    }

    /// Sends all of them.
    ///
    /// # Errors
    /// The first thing that it cannot go on after.
    pub async fn all(&self, messages: mpsc::Receiver<Result<Outgoing, Halt>>) -> Result<(), Halt> {
        let messages = Arc::new(AsyncMutex::new(messages));
        let mut connections = JoinSet::new();
        for _ in 0..self.connections {
            connections.spawn(self.clone().send(Arc::clone(&messages)));
        }
        while let Some(ended) = connections.join_next().await {
            // The others are dropped with the set.
            ended.map_err(|error| Stop::internal(error.to_string()))??;
        }
        Ok(())
    }

    async fn send(
        self,
        messages: Arc<AsyncMutex<mpsc::Receiver<Result<Outgoing, Halt>>>>,
    ) -> Result<(), Halt> {
        loop {
            let next = messages.lock().await.recv().await;
            let Some(message) = next else { return Ok(()) };
            self.one(&message?).await?;
            self.bar.inc(1);
        }
    }
}

impl Shared {
    /// How often each status was a message's last answer.
    pub fn by_status(&self) -> BTreeMap<u16, u64> {
        let by_status = self
            .by_status
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        by_status.clone()
    }

    /// Whether an answer refuses for good.
    #[expect(clippy::unused_self, reason = "it is about what it counts")]
    pub fn is_refusal(&self, status: u16) -> bool {
        !(200..300).contains(&status)
    }

    async fn one(&self, message: &Outgoing) -> Result<(), Halt> {
        for attempt in 1.. {
            self.turn().await;
            match self.attempt(message).await {
                Attempt::Accepted => {
                    self.accepted.fetch_add(1, Ordering::Relaxed);
                    return Ok(());
                }
                Attempt::Refused { what, help } => {
                    let id = one_line(&message.message.message_id);
                    let what = format!("{id}: {what}");
                    if self.keep_going {
                        self.bar.suspend(|| eprintln!("{what}"));
                        return Ok(());
                    }
                    return Err(Stop::unavailable(what, help).into());
                }
                Attempt::Later {
                    what,
                    help,
                    after,
                    unreachable,
                } => {
                    // A wrong address is noticed at once.
                    let never_there = unreachable && self.by_status().is_empty();
                    if attempt == ATTEMPTS || never_there {
                        return Err(Stop::unavailable(what, help).into());
                    }
                    self.retries.fetch_add(1, Ordering::Relaxed);
                    let wait = FIRST_WAIT * (1 << (attempt - 1).min(10));
                    let wait = after.unwrap_or(wait.min(LONGEST_WAIT));
                    if attempt == 1 || wait >= Duration::from_secs(5) {
                        let seconds = wait.as_secs_f64();
                        self.bar
                            .suspend(|| eprintln!("{what}; trying again in {seconds:.1} s"));
                    }
                    sleep(wait.mul_f64(1.0 + fastrand::f64() / 10.0)).await;
                }
            }
        }
        Ok(())
    }

    /// Waits for the moment at which the next may go.
    async fn turn(&self) {
        let Some(interval) = self.interval else {
            return;
        };
        let due = {
            let mut next = self.next.lock().await;
            let due = (*next).max(Instant::now());
            *next = due + interval;
            due
        };
        sleep_until(due).await;
    }

    async fn attempt(&self, message: &Outgoing) -> Attempt {
        let body = message.body.clone();
        let mut request = self
            .client
            .post(self.to.clone())
            .timeout(PATIENCE)
            .header(CONTENT_TYPE, "application/json");
        // Now, so that it is not too old, however long it waited.
        let headers =
            self.signer
                .headers(&message.signing_id(), SystemClock.now(), body.as_bytes());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        match request.body(body).send().await {
            Ok(response) => self.outcome(response).await,
            Err(error) => Attempt::Later {
                what: unreachable(self.to.as_str(), &error).what(),
                help: "is --to the address of a webhook, and its server running?",
                after: None,
                unreachable: true,
            },
        }
    }

    async fn outcome(&self, mut response: Response) -> Attempt {
        let status = response.status();
        let after = retry_after(response.headers());
        let mut body = Vec::new();
        // To its end, so that the connection can be used again.
        while let Ok(Some(piece)) = response.chunk().await {
            if body.len() < LONGEST_ANSWER {
                body.extend_from_slice(&piece);
            }
        }
        let may_pass = matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502..=504);
        if !may_pass {
            let mut by_status = self
                .by_status
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *by_status.entry(status.as_u16()).or_default() += 1;
        }
        if status.is_success() {
            return Attempt::Accepted;
        }
        let what = format!("{} answered {status}{}", self.to, said(&body));
        if may_pass {
            return Attempt::Later {
                what,
                help: "it was tried ten times; try again later, or more slowly with --rate",
                after,
                unreachable: false,
            };
        }
        Attempt::Refused {
            what,
            help: help(status),
        }
    }
}

/// What a problem document says, or a short answer.
fn said(body: &[u8]) -> String {
    let problem = serde_json::from_slice::<Problem>(body).unwrap_or_default();
    let faults = problem.errors.iter();
    let faults: Vec<_> = faults
        .map(|fault| format!("{} {}", fault.pointer, fault.detail))
        .collect();
    let said = if faults.is_empty() {
        problem.detail.or(problem.title).unwrap_or_default()
    } else {
        faults.join("; ")
    };
    if said.is_empty() {
        return String::new();
    }
    format!(": {}", one_line(&said))
}

fn help(status: StatusCode) -> &'static str {
    match status.as_u16() {
        300..=399 => "give --to the address that it redirects to",
        401 => {
            "sign with the secret and the --scheme of that webhook; where it is a countersign, its \
             `countersign tail --refused` says what is wrong"
        }
        404 | 405 => {
            "give --to the whole address of the webhook, such as https://host/webhook, or \
             https://host/webhook/NAME for a source"
        }
        409 => "it has another message under this id; to go on with the others: --keep-going",
        _ => "to go on with the other messages: --keep-going",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_says_is_said() {
        assert_eq!(said(b"<html>"), "");
        assert_eq!(said(br#"{"detail":"no\u001b"}"#), ": no\\u{1b}");
        assert_eq!(
            said(br##"{"detail":"x","errors":[{"pointer":"#/ts","detail":"must be y"}]}"##),
            ": #/ts must be y"
        );
    }
}
