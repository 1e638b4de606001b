//! What the clients of a plan do.

use std::{cell::RefCell, time::Duration};

use countersign_core::Timestamp;
use countersign_http::RequestLimits;
use countersign_memory::ManualClock;
use poem::Request;
use serde_json::Value;
use tokio::{sync::watch, time};

use super::{
    content::{self, Row},
    history::{History, Outcome, What},
    plan::{Sent, Step},
    stage::{self, Answer, Application, NOON},
};
use crate::fixture::at;

/// How finely tokio's timers tell the time.
const TICK: Duration = Duration::from_millis(2);

/// What all clients share.
pub struct Clients<'a> {
    pub application: &'a Application,
    pub clock: &'a ManualClock,
    pub history: &'a History,
    /// Those that the application has.
    pub limits: RequestLimits,
    /// How many processes have died so far.
    pub deaths: watch::Receiver<u32>,
    pub saw: RefCell<Saw>,
}

/// What they have learned.
#[derive(Default)]
pub struct Saw {
    /// Messages that somebody was shown.
    pub rows: Vec<Row>,
    /// What no answer may be, each with the rule that it breaks.
    pub wrong: Vec<(&'static str, String)>,
    /// How many webhooks were answered, by status and whether the message was there before.
    pub answered: Vec<(u16, bool)>,
    /// How many webhooks there were.
    pub webhooks: u64,
}

impl Clients<'_> {
    pub async fn run(&self, steps: &[Step]) {
        // Where this client is in the order of arrival.
        let mut after = 0;
        for step in steps {
            match *step {
                Step::Pause(duration) => time::sleep(duration).await,
                Step::Deliver {
                    sent,
                    patience,
                    retries,
                    pause,
                } => {
                    for left in (0..=retries).rev() {
                        let outcome = self.deliver(sent, patience).await;
                        if left == 0
                            || matches!(
                                outcome,
                                Outcome::Answered {
                                    status: 200 | 409,
                                    ..
                                }
                            )
                        {
                            break;
                        }
                        time::sleep(pause).await;
                    }
                }
                Step::Garbage(garbage) => {
                    self.saw.borrow_mut().webhooks += 1;
                    let answer = self
                        .ask(stage::garbage(garbage), None, Duration::ZERO)
                        .await;
                    if let Ok(answer) = answer {
                        self.answered(&answer);
                        if !matches!(answer.status, 401 | 422) {
                            self.wrong(
                                "answers",
                                format!("{garbage:?} was answered {}", answer.status),
                            );
                        }
                    }
                }
                Step::List { limit, descending } => {
                    let order = if descending { "desc" } else { "asc" };
                    let page = self
                        .read(&format!("/messages?limit={limit}&order={order}"))
                        .await;
                    self.shown(&page);
                }
                Step::Find(sent) => {
                    let (id, source) = (content::id(sent), sent.source);
                    let found = self.read(&format!("/messages/{id}?source={source}")).await;
                    if !found.is_null() {
                        self.note_row(&found);
                    }
                }
                Step::Stats => {
                    self.read("/stats").await;
                }
                Step::Poll(wait) => {
                    let path = format!("/messages?limit=3&after_seq={after}&wait={wait}");
                    let wait = Duration::from_secs(wait.into());
                    let page = self.read_waiting(&path, wait).await;
                    self.shown(&page);
                    after = page["next_after_seq"].as_u64().unwrap_or(after);
                }
                Step::Metrics => {
                    self.read("/metrics").await;
                }
            }
        }
    }

    pub async fn deliver(&self, sent: Sent, patience: Option<Duration>) -> Outcome {
        let request = self.history.add(What::Invoked(sent));
        self.saw.borrow_mut().webhooks += 1;
        let within = self.limits.write_deadline;
        let outcome = match self.ask(stage::webhook(sent), patience, within).await {
            Err(outcome) => outcome,
            Ok(answer) => {
                self.answered(&answer);
                Outcome::Answered {
                    status: answer.status,
                    replayed: answer.replayed,
                }
            }
        };
        self.history.add(What::Completed(request, outcome));
        outcome
    }

    /// Asks, and waits for so long at the most, or until the process dies.
    /// An answer must come within a time of its own.
    async fn ask(
        &self,
        request: Request,
        patience: Option<Duration>,
        within: Duration,
    ) -> Result<Answer, Outcome> {
        self.tell_the_time();
        let begun = self.history.elapsed();
        let mut deaths = self.deaths.clone();
        let alive = *deaths.borrow();
        tokio::select! {
            biased;
            _ = deaths.wait_for(|deaths| *deaths > alive) => Err(Outcome::Died),
            answer = self.application.answer(request) => {
                let took = self.history.elapsed().saturating_sub(begun);
                if took > within + TICK {
                    self.wrong("A0", format!("an answer took {took:?}"));
                }
                Ok(answer)
            }
            () = leave(patience) => Err(Outcome::Left),
        }
    }

    /// Reads something; nothing comes of it where it is not answered well.
    async fn read(&self, path: &str) -> Value {
        self.read_waiting(path, Duration::ZERO).await
    }

    /// A long poll, which waits for so long if nothing arrives.
    async fn read_waiting(&self, path: &str, wait: Duration) -> Value {
        let within = self.limits.read_deadline + wait;
        let answer = self.ask(stage::get(path), None, within).await;
        let status = answer.as_ref().map(|answer| answer.status);
        self.history.note(format!("GET {path}: {status:?}"));
        match answer {
            Ok(answer) if answer.is_ok() => answer.json(),
            Ok(answer) => {
                let may_be = matches!(answer.status, 500 | 503)
                    || (answer.status == 404 && path.starts_with("/messages/"));
                if !may_be {
                    self.wrong(
                        "answers",
                        format!("GET {path}: {} {}", answer.status, answer.text),
                    );
                }
                self.check_retry(&answer);
                Value::Null
            }
            Err(_) => Value::Null,
        }
    }

    /// A webhook was answered.
    fn answered(&self, answer: &Answer) {
        self.check_retry(answer);
        let mut saw = self.saw.borrow_mut();
        saw.answered.push((answer.status, answer.replayed));
    }

    fn check_retry(&self, answer: &Answer) {
        if answer.status == 503 && !answer.says_when_to_retry {
            self.wrong("answers", "a 503 does not say when to try again".to_owned());
        }
    }

    /// A page of messages was shown.
    fn shown(&self, page: &Value) {
        for message in page["data"].as_array().into_iter().flatten() {
            self.note_row(message);
        }
    }

    fn note_row(&self, message: &Value) {
        match Row::read(message) {
            Some(row) => self.saw.borrow_mut().rows.push(row),
            None => self.wrong("A3", format!("somebody was shown {message}")),
        }
    }

    fn wrong(&self, rule: &'static str, what: String) {
        self.saw.borrow_mut().wrong.push((rule, what));
    }

    /// The application's clock is at the run's time whenever something comes.
    fn tell_the_time(&self) {
        self.clock.set(instant(self.history.elapsed()));
    }
}

/// The instant by the application's clock.
pub fn instant(elapsed: Duration) -> Timestamp {
    let micros = i64::try_from(elapsed.as_micros()).unwrap_or_default();
    Timestamp::from_micros(at(NOON).micros() + micros).unwrap_or(Timestamp::MAX)
}

async fn leave(patience: Option<Duration>) {
    match patience {
        Some(patience) => time::sleep(patience).await,
        None => std::future::pending().await,
    }
}
