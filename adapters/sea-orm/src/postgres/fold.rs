//! The fold on PostgreSQL: a task of each process, of which one at a time does a step.
//!
//! The row of `state` is the lock. A process that dies in the middle of a step loses the connection,
//! and with it the transaction and the lock; the next one that looks goes on from the watermark.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use countersign_core::CauseChain;
use sea_orm::sqlx;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{
    connection::{Connections, Role},
    derive::{derive, derive_block},
    minutes::{self, Recounts},
};
use crate::{
    derived::gather::Row,
    fold::{FoldError, FoldLag, Folded, Folding, Pace, Progress, STEP_BYTES},
};

/// How long one does not try to do a step while another does.
const ANOTHER: Duration = Duration::from_millis(250);

/// How often one looks what others have folded.
const LOOK: Duration = Duration::from_secs(1);

/// How often one looks when there is nothing to do.
const IDLE: Duration = Duration::from_secs(10);

/// How long a step may take, before the way to the server is suspect.
const PATIENCE: Duration = Duration::from_mins(5);

/// How many messages are read at once for a step.
const PAGE: usize = 1024;

const ROWS: &str = "
    SELECT seq, message_id, from_msisdn, to_msisdn, ts, coalesce(text_folded, lower(text)),
        purged_at IS NOT NULL
    FROM messages WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3";

/// A message of the log, and whether it was purged.
type Logged = (i64, String, String, String, i64, Option<String>, bool);

pub struct Fold {
    folder: Arc<Folder>,
    task: JoinSet<()>,
}

struct Folder {
    connections: Connections,
    /// Up to where it may be folded: what may still turn up would be passed over for ever.
    settled: watch::Receiver<i64>,
    progress: Progress,
    recounts: Mutex<Recounts>,
}

/// Whether to wait where another does a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Another {
    Wait,
    Skip,
}

impl Fold {
    pub fn start(
        options: &sqlx::postgres::PgConnectOptions,
        watermark: i64,
        settled: watch::Receiver<i64>,
        folding: Folding,
    ) -> Self {
        let last = *settled.borrow();
        let folder = Arc::new(Folder {
            connections: Connections::new(options, Role::Fold),
            settled,
            progress: Progress::new(watermark, last.max(watermark)),
            recounts: Mutex::default(),
        });
        let mut task = JoinSet::new();
        if folding == Folding::InBackground {
            task.spawn(Arc::clone(&folder).run());
        }
        Self { folder, task }
    }

    pub fn lag(&self) -> FoldLag {
        self.folder.progress.lag()
    }

    /// Folds so many messages at the most, now, up to `settled`.
    pub async fn step(&self, at_most: NonZeroUsize, settled: i64) -> Result<Folded, FoldError> {
        self.folder.progress.appended(settled);
        let step = self.folder.step(at_most.get(), settled, Another::Wait);
        let folded = step.await?.unwrap_or_default();
        let behind = self.folder.progress.lag().messages;
        if behind == 0 {
            // Answers are exact without it.
            self.folder.count_minutes().await;
        }
        Ok(Folded {
            messages: folded,
            behind,
        })
    }

    pub async fn close(self) {
        // What a step does that is given up, the next one does again.
        drop(self.task);
        self.folder.connections.close().await;
    }
}

impl Folder {
    async fn run(self: Arc<Self>) {
        let mut settled = self.settled.clone();
        let mut pace = Pace::default();
        let mut failing = false;
        let mut looked = None;
        let mut look_at_minutes = Instant::now();
        let mut pause = Duration::ZERO;
        loop {
            sleep(pause).await;
            if Instant::now() >= look_at_minutes {
                let pause = self.count_minutes().await;
                look_at_minutes = Instant::now() + pause;
            }
            self.progress.appended(*settled.borrow_and_update());
            let mut lag = self.progress.lag();
            if lag.messages == 0 {
                pause = Duration::ZERO;
                match timeout(IDLE, settled.changed()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return,
                    // A crash of the server may have taken away what was folded last. If it cannot
                    // be asked now, it is the next time.
                    Err(_) => drop(self.look().await),
                }
                continue;
            }
            pause = Pace::LOOK;
            if !Pace::is_worthwhile(lag) {
                continue;
            }
            // Another may have done it.
            if looked.is_none_or(|looked: Instant| looked.elapsed() > LOOK) {
                looked = self.look().await.ok().map(|()| Instant::now());
                lag = self.progress.lag();
                if !Pace::is_worthwhile(lag) {
                    continue;
                }
            }
            let (began, last) = (Instant::now(), self.progress.last());
            match self.step(Pace::step(lag), last, Another::Skip).await {
                Ok(Some(_)) => {
                    failing = false;
                    let arrived = *settled.borrow_and_update() - last;
                    pause = Pace::rest(lag, began.elapsed(), arrived);
                    pace.report(lag, self.progress.lag());
                }
                Ok(None) => {
                    looked = None;
                    pause = ANOTHER;
                }
                Err(error) => {
                    if !failing {
                        tracing::warn!(
                            cause = %CauseChain(&error),
                            "the index is not brought up to date; reads are exact, but slower"
                        );
                    }
                    failing = true;
                    looked = None;
                    pause = Pace::AFTER_FAILURE;
                }
            }
        }
    }

    /// Sees how far the fold is.
    async fn look(&self) -> Result<(), FoldError> {
        let pool = self.connections.pool();
        let folded: i64 = sqlx::query_scalar("SELECT folded FROM state")
            .fetch_one(&pool)
            .await?;
        self.progress.folded(folded, self.progress.last(), None);
        Ok(())
    }

    /// Sees to it that what is counted by minutes is whole, unless another folds; says how long until
    /// the next look.
    async fn count_minutes(&self) -> Duration {
        let pool = self.connections.pool();
        let counting = minutes::count_anew(&pool);
        let counted = self.connections.bounded(minutes::PATIENCE, counting).await;
        let counted = counted.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        let mut recounts = self.recounts.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = recounts.after(counted.as_ref().ok().copied());
        match counted {
            Err(error) if is_news => tracing::warn!(
                cause = %CauseChain(&error),
                "what is counted by minutes is not brought up to date; timelines are exact, but slower"
            ),
            Ok(_) if is_news => tracing::info!("what is counted by minutes is up to date again"),
            _ => {}
        }
        recounts.pause()
    }

    /// `None` if another does one.
    async fn step(
        &self,
        at_most: usize,
        settled: i64,
        another: Another,
    ) -> Result<Option<u64>, FoldError> {
        let began = Instant::now();
        let stepping = self.fold(at_most, settled, another);
        let Some(stepped) = self.connections.bounded(PATIENCE, stepping).await else {
            return Err(FoldError::Postgres(sqlx::Error::PoolTimedOut));
        };
        let Some((messages, folded, is_everything)) = stepped? else {
            return Ok(None);
        };
        let everything_since = is_everything.then_some(began);
        self.progress.folded(folded, settled, everything_since);
        Ok(Some(messages))
    }

    async fn fold(
        &self,
        at_most: usize,
        settled: i64,
        another: Another,
    ) -> Result<Option<(u64, i64, bool)>, FoldError> {
        let mut transaction = self.connections.pool().begin().await?;
        let lock = match another {
            Another::Wait => "SELECT folded FROM state FOR UPDATE",
            Another::Skip => "SELECT folded FROM state FOR UPDATE SKIP LOCKED",
        };
        let folded: Option<i64> = sqlx::query_scalar(lock)
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(folded) = folded else {
            return Ok(None);
        };
        let (mut rows, mut messages, mut bytes, mut last) = (Vec::new(), 0, 0, None);
        let is_everything = loop {
            let wanted = PAGE.min(at_most - messages);
            if wanted == 0 || bytes >= STEP_BYTES {
                break false;
            }
            let page: Vec<Logged> = sqlx::query_as(ROWS)
                .bind(last.unwrap_or(folded))
                .bind(settled)
                .bind(i64::try_from(wanted).unwrap_or(i64::MAX))
                .fetch_all(&mut *transaction)
                .await?;
            messages += page.len();
            last = page.last().map(|row| row.0).or(last);
            let is_last = page.len() < wanted;
            for (seq, message_id, from, to, ts, text, is_purged) in page {
                if is_purged {
                    continue;
                }
                bytes += text.as_ref().map_or(0, String::len);
                rows.push(Row {
                    seq,
                    message_id,
                    from,
                    to,
                    ts,
                    text,
                });
            }
            if is_last {
                break true;
            }
        };
        if let Some(last) = last {
            derive(&mut transaction, &rows, last).await?;
        }
        while derive_block(&mut transaction).await? {}
        transaction.commit().await?;
        let folded = match last {
            Some(last) if !is_everything => last,
            // There is nothing up to there any more, and nothing turns up.
            _ => settled.max(folded),
        };
        Ok(Some((messages as u64, folded, is_everything)))
    }
}
