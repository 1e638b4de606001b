//! What the fold's thread does, and how fast it may.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use rusqlite::{Connection, TransactionBehavior};

use super::{
    Job,
    derive::{derive, derive_block},
    index, purge,
};
use crate::{
    derived::gather::Row,
    error,
    fold::{FoldError, FoldLag, Folded, Folding, Pace, Progress, STEP_BYTES},
    open::OpenError,
    sqlite::{
        damage::Damage,
        write::{cut_off, insist_to_cut_off},
    },
};

/// How many bytes of the disk the fold leaves to the messages: what the write-ahead log may grow to.
const ROOM: u64 = 64 * 1024 * 1024;

/// After how long without work memory is given back.
const IDLE: Duration = Duration::from_secs(10);

/// What the thread works with.
pub struct Folder {
    log_path: PathBuf,
    index_path: PathBuf,
    pub index: Connection,
    log: Connection,
    pub progress: Arc<Progress>,
    /// The index's write-ahead log may have something that was purged.
    remembers: bool,
}

impl Folder {
    /// Opens the index, or makes it.
    pub fn open(log_path: &Path) -> Result<Self, OpenError> {
        // First the log by itself: what is wrong with it is not to be blamed on the index.
        index::look_at_log(log_path).map_err(OpenError::Log)?;
        let index = index::open(log_path)?;
        Self::of(log_path, index).map_err(OpenError::Index)
    }

    /// Does a purge in an index that this process does not have open; says up to which. `None` if there
    /// is none, or one that is to be made anew. One that cannot be opened now, because another process
    /// holds a lock, is an error: what the log then loses could not be taken out of it any more.
    pub fn purge_beside(log_path: &Path) -> Result<Option<i64>, FoldError> {
        let Some(index) = index::open_if_there(log_path)? else {
            return Ok(None);
        };
        let mut folder = Self::of(log_path, index)?;
        let purged = folder.purge();
        folder.forget_purged();
        match purged {
            Ok(purged) => Ok(Some(purged)),
            Err(error) if error.is_lost() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn of(log_path: &Path, index: Connection) -> rusqlite::Result<Self> {
        let log = index::read_log(log_path)?;
        let (folded, last) = sequences(&index, &log)?;
        Ok(Self {
            log_path: log_path.to_owned(),
            index_path: index::path_of(log_path),
            index,
            log,
            progress: Arc::new(Progress::new(folded, last)),
            remembers: false,
        })
    }

    /// Does what it is told to and, in the background, what is worthwhile, until nobody can tell it
    /// anything any more.
    pub fn run(mut self, jobs: &mpsc::Receiver<Job>, folding: Folding, damage: &Damage) {
        self.work(jobs, folding, damage);
        // It may not be the last connection, whose end brings everything home.
        if self.remembers {
            self.forget_purged();
        }
    }

    fn work(&mut self, jobs: &mpsc::Receiver<Job>, folding: Folding, damage: &Damage) {
        let mut pause = Duration::ZERO;
        let mut failing = false;
        let mut pace = Pace::default();
        loop {
            match self.next_job(jobs, folding, pause) {
                Ok(Some(Job::Step(at_most, answer))) => {
                    drop(answer.send(self.step(at_most.get())));
                    continue;
                }
                Ok(Some(Job::Purge(answer))) => {
                    drop(answer.send(self.purge()));
                    continue;
                }
                Ok(Some(Job::Forget(answer))) => {
                    let _ = answer.send(self.forget_purged());
                    continue;
                }
                Ok(Some(Job::Wake)) if failing => continue,
                Ok(Some(Job::End)) | Err(Disconnected) => return,
                Ok(_) => {}
            }
            let lag = self.progress.lag();
            if folding == Folding::OnDemand || lag.messages == 0 {
                continue;
            }
            if !Pace::is_worthwhile(lag) {
                pause = Pace::LOOK;
                continue;
            }
            match self.room().and_then(|()| self.paced_step(lag)) {
                Ok(next) => {
                    pause = next;
                    failing = false;
                    pace.report(lag, self.progress.lag());
                }
                // It will hear why.
                Err(FoldError::Sqlite(error)) if error::is_interrupt(&error) => {}
                Err(error) => {
                    if !failing {
                        tracing::warn!(
                            cause = %countersign_core::CauseChain(&error),
                            "the index is not brought up to date; reads are exact, but slower"
                        );
                    }
                    if self.is_the_end(&error, damage) {
                        return;
                    }
                    failing = true;
                    pause = Pace::AFTER_FAILURE;
                }
            }
        }
    }

    /// The next job; `None` if none came and it is time to look.
    fn next_job(
        &mut self,
        jobs: &mpsc::Receiver<Job>,
        folding: Folding,
        pause: Duration,
    ) -> Result<Option<Job>, Disconnected> {
        if folding == Folding::InBackground && self.progress.lag().messages > 0 {
            return match jobs.recv_timeout(pause) {
                Ok(job) => Ok(Some(job)),
                Err(RecvTimeoutError::Timeout) => Ok(None),
                Err(RecvTimeoutError::Disconnected) => Err(Disconnected),
            };
        }
        loop {
            match jobs.recv_timeout(IDLE) {
                Ok(job) => return Ok(Some(job)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(Disconnected),
            }
            if self.remembers {
                self.remembers = !cut_off(&self.index, index::PATIENCE);
            }
            // Somebody was reading from it.
            if !self.remembers {
                break;
            }
        }
        // What a full cache held is of no use until much comes again.
        for connection in [&self.index, &self.log] {
            let _ = connection.execute_batch("PRAGMA shrink_memory");
        }
        jobs.recv().map(Some).map_err(|_| Disconnected)
    }

    /// Refuses where the disk is nearly full.
    fn room(&self) -> Result<(), FoldError> {
        // What cannot be asked is tried.
        let free = rustix::fs::statvfs(&self.index_path)
            .map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        if free < ROOM {
            return Err(FoldError::NoRoom);
        }
        Ok(())
    }

    /// Reads what a step reads of the log, by another connection: where that fails, it is not the index
    /// that is damaged.
    fn read_log_again(&self) -> rusqlite::Result<()> {
        let log = index::read_log(&self.log_path)?;
        let folded = last_folded(&self.index).unwrap_or_default();
        part(folded, &log, Pace::step(self.progress.lag()))?;
        Ok(())
    }

    /// One step, and how long to wait before the next.
    fn paced_step(&mut self, lag: FoldLag) -> Result<Duration, FoldError> {
        let (started, last) = (Instant::now(), self.progress.last());
        self.step(Pace::step(lag))?;
        let arrived = self.progress.last() - last;
        Ok(Pace::rest(lag, started.elapsed(), arrived))
    }

    fn step(&mut self, at_most: usize) -> Result<Folded, FoldError> {
        let started = Instant::now();
        self.progress.set_in_step(true);
        let folded = self.fold(at_most);
        self.progress.set_in_step(false);
        let (messages, everything) = folded?;
        let (folded, last) = sequences(&self.index, &self.log)?;
        let everything_since = everything.then_some(started);
        self.progress.folded(folded, last, everything_since);
        Ok(Folded {
            messages,
            behind: self.progress.lag().messages,
        })
    }

    /// How many messages it has folded, and whether these were all that there were.
    fn fold(&mut self, at_most: usize) -> Result<(u64, bool), FoldError> {
        let transaction = self
            .index
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !index::belongs(&transaction, &self.log)? {
            return Err(FoldError::Foreign);
        }
        // What is purged and what follows the watermark is seen as of one moment: what was purged
        // before it is passed over, and what is purged after it is taken out by its purge. It is a
        // short one, for the write-ahead log cannot begin anew meanwhile.
        let seen = self.log.unchecked_transaction()?;
        let purged = purge::pending(&transaction, &seen)?;
        let part = part(last_folded(&transaction)?, &seen, at_most)?;
        drop(seen);
        if !purged.is_known(&transaction)? {
            purge::apply(&transaction, &purged)?;
        }
        derive(&transaction, &part)?;
        while derive_block(&transaction, &self.log)? {}
        transaction.commit()?;
        Ok((part.messages, part.is_everything))
    }

    /// Takes out of the index what is marked as purged in the log; says up to which purge. That is on
    /// disk then: an index without it could not be mended once the log has nothing of it any more.
    fn purge(&mut self) -> Result<i64, FoldError> {
        self.remembers = true;
        self.index.execute_batch("PRAGMA synchronous = FULL")?;
        let purged = self.purge_in_one();
        self.index.execute_batch("PRAGMA synchronous = NORMAL")?;
        purged
    }

    /// Cuts the index's write-ahead log off as soon as nobody reads from it, so that it has nothing
    /// that was purged; says whether it is done.
    fn forget_purged(&mut self) -> bool {
        self.remembers = !insist_to_cut_off(&self.index, index::PATIENCE);
        !self.remembers
    }

    fn purge_in_one(&mut self) -> Result<i64, FoldError> {
        let transaction = self
            .index
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !index::belongs(&transaction, &self.log)? {
            return Err(FoldError::Foreign);
        }
        let seen = self.log.unchecked_transaction()?;
        let pending = purge::pending(&transaction, &seen)?;
        drop(seen);
        let purged = purge::apply(&transaction, &pending)?;
        transaction.commit()?;
        Ok(purged)
    }

    /// Whether nothing can be folded any more until a restart.
    fn is_the_end(&self, error: &FoldError, damage: &Damage) -> bool {
        let lost = error.is_lost();
        if let FoldError::Sqlite(_) = error
            && lost
            && let Err(error) = self.read_log_again()
            && error::sqlite_code(&error).is_some_and(error::is_damage)
        {
            damage.report("it was folded", error);
        }
        if lost {
            // Only the index: what can be derived again is no loss.
            let removed = index::remove(&self.index_path);
            tracing::error!(
                path = %self.index_path.display(),
                removed = removed.is_ok(),
                "the index cannot be used; restart to have it made anew (no message is affected)"
            );
        }
        lost
    }
}

struct Disconnected;

/// The watermark, and the sequence of the log's last message.
fn sequences(index: &Connection, log: &Connection) -> rusqlite::Result<(i64, i64)> {
    Ok((last_folded(index)?, last_seq(log)?))
}

/// The watermark.
fn last_folded(index: &Connection) -> rusqlite::Result<i64> {
    index
        .prepare_cached("SELECT folded FROM state")?
        .query_row([], |row| row.get(0))
}

/// The sequence of the log's last message; 0 if there is none.
pub fn last_seq(log: &Connection) -> rusqlite::Result<i64> {
    let last: Option<i64> = log
        .prepare_cached("SELECT max(seq) FROM messages")?
        .query_row([], |row| row.get(0))?;
    Ok(last.unwrap_or_default())
}

/// A part of the log.
pub struct Part {
    /// What is not purged of it.
    pub rows: Vec<Row>,
    /// The sequence and the id of its last message.
    pub last: Option<(i64, String)>,
    /// How many messages it has, those that are purged included.
    messages: u64,
    /// Nothing follows it.
    is_everything: bool,
}

/// What follows the watermark.
fn part(folded: i64, log: &Connection, at_most: usize) -> rusqlite::Result<Part> {
    let mut part = Part {
        rows: Vec::new(),
        last: None,
        messages: 0,
        is_everything: true,
    };
    let mut bytes = 0;
    let mut rows = log.prepare_cached(
        "SELECT seq, message_id, from_msisdn, to_msisdn, ts, coalesce(text_folded, lower(text)),
                purged_at IS NOT NULL
         FROM messages WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let mut rows = rows.query([folded, i64::try_from(at_most).unwrap_or(i64::MAX)])?;
    let mut last_is_purged = None;
    while let Some(next) = rows.next()? {
        if bytes >= STEP_BYTES {
            part.is_everything = false;
            break;
        }
        part.messages += 1;
        last_is_purged = None;
        if next.get(6)? {
            last_is_purged = Some((next.get(0)?, next.get(1)?));
        } else {
            let row = row(next)?;
            bytes += row.text.as_ref().map_or(0, String::len);
            part.rows.push(row);
        }
    }
    part.is_everything &= part.messages < at_most as u64;
    let last = part.rows.last();
    part.last = last_is_purged.or_else(|| last.map(|row| (row.seq, row.message_id.clone())));
    Ok(part)
}

/// A row that begins with these columns.
pub fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        seq: row.get(0)?,
        message_id: row.get(1)?,
        from: row.get(2)?,
        to: row.get(3)?,
        ts: row.get(4)?,
        text: row.get(5)?,
    })
}
