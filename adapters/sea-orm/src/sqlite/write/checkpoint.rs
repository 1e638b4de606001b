//! Bringing the write-ahead log home, into the database file.
//!
//! Left to itself, SQLite does it in the middle of a commit, and everybody waits for it. So a
//! second connection does it on a thread of its own, beside the writer; but while messages come, it
//! never catches up, and the log would grow without end. The little that is left, the writer brings
//! home between two commits; then the log is written from its beginning again.

use std::{
    path::Path,
    sync::mpsc::{self, TryRecvError},
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::session::leave_as_it_is;
use crate::{error, open::OpenError, sqlite::damage::Damage};

/// How many pages of the log may wait. The more, the fewer pages of the database are written (each
/// once, however often it was changed), and the longer a start takes after a crash: 64 MiB.
const PAGES: i64 = 16_384;

/// How many commits pass between two looks at the log's size.
const LOOK: u32 = 16;

/// The thread, from the writer.
pub struct Checkpoints {
    requests: mpsc::Sender<()>,
    done: mpsc::Receiver<()>,
    /// Something was requested and has not been answered.
    waiting: bool,
    commits: u32,
    damage: Damage,
}

/// The size of the write-ahead log, in pages.
struct Size {
    /// That are not in the database file yet.
    pending: i64,
}

impl Checkpoints {
    /// Opens the connection, and starts the thread. It ends when this is dropped.
    pub fn start(path: &Path, damage: Damage) -> Result<Self, OpenError> {
        let connection = Connection::open(path).map_err(OpenError::OpenWriter)?;
        let (requests, requested) = mpsc::channel();
        let (answer, done) = mpsc::channel();
        let seen = damage.clone();
        thread::Builder::new()
            .name("sqlite-checkpoint".to_owned())
            .spawn(move || {
                for () in requested {
                    run(&connection, "passive", &seen);
                    if answer.send(()).is_err() {
                        break;
                    }
                }
                if seen.is_reported() {
                    leave_as_it_is(&connection);
                }
            })
            .map_err(OpenError::Thread)?;
        Ok(Self {
            requests,
            done,
            waiting: false,
            commits: 0,
            damage,
        })
    }

    /// Looks whether it is time.
    pub fn after_commit(&mut self, writer: &Connection) {
        if self.waiting {
            match self.done.try_recv() {
                Err(TryRecvError::Empty) => return,
                Ok(()) => {
                    self.waiting = false;
                    self.bring_home(writer);
                }
                // The thread has ended; then it is done here.
                Err(TryRecvError::Disconnected) => {}
            }
        }
        self.commits += 1;
        if self.commits < LOOK {
            return;
        }
        self.commits = 0;
        if run(writer, "noop", &self.damage).is_some_and(|size| size.pending > PAGES) {
            self.waiting = self.requests.send(()).is_ok();
            if !self.waiting {
                self.bring_home(writer);
            }
        }
    }

    /// Brings everything home now.
    pub fn bring_home(&self, writer: &Connection) {
        run(writer, "passive", &self.damage);
    }
}

/// Brings everything home and empties the log's file, if nobody reads from it at this moment; says
/// whether it did. What was purged is in there, too. `patience` is how long the connection waits for
/// locks otherwise.
pub fn cut_off(connection: &Connection, patience: Duration) -> bool {
    let sql = "PRAGMA wal_checkpoint(truncate)";
    // Nobody is to wait for this.
    let done = connection
        .busy_timeout(Duration::ZERO)
        .and_then(|()| connection.query_row(sql, [], |row| row.get::<_, i64>(0)));
    let waits_again = connection.busy_timeout(patience);
    waits_again.is_ok() && done.is_ok_and(|busy| busy == 0)
}

/// For how long who ends, or is asked, tries to [`cut_off`].
const CUT_OFF_PATIENCE: Duration = Duration::from_secs(1);

/// Tries to [`cut_off`] for about a second. Readers come and go: there is nearly always a moment in
/// between.
pub fn insist_to_cut_off(connection: &Connection, patience: Duration) -> bool {
    let deadline = Instant::now() + CUT_OFF_PATIENCE;
    loop {
        if cut_off(connection, patience) {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Says how the log is afterwards. A failure is no harm as a rule: the log is whole, and the next one
/// will do what this one has not. But where a file could not be read, written or synced, nobody knows
/// what is in it.
fn run(connection: &Connection, mode: &str, damage: &Damage) -> Option<Size> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    let size = connection.prepare_cached(&sql).and_then(|mut statement| {
        statement.query_row([], |row| {
            let (pages, home): (i64, i64) = (row.get(1)?, row.get(2)?);
            Ok(Size {
                pending: pages - home,
            })
        })
    });
    size.inspect_err(|error| {
        if error::sqlite_code(error).is_some_and(error::is_damage) {
            damage.report("its write-ahead log was brought home", error);
            leave_as_it_is(connection);
        }
        tracing::debug!(cause = %error, "the write-ahead log could not be brought home");
    })
    .ok()
}
