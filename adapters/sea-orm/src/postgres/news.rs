//! Where the log ends for a reader, and the news that it has moved.
//!
//! A message's sequence is drawn before its transaction commits, so a larger one may be readable
//! before a smaller one is: who reads up to the largest that they see would miss what turns up
//! before it. So every transaction that appends first locks, shared and until it ends, a number that
//! says what had been drawn before it began ([`super::append`]). Nothing that was drawn up to the
//! least of those numbers can turn up any more; and without any, nothing up to the last that was
//! drawn. That is the *settled* sequence. A transaction that hangs holds the readers up, not the
//! writers; the server ends it in the end.
//!
//! That something was appended is said to the other processes with NOTIFY: after the commit, not
//! within it, where it would make commits wait for each other. It is only a hint. Who does not hear
//! it, because the connection was lost, looks by themselves twice a second.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use countersign_core::{CauseChain, RepositoryError};
use sea_orm::sqlx::{self, postgres::PgListener};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::connection::{Connections, Role};
use crate::error::from_sqlx;

/// The first look is at what has been drawn, the second, which needs its outcome, at who has not
/// ended: whoever drew one of those began before the first. (Who began between the two has a number
/// that is ahead, and draws nothing that matters here.) And it is the sequence of a message that
/// can be read, and so is on disk: what was drawn in vain, a crash may let be drawn again.
const SETTLED: &str = "
    SELECT least(drawn.last - coalesce((
            SELECT max(CASE WHEN (drawn.last - l.objid::bigint) & 2147483647 < 1073741824
                THEN (drawn.last - l.objid::bigint) & 2147483647 ELSE 0 END) FROM pg_locks l
            WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.classid::bigint = $1
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND drawn.last IS NOT NULL), 0),
        coalesce((SELECT max(seq) FROM messages), 0))
    FROM (SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END AS last
          FROM message_sequence OFFSET 0) drawn";

/// How often one looks without having been told.
const LOOK: Duration = Duration::from_millis(500);

/// How often others are told, at the most; and how often one looks.
const TELL: Duration = Duration::from_millis(20);
const AGAIN: Duration = Duration::from_millis(3);

/// For how long one looks that often for what one was told of; then less, and then as ever: it may
/// have been taken away again.
const SOON: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_secs(5);

/// How often one looks where nobody waits.
const UNHURRIED: Duration = Duration::from_millis(100);

/// How long one waits after a failure.
const FAILING: Duration = Duration::from_millis(250);

/// How long a query may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The name of a log: the number of its table, by which locks and channels of several in one
/// database are told apart.
#[derive(Debug, Clone, Copy)]
pub struct Log(pub u32);

impl Log {
    /// As the first half of an advisory lock's key.
    pub const fn lock(self) -> i32 {
        self.0.cast_signed()
    }

    fn channel(self) -> String {
        format!("countersign_{}", self.0)
    }
}

/// The sequence up to which nothing can turn up any more.
///
/// It may go back a little, until a transaction ends that read what had been drawn, and locked it
/// only when others had already gone on: what was settled stays so all the same.
pub async fn settled(connections: &Connections, log: Log) -> Result<i64, RepositoryError> {
    let pool = connections.pool();
    let asking = async {
        let query = sqlx::query_scalar(SETTLED).bind(i64::from(log.0));
        query.fetch_one(&pool).await.map_err(from_sqlx)
    };
    connections.within(PATIENCE, asking).await
}

/// What this process knows of it.
#[derive(Debug)]
struct Known {
    /// The last message that this process has appended.
    own: watch::Sender<i64>,
    /// The last one that others have said they have.
    heard: watch::Sender<i64>,
    settled: watch::Sender<i64>,
    /// There was something that nobody had said: perhaps one does not hear any more.
    deaf: Notify,
    /// How many wait for a message at this moment.
    waiting: AtomicUsize,
    /// Somebody has begun to wait.
    wanted: Notify,
}

/// One who waits.
struct Waiting<'a>(&'a Known);

impl<'a> Waiting<'a> {
    fn new(known: &'a Known) -> Self {
        known.waiting.fetch_add(1, Ordering::Relaxed);
        known.wanted.notify_one();
        Self(known)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The news, from outside.
pub struct News {
    known: Arc<Known>,
    _tasks: JoinSet<()>,
}

impl News {
    pub fn start(
        readers: Arc<Connections>,
        talking: Arc<Connections>,
        log: Log,
        settled: i64,
    ) -> Self {
        let known = Arc::new(Known {
            own: watch::Sender::new(0),
            heard: watch::Sender::new(0),
            settled: watch::Sender::new(settled),
            deaf: Notify::new(),
            waiting: AtomicUsize::new(0),
            wanted: Notify::new(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(look(readers, log, Arc::clone(&known)));
        tasks.spawn(tell(Arc::clone(&talking), log, Arc::clone(&known)));
        tasks.spawn(hear(talking, log, Arc::clone(&known)));
        Self {
            known,
            _tasks: tasks,
        }
    }

    /// This process has appended a message.
    pub fn appended(&self, seq: i64) {
        raise(&self.known.own, seq);
    }

    /// Waits until a sequence behind this one is settled.
    pub async fn behind(&self, seq: i64) {
        let mut settled = self.known.settled.subscribe();
        let _waiting = Waiting::new(&self.known);
        // Its sender lives as long as `self`.
        let _ = settled.wait_for(|settled| *settled > seq).await;
    }

    /// The settled sequence, as often as it is found to have moved; where nobody waits for a
    /// message, that may be a little later.
    pub fn settled(&self) -> watch::Receiver<i64> {
        self.known.settled.subscribe()
    }
}

fn raise(sender: &watch::Sender<i64>, to: i64) {
    sender.send_if_modified(|known| {
        let higher = *known < to;
        *known = to.max(*known);
        higher
    });
}

/// Finds out what is settled, whenever there may be something.
async fn look(readers: Arc<Connections>, log: Log, known: Arc<Known>) {
    let mut own = known.own.subscribe();
    let mut heard = known.heard.subscribe();
    let mut failing = false;
    let mut waiting: Option<Instant> = None;
    loop {
        // Somebody is in the middle of appending; that takes no time as a rule.
        let pause = match waiting {
            _ if failing => FAILING,
            Some(since) if since.elapsed() < SOON => AGAIN,
            Some(since) if since.elapsed() < LONG => TELL,
            _ => LOOK,
        };
        let told = tokio::select! {
            _ = own.changed() => true,
            _ = heard.changed() => true,
            () = sleep(pause) => false,
        };
        let expected = (*own.borrow_and_update()).max(*heard.borrow_and_update());
        match settled(&readers, log).await {
            Ok(seq) => {
                failing = false;
                let before = *known.settled.borrow();
                raise(&known.settled, seq);
                // Had one waited for it, it would have been told a moment later.
                if !told && waiting.is_none() && seq > before && seq > expected {
                    known.deaf.notify_one();
                }
                waiting = (seq < expected).then(|| waiting.unwrap_or_else(Instant::now));
            }
            Err(error) => {
                if !failing {
                    tracing::warn!(
                        cause = %CauseChain(&error),
                        "the database does not say what has arrived; live streams wait"
                    );
                }
                failing = true;
            }
        }
        sleep(AGAIN).await;
        if known.waiting.load(Ordering::Relaxed) == 0 {
            // At full ingest there is something all the time, and the fold has time.
            let _ = timeout(UNHURRIED, known.wanted.notified()).await;
        }
    }
}

/// Says what this process has appended: at once after a quiet time, then now and then.
async fn tell(talking: Arc<Connections>, log: Log, known: Arc<Known>) {
    let mut own = known.own.subscribe();
    while own.changed().await.is_ok() {
        let seq = *own.borrow_and_update();
        let pool = talking.pool();
        let saying = async {
            sqlx::query("SELECT pg_notify($1, $2)")
                .bind(log.channel())
                .bind(seq.to_string())
                .execute(&pool)
                .await
                .map_err(from_sqlx)
        };
        // Others look by themselves: a failure is no more than a delay.
        if let Err(error) = talking.within(PATIENCE, saying).await {
            tracing::debug!(cause = %CauseChain(&error), "other instances were not told");
        }
        sleep(TELL).await;
    }
}

/// Hears what others have appended; connects anew when the connection is lost, or when there was
/// something that it did not hear.
async fn hear(talking: Arc<Connections>, log: Log, known: Arc<Known>) {
    loop {
        if let Err(error) = hear_until_lost(&talking, log, &known).await {
            tracing::debug!(cause = %error, "other instances are not heard");
        }
        sleep(FAILING).await;
    }
}

async fn hear_until_lost(
    talking: &Connections,
    log: Log,
    known: &Known,
) -> Result<(), sqlx::Error> {
    let pool = talking.pool();
    let connecting = async {
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        listener.listen(&log.channel()).await?;
        Ok::<_, sqlx::Error>(listener)
    };
    let Ok(listener) = timeout(PATIENCE, connecting).await else {
        return Err(sqlx::Error::PoolTimedOut);
    };
    let mut listener = listener?;
    let began = Instant::now();
    loop {
        let heard = tokio::select! {
            heard = listener.try_recv() => heard?,
            () = deaf(known, began) => return Ok(()),
        };
        let Some(heard) = heard else {
            return Ok(());
        };
        if let Ok(seq) = heard.payload().parse() {
            raise(&known.heard, seq);
        }
    }
}

/// Waits until there was something that was not heard; not in the first moments, when it may have
/// been said before one listened.
async fn deaf(known: &Known, began: Instant) {
    sleep_until(began + LOOK).await;
    known.deaf.notified().await;
}

/// What it needs to talk with.
pub fn talking(options: &sqlx::postgres::PgConnectOptions) -> Connections {
    Connections::new(options, Role::News)
}
