//! The end of a database: what its files say is not what was written to them, or nobody knows.

use std::{fmt, sync::Arc};

use tokio::sync::watch;

/// Why a database cannot be used any more: reading, writing or syncing one of its files failed, or
/// what is in it makes no sense. Nothing is acknowledged from then on, by nobody in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    by: &'static str,
    cause: Arc<str>,
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the database failed while {}: {}", self.by, self.cause)
    }
}

impl std::error::Error for Damaged {}

/// Whether it has come to that; everybody who uses the database has the same.
#[derive(Debug, Clone, Default)]
pub struct Damage(watch::Sender<Option<Damaged>>);

impl Damage {
    /// It has. The first who says so is the one who is believed.
    pub fn report(&self, by: &'static str, cause: impl fmt::Display) {
        let first = self.0.send_if_modified(|damaged| {
            let first = damaged.is_none();
            damaged.get_or_insert_with(|| Damaged {
                by,
                cause: cause.to_string().into(),
            });
            first
        });
        if first {
            tracing::error!(
                cause = %cause,
                by,
                "the database failed; nothing is written any more until a restart"
            );
        }
    }

    /// What was reported, if something was.
    pub fn reported(&self) -> Option<Damaged> {
        self.0.borrow().clone()
    }

    /// Whether something was reported.
    pub fn is_reported(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Completes when it has come to that, which it hopefully never does.
    pub fn happened(&self) -> impl Future<Output = Damaged> + Send + use<> {
        let mut damaged = self.0.subscribe();
        async move {
            let reported = damaged.wait_for(Option::is_some).await;
            let reported = reported.ok().and_then(|damaged| damaged.clone());
            match reported {
                Some(damaged) => damaged,
                // The database was closed.
                None => std::future::pending().await,
            }
        }
    }
}
