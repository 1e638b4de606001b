//! `countersign-bench stand`: what `countersign serve` is, but for the store.

use std::{io, net::SocketAddr, num::NonZeroUsize, path::Path, sync::Arc};

use async_trait::async_trait;
use chrono::Utc;
use clap::ValueEnum;
use countersign_core::{
    Appended, ArrivalQuery, Arrivals, Clock, Conflict, ConflictFilter, Inbox, Limit, Message,
    MessageKey, MessageQuery, MessageRepository, Page, Readiness, Repeat, Repeats, RepositoryError,
    Sequence, SignatureVerifier, SourceError, SourceName, Sources, Stats, Storage, Timeline,
    TimelineQuery, Timestamp,
};
use countersign_hmac::HexHmacSha256;
use countersign_http::{Config, Http, StopOptions};
use countersign_sea_orm::{PostgresOptions, SqlRepository};
use countersign_telemetry::{
    logs::{self, LogFormat, LogLevel},
    metrics::Metrics,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{Outcome, process};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(long)]
    store: Store,
    #[arg(long)]
    bind: SocketAddr,
    /// For all but `null`: `sqlite://FILE`, or `postgres://…`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    url: Option<String>,
}

/// As many as a pool has where nobody thinks about it; with two, as the program has them, it would
/// be the pool that is measured.
const WRITERS: u32 = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Store {
    /// Verifies and validates, and keeps nothing.
    Null,
    /// One transaction a request.
    SqliteSingle,
    /// One transaction a request, on a pool of ten connections.
    PostgresSingle,
}

pub fn run(args: &Args) -> Outcome {
    let _log = logs::init(LogLevel::Info, LogFormat::Json, io::stdout())?;
    // As `countersign serve` does: as many threads as the machine has.
    tokio::runtime::Runtime::new()?.block_on(serve(args))
}

async fn serve(args: &Args) -> Outcome {
    let metrics = Metrics::new()?;
    let repository = open(args).await?;
    let verifier: Arc<dyn SignatureVerifier> =
        Arc::new(HexHmacSha256::new(process::SECRET).map_err(|error| error.to_string())?);
    let sources = Sources::from([(SourceName::default(), verifier)]);
    let http = Http::new(Config::new(
        Inbox::new(sources, repository, Arc::new(SystemClock)),
        metrics.meter(),
        Arc::new(move || metrics.render().map_err(SourceError::from)),
    ))?;
    let listener = TcpListener::bind(args.bind).await?;
    let mut terminate = signal(SignalKind::terminate())?;
    let shutdown = async move {
        terminate.recv().await;
    };
    http.serve(listener, shutdown, StopOptions::default())
        .await?;
    Ok(())
}

async fn open(args: &Args) -> Outcome<Arc<dyn MessageRepository>> {
    let url = || args.url.as_deref().ok_or("--url is missing");
    Ok(match args.store {
        Store::Null => Arc::new(Null),
        Store::SqliteSingle => {
            let path = url()?.strip_prefix("sqlite://");
            let path = path.ok_or("it is not of the form sqlite://FILE")?;
            Arc::new(SqlRepository::open_sqlite(Path::new(path)).await?)
        }
        Store::PostgresSingle => {
            let options = PostgresOptions {
                writers: WRITERS,
                ..PostgresOptions::default()
            };
            Arc::new(SqlRepository::open_postgres_with(&url()?.parse()?, options).await?)
        }
    })
}

struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "as the program's own clock does")]
    fn now(&self) -> Timestamp {
        Utc::now().into()
    }
}

/// Takes everything and has nothing.
struct Null;

#[async_trait]
impl MessageRepository for Null {
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        Ok(vec![Appended::Created; batch.len()])
    }

    async fn list(&self, _: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        Ok(nothing())
    }

    async fn find(&self, _: &MessageKey) -> Result<Option<Message>, RepositoryError> {
        Ok(None)
    }

    async fn conflicts(
        &self,
        _: Option<&MessageKey>,
        _: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        Ok(nothing())
    }

    async fn stats(&self) -> Result<Stats, RepositoryError> {
        Ok(Stats::default())
    }

    async fn timeline(&self, query: &TimelineQuery) -> Result<Timeline, RepositoryError> {
        Ok(Timeline {
            counts: vec![0; query.buckets.len()],
        })
    }

    async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        Ok(Arrivals {
            items: vec![],
            up_to: query.after,
            more: false,
        })
    }

    async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        Ok(Sequence::START)
    }

    async fn reaches(&self, _: Sequence) -> Result<bool, RepositoryError> {
        Ok(false)
    }

    async fn arrived_behind(&self, _: Sequence) {
        std::future::pending::<()>().await;
    }

    async fn purge(&self, _: &[MessageKey], _: Timestamp) -> Result<u64, RepositoryError> {
        Ok(0)
    }

    async fn purge_conflicts(
        &self,
        _: &ConflictFilter,
        _: NonZeroUsize,
    ) -> Result<u64, RepositoryError> {
        Ok(0)
    }

    async fn note_repeats(&self, _: &[Repeat]) -> Result<(), RepositoryError> {
        Ok(())
    }

    async fn repeats(&self, _: &MessageKey) -> Result<Repeats, RepositoryError> {
        Ok(Repeats::default())
    }

    async fn readiness(&self) -> Readiness {
        Readiness::READY
    }

    async fn storage(&self) -> Storage {
        Storage::default()
    }
}

fn nothing<T>() -> Page<T> {
    Page {
        items: Vec::new(),
        total: 0,
        more: false,
    }
}
